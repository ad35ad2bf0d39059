/** What is said of a run at its end: the last line of `--json`. */
import type { StrategyName } from "./batch-plan.ts";

export interface BatchSummary {
  readonly run: string;
  readonly state: "succeeded" | "failed" | "halted" | "interrupted";
  /** Those that have ended: succeeded, failed, invalid and skipped ones. */
  readonly entities: number;
  /** Those that have not, where the run ended early and it is known how many there are. */
  readonly open?: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly invalid: number;
  readonly retried: number;
  readonly skipped: number;
  /** Of those that succeeded: took the values of an equal one, and were not computed. */
  readonly deduplicated: number;
  /** Of the last session; null, as the next two, where the run ended before one was chosen. */
  readonly strategy: StrategyName | null;
  readonly concurrency: number | null;
  /** Of the whole run, all sessions together, as `actualMs`. */
  readonly predictedMs: number | null;
  readonly actualMs: number;
  /** How often the run was begun or resumed; and what the last session took, and ended. */
  readonly sessions: number;
  readonly sessionMs: number;
  readonly sessionEntities: number;
  readonly cpuMs: number;
  readonly cost?: number;
  readonly checksFailed: number;
  readonly verify?: VerifyReport;
}

/** What computing a sample again, one by one and in this process, has shown. */
export interface VerifyReport {
  readonly sampled: number;
  readonly ofEntities: number;
  /** How many of each: an entity counts under the one that it was taken for. */
  readonly strata: Readonly<Record<VerifyStratum, number>>;
  readonly mismatches: readonly VerifyMismatch[];
  /** A share of wrong entities from which on at least one would have been found with 95 %. */
  readonly detectableShare: number;
  /** Cells in or behind loops: compared within the loop's tolerance. */
  readonly toleratedCells: number;
}

export type VerifyStratum = "slowest" | "retried" | "cached" | "first-of-worker" | "random";

export interface VerifyMismatch {
  readonly entity: string;
  /** The first attribute that differs, in the order of what is wanted, and its cell. */
  readonly attribute: string;
  readonly at: readonly string[];
  readonly expected: string;
  readonly found: string;
  readonly worker: string;
}
