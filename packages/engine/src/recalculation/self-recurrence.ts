/**
 * A node that reads only its own past: `x[t] = f(x[t-1], …)`. The most frequent recurrence by far, so it gets runs of
 * periods in one kernel call instead of a call a period.
 *
 *   1. From the first dirty period on, compute runs of 8, 16, 32 … periods, in place, the run's old cells kept aside.
 *      Where the kernel allows it, a run is at most `partCells` long, so that old and new cells stay in the cache.
 *   2. After a run, look where its last change lies. `distanceMax` periods (all that the future can see) unchanged up
 *      to its end, and nothing dirty ahead: done. Unchanged, but dirt further on: jump there.
 *   3. Never computed before: there is nothing to compare with, so one run over everything.
 *
 * A saturating recurrence thus stops at most one run after it has met its old path. Cost: the computed cells; a column
 * that somebody may hold is copied first.
 */
import { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { isCellwise, partCells } from "../runs/in-place.ts";
import { BoxSet } from "../state/box-set.ts";
import type { StateTable } from "../state/state-table.ts";
import { flagHasValue } from "../state/state-table.ts";
import type { ComponentOrder } from "../structure/component.ts";
import { traitAsynchronous } from "../structure/structure.ts";
import type { Answer } from "./calls.ts";
import {
  clearMarks,
  fillOrigins,
  formulaOf,
  isShownBefore,
  lendInputs,
  runKernel,
  simplifyMarks,
  takeBoxes,
  touchBox,
} from "./column-step.ts";
import { notMeasured } from "./costs.ts";
import type { Graph } from "./graph.ts";
import { markCells } from "./marking.ts";
import { answerLater } from "./member-call.ts";
import { publishColumn, resolveFlags, spread } from "./settle.ts";
import { isExpectedLater, noteTouched } from "./suspension.ts";

const firstRunPeriods = 8;

export function canStepAlone(graph: Graph, state: StateTable, order: ComponentOrder): boolean {
  const node = order.members[0] as number;
  const block = order.blocks[0];
  return (
    order.members.length === 1 &&
    order.direction === "forward" &&
    order.stocks === null &&
    // A kernel goes through the periods member by member; across members it would read what is not there yet.
    order.isOuterSame &&
    block?.loop === null &&
    block.undeclared === null &&
    !isExpectedLater(graph, order.members) &&
    state.pinOf(node) === undefined &&
    graph.structure.isWide(node)
  );
}

/** What a kernel had got to that gave a promise in the middle: the walk goes on from there, period by period. */
export interface Begun {
  /** As it was computed up to the box. */
  readonly out: Column;
  /** What differs in it from before. */
  readonly changed: BoxSet;
  /** The box that is awaited. */
  readonly box: Box;
  /** What the kernel gave, and what it answers. */
  readonly later: Promise<void>;
  readonly work: Promise<Answer>;
}

/** Not `null`: the kernel gave a promise, and nothing was published; the cells are dirty again. */
export function stepSelfRecurrence(graph: Graph, state: StateTable, order: ComponentOrder): Begun | null {
  const node = order.members[0] as number;
  const slot = state.slotOf(node);
  const { changed, boxes: dirty } = graph.lending;
  const hasValue = ((state.flags[slot] as number) & flagHasValue) !== 0;
  takeBoxes(graph, state, node, slot, dirty);
  const boxes = dirty.list();
  changed.clear();
  const held = state.columnSlot(slot);
  const before = hasValue ? held.column : null;
  const isKept = held.isShared || isShownBefore(graph, before);
  const out = before === null ? new Column(graph.structure.shapeOf(node)) : isKept ? before.clone() : before;
  const began = graph.costs?.begin(node) ?? notMeasured;
  const computed = graph.trace === null ? null : new BoxSet();
  const walk: Walk = { graph, state, node, out, dirty, changed, computed, later: null };
  if (before === null) computeAll(walk);
  else walkRuns(walk, order.distanceMax);
  if (walk.later !== null) {
    const begun = begunFrom(walk, walk.later, before);
    if (out === before) {
      // The kernel goes on writing into what was published.
      held.column = begun.out.clone();
      noteTouched(state, node);
    }
    for (const box of boxes) markCells(graph, state, node, box);
    return begun;
  }
  graph.costs?.end(node, began);
  graph.computedCount++;
  if (computed !== null) graph.emitBoxes("started", state, node, computed);
  settle(walk, slot, before, out);
  return null;
}

function begunFrom(walk: Walk, { box, work }: Later, before: Column | null): Begun {
  const { graph, node, out } = walk;
  graph.structure.addTrait(node, traitAsynchronous);
  const changed = new BoxSet();
  const own = before === null ? new Column(out.shape) : out.clone();
  if (before !== null) {
    changed.addAll(walk.changed);
    graph.lending.saved.restore(own, box, 0);
  }
  const begun = { out: own, changed, box, later: work, work: answerLater(work, out, box) };
  graph.lending.abandon();
  return begun;
}

interface Later {
  readonly box: Box;
  readonly work: Promise<void>;
}

interface Walk {
  readonly graph: Graph;
  readonly state: StateTable;
  readonly node: number;
  readonly out: Column;
  readonly dirty: BoxSet;
  readonly changed: BoxSet;
  /** `null` when nobody listens. */
  readonly computed: BoxSet | null;
  /** The run that is awaited. */
  later: Later | null;
}

function computeAll(walk: Walk): void {
  const { out, computed, changed } = walk;
  changed.setWhole(out.shape);
  computed?.setWhole(out.shape);
  computeRun(walk, changed, lendInputs(walk.graph, walk.state, walk.node, out));
}

function walkRuns(walk: Walk, distanceMax: number): void {
  const { graph, state, node, out, dirty, changed } = walk;
  const { saved, part } = graph.lending;
  const { outerFrom, outerTo } = dirty;
  const { periods } = out.shape;
  const inputs = lendInputs(graph, state, node, out);
  const runMax = isCellwise(graph, formulaOf(graph, node))
    ? Math.max(firstRunPeriods, Math.floor(partCells / Math.max(1, outerTo - outerFrom)))
    : periods;
  const hadMarks = out.marks !== null;
  const runChanged = new BoxSet();
  let from = dirty.count === 0 ? periods : dirty.from;
  let length = firstRunPeriods;
  let changedTo = Number.NEGATIVE_INFINITY;
  while (from < periods) {
    part.clear();
    part.add(outerFrom, outerTo, from, Math.min(periods, from + length));
    if (part.count === 0) break;
    walk.computed?.addBox(part);
    saved.clear();
    saved.save(out, part);
    if (!computeRun(walk, part, inputs)) return;
    runChanged.clear();
    saved.compare(out, part, 0, runChanged);
    if (runChanged.count > 0) {
      changedTo = runChanged.to;
      changed.addBox(runChanged);
      touchBox(out, runChanged);
    }
    from = part.to;
    length = Math.min(runMax, length * 2);
    if (from - changedTo < distanceMax) continue;
    const next = nextDirty(dirty, from);
    if (next < 0) break;
    if (next > from) length = firstRunPeriods;
    from = next;
  }
  if (hadMarks && changed.count > 0) simplifyMarks(out);
}

/** The first dirty period at or after `from`, or −1. */
function nextDirty(dirty: BoxSet, from: number): number {
  let next = -1;
  for (let i = 0; i < dirty.count; i++) {
    const box = dirty.at(i);
    if (box.to <= from) continue;
    const first = Math.max(from, box.from);
    if (next < 0 || first < next) next = first;
  }
  return next;
}

/** False where the kernel gave a promise. */
function computeRun(walk: Walk, box: Box, inputs: readonly Column[]): boolean {
  const { graph, node, out } = walk;
  clearMarks(out, box);
  const work = runKernel(graph, node, inputs, out, box);
  if (work === undefined) {
    fillOrigins(graph, node, out, box);
    return true;
  }
  const { outerFrom, outerTo, from, to } = box;
  walk.later = { box: { outerFrom, outerTo, from, to }, work: work as Promise<void> };
  return false;
}

function settle(walk: Walk, slot: number, before: Column | null, out: Column): void {
  const { graph, state, node, changed } = walk;
  if (out !== before && changed.count > 0) {
    resolveFlags(graph, state, node, slot);
    publishColumn(graph, state, node, out, changed, false);
    return;
  }
  resolveFlags(graph, state, node, slot);
  if (changed.count === 0) {
    if (graph.trace !== null) graph.emitNode("cut-off", state, node);
    return;
  }
  state.changedAt[slot] = graph.revision;
  spread(graph, state, node, slot, changed);
}
