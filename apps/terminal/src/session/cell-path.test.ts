import type { CheckedModel } from "@reckon/model";
import { axisOf } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { cellTitle, parseCellPath } from "./cell-path.ts";

const segment = axisOf("segment", ["SMB", "Ent", "New York, NY"]);
const month = axisOf("month", ["2026-01", "2026-02"]);
const attribute = (id: string, axes: readonly unknown[]): [string, unknown] => {
  const [block, name] = id.split(".");
  return [id, { id, block, name, axes }];
};
// Only the attributes are read.
const model = {
  attributes: new Map([
    attribute("sales.price", [segment, month]),
    attribute("sales.total", []),
    attribute("debt.total", [month]),
    attribute("debt.rate", []),
  ]),
} as unknown as CheckedModel;

describe("cell paths", () => {
  it.each([
    ["sales.price[Ent, 2026-02]", "sales.price", { segment: "Ent", month: "2026-02" }],
    ["sales.price[2026-02, Ent]", "sales.price", { segment: "Ent", month: "2026-02" }],
    [' price [ "New York, NY" ] ', "sales.price", { segment: "New York, NY" }],
    ["price[*, 2026-01]", "sales.price", { month: "2026-01" }],
    ["price", "sales.price", {}],
    ["rate", "debt.rate", {}],
    ["debt.total[2026-01]", "debt.total", { month: "2026-01" }],
  ])("reads %j", (text, id, index) => {
    expect(parseCellPath(model, text)).toEqual({ ok: true, id, index });
  });

  it.each([
    ["total", 'no attribute "total"'],
    ["prize", 'no attribute "prize"'],
    [
      "price[Mid]",
      '"Mid" is no label of sales.price (segment: SMB, Ent, New York, NY; month: 2026-01, 2026-02)',
    ],
    ["rate[1]", '"1" is no label of debt.rate, which has no axes'],
    ["price * 2", '"price * 2" is no path: block.attribute[label, label]'],
  ])("refuses %j", (text, problem) => {
    expect(parseCellPath(model, text)).toEqual({ ok: false, problem });
  });

  it("prefers the block of the cursor", () => {
    expect(parseCellPath(model, "total", "debt")).toMatchObject({ id: "debt.total" });
  });

  it("writes labels so that they can be read again", () => {
    const title = cellTitle("price", ["New York, NY", "2026-01"]);
    expect(title).toBe('price["New York, NY", 2026-01]');
    expect(parseCellPath(model, title)).toMatchObject({
      index: { segment: "New York, NY", month: "2026-01" },
    });
    expect(cellTitle("rate", [])).toBe("rate");
  });
});
