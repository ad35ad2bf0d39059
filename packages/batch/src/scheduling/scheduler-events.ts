/** What a scheduler is told, and what it tells to be done. Both are plain data, so a schedule can be written down and replayed. */

import type { RandomSource } from "../batch-clock.ts";
import type { ChunkId, ChunkOutcome } from "../entity.ts";
import type { RateLimit } from "../job-engine.ts";
import type { ChunkRecord, EntityState, FinishedEntity, RecordOutcome } from "../ledger.ts";
import type { HaltPolicy, RetryPolicy } from "../policy.ts";
import type { KnownEntities } from "./known-entities.ts";
import type { Portion } from "./portion.ts";

export interface SchedulerOptions {
  readonly retry: RetryPolicy;
  readonly halt?: HaltPolicy;
  readonly rate?: RateLimit;
  readonly random: RandomSource;
  /** What the date is later than the clock, in ms. */
  readonly dateAheadMs: number;
  /** Entities with equal deep keys are computed once, from the sample on, until a capacity says something else. Absent: none is. */
  readonly known?: KnownEntities;
}

export type SchedulerEvent =
  /** How many chunks run at the same time, and how many may be in hand; 0 as long as nothing can be enqueued. */
  | {
      readonly kind: "capacity";
      readonly concurrency: number;
      readonly chunksMax: number;
      readonly isEqualOnce: boolean;
    }
  | { readonly kind: "formed"; readonly portions: readonly Portion[] }
  | { readonly kind: "source-ended" }
  /** Somebody is about to compute this portion without being told to: the sample. Answered by `sample`, if any of it is left. */
  | { readonly kind: "taken"; readonly portion: Portion }
  | { readonly kind: "begun"; readonly id: ChunkId; readonly worker: string }
  | {
      readonly kind: "outcome";
      readonly id: ChunkId;
      readonly outcome: ChunkOutcome;
      readonly positions?: readonly number[];
    }
  /** Records are in the ledger. */
  | { readonly kind: "written"; readonly records: readonly WrittenRecord[] }
  /** Entities that were taken for ended are open in the ledger: this is their next attempt. */
  | { readonly kind: "open"; readonly entities: readonly OpenEntity[] }
  /** The engine does not know these any more. */
  | { readonly kind: "unknown"; readonly ids: readonly ChunkId[] }
  | { readonly kind: "withdrawn"; readonly ids: readonly ChunkId[] }
  /** Who had begun it was lost, and it waits for somebody else. */
  | { readonly kind: "given-back"; readonly id: ChunkId }
  | { readonly kind: "time" }
  /** Begin nothing more. */
  | { readonly kind: "stop" }
  /** Wait no longer for what is under way. */
  | { readonly kind: "give-up" };

export interface OpenEntity {
  readonly portion: Portion;
  /** What it was taken for. */
  readonly as: EntityState;
}

export interface WrittenRecord {
  readonly record: ChunkRecord;
  readonly outcome: RecordOutcome;
}

export type SchedulerCommand =
  | { readonly kind: "enqueue"; readonly portion: Portion }
  /** What of the portion that somebody has taken is to be computed. */
  | { readonly kind: "sample"; readonly portion: Portion }
  /** Entities that have the values of an equal one: to be recorded. */
  | { readonly kind: "take"; readonly entities: readonly FinishedEntity[] }
  /** `portion`: what it is about. */
  | { readonly kind: "record"; readonly record: ChunkRecord; readonly portion: Portion }
  /** Takes out those that nobody has begun; to be answered by `withdrawn`. */
  | { readonly kind: "withdraw"; readonly ids: readonly ChunkId[] }
  /** Ends what is under way. */
  | { readonly kind: "cancel" }
  /** The job has to be forgotten before one of its name is enqueued again. */
  | { readonly kind: "forget"; readonly id: ChunkId }
  | {
      readonly kind: "failed";
      readonly key: string;
      readonly attempt: number;
      readonly message: string;
      readonly againInMs?: number;
    }
  | { readonly kind: "halting"; readonly message: string };

/** Entities, of this session. */
export interface SchedulerCounts {
  /** Taken from the source and not ended before. */
  readonly seen: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly invalid: number;
  /** In hand, ready, or waiting for another attempt or for an equal entity. */
  readonly held: number;
  /** Let go of by stopping: they are open. */
  readonly dropped: number;
  /** In chunks that have begun. */
  readonly active: number;
}
