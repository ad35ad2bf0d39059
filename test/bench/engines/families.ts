/** Columns in an engine in the place of nodes: what the layouts of families have in common. */
import {
  createEngine,
  type Engine,
  type FormulaNode,
  type Kernel,
  type NodeId,
  type OuterReach,
  type Precedent,
  type TimeReach,
} from "@reckon/engine";
import { Column, columnFrom, type Shape } from "@reckon/value";
import type { Graph } from "../engine.ts";

export const scalar: Shape = { outer: 1, periods: 1 };
const same: OuterReach = { kind: "same" };
const all: OuterReach = { kind: "all" };
const now: TimeReach = { kind: "window", from: 0, to: 0 };
export const before: TimeReach = { kind: "window", from: -1, to: -1 };
export const everything: TimeReach = { kind: "all" };

export const reading = (node: NodeId, time: TimeReach = now, outer: OuterReach = same): Precedent => ({
  node,
  time,
  outer,
});
export const readingScalar = (node: NodeId): Precedent => reading(node, everything, all);

export type Compute = Kernel["compute"];

/** Columns in an engine, and where in them the nodes of a description lie. */
export class Families {
  readonly engine: Engine = createEngine();
  /** Where node n lies: in which column, at which cell. */
  readonly columnOf: NodeId[] = [];
  readonly firstNode: number[] = [];
  readonly #shapes: Shape[] = [];
  readonly #edit: Column = columnFrom(scalar, [0]);

  input(shape: Shape, values: ArrayLike<number>): NodeId {
    const column = new Column(shape);
    column.numbers.set(values);
    return this.engine.addInput({ name: "input", shape, column });
  }

  /** Every cell by itself (`isCellwise`), so that the engine may ask for a long column in parts. */
  formula(shape: Shape, precedents: readonly Precedent[], compute: Compute, isCellwise = true): NodeId {
    const node: FormulaNode = { name: "formula", shape, precedents, kernel: { compute, isCellwise } };
    return this.engine.addFormula(node);
  }

  /** The next nodes of the description are the cells of this column. */
  place(column: NodeId, shape: Shape): void {
    const last = this.#shapes.at(-1);
    const cells = last === undefined ? 0 : last.outer * last.periods;
    this.firstNode.push((this.firstNode.at(-1) ?? 0) + cells);
    this.columnOf.push(column);
    this.#shapes.push(shape);
  }

  #placeOf(node: number): number {
    let low = 0;
    let high = this.firstNode.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.firstNode[middle]! <= node) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  graph(cellOf: (place: number, offset: number) => number = (_, offset) => offset): Graph {
    const { engine } = this;
    const read = (node: number) => {
      const place = this.#placeOf(node);
      const cell = cellOf(place, node - this.firstNode[place]!);
      return engine.readCell(this.columnOf[place]!, cell) as number;
    };
    return {
      set: (input, value) => {
        const place = this.#placeOf(input);
        this.setCell(place, cellOf(place, input - this.firstNode[place]!), value);
      },
      read,
      readRange: (first, out) => {
        for (let i = 0; i < out.length; i++) out[i] = read(first + i);
      },
      dispose: () => engine.dispose(),
    };
  }

  setCell(place: number, cell: number, value: number): void {
    const { periods } = this.#shapes[place]!;
    const outer = Math.floor(cell / periods);
    const from = cell % periods;
    this.#edit.set(0, value);
    this.engine.setCells(
      this.columnOf[place]!,
      { outerFrom: outer, outerTo: outer + 1, from, to: from + 1 },
      this.#edit,
    );
  }
}

/** Whole columns are read without handing them out, so that the next edit can write in place. */
export function readingWhole(
  families: Families,
  graph: Graph,
  isWhole: (first: number, count: number) => number,
): Graph {
  const { engine } = families;
  return {
    ...graph,
    readRange(first, out) {
      const place = isWhole(first, out.length);
      if (place < 0) graph.readRange(first, out);
      else {
        const numbers = engine.view(families.columnOf[place]!).numbers;
        out.set(numbers.length === out.length ? numbers : numbers.subarray(0, out.length));
      }
    },
  };
}
