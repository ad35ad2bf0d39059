/**
 * What results cost to compute, by name: a moving estimate of what `put` was told, so that a slow tier is not asked for
 * what is computed faster. It decides what is looked up, never what a look-up answers.
 */
const namesMax = 20_000;
const movedShare = 0.25;

export class KnownCosts {
  private readonly byName = new Map<string, number>();

  /** `undefined`: nobody measured. */
  of(name: string): number | undefined {
    return this.byName.get(name);
  }

  add(name: string, ms: number): void {
    if (!(ms > 0)) return;
    const before = this.byName.get(name);
    if (before === undefined && this.byName.size >= namesMax) this.byName.clear();
    this.byName.set(name, before === undefined ? ms : before + (ms - before) * movedShare);
  }
}
