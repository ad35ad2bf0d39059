import type { Box, LaterWork } from "../formula-node.ts";

/** Work of one node that was started and has not answered: what a late answer is checked against. */
export interface Flight {
  readonly token: number;
  readonly controller: AbortController;
  /** By the clock of `Costs`. */
  readonly began: number;
  /** The cells it computes; dirty again if it is given up. `null`: a scalar node. */
  readonly boxes: readonly Box[] | null;
}

/** Takes the work back when the flight that waits for it is given up. */
export function cancelWith(signal: AbortSignal, work: Promise<void>): void {
  const { cancel } = work as LaterWork;
  if (cancel !== undefined) signal.addEventListener("abort", () => cancel(), { once: true });
}
