/**
 * Lines of cells under each other: labels to the left, values right-aligned, what does not fit the width folded away
 * from the middle, with `…` in its place, so that the first cells and the last one stay visible.
 *
 * A table may be larger than memory: its lines are gone through twice, for the widths and for the texts, and a text is
 * made when it is written.
 */
import stringWidth from "string-width";

export interface TextLine {
  readonly label: string;
  /** One per column, or none for a heading. */
  readonly cells: readonly string[];
}

/** Cells of one line whose texts are made when somebody asks for them. */
export interface CellTexts {
  readonly length: number;
  readonly textAt: (at: number) => string;
  readonly widthAt: (at: number) => number;
}

export interface LazyLine {
  readonly label: string;
  /** One per column, or none for a heading. */
  readonly cells: CellTexts;
}

export interface LazyTable {
  readonly header: CellTexts;
  /** The lines from the first one on, each time it is called. */
  readonly lines: () => Iterable<LazyLine>;
}

export interface Folding {
  /** Positions shown, ascending; `null` stands for the fold. */
  readonly shown: readonly (number | null)[];
}

const gap = "  ";
const fold = "…";
const labelWidthMin = 8;
const labelWidthMax = 32;

/** Which of `count` columns of these widths fit into `room` cells, each with a gap before it. */
export function foldColumns(widths: ArrayLike<number>, room: number): Folding {
  const all = Array.from(widths, (_, i) => i);
  let total = 0;
  for (const position of all) total += (widths[position] as number) + gap.length;
  if (total <= room || widths.length <= 1) return { shown: all };
  const last = widths.length - 1;
  let left = room - (widths[last] as number) - fold.length - 2 * gap.length;
  const head: number[] = [];
  for (const position of all.slice(0, -1)) {
    left -= (widths[position] as number) + gap.length;
    if (left < 0) break;
    head.push(position);
  }
  if (head.length === last) return { shown: all };
  return { shown: [...head, null, last] };
}

/**
 * Of `count` columns those that `foldColumns` can show within `width` cells: a column takes a cell and its gap at least.
 * Where some are left out, the others are too wide together, so that a fold stands where they were.
 */
export function foldCandidates(count: number, width: number): number[] {
  const most = Math.min(count, Math.floor(width / (1 + gap.length)) + 2);
  return Array.from({ length: most }, (_, i) => (i === most - 1 ? count - 1 : i));
}

/** Which of `count` rows to show when at most `rowsMax` may be: the first ones and the last few. */
export function foldRows(count: number, rowsMax: number): Folding {
  const all = Array.from({ length: count }, (_, i) => i);
  if (count <= rowsMax) return { shown: all };
  const tail = Math.min(3, Math.max(1, Math.floor(rowsMax / 4)));
  const head = Math.max(1, rowsMax - tail - 1);
  return { shown: [...all.slice(0, head), null, ...all.slice(count - tail)] };
}

/** The header and the lines as text lines within `width` cells. Columns are as wide as their widest cell. */
export function layTable(header: readonly string[], lines: readonly TextLine[], width: number): string[] {
  const lazy = lines.map(({ label, cells }) => ({ label, cells: givenCells(cells) }));
  const pieces = [...tablePieces({ header: givenCells(header), lines: () => lazy }, width)];
  return pieces.join("").split("\n").slice(0, -1);
}

export function givenCells(texts: readonly string[]): CellTexts {
  const textAt = (at: number): string => texts[at] ?? "";
  return { length: texts.length, textAt, widthAt: (at) => textWidth(textAt(at)) };
}

/** What is written at once is longer than this, and not much. */
const pieceLength = 32 * 1024;

/** A table's lines, each with a line end, in pieces that begin and end between cells. Cost: widths of all cells first. */
export function* tablePieces({ header, lines }: LazyTable, width: number): Generator<string> {
  const labelRoom = Math.max(labelWidthMin, Math.min(labelWidthMax, Math.floor(width / 2)));
  const widths = Int32Array.from({ length: header.length }, (_, i) => header.widthAt(i));
  const hasHeader = widths.some((headWidth) => headWidth > 0);
  let labelWidth = 0;
  for (const { label, cells } of lines()) {
    labelWidth = Math.max(labelWidth, textWidth(cutTo(label, labelRoom)));
    for (let i = 0; i < cells.length; i++) {
      const cellWidth = cells.widthAt(i);
      if (cellWidth > (widths[i] as number)) widths[i] = cellWidth;
    }
  }
  const { shown } = foldColumns(widths, width - labelWidth);
  const lay = (label: string, cells: CellTexts): Generator<string> =>
    linePieces(padTo(cutTo(label, labelRoom), labelWidth), cells, shown, widths);
  if (hasHeader) yield* lay("", header);
  for (const { label, cells } of lines()) yield* lay(label, cells);
}

/** One line. Spaces wait for what comes behind them: at its end there are none. */
function* linePieces(
  label: string,
  cells: CellTexts,
  shown: Folding["shown"],
  widths: Int32Array,
): Generator<string> {
  let piece = label.trimEnd();
  let spaces = label.length - piece.length;
  const hasFold = cells.length > 0;
  for (const position of shown) {
    const cell = position === null ? (hasFold ? fold : " ") : cells.textAt(position);
    const columnWidth = position === null ? fold.length : (widths[position] as number);
    const text = cell.trimEnd();
    spaces += gap.length + Math.max(0, columnWidth - textWidth(cell));
    if (text !== "") {
      piece += " ".repeat(spaces) + text;
      spaces = 0;
    }
    spaces += cell.length - text.length;
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}\n`;
}

/** The cells of a screen that a text takes. */
export function textWidth(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text);
}

/** The width of the widest text; 0 of none. (A call with an argument each would overflow the stack.) */
export function widestOf(texts: readonly string[]): number {
  return texts.reduce((widest, text) => Math.max(widest, textWidth(text)), 0);
}

/** The text filled up with spaces to `width` cells; a wide character counts two. */
export function padTo(text: string, width: number, side: "start" | "end" = "end"): string {
  const spaces = " ".repeat(Math.max(0, width - textWidth(text)));
  return side === "start" ? spaces + text : text + spaces;
}

/** The text within `width` cells, cut with `…` where it is longer. */
export function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let cut = "";
  for (const char of text) {
    if (stringWidth(cut + char) > width - 1) break;
    cut += char;
  }
  return `${cut}…`;
}
