/** The table of one workload: engines by time, measure by measure, then what could not be measured and why. */
import { medianOf, quantileOf } from "../timing.ts";
import type { Workload } from "../workload.ts";
import { type Goal, goals, judge } from "./goals.ts";
import { countText, memoryText, percentText, ratioText, timeText } from "./quantities.ts";
import { ratiosOf } from "./ratios.ts";
import type { FigureResult, Result } from "./result.ts";

export interface Grid {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns after the first two are numbers. */
export function figureGrid(workload: Workload, results: readonly Result[]): Grid {
  const figures = results.filter((result): result is FigureResult => result.kind === "figure");
  const measures = Object.entries(workload.measures);
  const hasThreads = figures.some(({ ratios }) => ratios !== undefined);
  const rows = measures.flatMap(([measure, title]) =>
    figures
      .filter((figure) => figure.measure === measure)
      .sort((a, b) => b.size - a.size || a.ms - b.ms)
      .map((figure) => {
        const { bestPeer, toBestPeer, toFloor } = ratiosOf(figure, results);
        return [
          figure.engine,
          title,
          countText(figure.size),
          timeText(figure.ms),
          percentText(figure.spread),
          memoryText(figure.heapMb),
          figure.role === "peer" || bestPeer === undefined ? "" : `${ratioText(toBestPeer)} ${bestPeer}`,
          ratioText(toFloor),
          ...(hasThreads ? [spreadText(figure.ratios)] : []),
        ];
      }),
  );
  const head = [
    "engine",
    "measure",
    "size",
    "time",
    "spread",
    "keeps",
    "faster than the best peer",
    "of the floor",
    ...(hasThreads ? [workload.against ?? "to one thread"] : []),
  ];
  return { head, rows };
}

/** The median, with the tenth and the ninetieth percentile. */
function spreadText(ratios: readonly number[] | undefined): string {
  if (ratios === undefined) return "";
  const [least, middle, most] = [0.1, 0.5, 0.9].map((share) => quantileOf(ratios, share).toFixed(2));
  return `${middle}× (${least}–${most})`;
}

/** Why there is no figure: one line a reason, with the engines that it holds for. */
export function absences(results: readonly Result[]): string[] {
  const engines = new Map<string, string[]>();
  const note = (reason: string, engine: string) => {
    engines.set(reason, [...(engines.get(reason) ?? []), engine]);
  };
  for (const result of results) {
    if (result.kind === "failure") note(`${result.reason} at ${countText(result.size)}`, result.engine);
    // What our own engines leave to each other says nothing about a peer.
    if (result.kind === "refusal" && !/reckon|floor/.test(result.engine)) note(result.reason, result.engine);
  }
  return [...engines].map(([reason, names]) => `${names.join(", ")}: ${reason}`);
}

export function goalGrid(results: readonly Result[], label: (goal: Goal) => boolean): Grid {
  const rows = goals.filter(label).flatMap((goal) => {
    const judged = judge(goal, results);
    if (judged === undefined) return [];
    const { figure, ratios, missed } = judged;
    const part = (wanted: string | undefined, actual: string) =>
      wanted === undefined ? "" : `${actual} (${wanted})`;
    return [
      [
        `${goal.label} ${goal.engine}`,
        part(goal.ms === undefined ? undefined : `≤ ${timeText(goal.ms)}`, timeText(figure.ms)),
        part(goal.heapMb === undefined ? undefined : `≤ ${goal.heapMb} MB`, memoryText(figure.heapMb)),
        part(
          goal.peer === undefined ? undefined : `≥ ${countText(goal.peer)}×`,
          ratioText(ratios.toBestPeer) || "no peer at this size",
        ),
        goal.against === undefined
          ? part(goal.floor === undefined ? undefined : `≤ ${goal.floor}×`, ratioText(ratios.toFloor))
          : `${ratioText(medianOf(figure.ratios ?? []))} (≥ ${goal.against}×) in one run`,
        missed.length === 0 ? "reached" : `missed: ${missed.join(", ")}`,
      ],
    ];
  });
  return { head: ["goal", "time", "keeps", "against the best peer", "of the floor", ""], rows };
}

/** For a terminal: columns side by side, numbers to the right. */
export function gridText({ head, rows }: Grid, leftColumns: number): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    `  ${cells.map((cell, i) => (i < leftColumns ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ")}`.trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
}

export function gridMarkdown({ head, rows }: Grid, leftColumns: number): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, i) => (i < leftColumns ? "---" : "---:"));
  return [line(head), line(rule), ...rows.map(line)].join("\n");
}
