import { describe, expect, it } from "vitest";
import { opened, openSaas, shop } from "./fixtures/models.ts";

describe("reading a sheet", () => {
  it("computes language.md's model as plain arithmetic does", () => {
    const sheet = openSaas([]);
    // seats[SMB] from 100: · (1 − 2.5 %) + 400, then + 404.
    const first = 100 * (1 - 0.025) + 400;
    const second = first * (1 - 0.025) + 404;
    expect(sheet.get("revenue.seats", { segment: "SMB", month: "2026-01" })).toBe(first);
    expect(sheet.get("revenue.seats", { segment: "SMB", month: "2026-02" })).toBe(second);
    expect(sheet.get("revenue.mrr", { segment: "SMB", month: "2026-02" })).toBe(second * 20);
    // The loop closes: interest on the mean of opening and closing is what closing was computed with.
    const month = { month: "2026-05" };
    const [opening, closing, interest] = ["opening", "closing", "interest"].map(
      (name) => sheet.get(`debt.${name}`, month) as number,
    ) as [number, number, number];
    expect(Math.abs(interest - (((opening + closing) / 2) * 0.08) / 12)).toBeLessThan(0.01);
    expect(sheet.checks()).toEqual([
      {
        name: "Debt is never negative",
        text: expect.stringContaining("debt.closing"),
        state: "pass",
        cells: [],
      },
    ]);
  });

  it("[SH1] names a cell by labels in any order", () => {
    const sheet = opened(shop);
    expect(sheet.get("sales.revenue", { month: "2026-03", kind: "coffee" })).toBe(30);
    expect(sheet.get("sales.revenue", { kind: "tea", month: "2026-03" })).toBe(20);
  });

  it.each([
    ["an attribute that is not there", "sales.revenu", {}, "no attribute `sales.revenu`"],
    ["a missing label", "sales.revenue", { kind: "tea" }, "`sales.revenue` has several cells: which month?"],
    ["an unknown label", "sales.revenue", { kind: "te", month: "2026-01" }, "axis `kind` has no member `te`"],
    ["an unknown axis", "total.income", { kind: "tea" }, "`total.income` has no axis `kind`"],
  ])("[SH1] gives #REF! for %s", (_what, id, index, detail) => {
    expect(opened(shop).get(id, index)).toMatchObject({ code: "#REF!", detail });
  });

  it("[SH2] reads through to what a scenario extends", () => {
    const sheet = opened(shop, {
      scenarios: [
        "scenario dear of shop\n  sales.price = 4\n",
        "scenario dear_and_many of shop extends dear\n  sales.units = 20\n",
      ],
    });
    const income = ["base", "dear", "dear_and_many"].map((name) =>
      sheet.get("total.income", { month: "2026-01" }, name),
    );
    expect(income).toEqual([50, 80, 160]);
    expect(sheet.column("total.cost", "dear_and_many")).toBe(sheet.column("total.cost"));
  });

  it("[SH4] lists the cells that differ in file and axis order", () => {
    const sheet = opened(shop, { scenarios: ["scenario late of shop\n  total.cost[2026-05..] = 10\n"] });
    expect(sheet.diff("base", "late").map(({ attribute, at }) => `${attribute} ${at}`)).toEqual([
      "total.cost 2026-05",
      "total.cost 2026-06",
      "total.profit 2026-05",
      "total.profit 2026-06",
      "total.margin 2026-05",
      "total.margin 2026-06",
    ]);
    expect(sheet.diff("base", "late")[2]).toMatchObject({ before: 45, after: 40 });
    expect(sheet.diff("base", "base")).toEqual([]);
    expect(() => sheet.diff("base", "early")).toThrow("no scenario `early` is open");
  });

  it("[SH5] gives the cells of checks that fail or err", () => {
    const sheet = opened(shop);
    expect(sheet.checks()[0]).toMatchObject({ name: "Profit", state: "pass", cells: [] });
    sheet.set("total.cost", 60, { month: "2026-04" });
    expect(sheet.checks()[0]).toMatchObject({ state: "fail", cells: [{ at: ["2026-04"], state: "fail" }] });
    sheet.setFormula("total.income", "sum(sales.revenue over kind) / (total.cost - 60)");
    expect(sheet.checks()[0]).toMatchObject({
      state: "error",
      cells: [
        { at: ["2026-01"], state: "fail" },
        { at: ["2026-02"], state: "fail" },
        { at: ["2026-03"], state: "fail" },
        { at: ["2026-04"], state: "error", origin: { attribute: "total.income", at: ["2026-04"] } },
        { at: ["2026-05"], state: "fail" },
        { at: ["2026-06"], state: "fail" },
      ],
    });
  });

  it("[SH6] names the members of loops", () => {
    const loops = openSaas([]).loops();
    expect(loops).toHaveLength(36);
    expect(loops[0]).toMatchObject({ loop: "debt.closing", verdict: "converged", at: ["2026-01"] });
    expect([...(loops[0]?.attributes ?? [])].sort()).toEqual(["debt.closing", "debt.interest", "debt.sweep"]);
  });
});
