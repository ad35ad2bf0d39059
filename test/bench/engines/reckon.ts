/** Our engine as a general graph: every formula a cell of its own, added in tables. */
import { type CellFamily, createEngine, type Engine, type NodeId } from "@reckon/engine";
import { Column, columnFrom } from "@reckon/value";
import type { BenchEngine, Graph, LoopSolver, LoopTable, RangeSums, Scenario } from "../engine.ts";
import type { Description } from "../graph/description.ts";
import { familyFrom, familyOf } from "./cell-families.ts";
import { wholeCell } from "./whole-cell.ts";

function graphOf(description: Description): Graph {
  const engine = createEngine();
  const first = engine.transaction(() => {
    const inputs = engine.addCellInputs({ values: description.inputs });
    for (const { operation, count, reads, constants } of description.batches) {
      engine.addCells({ family: familyOf(operation), count, precedents: reads, constants });
    }
    return inputs;
  });
  // Precedents are named by node number: the first nodes of an engine have the ids 0, 1, 2 …
  if (first !== 0) throw new Error(`the first node has the id ${first}`);
  return new CellGraph(engine);
}

const one = new Float64Array(1);

/** Node numbers are node ids. */
export class CellGraph implements Graph {
  readonly #engine: Engine;
  readonly #stops: (() => void)[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  set(input: number, value: number): void {
    one[0] = value;
    this.#engine.setNumbers(input as NodeId, one);
  }

  read(node: number): number {
    this.#engine.readNumbers(node as NodeId, one);
    return one[0]!;
  }

  readRange(first: number, out: Float64Array): void {
    this.#engine.readNumbers(first as NodeId, out);
  }

  /** Somebody who is told of every change: what a screen would use. */
  watch(): void {
    this.#stops.push(this.#engine.onChanges(() => undefined));
  }

  countChanges(): () => number {
    let count = 0;
    this.#stops.push(
      this.#engine.onChanges((changes) => {
        count = changes.count;
      }),
    );
    return () => count;
  }

  replace(
    node: number,
    operation: Parameters<typeof familyOf>[0],
    reads: readonly number[],
    constants: readonly number[],
  ): void {
    const family = familyOf(operation);
    const precedents = reads as readonly NodeId[];
    this.#engine.replace(node as NodeId, { name: `n${node}`, family, precedents, constants });
  }

  scenario(input: number, value: number): Scenario {
    const overlay = this.#engine.overlay("scenario");
    overlay.setCells(input as NodeId, wholeCell, columnFrom({ outer: 1, periods: 1 }, [value]));
    return { read: (node) => overlay.readCell(node as NodeId, 0) as number, close: () => overlay.close() };
  }

  dispose(): void {
    for (const stop of this.#stops) stop();
    this.#engine.dispose();
  }
}

/** One column of cells; each sum is a range node of it. */
function rangeSums(cells: Float64Array, ends: Int32Array): RangeSums {
  const engine = createEngine();
  const shape = { outer: 1, periods: cells.length };
  const given = new Column(shape);
  given.numbers.set(cells);
  const column = engine.addInput({ name: "cells", shape, column: given });
  const from = new Int32Array(ends.length);
  const first = engine.addRanges({ of: column, from, to: ends.map((end) => end + 1), aggregate: "sum" });
  const edit = columnFrom({ outer: 1, periods: 1 }, [0]);
  return {
    setCell(cell, value) {
      edit.set(0, value);
      engine.setCells(column, { outerFrom: 0, outerTo: 1, from: cell, to: cell + 1 }, edit);
    },
    readSum(sum) {
      engine.readNumbers((first + sum) as NodeId, one);
      return one[0]!;
    },
    readSums: (out) => engine.readNumbers(first, out),
  };
}

const interestFamily: CellFamily = familyFrom(
  "#0*(#1+#2)/2",
  3,
  0,
  (v, r, at) => (v[r[at]!]! * (v[r[at + 1]!]! + v[r[at + 2]!]!)) / 2,
);
const debtFamily: CellFamily = familyFrom("#0+#1", 2, 0, (v, r, at) => v[r[at]!]! + v[r[at + 1]!]!);

/** Every loop of its own: 1,000 declarations, 2,000 cells. */
function loops({ opening, need, rate }: LoopTable): LoopSolver {
  const engine = createEngine();
  const count = need.length;
  const interest = new Int32Array(count * 3);
  const debt = new Int32Array(count * 2);
  for (let i = 0; i < count; i++) {
    interest.set([2 * count + i, i, 4 * count + i], 3 * i);
    debt.set([count + i, 3 * count + i], 2 * i);
  }
  engine.transaction(() => {
    for (const values of [opening, need, rate]) engine.addCellInputs({ values });
    engine.addCells({ family: interestFamily, count, precedents: interest });
    engine.addCells({ family: debtFamily, count, precedents: debt });
    for (let i = 0; i < count; i++) {
      engine.declareLoop({
        name: `loop ${i}`,
        cuts: [{ node: (4 * count + i) as NodeId }],
        toleranceAbsolute: 1e-9,
        toleranceRelative: 0,
        iterationsMax: 100,
      });
    }
  });
  const graph = new CellGraph(engine);
  return {
    readDebt: (loop) => graph.read(4 * count + loop),
    setNeed: (loop, value) => graph.set(count + loop, value),
  };
}

export const reckon: BenchEngine = {
  name: "reckon",
  role: "reckon",
  form: "graph",
  packageName: "@reckon/engine",
  refuses: {
    debt: "see reckon-family",
    text: "see reckon-language",
    "text-million": "see reckon-language",
    "text-periods": "see reckon-language",
  },
  graph: graphOf,
  // Loaded when it is wanted: it brings the language along.
  texts: async (texts) => (await import("./reckon-texts.ts")).graphFromTexts(texts),
  rangeSums,
  loops,
};
