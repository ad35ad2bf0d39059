import type { Box } from "../formula-node.ts";

/** Work of one node that was started and has not answered: what a late answer is checked against. */
export interface Flight {
  readonly token: number;
  readonly controller: AbortController;
  /** By the clock of `Costs`. */
  readonly began: number;
  /** The cells it computes; dirty again if it is given up. `null`: a scalar node. */
  readonly boxes: readonly Box[] | null;
}
