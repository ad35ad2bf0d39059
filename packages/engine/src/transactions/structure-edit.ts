/**
 * Structure edits: nodes added, replaced and removed, loops declared and dropped, as one step.
 *
 *   1. Check everything that can be wrong; nothing has been changed so far.
 *   2. Take the edges of replaced and removed nodes out. Components that lose an edge inside are dissolved.
 *   3. Write the new definitions and precedent rows. A loop's guess is an extra precedent of its cut, behind those
 *      that the kernel reads.
 *      So is what a stock is joined to (integration/joined-stocks.ts).
 *   4. Link, then levels: one node at a time, or all anew when many existing nodes got other edges.
 *   5. Mark what must be computed, in every state that owns it; overlays own what now reads an owned node.
 *
 * Cost: the edited nodes, their edges, and what the levels need.
 */
import { EngineError } from "../engine-error.ts";
import type { FormulaNode, LoopDeclaration, NodeId } from "../formula-node.ts";
import { joinedSteps } from "../integration/joined-stocks.ts";
import { isIntegrated, nodesByDefinition } from "../integration/stock-row.ts";
import { giveUpFlight } from "../recalculation/departure.ts";
import type { Graph } from "../recalculation/graph.ts";
import type { Component } from "../structure/component.ts";
import { assignAllLevels, settleLevel, splitComponent } from "../structure/levels.ts";
import { reachOfRanges } from "../structure/reach.ts";
import { kindCell, kindColumnFormula, type Structure } from "../structure/structure.ts";
import { extraPrecedents, writeDefinition } from "./definition.ts";
import { type Definition, type Edit, precedentsOfDefinition, shapeOfDefinition } from "./edit.ts";
import { markEdited } from "./edited-nodes.ts";

/** From so many rewired nodes on, and this share of all, levels are assigned anew. */
const rewiredForAssignment = 256;
const rewiredShare = 0.05;

/** The net effect of the structure edits. */
interface StructureChange {
  readonly added: readonly number[];
  /** The added nodes again, for looking up; empty when nothing is replaced or removed, and no loop declared. */
  readonly isAdded: ReadonlySet<number>;
  readonly replaced: ReadonlyMap<number, Definition>;
  readonly removed: ReadonlySet<number>;
  readonly loops: ReadonlyMap<string, LoopDeclaration | null>;
}

export function applyStructure(graph: Graph, edits: readonly Edit[], added: readonly number[]): void {
  const change = netStructure(edits, added);
  const { replaced, removed, loops } = change;
  if (added.length + replaced.size + removed.size + loops.size === 0) return;
  checkRemovals(graph, change);
  checkShapes(graph, change);
  graph.yielding?.beforeStructureEdit();
  graph.base.revision = graph.revision;
  const rewired = rewiredNodes(graph, change);
  const joinedAdded = joinStocks(graph, change, rewired);
  const loosened = unlinkAll(graph, [...rewired, ...removed], change);
  for (const node of removed) removeNode(graph, node);
  for (const [name, declaration] of loops) {
    if (declaration === null) graph.loops.delete(name);
    else graph.loops.set(declaration);
  }
  for (const [node, definition] of replaced) writeDefinition(graph, node, definition);
  for (const node of joinedAdded) extraPrecedents(graph, node);
  linkAll(graph, rewired, change);
  // A declaration concerns the components of its cuts alone.
  if (loops.size > 0) {
    for (const node of rewired) {
      const component = graph.structure.componentOf(node);
      if (component !== undefined) component.order = null;
    }
  }
  markEdited(graph, { added: added.filter((node) => !removed.has(node)), rewired, loosened });
}

function netStructure(edits: readonly Edit[], added: readonly number[]): StructureChange {
  const replaced = new Map<number, Definition>();
  const removed = new Set<number>();
  const loops = new Map<string, LoopDeclaration | null>();
  for (const edit of edits) {
    if (edit.kind === "replace") replaced.set(edit.node, edit.definition);
    else if (edit.kind === "remove") {
      removed.add(edit.node);
      replaced.delete(edit.node);
    } else if (edit.kind === "loop") loops.set(edit.name, edit.declaration);
  }
  const isAdditionOnly = replaced.size + removed.size + loops.size === 0;
  return { added, isAdded: new Set(isAdditionOnly ? [] : added), replaced, removed, loops };
}

/** A removed node must have no reader left, counting what the same transaction adds and replaces. */
function checkRemovals(graph: Graph, change: StructureChange): void {
  const { structure } = graph;
  const { added, replaced, removed } = change;
  if (removed.size === 0) return;
  const fail = (reader: number, node: number): never => {
    throw new EngineError("engine/still-read", {
      expected: `no reader of ${structure.nameOf(node)} at the end of the transaction`,
      found: `${structure.nameOf(reader)} reading it`,
      remedy: "remove or replace its dependents in the same transaction",
    });
  };
  // A cut of a dropped loop reads the guess only through the loop.
  const cuts = rewiredNodes(graph, change);
  for (const node of removed) {
    for (const reader of structure.dependentsOf(node)) {
      if (reader === node || removed.has(reader) || replaced.has(reader)) continue;
      if (graph.joined.nextOf(reader) === node && !readsItself(structure, reader, node)) continue;
      if (cuts.has(reader) && !readsItself(structure, reader, node)) continue;
      fail(reader, node);
    }
  }
  for (const [reader, definition] of replaced) {
    for (const node of precedentsOfDefinition(definition)) if (removed.has(node)) fail(reader, node);
  }
  for (const reader of added) {
    if (removed.has(reader) || replaced.has(reader)) continue;
    for (const node of structure.precedentsOf(reader)) if (removed.has(node)) fail(reader, node);
  }
}

/** Whether `reader` reads `node` by its definition, and not only as a guess of a loop or a stock that it is joined to. */
function readsItself(structure: Structure, reader: number, node: number): boolean {
  if (structure.kindOf(reader) === kindCell) {
    return structure.precedentsOf(reader).slice(0, structure.familyOf(reader).arity).includes(node);
  }
  if (structure.kindOf(reader) !== kindColumnFormula) return false;
  return nodesByDefinition(structure.workOf(reader) as FormulaNode).includes(node as NodeId);
}

/**
 * Joins the stocks that come and parts those that go. Existing nodes whose row is another one by that are put to the
 * rewired; the added ones whose row must be written again.
 */
function joinStocks(graph: Graph, change: StructureChange, rewired: Set<number>): number[] {
  const { structure, joined } = graph;
  const { added, replaced, removed } = change;
  const changed = new Set<number>();
  const fresh = new Set<number>();
  for (const node of added) {
    if (removed.has(node) || structure.kindOf(node) !== kindColumnFormula) continue;
    const formula = structure.workOf(node) as FormulaNode;
    if (!isIntegrated(formula)) continue;
    fresh.add(node);
    if (!replaced.has(node)) joined.place(node, joinedSteps(formula), changed);
  }
  for (const [node, definition] of replaced) {
    joined.place(node, "kernel" in definition ? joinedSteps(definition) : 0, changed);
  }
  for (const node of removed) joined.place(node, 0, changed);
  for (const node of changed) if (!fresh.has(node) && !removed.has(node)) rewired.add(node);
  // Rows of added nodes are not linked yet. What a stock reads may have got another shape.
  return [...fresh].filter((node) => !rewired.has(node));
}

/** A node may change its shape only together with everything that reads it. */
function checkShapes(graph: Graph, change: StructureChange): void {
  const { structure } = graph;
  const { isAdded, replaced, removed } = change;
  for (const [node, definition] of replaced) {
    const shape = structure.shapeOf(node);
    const wanted = shapeOfDefinition(definition);
    if (shape.outer === wanted.outer && shape.periods === wanted.periods) continue;
    for (const reader of structure.dependentsOf(node)) {
      if (replaced.has(reader) || removed.has(reader) || isAdded.has(reader)) continue;
      throw new EngineError("engine/wrong-shape", {
        expected: `${structure.nameOf(node)} to keep its shape ${shape.outer} × ${shape.periods}`,
        found: `${wanted.outer} × ${wanted.periods}, while ${structure.nameOf(reader)} still reads the old one`,
        remedy: "replace all dependents in the same transaction",
      });
    }
  }
}

/** Existing nodes whose precedents are written again: replaced ones, and cuts whose loop changes. */
function rewiredNodes(graph: Graph, change: StructureChange): Set<number> {
  const rewired = new Set(change.replaced.keys());
  for (const [name, declaration] of change.loops) {
    for (const loop of [graph.loops.get(name), declaration]) {
      for (const cut of loop?.cuts ?? []) {
        if (!change.removed.has(cut.node)) rewired.add(cut.node);
      }
    }
  }
  return rewired;
}

/** Takes the edges out, dissolving components that lose edges inside; their former members. */
function unlinkAll(graph: Graph, nodes: readonly number[], change: StructureChange): number[] {
  const { structure } = graph;
  const broken = new Set<Component>();
  for (const node of nodes) {
    const component = structure.componentOf(node);
    if (component !== undefined) broken.add(component);
    if (!change.isAdded.has(node)) structure.edges.unlinkPrecedents(node);
    // The row of a cell is all that says what it reads; behind that stand the guesses of loops. What goes reads nothing:
    // components are formed anew by the rows.
    const isGoing = change.replaced.has(node) || change.removed.has(node);
    const kept = !isGoing && structure.kindOf(node) === kindCell ? structure.familyOf(node).arity : 0;
    const reaches = kept > 0 && structure.isRange(node) ? [reachOfRanges] : undefined;
    structure.edges.setPrecedents(node, structure.precedentsOf(node).slice(0, kept), reaches);
  }
  const loosened: number[] = [];
  for (const component of broken) {
    loosened.push(...component.members);
    splitComponent(structure, component);
  }
  return loosened;
}

function removeNode(graph: Graph, node: number): void {
  const { structure } = graph;
  for (const loop of [...graph.loops.cutAt(node)]) {
    const cuts = loop.cuts.filter((cut) => cut.node !== node);
    if (cuts.length === 0) graph.loops.delete(loop.name);
    else graph.loops.set({ ...loop, cuts });
  }
  for (const state of graph.states) {
    graph.forgetObservation(state, node);
    if (state.slotOf(node) < 0) continue;
    giveUpFlight(graph, state, node, "the node was removed");
    state.overrides.delete(node);
    state.pins.delete(node);
    state.records.delete(node);
    if (state.parent === null) state.clearSlot(node);
    else state.dropSlot(node);
  }
  graph.costs?.forget(node);
  graph.dispatch?.forget(node);
  if (structure.kindOf(node) === kindCell) graph.costs?.forgetFamily(structure.workNumberOf(node));
  structure.free(node);
}

function linkAll(graph: Graph, rewired: ReadonlySet<number>, change: StructureChange): void {
  const { structure } = graph;
  const isBulk = rewired.size > rewiredForAssignment && rewired.size > structure.rows * rewiredShare;
  const link = (node: number): void => {
    structure.edges.linkPrecedents(node);
    if (!isBulk) settleLevel(structure, node);
  };
  for (const node of change.added) if (!rewired.has(node) && !change.removed.has(node)) link(node);
  for (const node of rewired) {
    extraPrecedents(graph, node);
    link(node);
  }
  if (isBulk) assignAllLevels(structure);
  structure.tidy();
  structure.compact();
  graph.base.shrinkRows(structure.rows);
  graph.queue.forgetLevels(structure.rows);
}

const nothing: ReadonlySet<number> = new Set();

/** Links one added node in an engine without overlays: what `applyStructure` would do for it. */
export function linkOne(
  graph: Graph,
  node: number,
): { added: readonly number[]; rewired: ReadonlySet<number>; loosened: readonly number[] } {
  const { structure } = graph;
  structure.edges.linkPrecedents(node);
  settleLevel(structure, node);
  structure.tidy();
  return { added: [node], rewired: nothing, loosened: [] };
}
