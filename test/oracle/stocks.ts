/**
 * Stocks and fixed delays for the oracle, by the most naive way that works.
 *
 * A stock's first value is its `initial`. What all stocks are at t follows from what they are at t − 1, together: in
 * each step everything at t − 1 that reads a stock there is computed anew, in the order in which it was first computed,
 * from where the stocks are by then; the flows move the stocks; in the end the cells of t − 1 are put back. Euler's
 * step is x + h·k, that of Runge and Kutta x + (h/6)·(k₁ + 2·k₂ + 2·k₃ + k₄). A delay gives what went in as many steps
 * ago as its time has in the first period, rounded and at least one; before that its first value. What a scenario pins
 * stands still within its period, and goes on from there.
 *
 * It refuses what would need a solver within the steps: a loop through what a stock moves.
 */
import type { BoundFormula } from "@reckon/formula";
import type { CheckedFormula, CheckedModel } from "@reckon/model";
import { type ErrorValue, errorValue, isErrorValue, type Scalar } from "@reckon/value";

type Cell = readonly [id: string, cell: number];

/** What the oracle does for its stocks. */
export interface Sweep {
  /** The periods of the time axis and the outer members of an attribute. */
  readonly shapeOf: (id: string) => { readonly outer: number; readonly periods: number };
  readonly formulaOf: (id: string) => BoundFormula;
  readonly readsOf: (formula: BoundFormula, id: string, cell: number) => readonly Cell[];
  readonly evaluate: (formula: BoundFormula, id: string, cell: number) => Scalar;
  readonly get: (id: string, cell: number) => Scalar;
  readonly set: (id: string, cell: number, value: Scalar) => void;
  /** The cells of formulas that are computed, each after what it reads. */
  readonly computed: readonly Cell[];
  readonly isCut: (id: string) => boolean;
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
    return this.#moversAt(period - 1).flatMap((mover) => [
      [mover.id, mover.cell] as const,
      ...this.#sweep.readsOf(mover.formula, mover.id, mover.cell),
    ]);
  }

  value(id: string, cell: number): Scalar {
    const { periods } = this.#sweep.shapeOf(id);
    const period = cell % periods;
    const formula = this.#formulaOf(id);
    if (period === 0) {
      if (formula.integral) return numberOf(this.#sweep.evaluate(formula.integral.initial, id, cell));
      return this.#delayed(id, cell, 0);
    }
    if (!this.#moved.has(keyOf(id, cell))) this.#move(period - 1);
    return this.#moved.get(keyOf(id, cell)) as Scalar;
  }

  #formulaOf(id: string): BoundFormula {
    return (this.#stocks.get(id) as CheckedFormula).formula;
  }

  #firstFormulas(id: string): BoundFormula[] {
    const { integral, delay } = this.#formulaOf(id);
    return integral ? [integral.initial] : delay ? [delay.time, delay.initial] : [];
  }

  #moversAt(period: number): Mover[] {
    return [...this.#stocks].flatMap(([id, { formula }]) => {
      const { outer, periods } = this.#sweep.shapeOf(id);
      return Array.from({ length: outer }, (_, member) => ({ id, formula, cell: member * periods + period }));
    });
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

  /** All stocks and delays from the beginning of a period to that of the next. */
  #move(period: number): void {
    const movers = this.#moversAt(period);
    const between = this.#between(movers, period);
    const kept = [...movers.map(({ id, cell }): Cell => [id, cell]), ...between].map(
      ([id, cell]) => [id, cell, this.#sweep.get(id, cell)] as const,
    );
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
  }

  /** What depends on where the stocks are, within the period; each after what it reads. */
  #between(movers: readonly Mover[], period: number): Cell[] {
    const dependent = new Set(movers.map(({ id, cell }) => keyOf(id, cell)));
    return this.#computedIn(period).filter(([id, cell]) => {
      if (this.has(id) || this.#sweep.isPinned(id, cell)) return false;
      const reads = this.#sweep.readsOf(this.#sweep.formulaOf(id), id, cell);
      if (!reads.some((read) => dependent.has(keyOf(...read)))) return false;
      if (this.#sweep.isCut(id)) throw new Error(`the oracle solves no loop between steps: ${id}`);
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

  /** One step of all stocks from their levels; the new levels. Pinned cells stand still for all who read them. */
  #step(
    stocks: readonly Mover[],
    levels: Levels,
    delays: readonly Mover[],
    between: readonly Cell[],
    step: number,
  ): Levels {
    const show = (id: string, cell: number, value: Scalar) => {
      if (!this.#sweep.isPinned(id, cell)) this.#sweep.set(id, cell, value);
    };
    const flowsAt = (at: Levels): Levels => {
      stocks.forEach(({ id, cell }, i) => {
        show(id, cell, at[i] as Scalar);
      });
      for (const [id, cell] of between) {
        this.#sweep.set(id, cell, this.#sweep.evaluate(this.#sweep.formulaOf(id), id, cell));
      }
      return stocks.map(({ formula, id, cell }) => numberOf(this.#sweep.evaluate(formula, id, cell)));
    };
    for (const { id, cell } of delays) show(id, cell, this.#delayed(id, cell, step));
    const k1 = flowsAt(levels);
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

function finite(value: number): number | ErrorValue {
  return Number.isFinite(value) ? value : errorValue("#NUM!", "a stock has left the range of numbers");
}

/** Blanks flow as 0, booleans as 0 and 1. */
function numberOf(value: Scalar): number | ErrorValue {
  if (isErrorValue(value)) return value;
  if (typeof value === "string") return errorValue("#VALUE!", "expected a number, found a text");
  return Number(value);
}
