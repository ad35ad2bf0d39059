/**
 * The scanner of many texts and the parser with the checker say the same of every text that the scanner takes: the family,
 * the references in order, the numbers. What one of them cannot read the other reports.
 */
import {
  type BoundFormula,
  cellFamilyOf,
  cellRange,
  checkFormula,
  type FormulaTemplate,
  FormulaTexts,
  parseFormula,
  type Scope,
} from "@reckon/formula";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { cases } from "./cases.ts";

/** Every cell and every name is one value; cells of one place and names of one spelling are one. */
const sheet: Scope = {
  resolve: (path) => ({ kind: "attribute", id: keyOf(path.join(".")), axes: [] }),
  suggest: () => undefined,
  currentAxes: [],
  allowA1: true,
  isStrict: false,
};

function keyOf(written: string): string {
  const cell = cellRange(written);
  return cell === undefined ? written.toLowerCase() : `${cell.fromColumn}!${cell.fromRow}`;
}

/** As the parser and the checker read a text; undefined with any diagnostic. */
function parsed(text: string): BoundFormula | undefined {
  const { expression, diagnostics } = parseFormula(text);
  // `$A$1` is no name to the checker; written as `A1` it is the same cell.
  const withoutMarks = diagnostics.length > 0 ? undefined : parseFormula(text.replaceAll("$", ""));
  if (withoutMarks === undefined || withoutMarks.diagnostics.length > 0) return undefined;
  const checked = checkFormula(text.includes("$") ? withoutMarks.expression : expression, sheet);
  return checked.diagnostics.length > 0 ? undefined : checked.formula;
}

function referencesIn(texts: FormulaTexts, text: string): string[] {
  return Array.from({ length: texts.referenceCount }, (_, slot) => {
    const column = texts.columns[slot] as number;
    if (column > 0) return `${column}!${texts.rows[slot]}`;
    return text.slice(texts.starts[slot], texts.ends[slot]).toLowerCase();
  });
}

function compare(texts: FormulaTexts, text: string): FormulaTemplate | undefined {
  const template = texts.scan(text);
  if (template === undefined) return undefined;
  const formula = parsed(text);
  expect(formula, text).toBeDefined();
  const member = formula && cellFamilyOf(formula);
  expect(member?.family, text).toBe(template.family);
  expect(referencesIn(texts, text), text).toEqual(formula?.references.map(({ attribute }) => attribute));
  expect([...texts.constants.subarray(0, texts.constantCount)], text).toEqual(member?.constants);
  return template;
}

const references = ["A1", "B2", "$C$3", "a1", "AA10", "B$2", "tax", "rate_2", "Tax", "XFD1048576", "XFE1"];
const numbers = ["1", "2.5", "1e3", "5%", "0%", ".5", "12345678901234567890", "0.1", "7E-2", "100", "1_000"];

function leaf(choices: Choices): string {
  return choices.once(3) ? choices.pick(numbers) : choices.pick(references);
}

function formula(choices: Choices, depth: number): string {
  if (depth <= 0) return leaf(choices);
  const inner = (): string => formula(choices, depth - 1);
  const space = choices.once(4) ? " " : "";
  switch (choices.below(9)) {
    case 0:
      return leaf(choices);
    case 1:
    case 2:
    case 3:
      return `${inner()}${space}${choices.pick(["+", "-", "*", "/", "^", "&", "<=", "=", "<>"])}${space}${inner()}`;
    case 4:
      return `(${inner()})`;
    case 5:
      return `${choices.pick(["-", "+", ""])}${leaf(choices)}${choices.pick(["%", "", "^2", "^2.5%"])}`;
    case 6:
      return `${choices.pick(["SUM", "min", "Max", "LOG10"])}(${inner()},${space}${inner()})`;
    case 7:
      return choices.pick([
        `IF(${inner()}, ${inner()}, ${inner()})`,
        `IF(TRUE, ${inner()}, "x""y")`,
        `LET(x, ${inner()}, x * 2)`,
        `IFERROR(${inner()}, "none")`,
        `LAMBDA(A1, A1 + 1)(${inner()})`,
      ]);
    default:
      return choices.pick([
        "{1, 2}",
        "@A1",
        "#N/A",
        "A1:B2",
        "x[1]",
        '"text"',
        "NOSUCH(1)",
        "1 USD",
        "(",
        "é",
      ]);
  }
}

/** The same text with other cells and numbers, so that its template is met again with other contents. */
function varied(text: string, choices: Choices): string {
  return text.replaceAll(/\$?\b[A-Z]{1,2}\$?\d{1,3}\b|\b\d+(?:\.\d+)?\b/g, (one) =>
    choices.once(3)
      ? one
      : /^\d/.test(one)
        ? choices.pick(["3", "0", "41.5", "2"])
        : choices.pick(references),
  );
}

it("[FO72] scanner and parser agree on random texts, met for the first time and again", () => {
  const taken = { first: 0, again: 0, refused: 0 };
  fc.assert(
    fc.property(fc.array(fc.nat(999), { maxLength: 60, size: "max" }), (draws) => {
      const choices = new Choices(draws);
      const texts = new FormulaTexts();
      const text = `=${formula(choices, 3)}`;
      const template = compare(texts, text);
      if (template === undefined) taken.refused++;
      else taken.first++;
      for (let i = 0; i < 4; i++) {
        const known = texts.templates.length;
        const found = compare(texts, varied(text, choices));
        if (found !== undefined && texts.templates.length === known) taken.again++;
      }
    }),
    cases(1500),
  );
  expect(taken.first).toBeGreaterThan(taken.refused / 4);
  expect(taken.again).toBeGreaterThan(taken.first);
  expect(taken.refused).toBeGreaterThan(0);
});

it("[FO72] texts alike but for cells and numbers have one template, and each its own contents", () => {
  const texts = new FormulaTexts();
  const template = texts.scan("=A17*B17+1.5");
  expect([texts.rows[0], texts.columns[1], texts.constants[0]]).toEqual([17, 2, 1.5]);
  expect(texts.scan("=$C$2*AA9+20")).toBe(template);
  expect([texts.columns[1], texts.rows[1], texts.constants[0]]).toEqual([27, 9, 20]);
  // The same cell twice is one reference, so this is another template.
  expect(texts.scan("=A1*a1+1")).not.toBe(template);
  expect(texts.referenceCount).toBe(1);
  expect(texts.templates.map(({ family }) => family.name)).toEqual(["#0*#1+?", "#0*#0+?"]);
});

it.each([
  "=A1*",
  "=1:3",
  "=SUM(A1:A3)",
  "=2 kg",
  "=A1 B1",
  "=LET(A1, 5, A1 * B1)",
  "=IF(1, A1, B1)",
  "=0 %",
  "=1e999",
  "=nosuch(A1)",
  "=_xlfn.CONCAT(A1)&_xlfn.rate",
  '="unclosed',
  "",
  "=",
])("[FO72] %s is left to the parser", (text) => {
  const texts = new FormulaTexts();
  expect(texts.scan(text)).toBeUndefined();
  expect(texts.scan(text)).toBeUndefined();
});
