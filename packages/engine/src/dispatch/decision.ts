/**
 * Whether work is worth sending, by what sending costs on the machine (`DispatchCosts`) and what the work is estimated to
 * cost. Functions of numbers alone.
 *
 *   alone      a node is sent when its cost is 50 round trips and more, the way of its columns included, and no less than a
 *              thread takes to come
 *   together   T_pool = spawn + Σ cost / (threads × 0.8) + tasks × perTask + megabytes × perMegabyte
 *              is sent when T_pool is less than T_here by more than the largest of 20 %, 20 round trips and 1.5 spawns
 *
 * Why this margin: what is saved must stand out from what the prediction may be wrong by. While threads are still to come
 * that is the spread of coming, which is as large as coming itself (28 to 42 ms, at worst 122 ms), so 1.5 spawns are the
 * 50 ms that a cold start asks for. On threads that are there it is the spread of a round trip (its 99th percentile is
 * about five times its median), and 50 ms would forbid all that an edit of a live model sends again and again: a batch
 * of 20 ms is done in 12 there. 20 round trips, about half a millisecond, are well above the spread.
 *
 * When this thread takes part, it is one more, in the place of a thread that the machine has no room for, and gets the share that it finishes in the time that the others take.
 */
import type { DispatchCosts } from "../ports.ts";

/** Of a thread's time so much is work, beside the way, the waiting and what else the machine does. */
const threadShare = 0.8;
const lonelyRoundTrips = 50;
const marginShare = 0.2;
const marginRoundTrips = 20;
const marginSpawns = 1.5;
/** Less ready work than this is done here, whatever sending costs: nobody is asked what it does. */
export const askMs = 1;
/** What takes less is not worth looking at. */
export const floorMs = 0.01;

export interface Amount {
  /** The estimated cost of all of it. */
  readonly ms: number;
  readonly tasks: number;
  /** Of all columns that go and come back, each counted once. */
  readonly bytes: number;
}

/**
 * How many threads there is room for beside this one while it takes part; `undefined`: for all. More of them only take turns
 * with it: on two cores a batch took 0.62 of its time with two threads, each at three quarters of its speed, and 0.53 with one.
 */
export function threadsBeside(cores: number | undefined): number | undefined {
  return cores === undefined ? undefined : Math.max(1, cores - 1);
}

/** What sending costs when so many threads are used. */
export function costsBeside(
  costs: DispatchCosts | undefined,
  cores: number | undefined,
): DispatchCosts | undefined {
  const most = threadsBeside(cores);
  if (costs === undefined || most === undefined || costs.threads <= most) return costs;
  return { ...costs, threads: most };
}

/** How much of a thread this thread is while it takes part: all of one, unless the threads fill the machine. */
export function laneHere(costs: DispatchCosts, cores: number | undefined): number {
  if (cores === undefined) return 1;
  return Math.min(1, Math.max(0.25, cores - costs.threads * threadShare));
}

export function isWorthAlone(costs: DispatchCosts, { ms, bytes }: Omit<Amount, "tasks">): boolean {
  const way = costs.roundTripMs + wayMs(costs, bytes);
  return costs.threads > 0 && ms >= lonelyRoundTrips * way && ms >= costs.spawnMs;
}

/** What all of it takes on the threads and, if `lane` is not 0, on this one beside them. `ownMs`: this thread's work a task. */
export function togetherMs(costs: DispatchCosts, { ms, tasks, bytes }: Amount, lane = 0, ownMs = 0): number {
  const way = tasks * (costs.perTaskMs + ownMs) + wayMs(costs, bytes);
  const threads = costs.threads * threadShare;
  if (lane === 0) return costs.spawnMs + ms / threads + way;
  // Until the threads are there this one works alone.
  return Math.min(ms / lane, (ms + costs.spawnMs * threads) / (threads + lane)) + way;
}

/** Whether sending saves more than the margin. */
export function isWorthTogether(costs: DispatchCosts, amount: Amount, lane = 0, ownMs = 0): boolean {
  if (costs.threads <= 0) return false;
  return amount.ms - togetherMs(costs, amount, lane, ownMs) > marginMs(costs, amount.ms);
}

function marginMs({ roundTripMs, spawnMs }: DispatchCosts, hereMs: number): number {
  return Math.max(hereMs * marginShare, roundTripMs * marginRoundTrips, spawnMs * marginSpawns);
}

function wayMs({ perMegabyteMs }: DispatchCosts, bytes: number): number {
  return (bytes / 1e6) * perMegabyteMs;
}

/**
 * Of `hereMs` that wait here, beside `thereMs` that the threads have to do already: how much the threads get, so that all are
 * done at the same time.
 */
export function shareOfThreads(costs: DispatchCosts, hereMs: number, thereMs: number, lane: number): number {
  const threads = costs.threads * threadShare;
  if (lane === 0) return hereMs;
  const ends = Math.max(0, hereMs + thereMs + costs.spawnMs * threads) / (threads + lane);
  return Math.max(0, hereMs - ends * lane);
}

/** How many threads there are to divide work among. */
function laneCount(costs: DispatchCosts, lane: number): number {
  return costs.threads + (lane > 0 ? 1 : 0);
}

const piecesPerLane = 3;
/** A piece is worth so many times what a task costs. */
const pieceTasks = 20;

/** In how many parts work of `ms` is cut that is sent together with other work, `allMs` in total. */
export function partCount(
  costs: DispatchCosts,
  ms: number,
  allMs: number,
  { lane, ownMs }: { readonly lane: number; readonly ownMs: number },
): number {
  const lanes = laneCount(costs, lane);
  const least = Math.max(pieceTasks * (costs.perTaskMs + ownMs), 2 * costs.roundTripMs);
  const piece = Math.max(least, allMs / (piecesPerLane * lanes));
  // Costs that are no numbers make one part, not none.
  return Math.max(1, Math.min(piecesPerLane * lanes, Math.round(ms / piece)) || 1);
}

/** Work that is divided between this thread and others. */
export interface Division extends Amount {
  /** All that waits here, what would be sent included. */
  readonly hereMs: number;
  /** What the threads have to do already. */
  readonly openMs: number;
  /** Of the longest task that would be sent. */
  readonly longestMs: number;
}

/** Whether sending a part of what waits here ends all of it sooner by more than the margin. */
export function isWorthSharing(costs: DispatchCosts, division: Division, ownMs = 0): boolean {
  const { ms, tasks, bytes, hereMs, openMs, longestMs } = division;
  if (tasks === 0 || costs.threads <= 0) return false;
  const way = tasks * (costs.perTaskMs + ownMs) + wayMs(costs, bytes);
  const there = costs.spawnMs + Math.max((openMs + ms) / (costs.threads * threadShare), longestMs);
  return hereMs - Math.max(hereMs - ms, there) - way > marginMs(costs, hereMs);
}
