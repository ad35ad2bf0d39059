/**
 * The order of a component whose edges have no common direction in time, period by period.
 *
 *   growth[t] reads sales[t] and sales[0]      a fixed period
 *   sales[t]  reads growth[t-1]
 *
 *   sales[0] → growth[0] → sales[1] → growth[1] → …       no cycle, though the attributes have one
 *
 * A cell is one member in one period, all its outer members together. The strongly connected components of the cells,
 * precedents first, are the order; cells in one with a cycle can be neither before nor after each other.
 *
 * Cost: the cells and the cells that each reads; above `cellReadsMax` the order is not worked out and `null` is given.
 */
import type { TimeReach } from "../formula-node.ts";
import { eachStrongComponent, flatRows } from "./strong-components.ts";
import { eachRead, readCount } from "./time-reach.ts";

const cellReadsMax = 4_000_000;

export interface TimedEdge {
  /** Index into the members. */
  readonly precedent: number;
  readonly time: TimeReach;
}

export interface CellOrder {
  /** Per member its first cell; cell = firstCell[member] + period. */
  readonly firstCell: Int32Array;
  readonly memberOf: Int32Array;
  /** All cells, precedents first. */
  readonly cells: Int32Array;
  /** 1 for cells on a cycle. */
  readonly isCyclic: Uint8Array;
}

export function orderCells(
  periods: readonly number[],
  edges: readonly (readonly TimedEdge[])[],
): CellOrder | null {
  const firstCell = new Int32Array(periods.length);
  let cellCount = 0;
  let reads = 0;
  for (let member = 0; member < periods.length; member++) {
    firstCell[member] = cellCount;
    cellCount += periods[member] as number;
    for (const edge of edges[member] as readonly TimedEdge[]) {
      reads += (periods[member] as number) * readCount(edge.time, periods[edge.precedent] as number);
    }
  }
  if (reads + cellCount > cellReadsMax) return null;
  const memberOf = new Int32Array(cellCount);
  const first = new Int32Array(cellCount);
  const count = new Int32Array(cellCount);
  const targets = new Int32Array(reads);
  let length = 0;
  for (let member = 0; member < periods.length; member++) {
    for (let period = 0; period < (periods[member] as number); period++) {
      const cell = (firstCell[member] as number) + period;
      memberOf[cell] = member;
      first[cell] = length;
      for (const edge of edges[member] as readonly TimedEdge[]) {
        eachRead(edge.time, period, periods[edge.precedent] as number, (read) => {
          targets[length++] = (firstCell[edge.precedent] as number) + read;
        });
      }
      count[cell] = length - (first[cell] as number);
    }
  }
  const cells: number[] = [];
  const isCyclic = new Uint8Array(cellCount);
  eachStrongComponent(flatRows(first, count, targets), memberOf.keys(), null, (group, hasCycle) => {
    for (const cell of group) {
      cells.push(cell);
      if (hasCycle) isCyclic[cell] = 1;
    }
  });
  return { firstCell, memberOf, cells: Int32Array.from(cells), isCyclic };
}
