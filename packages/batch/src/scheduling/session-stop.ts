/**
 * How a session is told to end early, whatever it is doing: first nothing more begins, then what is under way is ended.
 *
 * The first call sets a timer; a later one can only make it sooner.
 */
import type { BatchClock } from "../batch-clock.ts";

export class SessionStop {
  readonly #clock: BatchClock;
  readonly #giveUp = new AbortController();
  readonly #listeners = new Set<() => void>();
  #untime: (() => void) | undefined;
  #endsAtMs = Number.POSITIVE_INFINITY;
  #isStopped = false;

  constructor(clock: BatchClock) {
    this.#clock = clock;
  }

  /** Nothing more is to begin. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Aborted when what is under way is to be ended. */
  get signal(): AbortSignal {
    return this.#giveUp.signal;
  }

  /** Calls `then` when nothing more is to begin; at once if that was said. What it returns takes that back. */
  onStop(then: () => void): () => void {
    this.#listeners.add(then);
    if (this.#isStopped) then();
    return () => this.#listeners.delete(then);
  }

  /** Nothing more is to begin; after `graceMs` what is under way is to be ended. */
  stop(graceMs: number): void {
    const endsAtMs = this.#clock.now() + Math.max(0, graceMs);
    if (this.#isStopped && endsAtMs >= this.#endsAtMs) return;
    this.#endsAtMs = endsAtMs;
    this.#untime?.();
    if (graceMs > 0) this.#untime = this.#clock.after(graceMs, () => this.#giveUp.abort());
    else this.#giveUp.abort();
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const then of [...this.#listeners]) then();
  }

  /** Waits so long, or until it is stopped. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      let ignore = (): void => undefined;
      const untime = this.#clock.after(ms, () => {
        ignore();
        resolve();
      });
      ignore = this.onStop(() => {
        untime();
        resolve();
      });
    });
  }

  /** No timer is left. */
  close(): void {
    this.#untime?.();
  }
}
