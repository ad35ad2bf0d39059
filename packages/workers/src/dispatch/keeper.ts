/**
 * Keeps the process alive while something is under way, and only then. Threads never do: they are unreferenced from the
 * beginning, so an executor that nobody closed does not hold up the end.
 */
const farMs = 2 ** 30;

export class Keeper {
  /** How many tasks are not answered. */
  open = 0;
  private timer: NodeJS.Timeout | undefined;

  hold(): void {
    if (this.open++ > 0) return;
    if (this.timer === undefined) this.timer = setInterval(() => undefined, farMs);
    else this.timer.ref();
  }

  release(): void {
    if (--this.open === 0) this.timer?.unref();
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
