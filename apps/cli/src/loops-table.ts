/**
 * Loops for reading: a table with the worst solve of each loop (or all of them), and below it, for each loop that has
 * something to say, how it is declared, how its solves ended and what would help.
 *
 * In a narrow window the columns that say least go, never the verdict.
 */
import { ratioText, roundText, solveAdvice, solveText, startText, verdictText } from "@reckon/sheet";
import { cellName } from "./cell-labels.ts";
import { type Beginning, type CellSolutions, solutionCount, solvedCell } from "./loop-solutions.ts";
import { cutLines, loopTitle, membersOf, membersText } from "./loop-warnings.ts";
import type { LoopResult, LoopsResult } from "./loops-result.ts";
import type { Output } from "./output.ts";
import { residualLine } from "./residual-line.ts";
import { shortText } from "./scalar-text.ts";
import { cutTo, padTo, widestOf } from "./text-table.ts";

const sparkWidthMax = 17;
const gap = "  ";
/** Loops that were solved without a word to say are not all told one by one. */
const quietLoopsShownMax = 8;
const cellsShownMax = 5;
/** A loop's name gives way to the other columns down to this, or this share of the window. */
const loopWidthMin = 12;
const loopShare = 0.4;

interface Row {
  readonly loop: string;
  readonly at: string;
  readonly solves: string;
  readonly sweeps: string;
  readonly delta: string;
  readonly ratio: string;
  readonly verdict: string;
  readonly method: string;
  readonly residuals: string;
}

interface TableColumn {
  readonly key: keyof Row;
  readonly title: string;
  readonly side: "start" | "end";
  /** Those of the smallest go first where the window is narrow. */
  readonly worth: number;
}

const tableColumns: readonly TableColumn[] = [
  { key: "loop", title: "loop", side: "end", worth: 9 },
  { key: "at", title: "worst at", side: "end", worth: 7 },
  { key: "solves", title: "solves", side: "start", worth: 2 },
  { key: "sweeps", title: "sweeps", side: "start", worth: 5 },
  { key: "delta", title: "last delta", side: "start", worth: 6 },
  { key: "ratio", title: "ratio", side: "start", worth: 4 },
  { key: "verdict", title: "verdict", side: "end", worth: 8 },
  { key: "method", title: "method", side: "end", worth: 1 },
  { key: "residuals", title: "residuals", side: "end", worth: 3 },
];

/** The lines of one scenario. */
export function loopsLines(
  result: LoopsResult,
  { isAll, isNamed }: { readonly isAll: boolean; readonly isNamed: boolean },
  output: Output,
): string[] {
  const { loops } = result;
  const title = isNamed ? `${result.model} · ${result.scenario}` : result.model;
  const quiet = loops.filter((each) => !isTold(each));
  const shown = isAll
    ? loops
    : loops.filter((each) => isTold(each) || quiet.indexOf(each) < quietLoopsShownMax);
  const rows = shown.flatMap((each) => (isAll ? allRows(each) : [worstRow(each)]));
  const left = loops.length - shown.length;
  return [
    output.style("bold", cutTo(title, output.width)),
    "",
    ...tableLines(rows, isAll, output),
    ...(left > 0 ? [`… and ${left} more loops, all converged`] : []),
    ...shown.flatMap((each) => ["", ...loopText(each, output)]),
  ];
}

/** Whether there is more to say than that all solves converged. */
function isTold({ unsolved, worst }: LoopResult): boolean {
  return unsolved > 0 || solveAdvice(worst).length > 0;
}

function worstRow({ loop, outcomes, unsolved, worst }: LoopResult): Row {
  const solves = unsolved === 0 ? `${outcomes.length}` : `${unsolved} of ${outcomes.length}`;
  return rowOf(loopTitle(loop), worst, outcomes.length === 1 ? "" : solves);
}

/** In the order of the model: the table says each, so nothing must be found first. */
function allRows({ loop, outcomes }: LoopResult): Row[] {
  return outcomes
    .toSorted((a, b) => a.outer - b.outer || a.period - b.period)
    .map((outcome) => rowOf(loopTitle(loop), outcome, ""));
}

function rowOf(loop: string, solve: LoopResult["outcomes"][number], solves: string): Row {
  // What an error value stopped has moved by no amount.
  const isStopped = solve.verdict === "error";
  return {
    loop,
    at: solve.at.join(", "),
    solves,
    sweeps: String(solve.sweeps),
    delta: isStopped || !Number.isFinite(solve.lastDelta) ? "" : roundText(solve.lastDelta),
    ratio: solve.ratio === undefined || isStopped ? "" : ratioText(solve.ratio),
    verdict: verdictText(solve.verdict),
    method: solve.method + (solve.start === "warm" ? ", warm" : ""),
    residuals: residualLine(solve.residuals, solve.iterations, sparkWidthMax),
  };
}

function tableLines(rows: readonly Row[], isAll: boolean, output: Output): string[] {
  const titled = tableColumns.map((column) =>
    column.key === "at" && isAll ? { ...column, title: "at" } : column,
  );
  const widths = new Map(
    titled.map(({ key, title }) => [key, widestOf([title, ...rows.map((row) => row[key])])]),
  );
  const isUsed = ({ key }: TableColumn): boolean => rows.some((row) => row[key] !== "");
  const columns = titled.filter(isUsed);
  const total = (): number =>
    columns.reduce((sum, { key }) => sum + (widths.get(key) as number) + gap.length, -gap.length);
  if (total() > output.width) {
    const most = Math.max(loopWidthMin, Math.floor(output.width * loopShare));
    widths.set("loop", Math.min(most, widths.get("loop") as number));
  }
  while (columns.length > 2 && total() > output.width) {
    const least = columns.reduce((a, b) => (b.worth < a.worth ? b : a));
    columns.splice(columns.indexOf(least), 1);
  }
  const line = (cellOf: (column: TableColumn) => string): string =>
    columns
      .map((column) => {
        const width = widths.get(column.key) as number;
        return padTo(cutTo(cellOf(column), width), width, column.side);
      })
      .join(gap)
      .trimEnd();
  return [
    cutTo(
      line(({ title }) => title),
      output.width,
    ),
    ...rows.map((row) => {
      const text = cutTo(
        line(({ key }) => row[key]),
        output.width,
      );
      return row.verdict === "converged" ? text : output.style("yellow", text);
    }),
  ];
}

/** How the loop is declared, how its solves ended, what would help. */
function loopText(
  { loop, attributes, settings, outcomes, unsolved, worst }: LoopResult,
  output: Output,
): string[] {
  const members = worst.places === undefined ? attributes : membersOf(worst);
  const wrapped = (text: string, indent: string): string[] => wrapTo(text, output.width, indent);
  const { toleranceAbsolute, toleranceRelative, iterationsMax, method, damping } = settings;
  const unit = worst.unit === undefined ? "" : ` ${worst.unit}`;
  const tolerance = [
    ...(toleranceAbsolute > 0 ? [`${roundText(toleranceAbsolute)}${unit}`] : []),
    ...(toleranceRelative > 0 ? [`${roundText(toleranceRelative)} of the value`] : []),
  ].join(" and ");
  const declared = [
    `tolerance ${tolerance === "" ? "0" : tolerance}`,
    `limit ${iterationsMax}`,
    ...(method === "auto" ? [] : [`method ${method}`]),
    ...(damping === undefined ? [] : [`damping ${roundText(damping)}`]),
  ];
  const most = outcomes.reduce((max, { iterations }) => Math.max(max, iterations), 0);
  const place = outcomes.length === 1 ? "" : `${cellName("", worst.at)} `;
  const ended =
    unsolved > 0 && outcomes.length > 1
      ? [`${unsolved} of ${outcomes.length} solves did not converge`]
      : outcomes.length === 1
        ? []
        : [`${outcomes.length} solves converged, the longest in ${most} iterations`];
  return [
    ...wrapped(`${output.style("bold", loopTitle(loop))}: ${membersText(members)}`, "  "),
    ...wrapped(`  ${declared.join(", ")}`, "    "),
    ...ended.flatMap((text) => wrapped(`  ${text}`, "    ")),
    ...wrapped(`  ${place}${solveText(worst)}`, "    "),
    ...cutLines(worst.cuts, (cut) => `${startText(worst, cut)} to ${shortText(cut.value)}`).flatMap((text) =>
      wrapped(`  ${text}`, "    "),
    ),
    ...solveAdvice(worst).flatMap((text) => wrapped(`  - ${text}`, "    ")),
  ];
}

/** What other first guesses have found: where all agree a line a loop, else the cells. */
export function solutionLines(
  cells: readonly CellSolutions[],
  from: readonly Beginning[],
  output: Output,
): string[] {
  const starts = from.filter((each) => each !== "declared");
  const loops = [...new Set(cells.map(({ loop }) => loop))];
  const lines = loops.flatMap((loop) => {
    const own = cells.filter((cell) => cell.loop === loop);
    const several = own.filter(({ solutions }) => solutions.length > 1);
    const count = own.length === 1 ? "" : ` in all ${own.length} cells`;
    if (several.length === 0) {
      const isSolved = own.every((cell) => solutionCount(cell) === 1);
      return [
        `${loopTitle(loop)}: ${isSolved ? "the same solution from every start" : "no solution from any start"}${count}`,
      ];
    }
    const most = Math.max(...own.map(solutionCount));
    const found = most > 1 ? `${most} solutions: the start chooses` : "not solved from every start";
    const rest = several.length - cellsShownMax;
    return [
      `${loopTitle(loop)}: ${found}, in ${several.length} of ${own.length} cells`,
      ...several.slice(0, cellsShownMax).flatMap((cell) => cellLines(cell)),
      ...(rest > 0 ? [`  … and ${rest} more`] : []),
    ];
  });
  return [
    "",
    `solved again from ${starts.join(", ")}`,
    ...lines.flatMap((line) => wrapTo(line, output.width, "    ")),
  ];
}

function cellLines(cell: CellSolutions): string[] {
  return [
    `  ${solvedCell(cell)}`,
    ...cell.solutions.map(({ value, verdict, from }) => {
      const starts = from
        .map((each) => (each === "declared" ? "the declared start" : String(each)))
        .join(", ");
      const what = verdict === "converged" ? shortText(value) : `${verdictText(verdict)}, no solution`;
      return `    ${what}  from ${starts}`;
    }),
  ];
}

/** Breaks at spaces; lines behind the first begin with the indent. A word that is too long is cut. */
function wrapTo(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  const lead = /^ */.exec(text)?.[0] ?? "";
  let line = lead;
  let isEmpty = true;
  for (const word of text.trim().split(" ")) {
    if (!isEmpty && widestOf([`${line} ${word}`]) > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line].map((each) => cutTo(each, Math.max(20, width)));
}
