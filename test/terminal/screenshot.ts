/**
 * Makes docs/screen.svg from the real app: opens an example in a pseudo-terminal, presses some keys, and draws what the
 * terminal emulator then holds. Run after a build: `npx node test/terminal/screenshot.ts`.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { IBufferCell } from "@xterm/headless";
import { closeScreens, lineWith, openScreen } from "./screen.ts";

const columns = 120;
const rows = 30;
const cellWidth = 8.4;
const cellHeight = 18;
const margin = 12;
const background = "#16181d";
const foreground = "#d7dae0";
/** Visible on a white page and on a dark one. */
const border = "#4b5263";
/** The sixteen colours, the dark and the bright eight alike. */
const palette = ["#5c6370", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", foreground];

/** Arms of the line-drawing characters: to the left, right, top and bottom. */
const arms: Readonly<Record<string, string>> = {
  "─": "lr",
  "│": "tb",
  "├": "tbr",
  "└": "tr",
  "┬": "lrb",
  "┴": "lrt",
};
const bars = "▁▂▃▄▅▆▇█";

interface Style {
  readonly colour: string;
  readonly isReverse: boolean;
  readonly isBold: boolean;
  readonly isDim: boolean;
}
interface Run {
  readonly style: Style;
  readonly from: number;
  text: string;
  cells: number;
}

const folder = fileURLToPath(new URL("../../docs/examples/saas/", import.meta.url));
const out = fileURLToPath(new URL("../../docs/screen.svg", import.meta.url));

const screen = openScreen("saas.reckon", folder, { columns, rows });
await screen.until("the grid", (lines, text) => text.includes("mrr") && lines[0]?.includes("watch") === true);
// Two attributes folded, so that the loop is on the screen as well.
for (const name of ["price", "adds"]) {
  screen.press(`:go revenue.${name}\r`);
  await screen.until(name, (lines) => lines[1]?.includes(`${name}[SMB`) === true);
  screen.press("z");
  await screen.until("the fold", (lines) => lineWith(lines, ` ${name} `).includes("3 members"));
}
screen.press("3");
await screen.until("the scenario", (lines) => lines[0]?.includes("[3 upside") === true);
screen.press(":set debt.rate[2027-04] = 9%\r");
await screen.until("the edit", (_lines, text) => text.includes("recalculated"));
screen.press(":go debt.closing[2027-05]\r");
await screen.until("the cell", (lines) => lines[1]?.includes("closing[2027-05]") === true);
await screen.until("the flash to end", (lines) =>
  lines.slice(4, -3).every((line) => !line.slice(0, 70).includes("Δ")),
);
writeFileSync(out, drawing());
closeScreens();
console.log(`wrote ${out}`);

/** One text for each run of cells of one style, a rectangle behind reversed ones, and the lines and bars. */
function drawing(): string {
  const parts: string[] = [];
  for (let row = 0; row < rows; row++) {
    parts.push(...shapesOf(row));
    for (const run of runsOf(row)) {
      const x = (margin + run.from * cellWidth).toFixed(1);
      const y = margin + row * cellHeight;
      const width = (run.cells * cellWidth).toFixed(1);
      const { isReverse, colour, isBold, isDim } = run.style;
      if (isReverse)
        parts.push(`<rect x="${x}" y="${y}" width="${width}" height="${cellHeight}" fill="${colour}"/>`);
      if (run.text.trim() === "") continue;
      const style = `${isBold ? ' font-weight="bold"' : ""}${isDim ? ' opacity="0.6"' : ""}`;
      const fill = isReverse ? background : colour;
      parts.push(
        `<text x="${x}" y="${y + 13.5}" textLength="${width}" fill="${fill}"${style}>${escaped(run.text)}</text>`,
      );
    }
  }
  const width = (columns * cellWidth + 2 * margin).toFixed(0);
  const height = rows * cellHeight + 2 * margin;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A model open in Reckon's terminal app">
<rect x="0.5" y="0.5" width="${Number(width) - 1}" height="${height - 1}" rx="8" fill="${background}" stroke="${border}"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
${parts.join("\n")}
</g>
</svg>
`;
}

function isShape(text: string): boolean {
  return text !== "" && (text in arms || bars.includes(text));
}

/** Lines and bars as shapes: no font is certain to fill its cell with them. */
function shapesOf(row: number): readonly string[] {
  const shapes: string[] = [];
  const y = margin + row * cellHeight;
  for (let column = 0; column < columns; column++) {
    const cell = screen.cellAt(row, column);
    const text = cell?.getChars() ?? "";
    if (cell === undefined || !isShape(text)) continue;
    const { colour, isDim } = styleOf(cell);
    const x = margin + column * cellWidth;
    const paint = `"${colour}"${isDim ? ' opacity="0.6"' : ""}`;
    const eighths = bars.indexOf(text) + 1;
    if (eighths > 0) {
      const height = ((cellHeight - 2) * eighths) / 8;
      const top = (y + cellHeight - height).toFixed(1);
      shapes.push(
        `<rect x="${x.toFixed(1)}" y="${top}" width="${cellWidth}" height="${height.toFixed(1)}" fill=${paint}/>`,
      );
      continue;
    }
    const [middleX, middleY] = [x + cellWidth / 2, y + cellHeight / 2];
    const ends: Readonly<Record<string, string>> = {
      l: `H${x.toFixed(1)}`,
      r: `H${(x + cellWidth).toFixed(1)}`,
      t: `V${y}`,
      b: `V${y + cellHeight}`,
    };
    const path = [...(arms[text] ?? "")]
      .map((arm) => `M${middleX.toFixed(1)} ${middleY}${ends[arm]}`)
      .join("");
    shapes.push(`<path d="${path}" stroke=${paint}/>`);
  }
  return shapes;
}

function runsOf(row: number): readonly Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < columns; column++) {
    const cell = screen.cellAt(row, column);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const style = styleOf(cell);
    const text = isShape(cell.getChars()) ? " " : cell.getChars() || " ";
    const last = runs.at(-1);
    if (last !== undefined && JSON.stringify(last.style) === JSON.stringify(style)) {
      last.text += text;
      last.cells += cell.getWidth();
    } else runs.push({ style, from: column, text, cells: cell.getWidth() });
  }
  return runs;
}

function styleOf(cell: IBufferCell): Style {
  const colour = cell.isFgDefault() ? foreground : (palette[cell.getFgColor() % 8] ?? foreground);
  return { colour, isReverse: cell.isInverse() > 0, isBold: cell.isBold() > 0, isDim: cell.isDim() > 0 };
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
