/** An order of rows that does not depend on where they stand: equal rows in any order are the same list then. */
import { isErrorValue, type Scalar, type TableColumn } from "@reckon/value";

/** These rows by the cells of the columns, one column after another. Cost: one look at each where they are in order, else a sort. */
export function inOrder(rows: readonly number[], columns: readonly TableColumn[]): readonly number[] {
  const compare = (a: number, b: number): number => {
    for (const { values } of columns) {
      const order = compareCells(values[a] ?? null, values[b] ?? null);
      if (order !== 0) return order;
    }
    return 0;
  };
  const isInOrder = rows.every((row, i) => i === 0 || compare(rows[i - 1] as number, row) <= 0);
  return isInOrder ? rows : rows.toSorted(compare);
}

function compareCells(a: Scalar, b: Scalar): number {
  if (typeof a === "number" && typeof b === "number")
    return a === b ? Number(Object.is(b, -0)) - Number(Object.is(a, -0)) : a < b ? -1 : 1;
  const order = rankOf(a) - rankOf(b);
  if (order !== 0) return order;
  const [left, right] = [textOf(a), textOf(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

function rankOf(value: Scalar): number {
  if (value === null) return 0;
  if (typeof value === "boolean") return 1;
  return typeof value === "number" ? 2 : typeof value === "string" ? 3 : 4;
}

function textOf(value: Scalar): string {
  return isErrorValue(value) ? value.code : String(value);
}
