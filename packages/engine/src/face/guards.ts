/** Checks of what callers hand in; each failure says what was expected, what was found, and what to do. */
import type { Column } from "@reckon/value";
import { EngineError } from "../engine-error.ts";
import type { Box, FormulaNode, InputNode } from "../formula-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import { cellCount, contains, wholeBox } from "../state/boxes.ts";
import type { StateTable } from "../state/state-table.ts";
import { isFormulaNode } from "../transactions/edit.ts";
import type { Transaction } from "../transactions/transaction.ts";

export function guardNode(graph: Graph, node: number): void {
  if (graph.structure.isLive(node)) return;
  throw new EngineError("engine/unknown-node", {
    expected: "the id of a node of this engine",
    found: String(node),
    remedy: "use ids returned by this engine, and none of a removed node",
  });
}

export function guardOpen(state: StateTable): void {
  if (!state.isClosed) return;
  throw new EngineError("engine/closed", {
    expected: "an open state",
    found: `${state.name}, which was closed`,
    remedy: "open another overlay",
  });
}

export function guardBox(
  graph: Graph,
  transaction: Transaction,
  node: number,
  box: Box,
  cells: Column,
): void {
  const shape = transaction.replacementOf(node)?.shape ?? graph.structure.shapeOf(node);
  const isOrdered = box.outerFrom <= box.outerTo && box.from <= box.to;
  if (isOrdered && contains(wholeBox(shape), box) && cells.length === cellCount(box)) return;
  const { outerFrom, outerTo, from, to } = box;
  throw new EngineError("engine/bad-box", {
    expected: `a box within ${shape.outer} × ${shape.periods} and as many cells`,
    found: `members ${outerFrom}..${outerTo}, periods ${from}..${to} with ${cells.length} cells`,
    remedy: "give half-open ranges and one cell for each position, time innermost",
  });
}

/** Counts a replacement that the open transaction has staged. */
export function guardKind(graph: Graph, transaction: Transaction, node: number, isFormula: boolean): void {
  guardNode(graph, node);
  const replacement = transaction.replacementOf(node);
  const isNow = replacement === undefined ? graph.structure.isFormula(node) : isFormulaNode(replacement);
  if (isNow === isFormula) return;
  throw new EngineError("engine/wrong-kind", {
    expected: isFormula ? "a formula" : "an input",
    found: `${graph.structure.nameOf(node)}, which is ${isFormula ? "an input" : "a formula"}`,
    remedy: isFormula ? "set or override inputs" : "pin the formula in an overlay, or replace it",
  });
}

export function guardColumnNode(graph: Graph, node: number): void {
  guardNode(graph, node);
  if (graph.structure.isColumn(node)) return;
  throw new EngineError("engine/wrong-kind", {
    expected: "a node made by addInput or addFormula",
    found: `${graph.structure.nameOf(node)}, a scalar attribute`,
    remedy: "make another computed attribute instead of replacing this one",
  });
}

export function guardInputNode(node: InputNode): void {
  const { shape, column } = node;
  if (column.shape.outer === shape.outer && column.shape.periods === shape.periods) return;
  throw new EngineError("engine/wrong-shape", {
    expected: `a column of ${shape.outer} × ${shape.periods} for ${node.name}`,
    found: `${column.shape.outer} × ${column.shape.periods}`,
    remedy: "give the column the node's shape",
  });
}

export function guardPrecedents(graph: Graph, node: FormulaNode): void {
  for (const precedent of node.precedents) guardNode(graph, precedent.node);
}
