/** Writing what a node is: its kind, traits, work and precedent row. */
import type { CellNode } from "../cell-node.ts";
import { cellFormula } from "../cells/cell-formula.ts";
import type { FormulaNode, NodeId, Precedent } from "../formula-node.ts";
import { joiningEdge, precedentsByDefinition } from "../integration/stock-row.ts";
import { isRangeFamily } from "../ranges/range-family.ts";
import { giveUpFlight } from "../recalculation/departure.ts";
import type { Graph } from "../recalculation/graph.ts";
import { flagDirty, flagHasValue, flagOther, flagWhole } from "../state/state-table.ts";
import { reachOfRanges } from "../structure/reach.ts";
import {
  kindCell,
  kindColumnFormula,
  kindColumnInput,
  type Structure,
  traitHeavy,
  traitManual,
  wideTrait,
} from "../structure/structure.ts";
import { type Definition, isCellNode, isInputNode, shapeOfDefinition } from "./edit.ts";

export function traitsOf(definition: Definition): number {
  if (isInputNode(definition)) return wideTrait(definition.shape);
  const manual = definition.isManual === true ? traitManual : 0;
  if (isCellNode(definition)) return manual;
  return manual | (definition.kernel.weight === "heavy" ? traitHeavy : 0) | wideTrait(definition.shape);
}

/** Writes the precedent row of a formula over columns that is not linked: what it reads by its definition. */
export function writeFormulaRow(graph: Graph, node: number, formula: FormulaNode): void {
  writeRow(graph, node, definedPrecedents(graph, node, formula));
}

function definedPrecedents(graph: Graph, node: number, formula: FormulaNode): readonly Precedent[] {
  return precedentsByDefinition(node, formula, (read) => graph.structure.shapeOf(read));
}

function reachIds(graph: Graph, precedents: readonly Precedent[]): number[] {
  return precedents.map((precedent) => graph.structure.reaches.idOf(precedent.time, precedent.outer));
}

/** Turns an existing, unlinked node into another one. Values of another shape, overrides and pins that no longer fit go. */
export function writeDefinition(graph: Graph, node: number, definition: Definition): void {
  const { structure } = graph;
  const before = structure.shapeOf(node);
  const shape = shapeOfDefinition(definition);
  const hasNewShape = before.outer !== shape.outer || before.periods !== shape.periods;
  const isFormula = !isInputNode(definition);
  for (const state of graph.states) {
    const slot = state.slotOf(node);
    if (slot < 0) continue;
    giveUpFlight(graph, state, node, "the formula was replaced");
    if (hasNewShape || isFormula) state.overrides.delete(node);
    if (hasNewShape || !isFormula) state.pins.delete(node);
    // All of it will be marked dirty, or written.
    state.dropBoxes(node);
    if (hasNewShape) {
      const flags = state.flags[slot] as number;
      state.flags[slot] = (flags & ~(flagHasValue | flagOther)) | flagDirty | flagWhole;
      if (slot < state.others.length) state.others[slot] = undefined;
    }
    state.isShrinking ||= state.parent !== null;
  }
  graph.costs?.forget(node);
  graph.dispatch?.forget(node);
  if (structure.kindOf(node) === kindCell) graph.costs?.forgetFamily(structure.workNumberOf(node));
  structure.dropCell(node);
  structure.names.delete(node);
  if (isCellNode(definition)) writeCell(structure, node, definition);
  else {
    structure.define(node, isFormula ? kindColumnFormula : kindColumnInput, definition);
    structure.setTraits(node, traitsOf(definition));
  }
  if (isCellNode(definition)) writeCellPrecedents(structure, node, definition);
  else if (isFormula) writeFormulaRow(graph, node, definition as FormulaNode);
  else writeRow(graph, node, []);
}

/** What a cell reads; the edge of a range node says that it is one. */
export function writeCellPrecedents(structure: Structure, node: number, cell: CellNode): void {
  const reaches = isRangeFamily(cell.family) ? [reachOfRanges] : undefined;
  structure.edges.setPrecedents(node, cell.precedents, reaches);
}

/** Everything of a cell but its precedent row. */
export function writeCell(structure: Structure, node: number, cell: CellNode): void {
  structure.define(node, kindCell, cell.family);
  structure.setTraits(node, traitsOf(cell));
  structure.names.set(node, cell.name);
  structure.cells.write(node, cell.family.constantCount, cell.constants ?? []);
  if (cell.labelsAt !== undefined) structure.cells.labels.set(node, cell.labelsAt);
}

/** Writes a precedent row again: behind what is read by definition the guesses of a cut, and what a stock is joined to. */
export function extraPrecedents(graph: Graph, node: number): void {
  const { structure } = graph;
  const kind = structure.kindOf(node);
  if (kind !== kindColumnFormula && kind !== kindCell) return;
  const own =
    kind === kindCell
      ? cellFormula(structure, node).precedents
      : definedPrecedents(graph, node, structure.workOf(node) as FormulaNode);
  const extra: Precedent[] = [];
  for (const loop of graph.loops.cutAt(node)) {
    for (const cut of loop.cuts) {
      if (cut.node !== node || cut.guess === undefined || cut.guess === node) continue;
      extra.push(guessEdge(graph, node, cut.guess));
    }
  }
  const joined = graph.joined.nextOf(node);
  if (joined >= 0) extra.push(joiningEdge(joined as NodeId));
  // The row of a cell says already what it reads by itself, and a range node's that it is one.
  if (kind === kindCell && extra.length === 0) return;
  writeRow(graph, node, [...own, ...extra]);
}

function guessEdge(graph: Graph, node: number, guess: NodeId): Precedent {
  const own = graph.structure.shapeOf(node);
  const other = graph.structure.shapeOf(guess);
  return {
    node: guess,
    time: own.periods === other.periods ? { kind: "window", from: 0, to: 0 } : { kind: "all" },
    outer: own.outer === other.outer ? { kind: "same" } : { kind: "all" },
  };
}

function writeRow(graph: Graph, node: number, precedents: readonly Precedent[]): void {
  graph.structure.edges.setPrecedents(
    node,
    precedents.map((precedent) => precedent.node),
    reachIds(graph, precedents),
  );
}
