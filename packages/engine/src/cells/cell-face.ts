/** The parts of the model face that make cells: one at a time, or whole tables of them. */
import type { Engine } from "../api.ts";
import type { CellInputTable, CellNode, CellTable } from "../cell-node.ts";
import { EngineError } from "../engine-error.ts";
import { guardCell, guardFamily, guardIds } from "../face/guards.ts";
import type { NodeId } from "../formula-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import { flagHasValue } from "../state/state-table.ts";
import { kindCell, kindCellInput } from "../structure/structure.ts";
import { writeCell } from "../transactions/definition.ts";
import type { Transaction } from "../transactions/transaction.ts";
import { cellScalar } from "./compute-cell.ts";

type CellFace = Pick<Engine, "addCell" | "addCells" | "addCellInputs">;

export function cellFace(graph: Graph, transaction: Transaction): CellFace {
  const { structure } = graph;
  return {
    addCell: (cell: CellNode): NodeId => {
      transaction.guard();
      guardCell(cell);
      const node = graph.allocate(kindCell, cell.family);
      writeCell(structure, node, cell);
      structure.edges.setPrecedents(node, cell.precedents);
      transaction.add(node);
      return node;
    },
    addCells: (table: CellTable): NodeId => {
      transaction.guard();
      guardTable(table);
      const { family, count, precedents, constants, nameAt } = table;
      const first = graph.allocateRange(kindCell, count, { family, mayReuse: !transaction.isOpen });
      structure.edges.setRange(first, count, family.arity, precedents);
      if (constants !== undefined) structure.cells.write(first, family.constantCount, constants);
      if (nameAt !== undefined) structure.names.setRange(first, count, nameAt);
      transaction.addRange(first, count);
      return first;
    },
    addCellInputs: ({ values, nameAt }: CellInputTable): NodeId => {
      transaction.guard();
      const first = graph.allocateRange(kindCellInput, values.length, { mayReuse: !transaction.isOpen });
      if (nameAt !== undefined) structure.names.setRange(first, values.length, nameAt);
      writeNumbers(graph, first, values);
      transaction.addRange(first, values.length);
      return first;
    },
  };
}

/** First values of fresh rows. */
function writeNumbers(graph: Graph, first: number, values: Float64Array): void {
  const { base } = graph;
  const { flags, numbers } = base;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isFinite(value)) {
      numbers[first + i] = value;
      flags[first + i] = flagHasValue;
    } else base.write(first + i, cellScalar(value));
  }
}

function guardTable({ family, count, precedents, constants }: CellTable): void {
  guardFamily(family);
  const constantCount = constants?.length ?? 0;
  if (
    Number.isInteger(count) &&
    count >= 0 &&
    precedents.length === count * family.arity &&
    constantCount === count * family.constantCount
  ) {
    guardIds(precedents);
    return;
  }
  throw new EngineError("engine/wrong-kind", {
    expected: `${family.arity} precedents and ${family.constantCount} constants for each of ${count} cells of ${family.name}`,
    found: `${precedents.length} and ${constantCount}`,
    remedy: "give the tables cell by cell, as many entries as the family says",
  });
}
