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
 *      cells are ordered (cell-order.ts). Cells on a cycle need a declared loop, which is solved over all periods
 *      at once as one block.
 *
 * Cost: linear in the members and the edges inside.
 */
import type { FormulaNode, LoopDeclaration, NodeId, TimeReach } from "../formula-node.ts";
import { groupStocks } from "../integration/stock-groups.ts";
import { isReadFirst } from "../integration/stock-row.ts";
import { orderCells } from "./cell-order.ts";
import type { Block, Component, ComponentOrder, InnerEdge } from "./component.ts";
import { eachStrongComponent, flatRows, type Rows } from "./strong-components.ts";
import type { Structure } from "./structure.ts";
import { readsItself, spanWindow } from "./time-reach.ts";

export function orderOf(
  structure: Structure,
  component: Component,
  loops: Iterable<LoopDeclaration>,
): ComponentOrder {
  if (component.order !== null) return component.order;
  component.order = orderComponent(structure, component.members, loops);
  return component.order;
}

function orderComponent(
  structure: Structure,
  members: readonly number[],
  loops: Iterable<LoopDeclaration>,
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
  const declared = [...loops];
  const hasCommonDirection = isSteppable && !(hasLag && hasLead);
  const blocksBy: BlocksBy = (indices, isZeroLag) => {
    const rows = innerRows(inner, (_, edge) => isZeroLag(edge));
    const found: Block[] = [];
    eachStrongComponent(rows, indices, null, (block, hasCycle) => {
      if (!hasCycle) found.push({ members: block, loop: null, undeclared: null });
      else found.push(loopBlock(members, inner, isZeroLag, block, declared));
    });
    return found;
  };
  const stocks = groupStocks(structure, members, inner, hasCommonDirection, blocksBy);
  const isZeroLag = (edge: InnerEdge): boolean => !hasCommonDirection || (edge.from <= 0 && edge.to >= 0);
  const isLater = (edge: InnerEdge): boolean =>
    isZeroLag(edge) && !(hasCommonDirection && edge.isFirst === true);
  const blocks = blocksBy([...members.keys()], isLater);
  const hasFirst = hasCommonDirection && inner.some((edges) => edges.some((edge) => edge.isFirst === true));
  const first = hasFirst ? blocksBy([...members.keys()], isZeroLag) : null;
  const order = { members, inner, distanceMax, isOuterSame, first, stocks };
  if (hasCommonDirection) {
    return { ...order, direction: hasLead ? "backward" : "forward", blocks, cellOrder: null };
  }
  const periods = members.map((member) => structure.shapeOf(member).periods);
  const cellOrder = orderCells(periods, inner);
  if (cellOrder !== null && !cellOrder.isCyclic.includes(1)) {
    return { ...order, direction: "ordered", blocks: [], cellOrder };
  }
  const isSolvable = blocks.every((block) => block.undeclared === null);
  const direction = isSolvable || cellOrder === null ? "whole" : "ordered";
  return { ...order, direction, blocks, cellOrder };
}

type BlocksBy = (indices: readonly number[], isZeroLag: (edge: InnerEdge) => boolean) => Block[];

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
    const first = edges.firstPrecedentOf(member);
    const end = first + edges.precedentCountOf(member);
    for (let i = first; i < end; i++) {
      const precedent = position.get(edges.poolNode[i] as number);
      if (precedent === undefined) continue;
      const { time, outer } = structure.reachOf(member, edges.reachAt(i));
      if (readsNothing(time)) continue;
      if (outer.kind !== "same" && own.outer > 1) isOuterSame = false;
      const formula = structure.isColumn(member) ? (structure.workOf(member) as FormulaNode) : null;
      if (formula !== null && isReadFirst(formula, i - first)) {
        const from = formula.stock === undefined ? Math.min(0, 1 - own.periods) : 0;
        found.push({ precedent, time, from, to: 0, isFirst: true });
        continue;
      }
      const window = windowOf(time, own.periods);
      if (window !== null) found.push({ precedent, time, from: window.from, to: window.to });
      else {
        found.push({ precedent, time, from: 0, to: 0 });
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
  inner: readonly (readonly InnerEdge[])[],
  isZeroLag: (edge: InnerEdge) => boolean,
  block: readonly number[],
  declared: readonly LoopDeclaration[],
): Block {
  const nodes = new Set(block.map((member) => members[member] as number));
  const loop = joinLoops(declared.filter((one) => one.cuts.some((cut) => nodes.has(cut.node))));
  const cuts = new Set(loop?.cuts.map((cut) => cut.node as number) ?? []);
  const inBlock = new Set(block);
  const rows = innerRows(
    inner,
    (member, edge) =>
      isZeroLag(edge) &&
      inBlock.has(member) &&
      inBlock.has(edge.precedent) &&
      !cuts.has(members[edge.precedent] as number),
  );
  const order: number[] = [];
  let undeclared: NodeId[] | null = null;
  eachStrongComponent(rows, block, null, (part, hasCycle) => {
    order.push(...part);
    if (hasCycle) undeclared ??= cyclePath(rows, part).map((member) => members[member] as NodeId);
  });
  return { members: order, loop, undeclared };
}

/** Several declarations that meet in one loop act as one: all cuts, the tightest tolerance, the highest limit, the rest as the first says. */
function joinLoops(loops: readonly LoopDeclaration[]): LoopDeclaration | null {
  const first = loops[0];
  if (first === undefined) return null;
  if (loops.length === 1) return first;
  const { method, damping, start } = first;
  return {
    ...(method === undefined ? {} : { method }),
    ...(damping === undefined ? {} : { damping }),
    ...(start === undefined ? {} : { start }),
    name: loops.map((loop) => loop.name).join(" + "),
    cuts: loops.flatMap((loop) => loop.cuts),
    toleranceAbsolute: Math.min(...loops.map((loop) => loop.toleranceAbsolute)),
    toleranceRelative: Math.min(...loops.map((loop) => loop.toleranceRelative)),
    iterationsMax: Math.max(...loops.map((loop) => loop.iterationsMax)),
  };
}

/** A cycle inside a strongly connected part, in reading order reversed (precedent → dependent), first = last. */
function cyclePath(rows: Rows, part: readonly number[]): number[] {
  const inside = new Set(part);
  const cameFrom = new Map<number, number>();
  const start = part[0] as number;
  const queue = [start];
  // Breadth first from the start along precedents until the start is read again: a shortest cycle through it.
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i] as number;
    const from = rows.firstOf(node);
    for (let edge = from; edge < from + rows.countOf(node); edge++) {
      const target = rows.targets[edge] as number;
      if (target === start) {
        const path = [start];
        for (let at = node; at !== start; at = cameFrom.get(at) as number) path.push(at);
        path.push(start);
        return path;
      }
      if (inside.has(target) && !cameFrom.has(target)) {
        cameFrom.set(target, node);
        queue.push(target);
      }
    }
  }
  return [start, start];
}
