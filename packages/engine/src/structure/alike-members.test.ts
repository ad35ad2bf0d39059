import { describe, expect, it } from "vitest";
import type { LoopDeclaration, NodeId } from "../formula-node.ts";
import { alikeMembers } from "./alike-members.ts";
import { type CellEdge, type CellGraph, cellGraph } from "./cell-graph.ts";
import { type CellStep, lanesOf, orderCells } from "./cell-order.ts";
import { DeclaredLoops } from "./declared-loops.ts";

const outer = 5;
const periods = 4;

/** Numbers below `count`, the same for a seed. */
function random(seed: number): (count: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}

/** Three columns that read each other, each outer member in one of two ways. */
function graphOf(seed: number, ways: readonly number[]): CellGraph {
  const pick = random(seed);
  const shapes = [0, 1, 2].map(() => ({ outer, periods }));
  const edges = shapes.map((): CellEdge[] =>
    Array.from({ length: 2 }, () => {
      const [first, second] = [pick(3) - 1, pick(3) - 1];
      const period = pick(periods);
      return {
        precedent: pick(3),
        time: { kind: "all" },
        outer: { kind: "same" },
        eachRead: (member, t, visit) => {
          if (t === period && ways[member] === 1) return;
          const at = t + (ways[member] === 1 ? second : first);
          if (at >= 0 && at < periods) visit(member, at);
        },
      };
    }),
  );
  return cellGraph(shapes, edges, false) as CellGraph;
}

const members = [10, 11, 12];

function loopsOf(nodes: readonly number[]): DeclaredLoops {
  const loops = new DeclaredLoops();
  for (const node of nodes)
    loops.set({
      name: `n${node}`,
      cuts: [{ node: node as NodeId }],
      iterationsMax: 9,
    } as unknown as LoopDeclaration);
  return loops;
}

/** A step for each lane, as text. */
function lanes(step: CellStep): string[] {
  const of = ({ parts, loop, undeclared, isGroup }: CellStep): string =>
    JSON.stringify([isGroup, parts, loop?.name ?? null, undeclared]);
  if (step.isLanes !== true) return [of(step)];
  const { outerFrom, outerTo } = (step.parts[0] as CellStep["parts"][number]).box;
  return Array.from({ length: outerTo - outerFrom }, (_, i) =>
    of(lanesOf(step, outerFrom + i, outerFrom + i + 1)),
  );
}

describe("members that read alike", () => {
  it("are neighbours whose cells read the same of their own rows", () => {
    expect(alikeMembers(graphOf(3, [0, 0, 1, 0, 0]))).toEqual([
      { outerFrom: 0, outerTo: 2 },
      { outerFrom: 2, outerTo: 3 },
      { outerFrom: 3, outerTo: 5 },
    ]);
    expect(alikeMembers(graphOf(3, [1, 1, 1, 1, 1]))).toEqual([{ outerFrom: 0, outerTo: 5 }]);
  });

  it("[FP53] are ordered as if each were looked at by itself", () => {
    let groups = 0;
    for (let seed = 0; seed < 300; seed++) {
      const pick = random(seed + 1_000);
      const graph = graphOf(
        seed,
        Array.from({ length: outer }, () => Number(pick(4) === 0)),
      );
      const loops = loopsOf(seed % 5 === 0 ? [10] : members);
      const together = orderCells(graph, members, loops, true).steps;
      const apart = orderCells(graph, members, loops, false).steps;
      groups += together.filter(({ isLanes }) => isLanes).length;
      // Groups of one height may stand in another order where they are of several members.
      expect(together.flatMap(lanes).toSorted()).toEqual(apart.flatMap(lanes).toSorted());
      expect(isInOrder(graph, together)).toBe(true);
    }
    expect(groups).toBeGreaterThan(50);
  });
});

/** Whether what each step reads, but its own cells, was in a step before. */
function isInOrder(graph: CellGraph, steps: readonly CellStep[]): boolean {
  const done = new Set<number>();
  for (const { parts } of steps) {
    const own: number[] = [];
    for (const { member, box } of parts)
      for (let row = box.outerFrom; row < box.outerTo; row++)
        for (let t = box.from; t < box.to; t++)
          own.push((graph.firstCell[member] as number) + row * periods + t);
    const here = new Set(own);
    for (const cell of own) {
      const from = graph.rows.firstOf(cell);
      for (let edge = from; edge < from + graph.rows.countOf(cell); edge++) {
        const target = graph.rows.targets[edge] as number;
        if (!here.has(target) && !done.has(target)) return false;
      }
    }
    for (const cell of own) {
      if (done.has(cell)) return false;
      done.add(cell);
    }
  }
  return done.size === graph.memberOf.length;
}
