/**
 * The values of one entity as they were kept, against those of computing it again.
 *
 * Numbers are equal with equal bits (−0 is not 0), texts and booleans as they are, errors with code, origin and detail. Cells in or
 * behind loops may differ by the loop's tolerance: both results may be that far from the solution, on either side. Which
 * these are is asked for only where bits differ.
 */
import { isErrorValue, type Scalar } from "@reckon/value";
import type { ResultBlock } from "../evaluation/result-block.ts";

interface RowDifference {
  readonly attribute: string;
  /** Labels of the cell along the attribute's axes. */
  readonly at: readonly string[];
  readonly expected: string;
  readonly found: string;
}

export interface RowComparison {
  /** The first that differs. */
  readonly difference?: RowDifference;
  /** Cells whose bits differ within a tolerance. */
  readonly toleratedCells: number;
}

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** A row of a block. */
export interface BlockRow {
  readonly block: ResultBlock;
  readonly row: number;
}

/** Both blocks have the same attributes, or the first that differs is the difference. */
export function compareRows(
  expected: BlockRow,
  found: BlockRow,
  toleranceOf: (attribute: string) => Tolerance | undefined,
): RowComparison {
  let toleratedCells = 0;
  for (const [i, { id, axes }] of expected.block.attributes.entries()) {
    const cells = expected.block.cells(i);
    const other = found.block.attributes.findIndex((each) => each.id === id);
    if (other < 0 || found.block.cells(other) !== cells)
      return {
        difference: { attribute: id, at: [], expected: `${cells} cells`, found: "another shape" },
        toleratedCells,
      };
    for (let cell = 0; cell < cells; cell++) {
      const right = expected.block.get(i, expected.row, cell);
      const kept = found.block.get(other, found.row, cell);
      if (isSame(right, kept)) continue;
      if (isNear(right, kept, toleranceOf(id))) toleratedCells++;
      else {
        const at = labelsOf(axes, cell);
        return {
          difference: { attribute: id, at, expected: cellText(right), found: cellText(kept) },
          toleratedCells,
        };
      }
    }
  }
  return { toleratedCells };
}

/** A value with all its digits; errors with what they tell. */
export function cellText(value: Scalar): string {
  if (value === null) return "blank";
  if (isErrorValue(value)) {
    const { code, origin, detail } = value;
    const from = origin === undefined ? "" : ` from ${[origin.attribute, ...origin.at].join(" ")}`;
    return `${code}${from}${detail === undefined ? "" : ` (${detail})`}`;
  }
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value).toUpperCase();
}

function isSame(a: Scalar, b: Scalar): boolean {
  if (isErrorValue(a) && isErrorValue(b)) return cellText(a) === cellText(b);
  return Object.is(a, b);
}

/** Each may be a tolerance away from the solution. */
const sides = 2;

function isNear(a: Scalar, b: Scalar, tolerance: Tolerance | undefined): boolean {
  if (tolerance === undefined || typeof a !== "number" || typeof b !== "number") return false;
  const size = Math.max(Math.abs(a), Math.abs(b));
  return Math.abs(a - b) <= sides * Math.max(tolerance.absolute, tolerance.relative * size);
}

function labelsOf(axes: readonly { readonly labels: readonly string[] }[], cell: number): readonly string[] {
  const labels: string[] = [];
  let rest = cell;
  for (const axis of axes.toReversed()) {
    labels.unshift(axis.labels[rest % axis.labels.length] ?? "");
    rest = Math.floor(rest / axis.labels.length);
  }
  return labels;
}
