/**
 * Which stocks move together within a period, among formulas that read each other in circles.
 *
 *   a = integral(c)   c = integral(x)   dt 0.5      a moves by what c is in the middle of the period, so by x, too
 *
 * A stock with steps finer than a period (or with stages) is moved by all that its flow reads in the same period: at once,
 * or through formulas that stand between stocks, and so on through other such stocks. What these flow from in a period is
 * needed to take the stock to the next one.
 *
 * The engine groups stocks in the same way (its `integration/stock-groups.ts`): attribute by attribute, conditions aside.
 *
 * Cost: the references; for each stock that moves within a period the formulas between it and what moves it.
 */
import type { BoundFormula } from "@reckon/formula";
import { firstValuesOf } from "./checked-line.ts";
import type { CheckedFormula } from "./declarations.ts";

/** Whether it is a stock or delay that is at several places within a period. */
export function movesWithin({ formula, integration }: CheckedFormula): boolean {
  if (integration === undefined) return false;
  const isStaged = formula.integral !== undefined && integration.method === "rk4";
  return integration.stepsPerPeriod > 1 || isStaged;
}

export class JointStocks {
  /** Per formula whether it moves within a period itself. */
  readonly #moves: readonly boolean[];
  /** Per formula what it reads in the same period. */
  readonly #reads: readonly (readonly number[])[];
  /** Per formula whether it lies between stocks that move within a period. */
  readonly #isBetween: readonly boolean[];

  constructor(formulas: readonly CheckedFormula[], indexes: ReadonlyMap<string, number>) {
    this.#moves = formulas.map(movesWithin);
    this.#reads = formulas.map(({ formula }) => presentReads(formula, indexes));
    const readers: number[][] = formulas.map(() => []);
    for (const [from, reads] of this.#reads.entries())
      for (const read of reads) (readers[read] as number[]).push(from);
    const isStock = formulas.map(({ formula }) => firstValuesOf(formula).length > 0);
    const spread = (next: readonly (readonly number[])[]): ReadonlySet<number> => {
      const queue = [...this.#moves.keys()].filter((i) => this.#moves[i]);
      const found = new Set<number>();
      for (const from of queue) {
        for (const to of next[from] as readonly number[]) {
          if (found.has(to) || isStock[to]) continue;
          found.add(to);
          queue.push(to);
        }
      }
      return found;
    };
    const [moved, needed] = [spread(readers), spread(this.#reads)];
    this.#isBetween = formulas.map((_, i) => moved.has(i) && needed.has(i));
  }

  /** The stocks that move a stock within a period, itself not among them. */
  moversOf(stock: number): readonly number[] {
    if (!this.#moves[stock]) return [];
    return [...this.#waysFrom(stock).keys()].filter((i) => i !== stock && this.#moves[i]);
  }

  /** What lies on a shortest way from a stock to one that moves it: formulas and stocks, that one at the end. */
  wayTo(stock: number, mover: number): readonly number[] {
    const from = this.#waysFrom(stock);
    const way: number[] = [];
    for (let at: number | undefined = mover; at !== undefined && at !== stock; at = from.get(at))
      way.push(at);
    return way.reverse();
  }

  /** All that moves a stock, and from where it is read first. */
  #waysFrom(stock: number): ReadonlyMap<number, number | undefined> {
    const from = new Map<number, number | undefined>([[stock, undefined]]);
    for (const at of from.keys()) {
      for (const read of this.#reads[at] as readonly number[]) {
        if ((this.#moves[read] || this.#isBetween[read]) && !from.has(read)) from.set(read, at);
      }
    }
    return from;
  }
}

/** The formulas that one reads in the period that it is computed for. */
function presentReads({ references }: BoundFormula, indexes: ReadonlyMap<string, number>): number[] {
  const found = new Set<number>();
  for (const { attribute, axes, access } of references) {
    const target = indexes.get(attribute);
    const inTime = access.find((_, i) => axes[i]?.time !== undefined);
    if (target === undefined) continue;
    const isPresent =
      inTime === undefined ||
      (inTime.kind === "current" && inTime.offset === 0) ||
      (inTime.kind === "window" && inTime.from <= 0 && inTime.to >= 0);
    if (isPresent) found.add(target);
  }
  return [...found];
}
