/** What names, indexes and axes mean, and what is wrong with them. */
import {
  type AxisAccess,
  type BoundFormula,
  checkFormula,
  type Diagnostic,
  parseFormula,
  type Scope,
} from "@reckon/formula";
import { type Axis, axisOf, timeAxis } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { month, region, scopeOf, segment } from "../arbitraries/formula-world.ts";

interface Clauses {
  readonly start?: string;
  readonly end?: string;
  readonly scope?: Partial<Scope>;
}

function check(text: string, axes: readonly Axis[], { start, end, scope }: Clauses = {}) {
  return checkFormula(parseFormula(text).expression, scopeOf(axes, scope), {
    ...(start === undefined ? {} : { start: parseFormula(start).expression }),
    ...(end === undefined ? {} : { end: parseFormula(end).expression }),
  });
}

function formula(text: string, axes: readonly Axis[], clauses?: Clauses): BoundFormula {
  const { formula: bound, diagnostics } = check(text, axes, clauses);
  expect(diagnostics).toEqual([]);
  if (bound === undefined) throw new Error("no formula");
  return bound;
}

function accessText(access: AxisAccess): string {
  switch (access.kind) {
    case "current":
      return access.offset === 0 ? "·" : `${access.offset}`;
    case "fixed":
      return `@${access.position}`;
    case "window":
      return `${access.from}..${access.to}${access.clip ? " clip" : ""}`;
    case "range":
      return `${access.from}:${access.to}`;
    case "key":
      return "key";
  }
}

/** What each reference reads: `seats[·, -1]`. */
function reads(text: string, axes: readonly Axis[], clauses?: Clauses): string[] {
  return formula(text, axes, clauses).references.map(
    ({ attribute, access }) => `${attribute}[${access.map(accessText).join(", ")}]`,
  );
}

function problems(text: string, axes: readonly Axis[], clauses?: Clauses): string[] {
  return check(text, axes, clauses).diagnostics.map(({ code }) => code.replace("formula/", ""));
}

function hint(text: string, axes: readonly Axis[]): string {
  const [first] = check(text, axes).diagnostics as [Diagnostic];
  return `${first.message}; ${first.hint}`;
}

describe("axes", () => {
  it.each([
    ["price * season * rate", [segment, month], ["price[·]", "season[·]", "rate[]"]],
    ["share + price", [segment, region], ["share[·, ·]", "price[·]"]],
    ["sales", [region, segment, month], ["sales[·, ·, ·]"]],
  ])("[FO20] %s is read at the current cell", (text, axes, wanted) => {
    expect(reads(text, axes)).toEqual(wanted);
  });

  it("[FO21] an axis too many is named, with both ways out", () => {
    expect(problems("mrr", [month])).toEqual(["missing-axis"]);
    expect(hint("mrr", [month])).toContain("`mrr` also varies by `segment`");
    expect(hint("mrr", [month])).toContain("sum(mrr over segment)");
    expect(hint("mrr", [month])).toContain("mrr[SMB]");
    expect(hint("season", [])).toContain("season[2026-01]");
  });

  it.each([
    ["sum(mrr over segment)", [month], ["mrr[0:3, ·]"]],
    ["sum(price * seats over segment)", [month], ["price[0:3]", "seats[0:3, ·]"]],
    ["mrr / sum(mrr over segment)", [segment, month], ["mrr[·, ·]", "mrr[0:3, ·]"]],
    ["sum(sales over segment, region, month)", [], ["sales[0:3, 0:2, 0:12]"]],
    ["max(mrr[t-2..t clip] over segment)", [month], ["mrr[0:3, -2..0 clip]"]],
  ])("[FO22] %s", (text, axes, wanted) => {
    expect(reads(text, axes)).toEqual(wanted);
  });

  it.each([
    ["SQRT(mrr over segment)", [month], ["over-needs-reduction"]],
    ["sum(season over segment)", [month], ["unused-over"]],
    ["sum(mrr over segmnt)", [month], ["unknown-axis"]],
  ])("[FO22] %s is a mistake", (text, axes, wanted) => {
    expect(problems(text, axes)).toEqual(wanted);
  });

  it("[FO23] the axes of `over` lie as rows and columns in the order written", () => {
    const { references } = formula("sum(share * price * tax over segment, region)", []);
    expect(references.map(({ attribute, layout }) => [attribute, layout])).toEqual([
      ["share", { rows: [1], columns: [0] }],
      ["price", { rows: [0], columns: [] }],
      ["tax", { rows: [], columns: [0] }],
    ]);
    expect(problems("sum(sales * price over segment, region, month)", [])).toEqual(["over-too-many"]);
  });

  it("[FO24] a reduction inside `over` works on each element, or is a mistake", () => {
    const { root } = formula("sum(MAX(0, mrr) over segment)", [month]);
    expect(root).toMatchObject({ kind: "call", definition: { name: "SUM" } });
    expect(root.kind === "call" && root.arguments[0]).toMatchObject({ definition: { name: "MAX BY CELL" } });
    expect(problems("sum(sum(mrr over month) over segment)", [])).toEqual(["nested-over"]);
    expect(problems("sum(MAX(mrr[t-2..t clip]) over segment)", [month])).toEqual(["nested-over"]);
    expect(problems("sum(mrr[t-1..t clip] * sales[t-1..t clip] over segment, region)", [month])).toContain(
      "two-spans",
    );
  });
});

describe("time", () => {
  it.each([
    ["seats[t-1]", { start: "1" }, ["seats[·, -1]"]],
    ["seats[t]", {}, ["seats[·, ·]"]],
    ["seats[t+1]", { end: "0" }, ["seats[·, 1]"]],
    ["sum(seats[t-2..t clip])", {}, ["seats[·, -2..0 clip]"]],
    ["sum(seats[t-2..t])", { start: "0" }, ["seats[·, -2..0]"]],
    ["seats[2026-03]", {}, ["seats[·, @2]"]],
  ])("[FO25] %s", (text, clauses, wanted) => {
    expect(reads(text, [segment, month], clauses)).toEqual(wanted);
  });

  it("[FO25] no lag without time on both sides", () => {
    expect(problems("price[t-1]", [segment, month])).toEqual(["no-time"]);
    expect(problems("season[t-1]", [])).toEqual(["target-no-time"]);
  });

  it.each([
    ["season[t-1]", {}, ["no-start"]],
    ["season[t+1]", {}, ["no-end"]],
    ["sum(season[t-1..t])", {}, ["no-start"]],
    ["season[t-1] + season[t+1]", { start: "0" }, ["no-end"]],
    ["season[t-1]", { start: "season[t-1]" }, ["lag-in-start"]],
  ])("[FO26] %s defaults to nothing", (text, clauses, wanted) => {
    expect(problems(text, [month], clauses)).toEqual(wanted);
  });

  it("[FO26] what `start` reads belongs to the formula", () => {
    expect(reads("seats[t-1]", [segment, month], { start: "price" })).toEqual(["price[·]", "seats[·, -1]"]);
  });
});

describe("indexes", () => {
  it.each([
    ["mrr[Ent]", [month], ["mrr[@2, ·]"]],
    ["sum(mrr[2026])", [segment], ["mrr[·, 0:12]"]],
    ["sum(mrr[2026-Q2])", [segment], ["mrr[·, 3:6]"]],
    ["sum(mrr[2026-11..])", [segment], ["mrr[·, 10:12]"]],
    ["sum(mrr[..2026-02])", [segment], ["mrr[·, 0:2]"]],
    ["sum(price[Mid..Ent])", [], ["price[1:3]"]],
  ])("[FO27] %s", (text, axes, wanted) => {
    expect(reads(text, axes)).toEqual(wanted);
  });

  it("[FO27] what is no member is told with what is near", () => {
    expect(hint("mrr[Emt]", [month])).toContain(
      "`Emt` is no member of `segment`, `month`; did you mean `Ent`?",
    );
    expect(problems("mrr[Ent, 2027-01]", [])).toEqual(["unknown-label"]);
    expect(hint("mrr[Ent, 2027-01]", [])).toContain("`month` runs from 2026-01 to 2026-12");
    expect(problems("sum(price[Ent..SMB])", [])).toEqual(["range-order"]);
  });

  it.each([
    ["sales[Ent, EU, 2026-01]", [], ["sales[@2, @0, @0]"]],
    ["sales[2026-01, US]", [segment], ["sales[·, @1, @0]"]],
    ["sum(sales[*])", [region, month], ["sales[0:3, ·, ·]"]],
    ["sum(sales[*, EU, t])", [month], ["sales[0:3, @0, ·]"]],
    ["sum(mrr[*, *])", [], ["mrr[0:3, 0:12]"]],
    ["mrr[note]", [segment, month], ["note[]", "mrr[key, ·]"]],
    ["mrr[note & note]", [segment, month], ["note[]", "mrr[key, ·]"]],
    ["self[note, t-1]", [segment, month], ["note[]", "self[key, -1]"], "0"],
  ])("[FO28] %s", (text, axes, wanted, start?: string) => {
    expect(reads(text, axes, start === undefined ? {} : { start })).toEqual(wanted);
  });

  it("[FO28] what could go to several axes is a mistake", () => {
    expect(problems("sum(sales[*])", [month])).toEqual(["ambiguous-index"]);
    expect(problems("sales[note]", [segment, region, month])).toEqual(["ambiguous-index"]);
    expect(problems("sum(mrr[*])", [segment, month])).toEqual(["ambiguous-index"]);
    const day: Scope["resolve"] = (path) =>
      path[0] === "day"
        ? { kind: "attribute", id: "day", axes: [], valueType: "date" }
        : { kind: "attribute", id: "m", axes: [segment, month] };
    expect(problems("m[day]", [segment, month], { scope: { resolve: day } })).toEqual(["ambiguous-index"]);
    expect(problems("price[Ent, EU]", [])).toEqual(["too-many-indexes"]);
    expect(problems("rate[1]", [])).toEqual(["not-indexable"]);
    const twice = axisOf("other", ["SMB", "X"]);
    const resolve: Scope["resolve"] = (path) =>
      path[0] === "both" ? { kind: "attribute", id: "both", axes: [segment, twice] } : undefined;
    expect(problems("both[SMB]", [], { scope: { resolve } })).toEqual(["ambiguous-index"]);
  });

  it("[FO29] a member wins over an attribute, which is a key", () => {
    expect(reads("price[favourite]", [region])).toEqual(["favourite[·]", "price[key]"]);
    const resolve: Scope["resolve"] = (path) => scopeOf([]).resolve(path[0] === "Ent" ? ["favourite"] : path);
    expect(reads("price[Ent]", [], { scope: { resolve } })).toEqual(["price[@2]"]);
    expect(problems("price[nobody]", [region])).toEqual(["unknown-label"]);
  });

  it("[FO20] equal reads share one slot", () => {
    expect(reads("mrr + mrr[t] * mrr", [segment, month])).toEqual(["mrr[·, ·]"]);
  });
});

describe("names and calls", () => {
  it.each([
    ["rte * 2", ["unknown-name"]],
    ["SUMM(rate) + rte", ["unknown-function", "unknown-name"]],
    ["tax(1)", ["not-a-function"]],
    ["ROUND()", ["too-few-arguments"]],
    ["ABS(1, 2)", ["too-many-arguments"]],
    ["SUM", ["function-as-value"]],
    ["mod.score", ["function-as-value"]],
    ["month + 1", ["axis-as-value"]],
    ["(rate, rate)", ["union"]],
  ])("[FO30] %s", (text, wanted) => {
    expect(problems(text, [])).toEqual(wanted);
  });

  it("[FO30] suggests in the case written and shows what a function takes", () => {
    expect(hint("summ(1)", [])).toContain("did you mean `sum`?");
    expect(hint("rte", [])).toContain("did you mean `rate`?");
    expect(hint("ROUND()", [])).toContain("`ROUND(number");
  });

  it.each([
    ["B2", ["a1-in-model"]],
    ["$B$2:C9 + Sheet1!A1", ["a1-in-model", "a1-in-model"]],
    ['INDIRECT("A1") + OFFSET(rate, 1, 1)', ["static-only", "static-only"]],
    ["NOW() + RAND()", ["needs-input", "needs-input"]],
  ])("[FO31] %s", (text, wanted) => {
    expect(problems(text, [])).toEqual(wanted);
  });

  it("[FO32] a text under an arithmetic operator", () => {
    expect(problems('rate + "12"', [])).toEqual(["text-arithmetic"]);
    expect(problems("-note * 2", [])).toEqual(["text-arithmetic"]);
    expect(problems('note & "!" = "x"', [])).toEqual([]);
    expect(problems('rate + "12"', [], { scope: { isStrict: false } })).toEqual([]);
  });

  it("[FO33] local names hide others and are taken apart", () => {
    expect(reads("LET(rate, 2, rate * 3)", [])).toEqual([]);
    const { root } = formula("LET(x, 1, y, LET(x, 2, x), X + y)", []);
    const names: string[] = [];
    JSON.stringify(root, (key, value) => {
      if (key === "names") names.push(...(value as string[]));
      return value;
    });
    expect(new Set(names).size).toBe(3);
    expect(problems("LET(x, 1)", [])).toEqual(["let-shape"]);
    expect(problems("LET(1, 2, 3)", [])).toEqual(["expected-name"]);
    expect(problems("LET(x, 1, X, 2, x)", [])).toEqual(["duplicate-local"]);
    expect(problems("LAMBDA(x, x)", [])).toEqual(["lambda-result"]);
  });

  it("[FO34] facts about the current cell need its axis", () => {
    const facts = ["PERIOD()", "PERIOD_LABEL()", "PERIOD_INDEX()", "PERIODS()", "MEMBER(segment)"];
    for (const text of facts) expect(problems(text, [segment, month])).toEqual([]);
    expect(problems("PERIOD()", [segment])).toEqual(["no-current-period"]);
    expect(problems("MEMBER(region)", [segment])).toEqual(["no-current-member"]);
    expect(problems("MEMBER(segmnt)", [segment])).toEqual(["unknown-axis"]);
    expect(problems("MEMBER()", [segment])).toEqual(["expected-name"]);
  });

  it("[FO35] an IF with a literal condition keeps the references of the branch taken", () => {
    expect(reads("IF(TRUE, rate, self)", [])).toEqual(["rate[]"]);
    expect(reads("IF((0), self, rate)", [])).toEqual(["rate[]"]);
    expect(problems("IF(FALSE, nothing, rate)", [])).toEqual(["unknown-name"]);
    expect(reads("IF(rate, price, price)", [segment])).toEqual(["rate[]", "price[·]"]);
  });

  it.each(["price[*]", "mrr[Ent] + price[*] * 2", "{1, 2}", "-season[2026]"])(
    "[FO36] %s gives several values",
    (text) => {
      expect(problems(text, [month])).toEqual(["array-result"]);
    },
  );

  it("[FO30] all problems of a formula are told", () => {
    expect(problems("rte + mrr + SUMM(1) + season[t-1]", [month])).toEqual([
      "unknown-name",
      "missing-axis",
      "unknown-function",
      "no-start",
    ]);
  });

  it("[FO11] a chain of 100,000 operators is checked", () => {
    const { root } = formula(`rate${" + rate * 2".repeat(50_000)}`, []);
    expect(root.kind).toBe("binary");
  });

  it("[FO29] a week axis finds its weeks", () => {
    const weeks = timeAxis("week", "2026-W01", "2026-W09");
    const week = "axis" in weeks ? weeks.axis : segment;
    const resolve: Scope["resolve"] = () => ({ kind: "attribute", id: "w", axes: [week] });
    expect(reads("w[2026-W05]", [], { scope: { resolve } })).toEqual(["w[@4]"]);
  });
});
