/** Ports: time and chance, so that scheduling is tested without either. */

export interface BatchClock {
  /** Milliseconds from any fixed point, never backwards: for durations and timers. */
  readonly now: () => number;
  /** Milliseconds since 1970: for what people read. */
  readonly date: () => number;
  /** Calls `then` after so many ms; what it returns takes that back. */
  readonly after: (ms: number, then: () => void) => () => void;
}

/** From 0 to less than 1. Only for jitter and samples, never for values. */
export type RandomSource = () => number;
