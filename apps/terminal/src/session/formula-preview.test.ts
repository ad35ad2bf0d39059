import { openSheet, type Sheet } from "@reckon/sheet";
import { describe, expect, it } from "vitest";
import { type FormulaPreview, previewFormula } from "./formula-preview.ts";

const nowhere = (): { problem: string } => ({ problem: "no files here" });

function open(): Sheet {
  const text = `model m
time step 0..3
block b by step
  input x = 2
  curve c = (0, 0) (4, 1)
  stock = integral(x)  start 10
  plain = x + 1
  held = held[t-1] + x  start 5
  fee = closing * 0.1
  closing = 10 + fee
  loop closing
`;
  const opened = openSheet({
    model: { source: "m.reckon", text },
    host: { table: nowhere, module: nowhere },
  });
  return opened.ok ? opened.value : expect.fail();
}

function preview(id: string, text: string): FormulaPreview {
  const sheet = open();
  const attribute = sheet.model.attributes.get(`b.${id}`) ?? expect.fail();
  const looped = new Set(sheet.loops().flatMap(({ attributes }) => attributes));
  return previewFormula(sheet, { attribute, cell: 1, looped }, text, "base");
}

describe("the preview of a typed formula", () => {
  it("is its value where it is made of what is there", () => {
    expect(preview("plain", "c(x) + stock")).toEqual({ kind: "value", value: 12.5, isStep: false });
    expect(preview("held", "held[t-1] * 2")).toEqual({ kind: "value", value: 14, isStep: false });
  });

  it("comes later for stocks and delays, which are stepped from the first period on", () => {
    expect(preview("stock", "integral(2 * x)")).toEqual({ kind: "later" });
    expect(preview("plain", "SMOOTH(stock, 3) + 1")).toEqual({ kind: "later" });
  });

  it("is a problem where the formula is one", () => {
    expect(preview("plain", "integral(x)").kind).toBe("problem");
    expect(preview("stock", "x + integral(x)").kind).toBe("problem");
  });

  it("takes the first value of a stock for what stood before the first period", () => {
    expect(preview("stock", "stock[t-1] + x")).toEqual({ kind: "value", value: 12, isStep: false });
  });

  it("[TE52] says where it is one step of a loop, and not what the loop settles at", () => {
    const stepped = (id: string, text: string): unknown => {
      const made = preview(id, text);
      return made.kind === "value" ? made.isStep : made;
    };
    expect(stepped("closing", "20 + fee")).toBe(true);
    expect(stepped("closing", "20 + closing / 2")).toBe(true);
    expect(stepped("fee", "MAX(closing, 3)")).toBe(true);
    expect(stepped("fee", "plain + 1")).toBe(false);
    expect(stepped("plain", "closing + fee")).toBe(false);
    expect(stepped("plain", "plain + 1")).toBe(true);
    expect(stepped("held", "held[t-1] + closing")).toBe(false);
  });
});
