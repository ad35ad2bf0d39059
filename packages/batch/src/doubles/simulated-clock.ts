/**
 * A clock that moves only when it is told to, so that hours of waiting are tested in no time and always in the same order.
 *
 * Timers fire in the order of their times, equal ones in the order they were set. Between two of them everything that was
 * waiting for a promise goes on first: each step ends in turns of the event loop, as many as it takes for work in memory.
 */
import { setImmediate as turnOfLoop } from "node:timers/promises";
import type { BatchClock } from "../batch-clock.ts";

export interface SimulatedClock extends BatchClock {
  /** How many timers are set. */
  readonly timers: () => number;
  /** Lets time pass, firing what is due; resolves when everything that this set going in memory has come to rest. */
  readonly advance: (ms: number) => Promise<void>;
  /** Lets time pass until `work` has settled, and gives its result. Rejects when nothing is left that could end it. */
  readonly runUntil: <T>(work: Promise<T>) => Promise<T>;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly then: () => void;
}

/** Work in memory goes on through promises and streams; a file that is really read needs more turns than this. */
const turnsPerStep = 4;
/** With no timer set for so many turns nothing will happen any more. */
const turnsIdleMax = 2000;

/**
 * A clock at 0 ms, whose date is `startedAtMs` (absent: 2026-11-21, midnight UTC).
 *
 * @example
 * ```ts
 * const clock = createSimulatedClock();
 * clock.after(1_000, () => console.log("a second later"));
 * await clock.advance(5_000); // a second later
 * clock.now(); // 5000
 * ```
 */
export function createSimulatedClock(startedAtMs: number = Date.UTC(2026, 10, 21)): SimulatedClock {
  const timers = new Set<Timer>();
  let now = 0;
  let order = 0;
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < turnsPerStep; turn++) await turnOfLoop();
  };
  const next = (): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers)
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    return first;
  };
  const fire = (timer: Timer): void => {
    timers.delete(timer);
    now = Math.max(now, timer.at);
    timer.then();
  };
  return {
    now: () => now,
    date: () => startedAtMs + now,
    after: (ms, then) => {
      const timer = { at: now + Math.max(0, ms), order: order++, then };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    timers: () => timers.size,
    advance: async (ms) => {
      const end = now + ms;
      await rest();
      for (let timer = next(); timer !== undefined && timer.at <= end; timer = next()) {
        fire(timer);
        await rest();
      }
      now = end;
    },
    runUntil: async (work) => {
      let isSettled = false;
      const settled = work.finally(() => {
        isSettled = true;
      });
      settled.catch(() => undefined);
      for (let idle = 0; !isSettled && idle < turnsIdleMax; ) {
        await rest();
        const timer = isSettled ? undefined : next();
        if (timer === undefined) idle++;
        else {
          idle = 0;
          fire(timer);
        }
      }
      if (!isSettled) throw new Error("the clock stands still: no timer is set, and the work has not ended");
      return await settled;
    },
  };
}
