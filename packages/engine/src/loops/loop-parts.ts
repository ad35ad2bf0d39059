/** What a loop consists of where it is solved: boxes of members in the order of a sweep, and the cells that are its unknowns. */
import type { Column } from "@reckon/value";
import type { Box, LoopDeclaration } from "../formula-node.ts";
import type { ComponentRun, Member } from "../recalculation/component-run.ts";
import { eachRead } from "../structure/time-reach.ts";

/** A box of one member, by its index in the component. A member may have several. */
export interface LoopPart {
  readonly member: number;
  readonly box: Box;
  /** Its values of the sweep before are read. */
  readonly isFeedback?: boolean;
}

/** The unknowns of one solve: cells, each in its column. */
export interface UnknownCells {
  readonly columns: Column[];
  readonly cells: number[];
}

/**
 * The parts, by index, whose value of the sweep before is read: those of cuts which a part reads that comes before them
 * in the order, or is the same.
 */
export function unknownParts(
  run: ComponentRun,
  parts: readonly LoopPart[],
  loop: LoopDeclaration,
): readonly number[] {
  const cuts = new Set<number>(loop.cuts.map((cut) => cut.node));
  const found: number[] = [];
  parts.forEach((part, i) => {
    if (!cuts.has((run.members[part.member] as Member).node)) return;
    if (parts.some((reader, at) => at <= i && reads(run, reader, part))) found.push(i);
  });
  return found;
}

/** Whether one of two parts reads the other. */
export function areBound(run: ComponentRun, part: LoopPart, other: LoopPart): boolean {
  return reads(run, part, other) || reads(run, other, part);
}

function reads(run: ComponentRun, reader: LoopPart, part: LoopPart): boolean {
  const { periods } = (run.members[part.member] as Member).out.shape;
  for (const edge of run.order.inner[reader.member] as ComponentRun["order"]["inner"][number]) {
    if (edge.precedent !== part.member) continue;
    let isRead = false;
    for (let period = reader.box.from; period < reader.box.to && !isRead; period++) {
      eachRead(edge.time, period, periods, (read) => {
        isRead ||= read >= part.box.from && read < part.box.to;
      });
    }
    if (isRead) return true;
  }
  return false;
}

/** The cells of the unknown parts, of one outer member or (−1) of all. */
export function unknownCells(
  run: ComponentRun,
  parts: readonly LoopPart[],
  unknowns: readonly number[],
  outer: number,
): UnknownCells {
  const columns: Column[] = [];
  const cells: number[] = [];
  for (const i of unknowns) {
    const { member, box } = parts[i] as LoopPart;
    const { out } = run.members[member] as Member;
    const outerFrom = outer < 0 ? box.outerFrom : outer;
    const outerTo = outer < 0 ? box.outerTo : outer + 1;
    for (let m = outerFrom; m < outerTo; m++) {
      for (let period = box.from; period < box.to; period++) {
        columns.push(out);
        cells.push(m * out.shape.periods + period);
      }
    }
  }
  return { columns, cells };
}

export function eachCell(
  box: Box,
  column: Column,
  visit: (cell: number, outer: number, period: number) => void,
): void {
  const { periods } = column.shape;
  for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
    for (let period = box.from; period < box.to; period++) visit(outer * periods + period, outer, period);
  }
}
