/** What formulas give: cells, ranges, errors, modules, kernels, and formulas on their own. */
import {
  type BoundFormula,
  type CallGroup,
  checkFormula,
  compileKernel,
  evaluateCell,
  evaluateText,
  type ModuleLookup,
  parseFormula,
  type TextInput,
} from "@reckon/formula";
import { type Axis, Column, errorValue, isErrorValue, type Scalar, timeAxis } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { axesOf, columnOver, month, region, scopeOf, segment } from "../arbitraries/formula-world.ts";

interface Given {
  readonly axes?: readonly Axis[];
  readonly start?: string;
  readonly end?: string;
  readonly isStrict?: boolean;
}

function bind(text: string, { axes = [], start, end, isStrict = false }: Given = {}): BoundFormula {
  const { formula, diagnostics } = checkFormula(parseFormula(text).expression, scopeOf(axes, { isStrict }), {
    ...(start === undefined ? {} : { start: parseFormula(start).expression }),
    ...(end === undefined ? {} : { end: parseFormula(end).expression }),
  });
  if (formula === undefined) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
  return formula;
}

type Cells = (index: number) => Scalar;

function inputsFor(formula: BoundFormula, cells: Readonly<Record<string, Cells>>, out?: Column): Column[] {
  return formula.references.map(({ attribute }) =>
    attribute === "self" && out !== undefined
      ? out
      : columnOver(axesOf(attribute, formula.axes), cells[attribute] ?? ((i) => i)),
  );
}

function cell(
  text: string,
  given: Given & { readonly outer?: number; readonly period?: number } = {},
  cells: Readonly<Record<string, Cells>> = {},
  modules?: ModuleLookup,
): Scalar {
  const formula = bind(text, given);
  const at = { outer: given.outer ?? 0, period: given.period ?? 0 };
  return evaluateCell(formula, inputsFor(formula, cells), at, modules);
}

describe("cells", () => {
  it.each([
    ["rate", { rate: () => null }, 0],
    ["price[*]", { price: () => 1 }, "#VALUE!"],
    ["LAMBDA(x, x)", {}, "#CALC!"],
    ["{7}", {}, 7],
    ["1e308 * 10", {}, "#NUM!"],
    ["rate", { rate: () => "text" }, "text"],
  ])("[FO40] %s ends scalar", (text, cells, wanted) => {
    const value = cell(text, {}, cells as Record<string, Cells>);
    expect(isErrorValue(value) ? value.code : value).toBe(wanted);
  });

  it("[FO40] a result of several cells says how many", () => {
    const value = cell("price[*]");
    expect(isErrorValue(value) && value.detail).toContain("3 × 1");
  });

  it("[FO41] the first error wins, in argument order and then in cell order", () => {
    expect(cell("#N/A + 1 / 0")).toMatchObject({ code: "#N/A" });
    expect(cell("ROUND(1 / 0, #N/A)")).toMatchObject({ code: "#DIV/0!" });
    const price: Cells = (i) => errorValue((["#REF!", "#N/A", "#NUM!"] as const)[i] ?? "#NULL!");
    expect(cell("SUM(1, price[*])", {}, { price })).toMatchObject({ code: "#REF!" });
    expect(cell("SUM(price[Mid..Ent])", {}, { price })).toMatchObject({ code: "#N/A" });
  });

  it("[FO42] outside the time axis stands the start or end value of the current cell", () => {
    const given = { axes: [segment, month], start: "price * 100", end: "-1" };
    expect(cell("seats[t-1]", { ...given, outer: 2 }, { price: (i) => i })).toBe(200);
    expect(cell("seats[t-1]", { ...given, outer: 2, period: 1 })).toBe(24);
    expect(cell("seats[t+2]", { ...given, period: 10 })).toBe(-1);
    expect(cell("SUM(seats[t-1..t+1])", { ...given, outer: 1 }, { price: (i) => i })).toBe(100 + 12 + 13);
  });

  it("[FO43] a single cell in SUM counts as a range", () => {
    expect(cell("SUM(rate, 1)", {}, { rate: () => "5" })).toBe(1);
    expect(cell('SUM("5", 1)')).toBe(6);
    expect(cell("COUNT(rate)", {}, { rate: () => true })).toBe(0);
    expect(cell("MIN(rate, 4)", {}, { rate: () => null })).toBe(4);
    expect(evaluateText("=SUM(A1, 1)", new Map([["A1", "5"]]))).toEqual({ value: 1 });
  });

  it("[FO44] a part of an axis is summed in the blocks of the whole", () => {
    const made = timeAxis("step", "0", "999");
    const steps = "axis" in made ? made.axis : month;
    const resolve = () => ({ kind: "attribute", id: "x", axes: [steps] }) as const;
    const scope = { ...scopeOf([steps]), resolve };
    const sum = checkFormula(parseFormula("SUM(x[t-700..t])").expression, scope, {
      start: parseFormula("0").expression,
    }).formula as BoundFormula;
    const column = columnOver([steps], (i) => Math.sin(i) * 1e6);
    const { numbers } = column;
    const add = (from: number, to: number): number => numbers.slice(from, to).reduce((a, b) => a + b, 0);
    const wanted = 0 + add(200, 256) + add(256, 512) + add(512, 768) + add(768, 901);
    expect(evaluateCell(sum, [column], { outer: 0, period: 900 })).toBe(wanted);
    expect(wanted).not.toBe(add(200, 901));
  });

  it("[FO44] a clipped window with nothing left is one blank cell", () => {
    const given = { axes: [month] };
    expect(cell("SUM(season[t-3..t-2 clip])", given)).toBe(0);
    expect(cell("COUNT(season[t-3..t-2 clip])", given)).toBe(0);
    expect(cell("AVERAGE(season[t-3..t-2 clip])", given)).toMatchObject({ code: "#DIV/0!" });
    expect(cell("SUM(season[t-3..t-2 clip])", { ...given, period: 2 })).toBe(0 + 0);
    expect(cell("SUM(season[t-3..t-2 clip])", { ...given, period: 4 })).toBe(1 + 2);
  });
});

describe("axes", () => {
  it("[FO20] axes meet by name whatever their order", () => {
    const share: Cells = (i) => i; // (region, segment)
    expect(cell("share", { axes: [segment, region], outer: 1 * 2 + 1 }, { share })).toBe(1 * 3 + 1);
    expect(cell("sales", { axes: [region, segment, month], outer: 1 * 3 + 2, period: 5 })).toBe(
      (2 * 2 + 1) * 12 + 5,
    );
  });

  it("[FO22] sums over axes", () => {
    expect(cell("sum(price * seats over segment)", { axes: [month], period: 1 })).toBe(
      0 * 1 + 1 * 13 + 2 * 25,
    );
    expect(cell("sum(sales over segment, region, month)")).toBe((71 * 72) / 2);
  });

  it("[FO23] rows and columns meet as written", () => {
    // Σ share(r, s) · price(s) · tax(r), all of them 0, 1, 2 …
    let wanted = 0;
    for (let r = 0; r < 2; r++) for (let s = 0; s < 3; s++) wanted += (r * 3 + s) * s * r;
    expect(cell("sum(share * price * tax over segment, region)")).toBe(wanted);
    expect(cell("sum(share * price * tax over region, segment)")).toBe(wanted);
    expect(cell("sum(tax * price over region, segment)")).toBe((0 + 1) * (0 + 1 + 2));
  });

  it("[FO24] a reduction inside works on each element", () => {
    const seats: Cells = (i) => (i < 12 ? -5 : i < 24 ? 3 : 4);
    expect(cell("sum(MAX(0, seats) over segment)", { axes: [month] }, { seats })).toBe(7);
    expect(
      cell("sum(IF(AND(seats > 0, price > 1), seats, 0) over segment)", { axes: [month] }, { seats }),
    ).toBe(4);
  });

  it("[FO24] a local name keeps its range, and choosing is for each element", () => {
    const seats: Cells = (i) => (i < 12 ? -5 : i < 24 ? 3 : 4);
    const given = { axes: [month] };
    expect(cell("sum(LET(y, seats, MAX(y, 0)) over segment)", given, { seats })).toBe(7);
    expect(cell("sum(CHOOSE(IF(seats > 0, 1, 2), seats, price) over segment)", given, { seats })).toBe(3 + 4);
    expect(cell("sum(SWITCH(price, 1, seats, 2, 10 * seats, 100) over segment)", given, { seats })).toBe(143);
    expect(() => cell("sum(LAMBDA(v, MAX(v, 0))(seats) over segment)", given)).toThrow("another `over`");
  });

  it("[FO29] keys look members up", () => {
    const favourite: Cells = (i) => ["Ent", "nobody"][i] ?? null;
    expect(cell("price[favourite]", { axes: [region] }, { favourite })).toBe(2);
    expect(cell("price[favourite]", { axes: [region], outer: 1 }, { favourite })).toMatchObject({
      code: "#N/A",
    });
    expect(cell("season[EDATE(PERIOD(), -2)]", { axes: [month], period: 7 })).toBe(5);
    expect(cell("price[rate]", {}, { rate: () => null })).toMatchObject({ code: "#N/A" });
  });

  it("[FO33] LET and LAMBDA", () => {
    expect(cell("LET(x, 2, y, x * 3, x + y)")).toBe(8);
    expect(cell("LET(f, LAMBDA(g, n, IF(n = 0, 0, n + g(g, n - 1))), f(f, 200))")).toBe(20_100);
    expect(cell("LET(f, LAMBDA(g, n, g(g, n + 1)), f(f, 1))")).toMatchObject({ code: "#CALC!" });
    const wide = `LET(f, LAMBDA(g, n, ${"IFERROR(1 + ".repeat(200)}g(g, n)${", 2)".repeat(200)}), f(f, 1))`;
    // Within two calls of 200 levels each the inner one is given up, which every level below it replaces by 2.
    expect(cell(wide)).toBe(401);
    expect(cell("LAMBDA(x, x)(1, 2)")).toMatchObject({ code: "#VALUE!" });
    expect(cell("LET(x, 1, x(2))")).toMatchObject({ code: "#VALUE!" });
  });

  it("[FO34] the current cell's facts", () => {
    const given = { axes: [segment, month], outer: 2, period: 3 };
    expect(cell("PERIOD()", given)).toBe(month.time?.starts[3]);
    expect(cell('PERIOD_LABEL() & " " & MEMBER(segment)', given)).toBe("2026-04 Ent");
    expect(cell("PERIOD_INDEX() * 100 + PERIODS() + MEMBER_INDEX(segment)", given)).toBe(415);
  });

  it("[FO35] a dead branch is not evaluated", () => {
    expect(cell("IF(FALSE, 1 / 0, 5)")).toBe(5);
    expect(cell("IF(1, 5)")).toBe(5);
    expect(cell("IF(0, 5)")).toBe(false);
  });

  it("[FO11] a chain of 100,000 operators is evaluated", () => {
    expect(cell(`rate${" + 1".repeat(100_000)}`)).toBe(100_000);
    const out = new Column({ outer: 1, periods: 1 });
    const formula = bind(`rate${" + 1".repeat(100_000)}`);
    void compileKernel(formula, { interpretedCells: 0 }).compute(inputsFor(formula, {}), out, {
      outerFrom: 0,
      outerTo: 1,
      from: 0,
      to: 1,
    });
    expect(out.get(0)).toBe(100_000);
  });
});

describe("modules", () => {
  const modules: ModuleLookup = (module, name) => {
    if (module !== "mod") return undefined;
    const functions: Record<string, (...args: Scalar[]) => unknown> = {
      twice: (x) => (x as number) * 2,
      fail: () => {
        throw new Error("no data");
      },
      list: () => [1, 2],
      nothing: () => undefined,
      infinite: () => Number.POSITIVE_INFINITY,
      later: (x) => Promise.resolve((x as number) * 10),
      refuse: () => Promise.reject(new Error("offline")),
    };
    return functions[name];
  };

  it.each([
    ["mod.twice(rate)", 6],
    ["mod.fail()", "#VALUE!"],
    ["mod.list()", "#VALUE!"],
    ["mod.nothing()", 0],
    ["mod.infinite()", "#NUM!"],
    ["mod.missing()", "#NAME?"],
    ["mod.twice(1 / 0)", "#DIV/0!"],
    ["mod.later(1)", "#BUSY!"],
  ])("[FO45] %s", (text, wanted) => {
    const value = cell(text, {}, { rate: () => 3 }, modules);
    expect(isErrorValue(value) ? value.code : value).toBe(wanted);
  });

  it("[FO45] says why a module function failed", () => {
    expect(cell("mod.fail()", {}, {}, modules)).toMatchObject({ detail: "mod.fail failed: no data" });
  });

  async function column(text: string, given: Given, lookup: ModuleLookup = modules): Promise<Column> {
    const formula = bind(text, given);
    const out = columnOver(given.axes ?? [], () => 0);
    const { outer: outerTo, periods: to } = out.shape;
    const kernel = compileKernel(formula, { modules: lookup });
    await kernel.compute(inputsFor(formula, {}, out), out, { outerFrom: 0, outerTo, from: 0, to });
    return out;
  }

  it("[FO46] waits for promises, calls once for a cell, and waits for earlier cells", async () => {
    expect((await column("mod.later(price) + mod.twice(price)", { axes: [segment] })).numbers).toEqual(
      Float64Array.of(0, 12, 24),
    );
    expect((await column("IFERROR(mod.refuse(), -1)", {})).get(0)).toBe(-1);
    expect((await column("mod.later(mod.later(2))", {})).get(0)).toBe(200);
    const grown = await column("self[t-1] + mod.later(1)", { axes: [month], start: "0" });
    expect(grown.get(11)).toBe(120);
    const calls: Scalar[] = [];
    await column("mod.later(price) + mod.later(price) * 2", { axes: [segment] }, () => (x) => {
      calls.push(x as Scalar);
      return Promise.resolve(x);
    });
    expect(calls).toEqual([0, 1, 2]);
  });

  it("[FO46] cells wait together, at most 64 of them", async () => {
    let waiting = 0;
    let most = 0;
    const lookup: ModuleLookup = () => async (x) => {
      waiting++;
      most = Math.max(most, waiting);
      await Promise.resolve();
      waiting--;
      return x;
    };
    const out = await column("mod.f(sales)", { axes: [segment, region, month] }, lookup);
    expect(out.get(71)).toBe(71);
    expect(most).toBe(64);
  });

  it("[FO46] any number of cells wait together for functions that queue their calls", async () => {
    const open: (() => void)[] = [];
    const ask = (x: Scalar | undefined): Promise<unknown> =>
      new Promise((resolve) => open.push(() => resolve(x)));
    const lookup: ModuleLookup = () => Object.assign(ask, { isQueued: true });
    const out = column("mod.f(sales)", { axes: [segment, region, month] }, lookup);
    expect(open).toHaveLength(72);
    for (const answer of open) answer();
    expect((await out).get(71)).toBe(71);
  });

  it.each([
    ["cells", "mod.f(sales)"],
    ["members one period after another", "sum(self[t-1] over segment) + mod.f(sales)"],
  ])("[FO46] begins no further cell once it is taken back: %s", async (_what, text) => {
    let calls = 0;
    const groups = new Set<CallGroup | undefined>();
    const lookup: ModuleLookup = (_module, _name, group) => async (x) => {
      groups.add(group);
      calls++;
      await Promise.resolve();
      return x;
    };
    const axes = [segment, region, month];
    const formula = bind(text, { axes, start: "0" });
    const out = columnOver(axes, () => 0);
    const box = { outerFrom: 0, outerTo: 6, from: 0, to: 12 };
    const work = compileKernel(formula, { modules: lookup }).compute(inputsFor(formula, {}, out), out, box);
    const begun = calls;
    (work as Promise<void> & { cancel: () => void }).cancel();
    await work;
    expect([calls, begun > 0 && begun < 72]).toEqual([begun, true]);
    expect([...groups].map((group) => group?.isCancelled)).toEqual([true]);
  });

  it("[FO46] is not asynchronous when no function is", () => {
    const formula = bind("mod.twice(price)", { axes: [segment] });
    const out = columnOver([segment], () => 0);
    const box = { outerFrom: 0, outerTo: 3, from: 0, to: 1 };
    expect(compileKernel(formula, { modules }).compute(inputsFor(formula, {}), out, box)).toBeUndefined();
    expect(out.get(2)).toBe(4);
  });
});

describe("kernels", () => {
  it("[FO48] read their own earlier periods, and other members' before those", () => {
    const axes = [segment, month];
    const formula = bind("sum(self[t-1] over segment) + 1", {
      axes,
      start: "0",
    });
    const out = columnOver(axes, () => 0);
    void compileKernel(formula).compute(inputsFor(formula, {}, out), out, {
      outerFrom: 0,
      outerTo: 3,
      from: 0,
      to: 12,
    });
    // Each period: three times the last, plus one.
    expect([out.get(0), out.get(1), out.get(2), out.get(12 + 3), out.get(24 + 3)]).toEqual([
      1, 4, 13, 40, 40,
    ]);
  });

  it("[FO49] give an error the cell it began in, and leave an origin alone", () => {
    const formula = bind("price / (price - 1)", { axes: [segment] });
    const origin = { attribute: "b.price", at: ["Ent"] };
    const price = columnOver([segment], (i) => (i === 2 ? { ...errorValue("#N/A"), origin } : i));
    for (const options of [{ interpretedCells: 0 }, { interpretOnly: true }]) {
      const out = columnOver([segment], () => 0);
      const originOf = (outer: number) => ({ attribute: "b.x", at: [segment.labels[outer] as string] });
      const kernel = compileKernel(formula, { ...options, originOf });
      void kernel.compute([price], out, { outerFrom: 0, outerTo: 3, from: 0, to: 1 });
      expect([out.get(0), out.get(1), out.get(2)]).toMatchObject([
        -0,
        { code: "#DIV/0!", origin: { attribute: "b.x", at: ["Mid"] } },
        { code: "#N/A", origin },
      ]);
    }
  });
});

describe("formulas on their own", () => {
  const inputs = new Map<string, TextInput>([
    ["Rate", 0.5],
    ["x1", 7],
    [
      "A1:B2",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["C1", 10],
    ["'My sheet'!A1", "far"],
  ]);
  const value = (text: string): unknown => evaluateText(text, inputs).value;

  it.each([
    ["=rate", 0.5],
    ["RATE * 2", 1],
    ["X1 + x1", 14],
    ["SUM(A1:B2)", 10],
    ["B2 + $A$1", 5],
    ["SUM(A2:C2, A1:C1)", 20],
    ["SUM(A:A)", 4],
    ["ROWS(A1:B3)", 3],
    ["'my SHEET'!a1 & \"\"", "far"],
    ["=1 +\n 1", 2],
  ])("[FO50] %s", (text, wanted) => {
    expect(value(text)).toEqual(wanted);
  });

  it("[FO51] unknown names are #NAME? with a warning, unbound cells a diagnostic", () => {
    const unknown = evaluateText("=SUMM(1) + foo");
    expect(unknown).toMatchObject({ value: { code: "#NAME?" } });
    expect(
      "warnings" in unknown && unknown.warnings?.map(({ code, severity }) => `${severity} ${code}`),
    ).toEqual(["warning formula/unknown-function", "warning formula/unknown-name"]);
    expect(value("IFERROR(foo, 3)")).toBe(3);
    expect(evaluateText("=Z9", inputs)).toMatchObject({
      diagnostics: [{ code: "formula/unbound-reference" }],
    });
    expect(evaluateText("=1 +", inputs)).toMatchObject({
      diagnostics: [{ code: "formula/expected-operand" }],
    });
  });

  it.each([
    ["SUM((A1:B2, C1))", 20],
    ["LARGE((A1:A2, C1), 2)", 3],
    ["(A1:B2, C1)", 10],
  ])("[FO52] %s joins areas", (text, wanted) => {
    const result = value(text);
    const last =
      typeof result === "object" && result !== null && "cells" in result
        ? (result.cells as Scalar[]).at(-1)
        : result;
    expect(last).toBe(wanted);
  });
});
