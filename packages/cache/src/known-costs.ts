/**
 * The longest that a result of a name took to compute, as far as this process knows: a server is not asked for names none
 * of whose results took longer than a look-up there. One result in a thousand that took long is worth all the look-ups,
 * so it is the longest and no mean. It decides what is looked up, never what a look-up answers.
 */
const namesMax = 20_000;

export class KnownCosts {
  private readonly longest = new Map<string, number>();

  /** `undefined`: nobody measured. */
  of(name: string): number | undefined {
    return this.longest.get(name);
  }

  add(name: string, ms: number): void {
    const before = this.longest.get(name);
    if (!(ms > (before ?? 0))) return;
    if (before === undefined && this.longest.size >= namesMax) this.longest.clear();
    this.longest.set(name, ms);
  }
}
