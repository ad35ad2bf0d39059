/** Cells as texts, to be compared where equality of values is not enough. */
import { isErrorValue, type Scalar } from "@reckon/value";

/** A cell as a text that differs wherever anybody could see a difference: −0, units of texts, words and origins of errors. */
export function exactly(cell: Scalar): string {
  if (isErrorValue(cell))
    return `${cell.code} ${cell.detail ?? ""} at ${JSON.stringify(cell.origin ?? null)}`;
  if (typeof cell === "string") return `"${cell.length} ${JSON.stringify(cell)}`;
  return Object.is(cell, -0) ? "-0" : `${cell}`;
}
