/**
 * The order of a component whose attributes have none: cell by cell.
 *
 *   growth[t] reads sales[t] and sales[0]      a fixed period
 *   sales[t]  reads growth[t-1]
 *
 *   sales[0] → growth[0] → sales[1] → growth[1] → …       no cycle, though the attributes have one
 *
 *   1. The strongly connected components of the cells, precedents first. Each gets a height: one more than the highest
 *      that it reads.
 *   2. Cells without a cycle that have one height read nothing of each other: those of a member are put together in boxes,
 *      each one step and one call of a kernel.
 *   3. Cells in a cycle are a group: one step, solved by itself. The declared loops that are cut at one of its
 *      attributes say how; its parts lie in the order of a sweep (sweep-order.ts). Where a cycle is left that is not cut,
 *      its path is kept.
 *
 * Where no edge leads from one outer member to another, members that read alike are ordered once (alike-members.ts) and
 * stand in the steps side by side: thousands of them cost little more than one.
 *
 * Cost: the cells and what they read.
 */
import type { Shape } from "@reckon/value";
import type { Box, LoopDeclaration } from "../formula-node.ts";
import { alikeMembers, cellsOfMember } from "./alike-members.ts";
import type { CellGraph } from "./cell-graph.ts";
import { type DeclaredLoops, joinLoops } from "./declared-loops.ts";
import { eachStrongComponent } from "./strong-components.ts";
import { eachTarget, SweepOrders } from "./sweep-order.ts";

/** Cells of one member that are computed together. */
export interface Part {
  /** Index into the members. */
  readonly member: number;
  readonly box: Box;
  /** Its old values are read before it is computed: the unknowns of a group. */
  readonly isFeedback: boolean;
}

export interface CellStep {
  /** In the order of a sweep; one part where there is no cycle. */
  readonly parts: readonly Part[];
  /** Whether the cells are in a cycle. */
  readonly isGroup: boolean;
  /** Groups of several outer members side by side, each solved by itself. */
  readonly isLanes?: boolean;
  readonly loop: LoopDeclaration | null;
  /** A cycle that no declaration cuts, as cells: precedent → dependent, the first repeated at the end. */
  readonly undeclared: readonly number[] | null;
  /** The period and the outer member of a group, −1: of several. Where that is said of two groups, those of its first cell. */
  readonly period: number;
  readonly outer: number;
}

export interface CellOrder {
  readonly graph: CellGraph;
  /** Precedents first. */
  readonly steps: readonly CellStep[];
}

/** `isOuterSame`: no edge leads from one outer member to another, so groups lie in one each. */
export function orderCells(
  graph: CellGraph,
  members: readonly number[],
  loops: DeclaredLoops,
  isOuterSame: boolean,
): CellOrder {
  const search = {
    graph,
    members,
    loops,
    sweeps: new SweepOrders(),
    heights: new Int32Array(graph.memberOf.length),
    isGrouped: new Uint8Array(graph.memberOf.length),
  };
  const levels = (isOuterSame ? lanesLevels(search) : null) ?? levelsOf(search, [...graph.memberOf.keys()]);
  const steps: CellStep[] = [];
  for (const { parts, groups } of levels) {
    for (const part of parts) {
      const { from, to } = part.box;
      const period = to - from === 1 ? from : -1;
      steps.push({ parts: [part], isGroup: false, loop: null, undeclared: null, period, outer: -1 });
    }
    for (const step of isOuterSame ? sideBySide(groups) : groups) steps.push(step);
  }
  return { graph, steps: withOwnPlaces(steps, members) };
}

interface OrderSearch {
  readonly graph: CellGraph;
  readonly members: readonly number[];
  readonly loops: DeclaredLoops;
  readonly sweeps: SweepOrders;
  readonly heights: Int32Array;
  readonly isGrouped: Uint8Array;
}

/** What has one height: boxes of single cells, and groups. */
interface Level {
  readonly parts: Part[];
  readonly groups: CellStep[];
}

/** The levels of cells that read nothing but each other. */
function levelsOf(search: OrderSearch, cells: readonly number[]): Level[] {
  const { graph, members, loops, sweeps, heights, isGrouped } = search;
  const single: number[][] = [];
  const groups: CellStep[][] = [];
  eachStrongComponent(graph.rows, cells, null, (cells, hasCycle) => {
    let height = 0;
    const group = hasCycle ? new Set(cells) : null;
    for (const cell of cells) {
      eachTarget(graph.rows, cell, (target) => {
        if (group?.has(target) !== true) height = Math.max(height, (heights[target] as number) + 1);
      });
    }
    for (const cell of cells) heights[cell] = height;
    if (!hasCycle) return;
    for (const cell of cells) isGrouped[cell] = 1;
    addAt(groups, height, groupStep(graph, cells, members, loops, sweeps));
  });
  for (const cell of cells) if (isGrouped[cell] === 0) addAt(single, heights[cell] as number, cell);
  return Array.from({ length: Math.max(single.length, groups.length) }, (_, height) => ({
    parts: partsOf(graph, single[height] ?? [], null),
    groups: groups[height] ?? [],
  }));
}

/**
 * The levels of members that read none but themselves: those of one member for all that are like it. `null` where a group
 * is not declared, whose path is told for each.
 */
function lanesLevels(search: OrderSearch): Level[] | null {
  const runs = alikeMembers(search.graph);
  const levels: Level[] = [];
  for (const { outerFrom, outerTo } of runs) {
    const own = levelsOf(search, cellsOfMember(search.graph, outerFrom));
    for (const [height, { parts, groups }] of own.entries()) {
      levels[height] ??= { parts: [], groups: [] };
      const level = levels[height];
      for (const part of parts) level.parts.push(stretched(part, outerTo));
      for (const group of groups) {
        if (group.undeclared !== null) return null;
        const wide = group.parts.map((part) => stretched(part, outerTo));
        level.groups.push(outerTo - outerFrom === 1 ? group : { ...group, parts: wide, isLanes: true });
      }
    }
  }
  return levels.map(({ parts, groups }) => ({ parts: joined(parts), groups }));
}

function stretched(part: Part, outerTo: number): Part {
  return { ...part, box: { ...part.box, outerTo } };
}

/** Boxes of one height, in the order of their cells; those that adjoin as one. */
function joined(parts: readonly Part[]): Part[] {
  const found: Part[] = [];
  const last = new Map<string, number>();
  const ordered = parts.toSorted(
    (a, b) => a.member - b.member || a.box.outerFrom - b.box.outerFrom || a.box.from - b.box.from,
  );
  for (const part of ordered) {
    const { outerFrom, outerTo, from, to } = part.box;
    const key = `${part.member} ${from} ${to}`;
    const at = last.get(key) ?? -1;
    const before = found[at];
    if (before?.box.outerTo === outerFrom) found[at] = stretched(before, outerTo);
    else {
      last.set(key, found.length);
      found.push(part);
    }
  }
  return found;
}

function addAt<T>(lists: T[][], index: number, one: T): void {
  const list = lists[index];
  if (list === undefined) lists[index] = [one];
  else list.push(one);
}

/** Visits the cells of a part. */
export function eachCellOf(graph: CellGraph, { member, box }: Part, visit: (cell: number) => void): void {
  const { periods } = graph.shapes[member] as Shape;
  const base = graph.firstCell[member] as number;
  for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
    for (let t = box.from; t < box.to; t++) visit(base + outer * periods + t);
  }
}

function groupStep(
  graph: CellGraph,
  cells: readonly number[],
  members: readonly number[],
  loops: DeclaredLoops,
  sweeps: SweepOrders,
): CellStep {
  const nodeOf = (cell: number): number => members[graph.memberOf[cell] as number] as number;
  const declared = loops.among(new Set(cells.map(nodeOf)));
  const sorted = [...cells].sort((a, b) => a - b);
  const cuts = new Set(declared.flatMap((loop) => loop.cuts.map((cut) => cut.node as number)));
  const { order, heights, feedback, uncut } = sweeps.of(graph.rows, sorted, (cell) => cuts.has(nodeOf(cell)));
  const byHeight: number[][] = [];
  order.forEach((cell, i) => {
    addAt(byHeight, heights[i] as number, cell);
  });
  const parts = byHeight.flatMap((level) =>
    partsOf(
      graph,
      level.sort((a, b) => a - b),
      feedback,
    ),
  );
  const { period, outer } = placeOf(graph, parts);
  return { parts, isGroup: true, loop: joinLoops(declared), undeclared: uncut, period, outer };
}

function placeOf(
  graph: CellGraph,
  parts: readonly Part[],
): { readonly period: number; readonly outer: number } {
  const { from, outerFrom } = (parts[0] as Part).box;
  const isOnePeriod = parts.every(({ box }) => box.from === from && box.to === from + 1);
  const isOneOuter = parts.every(
    ({ member, box }) =>
      box.outerFrom === outerFrom &&
      box.outerTo === outerFrom + 1 &&
      (graph.shapes[member] as Shape).outer > 1,
  );
  return { period: isOnePeriod ? from : -1, outer: isOneOuter ? outerFrom : -1 };
}

/** Groups of neighbouring outer members that are alike, as one step: each is a lane of its own in it. */
function sideBySide(groups: readonly CellStep[]): CellStep[] {
  const kindOf = ({ parts, period }: CellStep): string =>
    [period, ...parts.map(({ member, box, isFeedback }) => [member, box.from, box.to, isFeedback])].join(";");
  const last = new Map<string, number>();
  const found: CellStep[] = [];
  for (const group of groups.toSorted((a, b) => outerFromOf(a) - outerFromOf(b))) {
    const kind = kindOf(group);
    const at = last.get(kind) ?? -1;
    const before = found[at];
    const isBeside = before !== undefined && before.parts[0]?.box.outerTo === outerFromOf(group);
    if (!isBeside || group.undeclared !== null || before.undeclared !== null || group.outer < 0) {
      last.set(kind, found.length);
      found.push(group);
      continue;
    }
    const end = group.parts[0]?.box.outerTo as number;
    const parts = before.parts.map((part) => stretched(part, end));
    found[at] = { ...before, parts, isLanes: true };
  }
  return found;
}

function outerFromOf({ parts }: CellStep): number {
  return parts[0]?.box.outerFrom ?? 0;
}

/** A step of several lanes as it is for some of its outer members. */
export function lanesOf(step: CellStep, outerFrom: number, outerTo: number): CellStep {
  const parts = step.parts.map((part) => ({ ...part, box: { ...part.box, outerFrom, outerTo } }));
  return { ...step, parts, outer: outerFrom };
}

/** Of the boxes of the lowest node the first. */
function firstBox(parts: readonly Part[], members: readonly number[]): Box {
  const lowest = lowestOf(parts, members);
  const own = parts.filter(({ member }) => members[member] === lowest).map(({ box }) => box);
  return own.reduce((a, b) =>
    b.outerFrom < a.outerFrom || (b.outerFrom === a.outerFrom && b.from < a.from) ? b : a,
  );
}

function lowestOf(parts: readonly Part[], members: readonly number[]): number {
  return parts.reduce(
    (least, { member }) => Math.min(least, members[member] as number),
    Number.POSITIVE_INFINITY,
  );
}

/** Groups with one lowest node, period and member would have one record: they are told by their first cells. */
function withOwnPlaces(steps: readonly CellStep[], members: readonly number[]): readonly CellStep[] {
  const counts = new Map<string, number>();
  const keyOf = ({ parts, period, outer }: CellStep): string =>
    `${lowestOf(parts, members)} ${period} ${outer}`;
  const isShared = (step: CellStep): boolean => step.isGroup && (step.period < 0 || step.outer < 0);
  for (const step of steps) {
    if (isShared(step)) counts.set(keyOf(step), (counts.get(keyOf(step)) ?? 0) + 1);
  }
  if ([...counts.values()].every((count) => count === 1)) return steps;
  return steps.map((step) => {
    if (!isShared(step) || counts.get(keyOf(step)) === 1) return step;
    const { from, outerFrom } = firstBox(step.parts, members);
    return { ...step, period: from, outer: outerFrom };
  });
}

/** Ascending cells as boxes; cells of one box of a sweep read nothing of each other. */
export function partsOf(
  graph: CellGraph,
  cells: readonly number[],
  feedback: ReadonlySet<number> | null,
): Part[] {
  const found: { member: number; box: { -readonly [K in keyof Box]: Box[K] }; isFeedback: boolean }[] = [];
  let rowStart = 0;
  for (let i = 0; i < cells.length; ) {
    const cell = cells[i] as number;
    const member = graph.memberOf[cell] as number;
    const { periods } = graph.shapes[member] as Shape;
    const outer = Math.floor((cell - (graph.firstCell[member] as number)) / periods);
    const from = (cell - (graph.firstCell[member] as number)) % periods;
    const isFeedback = feedback?.has(cell) ?? false;
    let count = 1;
    if (!isFeedback) {
      while (from + count < periods && cells[i + count] === cell + count && !feedback?.has(cell + count))
        count++;
    }
    i += count;
    const run = { outerFrom: outer, outerTo: outer + 1, from, to: from + count };
    while (rowStart < found.length && isBehind(found[rowStart], member, outer)) rowStart++;
    const above = found
      .slice(rowStart)
      .find(
        (part) =>
          part.member === member &&
          part.isFeedback === isFeedback &&
          part.box.outerTo === outer &&
          part.box.from === run.from &&
          part.box.to === run.to,
      );
    if (above !== undefined && !(isFeedback && readsWithin(graph, cell, above))) above.box.outerTo++;
    else found.push({ member, box: run, isFeedback });
  }
  return found;
}

/** Whether a part ends before the row above this one. */
function isBehind(part: Part | undefined, member: number, outer: number): boolean {
  return part !== undefined && (part.member !== member || part.box.outerTo < outer);
}

/** Whether a cell reads, or is read by, a cell of the part. */
function readsWithin(graph: CellGraph, cell: number, part: Part): boolean {
  let isLinked = false;
  const inside = new Set<number>();
  eachCellOf(graph, part, (one) => inside.add(one));
  eachTarget(graph.rows, cell, (target) => {
    isLinked ||= inside.has(target);
  });
  for (const one of inside) {
    eachTarget(graph.rows, one, (target) => {
      isLinked ||= target === cell;
    });
  }
  return isLinked;
}
