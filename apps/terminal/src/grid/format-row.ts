/**
 * One row of the grid as one styled string of exactly `viewport.width` cells.
 *
 *   ┌ fold ┐┌ label ───────┐┌mark┐┌ cell ────┐┌ cell ────┐ … ┌ trend ┐
 *    ▾       net_revenue      =    1140.00   [ 1254.00 ]      ▁▂▄▆█
 *
 * A cell is an opening sign, the value (right-aligned, with `▲` override or `Δ` changed before it), and a closing
 * sign: brackets around the current cell, `~` behind a value whose loop has not converged (before it within brackets).
 * So every state has a sign of its own and colour only repeats it.
 *
 * Pure: the same arguments give the same string, which is what lets a row that did not change cost nothing.
 * Cost: linear in the width.
 */
import { isErrorValue } from "@reckon/value";
import { cutEnd, padEnd, widthOf } from "../screen/text-width.ts";
import type { Theme, Tone } from "../screen/theme.ts";
import { alignCell, fitScalar, fittingDecimals, type NumberStyle } from "./cell-text.ts";
import type { CellView, GridViewport, RowMark, RowView } from "./row-view.ts";

/** Cells between the name and the first value: a space, the mark, a space. */
export const markWidth = 3;
/** The fold sign before the name. */
export const foldWidth = 1;

/** The sign before a value. */
export const signWidth = 1;

/** The current row's cursor column, or undefined on every other row. Counted from the first visible column. */
export type RowCursor = number | undefined;

export function formatRow(row: RowView, viewport: GridViewport, cursor: RowCursor, theme: Theme): string {
  if (row.kind === "blank") return "";
  if (row.kind === "check") return formatCheck(row, viewport.width, cursor !== undefined, theme);
  const head = formatHead(row, viewport, cursor !== undefined, theme);
  if (row.kind === "block") return head + formatNote(row, viewport, theme);
  let cells = "";
  let run = "";
  let runTone: Tone = "plain";
  let isAnyCell = false;
  const style = numberStyle(row, viewport.cellWidth);
  for (let i = 0; i < viewport.columns.length; i++) {
    const cell = row.cells[i];
    if (cell !== undefined) isAnyCell = true;
    const [tone, text] = formatCell(cell, row, style, viewport.cellWidth, cursor === i, theme);
    // Neighbours of one tone share its codes: fewer bytes a frame.
    if (tone !== runTone) {
      cells += theme.paint(runTone, run);
      run = "";
      runTone = tone;
    }
    run += text;
  }
  cells += theme.paint(runTone, run);
  if (!isAnyCell && row.note !== "") return head + formatNote(row, viewport, theme);
  const used = foldWidth + viewport.labelWidth + markWidth + viewport.columns.length * viewport.cellWidth;
  const gap = Math.max(0, viewport.width - used - viewport.trendWidth);
  const trend = viewport.trendWidth > 0 ? padEnd(` ${row.trend}`, viewport.trendWidth) : "";
  return head + cells + theme.paint(trend === "" ? "plain" : "dim", trend + " ".repeat(gap));
}

function formatHead(row: RowView, viewport: GridViewport, isCurrent: boolean, theme: Theme): string {
  const { glyphs } = theme;
  const fold = row.fold === "none" ? " " : row.fold === "open" ? glyphs.open : glyphs.folded;
  const indent = " ".repeat(row.depth * 2);
  const name = padEnd(indent + row.label, viewport.labelWidth, glyphs.ellipsis);
  const tone: Tone = row.kind === "block" ? "heading" : isCurrent ? "bold" : "plain";
  // On a row without a cell under the cursor the name itself carries it.
  const isNameCursor = isCurrent && row.cells.every((cell) => cell === undefined);
  return fold + theme.paint(isNameCursor ? "cursor" : tone, name) + formatMark(row.mark, theme);
}

/** A check has no cells: its sign, its name in full and what it says. */
function formatCheck(row: RowView, width: number, isCurrent: boolean, theme: Theme): string {
  const hasFailed = row.mark === "error";
  const sign = theme.paint(hasFailed ? "error" : "good", hasFailed ? theme.glyphs.error : theme.glyphs.pass);
  const label = cutEnd(row.label, Math.max(0, width - 6), theme.glyphs.ellipsis);
  const room = Math.max(0, width - 5 - widthOf(label));
  const note = padEnd(`  ${row.note}`, room, theme.glyphs.ellipsis);
  const name = theme.paint(isCurrent ? "cursor" : "plain", label);
  return width < 8
    ? padEnd(`  ${label}`, width)
    : `   ${sign} ${name}${theme.paint(hasFailed ? "error" : "dim", note)}`;
}

function formatMark(mark: RowMark, theme: Theme): string {
  const { glyphs } = theme;
  switch (mark) {
    case "input":
      return theme.paint("dim", "in ");
    case "formula":
      return theme.paint("dim", " = ");
    case "loop":
      return theme.paint("accent", ` ${glyphs.loop} `);
    case "computing":
      return theme.paint("accent", ` ${glyphs.computing} `);
    case "error":
      return theme.paint("error", ` ${glyphs.error} `);
    case "none":
      return "   ";
  }
}

/** The rest of the line behind the name. */
function formatNote(row: RowView, viewport: GridViewport, theme: Theme): string {
  const width = viewport.width - foldWidth - viewport.labelWidth - markWidth;
  return theme.paint("dim", padEnd(row.note, width, theme.glyphs.ellipsis));
}

function toneOf(cell: CellView, row: RowView): Tone {
  if (isErrorValue(cell.value)) return "error";
  if (cell.state !== "fresh") return "dim";
  if (cell.isOverridden) return "override";
  return row.mark === "input" ? "input" : "plain";
}

/** The sign before the value; an override stays visible while its cell flashes. */
function signOf(cell: CellView, theme: Theme): string {
  if (cell.flash !== "none") return theme.glyphs.changed;
  if (cell.isOverridden) return theme.glyphs.override;
  if (cell.state === "pending") return theme.glyphs.computing;
  if (cell.state === "stale") return theme.glyphs.dirty;
  return "";
}

/** How all of a row's numbers are shown: where the widest does not fit, each gives up decimals with it. */
function numberStyle(row: RowView, cellWidth: number): NumberStyle {
  const room = cellWidth - 2 - signWidth;
  if (row.pattern !== undefined || row.widest <= room) return row;
  const values = row.cells.map((cell) => cell?.value ?? null);
  return { decimals: fittingDecimals(values, room, row.decimals) };
}

function formatCell(
  cell: CellView | undefined,
  row: RowView,
  style: NumberStyle,
  width: number,
  isCursor: boolean,
  theme: Theme,
): readonly [Tone, string] {
  const { glyphs } = theme;
  if (cell === undefined)
    return isCursor ? ["cursor", `[${" ".repeat(width - 2)}]`] : ["plain", " ".repeat(width)];
  // The brackets of the cursor take the place behind the value.
  const sign = signOf(cell, theme) + (isCursor && cell.isUnconverged ? glyphs.unconverged : "");
  const room = width - 2;
  const isSame = row.isDifference && cell.value === 0;
  const plus = row.isDifference && typeof cell.value === "number" && cell.value > 0 ? "+" : "";
  const value = isSame
    ? glyphs.same
    : plus + fitScalar(cell.value, room - widthOf(sign) - plus.length, style, glyphs.ellipsis);
  const isText = typeof cell.value === "string";
  const text = isText ? padEnd(sign + value, room) : alignCell(cutEnd(sign + value, room), room);
  const close = isCursor ? "]" : cell.isUnconverged ? glyphs.unconverged : " ";
  const whole = `${isCursor ? "[" : " "}${text}${close}`;
  if (isCursor) return ["cursor", whole];
  if (cell.flash === "new") return ["flash", whole];
  if (cell.flash === "late") return ["flash-late", whole];
  return [toneOf(cell, row), whole];
}

/** The line of column labels; the current column is marked with `>`. */
export function formatColumnLabels(
  title: string,
  viewport: GridViewport,
  cursor: RowCursor,
  theme: Theme,
): string {
  const head = " ".repeat(foldWidth) + padEnd(title, viewport.labelWidth + markWidth, theme.glyphs.ellipsis);
  let labels = "";
  for (let i = 0; i < viewport.columns.length; i++) {
    const label = viewport.columns[i] as string;
    const text = cutEnd(cursor === i ? `>${label}` : label, viewport.cellWidth - 1, theme.glyphs.ellipsis);
    const cell = `${alignCell(text, viewport.cellWidth - 1)} `;
    labels += cursor === i ? theme.paint("bold", cell) : theme.paint("dim", cell);
  }
  const trend = viewport.trendWidth > 0 ? theme.paint("dim", padEnd(" trend", viewport.trendWidth)) : "";
  const used = widthOf(head) + viewport.columns.length * viewport.cellWidth + viewport.trendWidth;
  return theme.paint("dim", head) + labels + trend + " ".repeat(Math.max(0, viewport.width - used));
}
