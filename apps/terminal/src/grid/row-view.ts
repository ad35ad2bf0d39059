/**
 * What one row of the grid shows, as plain values: made by the session from the sheet, drawn by `formatRow`. Only
 * the cells of the visible columns are in it.
 */
import type { Scalar } from "@reckon/value";

/** How recently a cell changed: not, within 150 ms (reverse), within 600 ms (bold). */
export type Flash = "none" | "new" | "late";

export interface CellView {
  readonly value: Scalar;
  readonly flash: Flash;
  readonly isOverridden: boolean;
  /** The value is not there yet or is older than what it depends on. */
  readonly state: "fresh" | "pending" | "stale";
  readonly isUnconverged: boolean;
}

/** What stands between a row's name and its cells: what kind of attribute it is. */
export type RowMark = "input" | "formula" | "loop" | "computing" | "error" | "none";

export interface RowView {
  readonly kind: "block" | "attribute" | "member" | "check" | "blank";
  /** Without indentation. */
  readonly label: string;
  /** A quoted label, a unit, a list of axes: shown behind the name where cells leave room. */
  readonly note: string;
  readonly depth: number;
  readonly fold: "none" | "open" | "folded";
  readonly mark: RowMark;
  /** One for each visible column; absent where the row has no cell there. */
  readonly cells: readonly (CellView | undefined)[];
  /** Decimals that the row's numbers are shown with. */
  readonly decimals: number;
  /** Display format of its numbers in Excel's notation (`0.0%`); takes the place of `decimals`. */
  readonly pattern?: string;
  /** Cells that its widest value takes, in any column. */
  readonly widest: number;
  readonly trend: string;
  /** Values are differences against base. */
  readonly isDifference: boolean;
}

/** Which columns are visible and how wide everything is. */
export interface GridViewport {
  readonly labelWidth: number;
  readonly cellWidth: number;
  /** Labels of the visible columns. */
  readonly columns: readonly string[];
  /** 0 hides the trend. */
  readonly trendWidth: number;
  /** Whole width of a row. */
  readonly width: number;
}
