/** Memory is counted in table entries: what the process holds depends on more than the engine. */
import { columnFrom, type Scalar } from "@reckon/value";
import { expect, it } from "vitest";
import type { CellFamily } from "../cell-node.ts";
import { cellFace } from "../cells/cell-face.ts";
import type { NodeId } from "../formula-node.ts";
import { checkInvariants } from "../invariants/check-invariants.ts";
import { Graph } from "../recalculation/graph.ts";
import { recalculate } from "../recalculation/recalculate.ts";
import { Transaction } from "../transactions/transaction.ts";

const one = { outer: 1, periods: 1 };
const scaled: CellFamily = {
  name: "#0*c",
  arity: 1,
  constantCount: 1,
  plain: (numbers, pool, at, constants, constantAt) =>
    (numbers[pool[at] as number] as number) * (constants[constantAt] as number),
  general: ([a]) => a as Scalar,
};
const sum: CellFamily = {
  name: "#0+#1",
  arity: 2,
  constantCount: 0,
  general: ([a, b]) => (a as number) + (b as number),
};

function open(): { graph: Graph; transaction: Transaction; cells: ReturnType<typeof cellFace> } {
  const graph = new Graph({});
  graph.recalculate = recalculate;
  const transaction = new Transaction(graph);
  return { graph, transaction, cells: cellFace(graph, transaction) };
}

function entries(graph: Graph): number {
  const { structure, base } = graph;
  const { pool, packed, chained } = structure.edges.tableLengths;
  const rows = structure.rowTable.words.length + base.flags.length + base.numbers.length;
  return (
    rows + pool + packed + chained + structure.works.list.length + structure.cells.constants.table.length
  );
}

it("[CE10] removing nearly everything gives the tables back, and ids are used again", () => {
  const { graph, transaction, cells } = open();
  const inputs = cells.addCellInputs({ values: Float64Array.of(1, 2) });
  const add = (count: number): NodeId =>
    cells.addCells({
      family: scaled,
      count,
      precedents: new Int32Array(count),
      constants: new Float64Array(count).fill(3),
      nameAt: (i) => `cell ${i}`,
    });
  const before = entries(graph);
  for (let round = 0; round < 3; round++) {
    const first = add(20_000);
    expect(entries(graph)).toBeGreaterThan(200_000);
    transaction.run(() => {
      for (let i = 5; i < 20_000; i++) transaction.stage({ kind: "remove", node: first + i });
    });
    expect(entries(graph)).toBeLessThan(before + 12_000);
    expect([graph.structure.nameOf(first + 4), graph.base.valueOf(first + 4)]).toEqual(["cell 4", 3]);
    transaction.run(() => {
      for (let i = 0; i < 5; i++) transaction.stage({ kind: "remove", node: first + i });
    });
    checkInvariants(graph);
  }
  const again = cells.addCell({ name: "again", family: sum, precedents: [inputs, inputs] });
  expect([graph.base.valueOf(again), graph.structure.nameOf(again), graph.structure.nodeCount]).toEqual([
    2,
    "again",
    3,
  ]);
  checkInvariants(graph);
});

it("[CE10] 100,000 edits and replacements leave nothing behind", () => {
  const { graph, transaction, cells } = open();
  const input = cells.addCellInputs({ values: Float64Array.of(1, 2) });
  const node = cells.addCell({ name: "node", family: scaled, precedents: [input], constants: [1] });
  const reader = cells.addCell({ name: "reader", family: scaled, precedents: [node], constants: [2] });
  const other = (input + 1) as NodeId;
  const turn = (i: number): void => {
    const constants = [i];
    if (i % 3 === 0) {
      const definition = { name: "node", family: { ...scaled }, precedents: [input], constants };
      transaction.stage({ kind: "replace", node, definition });
    } else if (i % 3 === 1) {
      const definition = { name: "node", family: sum, precedents: [input, other] };
      transaction.stage({ kind: "replace", node, definition });
    } else {
      const definition = { name: "node", shape: one, column: columnFrom(one, [i % 7 === 0 ? "text" : i]) };
      transaction.stage({ kind: "replace", node, definition });
    }
  };
  for (let i = 0; i < 10_000; i++) turn(i);
  const before = entries(graph);
  for (let i = 10_000; i < 100_000; i++) turn(i);
  expect(entries(graph)).toBeLessThan(before * 2);
  expect(entries(graph)).toBeLessThan(30_000);
  expect(graph.base.valueOf(reader)).toBe(2 * 99_999);
  checkInvariants(graph);
}, 60_000);
