/**
 * Where everything stands on a screen of a given size. Small screens lose parts in a fixed order: under 80 columns
 * the side pane, under 60 all but one column (with details below the grid), under 12 rows the log and the rules.
 *
 *   header
 *   formula bar
 *   ───────────────┬──────
 *   column labels  │ pane
 *   rows …         │ …
 *   ───────────────┴──────
 *   log
 *   legend
 */
import { foldWidth, markWidth } from "../grid/format-row.ts";

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface LayoutWishes {
  readonly isPaneShown: boolean;
  /** Widest name with its indentation. */
  readonly labelWidth: number;
  readonly cellWidth: number;
  readonly columnCount: number;
  readonly hasTrend: boolean;
}

export interface Layout {
  readonly size: ScreenSize;
  /** Rows of the grid on the screen. */
  readonly gridRows: number;
  readonly gridWidth: number;
  /** 0: no pane. */
  readonly paneWidth: number;
  readonly labelWidth: number;
  readonly cellWidth: number;
  /** Columns of values on the screen. */
  readonly gridColumns: number;
  readonly trendWidth: number;
  /** Rules, log and legend are there. */
  readonly isTall: boolean;
  /** Lines of details below the grid, on narrow screens. */
  readonly detailRows: number;
}

const paneColumnsMin = 80;
const severalColumnsMin = 60;
const tallRowsMin = 12;
const trendColumns = 7;

export function layoutScreen(size: ScreenSize, wishes: LayoutWishes): Layout {
  const width = Math.max(1, size.columns);
  const isTall = size.rows >= tallRowsMin;
  const isNarrow = width < severalColumnsMin;
  const paneWidth =
    wishes.isPaneShown && width >= paneColumnsMin ? Math.min(44, Math.max(26, Math.floor(width * 0.28))) : 0;
  const gridWidth = paneWidth === 0 ? width : width - paneWidth - 1;
  const fixed = foldWidth + markWidth;
  const labelMax = Math.max(4, Math.floor(gridWidth * (isNarrow ? 0.5 : 0.34)) - fixed);
  const labelWidth = Math.max(Math.min(wishes.labelWidth, labelMax), Math.min(8, labelMax));
  const trendWidth = wishes.hasTrend && gridWidth >= 56 ? trendColumns : 0;
  const room = Math.max(0, gridWidth - fixed - labelWidth - trendWidth);
  const cellWidth = Math.max(3, Math.min(wishes.cellWidth, room));
  const fitting = Math.max(1, Math.floor(room / cellWidth));
  const gridColumns = Math.max(1, Math.min(isNarrow ? 1 : fitting, wishes.columnCount));
  // header, formula bar, column labels, status; tall screens add two rules and the legend
  const chrome = isTall ? 7 : 4;
  const detailRows = isNarrow && isTall ? Math.max(0, Math.min(6, Math.floor((size.rows - chrome) / 3))) : 0;
  const gridRows = Math.max(1, size.rows - chrome - detailRows);
  return {
    size,
    gridRows,
    gridWidth,
    paneWidth,
    labelWidth,
    cellWidth,
    gridColumns,
    trendWidth,
    isTall,
    detailRows,
  };
}
