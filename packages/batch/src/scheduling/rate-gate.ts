/**
 * No more than so many entities begin in any stretch of time: a window that slides, so no second has twice as many at its edges.
 *
 * What was sent and has not begun yet, as far as is known, may begin at any moment: it counts until its own stretch is over, which
 * goes from when it began. So the limit holds where they begin, on the machines of a cluster as well.
 */
import type { RateLimit } from "../job-engine.ts";
import { isSample, type Portion } from "./portion.ts";

export class RateGate {
  readonly #rate: RateLimit | undefined;
  /** What began within the last `perMs`, oldest first. */
  readonly #begun: { readonly id: string; readonly atMs: number; readonly count: number }[] = [];
  #sum = 0;
  /** Entities that were sent and have not begun, by their chunk or job. */
  readonly #sent = new Map<string, number>();
  #sentSum = 0;

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
    let sum = this.#sum + this.#sentSum;
    for (const { atMs, count: gone } of this.#begun) {
      if (sum + count <= this.#rate.jobsMax) return nowMs;
      sum -= gone;
      if (sum + count <= this.#rate.jobsMax) return atMs + this.#rate.perMs;
    }
    // What has not begun is in the way: the stretch of that has not even begun.
    return sum + count <= this.#rate.jobsMax ? nowMs : nowMs + this.#rate.perMs;
  }

  /** How many may begin now. */
  freeAt(nowMs: number): number {
    if (this.#rate === undefined) return Number.POSITIVE_INFINITY;
    this.#forget(nowMs);
    return this.#rate.jobsMax - this.#sum - this.#sentSum;
  }

  /** Entities that may begin from now on, at any time. */
  send(id: string, count: number): void {
    if (this.#rate === undefined) return;
    this.drop(id);
    this.#sent.set(id, count);
    this.#sentSum += count;
  }

  /** They have begun, now at the latest. Told again, or of others, it changes nothing. */
  begin(id: string, nowMs: number): void {
    const count = this.#sent.get(id);
    if (count === undefined) return;
    this.drop(id);
    this.#begun.push({ id, atMs: nowMs, count });
    this.#sum += count;
  }

  /** They have begun by now. Those of a sample may have waited for their program behind what was told: they count from now. */
  end(id: string, nowMs: number, portion: Portion | undefined): void {
    if (this.#rate !== undefined && portion !== undefined && isSample(portion)) {
      const at = this.#begun.findIndex((each) => each.id === id);
      if (at >= 0) this.#sum -= (this.#begun.splice(at, 1)[0] as { count: number }).count;
      this.send(id, portion.rows.keys.length);
    }
    this.begin(id, nowMs);
  }

  /** They do not begin. */
  drop(id: string): void {
    this.#sentSum -= this.#sent.get(id) ?? 0;
    this.#sent.delete(id);
  }

  #forget(nowMs: number): void {
    for (let first = this.#begun[0]; first !== undefined; first = this.#begun[0]) {
      if (first.atMs + (this.#rate?.perMs ?? 0) > nowMs) break;
      this.#sum -= first.count;
      this.#begun.shift();
    }
  }
}
