/**
 * A cell family gives the bits and errors of `evaluateCell`, by its interpreter, by its cell code and by its plain code, for every
 * member: formulas alike but for references and numbers.
 */
import {
  type BoundFormula,
  cellFamilyOf,
  checkFormula,
  evaluateCell,
  type FamilyMember,
  parseFormula,
  type Resolution,
} from "@reckon/formula";
import { Column, columnFrom, type Scalar, sameScalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cellFormula } from "../arbitraries/cell-formula.ts";
import { Choices } from "../arbitraries/choices.ts";
import { cellOf, scopeOf } from "../arbitraries/formula-world.ts";
import { cases } from "./cases.ts";

/** The formula world without its axes: every name is a single value. */
const flat = scopeOf([], {
  resolve: (path): Resolution | undefined => {
    const found = scopeOf([]).resolve(path);
    return found?.kind === "attribute" ? { kind: "attribute", id: found.id, axes: [] } : found;
  },
});

function bind(text: string): BoundFormula | undefined {
  return checkFormula(parseFormula(text).expression, flat).formula;
}

const single = { outer: 1, periods: 1 };

function reference(formula: BoundFormula, values: readonly Scalar[]): Scalar {
  const inputs = values.map((value) => columnFrom(single, [value]));
  const out = new Column(single);
  out.set(0, evaluateCell(formula, inputs, { outer: 0, period: 0 }));
  return out.get(0);
}

/** The member's value as an engine asks for it: `plain` where all arguments are finite numbers, `general` otherwise. */
function asked(
  { family, constants }: FamilyMember,
  values: readonly Scalar[],
): [Scalar, "plain" | "general"] {
  const lifted = Float64Array.from([7, ...constants]);
  if (family.plain !== undefined && values.every((value) => typeof value === "number")) {
    // References in another order than they lie, behind a pool of others.
    const numbers = Float64Array.from([...values.toReversed(), 99] as number[]);
    const pool = Int32Array.from([5, 5, ...values.map((_, i) => values.length - 1 - i)]);
    const value = family.plain(numbers, pool, 2, lifted, 1);
    if (Number.isFinite(value)) return [value, "plain"];
  }
  return [family.general(values, lifted, 1), "general"];
}

it("[FO70] plain and general code give what evaluateCell gives, bit for bit, with every error", () => {
  const taken = { plain: 0, general: 0 };
  let families = 0;
  fc.assert(
    fc.property(
      fc.array(fc.nat(999), { maxLength: 50, size: "max" }),
      fc.array(fc.nat(99_999), { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      (numbers, draws, isMixed) => {
        const { text } = cellFormula(new Choices(numbers));
        const formula = bind(text);
        const member = formula && cellFamilyOf(formula);
        if (formula === undefined || member === undefined) return;
        families++;
        for (let round = 0; round < 60; round++) {
          const values = formula.references.map((_, i) => {
            const value = cellOf((draws[i % 4] as number) + round * 13 + i * 977, isMixed && round % 3 === 0);
            return typeof value === "string" && round % 2 === 0 ? "Ent" : value;
          });
          const [value, path] = asked(member, values);
          taken[path]++;
          const expected = reference(formula, values);
          if (!sameScalar(value, expected) || value?.constructor !== expected?.constructor) {
            expect({ text, values, value }).toEqual({ text, values, value: expected });
          }
        }
      },
    ),
    cases(400),
  );
  expect(families).toBeGreaterThan(20);
  expect(taken.plain).toBeGreaterThan(families);
  expect(taken.general).toBeGreaterThan(families);
});

it("[FO71] formulas alike but for references and numbers are one family, others are not", () => {
  const familyOf = (text: string) => cellFamilyOf(bind(text) as BoundFormula)?.family;
  expect(familyOf("rate * 2 + tax")).toBe(familyOf("(price * 3) + seats"));
  expect(familyOf("rate * 2 + tax")?.name).toBe("#0*?+#1");
  expect(familyOf("rate * 2 + tax")).not.toBe(familyOf("rate * 2 + rate"));
  expect(familyOf("rate - (2 - tax)")).not.toBe(familyOf("rate - 2 - tax"));
  expect(familyOf("rate ^ 2")).not.toBe(familyOf("rate ^ 3"));
  expect(familyOf("IF(1, rate, 2)")).not.toBe(familyOf("IF(0, rate, 2)"));
  expect(familyOf("-(rate ^ 2)")).not.toBe(familyOf("-rate ^ 2"));
  expect(familyOf("(rate = 1) = 1")).toBe(familyOf("rate = 1 = 1"));
  expect(familyOf("rate = (1 = 1)")).not.toBe(familyOf("rate = 1 = 1"));
  expect(familyOf('rate & "a"')).not.toBe(familyOf('rate & "b"'));
  expect(cellFamilyOf(bind("rate * 2 + 0.5") as BoundFormula)?.constants).toEqual([2, 0.5]);
});

it("[FO71] a formula that calls a module, varies by an axis or changes by itself is no member of a family", () => {
  expect(cellFamilyOf(bind("mod.score(rate)") as BoundFormula)).toBeUndefined();
  const seats = checkFormula(parseFormula("seats[t-1]").expression, scopeOf([], {}), {}).formula;
  expect(seats).toBeUndefined();
  const over = checkFormula(parseFormula("sum(price over segment)").expression, scopeOf([])).formula;
  expect(cellFamilyOf(over as BoundFormula)).toBeUndefined();
  const chance = checkFormula(parseFormula("RAND()").expression, { ...flat, isStrict: false }).formula;
  if (chance !== undefined) expect(cellFamilyOf(chance)).toBeUndefined();
});

it("[FO70] without generated code a family still computes, by general alone", () => {
  const make = globalThis.Function;
  globalThis.Function = class {
    constructor() {
      throw new EvalError("forbidden");
    }
  } as unknown as FunctionConstructor;
  try {
    const member = cellFamilyOf(bind("rate * 2 + tax * 17 - price") as BoundFormula) as FamilyMember;
    for (let i = 0; i < 200; i++) expect(asked(member, [i, 3, 1])).toEqual([i * 2 + 50, "general"]);
    expect(member.family.plain).toBeUndefined();
  } finally {
    globalThis.Function = make;
  }
});

it("[FO70] a chain of 100,000 operators has a family", () => {
  const formula = bind(`rate${" + 1".repeat(100_000)}`) as BoundFormula;
  const member = cellFamilyOf(formula) as FamilyMember;
  expect(member.constants.length).toBe(100_000);
  expect(asked(member, [1])[0]).toBe(100_001);
});
