/**
 * The cells of a component and what each of them reads inside it.
 *
 *   cell = firstCell[member] + outer × periods + period        as in the member's column
 *
 * What a cell reads is said by the edge itself where it can (`Precedent.eachRead`), else by its reaches, which may name
 * too many cells, never too few.
 *
 * By periods, all outer members of a period are one cell: then shapes have one outer member.
 *
 * Cost: the cells and the cells that each reads; above `cellReadsMax` none are listed and `null` is given.
 */
import type { Shape } from "@reckon/value";
import type { OuterReach, Precedent, TimeReach } from "../formula-node.ts";
import { grownInt32 } from "./growth.ts";
import { flatRows, type Rows } from "./strong-components.ts";
import { eachRead } from "./time-reach.ts";

const cellReadsMax = 4_000_000;

export interface CellEdge {
  /** Index into the members. */
  readonly precedent: number;
  readonly time: TimeReach;
  readonly outer: OuterReach;
  readonly eachRead: Precedent["eachRead"];
}

export interface CellGraph {
  readonly isByPeriods: boolean;
  readonly shapes: readonly Shape[];
  /** Per member its first cell, and at the end the number of cells. */
  readonly firstCell: Int32Array;
  readonly memberOf: Int32Array;
  /** Cells read by each cell. */
  readonly rows: Rows;
}

export function cellGraph(
  ownShapes: readonly Shape[],
  edges: readonly (readonly CellEdge[])[],
  isByPeriods: boolean,
): CellGraph | null {
  const shapes = isByPeriods ? ownShapes.map(({ periods }) => ({ outer: 1, periods })) : ownShapes;
  const firstCell = new Int32Array(shapes.length + 1);
  shapes.forEach((shape, member) => {
    firstCell[member + 1] = (firstCell[member] as number) + shape.outer * shape.periods;
  });
  const cellCount = firstCell[shapes.length] as number;
  if (cellCount > cellReadsMax) return null;
  const memberOf = new Int32Array(cellCount);
  const first = new Int32Array(cellCount);
  const count = new Int32Array(cellCount);
  let targets: Int32Array = new Int32Array(cellCount);
  let length = 0;
  let cell = 0;
  for (let member = 0; member < shapes.length; member++) {
    const { outer, periods } = shapes[member] as Shape;
    const ownMembers = (ownShapes[member] as Shape).outer;
    const readers = (edges[member] as readonly CellEdge[]).map((edge) => ({
      read: readerOf(edge, shapes[edge.precedent] as Shape, { ownOuter: outer, ownMembers, isByPeriods }),
      base: firstCell[edge.precedent] as number,
      height: (shapes[edge.precedent] as Shape).outer,
      width: (shapes[edge.precedent] as Shape).periods,
    }));
    for (let m = 0; m < outer; m++) {
      for (let t = 0; t < periods; t++, cell++) {
        memberOf[cell] = member;
        first[cell] = length;
        for (const { read, base, height, width } of readers) {
          read(m, t, (precedentOuter, period) => {
            if (precedentOuter >= height || period >= width) return;
            if (length === targets.length) targets = grownInt32(targets, 2 * length + 1);
            targets[length++] = base + precedentOuter * width + period;
          });
        }
        count[cell] = length - (first[cell] as number);
        if (length > cellReadsMax) return null;
      }
    }
  }
  return { isByPeriods, shapes, firstCell, memberOf, rows: flatRows(first, count, targets) };
}

type CellReader = (outer: number, period: number, visit: (outer: number, period: number) => void) => void;

function readerOf(
  edge: CellEdge,
  shape: Shape,
  { ownOuter, ownMembers, isByPeriods }: { ownOuter: number; ownMembers: number; isByPeriods: boolean },
): CellReader {
  const { time, eachRead: exact } = edge;
  if (exact !== undefined && !isByPeriods) return exact;
  // What one of the members reads, all of them wait for.
  if (exact !== undefined) return periodReader(exact, ownMembers);
  const reach: OuterReach = isByPeriods ? { kind: "same" } : edge.outer;
  const membersOf = memberReader(reach, shape.outer, ownOuter);
  return (outer, period, visit) => {
    membersOf(outer, (member) => eachRead(time, period, shape.periods, (at) => visit(member, at)));
  };
}

function periodReader(exact: CellReader, members: number): CellReader {
  return (_, period, visit) => {
    const seen = new Set<number>();
    for (let member = 0; member < members; member++) exact(member, period, (_outer, at) => seen.add(at));
    for (const at of seen) visit(0, at);
  };
}

function memberReader(
  reach: OuterReach,
  outer: number,
  ownOuter: number,
): (member: number, visit: (member: number) => void) => void {
  if (reach.kind === "same") {
    return (member, visit) => {
      if (member < outer) visit(member);
    };
  }
  if (reach.kind === "all") {
    return (_, visit) => {
      for (let member = 0; member < outer; member++) visit(member);
    };
  }
  const read = Array.from({ length: ownOuter }, (): number[] => []);
  for (let member = 0; member < outer; member++) {
    const [from, to] = reach.dependents(member, member + 1);
    for (let own = Math.max(0, from); own < Math.min(ownOuter, to); own++) read[own]?.push(member);
  }
  return (member, visit) => {
    for (const one of read[member] ?? []) visit(one);
  };
}
