import type { Column, ErrorValue } from "@reckon/value";
import type { Box, LaterWork } from "../formula-node.ts";
import type { MemoKey } from "../ports.ts";

/** Work of one node that was started and has not answered: what a late answer is checked against. */
export interface Flight {
  readonly token: number;
  readonly controller: AbortController;
  /** By the clock of `Costs`. */
  readonly began: number;
  /** The cells it computes; dirty again if it is given up. `null`: a scalar node. */
  boxes: readonly Box[] | null;
  /** What was sent, where it is tasks. */
  sent: SentColumn | null;
}

/** A column formula that is computed as tasks. */
export interface SentColumn {
  /** Where the answers of several parts are put together. */
  readonly out: Column;
  /** Under which the result is kept; `null`: it is not. */
  key: MemoKey | null;
  /** Whether answers are put together in `out`; otherwise the only answer takes its place. */
  readonly isInParts: boolean;
  parts: Part[];
  whole: { readonly out: Column; readonly box: Box } | null;
  failure: ErrorValue | null;
  /** What its answers took so far. */
  costMs: number;
  /** The same, where only the kernel itself can say: what not computing it saves. */
  spentMs: number;
}

/** A task: one box of it. */
export interface Part {
  readonly box: Box;
  readonly controller: AbortController;
  /** What it is estimated to take; 0: unknown. */
  readonly ms: number;
  isDone: boolean;
}

/** Takes the work back when the flight that waits for it is given up. */
export function cancelWith(signal: AbortSignal, work: Promise<void>): void {
  const { cancel } = work as LaterWork;
  if (cancel !== undefined) signal.addEventListener("abort", () => cancel(), { once: true });
}
