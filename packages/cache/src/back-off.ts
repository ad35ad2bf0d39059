/** When something in trouble is tried again: after a second, then each time after twice as long, at most a minute. */
const firstMs = 1000;
const lastMs = 60_000;

export class BackOff {
  private readonly now: () => number;
  private waitMs = 0;
  private until = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  /** Whether it is too early to try. */
  get isWaiting(): boolean {
    return this.waitMs > 0 && this.now() < this.until;
  }

  failed(): void {
    this.waitMs = this.waitMs === 0 ? firstMs : Math.min(lastMs, this.waitMs * 2);
    this.until = this.now() + this.waitMs;
  }

  succeeded(): void {
    this.waitMs = 0;
  }
}
