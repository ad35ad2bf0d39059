/**
 * Look-ups and criteria over the same cells again and again: arrays kept with their column and indexes of them give what
 * going through the cells gives, errors too, before and after edits; and they are really used.
 */
import {
  type BoundFormula,
  checkFormula,
  compileKernel,
  evaluateCell,
  parseFormula,
  searchWork,
} from "@reckon/formula";
import { type Axis, axisOf, Column, errorValue, type Scalar, sameScalar } from "@reckon/value";
import { expect, it } from "vitest";

const items: Axis = axisOf(
  "item",
  Array.from({ length: 150 }, (_, i) => `item${i}`),
);
const rows: Axis = axisOf(
  "row",
  Array.from({ length: 120 }, (_, i) => `row${i}`),
);

function bind(text: string): BoundFormula {
  const checked = checkFormula(parseFormula(text).expression, {
    resolve: ([name]) => {
      if (name === "item" || name === "row") return { kind: "axis", axis: name === "item" ? items : rows };
      const axes = name === "key" || name === "other" ? [rows] : [items];
      return { kind: "attribute", id: name as string, axes };
    },
    suggest: () => undefined,
    currentAxes: [rows],
    allowA1: false,
    isStrict: true,
  });
  expect(checked.diagnostics, text).toEqual([]);
  return checked.formula as BoundFormula;
}

const odd: readonly Scalar[] = [
  "north",
  "North",
  "south",
  "12",
  12,
  0,
  -0,
  "",
  null,
  true,
  "TRUE",
  errorValue("#N/A"),
  "a*",
  "nor?h",
  ">3",
  "=12",
  "#N/A",
  "<>12",
  3.5,
  " 12 ",
];

function cell(i: number): Scalar {
  const drawn = (i * 7919 + (i >> 3)) % 2003;
  return drawn % 5 < 3 ? drawn % 40 : (odd[drawn % odd.length] as Scalar);
}

function columnsFor(): Map<string, Column> {
  const made = (length: number, seed: number): Column => {
    const column = new Column({ outer: length, periods: 1 });
    for (let i = 0; i < length; i++) column.set(i, cell(i + seed));
    return column;
  };
  return new Map([
    ["code", made(150, 1)],
    ["kind", made(150, 1000)],
    ["amount", made(150, 400)],
    ["key", made(120, 7)],
    ["other", made(120, 5000)],
  ]);
}

const formulas = [
  "MATCH(key, code[*], 0)",
  "XLOOKUP(key, code[*], amount[*])",
  'XLOOKUP(key, code[*], amount[*], "none", 0, -1)',
  "XMATCH(key, kind[*], 2)",
  "XMATCH(key, kind[*], -1)",
  "VLOOKUP(key, HSTACK(code[*], amount[*]), 2, FALSE)",
  "INDEX(amount[*], MATCH(key, kind[*], 0))",
  "SUMIF(code[*], key, amount[*])",
  "COUNTIF(kind[*], key)",
  "AVERAGEIF(code[*], key, amount[*])",
  "SUMIFS(amount[*], code[*], key, kind[*], other)",
  "COUNTIFS(code[*], key, kind[*], other)",
  "AVERAGEIFS(amount[*], kind[*], other, code[*], key)",
  'SUMIF(code[*], "=" & key, amount[*])',
  'COUNTIF(code[*], ">" & key)',
  "MAXIFS(amount[*], code[*], key)",
  "SUM(amount[*]) + COUNTA(code[*])",
];

function check(formula: BoundFormula, columns: ReadonlyMap<string, Column>, out: Column): void {
  const copies = formula.references.map(({ attribute }) => (columns.get(attribute) as Column).clone());
  for (let i = 0; i < out.length; i++) {
    const one = new Column({ outer: 1, periods: 1 });
    one.set(0, evaluateCell(formula, copies, { outer: i, period: 0 }));
    const isSame = sameScalar(out.get(i), one.get(0)) && out.readsAlike(i, one, 0);
    if (!isSame) expect({ i, value: out.get(i) }).toEqual({ i, value: one.get(0) });
  }
}

it.each(formulas)("[FN24] %s", (text) => {
  const formula = bind(text);
  const columns = columnsFor();
  const inputs = formula.references.map(({ attribute }) => columns.get(attribute) as Column);
  const out = new Column({ outer: 120, periods: 1 });
  const box = { outerFrom: 0, outerTo: 120, from: 0, to: 1 };
  for (const interpretOnly of [false, true]) {
    const kernel = compileKernel(formula, { interpretOnly });
    for (let edit = 0; edit < 12; edit++) {
      void kernel.compute(inputs, out, box);
      check(formula, columns, out);
      for (const column of columns.values()) column.set((edit * 37) % column.length, cell(edit * 91 + 3));
    }
  }
});

it("[FN23] cells that are searched again and again are indexed: a search looks at what it finds", () => {
  const columns = columnsFor();
  for (const text of formulas.slice(0, 3).concat(formulas.slice(7, 13))) {
    const formula = bind(text);
    const inputs = formula.references.map(({ attribute }) => columns.get(attribute) as Column);
    const out = new Column({ outer: 120, periods: 1 });
    // Keys that are numbers: others may need a look at every cell.
    for (const name of ["key", "other"]) {
      for (let i = 0; i < 120; i++) columns.get(name)?.set(i, (i * 7) % 40);
    }
    const before = searchWork.cells;
    const box = { outerFrom: 0, outerTo: 120, from: 0, to: 1 };
    void compileKernel(formula).compute(inputs, out, box);
    // Of 120 searches through 150 cells the first few go through all of them.
    expect(searchWork.cells - before, text).toBeLessThan(15 * 150);
  }
});
