/** Writing what a node is: its kind, traits, work and precedent row. */
import type { FormulaNode, InputNode, NodeId, Precedent } from "../formula-node.ts";
import { giveUpFlight } from "../recalculation/departure.ts";
import type { Graph } from "../recalculation/graph.ts";
import { flagDirty, flagHasValue, flagOther, flagWhole } from "../state/state-table.ts";
import { kindColumnFormula, kindColumnInput, traitHeavy, traitManual } from "../structure/structure.ts";
import { isFormulaNode } from "./edit.ts";

export function traitsOf(formula: FormulaNode): number {
  const manual = formula.isManual === true ? traitManual : 0;
  return manual | (formula.kernel.weight === "heavy" ? traitHeavy : 0);
}

export function reachIds(graph: Graph, precedents: readonly Precedent[]): number[] {
  return precedents.map((precedent) => graph.structure.reaches.idOf(precedent.time, precedent.outer));
}

/** Turns an existing, unlinked column node into another one. Values of another shape, overrides and pins that no longer fit go. */
export function writeDefinition(graph: Graph, node: number, definition: FormulaNode | InputNode): void {
  const { structure } = graph;
  const before = structure.shapeOf(node);
  const hasNewShape = before.outer !== definition.shape.outer || before.periods !== definition.shape.periods;
  const isFormula = isFormulaNode(definition);
  for (const state of graph.states) {
    const slot = state.slotOf(node);
    if (slot < 0) continue;
    giveUpFlight(graph, state, node, "the formula was replaced");
    if (hasNewShape || isFormula) state.overrides.delete(node);
    if (hasNewShape || !isFormula) state.pins.delete(node);
    // All of it will be marked dirty, or written.
    state.boxes.delete(node);
    if (hasNewShape) {
      const flags = state.flags[slot] as number;
      state.flags[slot] = (flags & ~(flagHasValue | flagOther)) | flagDirty | flagWhole;
    }
    state.isShrinking ||= state.parent !== null;
  }
  graph.costs?.forget(node);
  structure.works[node] = definition;
  structure.kinds[node] = isFormula ? kindColumnFormula : kindColumnInput;
  structure.traits[node] = isFormula ? traitsOf(definition) : 0;
  writeRow(graph, node, isFormula ? definition.precedents : []);
}

/** Writes the precedent row of a cut again, with its guesses behind what the kernel reads. */
export function extraPrecedents(graph: Graph, node: number): void {
  const { structure } = graph;
  if (!structure.isColumn(node) || !structure.isFormula(node)) return;
  const formula = structure.works[node] as FormulaNode;
  const extra: Precedent[] = [];
  for (const loop of graph.loops.values()) {
    for (const cut of loop.cuts) {
      if (cut.node !== node || cut.guess === undefined || cut.guess === node) continue;
      extra.push(guessEdge(graph, node, cut.guess));
    }
  }
  writeRow(graph, node, [...formula.precedents, ...extra]);
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
