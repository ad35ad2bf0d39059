/**
 * Who reads which cells of one node by fixed ranges: interval indexes, one for each row, so that an edit of a few cells
 * finds the readers that it concerns and looks at no other.
 *
 *   rows     range nodes, by the row that they read             ranges/range-family.ts
 *   fixed    other nodes of one cell with a `range` reach       of row 0, or of any row
 *   others   all other edges, which are mapped one by one
 *
 * Made when a node with many such readers first changes in some of its cells, and forgotten when an edge from it is
 * linked or unlinked (`Edges.readers`). Nodes with few of them have none: mapping each is as good.
 *
 * Cost: made in O(d log d) for d dependents, O(d) where their ranges come in order; 12 bytes each.
 */
import type { RangeReaders, RowReaders } from "../structure/edges.ts";
import { reachOfRanges } from "../structure/reach.ts";
import { kindCell, type Structure } from "../structure/structure.ts";
import { IntervalIndex } from "./interval-index.ts";

/** Fewer readers by ranges than this are mapped one by one. */
const indexedMin = 16;

/** A row that stands for all. */
const anyRow = -1;

/** The index of a node's readers; `null` where it is not worth one. */
export function rangeReadersOf(structure: Structure, node: number): RangeReaders | null {
  const { edges } = structure;
  if (!edges.hasReaches) return null;
  let found = edges.readers.get(node);
  if (found === undefined) {
    found = edges.dependentCountFor(node, indexedMin) ? collected(structure, node) : null;
    edges.readers.set(node, found);
  }
  return found;
}

/** Entries of one index while it is collected. */
class Entries {
  readonly row: number;
  readonly isOwn: boolean;
  readonly nodes: number[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];

  constructor(row: number, isOwn: boolean) {
    this.row = row;
    this.isOwn = isOwn;
  }
}

function collected(structure: Structure, node: number): RangeReaders | null {
  const own = new Map<number, Entries>();
  const fixed = new Map<number, Entries>();
  const others: number[] = [];
  const otherReaches: number[] = [];
  let count = 0;
  const add = (isOwn: boolean, row: number, dependent: number, from: number, to: number): void => {
    const rows = isOwn ? own : fixed;
    let entries = rows.get(row);
    if (entries === undefined) {
      entries = new Entries(row, isOwn);
      rows.set(row, entries);
    }
    entries.nodes.push(dependent);
    entries.from.push(from);
    entries.to.push(to);
    count++;
  };
  structure.edges.eachDependent(node, (dependent, reachId) => {
    if (reachId === reachOfRanges && structure.kindOf(dependent) === kindCell) {
      const { table } = structure.cells.constants;
      const at = structure.cells.constantAt(dependent);
      add(true, table[at] as number, dependent, table[at + 1] as number, table[at + 2] as number);
      return;
    }
    const { time, outer } = structure.reaches.get(reachId);
    if (reachId !== 0 && time.kind === "range" && outer.kind !== "map" && structure.isOneCell(dependent)) {
      add(false, outer.kind === "same" ? 0 : anyRow, dependent, time.from, time.to);
      return;
    }
    others.push(dependent);
    otherReaches.push(reachId);
  });
  if (count < indexedMin) return null;
  const rowsOf = (rows: ReadonlyMap<number, Entries>): Map<number, RowReaders> =>
    new Map([...rows].map(([row, entries]) => [row, readersOf(entries)]));
  return {
    own: rowsOf(own),
    fixed: rowsOf(fixed),
    others: Int32Array.from(others),
    otherReaches: Int32Array.from(otherReaches),
  };
}

function readersOf({ row, nodes, from, to }: Entries): RowReaders {
  return {
    row,
    index: new IntervalIndex(Int32Array.from(nodes), Int32Array.from(from), Int32Array.from(to)),
  };
}

/** Calls `visit` with the readers of each row that members outerFrom ≤ m < outerTo have. */
export function eachRow(
  rows: ReadonlyMap<number, RowReaders>,
  outerFrom: number,
  outerTo: number,
  visit: (readers: RowReaders) => void,
): void {
  if (rows.size <= outerTo - outerFrom + 1) {
    for (const readers of rows.values()) {
      if (readers.row === anyRow || (readers.row >= outerFrom && readers.row < outerTo)) visit(readers);
    }
    return;
  }
  for (let row = outerFrom; row < outerTo; row++) {
    const readers = rows.get(row);
    if (readers !== undefined) visit(readers);
  }
  const all = rows.get(anyRow);
  if (all !== undefined) visit(all);
}
