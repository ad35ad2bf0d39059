/**
 * Computing the range nodes that an edit has reached in one loop over the partial sums of their row.
 *
 * The loop does for each what the long way would (recalculate.ts): the same bits, the same cutoff, lists of changes and
 * signals. The differential tests (ranges-differential.test.ts) play the same edits both ways.
 */
import { Column, type ErrorValue, isErrorValue, type RowSums, rangeCount, rowSumsOf } from "@reckon/value";
import { settled } from "../cells/compute-cell.ts";
import { notMeasured } from "../recalculation/costs.ts";
import type { Graph } from "../recalculation/graph.ts";
import { enqueue } from "../recalculation/push.ts";
import {
  flagDirty,
  flagHasValue,
  flagObserved,
  flagOther,
  flagQueued,
  flagsUnresolved,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";
import type { RowReaders } from "../structure/edges.ts";
import { grownFloat64 } from "../structure/growth.ts";
import { atDependentCount, atWork, rowWords, tagOf } from "../structure/node-rows.ts";
import { kindCell, traitChained } from "../structure/structure.ts";
import type { RangeGroup } from "./range-batch.ts";
import { averageOf, type RangeFamily } from "./range-family.ts";

/** What of a tag says kind and traits, but for the one that changes nothing about the way. */
const tagMask = 0xffff & ~tagOf(0, traitChained);
const marked = flagDirty | flagWhole;
const flagsOfNumber = flagHasValue | flagOther;

/** How many range nodes were computed together in this process: what shows that this way was taken. */
export const rangeWork: { together: number } = { together: 0 };

/**
 * Keeps back the range nodes that were found behind the batch's entries, up to `end`, to be computed together; what cannot
 * wait there is marked.
 */
export function takeReaders(
  graph: Graph,
  of: number,
  { row, index }: RowReaders,
  end: number,
  mark: (dependent: number) => void,
): void {
  const { ranges, base, structure } = graph;
  const { entries, length: first } = ranges;
  const { flags } = base;
  const { words } = structure.rowTable;
  const { nodes } = index;
  let length = first;
  for (let i = first; i < end; i++) {
    const entry = entries[i] as number;
    const node = nodes[entry] as number;
    const before = flags[node] as number;
    const isPlain =
      (before & (flagsUnresolved | flagQueued)) === 0 &&
      ((words[node * rowWords] as number) & tagMask) === kindCell;
    if (isPlain) {
      flags[node] = before | marked;
      entries[length++] = entry;
    } else mark(node);
  }
  if (length === first) return;
  ranges.groups.push({ of, row, index, first, end: length });
  ranges.length = length;
}

/** The long way of settling a value. */
export type Settle = (graph: Graph, state: StateTable, node: number, value: unknown) => void;

/** Computes what was kept back. */
export function computeReaders(graph: Graph, settle: Settle): void {
  const { ranges } = graph;
  // What is settled here marks nodes of one cell, which are queued: no entries are added meanwhile.
  for (const group of ranges.groups) computeGroup(graph, group, settle);
  ranges.clear();
}

function computeGroup(graph: Graph, group: RangeGroup, settle: Settle): void {
  const { base, costs, ranges } = graph;
  const column = base.valueOf(group.of);
  if (!(column instanceof Column)) {
    queueGroup(graph, group);
    return;
  }
  const began = costs?.now() ?? notMeasured;
  const sums = rowSumsOf(column, group.row * column.shape.periods);
  ranges.values = grownFloat64(ranges.values, group.end);
  sumStarts(graph, group, sums);
  const work = settleGroup(graph, group, { column, sums }, settle);
  const count = group.end - group.first;
  graph.computedCount += count;
  rangeWork.together += count;
  if (began !== notMeasured) costs?.endFamily(work, began, count);
}

/** The sums of all entries, start by start; NaN for errors. */
function sumStarts(graph: Graph, { index, first, end }: RangeGroup, sums: RowSums): void {
  const { entries, values } = graph.ranges;
  const { from, to } = index;
  for (let start = first; start < end; ) {
    const position = from[entries[start] as number] as number;
    let next = start + 1;
    while (next < end && from[entries[next] as number] === position) next++;
    if (next - start > 1) sums.sumsFrom(position, to, entries, start, next, values);
    else {
      const sum = sums.sum(position, to[entries[start] as number] as number);
      values[start] = typeof sum === "number" ? sum : Number.NaN;
    }
    start = next;
  }
}

interface Cells {
  readonly column: Column;
  readonly sums: RowSums;
}

/** Settles the entries; the number of the last one's family. */
function settleGroup(graph: Graph, group: RangeGroup, cells: Cells, settle: Settle): number {
  const { base, structure, ranges, revision } = graph;
  const { entries, values } = ranges;
  const { nodes } = group.index;
  const { words } = structure.rowTable;
  const { flags, numbers, changedAt } = base;
  const isAlone = !graph.isNoting && base.children.length === 0;
  let work = -1;
  let isSum = false;
  let changed = 0;
  for (let i = group.first; i < group.end; i++) {
    const node = nodes[entries[i] as number] as number;
    const before = flags[node] as number;
    // An edge of another node has had it queued since.
    if ((before & (flagsUnresolved | flagQueued)) !== flagDirty) continue;
    const row = node * rowWords;
    if (words[row + atWork] !== work) {
      work = words[row + atWork] as number;
      isSum = (structure.works.list[work] as RangeFamily).aggregate === "sum";
    }
    const sum = isSum ? (values[i] as number) : Number.NaN;
    const value = Number.isNaN(sum) ? aggregateAt(graph, group, cells, i) : sum;
    const isLeaf =
      isAlone && words[row + atDependentCount] === 0 && ((words[row] as number) & chainedTag) === 0;
    const isNumber = (before & (flagObserved | flagsOfNumber)) === flagHasValue;
    if (!isLeaf || !isNumber || typeof value !== "number" || !Number.isFinite(value)) {
      settle(graph, base, node, settled(graph, node, value));
      continue;
    }
    flags[node] = before & ~marked;
    const old = numbers[node] as number;
    if (old === value && (value !== 0 || Object.is(old, value))) continue;
    numbers[node] = value;
    changedAt[node] = revision;
    changed++;
  }
  graph.changedCount += changed;
  return work;
}

/** What is no sum, or an error. */
function aggregateAt(graph: Graph, { index, row }: RangeGroup, cells: Cells, i: number): number | ErrorValue {
  const entry = graph.ranges.entries[i] as number;
  const node = index.nodes[entry] as number;
  const { aggregate } = graph.structure.familyOf(node) as RangeFamily;
  const { column, sums } = cells;
  const from = index.from[entry] as number;
  const to = index.to[entry] as number;
  if (aggregate === "sum") return sums.sum(from, to);
  const count = rangeCount(column, row * column.shape.periods, from, to);
  if (aggregate === "count") return count;
  const total = sums.sum(from, to);
  return isErrorValue(total) ? total : averageOf(total, count);
}

const chainedTag = tagOf(0, traitChained);

/** The node has no column any more: its readers go the long way. */
function queueGroup(graph: Graph, { index, first, end }: RangeGroup): void {
  const { base, ranges } = graph;
  for (let i = first; i < end; i++) enqueue(graph, base, index.nodes[ranges.entries[i] as number] as number);
}
