/**
 * How far work is that is waited for: how many heavy formulas have their values, and about how long the others will take.
 *
 *   1. A formula counts as heavy while it is awaited and calls a module, says `heavy`, or waits for nothing but itself: then its
 *      work was sent. Those seen since there was nothing to wait for are the total.
 *   2. What is left is the larger of two estimates: what threads have in hand and in their queue, each as long as the mean so
 *      far, over the threads; and what the formulas were measured to take before, less the time gone by.
 *
 * It looks when it is asked, and costs nothing in between. Cost of a look: the formulas of the model, in each scenario.
 */
import type { NodeId, State } from "@reckon/engine";
import type { CheckedFormula, CheckedModel } from "@reckon/model";
import type { ScenarioName, Sheet } from "@reckon/sheet";
import { isErrorValue, type Scalar } from "@reckon/value";
import type { Runtime, RuntimeStats } from "./runtime.ts";

export interface WorkNow {
  /** Heavy formulas that have their values, of so many since the work began. */
  readonly done: number;
  readonly total: number;
  /** Absent where nothing is known of what is left. */
  readonly leftMs?: number;
  /** Since it was first looked at. */
  readonly elapsedMs: number;
  /** What each thread is at, and for how long. */
  readonly threads: readonly { readonly thread: number; readonly runs: string; readonly forMs: number }[];
  /** Tasks and calls that no thread has begun. */
  readonly queued: number;
}

/** With larger models only what is known to be heavy is looked at. */
const lookedAtMax = 5_000;

export class WorkProgress {
  private readonly sheet: Sheet;
  private readonly stats: () => RuntimeStats;
  private readonly now: () => number;
  private readonly seen = new Set<string>();
  private candidates:
    | { readonly model: CheckedModel; readonly formulas: readonly CheckedFormula[] }
    | undefined;
  private began = 0;

  constructor(sheet: Sheet, runtime: Pick<Runtime, "stats">, now: () => number = () => performance.now()) {
    this.sheet = sheet;
    this.stats = runtime.stats;
    this.now = now;
  }

  /** `undefined`: nothing is awaited. What was awaited before is forgotten then. */
  look(scenarios: readonly ScenarioName[] = this.sheet.scenarios): WorkNow | undefined {
    const waiting = this.waiting(scenarios);
    if (waiting.length === 0) {
      this.rest();
      return undefined;
    }
    if (this.seen.size === 0) this.began = this.now();
    for (const { key } of waiting) this.seen.add(key);
    const elapsedMs = this.now() - this.began;
    const stats = this.stats();
    const leftMs = this.leftMs(waiting, stats, elapsedMs);
    const total = this.seen.size;
    return {
      done: total - waiting.length,
      total,
      elapsedMs,
      ...(leftMs === undefined ? {} : { leftMs }),
      threads: (stats.workers?.counts.threads ?? []).flatMap(({ thread, runs, forMs = 0 }) =>
        runs === undefined ? [] : [{ thread, runs, forMs }],
      ),
      queued: stats.workers?.counts.queued ?? 0,
    };
  }

  /** Nothing is awaited: what comes next begins anew. For those who know without a look. */
  rest(): void {
    this.seen.clear();
  }

  private waiting(scenarios: readonly ScenarioName[]): Awaited[] {
    const { sheet } = this;
    const found: Awaited[] = [];
    const looked = new Set<State>();
    for (const name of new Set(["base", ...scenarios])) {
      const state = sheet.state(sheet.sharedWith(name) ?? name);
      if (state === undefined || looked.has(state)) continue;
      looked.add(state);
      for (const { id, weight, formula } of this.formulas()) {
        const node = sheet.plan.nodeOf(id);
        if (node === undefined || !isOwn(state, node) || state.statusOf(node) !== "pending") continue;
        const isInFlight = !sheet.engine
          .precedentsOf(node)
          .some((precedent) => precedent !== node && state.statusOf(precedent) === "pending");
        if (!isInFlight && weight !== "heavy" && !formula.callsModule) continue;
        // Of calls that were never all answered only the beginning was measured.
        const isFirst = formula.callsModule && isBusy(state.peek(node).get(0));
        const costMs = isFirst ? undefined : state.costOf(node);
        found.push({ key: `${name} ${id}`, isInFlight, callsModule: formula.callsModule, costMs });
      }
    }
    return found;
  }

  private formulas(): readonly CheckedFormula[] {
    const { model } = this.sheet;
    if (this.candidates?.model !== model) {
      const all = [...model.attributes.values()].filter((attribute) => attribute.kind === "formula");
      const formulas =
        all.length <= lookedAtMax
          ? all
          : all.filter(({ weight, formula }) => weight === "heavy" || formula.callsModule);
      this.candidates = { model, formulas };
    }
    return this.candidates.formulas;
  }

  private leftMs(waiting: readonly Awaited[], stats: RuntimeStats, elapsedMs: number): number | undefined {
    const { workers, calls } = stats;
    const lanes = Math.max(1, workers?.counts.threads.length ?? 0);
    const inFlight = waiting.filter(({ isInFlight }) => isInFlight);
    const behindMs = sumOf(waiting.filter((each) => !each.isInFlight)) / lanes;
    // Calls of one formula are under way at the same time: what it took before was the longest of them.
    const knownMs = Math.max(
      ...inFlight.map(({ costMs, callsModule }) => (callsModule ? (costMs ?? 0) : 0)),
      sumOf(inFlight.filter(({ callsModule }) => !callsModule)) / lanes,
    );
    // What takes longer than it is known to says nothing any more.
    const byCost = knownMs > elapsedMs ? knownMs - elapsedMs : undefined;
    const done = workers?.counts.done ?? 0;
    const doneMs = calls.sentMs + this.sheet.engine.figures().msElsewhere;
    const inHand = workers === undefined || done === 0 ? undefined : inHandMs(workers.counts, doneMs / done);
    const byThreads = inHand === undefined ? undefined : inHand / lanes;
    if (byCost === undefined && byThreads === undefined) return undefined;
    return Math.max(byCost ?? 0, byThreads ?? 0) + behindMs;
  }
}

interface Awaited {
  readonly key: string;
  /** Its own result is awaited, and nothing that it reads. */
  readonly isInFlight: boolean;
  readonly callsModule: boolean;
  readonly costMs: number | undefined;
}

function sumOf(awaited: readonly Awaited[]): number {
  return awaited.reduce((sum, { costMs = 0 }) => sum + costMs, 0);
}

function isBusy(value: Scalar): boolean {
  return isErrorValue(value) && value.code === "#BUSY!";
}

/** What reads a value through from below waits for nothing of its own. */
function isOwn(state: State, node: NodeId): boolean {
  return !("owns" in state) || (state as State & { owns: (node: NodeId) => boolean }).owns(node);
}

type Counts = NonNullable<RuntimeStats["workers"]>["counts"];

/** What runs for so many times the mean, and for more than a second, is of another kind than what was answered. */
const otherTimes = 4;

/** What the threads have still to do, if each task takes as long as they did on average; nobody knows where one does not. */
function inHandMs({ queued, threads }: Counts, meanMs: number): number | undefined {
  const longMs = Math.max(1_000, otherTimes * meanMs);
  if (threads.some(({ forMs = 0 }) => forMs > longMs)) return undefined;
  let ms = queued * meanMs;
  for (const { tasks, forMs = 0 } of threads) ms += Math.max(0, tasks * meanMs - Math.min(forMs, meanMs));
  return ms;
}

/** A time for people, in whole units: `40 s`, `3 min`, `2 h`; under a second `less than 1 s`. */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 1) return "less than 1 s";
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 99.5) return `${Math.round(minutes)} min`;
  return `${Math.round(minutes / 60)} h`;
}

/** `3 of 12 heavy formulas, about 40 s left`. */
export function workText({ done, total, leftMs, elapsedMs }: WorkNow): string {
  const formulas = `${done} of ${total} heavy ${total === 1 ? "formula" : "formulas"}`;
  if (leftMs === undefined) return `${formulas}, ${durationText(elapsedMs)} so far`;
  return `${formulas}, ${leftMs < 1000 ? "" : "about "}${durationText(leftMs)} left`;
}
