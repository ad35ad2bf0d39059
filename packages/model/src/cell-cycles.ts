/**
 * Cycles of cells: (attribute, member, period), for formulas that read each other in circles.
 *
 *   share = IF(MEMBER(segment) = "Ent", 1 - share[SMB], own)     share[Ent] reads share[SMB], which reads own
 *
 *   1. Every cell of the formulas reads what its formula says of it (`CellReads`). Stocks read their flows a period
 *      earlier and in the first period what they start with.
 *   2. Strongly connected parts of the cells: those with a cycle are loops; each is solved by itself.
 *   3. With the cells of the attributes that `loop` lines name taken out, no cycle may be left. What is left is told once for
 *      the same attributes, by its first cells.
 *
 * Where time runs one way and no period is told from another, cycles lie within one period and all periods are alike: then
 * the cells of one stand for those of all.
 *
 * Stocks that move within a period do so with all their members at once, and so does what they need for it: in a component
 * with one, all members of a period are one cell. And to move, each needs what the stocks need that move it (joint-stocks.ts).
 *
 * The engine decides in the same way (its `structure/cell-order.ts`), with the same bound on the reads.
 *
 * Cost: the cells and what they read; above `cellReadsMax` there is none.
 */
import { type BoundFormula, CellReads } from "@reckon/formula";
import { firstValuesOf } from "./checked-line.ts";
import type { CheckedFormula } from "./declarations.ts";
import { JointStocks, movesWithin } from "./joint-stocks.ts";
import { type Graph, type StrongParts, shortestCycle, strongParts } from "./strong-parts.ts";

const cellReadsMax = 4_000_000;

/** A cell of a formula by its index in the component. */
export interface CellPlace {
  readonly formula: number;
  readonly outer: number;
  readonly period: number;
}

/** A cycle that no `loop` line cuts. */
export interface UncutCycle {
  /** As read: each reads the next; the first is repeated at the end. */
  readonly path: readonly CellPlace[];
  /** Whether every cell of the attributes is in such a cycle, member for member and period for period. */
  readonly isEveryMember: boolean;
  readonly isEveryPeriod: boolean;
  /** Whether it holds cells of several periods, or the path does. */
  readonly isAcrossPeriods: boolean;
  readonly isPathAcrossPeriods: boolean;
  readonly isPathAcrossMembers: boolean;
  /** Whether it is one only because stocks move together within a period. */
  readonly isByMoving: boolean;
}

interface Reads {
  /** Index of the formula that reads. */
  readonly from: number;
  /** Index of the formula read. */
  readonly target: number;
  readonly slot: number;
  readonly reads: CellReads;
  /** What flows into a stock is read at the period before; what it starts with only in the first. */
  readonly when: "same" | "before" | "first";
  /** Whether every period reads as every other does. */
  readonly isSteady: boolean;
}

/** Formulas that read each other in circles. */
interface Component {
  readonly formulas: readonly CheckedFormula[];
  readonly reads: readonly (readonly Reads[])[];
  readonly joint: JointStocks;
}

/** What is told apart. */
interface View {
  /** The period that stands for all; −1: every period is looked at. */
  readonly only: number;
  /** Members are not told apart. */
  readonly isByPeriods: boolean;
}

export class CellCycles {
  readonly #formulas: readonly CheckedFormula[];
  readonly #shapes: readonly { readonly outer: number; readonly periods: number }[];
  readonly #first: Int32Array;
  readonly #view: View;
  readonly #graph: Graph;
  readonly #parts: StrongParts;
  readonly #reads: readonly (readonly Reads[])[];
  readonly #joint: JointStocks;

  private constructor({ formulas, reads, joint }: Component, first: Int32Array, graph: Graph, view: View) {
    this.#formulas = formulas;
    this.#reads = reads;
    this.#joint = joint;
    this.#view = view;
    this.#shapes = formulas.map((formula) => lookedAt(formula, view));
    this.#first = first;
    this.#graph = graph;
    this.#parts = strongParts(graph);
  }

  /** Undefined where there are too many cells. `isOneWay`: the formulas read each other at lags only, or at leads only. */
  static of(formulas: readonly CheckedFormula[], isOneWay: boolean): CellCycles | undefined {
    const indexes = new Map(formulas.map(({ id }, i) => [id, i]));
    const reads = formulas.map((_, i) => readsOfFormula(formulas, i, indexes));
    const isAlike = isOneWay && reads.every((list) => list.every((one) => one.isSteady));
    const only = isAlike ? Math.floor(shapeOf(formulas[0] as CheckedFormula).periods / 2) : -1;
    const view = { only, isByPeriods: formulas.some(movesWithin) };
    const first = new Int32Array(formulas.length + 1);
    formulas.forEach((formula, i) => {
      const { outer, periods } = lookedAt(formula, view);
      first[i + 1] = (first[i] as number) + outer * periods;
    });
    if ((first[formulas.length] as number) > cellReadsMax) return undefined;
    const component = { formulas, reads, joint: new JointStocks(formulas, indexes) };
    const graph = cellGraph(component, first, view);
    return graph === undefined ? undefined : new CellCycles(component, first, graph, view);
  }

  /** The formulas that have a cell in a cycle. */
  get inLoop(): ReadonlySet<number> {
    const found = new Set<number>();
    for (const cells of this.#parts.cycles) for (const cell of cells) found.add(this.#formulaOf(cell));
    return found;
  }

  /**
   * The cycles that are left where the formulas that `isCut` accepts are taken out; those of stocks cannot be cut. A path
   * through several periods begins at `across`, where that is in it.
   */
  uncut(
    isCut: (formula: number) => boolean,
    isStock: (formula: number) => boolean,
    across: number,
  ): UncutCycle[] {
    const { cycles, partOf } = this.#parts;
    const hasStock = new Set<number>();
    for (const cells of cycles) {
      if (cells.some((cell) => isStock(this.#formulaOf(cell))))
        hasStock.add(partOf[cells[0] as number] as number);
    }
    const isLeft = (cell: number): boolean =>
      hasStock.has(partOf[cell] as number) || !isCut(this.#formulaOf(cell));
    const left = strongParts(this.#graph, isLeft);
    const found = new Map<
      string,
      { readonly cells: number[]; readonly path: number[]; readonly first: number[] }
    >();
    for (const cells of left.cycles) {
      const isAcross = this.#isAcrossPeriods(cells.map((cell) => this.#placeOf(cell)));
      const start =
        cells.find((cell) => isStock(this.#formulaOf(cell))) ??
        cells.find((cell) => isAcross && this.#formulaOf(cell) === across) ??
        (cells[0] as number);
      const part = left.partOf[start];
      const path = shortestCycle(this.#graph, start, (cell) => left.partOf[cell] === part);
      const key = [...new Set(cells.map((cell) => this.#formulaOf(cell)))].join(" ");
      const known = found.get(key);
      if (known === undefined) found.set(key, { cells: [...cells], path, first: [...cells] });
      else for (const cell of cells) known.cells.push(cell);
    }
    return [...found.values()].map(({ cells, path, first }) => this.#described(cells, path, first));
  }

  /**
   * Whether the start of a loop, which is read in the cells of `formula` that are in a cycle, depends in the same cells on
   * that cycle. `targetOf` gives the index of a formula that the start reads, or undefined for others.
   */
  dependsOnLoop(
    formula: number,
    start: BoundFormula,
    targetOf: (attribute: string) => number | undefined,
  ): string | undefined {
    const reads = new CellReads(start);
    const { partOf } = this.#parts;
    for (const cells of this.#parts.cycles) {
      for (const cell of cells) {
        if (this.#formulaOf(cell) !== formula) continue;
        const { outer, period } = this.#placeOf(cell);
        for (const [slot, { attribute }] of start.references.entries()) {
          const target = targetOf(attribute);
          if (target === undefined) continue;
          let isInside = false;
          for (const member of membersAt(this.#formulas[formula] as CheckedFormula, outer, this.#view)) {
            reads.each(slot, member, period, (m, t) => {
              if (this.#view.only >= 0 && t !== this.#view.only) return;
              isInside ||= this.#reachesPart(this.#cellAt(target, m, t), partOf[cell] as number);
            });
          }
          if (isInside) return attribute;
        }
      }
    }
    return undefined;
  }

  /** Only parts with higher numbers can depend on a part. */
  #reachesPart(from: number, part: number): boolean {
    const { partOf } = this.#parts;
    const seen = new Set([from]);
    const pending = (partOf[from] as number) < part ? [] : [from];
    const { starts, targets } = this.#graph;
    for (let cell = pending.pop(); cell !== undefined; cell = pending.pop()) {
      if (partOf[cell] === part) return true;
      for (let e = starts[cell] as number; e < (starts[cell + 1] as number); e++) {
        const target = targets[e] as number;
        if (seen.has(target) || (partOf[target] as number) < part) continue;
        seen.add(target);
        pending.push(target);
      }
    }
    return false;
  }

  #described(cells: readonly number[], path: readonly number[], first: readonly number[]): UncutCycle {
    const short = path.map((cell) => this.#placeOf(cell));
    const places = this.#withMovers(short);
    const formula = places[0]?.formula as number;
    const { outer, periods } = this.#shapes[formula] as { outer: number; periods: number };
    const own = cells.map((cell) => this.#placeOf(cell)).filter((place) => place.formula === formula);
    return {
      path: places,
      isEveryMember: new Set(own.map((place) => place.outer)).size === outer,
      isEveryPeriod: new Set(own.map((place) => place.period)).size === periods,
      isAcrossPeriods: this.#isAcrossPeriods(first.map((cell) => this.#placeOf(cell))),
      isPathAcrossPeriods: this.#isAcrossPeriods(places),
      isPathAcrossMembers: this.#isAcrossMembers(places),
      isByMoving: places.length > short.length,
    };
  }

  /** The path with the stocks put in that a stock waits for since they move it. */
  #withMovers(path: readonly CellPlace[]): CellPlace[] {
    return path.flatMap((place, i) => {
      const next = path[i + 1]?.formula;
      const { formula: own, outer, period } = place;
      if (next === undefined || next === own || this.#flowsFrom(own, next)) return [place];
      const mover = this.#joint.moversOf(own).find((other) => this.#flowsFrom(other, next));
      const way = mover === undefined ? [] : this.#joint.wayTo(own, mover);
      return [place, ...way.map((formula) => ({ formula, outer, period: period - 1 }))];
    });
  }

  #flowsFrom(own: number, target: number): boolean {
    return (this.#reads[own] as readonly Reads[]).some((one) => one.target === target);
  }

  #isAcrossPeriods(places: readonly CellPlace[]): boolean {
    const timed = places.filter((place) => (this.#shapes[place.formula]?.periods ?? 1) > 1);
    return timed.some((place) => place.period !== timed[0]?.period);
  }

  /** Whether two cells of the path have different members of an axis. */
  #isAcrossMembers(places: readonly CellPlace[]): boolean {
    const labels = new Map<string, string>();
    for (const place of places) {
      for (const [axis, label] of labelsOf(this.#formulas[place.formula] as CheckedFormula, place)) {
        if ((labels.get(axis) ?? label) !== label) return true;
        labels.set(axis, label);
      }
    }
    return false;
  }

  #cellAt(formula: number, outer: number, period: number): number {
    const { only, isByPeriods } = this.#view;
    const at = only < 0 ? period : 0;
    const member = isByPeriods ? 0 : outer;
    return (this.#first[formula] as number) + member * (this.#shapes[formula]?.periods ?? 1) + at;
  }

  #formulaOf(cell: number): number {
    let low = 0;
    let high = this.#formulas.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#first[middle] as number) <= cell) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #placeOf(cell: number): CellPlace {
    const formula = this.#formulaOf(cell);
    const at = cell - (this.#first[formula] as number);
    const periods = this.#shapes[formula]?.periods ?? 1;
    const { only } = this.#view;
    const period = only < 0 ? at % periods : only;
    return { formula, outer: Math.floor(at / periods), period };
  }
}

/** The labels of a cell's member, by axis. */
export function labelsOf(
  { axes }: CheckedFormula,
  { outer }: { readonly outer: number },
): (readonly [axis: string, label: string])[] {
  const own = axes.filter((axis) => axis.time === undefined);
  const found: (readonly [string, string])[] = [];
  let rest = outer;
  for (const axis of own.toReversed()) {
    found.push([axis.name, axis.labels[rest % axis.labels.length] as string]);
    rest = Math.floor(rest / axis.labels.length);
  }
  return found.reverse();
}

function shapeOf({ axes }: CheckedFormula): { readonly outer: number; readonly periods: number } {
  let outer = 1;
  let periods = 1;
  for (const axis of axes) {
    if (axis.time === undefined) outer *= axis.labels.length;
    else periods = axis.labels.length;
  }
  return { outer, periods };
}

/** The cells of a formula that are looked at. */
function lookedAt(
  formula: CheckedFormula,
  { only, isByPeriods }: View,
): { readonly outer: number; readonly periods: number } {
  const { outer, periods } = shapeOf(formula);
  return { outer: isByPeriods ? 1 : outer, periods: only < 0 ? periods : 1 };
}

/** The members that a cell stands for. */
function membersAt(formula: CheckedFormula, outer: number, { isByPeriods }: View): Iterable<number> {
  return isByPeriods ? Array(shapeOf(formula).outer).keys() : [outer];
}

function cellGraph({ formulas, reads, joint }: Component, first: Int32Array, view: View): Graph | undefined {
  const { only, isByPeriods } = view;
  const widths = formulas.map((formula) => lookedAt(formula, view).periods);
  const starts = new Int32Array((first[formulas.length] as number) + 1);
  const targets: number[] = [];
  let cell = 0;
  for (const [own, formula] of formulas.entries()) {
    const { outer, periods } = lookedAt(formula, view);
    const list = [...(reads[own] as readonly Reads[]), ...readsOfMovers(joint.moversOf(own), reads)];
    const isStock = firstValuesOf(formula.formula).length > 0;
    for (let m = 0; m < outer; m++) {
      for (let t = 0; t < periods; t++, cell++) {
        if (isStock && t > 0) targets.push((first[own] as number) + m * periods + t - 1);
        for (const { from, target, slot, reads: cells, when } of list) {
          if (when === "first" ? t > 0 : when === "before" && t === 0) continue;
          const base = first[target] as number;
          const width = widths[target] as number;
          const at = only >= 0 ? only : when === "before" ? t - 1 : t;
          for (const member of membersAt(formulas[from] as CheckedFormula, m, view)) {
            cells.each(slot, member, at, (precedent, period) => {
              const row = base + (isByPeriods ? 0 : precedent) * width;
              if (only < 0) targets.push(row + period);
              else if (period === only) targets.push(row);
            });
          }
        }
        starts[cell + 1] = targets.length;
      }
      if (targets.length > cellReadsMax) return undefined;
    }
  }
  return { starts, targets: Int32Array.from(targets) };
}

/** What flows into the stocks that move another one within a period. */
function readsOfMovers(movers: readonly number[], reads: readonly (readonly Reads[])[]): Reads[] {
  return movers.flatMap((mover) =>
    (reads[mover] as readonly Reads[]).filter(({ when }) => when === "before"),
  );
}

/** What a formula reads among the formulas of the component. */
function readsOfFormula(
  formulas: readonly CheckedFormula[],
  from: number,
  indexes: ReadonlyMap<string, number>,
): Reads[] {
  const { formula } = formulas[from] as CheckedFormula;
  const found: Reads[] = [];
  const add = (bound: BoundFormula, when: Reads["when"]): void => {
    if (!bound.references.some(({ attribute }) => indexes.has(attribute))) return;
    const reads = new CellReads(bound);
    for (const [slot, { attribute, axes, access }] of bound.references.entries()) {
      const target = indexes.get(attribute);
      if (target === undefined) continue;
      const inTime = access.find((_, i) => axes[i]?.time !== undefined)?.kind;
      const moves = inTime === undefined || inTime === "current" || inTime === "window";
      found.push({ from, target, slot, reads, when, isSteady: when === "same" && moves && reads.isSteady });
    }
  };
  const firstValues = firstValuesOf(formula);
  add(formula, firstValues.length === 0 ? "same" : "before");
  for (const value of firstValues) add(value, "first");
  return found;
}
