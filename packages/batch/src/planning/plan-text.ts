/** A plan as people read it: the sample, a line a strategy, and the choice with its reason. */
import { bytesText } from "@reckon/plan";
import type { BatchPlan, ChoiceReason, Prediction, SampleMeasure, StrategyName } from "../batch-plan.ts";
import { timeText } from "../time-text.ts";

/** Columns that go in a narrow window, the first to go first. */
const leaves = ["memory", "range", "chunk CPU", "chunk", "at once"];
const indent = "  ";
/** Of an entity: below that a sample tells nothing. */
const shownMsMin = 0.0001;

/**
 * Several lines, without the last line's end; in `width` cells, if that is given: columns that say less are left out, sentences broken.
 *
 * @example
 * ```ts
 * const sample = {
 *   entities: 15, chunks: 5, wallMs: 610, chunkMs: 1, entityMs: 40, entityMsMax: 45, entityMsSpread: 4, entityMsError: 1,
 *   saturation: 1, heavyShare: 0, callsAtOnce: 1, rowMs: 0.01, bytesPerEntity: 24, memoryPeakBytes: 0,
 *   cacheHitShare: 0, unchangedShare: 0,
 * };
 * const measures = { entities: 20, isEstimated: false, sample, machine: unmeasuredMachine };
 * console.log(planText(planBatch(measures, { strategy: "sequential" })));
 * ```
 */
export function planText(plan: BatchPlan, width: number = Number.POSITIVE_INFINITY): string {
  const { measures, predictions, breakEven } = plan;
  const lines = [sampleLine(measures.sample, measures.entities, measures.isEstimated)];
  if (plan.expectedUnchanged > 0)
    lines.push(`about ${countText(plan.expectedUnchanged)} are unchanged and not computed again`);
  if (plan.expectedCacheHits > 0)
    lines.push(`about ${countText(plan.expectedCacheHits)} are expected in the cache`);
  if (predictions.length > 1) lines.push("", ...table(predictions, plan.chosen, width));
  const evens = breakEven.map(
    ({ strategy, entities }) =>
      `${strategy} ${entities === undefined ? "never" : `from ${countText(entities)} entities`}`,
  );
  if (evens.length > 0) lines.push("", `break-even: ${evens.join(", ")}`);
  lines.push(choiceLine(plan));
  return lines
    .flatMap((line) => (line.length <= width || isRow(line) ? [line] : broken(line, width)))
    .join("\n");
}

/** One line for a session that goes on with the plan of an earlier one: what that was, and how the rest is computed if that differs. */
export function goingOnText(
  { chosen, predictedMs }: BatchPlan,
  { strategy, concurrency }: Pick<Prediction, "strategy" | "concurrency">,
): string {
  const said = (of: Pick<Prediction, "strategy" | "concurrency">): string =>
    `${of.strategy}${atOnceText(of.strategy, of.concurrency)}`;
  const [then, now] = [said(chosen), said({ strategy, concurrency })];
  const rest = then === now ? "" : `; the rest with ${now}`;
  const chunks = `chunks of ${countText(chosen.chunkEntities)}`;
  return `planned in an earlier session: ${then}, ${chunks}; all in all ${timeText(predictedMs)}${rest}`;
}

/** Rows of the table have been made to fit, if they can. */
function isRow(line: string): boolean {
  return /^[ →]/.test(line);
}

/** A space, but not the one before a unit. */
const unbroken = / (?!(?:µs|ms|s|min|h|[KMG]B|%)(?:\W|$))/;

/** At spaces. */
function broken(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let last = "";
  for (const word of line.split(unbroken)) {
    if (last.trim() !== "" && `${last} ${word}`.length > width) {
      lines.push(last);
      last = `${indent}${word}`;
    } else last = last === "" ? word : `${last} ${word}`;
  }
  return [...lines, last];
}

/** Why, as the end of a sentence. */
function reasonText(reason: ChoiceReason): string {
  switch (reason.code) {
    case "declared":
      return "as asked for";
    case "too-few":
      return reason.entities === 0
        ? "nothing is left after the sample"
        : "one entity is left after the sample";
    case "too-short":
      return `the rest takes ${timeText(reason.wallMs)}, too little for anything else`;
    case "saves-too-little":
      return reason.savedMs > 0
        ? `the best other saves ${timeText(reason.savedMs)}, and a change has to save ${timeText(reason.neededMs)}`
        : "nothing else is faster";
    case "uncertain":
      return `the best other saves ${timeText(reason.savedMs)} by the sample, and nothing if entities take as little as it allows`;
    case "fastest":
      return `${timeText(reason.savedMs)} less than sequential, ${reason.ratio.toFixed(2)} times as fast`;
    case "no-memory":
      return `a faster one would need ${bytesText(reason.neededBytes)}, more than 80 % of the ${bytesText(reason.freeBytes)} that are free`;
  }
}

function sampleLine(sample: SampleMeasure, entities: number, isEstimated: boolean): string {
  const of = `${isEstimated ? "about " : ""}${countText(entities)}`;
  const waits =
    sample.saturation < 0.5 ? `, ${Math.round((1 - sample.saturation) * 100)} % of it waiting` : "";
  return `sample: ${countText(sample.entities)} of ${of} ${entities === 1 ? "entity" : "entities"} in ${timeText(sample.wallMs)}; ${entityText(sample.entityMs)} an entity, ${timeText(sample.chunkMs)} a chunk${waits}`;
}

/** What is too little to be told from chunks that take as long whatever they hold is not nothing. */
function entityText(ms: number): string {
  return ms < shownMsMin ? `less than ${timeText(shownMsMin)}` : timeText(ms);
}

function choiceLine({ chosen, reason, predictedMs, predictions }: BatchPlan): string {
  const { strategy, concurrency, chunkEntities } = chosen;
  const isAlone = reason.code === "saves-too-little" && predictions.length === 1;
  const why = isAlone ? "nothing else was looked at" : reasonText(reason);
  const chunk = `chunks of ${countText(chunkEntities)}`;
  return `choice: ${strategy}${atOnceText(strategy, concurrency)}, ${chunk}: ${why}; all in all ${timeText(predictedMs)}`;
}

function atOnceText(strategy: StrategyName, concurrency: number): string {
  switch (strategy) {
    case "sequential":
      return "";
    case "inside":
    case "threads":
    case "cluster":
      return ` on ${concurrency} ${concurrency === 1 ? "thread" : "threads"}`;
  }
}

function table(predictions: readonly Prediction[], chosen: Prediction, width: number): readonly string[] {
  const hasCost = predictions.some(({ cost }) => cost !== undefined);
  const head = ["strategy", "at once", "chunk", "time", "range", "chunk CPU", "memory"];
  const rows = predictions.map((each) => [
    `${each === chosen ? "→ " : "  "}${each.strategy}`,
    String(each.concurrency),
    countText(each.chunkEntities),
    timeText(each.wallMs),
    `${timeText(each.wallMsLow)} to ${timeText(each.wallMsHigh)}`,
    timeText(each.cpuMs),
    bytesText(each.memoryBytes),
    ...(hasCost ? [costText(each.cost ?? 0)] : []),
  ]);
  const all = [[`  ${head[0]}`, ...head.slice(1), ...(hasCost ? ["cost"] : [])], ...rows];
  const widths = (all[0] ?? []).map((_, i) => Math.max(...all.map((row) => (row[i] ?? "").length)));
  const gone = new Set<number>();
  const total = (): number =>
    widths.reduce((sum, each, i) => (gone.has(i) ? sum : sum + each + (i === 0 ? 0 : indent.length)), 0);
  for (const name of leaves) {
    if (total() <= width) break;
    gone.add(head.indexOf(name));
  }
  return all.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .filter((_, i) => !gone.has(i))
      .join(indent)
      .trimEnd(),
  );
}

function costText(cost: number): string {
  return cost === 0 ? "0" : cost >= 1 ? cost.toFixed(2) : cost.toPrecision(2);
}

function countText(count: number): string {
  return count.toLocaleString("en-US");
}
