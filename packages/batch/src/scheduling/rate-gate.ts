/** No more than so many entities begin in any stretch of time: a window that slides, so no second has twice as many at its edges. */
import type { RateLimit } from "../job-engine.ts";

export class RateGate {
  readonly #rate: RateLimit | undefined;
  /** What began within the last `perMs`, oldest first. */
  readonly #begun: { readonly atMs: number; readonly count: number }[] = [];
  #sum = 0;

  constructor(rate: RateLimit | undefined) {
    this.#rate = rate;
  }

  /** How many may begin at once at most. */
  get countMax(): number {
    return this.#rate?.jobsMax ?? Number.POSITIVE_INFINITY;
  }

  /** When `count` may begin: now or later. `count` is at most `countMax`. */
  opensAtMs(count: number, nowMs: number): number {
    if (this.#rate === undefined) return nowMs;
    this.#forget(nowMs);
    let sum = this.#sum;
    for (const { atMs, count: gone } of this.#begun) {
      if (sum + count <= this.#rate.jobsMax) return nowMs;
      sum -= gone;
      if (sum + count <= this.#rate.jobsMax) return atMs + this.#rate.perMs;
    }
    return nowMs;
  }

  /** How many may begin now. */
  freeAt(nowMs: number): number {
    if (this.#rate === undefined) return Number.POSITIVE_INFINITY;
    this.#forget(nowMs);
    return this.#rate.jobsMax - this.#sum;
  }

  begin(count: number, nowMs: number): void {
    if (this.#rate === undefined) return;
    this.#begun.push({ atMs: nowMs, count });
    this.#sum += count;
  }

  #forget(nowMs: number): void {
    for (let first = this.#begun[0]; first !== undefined; first = this.#begun[0]) {
      if (first.atMs + (this.#rate?.perMs ?? 0) > nowMs) break;
      this.#sum -= first.count;
      this.#begun.shift();
    }
  }
}
