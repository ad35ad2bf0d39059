/**
 * Tables of figures with a bar behind each line, for windows of any width: columns without a figure are left out; where it is narrow the
 * bars get shorter, then go, and then the columns that say least, in the order that is given.
 */
import { barOf } from "./runs-charts.ts";
import { cutTo, layTable, type TextLine, textWidth, widestOf } from "./text-table.ts";

export interface BarLine extends TextLine {
  /** How long its bar is, from 0 to 1; absent: none. */
  readonly bar?: number;
}

export interface BarTable {
  readonly header: readonly string[];
  readonly lines: readonly BarLine[];
  /** Names in the header, the first to go first. */
  readonly leaves: readonly string[];
}

const barWidthMax = 20;
const barWidthMin = 5;
const gapWidth = 2;

export function layBars(table: BarTable, width: number): string[] {
  const { header, lines } = fitting(table, width);
  const figures = lines.filter(({ cells }) => cells.length > 0);
  const [head, ...laid] = layTable(header, figures, width);
  const at = widestOf([head ?? "", ...laid]) + gapWidth;
  const room = Math.min(barWidthMax, width - at);
  const texts = laid.map((line, i) => {
    const bar = figures[i]?.bar;
    if (bar === undefined || room < barWidthMin) return line;
    return `${line}${" ".repeat(at - textWidth(line))}${barOf(bar, 1, room)}`.trimEnd();
  });
  // A heading takes the line it has, whatever stands in the columns.
  const below = lines.map(({ label, cells }) =>
    cells.length === 0 ? cutTo(label, width) : (texts.shift() as string),
  );
  return [head ?? "", ...below];
}

/** Without empty columns, and without as many of those that may go as have to. */
function fitting({ header, lines, leaves }: BarTable, width: number): Pick<BarTable, "header" | "lines"> {
  const gone = header.filter((_, i) => lines.every(({ cells }) => (cells[i] ?? "") === ""));
  let left = without(header, lines, gone);
  for (const name of leaves) {
    if (naturalWidth(left) <= width) break;
    gone.push(name);
    left = without(header, lines, gone);
  }
  return left;
}

function without(
  header: readonly string[],
  lines: readonly BarLine[],
  gone: readonly string[],
): Pick<BarTable, "header" | "lines"> {
  const stays = header.map((name) => !gone.includes(name));
  return {
    header: header.filter((_, i) => stays[i]),
    lines: lines.map((line) => ({ ...line, cells: line.cells.filter((_, i) => stays[i]) })),
  };
}

function naturalWidth({ header, lines }: Pick<BarTable, "header" | "lines">): number {
  const columns = header.map((name, i) => widestOf([name, ...lines.map(({ cells }) => cells[i] ?? "")]));
  const labels = lines.filter(({ cells }) => cells.length > 0).map(({ label }) => label);
  return columns.reduce((sum, each) => sum + gapWidth + each, widestOf(labels));
}
