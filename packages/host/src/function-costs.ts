/**
 * What one call of each module function takes, as a moving estimate in ms, and what follows from it.
 *
 *   1. The first calls are made in place and timed: three, of which the shortest counts, or one that took `longMs`. So a
 *      light function is neither sent nor looked up because its first call had to warm up.
 *   2. A function that is not worth a look at each call is timed now and then only.
 *   3. The estimate moves by a quarter of the way to each new time, of which no more counts than four times the estimate: a
 *      pause of the machine makes no function slow. Times from threads count as well.
 *
 * A function of another version is another function, since nobody knows what has changed in it.
 */
import type { DispatchCosts } from "@reckon/engine";

/** Below this nothing is looked up and nothing sent: a promise and a second evaluation of the cell cost some 20 µs. */
const worthMs = 0.5;
const longMs = 20;
const firstCalls = 3;
const sampledOneIn = 16;
const movedShare = 0.25;
const countedTimes = 4;
/** So that an estimate of nothing can grow. */
const countedMs = 0.05;
/** The share of a thread's time that computes when all of them do. */
const usedShare = 0.8;
/** Sending many calls has to save this much of what they take in place, and this many ms. */
const savedShareMin = 0.2;
const savedMsMin = 50;
/** One call by itself is worth sending, since the thread here stays free, when it takes so many times what sending takes. */
const singleTimes = 50;

export class FunctionCost {
  private ms: number | undefined;
  private calls = 0;

  /** From a run before. */
  constructor(known?: number) {
    this.ms = known;
    if (known !== undefined) this.calls = firstCalls;
  }

  /** In ms; `undefined` before the first call. */
  get estimate(): number | undefined {
    return this.ms;
  }

  /** Whether the next call is one of a light function, and not to be timed. */
  get isPassed(): boolean {
    if (this.calls < firstCalls || this.isWorth) return false;
    this.calls++;
    return this.calls % sampledOneIn !== 0;
  }

  /** Whether the next call is one of the first, which say whether more are worth it. */
  get isFirst(): boolean {
    return this.calls < firstCalls;
  }

  /** Whether a call is worth being looked up, or sent. */
  get isWorth(): boolean {
    const { ms } = this;
    return ms !== undefined && (ms >= longMs || (ms >= worthMs && this.calls >= firstCalls));
  }

  add(ms: number): void {
    if (!Number.isFinite(ms) || ms < 0) return;
    const before = this.ms;
    if (before === undefined) this.ms = ms;
    else if (this.calls < firstCalls) this.ms = Math.min(before, ms);
    else this.ms = before + (Math.min(ms, before * countedTimes + countedMs) - before) * movedShare;
    if (this.calls < firstCalls) this.calls++;
  }
}

/** Calls that are ready together. */
export interface Batch {
  readonly count: number;
  /** What they take in place, in ms. */
  readonly ms: number;
  /** What a thread needs before its first of them: loading modules. */
  readonly loadMs: number;
}

/** Whether sending the batch is expected to pay. */
export function isWorthSending({ count, ms, loadMs }: Batch, costs: DispatchCosts): boolean {
  const used = Math.min(costs.threads, count);
  const start = costs.spawnMs;
  const sent =
    start + loadMs + costs.roundTripMs + count * costs.perTaskMs + ms / Math.max(1, used * usedShare);
  if (ms - sent > Math.max(savedMsMin, savedShareMin * ms)) return true;
  return used === 1 && ms >= singleTimes * (costs.roundTripMs + costs.perTaskMs + start + loadMs);
}
