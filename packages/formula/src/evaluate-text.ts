/**
 * Evaluating one formula text with given inputs: what `reckon eval` does.
 *
 * Inputs are bound by name, without regard to case, or as cells and ranges of a worksheet (`B2`, `A1:B9`,
 * `Sheet1!C3`). A reference is looked for under its own text first, then in the ranges that contain it; a range may be
 * put together from cells and ranges bound one by one, cells without a value being blank. A name that is bound wins
 * over a cell of the same spelling.
 *
 * Cost: the inputs once, then the formula.
 */
import { type ArrayValue, arrayValue, errorValue, isArrayValue, type Scalar } from "@reckon/value";
import { type CellRange, cellRange } from "./a1.ts";
import { checkFormula } from "./check.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { evaluateConstant } from "./evaluate.ts";
import { isLambda, type Value } from "./functions/definition.ts";
import { nearestName } from "./nearest.ts";
import { parseFormula } from "./parser.ts";
import type { Scope } from "./scope.ts";

/** A value for a name: one scalar, or the rows of a range. */
export type TextInput = Scalar | readonly (readonly Scalar[])[];

export type TextResult =
  /** `warnings`: unknown names and functions, whose value is `#NAME?` as in a worksheet. */
  | { readonly value: Scalar | ArrayValue; readonly warnings?: readonly Diagnostic[] }
  | { readonly value?: never; readonly diagnostics: readonly Diagnostic[] };

/**
 * The value of a formula text; a leading `=` is optional. A blank result is 0, as in a worksheet.
 *
 * @example
 * ```ts
 * evaluateText("=rate * SUM(A1:B1)", new Map([["rate", 0.5], ["A1:B1", [[4, 6]]]])); // { value: 5 }
 * ```
 */
export function evaluateText(text: string, inputs: ReadonlyMap<string, TextInput> = new Map()): TextResult {
  const { expression, diagnostics } = parseFormula(text);
  if (diagnostics.length > 0) return { diagnostics };
  const checked = checkFormula(expression, worksheetScope(inputs));
  if (checked.formula === undefined) return { diagnostics: checked.diagnostics };
  const value = shown(evaluateConstant(checked.formula));
  return checked.diagnostics.length === 0 ? { value } : { value, warnings: checked.diagnostics };
}

/** What a worksheet shows of a value. */
function shown(value: Value): Scalar | ArrayValue {
  if (isLambda(value)) return errorValue("#CALC!", "the formula gives a function; call it");
  if (!isArrayValue(value)) return shownScalar(value);
  if (value.cells.length === 1) return shownScalar(value.cells[0] as Scalar);
  return arrayValue(value.rows, value.columns, value.cells.map(shownScalar));
}

function shownScalar(value: Scalar): Scalar {
  if (value === null) return 0;
  if (typeof value === "number" && !Number.isFinite(value)) return errorValue("#NUM!");
  return value;
}

/** The names and cells of a worksheet, as a scope. */
export function worksheetScope(inputs: ReadonlyMap<string, TextInput>): Scope {
  const names = new Map<string, TextInput>();
  const cells = new Map<string, TextInput>();
  const areas: BoundArea[] = [];
  for (const [key, value] of inputs) {
    const { sheet, reference } = splitSheet(key);
    const range = cellRange(reference);
    if (range === undefined) names.set(key.toLowerCase(), value);
    else {
      cells.set(`${sheet}!${reference.replaceAll("$", "").toUpperCase()}`, value);
      areas.push({ sheet, range, value });
    }
  }
  return {
    resolve: (path) => {
      const value = names.get(path.join(".").toLowerCase());
      return value === undefined ? undefined : { kind: "value", value: valueOfInput(value) };
    },
    suggest: (path) => nearestName(path.join("."), names.keys()),
    currentAxes: [],
    allowA1: true,
    isStrict: false,
    resolveA1: (reference, sheetWritten) => {
      const sheet = (sheetWritten ?? "").toUpperCase();
      const exact = cells.get(`${sheet}!${reference}`);
      if (exact !== undefined) return valueOfInput(exact);
      return gather(cellRange(reference), sheet, areas);
    },
  };
}

interface BoundArea {
  readonly sheet: string;
  readonly range: CellRange;
  readonly value: TextInput;
}

function splitSheet(key: string): { sheet: string; reference: string } {
  const at = key.lastIndexOf("!");
  if (at < 0) return { sheet: "", reference: key };
  const sheet = key.slice(0, at).replace(/^'(.*)'$/, "$1");
  return { sheet: sheet.replaceAll("''", "'").toUpperCase(), reference: key.slice(at + 1) };
}

function isRows(value: TextInput): value is readonly (readonly Scalar[])[] {
  return Array.isArray(value);
}

function valueOfInput(value: TextInput): Scalar | ArrayValue {
  if (!isRows(value)) return value;
  const columns = value.reduce((width, row) => Math.max(width, row.length), 0);
  if (value.length === 0 || columns === 0) return null;
  const cells = value.flatMap((row) => Array.from({ length: columns }, (_, i) => row[i] ?? null));
  return arrayValue(value.length, columns, cells, { isRange: true });
}

/** The largest range put together cell by cell. */
const gatheredCellsMax = 1_000_000;

/** A cell or range put together from the bound areas it meets; `undefined` when it meets none. */
function gather(
  wanted: CellRange | undefined,
  sheet: string,
  areas: readonly BoundArea[],
): Scalar | ArrayValue | undefined {
  if (wanted === undefined) return undefined;
  const met = areas.filter((area) => area.sheet === sheet && meets(area.range, wanted));
  if (met.length === 0) return undefined;
  // Whole columns and rows end where the last bound cell is.
  const toRow = Math.min(wanted.toRow, Math.max(...met.map(({ range }) => range.toRow)));
  const toColumn = Math.min(wanted.toColumn, Math.max(...met.map(({ range }) => range.toColumn)));
  const isOpen = wanted.toRow >= 1_048_576 || wanted.toColumn >= 16_384;
  const rows = (isOpen ? toRow : wanted.toRow) - wanted.fromRow + 1;
  const columns = (isOpen ? toColumn : wanted.toColumn) - wanted.fromColumn + 1;
  if (rows * columns > gatheredCellsMax) return errorValue("#VALUE!", "the range is too large");
  const cells = new Array<Scalar>(rows * columns).fill(null);
  for (const { range, value } of met) {
    for (let row = Math.max(range.fromRow, wanted.fromRow); row <= Math.min(range.toRow, toRow); row++) {
      const from = Math.max(range.fromColumn, wanted.fromColumn);
      for (let column = from; column <= Math.min(range.toColumn, toColumn); column++) {
        const cell = isRows(value) ? value[row - range.fromRow]?.[column - range.fromColumn] : value;
        cells[(row - wanted.fromRow) * columns + column - wanted.fromColumn] = cell ?? null;
      }
    }
  }
  if (rows === 1 && columns === 1) return cells[0] as Scalar;
  return arrayValue(rows, columns, cells, { isRange: true });
}

function meets(a: CellRange, b: CellRange): boolean {
  return (
    a.fromRow <= b.toRow && b.fromRow <= a.toRow && a.fromColumn <= b.toColumn && b.fromColumn <= a.toColumn
  );
}
