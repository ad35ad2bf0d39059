/**
 * Transactions: edits are collected and applied together at the end, so that everybody inside reads the previous
 * revision and a throw has nothing to undo but the rows allocated for added nodes.
 *
 *   1. `stage` checks the edit itself and appends it. A transaction inside another one joins it: its edits are a
 *      tail of the same list, cut off if it throws.
 *   2. At the end of the outermost: the structure first (structure-edit.ts, which checks before it changes anything),
 *      then values state by state, then one recalculation.
 *   3. If no value would change and nothing else was edited, nothing happens and no revision is counted.
 */
import { type AddedRange, addedIds } from "../bulk/added-nodes.ts";
import { addInBulk, isWorthIt } from "../bulk/bulk-add.ts";
import { EngineError } from "../engine-error.ts";
import { guardCellDefinition, guardCellPrecedent, guardRange } from "../face/guards.ts";
import type { FormulaNode } from "../formula-node.ts";
import { joinedSteps } from "../integration/joined-stocks.ts";
import { spanOf } from "../ranges/range-family.ts";
import type { Graph } from "../recalculation/graph.ts";
import { recalculate } from "../recalculation/recalculate.ts";
import { isPromise } from "../recalculation/scalar-step.ts";
import { kindCell, kindColumnFormula } from "../structure/structure.ts";
import { type Definition, type Edit, isCellNode, type Replacements } from "./edit.ts";
import { markEdited } from "./edited-nodes.ts";
import { applyOverlayEdits } from "./overlay-edit.ts";
import { applyStructure, linkOne } from "./structure-edit.ts";
import { applyValues, netValues } from "./value-edit.ts";

export class Transaction implements Replacements {
  private readonly graph: Graph;
  private edits: Edit[] = [];
  /** Rows allocated for added nodes: precedents written, no edge linked. */
  private added: number[] = [];
  /** Rows of consecutive ids that were allocated at once, likewise. */
  private ranges: AddedRange[] = [];
  private readonly replacing = new Map<number, Definition>();
  private readonly removing = new Set<number>();
  private depth = 0;

  constructor(graph: Graph) {
    this.graph = graph;
  }

  get isOpen(): boolean {
    return this.depth > 0;
  }

  run<R>(edits: () => R): R {
    this.guard();
    const start = this.edits.length;
    const addedStart = this.added.length;
    const rangesStart = this.ranges.length;
    this.depth++;
    let result: R;
    try {
      result = edits();
      if (isPromise(result)) throw asynchronousEdits();
      // What was disposed meanwhile takes no edits any more.
      this.guard();
    } catch (error) {
      this.edits.length = start;
      this.replacing.clear();
      this.removing.clear();
      for (const edit of this.edits) this.noteStructure(edit);
      const added = this.added.splice(addedStart);
      const ranges = this.ranges.splice(rangesStart);
      this.graph.hasUnlinked = this.added.length + this.ranges.length > 0;
      this.freeAdded(added, ranges);
      this.depth--;
      // Signals of what was added here have turned to `#REF!`.
      if (this.depth === 0) this.graph.publish();
      throw error;
    }
    this.depth--;
    if (this.depth === 0) this.commit();
    return result;
  }

  /** Applies the edit at once, or with the rest of the open transaction. */
  stage(edit: Edit): void {
    this.guard();
    if ("node" in edit && this.removing.has(edit.node) && edit.kind !== "remove")
      throw removedBefore(edit.node);
    this.edits.push(edit);
    this.noteStructure(edit);
    if (this.depth === 0) this.commit();
  }

  /** What the node will be when the open transaction ends, if it is to be replaced. */
  replacementOf(node: number): Definition | undefined {
    return this.replacing.get(node);
  }

  /** Throws unless the engine may be edited now. */
  guard(): void {
    const { graph } = this;
    if (graph.isClosed) {
      throw new EngineError("engine/closed", {
        expected: "an open engine",
        found: "one that was disposed",
        remedy: "create another engine",
      });
    }
    if (graph.isRunning) {
      throw new EngineError("engine/edit-while-computing", {
        expected: "formulas and listeners that only read",
        found: "an edit during a recalculation",
        remedy: "edit from an effect, or after the call that caused the recalculation has returned",
      });
    }
  }

  /** Takes in a node whose row is allocated and written. */
  add(node: number): void {
    if (this.depth > 0) {
      this.added.push(node);
      this.graph.hasUnlinked = true;
      return;
    }
    const { graph } = this;
    if (graph.states.length > 1 || isJoined(graph, node)) {
      this.added.push(node);
      this.commit();
      return;
    }
    try {
      this.guardCells([node]);
    } catch (error) {
      this.freeAdded([node], []);
      throw error;
    }
    // The short way for one node, as an embedder adds them: benchmark "build one by one".
    try {
      graph.beginEdit();
    } catch (error) {
      this.freeAdded([node], []);
      throw error;
    }
    graph.base.revision = graph.revision;
    markEdited(graph, linkOne(graph, node));
    recalculate(graph);
  }

  /** Takes in rows of consecutive ids that are allocated and written. */
  addRange(first: number, count: number): void {
    if (count === 0) return;
    this.ranges.push({ first, count });
    if (this.depth > 0) this.graph.hasUnlinked = true;
    else this.commit();
  }

  private commit(): void {
    const { edits, graph, ranges } = this;
    const alone = this.added;
    if (edits.length + alone.length + ranges.length === 0) return;
    this.edits = [];
    this.added = [];
    this.ranges = [];
    graph.hasUnlinked = false;
    try {
      if (this.isBulk(edits, alone, ranges)) {
        const left = addInBulk(graph, { alone, ranges }, (ids) => this.guardCells(ids));
        markEdited(graph, { added: left, rewired: new Set(), loosened: [] });
      } else this.commitOneByOne(edits, alone, ranges);
    } catch (error) {
      this.freeAdded(alone, ranges);
      throw error;
    } finally {
      this.replacing.clear();
      this.removing.clear();
    }
    recalculate(graph);
  }

  private isBulk(edits: readonly Edit[], alone: readonly number[], ranges: readonly AddedRange[]): boolean {
    const { graph } = this;
    return (
      edits.length === 0 &&
      graph.states.length === 1 &&
      isWorthIt(graph.structure, { alone, ranges }) &&
      !alone.some((node) => isJoined(graph, node))
    );
  }

  private commitOneByOne(
    edits: readonly Edit[],
    alone: readonly number[],
    ranges: readonly AddedRange[],
  ): void {
    const { graph } = this;
    const added = ranges.length === 0 ? alone : Array.from(addedIds({ alone, ranges }));
    this.guardCells(added);
    for (const edit of edits) {
      if (edit.kind !== "replace" || !isCellNode(edit.definition)) continue;
      guardCellDefinition(graph, this, edit.definition);
    }
    const values = netValues(graph, edits);
    if (values.length + added.length === 0 && !edits.some(isMoreThanValue)) return;
    graph.beginEdit();
    applyStructure(graph, edits, added);
    applyOverlayEdits(graph, edits);
    applyValues(graph, values);
  }

  private noteStructure(edit: Edit): void {
    if (edit.kind === "replace") this.replacing.set(edit.node, edit.definition);
    else if (edit.kind === "remove") this.removing.add(edit.node);
  }

  /** What added cells read, which may have been added after them. */
  private guardCells(added: ArrayLike<number>): void {
    const { structure } = this.graph;
    const { edges } = structure;
    for (let k = 0; k < added.length; k++) {
      const node = added[k] as number;
      if (structure.kindOf(node) !== kindCell) continue;
      const first = edges.firstPrecedentOf(node);
      if (structure.isRange(node)) {
        guardRange(this.graph, this, edges.poolNode[first] as number, spanOf(structure.cells, node));
        continue;
      }
      const end = first + edges.precedentCountOf(node);
      for (let i = first; i < end; i++) {
        const precedent = edges.poolNode[i] as number;
        const isReplaced = this.replacing.size > 0 && this.replacing.has(precedent);
        if (isReplaced || !structure.isOneCell(precedent)) guardCellPrecedent(this.graph, this, precedent);
      }
    }
  }

  private freeAdded(added: readonly number[], ranges: readonly AddedRange[]): void {
    const { structure, base } = this.graph;
    const all = addedIds({ alone: added, ranges });
    for (const node of all) {
      for (const state of this.graph.states) this.graph.forgetObservation(state, node);
      base.clearSlot(node);
      structure.free(node);
    }
    structure.giveBackLast();
    // Packing links every row, so none may wait to be linked.
    if (!this.graph.hasUnlinked) structure.compact();
    base.shrinkRows(structure.rows);
  }
}

/** Whether adding the node gives other nodes other edges. */
function isJoined({ structure }: Graph, node: number): boolean {
  return (
    structure.kindOf(node) === kindColumnFormula && joinedSteps(structure.workOf(node) as FormulaNode) > 0
  );
}

function removedBefore(node: number): EngineError {
  return new EngineError("engine/unknown-node", {
    expected: "no edit of a node behind its removal",
    found: `one of node ${node}, which the same transaction removes`,
    remedy: "leave the edit out, or add another node",
  });
}

function asynchronousEdits(): EngineError {
  return new EngineError("engine/asynchronous-transaction", {
    expected: "a function that has made its edits when it returns",
    found: "one that returns a promise",
    remedy: "await first, then make the edits in a transaction",
  });
}

function isMoreThanValue(edit: Edit): boolean {
  return edit.kind !== "value" && edit.kind !== "cells";
}
