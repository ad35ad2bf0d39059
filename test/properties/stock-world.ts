/**
 * Random models of stocks, delays and formulas, and what their values must be: a naive simulation that computes
 * everything anew and knows no components, groups or dirt.
 *
 * The first nodes have feedback without end, but no cycle within a period: a formula reads formulas of lower numbers,
 * and any stock that starts from an input. The others (`isAhead`) may read the first ones a period ahead.
 */
import type { Box, FormulaNode, Kernel, NodeId, Precedent } from "@reckon/engine";
import { Column, errorValue, isErrorValue, type Scalar, withOrigin } from "@reckon/value";
import type { Draws } from "./engine-pair.ts";

export const periods = 6;

export interface Read {
  readonly node: number;
  readonly offset: number;
}

export interface Cell {
  kind: "input" | "formula" | "stock" | "delay";
  readonly name: string;
  readonly outer: number;
  readonly isAhead: boolean;
  cells: number[];
  reads: readonly Read[];
  factor: number;
  initial: number;
  time: number;
  method: "euler" | "rk4";
  steps: number;
}

export interface WorldState {
  readonly parent: WorldState | null;
  readonly overrides: { node: number; box: Box; value: number }[];
  readonly pins: { node: number; box: Box; value: Scalar }[];
}

export type World = (Cell | null)[];

const factors = [0.31, -0.27, 0.09, 1.03, -0.6, 0.5, 0] as const;

/** The formula of a cell, from what it reads, outer members together where they differ. */
function combine(factor: number, values: readonly Scalar[]): Scalar {
  let sum = factors[factor] as number;
  for (const [i, value] of values.entries()) {
    if (isErrorValue(value)) return value;
    const number = typeof value === "number" ? value : 0;
    if (i % 3 === 0) sum += number * (factors[factor] as number);
    else if (i % 3 === 1) sum = Math.min(sum, number + 1);
    else sum = Math.max(sum - number / 3, -2);
  }
  if (factor === 6 && sum === 0) return errorValue("#DIV/0!");
  return Number.isFinite(sum) && Math.abs(sum) < 1e100 ? sum : errorValue("#NUM!");
}

function membersRead(from: Cell, to: Cell, member: number): readonly number[] {
  return from.outer === to.outer ? [member] : Array.from({ length: to.outer }, (_, m) => m);
}

function kernelOf(world: World, index: number): Kernel {
  const own = world[index] as Cell;
  const { reads, factor, outer } = own;
  const others = reads.map(({ node }) => world[node] as Cell);
  return {
    compute(inputs: readonly Column[], out: Column, box: Box): void {
      for (let m = box.outerFrom; m < box.outerTo; m++) {
        for (let t = box.from; t < box.to; t++) {
          const values = reads.flatMap(({ offset }, i) => {
            const at = t + offset;
            if (at < 0 || at >= periods) return [null];
            const members = membersRead({ outer } as Cell, others[i] as Cell, m);
            return members.map((one) => (inputs[i] as Column).get(one * periods + at));
          });
          out.set(m * periods + t, combine(factor, values));
        }
      }
    },
  };
}

export function definitionOf(world: World, index: number, ids: readonly NodeId[]): FormulaNode {
  const own = world[index] as Cell;
  const precedents = own.reads.map(({ node, offset }): Precedent => {
    const isSame = (world[node] as Cell).outer === own.outer;
    return {
      node: ids[node] as NodeId,
      time: { kind: "window", from: offset, to: offset },
      outer: { kind: isSame ? "same" : "all" },
    };
  });
  const shape = { outer: own.outer, periods };
  const formula = { name: own.name, shape, precedents, kernel: kernelOf(world, index) };
  const initial = ids[own.initial] as NodeId;
  if (own.kind === "stock") {
    return { ...formula, stock: { initial, method: own.method, stepsPerPeriod: own.steps } };
  }
  if (own.kind === "delay") {
    return { ...formula, delay: { initial, time: ids[own.time] as NodeId, stepsPerPeriod: own.steps } };
  }
  return formula;
}

export function columnOf(own: Cell): Column {
  const column = new Column({ outer: own.outer, periods });
  column.numbers.set(own.cells);
  return column;
}

/** Per stock where each member stands, or what flows into it. */
type Levels = ReadonlyMap<number, readonly Scalar[]>;

/** Where stocks stand at a moment within period t: `null` at its beginning. */
interface Moment {
  readonly t: number;
  readonly levels: Levels;
  readonly known: Map<string, Scalar>;
}

const covers = ({ box }: { box: Box }, m: number, t: number): boolean =>
  m >= box.outerFrom && m < box.outerTo && t >= box.from && t < box.to;

/** Simulates a world as one state sees it. */
export class Simulation {
  private readonly world: World;
  private readonly states: readonly WorldState[];
  private readonly published = new Map<string, Scalar>();
  /** By steps and period, where the joined stocks stand at the end of the period. */
  private readonly ends = new Map<string, Levels>();
  /** By delay and step, what went in. */
  private readonly passed = new Map<string, Scalar>();

  constructor(world: World, state: WorldState) {
    this.world = world;
    const states: WorldState[] = [];
    for (let one: WorldState | null = state; one !== null; one = one.parent) states.push(one);
    this.states = states;
  }

  valueAt(node: number, m: number, t: number): Scalar {
    const key = `${node} ${m} ${t}`;
    const known = this.published.get(key);
    if (known !== undefined) return known;
    const value = this.worked(node, m, t);
    this.published.set(key, value);
    return value;
  }

  private worked(node: number, m: number, t: number): Scalar {
    const own = this.world[node] as Cell;
    for (const { overrides, pins } of this.states) {
      const list = own.kind === "input" ? overrides : pins;
      const entry = list.findLast((one) => one.node === node && covers(one, m, t));
      if (entry !== undefined) return entry.value;
    }
    if (own.kind === "input") return own.cells[m * periods + t] as number;
    if (own.kind === "formula") return this.formulaAt(node, m, { t, levels: new Map(), known: new Map() });
    if (t === 0) return this.named(this.initialOf(own, m), node);
    if (own.kind === "delay") return this.delayed(node, m, t * own.steps);
    return this.named(this.endsOf(own, node, t - 1).get(node)?.[m] ?? null, node);
  }

  private named(value: Scalar, node: number): Scalar {
    if (!isErrorValue(value) || value.origin !== undefined) return value;
    return withOrigin(value, { attribute: (this.world[node] as Cell).name, at: [] });
  }

  private initialOf(own: Cell, m: number): Scalar {
    const { outer } = this.world[own.initial] as Cell;
    return this.valueAt(own.initial, outer === 1 ? 0 : m, 0);
  }

  private delayed(node: number, m: number, step: number): Scalar {
    const own = this.world[node] as Cell;
    const time = this.valueAt(own.time, (this.world[own.time] as Cell).outer === 1 ? 0 : m, 0) as number;
    if (time < 0) return this.named(errorValue("#NUM!"), node);
    const late = Math.max(1, Math.round(time * own.steps));
    if (step < late) return this.named(this.initialOf(own, m), node);
    return this.passedIn(node, m, step - late);
  }

  private passedIn(node: number, m: number, step: number): Scalar {
    const own = this.world[node] as Cell;
    const key = `${node} ${m} ${step}`;
    if (own.steps === 1) return this.formulaAt(node, m, { t: step, levels: new Map(), known: new Map() });
    if (!this.passed.has(key)) this.endsOf(own, node, Math.floor(step / own.steps));
    return this.passed.get(key) as Scalar;
  }

  /** Where the stocks that move together with a node stand at the end of a period. */
  private endsOf(own: Cell, node: number, t: number): Levels {
    const isFine = own.steps > 1 || (own.kind === "stock" && own.method === "rk4");
    const key = isFine ? `${own.steps} ${own.isAhead} ${t}` : `n${node} ${t}`;
    const known = this.ends.get(key);
    if (known !== undefined) return known;
    const moving = isFine ? [...this.world.keys()].filter((other) => this.movesWith(other, own)) : [node];
    const levels = this.moved(moving, own.steps, t);
    this.ends.set(key, levels);
    return levels;
  }

  private movesWith(other: number, own: Cell): boolean {
    const one = this.world[other];
    if (one === null || one === undefined || one.steps !== own.steps) return false;
    // What looks ahead may stand behind what does not, never the other way round.
    if (one.isAhead && !own.isAhead) return false;
    if (one.kind === "stock") return one.steps > 1 || one.method === "rk4";
    return one.kind === "delay" && one.steps > 1;
  }

  private moved(moving: readonly number[], steps: number, t: number): Levels {
    const kindOf = (node: number): string => (this.world[node] as Cell).kind;
    const stocks = moving.filter((node) => kindOf(node) === "stock");
    const delays = moving.filter((node) => kindOf(node) === "delay");
    let levels: Levels = new Map(
      stocks.map((node) => [node, this.all(node, (m) => this.valueAt(node, m, t))]),
    );
    for (let step = 0; step < steps; step++) {
      const now = t * steps + step;
      const at = new Map(levels);
      for (const node of delays) {
        const delayed = (m: number) => (step === 0 ? this.valueAt(node, m, t) : this.delayed(node, m, now));
        at.set(node, this.all(node, delayed));
      }
      const flows = this.flows([...stocks, ...delays], t, at);
      for (const node of delays) {
        for (const [m, value] of (flows.get(node) as readonly Scalar[]).entries()) {
          this.passed.set(`${node} ${m} ${now}`, value);
        }
      }
      levels = this.stepped(stocks, t, 1 / steps, levels, at, flows);
    }
    return levels;
  }

  private stepped(
    stocks: readonly number[],
    t: number,
    h: number,
    levels: Levels,
    at: Levels,
    k1: Levels,
  ): Levels {
    const next = new Map(stocks.map((node) => [node, this.added(node, levels, k1, h)]));
    const staged = stocks.filter((node) => (this.world[node] as Cell).method === "rk4");
    if (staged.length === 0) return next;
    const stage = (flows: Levels, reach: number): Levels => {
      const there = new Map(at);
      for (const node of staged) there.set(node, this.added(node, levels, flows, reach));
      return this.flows(staged, t, there);
    };
    const k2 = stage(k1, h / 2);
    const k3 = stage(k2, h / 2);
    const k4 = stage(k3, h);
    for (const node of staged) {
      const moved = (m: number): Scalar => {
        const parts = [levels, k1, k2, k3, k4].map((one) => one.get(node)?.[m] ?? 0);
        const error = parts.find(isErrorValue);
        if (error !== undefined) return this.named(error, node);
        const [x, a, b, c, d] = parts as [number, number, number, number, number];
        return this.finite(x + (h / 6) * (a + 2 * b + 2 * c + d), node);
      };
      next.set(node, this.all(node, moved));
    }
    return next;
  }

  private added(node: number, levels: Levels, flows: Levels, reach: number): Scalar[] {
    return this.all(node, (m) => {
      const level = levels.get(node)?.[m] ?? 0;
      const flow = flows.get(node)?.[m] ?? 0;
      if (isErrorValue(level)) return this.named(level, node);
      if (isErrorValue(flow)) return flow;
      return this.finite((level as number) + reach * (flow as number), node);
    });
  }

  private finite(value: number, node: number): Scalar {
    return Number.isFinite(value) ? value : this.named(errorValue("#NUM!"), node);
  }

  private flows(nodes: readonly number[], t: number, levels: Levels): Levels {
    const moment: Moment = { t, levels, known: new Map() };
    return new Map(nodes.map((node) => [node, this.all(node, (m) => this.formulaAt(node, m, moment))]));
  }

  private all(node: number, value: (m: number) => Scalar): Scalar[] {
    return Array.from({ length: (this.world[node] as Cell).outer }, (_, m) => value(m));
  }

  private formulaAt(node: number, m: number, moment: Moment): Scalar {
    const own = this.world[node] as Cell;
    const values = own.reads.flatMap(({ node: other, offset }) => {
      const at = moment.t + offset;
      if (at < 0 || at >= periods) return [null];
      return membersRead(own, this.world[other] as Cell, m).map((one) => this.readAt(other, one, at, moment));
    });
    return this.named(combine(own.factor, values), node);
  }

  private readAt(node: number, m: number, t: number, moment: Moment): Scalar {
    if (t !== moment.t || moment.levels.size === 0) return this.valueAt(node, m, t);
    const level = moment.levels.get(node);
    if (level !== undefined)
      return this.standsStill(node, m, t) ? this.valueAt(node, m, t) : (level[m] as Scalar);
    const own = this.world[node] as Cell;
    if (own.kind !== "formula") return this.valueAt(node, m, t);
    if (this.isPinned(node, m, t)) return this.valueAt(node, m, t);
    const key = `${node} ${m}`;
    const known = moment.known.get(key);
    if (known !== undefined) return known;
    const value = this.formulaAt(node, m, moment);
    moment.known.set(key, value);
    return value;
  }

  private isPinned(node: number, m: number, t: number): boolean {
    return this.states.some(({ pins }) => pins.some((one) => one.node === node && covers(one, m, t)));
  }

  /** Whether a stock or delay keeps what is pinned from t to t + 1. */
  private standsStill(node: number, m: number, t: number): boolean {
    return this.isPinned(node, m, t) && this.isPinned(node, m, t + 1);
  }
}

/** What a node may read in its own period without making a cycle. */
function isReadable(world: World, from: number, isFlow: boolean, to: number): boolean {
  const own = world[from] as Cell;
  const other = world[to];
  if (other === null || other === undefined) return false;
  if (other.isAhead && !own.isAhead) return false;
  if (other.isAhead && own.isAhead) return to < from || (to === from && isFlow);
  if (own.isAhead || isFlow || other.kind === "input" || to < from) return true;
  return other.kind !== "formula" && (world[other.initial] as Cell).kind === "input";
}

export function drawReads(draws: Draws, world: World, index: number): readonly Read[] {
  const own = world[index] as Cell;
  const isFlow = own.kind !== "formula";
  const reads: Read[] = [];
  for (let count = draws.below(4); count > 0; count--) {
    const offset = draws.pick([0, 0, 0, 0, -1, -2, 1]);
    const others = [...world.keys()].filter((to) => {
      const other = world[to];
      if (other === null || other === undefined) return false;
      if (offset === 1) return own.isAhead && !other.isAhead;
      if (offset < 0 && !own.isAhead) return !other.isAhead;
      return isReadable(world, index, isFlow, to);
    });
    if (others.length > 0) reads.push({ node: draws.pick(others), offset });
  }
  return reads;
}
