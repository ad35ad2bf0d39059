import { describe, expect, it } from "vitest";
import type { CellIndex } from "./api.ts";
import { downside, hostOf, opened, openSaas, shop } from "./fixtures/models.ts";

describe("why", () => {
  it("[SH29] puts the values in and resolves lags to labels", () => {
    const sheet = openSaas([]);
    const why = sheet.why("revenue.seats", { segment: "SMB", month: "2026-02" });
    expect(why).toMatchObject({
      attribute: "revenue.seats",
      at: ["SMB", "2026-02"],
      kind: "formula",
      unit: "seat",
      status: "fresh",
      formula: "seats[t-1] * (1 - churn) + adds",
      substituted: "497.5 * (1 - 0.025) + 404",
      precedents: [
        { attribute: "revenue.seats", written: "seats[t-1]", at: ["SMB", "2026-01"], value: 497.5 },
        { attribute: "revenue.churn", written: "churn", at: ["SMB", "2026-02"], value: 0.025 },
        { attribute: "revenue.adds", written: "adds", at: ["SMB", "2026-02"], value: 404 },
      ],
    });
    expect(why.dependents).toEqual(["revenue.mrr"]);
    expect(why.value).toBe(sheet.get("revenue.seats", { segment: "SMB", month: "2026-02" }));
  });

  it("[SH29] tells what computing took, where it is computed and the host has a clock", () => {
    let ms = 0;
    const sheet = opened(shop, {
      scenarios: ["scenario s of shop\n  total.cost = 1\n"],
      host: { ...hostOf(), now: () => ms++ },
    });
    const at = { month: "2026-01" };
    expect(sheet.why("total.profit", at).costMs).toBe(1);
    expect(sheet.why("total.cost", at)).not.toHaveProperty("costMs");
    expect(opened(shop).why("total.profit", at)).not.toHaveProperty("costMs");
  });

  it("[SH29] puts large values in with their units and hundredths", () => {
    const sheet = opened("model large\nblock a\n  input x = 1689556.8912\n  y = x - 0.12345678\n");
    expect(sheet.why("a.y").substituted).toBe("1689556.89 - 0.12345678");
    expect(sheet.why("a.y").value).toBe(1689556.8912 - 0.12345678);
  });

  it("[SH29] puts as many digits in as the result shows", () => {
    const written = (x: string, formula: string) =>
      opened(`model d\nblock a\n  input x = ${x}\n  input n = 2_000_000\n  y = ${formula}\n`).why("a.y")
        .substituted;
    expect(written("304568.5312", "x * 0.015")).toBe("304568.53 * 0.015");
    expect(written("1/12", "x * n")).toBe("0.0833333333 * 2000000");
    expect(written("1/12", "x * 2")).toBe("0.0833333 * 2");
    expect(written("12345.6789", "x * 1000")).toBe("12345.6789 * 1000");
    expect(written("-1/3", "x / 0")).toBe("(-0.333333) / 0");
  });

  it("[SH29] puts dates in as days", () => {
    const sheet = opened(
      "model d\ntime step 1..2\nblock a by step\n  input from: date = [2026-01-31, 2026-03-01]\n  input due: date = 2026-05-01\n  days = due - from\n  first = min(from[t..t+1 clip])\n",
    );
    expect(sheet.why("a.days", { step: "1" }).substituted).toBe("2026-05-01 - 2026-01-31");
    expect(sheet.why("a.first", { step: "1" }).substituted).toBe("min({2026-01-31, 2026-03-01})");
  });

  it("[SH29] shows ranges as arrays", () => {
    const why = opened(shop).why("total.income", { month: "2026-03" });
    expect(why.substituted).toBe("sum({20, 30} over kind)");
    expect(why.precedents).toMatchObject([
      {
        attribute: "sales.revenue",
        written: "sales.revenue",
        at: ["tea..coffee", "2026-03"],
        value: [20, 30],
      },
    ]);
  });

  it("[SH29] tells apart two ways of reading one attribute", () => {
    const sheet = opened(
      "model m\ntime step 0..3\nblock b\n  input one = 1\nblock c by step\n  input x = [1, 2, 4, 8]\n  d = x - x[t-1] + x * 0   start 0\n",
    );
    expect(sheet.why("c.d", { step: "3" })).toMatchObject({ substituted: "8 - 4 + 8 * 0", value: 4 });
    expect(sheet.why("c.d", { step: "0" }).substituted).toBe("1 - 0 + 1 * 0");
  });

  it("[SH30] names who changed", () => {
    const sheet = opened(shop);
    const at = { month: "2026-01" };
    expect(sheet.why("total.profit", at).reason).toBe("computed when the model was opened");
    expect(sheet.why("total.cost", at).reason).toBe("as the model says");
    sheet.set("total.cost", 6, at);
    const why = sheet.why("total.profit", at);
    expect(why).toMatchObject({ reason: "recomputed because total.cost changed", before: 45, value: 44 });
    expect(why.precedents.map(({ hasChanged }) => hasChanged)).toEqual([false, true]);
    expect(sheet.why("total.cost", at).reason).toMatch(/^edited at revision \d+$/);
    const revision = why.changedAtRevision;
    sheet.set("sales.units", 11, { kind: "tea", month: "2026-02" });
    sheet.setFormula("total.margin", "profit / income");
    expect(sheet.why("total.cost", at).reason).toBe(`edited at revision ${revision}`);
    expect(sheet.why("sales.price", { kind: "tea", ...at }).reason).toBe("as the model says");
  });

  it("[SH30] tells the cells that changed from those that did not", () => {
    const sheet = opened(shop, { scenarios: ["scenario s of shop\n  total.cost[2026-06] = 1\n"] });
    const tea = (month: string) => ({ kind: "tea", month });
    sheet.why("total.cost", { month: "2026-01" });
    sheet.set("sales.units", 11, tea("2026-03"));
    const reason = (id: string, index: CellIndex, scenario?: string) => sheet.why(id, index, scenario).reason;
    const unchanged = /^unchanged at revision \d+, which changed other cells of it$/;
    expect(reason("sales.units", tea("2026-03"))).toMatch(/^edited/);
    expect(reason("sales.units", tea("2026-02"))).toMatch(unchanged);
    expect(reason("sales.units", { kind: "coffee", month: "2026-03" })).toMatch(unchanged);
    expect(reason("total.income", { month: "2026-03" })).toBe("recomputed because sales.revenue changed");
    expect(reason("total.income", { month: "2026-03" }, "s")).toBe("read from base");
    expect(reason("total.income", { month: "2026-02" })).toMatch(unchanged);
    expect(reason("sales.grown", tea("2026-02"))).toMatch(unchanged);
    expect(reason("sales.grown", tea("2026-03"))).toBe("recomputed because sales.revenue changed");
    expect(reason("sales.grown", tea("2026-05"))).toBe("recomputed because sales.grown changed");
    const grown = sheet.why("sales.grown", tea("2026-05"));
    expect(grown.precedents.map(({ hasChanged }) => hasChanged)).toEqual([true, false]);
    const profit = sheet.why("total.profit", { month: "2026-03" }, "s");
    expect(profit.reason).toBe("recomputed because total.income changed");
    expect(profit.precedents.map(({ hasChanged }) => hasChanged)).toEqual([true, false]);
    expect(sheet.why("total.profit", { month: "2026-04" }, "s").reason).toMatch(/^unchanged at/);
    sheet.setFormula("sales.grown", "grown[t-1] + revenue * 2");
    expect(sheet.why("sales.grown", tea("2026-05")).reason).toBe("its formula was edited");
  });

  it("[SH30] says where a scenario's value comes from", () => {
    const sheet = openSaas([downside]);
    const at = { segment: "Ent", month: "2026-02" };
    expect(sheet.why("revenue.price", at, "downside").reason).toBe("read from base");
    expect(sheet.why("revenue.churn", at, "downside")).toMatchObject({
      kind: "override",
      value: 0.018,
      reason: "overridden in downside",
      override: { scenario: "downside", parentValue: 0.025 },
    });
    expect(sheet.why("debt.sweep", { month: "2026-02" }, "downside")).toMatchObject({
      kind: "pin",
      value: 0,
    });
    expect(sheet.why("revenue.adds", at, "downside")).toMatchObject({ kind: "input", value: 50.5 });
    expect(sheet.why("revenue.adds", { ...at, month: "2027-02" }, "downside")).toMatchObject({
      kind: "override",
    });
  });

  it("[SH30] knows values given with --set", () => {
    const sheet = opened(shop, { sets: [{ path: "total.cost", value: "7" }] });
    expect(sheet.why("total.cost", { month: "2026-01" })).toMatchObject({
      kind: "override",
      reason: "overridden in --set",
      override: { scenario: "--set", parentValue: 5 },
    });
    expect(sheet.why("sales.units", { kind: "tea", month: "2026-01" }).reason).toBe("as the model says");
  });

  it("[SH31] follows an error to where it began", () => {
    const sheet = opened(shop);
    sheet.setFormula("sales.revenue", "price / (units - 10)");
    const why = sheet.why("total.margin", { month: "2026-02" });
    expect(why.error).toEqual({
      code: "#DIV/0!",
      origin: { attribute: "sales.revenue", at: ["tea", "2026-02"] },
      chain: [
        { attribute: "total.margin", at: ["2026-02"] },
        { attribute: "total.profit", at: ["2026-02"] },
        { attribute: "total.income", at: ["2026-02"] },
        { attribute: "sales.revenue", at: ["tea", "2026-02"] },
      ],
    });
  });

  it("[SH31] follows an error through a stock to the flow of the period before", () => {
    const text =
      "model m\ntime step 0..3\nblock b by step\n  input d = [1, 0, 1, 1]\n  flow = 1 / d\n" +
      "  level = integral(flow)  start 1\n  late = SMOOTH(flow, 2)\n";
    const chain = (name: string) =>
      opened(text)
        .why(`b.${name}`, { step: "3" })
        .error?.chain.map(({ attribute, at }) => `${attribute}[${at}]`);
    expect(chain("level")).toEqual(["b.level[3]", "b.level[2]", "b.flow[1]"]);
    expect(chain("late")?.at(0)).toBe("b.late[3]");
    expect(chain("late")?.at(-1)).not.toBe("b.flow[3]");
  });

  it("[SH6] shows the loop that a value is part of", () => {
    const { loop } = openSaas([]).why("debt.closing", { month: "2026-04" });
    expect(loop).toMatchObject({ loop: "debt.closing", verdict: "converged", at: ["2026-04"] });
  });

  it("refuses what is not there", () => {
    const sheet = opened(shop);
    expect(() => sheet.why("total.profits")).toThrow("no attribute `total.profits`");
    expect(() => sheet.why("total.profit")).toThrow("which month?");
  });

  it("[SH32] evaluates lags where the period is there", () => {
    const sheet = opened("model m\ntime step 1..4\nblock g by step\n  rec = rec[t-1] * 2   start 1\n");
    const at = (step: string, text: string) => sheet.evaluate(text, { step });
    expect(at("2", "g.rec[t-1]")).toMatchObject({ ok: true, value: 2 });
    expect(at("3", "sum(g.rec[t-1..t+1])")).toMatchObject({ ok: true, value: 28 });
    expect(at("1", "sum(g.rec[t-1..t clip])")).toMatchObject({ ok: true, value: 2 });
    expect(at("1", "1 + g.rec[t-1]")).toMatchObject({
      ok: false,
      diagnostics: [
        {
          code: "sheet/before-first-period",
          span: { start: 4, end: 14 },
          message: "at 1 `g.rec[t-1]` reaches before the first period, 1",
          hint: "evaluate it at 2 or later",
        },
      ],
    });
    expect(at("3", "sum(g.rec[t..t+2])")).toMatchObject({
      ok: false,
      diagnostics: [{ code: "sheet/behind-last-period", hint: "evaluate it at 2 or before" }],
    });
    expect(sheet.evaluate("g.rec[t-1]")).toMatchObject({
      ok: false,
      diagnostics: [{ code: "formula/target-no-time" }],
    });
  });

  it("[SH32] evaluates a formula in the model's names", () => {
    const sheet = opened(shop, { scenarios: ["scenario s of shop\n  total.cost = 1\n"] });
    const at = { month: "2026-01" };
    expect(sheet.evaluate("total.income - total.cost", at)).toMatchObject({ ok: true, value: 45 });
    expect(sheet.evaluate("total.income - total.cost", at, "s")).toMatchObject({ ok: true, value: 49 });
    expect(sheet.evaluate("=sum(total.cost over month) + 1")).toMatchObject({ ok: true, value: 31 });
    expect(sheet.evaluate("sum(total.costs over month)")).toMatchObject({ ok: false });
    expect(sheet.evaluate("1 +")).toMatchObject({ ok: false });
    const evaluated = (text: string, block?: string) =>
      sheet.evaluate(text, at, undefined, block === undefined ? {} : { block });
    expect(evaluated("income - cost", "total")).toMatchObject({ ok: true, value: 45 });
    expect(evaluated("income - cost")).toMatchObject({ ok: false });
    expect(evaluated("1", "totals")).toMatchObject({
      ok: false,
      diagnostics: [{ code: "sheet/unknown-block", message: "the model has no block `totals`" }],
    });
    expect([sheet.history.done, sheet.text()]).toEqual([[], shop]);
  });
});
