/**
 * How far a run is, and when it will be through. Speed is that of about the last ten seconds: an average over the run would
 * remember its slow beginning for ever.
 */
import type { BatchProgress } from "../api.ts";
import type { BatchClock } from "../batch-clock.ts";
import type { ChunkRecord, RunCounts } from "../ledger.ts";

const tellEveryMs = 100;
const rememberedMs = 10_000;
const stepMs = 250;

type Counted = { -readonly [Name in keyof RunCounts]: RunCounts[Name] };

export class RunProgress {
  /** Of the whole run, earlier sessions included. */
  readonly counts: Counted = {
    entities: 0,
    succeeded: 0,
    failed: 0,
    invalid: 0,
    skipped: 0,
    retried: 0,
    attempts: 0,
  };
  ofEntities: number | undefined;
  /** As `ofEntities`, where they were counted and not guessed. */
  countedEntities: number | undefined;
  readonly #clock: BatchClock;
  readonly #onProgress: ((progress: BatchProgress) => void) | undefined;
  readonly #beganMs: number;
  /** How many had ended at times, oldest first, a step apart. */
  readonly #marks: { readonly atMs: number; readonly ended: number }[] = [];
  #held: () => { readonly active: number; readonly waiting: number } = () => ({ active: 0, waiting: 0 });
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: BatchClock, onProgress: ((progress: BatchProgress) => void) | undefined) {
    this.#clock = clock;
    this.#onProgress = onProgress;
    this.#beganMs = clock.now();
  }

  /** Where it is told how many are under way. */
  watch(held: () => { readonly active: number; readonly waiting: number }): void {
    this.#held = held;
  }

  /** How many there are; `isGuess`: from the size of the file. */
  expect(entities: number | undefined, isGuess: boolean): void {
    this.ofEntities = entities;
    if (!isGuess) this.countedEntities = entities;
  }

  /** Begins with what earlier sessions have brought. */
  begin(counts: RunCounts): void {
    Object.assign(this.counts, counts);
    this.#marks.push({ atMs: this.#clock.now(), ended: this.#ended() });
  }

  end(state: "succeeded" | "failed" | "invalid" | "skipped", count: number): void {
    this.counts[state] += count;
    this.counts.entities += count;
  }

  /** An attempt of some entities is over. */
  try({ attempt, keys }: Pick<ChunkRecord, "attempt" | "keys">): void {
    this.counts.attempts += keys.length;
    if (attempt === 2) this.counts.retried += keys.length;
  }

  /** Tells it on, ten times a second at most. */
  tell(): void {
    const now = this.#clock.now();
    if (this.#onProgress === undefined || now - this.#toldAtMs < tellEveryMs) return;
    this.#toldAtMs = now;
    this.#onProgress(this.now());
  }

  now(): BatchProgress {
    const nowMs = this.#clock.now();
    const ended = this.#ended();
    const last = this.#marks.at(-1);
    if (last === undefined || nowMs - last.atMs >= stepMs) this.#marks.push({ atMs: nowMs, ended });
    while (this.#marks.length > 2 && nowMs - (this.#marks[1]?.atMs ?? nowMs) > rememberedMs)
      this.#marks.shift();
    const first = this.#marks[0] ?? { atMs: this.#beganMs, ended: 0 };
    const passedMs = nowMs - first.atMs;
    const entitiesPerSecond = passedMs > 0 ? ((ended - first.ended) / passedMs) * 1000 : 0;
    const { ofEntities } = this;
    const left = ofEntities === undefined ? undefined : Math.max(0, ofEntities - ended);
    return {
      ...this.counts,
      ofEntities,
      ...this.#held(),
      entitiesPerSecond,
      etaMs:
        left === undefined || (entitiesPerSecond === 0 && left > 0)
          ? undefined
          : left === 0
            ? 0
            : (left / entitiesPerSecond) * 1000,
    };
  }

  #ended(): number {
    const { succeeded, failed, invalid, skipped } = this.counts;
    return succeeded + failed + invalid + skipped;
  }
}
