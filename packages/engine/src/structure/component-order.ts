/**
 * How a component is stepped through time.
 *
 *   1. Every edge inside is a window on the periods of its precedent (edges between nodes without time count as the
 *      window 0..0). Only lags: forward. Only leads: backward.
 *   2. The edges whose window contains 0 form the zero-lag subgraph. Its strongly connected components, precedents
 *      first, are the blocks: in each period they are computed in this order.
 *   3. A block with a cycle is a loop. The declared cuts in it take away their outgoing edges; what is left gives the
 *      order of a sweep. If a cycle is left, the loop is not declared (or not enough) and its path is kept.
 *      What a stock starts with is read in period 0 only, which then has blocks of its own.
 *   4. Where windows point both ways, or an edge reads fixed or all periods, periods have no common order. Then single
 *      cells are ordered (cell-order.ts), and those in a cycle are solved in groups. So it is where a loop of step 3
 *      has edges that not every cell has, or that lead to other members, if that takes anything out of the loop; and
 *      where stocks that move together wait for each other (stock-groups.ts).
 *   5. Too many cells to be ordered: the blocks of step 3, or one step over all periods if all cycles are declared.
 *
 * Cost: linear in the members and the edges inside; for step 4 in the cells and what they read.
 */

import type { FormulaNode, NodeId, TimeReach } from "../formula-node.ts";
import { groupStocks, waitsForItself } from "../integration/stock-groups.ts";
import { isIntegrated, isReadAhead, isReadFirst } from "../integration/stock-row.ts";
import { cellCount } from "../state/boxes.ts";
import { cellGraph } from "./cell-graph.ts";
import { type CellOrder, orderCells } from "./cell-order.ts";
import type { Block, Component, ComponentOrder, InnerEdge, StockOrder } from "./component.ts";
import { type DeclaredLoops, joinLoops } from "./declared-loops.ts";
import { eachStrongComponent, flatRows, type Rows } from "./strong-components.ts";
import type { Structure } from "./structure.ts";
import type { SweepOrders } from "./sweep-order.ts";
import { readsItself, spanWindow } from "./time-reach.ts";

export function orderOf(structure: Structure, component: Component, loops: DeclaredLoops): ComponentOrder {
  if (component.order !== null) return component.order;
  component.order = orderComponent(structure, component.members, loops);
  return component.order;
}

function orderComponent(
  structure: Structure,
  members: readonly number[],
  loops: DeclaredLoops,
): ComponentOrder {
  const { inner, isOuterSame, isSteppable } = innerEdges(structure, members);
  let hasLag = false;
  let hasLead = false;
  let distanceMax = 0;
  for (const edges of inner) {
    for (const edge of edges) {
      hasLag ||= edge.from < 0;
      hasLead ||= edge.to > 0;
      distanceMax = Math.max(distanceMax, -edge.from, edge.to);
    }
  }
  const hasCommonDirection = isSteppable && !(hasLag && hasLead);
  const isZeroLag = (edge: InnerEdge): boolean => !hasCommonDirection || (edge.from <= 0 && edge.to >= 0);
  const isLater = (edge: InnerEdge): boolean =>
    isZeroLag(edge) && !(hasCommonDirection && edge.isFirst === true);
  const cycles: Block[] = [];
  const blocksBy: BlocksBy = (indices, isKept) => {
    const rows = innerRows(inner, (_, edge) => isKept(edge));
    const found: Block[] = [];
    eachStrongComponent(rows, indices, null, (block, hasCycle) => {
      const one = hasCycle ? loopBlock(members, rows, block, loops, structure.sweepOrders) : soleBlock(block);
      if (hasCycle) cycles.push(one);
      found.push(one);
    });
    return found;
  };
  const indices = [...members.keys()];
  const blocks = blocksBy(indices, isLater);
  const hasFirst = hasCommonDirection && inner.some((edges) => edges.some((edge) => edge.isFirst === true));
  const first = hasFirst ? blocksBy(indices, isZeroLag) : null;
  const made = { cellLoop: undefined, jointTrial: undefined };
  const order = { members, inner, distanceMax, isOuterSame, made };
  if (hasCommonDirection) {
    const byCells = cycles.some((block) => mayBeLess(inner, block.members, isZeroLag))
      ? cellOrderOf(structure, members, inner, loops, isOuterSame)
      : null;
    if (byCells === null || isByBlocks(byCells, cycles)) {
      const stocks = groupStocks(structure, members, inner, true, blocksBy);
      const direction = hasLead ? "backward" : "forward";
      if (stocks === null || !waitsForItself(stocks, inner, isLater))
        return { ...order, direction, blocks, first, stocks, cellOrder: null };
    }
  }
  // May add to what stocks read.
  const stocks = groupStocks(structure, members, inner, false, blocksBy);
  // Stocks that move within a period do so with all their members at once.
  const cellOrder = cellOrderOf(structure, members, inner, loops, isOuterSame, movesWithin(stocks));
  if (cellOrder === null) return { ...order, direction: "whole", blocks, first: null, stocks, cellOrder };
  return { ...order, direction: "ordered", blocks: [], first: null, stocks, cellOrder };
}

function movesWithin(stocks: StockOrder | null): boolean {
  return stocks?.groups.some(({ stepsPerPeriod, hasStages }) => stepsPerPeriod > 1 || hasStages) ?? false;
}

type BlocksBy = (indices: readonly number[], isKept: (edge: InnerEdge) => boolean) => Block[];

function soleBlock(members: readonly number[]): Block {
  return { members, loop: null, undeclared: null };
}

function cellOrderOf(
  structure: Structure,
  members: readonly number[],
  inner: readonly (readonly InnerEdge[])[],
  loops: DeclaredLoops,
  isOuterSame: boolean,
  isByPeriods = false,
): CellOrder | null {
  const shapes = members.map((member) => structure.shapeOf(member));
  const graph = cellGraph(shapes, inner, isByPeriods);
  return graph === null ? null : orderCells(graph, members, loops, isOuterSame && !isByPeriods);
}

/** Whether not every cell of a loop need be in a cycle: an edge inside leads to other members, or not every cell has it. */
function mayBeLess(
  inner: readonly (readonly InnerEdge[])[],
  block: readonly number[],
  isZeroLag: (edge: InnerEdge) => boolean,
): boolean {
  const inBlock = new Set(block);
  return block.some((member) =>
    (inner[member] as readonly InnerEdge[]).some(
      (edge) =>
        inBlock.has(edge.precedent) &&
        isZeroLag(edge) &&
        (edge.eachRead !== undefined || edge.outer.kind === "map"),
    ),
  );
}

/** Whether the cells in cycles are, period by period, all those of the loops of attributes. */
function isByBlocks({ graph, steps }: CellOrder, cycles: readonly Block[]): boolean {
  const sizeOf = new Map<number, number>();
  const isUncut = new Set<number>();
  for (const { members, undeclared } of cycles) {
    const size = members.reduce((sum, member) => sum + (graph.shapes[member]?.outer ?? 0), 0);
    for (const member of members) {
      sizeOf.set(member, size);
      if (undeclared !== null) isUncut.add(member);
    }
  }
  let cyclicCells = 0;
  for (const { isGroup, parts, undeclared } of steps) {
    if (!isGroup) continue;
    if (isUncut.has(parts[0]?.member ?? -1) !== (undeclared !== null)) return false;
    const size = parts.reduce((sum, { box }) => sum + cellCount(box), 0);
    if (size !== sizeOf.get(parts[0]?.member ?? -1)) return false;
    cyclicCells += size;
  }
  const all = [...sizeOf.keys()].reduce(
    (sum, member) => sum + (graph.shapes[member]?.outer ?? 0) * (graph.shapes[member]?.periods ?? 0),
    0,
  );
  return cyclicCells === all;
}

function innerEdges(
  structure: Structure,
  members: readonly number[],
): { inner: InnerEdge[][]; isOuterSame: boolean; isSteppable: boolean } {
  const { edges } = structure;
  const position = new Map(members.map((member, i) => [member, i]));
  const shape = structure.shapeOf(members[0] as number);
  let isOuterSame = true;
  let isSteppable = true;
  const inner = members.map((member) => {
    const own = structure.shapeOf(member);
    if (own.periods !== shape.periods) isSteppable = false;
    if (own.outer !== shape.outer) isOuterSame = false;
    const found: InnerEdge[] = [];
    const formula = structure.isColumn(member) ? (structure.workOf(member) as FormulaNode) : null;
    const isStock = formula !== null && isIntegrated(formula);
    const first = edges.firstPrecedentOf(member);
    const end = first + edges.precedentCountOf(member);
    for (let i = first; i < end; i++) {
      const precedent = position.get(edges.poolNode[i] as number);
      if (precedent === undefined) continue;
      const { time, outer } = structure.reachOf(member, edges.reachAt(i));
      if (readsNothing(time)) continue;
      if (outer.kind !== "same" && own.outer > 1) isOuterSame = false;
      // Guesses of loops stand behind what the formula reads; flows are read a period later than they say.
      const eachRead = isStock ? undefined : formula?.precedents[i - first]?.eachRead;
      const isAhead = isStock && isReadAhead(formula, i - first);
      const edge = { precedent, time, outer, eachRead, isAhead };
      if (isStock && isReadFirst(formula, i - first)) {
        const from = formula.stock === undefined ? Math.min(0, 1 - own.periods) : 0;
        found.push({ ...edge, from, to: 0, isFirst: true });
        continue;
      }
      const window = windowOf(time, own.periods);
      if (window !== null) found.push({ ...edge, from: window.from, to: window.to });
      else {
        found.push({ ...edge, from: 0, to: 0 });
        if (own.periods > 1) isSteppable = false;
      }
    }
    return found;
  });
  return { inner, isOuterSame, isSteppable };
}

/** An edge by which no period reads anything closes no cycle. Of spans and windows periods tell. */
function readsNothing(time: TimeReach): boolean {
  if (time.kind === "range") return time.from >= time.to;
  return time.kind === "gather" && time.first.at(-1) === time.first[0];
}

/** The window on the periods of the precedent that an edge stays in; `null` where it has no direction in time. */
function windowOf(time: TimeReach, periods: number): { readonly from: number; readonly to: number } | null {
  if (time.kind === "window") return time;
  if (time.kind !== "span") return null;
  const window = spanWindow(time, periods);
  if (window.to < 0 || window.from > 0) return window;
  // A period that reads itself only now and then has no place in a common order.
  const isOneWay = window.to === 0 || window.from === 0;
  return isOneWay && readsItself(time, 0) && readsItself(time, periods - 1) ? window : null;
}

/** The inner edges that `keep` accepts, as flat rows. */
function innerRows(
  inner: readonly (readonly InnerEdge[])[],
  keep: (member: number, edge: InnerEdge) => boolean,
): Rows {
  const first = new Int32Array(inner.length);
  const count = new Int32Array(inner.length);
  const targets: number[] = [];
  inner.forEach((edges, member) => {
    first[member] = targets.length;
    for (const edge of edges) if (keep(member, edge)) targets.push(edge.precedent);
    count[member] = targets.length - (first[member] as number);
  });
  return flatRows(first, count, Int32Array.from(targets));
}

function loopBlock(
  members: readonly number[],
  rows: Rows,
  block: readonly number[],
  loops: DeclaredLoops,
  sweeps: SweepOrders,
): Block {
  const nodeOf = (member: number): number => members[member] as number;
  const declared = loops.among(block.map(nodeOf));
  const cuts = new Set(declared.flatMap((loop) => loop.cuts.map((cut) => cut.node as number)));
  const { order, uncut } = sweeps.of(rows, block, (member) => cuts.has(nodeOf(member)));
  const undeclared = uncut === null ? null : uncut.map((member) => nodeOf(member) as NodeId);
  return { members: order, loop: joinLoops(declared), undeclared };
}
