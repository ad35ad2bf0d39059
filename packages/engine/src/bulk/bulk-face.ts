/** Many values at once: setting and reading numbers by typed arrays, and lists of what changed. */
import { columnFrom, type ErrorValue, isErrorValue, type Scalar, sameError } from "@reckon/value";
import type { Engine } from "../api.ts";
import { cellScalar } from "../cells/compute-cell.ts";
import { EngineError } from "../engine-error.ts";
import { guardKind, guardNode } from "../face/guards.ts";
import type { NodeId } from "../formula-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import { settle } from "../recalculation/plain-settle.ts";
import { recalculate, resolveNodes } from "../recalculation/recalculate.ts";
import { writeScalar } from "../recalculation/scalar-step.ts";
import { spread } from "../recalculation/settle.ts";
import type { flagCheck, flagDirty, flagHasValue, flagObserved, flagOther } from "../state/state-table.ts";
import { kindColumnInput, kindScalarInput, scalarShape } from "../structure/structure.ts";
import type { Transaction } from "../transactions/transaction.ts";

type BulkFace = Pick<Engine, "setNumbers" | "readNumbers" | "onChanges">;

// Literals: imported constants are loaded and checked at each use.
const hasValue = 16 satisfies typeof flagHasValue;
const observed = 128 satisfies typeof flagObserved;
const flagsOfNumber = hasValue | (32 satisfies typeof flagOther);
const unresolved = (1 satisfies typeof flagDirty) | (2 satisfies typeof flagCheck);
const flagsOfFresh = flagsOfNumber | unresolved;
const oneCell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };

export function bulkFace(graph: Graph, transaction: Transaction): BulkFace {
  return {
    setNumbers: (nodes, values) => {
      transaction.guard();
      guardInputs(graph, transaction, nodes, values.length);
      if (transaction.isOpen) stageNumbers(graph, transaction, nodes, values);
      else if (hasTwice(graph, nodes)) {
        transaction.run(() => stageNumbers(graph, transaction, nodes, values));
      } else setNumbers(graph, nodes, values);
    },
    readNumbers: (first, out) => readNumbers(graph, first, out),
    onChanges: (listener) => graph.onChanges(listener),
  };
}

function nodeAt(nodes: NodeId | Int32Array, index: number): number {
  return typeof nodes === "number" ? nodes + index : (nodes[index] as number);
}

/** All of it is checked before anything is set. */
function guardInputs(
  graph: Graph,
  transaction: Transaction,
  nodes: NodeId | Int32Array,
  count: number,
): void {
  if (typeof nodes !== "number" && nodes.length !== count) {
    throw new EngineError("engine/bad-box", {
      expected: "one value for each node",
      found: `${nodes.length} nodes and ${count} values`,
      remedy: "give lists of equal length",
    });
  }
  const { structure } = graph;
  for (let i = 0; i < count; i++) {
    const node = nodeAt(nodes, i);
    if (!transaction.isOpen && structure.isInputOfOneCell(node)) continue;
    guardKind(graph, transaction, node, false);
    if (structure.isWide(node)) throw notOfOneCell(graph, node);
  }
}

/** Whether a list names a node twice: then the last value counts, as in a transaction. Ascending ids say it at once. */
function hasTwice(graph: Graph, nodes: NodeId | Int32Array): boolean {
  if (typeof nodes === "number") return false;
  let at = 1;
  while (at < nodes.length && (nodes[at - 1] as number) < (nodes[at] as number)) at++;
  if (at >= nodes.length) return false;
  const isSeen = new Uint8Array(graph.structure.rows);
  for (const node of nodes) {
    if (isSeen[node] === 1) return true;
    isSeen[node] = 1;
  }
  return false;
}

function notOfOneCell(graph: Graph, node: number): EngineError {
  const { outer, periods } = graph.structure.shapeOf(node);
  return new EngineError("engine/wrong-shape", {
    expected: "nodes of one cell",
    found: `${graph.structure.nameOf(node)} of ${outer} × ${periods}`,
    remedy: "use setCells and read for columns",
  });
}

/** Beside other edits each is one of them, so that the last of a node wins. */
function stageNumbers(
  graph: Graph,
  transaction: Transaction,
  nodes: NodeId | Int32Array,
  values: Float64Array,
): void {
  for (let i = 0; i < values.length; i++) {
    const node = nodeAt(nodes, i);
    const value = valueFor(graph, node, values[i] as number);
    if (graph.structure.kindOf(node) === kindColumnInput || transaction.replacementOf(node) !== undefined) {
      const cells = columnFrom(scalarShape, [cellScalar(value)]);
      transaction.stage({ kind: "cells", node, box: oneCell, cells });
    } else transaction.stage({ kind: "value", node, value });
  }
}

/** Embedders' inputs hold any number; those of the model face what a cell holds. */
function valueFor(graph: Graph, node: number, value: number): unknown {
  return Number.isFinite(value) || graph.structure.kindOf(node) === kindScalarInput
    ? value
    : cellScalar(value);
}

function setNumbers(graph: Graph, nodes: NodeId | Int32Array, values: Float64Array): void {
  const { base, structure } = graph;
  const { flags, numbers, changedAt } = base;
  const isQuiet = graph.trace === null;
  const isAlone = !graph.isNoting && base.children.length === 0;
  let first = 0;
  while (first < values.length && isAlready(graph, nodeAt(nodes, first), values[first] as number)) first++;
  if (first === values.length) return;
  graph.beginEdit();
  base.revision = graph.revision;
  for (let i = first; i < values.length; i++) {
    const node = nodeAt(nodes, i);
    const value = values[i] as number;
    const before = flags[node] as number;
    if (isQuiet && (before & flagsOfNumber) === hasValue && Number.isFinite(value)) {
      if (isAlone && (before & observed) === 0 && !structure.hasDependents(node)) {
        numbers[node] = value;
        changedAt[node] = graph.revision;
      } else settle(graph, base, node, before, value);
      continue;
    }
    if (writeScalar(graph, base, node, node, valueFor(graph, node, value))) {
      spread(graph, base, node, node, null);
    }
  }
  recalculate(graph);
}

/** Of values that are not finite the error that they become is compared. */
function isAlready(graph: Graph, node: number, value: number): boolean {
  const { base } = graph;
  if (((base.flags[node] as number) & flagsOfNumber) === hasValue)
    return Object.is(base.numbers[node], value);
  const present = base.valueOf(node);
  if (Object.is(present, value)) return true;
  if (Number.isFinite(value) || typeof present !== "object") return false;
  const given = valueFor(graph, node, value) as Scalar;
  return isErrorValue(given) && isErrorValue(present as Scalar) && sameError(present as ErrorValue, given);
}

function readNumbers(graph: Graph, first: NodeId, out: Float64Array): void {
  const { base } = graph;
  const { flags, numbers } = base;
  // Of an engine that yields, flags alone do not say what a later slice may change.
  if (graph.yielding !== null) {
    readOthers(graph, first, out, 0);
    return;
  }
  if (out.length >= wordsMin && isFresh(flags, first, out.length)) {
    out.set(numbers.subarray(first, first + out.length));
    return;
  }
  for (let i = 0; i < out.length; i++) {
    const node = first + i;
    if (((flags[node] as number) & flagsOfFresh) !== hasValue) {
      readOthers(graph, first, out, i);
      return;
    }
    out[i] = numbers[node] as number;
  }
}

/** Fewer cost less one by one. */
const wordsMin = 256;

/** Whether all are fresh numbers: four flags at a time. */
function isFresh(flags: Uint8Array, first: number, count: number): boolean {
  const end = first + count;
  if (first < 0 || end > flags.length) return false;
  const from = (first + 3) & ~3;
  const to = end & ~3;
  for (let node = first; node < from; node++)
    if (((flags[node] as number) & flagsOfFresh) !== hasValue) return false;
  for (let node = to; node < end; node++)
    if (((flags[node] as number) & flagsOfFresh) !== hasValue) return false;
  const words = new Int32Array(flags.buffer, from, (to - from) >> 2);
  const mask = flagsOfFresh * 0x01010101;
  const wanted = hasValue * 0x01010101;
  let differing = 0;
  for (let i = 0; i < words.length; i++) differing |= ((words[i] as number) & mask) ^ wanted;
  return differing === 0;
}

/** From entry `from` on, where not all are fresh numbers. */
function readOthers(graph: Graph, first: NodeId, out: Float64Array, from: number): void {
  const { base, structure } = graph;
  const stale: number[] = [];
  for (let i = from; i < out.length; i++) {
    const node = first + i;
    guardNode(graph, node);
    if (structure.isWide(node)) throw notOfOneCell(graph, node);
    graph.yielding?.settleNode(base, node);
    if (((base.flags[node] as number) & unresolved) !== 0) stale.push(node);
  }
  if (stale.length > 0 && !graph.isRunning) resolveNodes(graph, base, stale);
  const { flags, numbers } = base;
  for (let i = from; i < out.length; i++) {
    const node = first + i;
    const isNumber = ((flags[node] as number) & flagsOfNumber) === hasValue;
    out[i] = isNumber ? (numbers[node] as number) : otherNumber(base.valueOf(node));
  }
}

/** An embedder's number that is not finite; NaN for all else. */
function otherNumber(value: unknown): number {
  return typeof value === "number" ? value : Number.NaN;
}
