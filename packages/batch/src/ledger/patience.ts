/**
 * Waiting for a server that is away for a while, instead of ending a run that has computed for hours.
 *
 *   1. It begins with the first record: before that there is nothing to lose, and who mistyped an address wants to know at once.
 *   2. What could not reach the server is done again, after 100 ms and ever longer, for a minute from when the server was there
 *      last; then it fails as it would have. All that waits at the same time waits for the same minute, and that is told once.
 *   3. Work that is done again may have been done: the answer to a commit can be lost. So it is work that may be repeated.
 */
import type { BatchClock } from "../batch-clock.ts";

export interface PatienceOptions {
  readonly clock: Pick<BatchClock, "now" | "after">;
  readonly onNotice: (message: string) => void;
}

const patientMs = 60_000;
const firstMs = 100;
const longestMs = 2_000;

export class Patience {
  readonly #options: PatienceOptions;
  readonly #name: string;
  readonly #isAway: (error: unknown) => boolean;
  #hasBegun = false;
  #isOver = false;
  #awaySinceMs: number | undefined;

  /** `isAway`: whether an error says that the server is, and no more. */
  constructor(options: PatienceOptions, name: string, isAway: (error: unknown) => boolean) {
    this.#options = options;
    this.#name = name;
    this.#isAway = isAway;
  }

  begin(): void {
    this.#hasBegun = true;
  }

  /** Nothing is tried again from now on. */
  end(): void {
    this.#isOver = true;
  }

  async through<T>(work: () => Promise<T>): Promise<T> {
    for (let waitMs = firstMs; ; waitMs = Math.min(2 * waitMs, longestMs)) {
      try {
        const result = await work();
        this.#isThere();
        return result;
      } catch (error) {
        if (!this.#isAway(error) || !this.#mayWait()) throw error;
      }
      await new Promise<void>((resolve) => void this.#options.clock.after(waitMs, resolve));
    }
  }

  #mayWait(): boolean {
    if (!this.#hasBegun || this.#isOver) return false;
    const now = this.#options.clock.now();
    if (this.#awaySinceMs === undefined) {
      this.#awaySinceMs = now;
      this.#options.onNotice(
        `The ledger ${this.#name} does not answer: it is waited for, up to ${patientMs / 1_000} seconds`,
      );
    }
    return now - this.#awaySinceMs < patientMs;
  }

  #isThere(): void {
    if (this.#awaySinceMs === undefined) return;
    this.#awaySinceMs = undefined;
    this.#options.onNotice(`The ledger ${this.#name} is there again`);
  }
}
