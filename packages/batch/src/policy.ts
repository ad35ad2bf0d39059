/** What a run does when something goes wrong, and how fast it may go. */
import type { RateLimit } from "./job-engine.ts";

export interface BatchPolicy {
  readonly retry: RetryPolicy;
  /** How long one entity may take; absent: as long as it likes. Then every chunk runs where it can be ended. */
  readonly timeoutMs?: number;
  readonly halt?: HaltPolicy;
  /** Of entities. */
  readonly rate?: RateLimit;
  /** The run begins so much later. */
  readonly delayMs?: number;
  /** How large a thread's heap may grow; absent: as Node has it. */
  readonly memoryMb?: number;
}

/** The wait before attempt k ≥ 2 is min(`longestMs`, `firstMs` × `factor`^(k−2)) × (1 − `jitter` × chance). */
export interface RetryPolicy {
  /** With the first; from 1. */
  readonly attemptsMax: number;
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
  /** From 0 to 1. */
  readonly jitter: number;
}

/** `soon,fail=5%`: nothing more begins once that many entities have failed for good. `now` also ends what is under way. */
export interface HaltPolicy {
  readonly when: "soon" | "now";
  /** A share is looked at when 3 entities have failed, of those that have ended. */
  readonly fail: { readonly count: number } | { readonly share: number };
}
