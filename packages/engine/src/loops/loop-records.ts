/**
 * The records of loops as a state sees them: of the loops that are, solved here or in the state whose values it reads.
 *
 * Tables stay when a loop goes; so each record is asked whether it is still of the block, or of the group of cells,
 * that stands there (FP13). Cost: an object a record, but for those who ask for one, or for those that did not converge.
 */
import type { LoopRecord, NodeId } from "../formula-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import type { StateTable } from "../state/state-table.ts";
import { type CellStep, lanesOf } from "../structure/cell-order.ts";
import type { Block, Component, ComponentOrder } from "../structure/component.ts";
import { orderOf } from "../structure/component-order.ts";
import { type LoopTable, tableNamed } from "./loop-table.ts";

/** All of them, by loop, then period, then lowest node. */
export function loopRecords(graph: Graph, state: StateTable): LoopRecord[] {
  const found: LoopRecord[] = [];
  for (const component of graph.structure.componentList) {
    if (component === undefined) continue;
    for (const record of recordsOf(graph, state, component, isAny)) found.push(record);
  }
  return found.sort(
    (a, b) => compared(a.loop, b.loop) || a.period - b.period || (a.nodes[0] ?? 0) - (b.nodes[0] ?? 0),
  );
}

/** Those of tables in which something did not converge: with none, no object is made. */
export function* suspectRecords(graph: Graph, state: StateTable): Iterable<LoopRecord> {
  for (const component of graph.structure.componentList) {
    if (component !== undefined) yield* recordsOf(graph, state, component, isSuspect);
  }
}

/** The record of the solve that a cell of a node is in. Cost: the blocks and groups of its component. */
export function loopRecordAt(
  graph: Graph,
  state: StateTable,
  node: number,
  cell: number,
): LoopRecord | undefined {
  const component = graph.structure.componentOf(node);
  if (component === undefined) return undefined;
  const { periods } = graph.structure.shapeOf(node);
  const outer = Math.floor(cell / periods);
  const period = cell % periods;
  const order = orderOf(graph.structure, component, graph.loops);
  for (const part of partsOf(order)) {
    if (part.isFirst !== null && part.isFirst !== (period === 0)) continue;
    if (!part.block.members.some((index) => order.members[index] === node)) continue;
    const table = tableOfBlock(graph, state, order, part.block);
    if (table === undefined) continue;
    const periodsOfRow = order.direction === "whole" ? [-1] : [period];
    for (const row of periodsOfRow.flatMap((at) => [table.rowOf(at, outer), table.rowOf(at, -1)])) {
      const record = table.has(row) ? table.record(row) : undefined;
      if (record !== undefined && isOfBlock(graph, order, part, record)) return record;
    }
  }
  for (const step of order.cellOrder?.steps ?? []) {
    const isIn = step.parts.some(
      ({ member, box }) =>
        order.members[member] === node &&
        box.outerFrom <= outer &&
        outer < box.outerTo &&
        box.from <= period &&
        period < box.to,
    );
    const own = step.isLanes === true ? lanesOf(step, outer, outer + 1) : step;
    if (isIn) return groupRecord(state, order, own, isAny);
  }
  return undefined;
}

function isAny(): boolean {
  return true;
}

function isSuspect(table: LoopTable): boolean {
  return table.unconvergedCount > 0;
}

/** A block, and whether it stands in period 0 alone (`true`), in all others alone (`false`), or in every one. */
interface BlockPart {
  readonly block: Block;
  readonly isFirst: boolean | null;
}

function partsOf({ blocks, first }: ComponentOrder): BlockPart[] {
  if (first === null) return blocks.map((block) => ({ block, isFirst: null }));
  return [
    ...first.map((block) => ({ block, isFirst: true })),
    ...blocks.map((block) => ({ block, isFirst: false })),
  ];
}

function* recordsOf(
  graph: Graph,
  state: StateTable,
  component: Component,
  isAsked: (table: LoopTable) => boolean,
): Iterable<LoopRecord> {
  const order = orderOf(graph.structure, component, graph.loops);
  for (const part of partsOf(order)) {
    const table = tableOfBlock(graph, state, order, part.block);
    if (table === undefined || !isAsked(table)) continue;
    for (const record of table.records()) if (isOfBlock(graph, order, part, record)) yield record;
  }
  for (const step of order.cellOrder?.steps ?? []) {
    for (const group of groupsIn(step)) {
      const record = groupRecord(state, order, group, isAsked);
      if (record !== undefined) yield record;
    }
  }
}

/** The groups of a step, each of which has a record. */
function* groupsIn(step: CellStep): Iterable<CellStep> {
  if (!step.isGroup) return;
  const box = step.parts[0]?.box;
  if (step.isLanes !== true || box === undefined) yield step;
  else for (let outer = box.outerFrom; outer < box.outerTo; outer++) yield lanesOf(step, outer, outer + 1);
}

function tableOfBlock(
  graph: Graph,
  state: StateTable,
  order: ComponentOrder,
  block: Block,
): LoopTable | undefined {
  if (block.loop === null || block.undeclared !== null) return undefined;
  const first = block.members.reduce(
    (least, index) => Math.min(least, order.members[index] as number),
    graph.structure.rows,
  );
  return tableNamed(state.ownerOf(first).records, first, block.loop.name);
}

/** Whether it is of the block as it is now: of the same nodes, loop and split, and of a period that it has. */
function isOfBlock(
  graph: Graph,
  order: ComponentOrder,
  { block, isFirst }: BlockPart,
  record: LoopRecord,
): boolean {
  const { period, outer, nodes } = record;
  if (record.loop !== block.loop?.name || nodes.length !== block.members.length) return false;
  const isSplit = order.isOuterSame && graph.structure.shapeOf(order.members[0] as number).outer > 1;
  if (isSplit !== outer >= 0) return false;
  if (isFirst !== null && isFirst !== (period === 0)) return false;
  const isPeriod =
    order.direction === "whole"
      ? period === -1
      : period >= 0 && period < graph.structure.shapeOf(nodes[0] as number).periods;
  // Nearly always it is told in the order of the block, so that the first look finds each.
  return (
    isPeriod &&
    block.members.every((index, i) => {
      const node = order.members[index] as number;
      return nodes[i] === node || nodes.some((each) => each === node);
    })
  );
}

/** The record of a group of cells, if it was solved as it is now; with its cells. */
function groupRecord(
  state: StateTable,
  order: ComponentOrder,
  step: CellStep,
  isAsked: (table: LoopTable) => boolean,
): LoopRecord | undefined {
  if (!step.isGroup || step.loop === null || step.undeclared !== null) return undefined;
  const cells = step.parts.map(({ member, box }) => ({ node: order.members[member] as NodeId, box }));
  const nodes = new Set(cells.map(({ node }) => node));
  const first = cells.reduce((least, { node }) => Math.min(least, node), Number.POSITIVE_INFINITY);
  const table = tableNamed(state.ownerOf(first).records, first, step.loop.name);
  if (table === undefined || !isAsked(table)) return undefined;
  const row = table.rowOf(step.period, step.outer);
  if (!table.has(row)) return undefined;
  const record = table.record(row);
  const isSame = record.nodes.length === nodes.size && record.nodes.every((node) => nodes.has(node));
  return isSame ? { ...record, cells } : undefined;
}

function compared(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
