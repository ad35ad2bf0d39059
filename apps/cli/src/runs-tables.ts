/** What `reckon runs` prints for people: tables with small charts. The figures behind them are `--json`. */
import type {
  FailureRow,
  ForgetOutcome,
  Quantiles,
  RunDetails,
  RunRow,
  StrategyRow,
  WorkerRow,
} from "@reckon/batch";
import { bytesText } from "@reckon/plan";
import { type BarLine, layBars } from "./bar-table.ts";
import { costText, countText, percentText, spanText } from "./figure-texts.ts";
import { barOf, sparkline } from "./runs-charts.ts";
import { shownText } from "./shown-text.ts";
import { cutTo, padTo, widestOf } from "./text-table.ts";

const barWidth = 20;
const sparkWidth = 24;

/** A line a run, newest first; below them the time of an entity over those that have ended. */
export function listText(runs: readonly RunRow[], width: number): string {
  const header = ["state", "entities", "time", "strategy", "model"];
  const lines = runs.map((run) => ({
    label: run.run,
    cells: [run.state, entitiesText(run), spanText(run.wallMs), strategyText(run), run.model],
  }));
  const isOne = runs.every((run) => matterOf(run) === matterOf(runs[0] ?? run));
  // Entities of one model take other times than those of another.
  const chart = isOne ? overTime(runs) : undefined;
  const leaves = ["strategy", "entities", "time", "model"];
  return text([
    ...layBars({ header, lines, leaves: isOne ? ["model", ...leaves] : leaves }, width),
    ...(chart === undefined ? [] : ["", `time of an entity, run after run  ${chart}`]),
  ]);
}

function entitiesText({ counts }: RunRow): string {
  const failed = counts.failed + counts.invalid;
  return `${countText(counts.entities)}${failed === 0 ? "" : `, ${countText(failed)} failed`}`;
}

/** The time of an entity in runs that are given newest first; of less than two there is nothing to see. */
function overTime(runs: readonly RunRow[]): string | undefined {
  const times = runs.map(msPerEntity).filter((ms) => ms !== undefined);
  if (times.length < 2) return undefined;
  times.reverse();
  return `${sparkline(times, sparkWidth)}  ${spanText(times[0] ?? 0)} → ${spanText(times.at(-1) ?? 0)}`;
}

/** All of one run. */
export function showText(run: RunDetails, problems: number, width: number): string {
  const { counts, predictedMs, cost } = run;
  const ended = counts.succeeded + counts.failed + counts.invalid + counts.skipped;
  const open = counts.entities - ended;
  const rows: (readonly [string, string])[] = [
    ["state", `${run.state}${run.owner === undefined ? "" : `, by ${run.owner}`}`],
    ["source", shownText(run.source)],
    ["scenario", run.scenario],
    ["begun", `${atText(run.startedAtMs)}${run.sessions > 1 ? `, in ${run.sessions} sessions` : ""}`],
    ["entities", countsText(run, open)],
    ...(problems === 0 ? [] : [["rows", `${countText(problems)} are no entities`] as const]),
    ...(run.strategy === undefined
      ? []
      : [["strategy", `${strategyText(run)}, chunks of ${countText(run.chunkEntities)}`] as const]),
    [
      "time",
      `${spanText(run.wallMs)}${predictedMs === undefined ? "" : `, predicted ${spanText(predictedMs)}`}`,
    ],
    ["CPU", `${spanText(run.cpuMs)} for the chunks, busy ${percentText(run.utilisation)} of the time`],
    ["memory", run.memoryPeakBytes === 0 ? "–" : bytesText(run.memoryPeakBytes)],
    ...(cost === undefined ? [] : [["cost", costText(cost)] as const]),
    ["failed", percentText(run.failureShare)],
    ...(run.checksFailed === 0 ? [] : [["checks", `${countText(run.checksFailed)} failed`] as const]),
  ];
  const labelWidth = Math.max(...rows.map(([name]) => name.length));
  const facts = rows.map(([name, what]) => cutTo(`  ${name.padEnd(labelWidth)}  ${what}`, width));
  return [
    shownText(`${run.model} over ${run.axis} · ${run.run}`),
    ...facts,
    "",
    ...quantileLines(run.durationMs, run.waitMs, width),
    ...workerLines(run.workers, width),
    "",
  ].join("\n");
}

function countsText({ counts }: RunDetails, open: number): string {
  const { entities, succeeded, failed, invalid, skipped, retried, attempts } = counts;
  const parts = [
    [succeeded, "succeeded"],
    [failed, "failed"],
    [invalid, "invalid"],
    [skipped, "skipped"],
    [open, "open"],
    [retried, "retried"],
  ] as const;
  const told = parts
    .filter(([count], i) => i === 0 || count > 0)
    .map(([count, what]) => `${countText(count)} ${what}`);
  return `${countText(entities)}: ${told.join(", ")}; ${countText(attempts)} attempts`;
}

function quantileLines(duration: Quantiles, wait: Quantiles, width: number): readonly string[] {
  if (duration.count === 0) return [];
  const most = Math.max(duration.max, wait.max);
  const room = Math.max(0, Math.min(barWidth, width - 40));
  const lines = (["p50", "p95", "p99", "max"] as const).map((name) => {
    const bar = barOf(duration[name], most, room);
    return `  ${name}  ${spanText(duration[name]).padStart(9)}  ${spanText(wait[name]).padStart(9)}  ${bar}`.trimEnd();
  });
  return [`  ${" ".repeat(3)}  ${"an entity".padStart(9)}  ${"waited".padStart(9)}`, ...lines];
}

function workerLines(workers: readonly WorkerRow[], width: number): readonly string[] {
  if (workers.length === 0) return [];
  const most = Math.max(...workers.map(({ entities }) => entities));
  const lines = workers.map(({ worker, chunks, entities, cpuMs, memoryPeakBytes }) => ({
    label: `  ${shownText(worker)}`,
    cells: [countText(chunks), countText(entities), spanText(cpuMs), bytesText(memoryPeakBytes)],
    bar: most === 0 ? 0 : entities / most,
  }));
  const header = ["chunks", "entities", "CPU", "memory"];
  return ["", ...layBars({ header, lines, leaves: ["chunks", "memory", "CPU"] }, width)];
}

/** By model, axis and strategy, with the time of an entity over the runs, oldest first. */
export function compareText(
  strategies: readonly StrategyRow[],
  runs: readonly RunRow[],
  width: number,
): string {
  const matters = [...Map.groupBy(strategies, matterOf).values()];
  const lines = matters.flatMap((rows) => [
    { label: matterText(rows[0] as StrategyRow, strategies), cells: [] },
    ...rows.map((row) => strategyLine(row, Math.max(...rows.map(({ wallMsPerEntity }) => wallMsPerEntity)))),
  ]);
  const header = ["runs", "an entity", "speed-up", "failed", "prediction", "cost"];
  const nameWidth = widestOf(strategies.map(strategyName));
  const charts = matters.flatMap((rows) => {
    const drawn = rows.flatMap((row) => {
      const chart = overTime(runs.filter((run) => isOf(run, row)));
      return chart === undefined ? [] : [`  ${padTo(strategyName(row), nameWidth)}  ${chart}`];
    });
    return drawn.length === 0 ? [] : [matterText(rows[0] as StrategyRow, strategies), ...drawn];
  });
  return text([
    ...layBars({ header, lines, leaves: ["cost", "failed", "prediction", "runs"] }, width),
    ...(charts.length === 0 ? [] : ["", "time of an entity, run after run", ...charts]),
  ]);
}

function strategyLine(row: StrategyRow, most: number): BarLine {
  return {
    label: `  ${strategyName(row)}`,
    cells: [
      countText(row.runs),
      spanText(row.wallMsPerEntity),
      row.speedUp === undefined ? "" : `${row.speedUp.toFixed(2)} ×`,
      percentText(row.failureShare),
      row.predictionErrorShare === undefined ? "" : `${percentText(row.predictionErrorShare)} off`,
      row.costPerEntity === undefined ? "" : costText(row.costPerEntity),
    ],
    bar: most === 0 ? 0 : row.wallMsPerEntity / most,
  };
}

function strategyName({ strategy, concurrency }: StrategyRow): string {
  return `${strategy} ${concurrency}`;
}

type Matter = Pick<StrategyRow, "modelPath" | "axis">;

/** What is compared with each other: runs of one model over one axis. */
function matterOf({ modelPath, axis }: Matter): string {
  return JSON.stringify([modelPath, axis]);
}

/** With the file where another model has the name, too. */
function matterText({ model, modelPath, axis }: StrategyRow, all: readonly StrategyRow[]): string {
  const isAmbiguous = all.some((each) => each.model === model && each.modelPath !== modelPath);
  return shownText(`${model} over ${axis}${isAmbiguous ? ` (${modelPath})` : ""}`);
}

function isOf(run: RunRow, row: StrategyRow): boolean {
  return (
    matterOf(run) === matterOf(row) && run.strategy === row.strategy && run.concurrency === row.concurrency
  );
}

/** Wall time of an entity that was computed; `undefined` where the run has not ended, or computed none. */
function msPerEntity({ state, wallMs, counts }: RunRow): number | undefined {
  const computed = counts.entities - counts.skipped;
  return (state === "succeeded" || state === "failed") && computed > 0 ? wallMs / computed : undefined;
}

/** The entities that failed most often. */
export function failuresText(failures: readonly FailureRow[], width: number): string {
  const most = Math.max(...failures.map((row) => row.failures));
  const lines = failures.flatMap(({ key, failures: count, runs, code, attribute, message, lastAtMs }) => [
    `${shownText(key)}  ${countText(count)} ${count === 1 ? "time" : "times"} in ${countText(runs)} ${runs === 1 ? "run" : "runs"}  ${barOf(count, most, barWidth)}`.trimEnd(),
    cutTo(
      `  ${code}${attribute === undefined ? "" : ` in ${attribute}`}, ${atText(lastAtMs)}: ${shownText(message)}`,
      width,
    ),
  ]);
  return text(lines);
}

export function forgetText({ forgotten, kept }: ForgetOutcome): string {
  const lines = [`forgot ${countText(forgotten.length)} ${forgotten.length === 1 ? "run" : "runs"}`];
  for (const { run, because } of kept)
    lines.push(
      `kept ${run}: ${because === "held" ? "a process conducts it at the moment" : "a later run has taken values of it"}`,
    );
  return text(lines);
}

function text(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function strategyText({ strategy, concurrency }: RunRow): string {
  if (strategy === undefined) return "–";
  return strategy === "sequential" ? strategy : `${strategy} ${concurrency}`;
}

function atText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
