/**
 * Tables of formulas give what every formula gives on its own, evaluated with the values of the cells it reads: after
 * building them and after random edits of values and formulas.
 */
import { createEngine } from "@reckon/engine";
import { evaluateText, type TextInput } from "@reckon/formula";
import { buildFormulas } from "@reckon/plan";
import { isErrorValue, type Scalar, sameScalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { cases } from "./cases.ts";

const cells = ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4", "rate", "tax"];

/** What is typed into cell `i`: formulas read cells before it in the list only, or now and then blank ones. */
function typed(choices: Choices, i: number): string {
  if (i < 2 || choices.once(4)) return choices.pick(["1", "2.5", "0", "-3", "EUR", "TRUE", "", "12%"]);
  const read = (): string =>
    choices.once(12) ? choices.pick(["Z9", "$Z$8"]) : (cells[choices.below(i)] as string);
  const range = i > 4 ? choices.pick(["A1:A4", "A1:A3", "$A$2:A4"]) : "A1:A2";
  const number = choices.pick(["2", "0.5", "10%", "3"]);
  switch (choices.below(9)) {
    case 0:
      return `=${read()}*${number}+${read()}`;
    case 1:
      return `=${read()}+${read()}`;
    case 2:
      return `=IF(${read()}>${number}, ${read()}, ${read()})`;
    case 3:
      return `=${read()}/${read()}`;
    case 4:
      return `=SUM(${i < 4 ? read() : range})+${number}`;
    case 5:
      return `=IFERROR(${read()}^2, ${number})`;
    case 6:
      return `=${read()}&"-"&${read()}`;
    case 7:
      return `=MAX(${read()}, ${i < 4 ? read() : range}, ${number})`;
    default:
      return `=${number}*${read()}`;
  }
}

/** The value of every cell, one formula after another. */
function naive(texts: readonly string[]): Scalar[] {
  const known = new Map<string, TextInput>([
    ["Z9", null],
    ["Z8", null],
    // An empty range is a mistake on its own; here it is blank.
    ["A9", null],
  ]);
  const values: Scalar[] = [];
  texts.forEach((text, i) => {
    let value: Scalar;
    if (text.startsWith("=")) {
      const result = evaluateText(text, known);
      value = "value" in result && result.value !== undefined ? (result.value as Scalar) : "?";
    } else {
      const result = evaluateText(
        /^[A-Z]+$/.test(text) && text !== "TRUE" ? `"${text}"` : text || "A9",
        known,
      );
      value = text === "" ? null : (result.value as Scalar);
    }
    values.push(value);
    known.set(cells[i] as string, value);
  });
  return values;
}

function isAlike(a: Scalar, b: Scalar): boolean {
  return isErrorValue(a) && isErrorValue(b) ? a.code === b.code : sameScalar(a, b);
}

it("[FX2] every cell has the value of its formula, built at once and edited one by one", () => {
  let formulas = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(999), { maxLength: 120, size: "max" }), (draws) => {
      const choices = new Choices(draws);
      const texts = cells.map((_, i) => typed(choices, i));
      // In any order: what is read may stand behind.
      const order = cells
        .map((_, i) => i)
        .sort((a, b) => ((a * 7 + draws.length) % 11) - ((b * 7 + draws.length) % 11));
      const live = buildFormulas(createEngine({ isChecked: true }), {
        names: order.map((i) => cells[i] as string),
        texts: order.map((i) => texts[i] as string),
      });
      expect(live.diagnostics).toEqual([]);
      const compare = (): void => {
        const expected = naive(texts);
        cells.forEach((cell, i) => {
          const value = live.get(cell);
          if (!isAlike(value, expected[i] as Scalar)) expect({ texts, cell, value }).toEqual(expected[i]);
        });
      };
      compare();
      for (let edit = 0; edit < 6; edit++) {
        const i = choices.below(cells.length);
        texts[i] = typed(choices, i);
        expect(live.setFormula(cells[i] as string, texts[i] as string)).toEqual([]);
        compare();
      }
      formulas += texts.filter((text) => text.startsWith("=")).length;
    }),
    cases(300),
  );
  expect(formulas).toBeGreaterThan(500);
});
