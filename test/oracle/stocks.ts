/**
 * Stocks and fixed delays for the oracle, by the most naive way that works.
 *
 * A stock's first value is its `initial`. What it is at t follows from what it is at t − 1, together with all stocks that
 * its flow depends on within the period: in each step everything at t − 1 that reads one of them there is computed anew,
 * in the order in which it was first computed, from where the stocks are by then; the flows move the stocks; in the end
 * the cells of t − 1 are put back. In whole steps by Euler a flow depends on where stocks are published. Euler's
 * step is x + h·k, that of Runge and Kutta x + (h/6)·(k₁ + 2·k₂ + 2·k₃ + k₄). A delay gives what went in as many steps
 * ago as its time has in the first period, rounded and at least one; before that its first value. From a pinned
 * cell a stock goes on, but stands still where the next one is pinned, too; a pinned formula holds through the period.
 *
 * A loop through what a stock moves is swept in each step until it settles, as the oracle sweeps those it publishes.
 */
import type { BoundFormula } from "@reckon/formula";
import type { CheckedFormula, CheckedModel } from "@reckon/model";
import {
  type Column,
  type ErrorValue,
  errorValue,
  isErrorValue,
  type Scalar,
  sameScalar,
} from "@reckon/value";

const sweepsMax = 5000;
const settledAt = 1e-14;

type Cell = readonly [id: string, cell: number];

/** What the oracle does for its stocks. */
interface Sweep {
  /** The periods of the time axis and the outer members of an attribute. */
  readonly shapeOf: (id: string) => { readonly outer: number; readonly periods: number };
  readonly isFormula: (id: string) => boolean;
  readonly formulaOf: (id: string) => BoundFormula;
  readonly readsOf: (formula: BoundFormula, id: string, cell: number) => readonly Cell[];
  readonly evaluate: (formula: BoundFormula, id: string, cell: number) => Scalar;
  readonly get: (id: string, cell: number) => Scalar;
  readonly set: (id: string, cell: number, value: Scalar) => void;
  /** The cells of formulas that are computed, each after what it reads. */
  readonly computed: readonly Cell[];
  /** What the cut of a loop was in the last sweep: what its readers see. Nothing is known of it in the first sweep. */
  readonly cuts: ReadonlyMap<string, Column | undefined>;
  readonly isPinned: (id: string, cell: number) => boolean;
}

interface Mover {
  readonly id: string;
  readonly cell: number;
  readonly formula: BoundFormula;
}

const keyOf = (id: string, cell: number): string => `${id}@${cell}`;

export class Stocks {
  readonly #stocks: ReadonlyMap<string, CheckedFormula>;
  readonly #steps: number;
  readonly #isRungeKutta: boolean;
  readonly #sweep: Sweep;
  /** What stocks and delays are at the beginning of later periods, as far as they were moved. */
  readonly #moved = new Map<string, Scalar>();
  /** By stock and period what was found of those that move with it. */
  readonly #moving = new Map<string, ReadonlySet<string>>();
  /** The computed cells by period, as many as are sorted in already. */
  readonly #byPeriod = new Map<number, Cell[]>();
  #sorted = 0;
  /** What went into each delay, step by step. */
  readonly #passed = new Map<string, Scalar[]>();

  constructor(model: CheckedModel, sweep: Sweep) {
    const isMoved = ({ formula }: CheckedFormula) =>
      formula.integral !== undefined || formula.delay !== undefined;
    this.#stocks = new Map(model.stocks.filter(isMoved).map((stock) => [stock.id, stock]));
    this.#steps = model.integration?.stepsPerPeriod ?? 1;
    this.#isRungeKutta = model.integration?.method === "rk4";
    this.#sweep = sweep;
  }

  has(id: string): boolean {
    return this.#stocks.has(id);
  }

  /** The cells that must be known before the one given. */
  readsOf(id: string, cell: number): readonly Cell[] {
    const { periods } = this.#sweep.shapeOf(id);
    const period = cell % periods;
    if (this.#moved.has(keyOf(id, cell))) return [];
    if (period === 0) {
      return this.#firstFormulas(id).flatMap((formula) => this.#sweep.readsOf(formula, id, cell));
    }
    const reads = this.#moversAt(id, period - 1).flatMap((mover) => [
      [mover.id, mover.cell] as const,
      ...this.#sweep.readsOf(mover.formula, mover.id, mover.cell),
    ]);
    // Loops are solved in the steps: their cuts must be there to be computed anew.
    const cuts = [...this.#sweep.cuts.keys()].flatMap((cut) => this.#cellsIn(cut, period - 1));
    return [...reads, ...cuts];
  }

  #cellsIn(id: string, period: number): Cell[] {
    const { outer, periods } = this.#sweep.shapeOf(id);
    if (period >= periods) return [];
    return Array.from({ length: outer }, (_, member) => [id, member * periods + period] as const);
  }

  value(id: string, cell: number): Scalar {
    const { periods } = this.#sweep.shapeOf(id);
    const period = cell % periods;
    const formula = this.#formulaOf(id);
    if (period === 0) {
      if (formula.integral) return numberOf(this.#sweep.evaluate(formula.integral.initial, id, cell));
      return this.#delayed(id, cell, 0);
    }
    if (!this.#moved.has(keyOf(id, cell))) this.#move(id, period - 1);
    return this.#moved.get(keyOf(id, cell)) as Scalar;
  }

  #formulaOf(id: string): BoundFormula {
    return (this.#stocks.get(id) as CheckedFormula).formula;
  }

  #firstFormulas(id: string): BoundFormula[] {
    const { integral, delay } = this.#formulaOf(id);
    return integral ? [integral.initial] : delay ? [delay.time, delay.initial] : [];
  }

  /** A stock, and those that move with it. */
  #moversAt(stock: string, period: number): Mover[] {
    const moving = this.#movingWith(stock, period);
    return [...this.#stocks].flatMap(([id, { formula }]) =>
      moving.has(id) ? this.#cellsIn(id, period).map(([, cell]) => ({ id, formula, cell })) : [],
    );
  }

  /** The stocks that a stock's flow depends on within a period. */
  #movingWith(stock: string, period: number): ReadonlySet<string> {
    const key = keyOf(stock, period);
    const known = this.#moving.get(key);
    if (known !== undefined) return known;
    const reached = new Set([stock]);
    this.#moving.set(key, reached);
    if (!this.#movesWithin(stock)) return reached;
    for (const id of reached) {
      for (const [, cell] of this.#cellsIn(id, period)) {
        for (const [read, at] of this.#sweep.readsOf(this.#sweep.formulaOf(id), id, cell)) {
          if (!this.#sweep.isFormula(read)) continue;
          const { periods } = this.#sweep.shapeOf(read);
          if (periods > 1 && at % periods === period && (!this.has(read) || this.#movesWithin(read)))
            reached.add(read);
        }
      }
    }
    return reached;
  }

  #movesWithin(id: string): boolean {
    return this.#steps > 1 || (this.#isRungeKutta && this.#formulaOf(id).integral !== undefined);
  }

  /** What a delay gives at a step, counted from the first period on. */
  #delayed(id: string, cell: number, step: number): Scalar {
    const { delay } = this.#formulaOf(id);
    const first = cell - (cell % this.#sweep.shapeOf(id).periods);
    const time = numberOf(this.#sweep.evaluate((delay as { time: BoundFormula }).time, id, first));
    if (isErrorValue(time)) return time;
    const late = Math.max(1, Math.round(time * this.#steps));
    if (step < late) return this.#sweep.evaluate((delay as { initial: BoundFormula }).initial, id, first);
    return this.#passed.get(keyOf(id, first))?.[step - late] as Scalar;
  }

  /** A stock or delay, and those that move with it, from the beginning of a period to that of the next. */
  #move(id: string, period: number): void {
    const movers = this.#moversAt(id, period);
    const between = this.#between(movers, period);
    const kept = [...movers.map(({ id, cell }): Cell => [id, cell]), ...between].map(
      ([id, cell]) => [id, cell, this.#sweep.get(id, cell)] as const,
    );
    const keptCuts = between.flatMap(([id, cell]) => {
      const cut = this.#sweep.cuts.get(id);
      return cut === undefined ? [] : [[cut, cell, cut.get(cell)] as const];
    });
    const stocks = movers.filter(({ formula }) => formula.integral !== undefined);
    const delays = movers.filter(({ formula }) => formula.delay !== undefined);
    let levels: Levels = stocks.map(({ id, cell }) => numberOf(this.#sweep.get(id, cell)));
    const end = (period + 1) * this.#steps;
    for (let at = period * this.#steps; at < end; at++)
      levels = this.#step(stocks, levels, delays, between, at);
    stocks.forEach(({ id, cell }, i) => {
      this.#moved.set(keyOf(id, cell + 1), levels[i] as Scalar);
    });
    for (const { id, cell } of delays) this.#moved.set(keyOf(id, cell + 1), this.#delayed(id, cell, end));
    for (const [id, cell, value] of kept) this.#sweep.set(id, cell, value);
    for (const [cut, cell, value] of keptCuts) cut.set(cell, value);
  }

  /** What depends on where the stocks are, within the period; each after what it reads. */
  #between(movers: readonly Mover[], period: number): Cell[] {
    const dependent = new Set(movers.map(({ id, cell }) => keyOf(id, cell)));
    // Readers of a cut may have been computed before it.
    for (const [id, cell] of this.#computedIn(period))
      if (this.#sweep.cuts.has(id)) dependent.add(keyOf(id, cell));
    return this.#computedIn(period).filter(([id, cell]) => {
      if (this.has(id) || this.#sweep.isPinned(id, cell)) return false;
      const reads = this.#sweep.readsOf(this.#sweep.formulaOf(id), id, cell);
      if (!reads.some((read) => dependent.has(keyOf(...read)))) return false;
      dependent.add(keyOf(id, cell));
      return true;
    });
  }

  /** The cells of a period in the order in which they were computed. */
  #computedIn(period: number): readonly Cell[] {
    const { computed, shapeOf } = this.#sweep;
    for (; this.#sorted < computed.length; this.#sorted++) {
      const [id, cell] = computed[this.#sorted] as Cell;
      const at = cell % shapeOf(id).periods;
      const cells = this.#byPeriod.get(at);
      if (cells === undefined) this.#byPeriod.set(at, [[id, cell]]);
      else cells.push([id, cell]);
    }
    return this.#byPeriod.get(period) ?? [];
  }

  /** Whether a cell and that of the next period are both pinned. */
  #standsStill(id: string, cell: number): boolean {
    const { isPinned } = this.#sweep;
    return isPinned(id, cell) && isPinned(id, cell + 1);
  }

  #computeBetween(between: readonly Cell[]): void {
    const { cuts, get, set, evaluate, formulaOf } = this.#sweep;
    for (let sweep = 0; sweep < sweepsMax; sweep++) {
      for (const [id, cell] of between) set(id, cell, evaluate(formulaOf(id), id, cell));
      let moved = 0;
      for (const [id, cell] of between) {
        const cut = cuts.get(id);
        if (cut === undefined || sameScalar(cut.get(cell), get(id, cell))) continue;
        moved = Math.max(moved, partMoved(cut.get(cell), get(id, cell)));
        cut.set(cell, get(id, cell));
      }
      if (moved <= settledAt) return;
    }
    throw new Error("the oracle's loops do not settle between steps");
  }

  /** One step of all stocks from their levels; the new levels. */
  #step(
    stocks: readonly Mover[],
    levels: Levels,
    delays: readonly Mover[],
    between: readonly Cell[],
    step: number,
  ): Levels {
    // At its beginning everything stands as it is published.
    let isBeginning = step % this.#steps === 0;
    const show = ({ id, cell }: Mover, value: Scalar): void => {
      if (!isBeginning && !this.#standsStill(id, cell)) this.#sweep.set(id, cell, value);
    };
    const flowsAt = (at: Levels): Levels => {
      stocks.forEach((stock, i) => {
        show(stock, at[i] as Scalar);
      });
      this.#computeBetween(between);
      return stocks.map(({ formula, id, cell }) => numberOf(this.#sweep.evaluate(formula, id, cell)));
    };
    for (const delay of delays) show(delay, this.#delayed(delay.id, delay.cell, step));
    const k1 = flowsAt(levels);
    isBeginning = false;
    for (const { formula, id, cell } of delays) {
      const first = keyOf(id, cell - (cell % this.#sweep.shapeOf(id).periods));
      const passed = this.#passed.get(first) ?? [];
      passed[step] = this.#sweep.evaluate(formula, id, cell);
      this.#passed.set(first, passed);
    }
    const h = 1 / this.#steps;
    return this.#isRungeKutta ? rungeKutta(levels, k1, flowsAt, h) : added(levels, k1, h);
  }
}

type Levels = readonly (number | ErrorValue)[];

/** base + factor × flow; the first error stays. */
function added(base: Levels, flow: Levels, factor: number): Levels {
  return base.map((start, i) => {
    const moved = flow[i] as number | ErrorValue;
    if (isErrorValue(start)) return start;
    return isErrorValue(moved) ? moved : finite(start + factor * moved);
  });
}

function rungeKutta(start: Levels, k1: Levels, flowsAt: (levels: Levels) => Levels, h: number): Levels {
  const k2 = flowsAt(added(start, k1, h / 2));
  const k3 = flowsAt(added(start, k2, h / 2));
  const k4 = flowsAt(added(start, k3, h));
  return start.map((level, i) => {
    const parts = [level, k1[i], k2[i], k3[i], k4[i]] as (number | ErrorValue)[];
    const error = parts.find((part) => isErrorValue(part));
    if (error !== undefined) return error;
    const [x, a, b, c, d] = parts as [number, number, number, number, number];
    return finite(x + (h / 6) * (a + 2 * b + 2 * c + d));
  });
}

/** By how much a value moved, as a part of its size; errors and the like by all of it. */
function partMoved(from: Scalar, to: Scalar): number {
  if (typeof from !== "number" || typeof to !== "number") return 1;
  return Math.abs(to - from) / Math.max(1, Math.abs(from));
}

function finite(value: number): number | ErrorValue {
  return Number.isFinite(value) ? value : errorValue("#NUM!", "a stock has left the range of numbers");
}

/** Blanks flow as 0, booleans as 0 and 1. */
function numberOf(value: Scalar): number | ErrorValue {
  if (isErrorValue(value)) return value;
  if (typeof value === "string") return errorValue("#VALUE!", "expected a number, found a text");
  return Number(value);
}
