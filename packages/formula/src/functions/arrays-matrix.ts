/** Matrices: products, determinants, inverses. Elimination takes the largest pivot of each column. Cost: n³. */
import {
  type ArrayValue,
  arrayValue,
  type ErrorValue,
  errorValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { asArray, asValue } from "./array-shape.ts";
import { arrayCellsMax, tooLarge } from "./broadcast.ts";
import type { FunctionDefinition, Value } from "./definition.ts";
import { finiteOf } from "./operators.ts";
import { familyOf, number, value } from "./parameter.ts";

const square = value("array", "a square array of numbers");

export const matrixFunctions: readonly FunctionDefinition[] = familyOf("arrays", [
  {
    name: "MMULT",
    parameters: [
      value("array1", "an array of numbers"),
      value("array2", "with as many rows as the first has columns"),
    ],
    doc: "The product of two matrices.",
    example: ["=SUM(MMULT({1,2},{3;4}))", "11"],
    implement: product,
  },
  {
    name: "MDETERM",
    parameters: [square],
    doc: "The determinant of a square matrix.",
    example: ["=MDETERM({1,2;3,4})", "-2"],
    implement: (from: Value) => {
      const rows = squareOf(from);
      return isErrorValue(rows) ? rows : finiteOf(eliminate(rows).determinant);
    },
  },
  {
    name: "MINVERSE",
    parameters: [square],
    doc: "The inverse of a square matrix.",
    example: ["=INDEX(MINVERSE({2,0;0,4}),2,2)", "0.25"],
    implement: (from: Value) => {
      const rows = squareOf(from);
      if (isErrorValue(rows)) return rows;
      const n = rows.length;
      const widened = rows.map((row, i) => [
        ...row,
        ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)),
      ]);
      if (eliminate(widened).determinant === 0) return errorValue("#NUM!", "the matrix has no inverse");
      return asValue(
        arrayValue(
          n,
          n,
          widened.flatMap((row) => row.slice(n)),
        ),
      );
    },
  },
  {
    name: "MUNIT",
    parameters: [number("dimension", "at least 1")],
    doc: "The unit matrix: ones on the diagonal, zeros elsewhere.",
    example: ["=SUM(MUNIT(3))", "3"],
    implement: (size: number) => {
      const n = Math.trunc(size);
      if (n < 1) return errorValue("#VALUE!", "the dimension is below 1");
      if (n * n > arrayCellsMax) return tooLarge();
      return asValue(
        arrayValue(
          n,
          n,
          Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)),
        ),
      );
    },
  },
]);

function product(first: Value, second: Value): Value {
  const a = asArray(first);
  const b = asArray(second);
  const wrong = notNumeric(a) ?? notNumeric(b);
  if (wrong !== undefined) return wrong;
  if (a.columns !== b.rows)
    return errorValue("#VALUE!", "columns of the first and rows of the second differ");
  if (a.rows * b.columns > arrayCellsMax) return tooLarge();
  const cells = new Array<Scalar>(a.rows * b.columns);
  for (let row = 0; row < a.rows; row++) {
    for (let column = 0; column < b.columns; column++) {
      let total = 0;
      for (let i = 0; i < a.columns; i++) {
        total += (a.cells[row * a.columns + i] as number) * (b.cells[i * b.columns + column] as number);
      }
      cells[row * b.columns + column] = total;
    }
  }
  return asValue(arrayValue(a.rows, b.columns, cells));
}

function squareOf(from: Value): number[][] | ErrorValue {
  const of = asArray(from);
  const wrong = notNumeric(of);
  if (wrong !== undefined) return wrong;
  if (of.rows !== of.columns) return errorValue("#VALUE!", "the matrix is not square");
  return Array.from(
    { length: of.rows },
    (_, row) => of.cells.slice(row * of.columns, (row + 1) * of.columns) as number[],
  );
}

function notNumeric(of: ArrayValue): ErrorValue | undefined {
  const wrong = of.cells.find((cell) => typeof cell !== "number");
  if (wrong === undefined) return undefined;
  return isErrorValue(wrong) ? wrong : errorValue("#VALUE!", "a cell is not a number");
}

/** Brings `rows` to the unit matrix in place, further columns along with it; the determinant of the square part. */
function eliminate(rows: number[][]): { readonly determinant: number } {
  const n = rows.length;
  let determinant = 1;
  for (let column = 0; column < n; column++) {
    let best = column;
    for (let row = column + 1; row < n; row++) {
      if (Math.abs(rows[row]?.[column] as number) > Math.abs(rows[best]?.[column] as number)) best = row;
    }
    const pivotRow = rows[best] as number[];
    const pivot = pivotRow[column] as number;
    if (pivot === 0) return { determinant: 0 };
    if (best !== column) {
      rows[best] = rows[column] as number[];
      rows[column] = pivotRow;
      determinant = -determinant;
    }
    determinant *= pivot;
    for (let i = 0; i < pivotRow.length; i++) pivotRow[i] = (pivotRow[i] as number) / pivot;
    for (let row = 0; row < n; row++) {
      if (row !== column) subtractScaled(rows[row] as number[], pivotRow, column);
    }
  }
  return { determinant };
}

function subtractScaled(row: number[], pivotRow: readonly number[], column: number): void {
  const scale = row[column] as number;
  if (scale === 0) return;
  for (let i = 0; i < row.length; i++) row[i] = (row[i] as number) - scale * (pivotRow[i] as number);
}
