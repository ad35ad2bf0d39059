/**
 * Many nodes added at once, in time near that of copying their tables.
 *
 *   1. In the order of the ids, if everything reads what has lower ids: levels, and the values of cells whose arguments
 *      are finite numbers. Otherwise the order is found first, by counting what each still waits for; a cycle leaves
 *      nodes over, and then all levels are assigned anew.
 *   2. Lay out all dependents anew, in two counting passes (`Edges.pack`).
 *   3. Formulas that are left over are marked and queued as usual.
 *
 * Cost: the edges of the whole graph, so it pays when most of them are added: `isWorthIt`.
 */
import type { CellFamily } from "../cell-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import { flagHasValue, flagOther, flagsUnresolved } from "../state/state-table.ts";
import { assignAllLevels } from "../structure/levels.ts";
import { atFirstPrecedent, atWork, rowWords, tagOf } from "../structure/node-rows.ts";
import { kindCell, kindFree, type Structure, traitWide } from "../structure/structure.ts";
import { type AddedNodes, type AddedRange, addedIds } from "./added-nodes.ts";
import { computeRanges } from "./compute-ranges.ts";

const edgesMin = 1024;
/** So few nodes that were added one by one are linked one by one. */
const aloneMin = 256;
const flagsOfValue = flagHasValue | flagOther | flagsUnresolved;
/** Kind and traits. */
const tagBits = 0xffff;
const kindMask = 0xf;
const wideTag = tagOf(0, traitWide);

/** Whether laying out everything anew costs no more than a small factor of what is added. */
export function isWorthIt(structure: Structure, added: AddedNodes): boolean {
  if (added.ranges.length === 0 && added.alone.length < aloneMin) return false;
  const edges = edgesOf(structure, added);
  return edges === 0 || (edges >= edgesMin && edges * 2 >= structure.edges.edgeCount);
}

function edgesOf({ edges }: Structure, added: AddedNodes): number {
  let count = 0;
  for (const range of added.ranges) count += edges.precedentCountOf(range.first) * range.count;
  for (const node of added.alone) count += edges.precedentCountOf(node);
  return count;
}

/**
 * Links the added nodes, gives them levels and computes what can be; the formulas left over. `guard` throws for what a
 * cell may not read; nothing but rows of added nodes is written before it has been passed.
 */
export function addInBulk(graph: Graph, added: AddedNodes, guard: (ids: Int32Array) => void): number[] {
  const { structure } = graph;
  const left: number[] = [];
  // A family's function that edits is refused, as in any recalculation.
  graph.isRunning = true;
  let isOrdered: boolean;
  try {
    isOrdered = computeAll(graph, added, left, guard);
  } finally {
    graph.isRunning = false;
  }
  graph.beginEdit();
  graph.base.revision = graph.revision;
  if (edgesOf(structure, added) > 0) {
    structure.edges.pack(structure.rows);
    structure.keepReaches();
  }
  if (!isOrdered) {
    // What waits for a slice was queued by the levels there were.
    graph.yielding?.beforeStructureEdit();
    assignAllLevels(structure);
  }
  if (graph.isNoting) noteComputed(graph, addedIds(added));
  return left;
}

/** Levels and first values; whether no cycle was met. */
function computeAll(
  graph: Graph,
  added: AddedNodes,
  left: number[],
  guard: (ids: Int32Array) => void,
): boolean {
  // What was computed before something out of order was met is right, and stays.
  if (computeInOrder(graph, added, left)) return true;
  const ids = addedIds(added);
  guard(ids);
  left.length = 0;
  const order = levelByWaiting(graph.structure, ids);
  computeAdded(graph, order ?? ids, left);
  return order !== null;
}

/**
 * Levels and first values in one pass. False as soon as a node reads itself, one with a higher id, or something that a
 * cell may not read.
 */
function computeInOrder(graph: Graph, added: AddedNodes, left: number[]): boolean {
  const ranges = rangesOf(graph.structure, added);
  if (ranges !== null) return computeRanges(graph, ranges, left);
  const ids = addedIds(added);
  const { structure, base } = graph;
  const { words, ranks } = structure.rowTable;
  const { edges } = structure;
  const { poolNode } = edges;
  const { flags } = base;
  const isQuiet = graph.trace === null;
  for (let k = 0; k < ids.length; k++) {
    const node = ids[k] as number;
    const row = node * rowWords;
    const first = words[row + atFirstPrecedent] as number;
    const end = first + edges.precedentCountOf(node);
    let level = 0;
    let joined = flagHasValue;
    let separate = flagHasValue;
    for (let i = first; i < end; i++) {
      const precedent = poolNode[i] as number;
      const before = precedent * rowWords;
      if (precedent >= node || !isOneCell(words[before])) return false;
      const levelBefore = (ranks[precedent] as number) >> 1;
      if (levelBefore >= level) level = levelBefore + 1;
      joined |= flags[precedent] as number;
      separate &= flags[precedent] as number;
    }
    ranks[node] = (level << 1) | ((ranks[node] as number) & 1);
    const kind = (words[row] as number) & tagBits;
    if ((kind & kindMask & 1) === 1) continue;
    const isPlain = (joined & flagsOfValue) === flagHasValue && separate === flagHasValue;
    if (isPlain && isQuiet && kind === kindCell && computeFirst(graph, node)) continue;
    left.push(node);
  }
  return true;
}

/** All that was added as ranges, if only inputs were added alone. */
function rangesOf(structure: Structure, { alone, ranges }: AddedNodes): readonly AddedRange[] | null {
  if (alone.length === 0) return ranges;
  if (alone.some((node) => structure.isFormula(node))) return null;
  return [...ranges, ...alone.map((first) => ({ first, count: 1 }))].sort((a, b) => a.first - b.first);
}

/** Whether a tag is that of a node of one cell. */
function isOneCell(tag: number | undefined): boolean {
  return tag !== undefined && (tag & kindMask) !== kindFree && (tag & wideTag) === 0;
}

function noteComputed(graph: Graph, ids: Int32Array): void {
  const { base, structure } = graph;
  for (const node of ids) {
    if (structure.isFormula(node) && base.flags[node] === flagHasValue) graph.noteChanged(base, node, null);
  }
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
function computeAdded(graph: Graph, order: Int32Array, left: number[]): void {
  const { structure, base, costs } = graph;
  const { words } = structure.rowTable;
  const { poolNode } = structure.edges;
  // Measured all together: a clock takes longer than a cell.
  const began = costs === null ? 0 : costs.now();
  const families = new Uint8Array(costs === null ? 0 : structure.works.list.length);
  let computed = 0;
  for (let k = 0; k < order.length; k++) {
    const node = order[k] as number;
    if (!structure.isFormula(node) || base.flags[node] === flagHasValue) continue;
    const first = structure.edges.firstPrecedentOf(node);
    const end = first + structure.edges.precedentCountOf(node);
    let isPlain = graph.trace === null && ((words[node * rowWords] as number) & tagBits) === kindCell;
    for (let i = first; i < end && isPlain; i++) {
      isPlain = ((base.flags[poolNode[i] as number] as number) & flagsOfValue) === flagHasValue;
    }
    if (!isPlain || !computeFirst(graph, node)) left.push(node);
    else if (costs !== null) {
      computed++;
      families[words[node * rowWords + atWork] as number] = 1;
    }
  }
  if (costs === null || computed === 0) return;
  for (let work = families.indexOf(1); work >= 0; work = families.indexOf(1, work + 1))
    costs.endFamily(work, began, computed);
}

/** The first value of a cell whose arguments are all there, and finite numbers. */
function computeFirst(graph: Graph, node: number): boolean {
  const { structure, base } = graph;
  const { words } = structure.rowTable;
  const { cells } = structure;
  const family = structure.works.list[words[node * rowWords + atWork] as number] as CellFamily;
  // A cell with a signal already goes the long way.
  if (family.plain === undefined || base.flags[node] !== 0) return false;
  const at = words[node * rowWords + atFirstPrecedent] as number;
  const constantAt = family.constantCount === 0 ? 0 : cells.constantAt(node);
  let value: number;
  try {
    value = family.plain(base.numbers, structure.edges.poolNode, at, cells.constants.table, constantAt);
  } catch {
    // What it throws is told on the long way.
    return false;
  }
  if (!Number.isFinite(value)) return false;
  base.numbers[node] = value;
  base.flags[node] = flagHasValue;
  base.changedAt[node] = graph.revision + 1;
  return true;
}
