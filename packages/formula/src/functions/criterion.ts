/**
 * Criteria, as COUNTIF, SUMIFS and their kin take them: `5`, `"abc"`, `">=5"`, `"<>x"`, `"a*"`, `"="`, `""`.
 *
 *   1. A text is cut into an operator (`=`, `<>`, `<`, `<=`, `>`, `>=`; none means `=`) and an operand.
 *   2. An operand that reads as a number, date, boolean or error is one; otherwise it is a text, in which `*`, `?` and `~` are
 *      wildcards for `=` and `<>`.
 *   3. A cell is compared with an operand of its own kind only. For `=` a text that reads as the same number counts as equal.
 *      `<>` holds for every cell for which `=` does not, and for such a text.
 *   4. `"="` is met by blank cells alone, `""` by blanks and empty texts, `"<>"` by every cell that is not blank.
 *      A criterion that is a blank cell means 0.
 *
 * Cost: one look at the criterion, then one comparison a cell.
 */
import { isErrorValue, type Scalar } from "@reckon/value";
import { compareTexts } from "./compare.ts";
import { textToNumber } from "./text-number.ts";
import { matchesWildcard, readWildcard } from "./wildcard.ts";

type Comparison = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** Whether a cell meets the criterion. */
export type Test = (cell: Scalar) => boolean;

/** The test that a criterion stands for. */
export function readCriterion(criterion: Scalar): Test {
  if (typeof criterion !== "string") return equalTo(criterion ?? 0);
  const match = /^(<>|<=|>=|=|<|>)/.exec(criterion);
  const operator = (match?.[1] ?? "=") as Comparison;
  const operand = match === null ? criterion : criterion.slice(operator.length);
  if (operand === "") return emptyOperand(operator, match !== null);
  const value = readOperand(operand);
  if (operator === "=") return equalTo(value);
  if (operator === "<>") {
    const equal = typeof value === "number" ? (cell: Scalar) => cell === value : equalTo(value);
    return (cell) => !equal(cell);
  }
  return ordered(operator, value);
}

/**
 * The value that a cell must be equal to if it is to meet the criterion at all, texts in any case and texts that read as a
 * number counting as that number; undefined where criteria are met otherwise.
 */
export function valueOfEquality(criterion: Scalar): Scalar | undefined {
  const value = criterion ?? 0;
  if (typeof value !== "string") return typeof value === "object" ? undefined : value;
  if (value === "" || /^[<>]/.test(value)) return undefined;
  const operand = value.startsWith("=") ? value.slice(1) : value;
  if (operand === "" || operand.startsWith("#") || /[*?~]/.test(operand)) return undefined;
  return readOperand(operand);
}

function emptyOperand(operator: Comparison, isWritten: boolean): Test {
  if (operator === "=") return isWritten ? (cell) => cell === null : (cell) => cell === null || cell === "";
  if (operator === "<>") return (cell) => cell !== null;
  return () => false;
}

/** The operand as number, boolean, error (its code as text, marked by `#`) or text. */
function readOperand(operand: string): number | boolean | string {
  const upper = operand.toUpperCase();
  if (upper === "TRUE" || upper === "FALSE") return upper === "TRUE";
  return textToNumber(operand) ?? operand;
}

function equalTo(value: Scalar): Test {
  if (typeof value === "number") {
    return (cell) => cell === value || (typeof cell === "string" && textToNumber(cell) === value);
  }
  if (typeof value === "string") {
    if (value.startsWith("#"))
      return (cell) => (isErrorValue(cell) ? cell.code === value.toUpperCase() : cell === value);
    const pattern = readWildcard(value);
    return (cell) => typeof cell === "string" && matchesWildcard(pattern, cell);
  }
  if (isErrorValue(value)) return (cell) => isErrorValue(cell) && cell.code === value.code;
  return (cell) => cell === value;
}

function ordered(operator: "<" | "<=" | ">" | ">=", value: number | boolean | string): Test {
  const holds = orderTest(operator);
  if (typeof value === "string") {
    return (cell) => typeof cell === "string" && holds(compareTexts(cell, value));
  }
  return (cell) => typeof cell === typeof value && holds(Number(cell) - Number(value));
}

function orderTest(operator: "<" | "<=" | ">" | ">="): (difference: number) => boolean {
  switch (operator) {
    case "<":
      return (difference) => difference < 0;
    case "<=":
      return (difference) => difference <= 0;
    case ">":
      return (difference) => difference > 0;
    case ">=":
      return (difference) => difference >= 0;
  }
}
