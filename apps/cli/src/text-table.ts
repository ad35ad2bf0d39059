/**
 * Lines of cells under each other: labels to the left, values right-aligned, what does not fit the width folded away
 * from the middle, with `…` in its place, so that the first cells and the last one stay visible.
 */
import stringWidth from "string-width";

export interface TextLine {
  readonly label: string;
  /** One per column, or none for a heading. */
  readonly cells: readonly string[];
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
export function foldColumns(widths: readonly number[], room: number): Folding {
  const all = widths.map((_, i) => i);
  const total = widths.reduce((sum, width) => sum + width + gap.length, 0);
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
  const labelRoom = Math.max(labelWidthMin, Math.min(labelWidthMax, Math.floor(width / 2)));
  const labels = lines.map((line) => cutTo(line.label, labelRoom));
  const labelWidth = widestOf(labels);
  const widths = header.map((head, i) =>
    Math.max(stringWidth(head), widestOf(lines.map((line) => line.cells[i] ?? ""))),
  );
  const { shown } = foldColumns(widths, width - labelWidth);
  const lay = (label: string, cells: readonly string[]) => {
    let text = label + " ".repeat(labelWidth - stringWidth(label));
    for (const position of shown) {
      const cell = position === null ? (cells.length > 0 ? fold : " ") : (cells[position] ?? "");
      const columnWidth = position === null ? fold.length : (widths[position] as number);
      text += gap + " ".repeat(Math.max(0, columnWidth - stringWidth(cell))) + cell;
    }
    return text.trimEnd();
  };
  const laid = lines.map((line, i) => lay(labels[i] as string, line.cells));
  return header.some((head) => head !== "") ? [lay("", header), ...laid] : laid;
}

/** The width of the widest text; 0 of none. (A call with an argument each would overflow the stack.) */
export function widestOf(texts: readonly string[]): number {
  return texts.reduce((widest, text) => Math.max(widest, stringWidth(text)), 0);
}

/** The text filled up with spaces to `width` cells; a wide character counts two. */
export function padTo(text: string, width: number, side: "start" | "end" = "end"): string {
  const spaces = " ".repeat(Math.max(0, width - stringWidth(text)));
  return side === "start" ? spaces + text : text + spaces;
}

/** The text within `width` cells, cut with `…` where it is longer. */
export function cutTo(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let cut = "";
  for (const char of text) {
    if (stringWidth(cut + char) > width - 1) break;
    cut += char;
  }
  return `${cut}…`;
}
