/**
 * Many nodes added at once, in time near that of copying their tables.
 *
 *   1. Check what the cells read, and give levels on the way: one pass in the order of the ids, if everything reads what
 *      has lower ids. Otherwise the order is found first, by counting what each still waits for; a cycle leaves nodes
 *      over, and then all levels are assigned anew.
 *   2. Lay out all dependents anew, in two counting passes (`Edges.pack`).
 *   3. First values, in the same order: a cell whose arguments are finite numbers is computed on the spot. What is left
 *      over is marked and queued as usual.
 *
 * Cost: the edges of the whole graph, so it pays when most of them are added: `isWorthIt`.
 */
import type { CellFamily } from "../cell-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import { flagHasValue, flagOther, flagsUnresolved } from "../state/state-table.ts";
import { assignAllLevels } from "../structure/levels.ts";
import { atFirstPrecedent, atLevel, atWork, rowWords } from "../structure/node-rows.ts";
import { kindCell, type Structure } from "../structure/structure.ts";
import type { AddedNodes } from "./added-nodes.ts";

const edgesMin = 1024;
const flagsOfValue = flagHasValue | flagOther | flagsUnresolved;
/** Kind and traits. */
const tagBits = 0xffff;

/** Whether laying out everything anew costs no more than a small factor of what is added. */
export function isWorthIt(structure: Structure, added: AddedNodes): boolean {
  const { edges } = structure;
  if (added.ranges.length === 0) return false;
  let count = 0;
  for (const range of added.ranges) count += edges.precedentCountOf(range.first) * range.count;
  for (const node of added.alone) count += edges.precedentCountOf(node);
  return count >= edgesMin && count * 2 >= edges.edgeCount;
}

/** Links the added nodes (ascending ids), gives them levels and computes what can be; the formulas left over. */
export function addInBulk(graph: Graph, added: Int32Array): Iterable<number> {
  const { structure } = graph;
  const order = levelInOrder(structure, added) ? added : levelByWaiting(structure, added);
  structure.edges.pack(structure.rows);
  structure.keepReaches();
  if (order === null) assignAllLevels(structure);
  return order === null || graph.trace !== null ? added : computeAdded(graph, order);
}

/** One pass; false as soon as a node reads itself or one with a higher id. */
function levelInOrder(structure: Structure, added: Int32Array): boolean {
  const { words } = structure.rowTable;
  const { poolNode } = structure.edges;
  for (let k = 0; k < added.length; k++) {
    const node = added[k] as number;
    const row = node * rowWords;
    const first = words[row + atFirstPrecedent] as number;
    const end = first + structure.edges.precedentCountOf(node);
    let level = 0;
    for (let i = first; i < end; i++) {
      const precedent = poolNode[i] as number;
      if (precedent >= node) return false;
      const before = words[precedent * rowWords + atLevel] as number;
      if (before >= level) level = before + 1;
    }
    words[row + atLevel] = level;
  }
  return true;
}

/** Nodes that wait for none of the added ones first, then those that waited for them alone, and so on. */
function levelByWaiting(structure: Structure, added: Int32Array): Int32Array | null {
  const { edges } = structure;
  const { poolNode } = edges;
  const isAdded = new Uint8Array(structure.rows);
  for (const node of added) isAdded[node] = 1;
  const waiting = new Int32Array(structure.rows);
  const order = new Int32Array(added.length);
  let ready = 0;
  for (const node of added) {
    const first = edges.firstPrecedentOf(node);
    const end = first + edges.precedentCountOf(node);
    let own = 0;
    for (let i = first; i < end; i++) own += isAdded[poolNode[i] as number] as number;
    waiting[node] = own;
    if (own === 0) order[ready++] = node;
  }
  const readers = addedReaders(structure, added, isAdded);
  for (let i = 0; i < ready; i++) {
    const node = order[i] as number;
    structure.setLevel(node, levelBehind(structure, node));
    for (let at = readers.head[node] as number; at !== 0; at = readers.next[at] as number) {
      const reader = readers.node[at] as number;
      waiting[reader] = (waiting[reader] as number) - 1;
      if (waiting[reader] === 0) order[ready++] = reader;
    }
  }
  return ready === added.length ? order : null;
}

function levelBehind(structure: Structure, node: number): number {
  const { edges } = structure;
  const first = edges.firstPrecedentOf(node);
  const end = first + edges.precedentCountOf(node);
  let level = 0;
  for (let i = first; i < end; i++) {
    level = Math.max(level, structure.levelOf(edges.poolNode[i] as number) + 1);
  }
  return level;
}

interface Lists {
  readonly head: Int32Array;
  readonly node: Int32Array;
  readonly next: Int32Array;
}

/** Who reads an added node, among the added: nothing is linked yet. */
function addedReaders(structure: Structure, added: Int32Array, isAdded: Uint8Array): Lists {
  const { edges } = structure;
  let total = 0;
  for (const node of added) total += edges.precedentCountOf(node);
  const lists = {
    head: new Int32Array(structure.rows),
    node: new Int32Array(total + 1),
    next: new Int32Array(total + 1),
  };
  let at = 0;
  for (const node of added) {
    const first = edges.firstPrecedentOf(node);
    const end = first + edges.precedentCountOf(node);
    for (let i = first; i < end; i++) {
      const precedent = edges.poolNode[i] as number;
      if (isAdded[precedent] === 0) continue;
      at++;
      lists.node[at] = node;
      lists.next[at] = lists.head[precedent] as number;
      lists.head[precedent] = at;
    }
  }
  return lists;
}

/** Computes what can be computed on the spot, in the order given; the formulas that are left over. */
function computeAdded(graph: Graph, order: Int32Array): number[] {
  const { structure, base } = graph;
  const { words } = structure.rowTable;
  const left: number[] = [];
  for (let k = 0; k < order.length; k++) {
    const node = order[k] as number;
    const kind = (words[node * rowWords] as number) & tagBits;
    // The value of an input is there; a cell with traits, or with a signal already, goes the long way.
    if (kind === kindCell && base.flags[node] === 0 && computeFirst(graph, node)) continue;
    if (structure.isFormula(node)) left.push(node);
  }
  return left;
}

function computeFirst(graph: Graph, node: number): boolean {
  const { structure, base } = graph;
  const { words } = structure.rowTable;
  const { flags, numbers } = base;
  const pool = structure.edges.poolNode;
  const { plain, arity, constantCount } = structure.works.list[
    words[node * rowWords + atWork] as number
  ] as CellFamily;
  if (plain === undefined) return false;
  const at = words[node * rowWords + atFirstPrecedent] as number;
  for (let i = at; i < at + arity; i++) {
    if (((flags[pool[i] as number] as number) & flagsOfValue) !== flagHasValue) return false;
  }
  const { cells } = structure;
  let value: number;
  try {
    value = plain(numbers, pool, at, cells.constants.table, constantCount === 0 ? 0 : cells.constantAt(node));
  } catch {
    // What it throws is told on the long way.
    return false;
  }
  if (!Number.isFinite(value)) return false;
  numbers[node] = value;
  flags[node] = flagHasValue;
  base.changedAt[node] = graph.revision;
  if (graph.isNoting) graph.noteChanged(base, node, null);
  return true;
}
