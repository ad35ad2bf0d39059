/**
 * Outer members whose cells read alike, where none reads another: what is found out about the cells of one of them holds
 * for all that stand beside it, with all cells moved by as many rows.
 *
 * Cost: the cells and what they read, once, without a note of any.
 */
import type { Shape } from "@reckon/value";
import type { CellGraph } from "./cell-graph.ts";

export interface MemberRun {
  readonly outerFrom: number;
  readonly outerTo: number;
}

/** Neighbours that are alike, in order. All shapes have the same number of outer members. */
export function alikeMembers(graph: CellGraph): MemberRun[] {
  const count = (graph.shapes[0] as Shape).outer;
  const runs: { outerFrom: number; outerTo: number }[] = [];
  for (let outer = 0; outer < count; outer++) {
    const run = runs.at(-1);
    if (run !== undefined && isLikeBefore(graph, outer)) run.outerTo++;
    else runs.push({ outerFrom: outer, outerTo: outer + 1 });
  }
  return runs;
}

function isLikeBefore({ shapes, firstCell, memberOf, rows }: CellGraph, outer: number): boolean {
  const { targets } = rows;
  for (let member = 0; member < shapes.length; member++) {
    const { periods } = shapes[member] as Shape;
    const start = (firstCell[member] as number) + outer * periods;
    for (let cell = start; cell < start + periods; cell++) {
      const before = cell - periods;
      const count = rows.countOf(cell);
      if (count !== rows.countOf(before)) return false;
      const own = rows.firstOf(cell);
      const other = rows.firstOf(before);
      for (let i = 0; i < count; i++) {
        const target = targets[own + i] as number;
        const moved = (shapes[memberOf[target] as number] as Shape).periods;
        if (target - moved !== targets[other + i]) return false;
      }
    }
  }
  return true;
}

/** The cells of one outer member, ascending. */
export function cellsOfMember({ shapes, firstCell }: CellGraph, outer: number): number[] {
  return shapes.flatMap(({ periods }, member) => {
    const start = (firstCell[member] as number) + outer * periods;
    return Array.from({ length: periods }, (_, t) => start + t);
  });
}
