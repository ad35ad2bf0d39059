/**
 * Searching a vector of cells, as MATCH, XMATCH and the look-ups do.
 *
 * A cell is only compared with a value of its own kind (number, text, boolean); blanks and errors never match. Exact
 * search goes through the cells in order; approximate search trusts that they are sorted and halves, passing over
 * cells of other kinds. Cost: the cells for the former, their logarithm for the latter.
 */
import type { Scalar } from "@reckon/value";
import { compareScalars } from "./compare.ts";
import { exactIndex, searchWork } from "./search-index.ts";
import { matchesWildcard, readWildcard } from "./wildcard.ts";

export type Direction = "first" | "last";

/** The index of a cell equal to `wanted`, texts in any case and, if `usesWildcards`, as patterns; −1 when there is none. */
export function findExact(
  cells: readonly Scalar[],
  wanted: Scalar,
  options: { readonly usesWildcards: boolean; readonly direction?: Direction },
): number {
  const key = keyToFind(wanted, options.usesWildcards);
  const index = key === undefined ? undefined : exactIndex(cells, options.direction ?? "first");
  if (index !== undefined) return index.get(key as Scalar) ?? -1;
  searchWork.cells += cells.length;
  const matches = equality(wanted, options.usesWildcards);
  if (options.direction === "last") {
    for (let i = cells.length - 1; i >= 0; i--) if (matches(cells[i] as Scalar)) return i;
    return -1;
  }
  return cells.findIndex(matches);
}

/** Under what an equal cell is found in an index; undefined for what is no matter of equality. */
function keyToFind(wanted: Scalar, usesWildcards: boolean): Scalar | undefined {
  const value = wanted ?? 0;
  if (typeof value === "string") {
    const isPattern = usesWildcards && /[*?~]/.test(value);
    return isPattern ? undefined : value.toLowerCase();
  }
  return typeof value === "object" || Number.isNaN(value) ? undefined : value;
}

/** The last cell at or below `wanted` in cells sorted upwards (or at or above it in cells sorted downwards); −1 if none. */
export function findSorted(
  cells: readonly Scalar[],
  wanted: Scalar,
  order: "ascending" | "descending",
): number {
  const value = wanted ?? 0;
  const sign = order === "ascending" ? 1 : -1;
  let low = 0;
  let high = cells.length - 1;
  let best = -1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    let at = middle;
    while (at <= high && !isOfKind(cells[at] as Scalar, value)) at++;
    if (at > high) {
      high = middle - 1;
      continue;
    }
    if (sign * compareScalars(cells[at] as Scalar, value) <= 0) {
      best = at;
      low = at + 1;
    } else high = middle - 1;
  }
  return best;
}

/** The index of the equal cell or else of the nearest below (`next` −1) or above (1) in any order of cells; −1 if none. */
export function findNearest(
  cells: readonly Scalar[],
  wanted: Scalar,
  next: -1 | 1,
  direction: Direction,
): number {
  const value = wanted ?? 0;
  let best = -1;
  for (let i = 0; i < cells.length; i++) {
    const at = direction === "first" ? i : cells.length - 1 - i;
    const cell = cells[at] as Scalar;
    if (!isOfKind(cell, value)) continue;
    const difference = compareScalars(cell, value) * next;
    if (difference === 0) return at;
    if (difference > 0 && (best < 0 || compareScalars(cell, cells[best] as Scalar) * next < 0)) best = at;
  }
  return best;
}

function equality(wanted: Scalar, usesWildcards: boolean): (cell: Scalar) => boolean {
  const value = wanted ?? 0;
  if (typeof value !== "string") return (cell) => cell === value;
  if (usesWildcards) {
    const pattern = readWildcard(value);
    if (pattern.hasWildcards || value.includes("~")) {
      return (cell) => typeof cell === "string" && matchesWildcard(pattern, cell);
    }
  }
  const lower = value.toLowerCase();
  return (cell) => typeof cell === "string" && (cell === value || cell.toLowerCase() === lower);
}

function isOfKind(cell: Scalar, value: Scalar): boolean {
  return cell !== null && typeof cell === typeof value && typeof cell !== "object";
}
