/** The parts of the model face that make range nodes: one, or many over one node. */
import type { Engine } from "../api.ts";
import { EngineError } from "../engine-error.ts";
import { guardCell, guardIds } from "../face/guards.ts";
import type { NodeId } from "../formula-node.ts";
import type { RangeNode, RangeTable } from "../range-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import { reachOfRanges } from "../structure/reach.ts";
import { kindCell } from "../structure/structure.ts";
import { writeCell, writeCellPrecedents } from "../transactions/definition.ts";
import type { Transaction } from "../transactions/transaction.ts";
import { cellOfRange, rangeConstants, rangeFamilyOf } from "./range-family.ts";

type RangeFace = Pick<Engine, "addRange" | "addRanges">;

export function rangeFace(graph: Graph, transaction: Transaction): RangeFace {
  const { structure } = graph;
  return {
    addRange: (range: RangeNode): NodeId => {
      transaction.guard();
      const cell = cellOfRange(range);
      guardCell(cell);
      const node = graph.allocate(kindCell, cell.family);
      writeCell(structure, node, cell);
      writeCellPrecedents(structure, node, cell);
      transaction.add(node);
      return node;
    },
    addRanges: (table: RangeTable): NodeId => {
      transaction.guard();
      guardTable(table);
      const { of, from, aggregate, nameAt } = table;
      const count = from.length;
      const first = graph.allocateRange(kindCell, count, {
        family: rangeFamilyOf(aggregate),
        mayReuse: !transaction.isOpen,
      });
      const reaches = new Int32Array(count).fill(reachOfRanges);
      structure.edges.setRange(first, count, 1, new Int32Array(count).fill(of), reaches);
      structure.cells.write(first, rangeConstants, constantsOf(table));
      if (nameAt !== undefined) structure.names.setRange(first, count, nameAt);
      transaction.addRange(first, count);
      return first;
    },
  };
}

function constantsOf({ row = 0, from, to }: RangeTable): Float64Array {
  const constants = new Float64Array(from.length * rangeConstants);
  for (let i = 0; i < from.length; i++) {
    constants[i * rangeConstants] = typeof row === "number" ? row : (row[i] as number);
    constants[i * rangeConstants + 1] = from[i] as number;
    constants[i * rangeConstants + 2] = to[i] as number;
  }
  return constants;
}

function guardTable({ of, row = 0, from, to }: RangeTable): void {
  guardIds([of]);
  const rows = typeof row === "number" ? undefined : row.length;
  if (from.length === to.length && (rows === undefined || rows === from.length)) return;
  const counts = [`${from.length} starts`, `${to.length} ends`];
  if (rows !== undefined) counts.push(`${rows} rows`);
  throw new EngineError("engine/wrong-kind", {
    expected: "a start and an end for each range, and a row for each or one for all",
    found: counts.join(", "),
    remedy: "give lists of equal length",
  });
}
