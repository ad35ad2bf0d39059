/**
 * The fixed point of a declared loop in one period.
 *
 *   guess ──► cut ──► a ──► b ──► cut′     one sweep, in the order of the block
 *              ▲                   │
 *              └───────────────────┘       again while some member moved by more than the tolerance
 *
 *   1. Each cut starts at its guess (0 without one), always: the result depends on the inputs alone, not on earlier
 *      results, and a bad input cannot poison what comes after it.
 *   2. A sweep computes the members one after another, each from the newest values (Gauss–Seidel).
 *   3. A member has settled when |new − old| ≤ absolute + relative × max(|new|, |old|); what is not a number has
 *      settled when it is the same. In the first sweep only the cuts have an old value.
 *   4. Where no edge inside crosses outer members, each outer member is a loop of its own: it stops when its own members
 *      have settled, so its result does not depend on the others.
 *   5. Ended by the limit, the last iterate stays as the value; the record says so.
 *
 * Cost: sweeps × cells of the block in the period.
 */
import { Column } from "@reckon/value";
import type { Box, LoopDeclaration, LoopRecord, LoopVerdict, NodeId } from "../formula-node.ts";
import { columnOf } from "../recalculation/column-step.ts";
import { boxAt, type ComponentRun, computeBox, type Member } from "../recalculation/component-run.ts";
import type { Block } from "../structure/component.ts";
import { judge } from "./verdict.ts";

interface Sweep {
  readonly isActive: Uint8Array;
  readonly isSettled: Uint8Array;
  /** Signed move of the cell that moved most. */
  largestMove: number;
}

export function solveBlock(run: ComponentRun, block: Block, loop: LoopDeclaration, step: number): void {
  const members = block.members.map((index) => run.members[index] as Member);
  const cuts = startCuts(run, members, loop, step);
  const previous = new Map(members.map((member) => [member, new Column(member.out.shape)]));
  const outerMax = Math.max(...members.map((member) => member.out.shape.outer));
  const sweep: Sweep = {
    isActive: new Uint8Array(outerMax).fill(1),
    isSettled: new Uint8Array(outerMax),
    largestMove: 0,
  };
  const moves: number[] = [];
  let isSettled = false;
  while (!isSettled && moves.length < Math.max(1, loop.iterationsMax)) {
    sweep.largestMove = 0;
    sweep.isSettled.fill(1);
    for (const member of members) {
      const old = moves.length > 0 || cuts.has(member.node) ? (previous.get(member) as Column) : null;
      sweepMember({ run, member, old, step, loop, sweep });
    }
    moves.push(sweep.largestMove);
    isSettled = endSweep(run, sweep);
  }
  record(run, members, loop, step, { moves, isSettled });
}

/** Puts the guesses into the cuts' drafts; the cut nodes of this block. */
function startCuts(
  run: ComponentRun,
  members: readonly Member[],
  loop: LoopDeclaration,
  step: number,
): Set<number> {
  const byNode = new Map(members.map((member) => [member.node, member]));
  const inRun = new Map(run.members.map((member) => [member.node, member]));
  const cuts = new Set<number>();
  for (const cut of loop.cuts) {
    const member = byNode.get(cut.node);
    if (member === undefined) continue;
    cuts.add(cut.node);
    // A guess that the loop itself computes has no value yet.
    const guess =
      cut.guess === undefined || byNode.has(cut.guess)
        ? null
        : (inRun.get(cut.guess)?.out ?? columnOf(run.graph, run.state, cut.guess));
    eachCell(boxAt(run, member, step), member.out, (cell, outer, period) => {
      member.out.set(cell, 0);
      if (guess === null) return;
      const at =
        (guess.shape.outer === 1 ? 0 : outer) * guess.shape.periods +
        (guess.shape.periods === 1 ? 0 : period);
      if (guess.get(at) !== null) member.out.copyCell(cell, guess, at);
    });
  }
  return cuts;
}

function sweepMember(work: {
  run: ComponentRun;
  member: Member;
  old: Column | null;
  step: number;
  loop: LoopDeclaration;
  sweep: Sweep;
}): void {
  const { run, member, old, step, loop, sweep } = work;
  const whole = boxAt(run, member, step);
  for (const box of activeBoxes(run, sweep, whole)) {
    if (old !== null) eachCell(box, old, (cell) => old.copyCell(cell, member.out, cell));
    computeBox(run, member, box);
    eachCell(box, member.out, (cell, outer) => {
      const move = old === null ? Number.NaN : moveOf(member.out, old, cell);
      if (old !== null && Math.abs(move) > Math.abs(sweep.largestMove)) sweep.largestMove = move;
      if (old !== null && !isWithin(move, member.out, old, cell, loop)) sweep.isSettled[outer] = 0;
    });
  }
}

/** New − old; infinite where one of the two is no number and they differ. */
function moveOf(out: Column, old: Column, cell: number): number {
  if (out.sameCell(cell, old, cell)) return 0;
  const isNumber = (column: Column): boolean => column.marks === null || column.marks[cell] === 0;
  if (!isNumber(out) || !isNumber(old)) return Number.POSITIVE_INFINITY;
  return (out.numbers[cell] as number) - (old.numbers[cell] as number);
}

function isWithin(move: number, out: Column, old: Column, cell: number, loop: LoopDeclaration): boolean {
  const size = Math.max(Math.abs(out.numbers[cell] as number), Math.abs(old.numbers[cell] as number));
  return Math.abs(move) <= loop.toleranceAbsolute + loop.toleranceRelative * size;
}

/** The parts of `whole` whose outer members still iterate. */
function activeBoxes(run: ComponentRun, sweep: Sweep, whole: Box): Box[] {
  if (!run.order.isOuterSame) return [whole];
  const boxes: Box[] = [];
  for (let outerFrom = whole.outerFrom; outerFrom < whole.outerTo; outerFrom++) {
    if (sweep.isActive[outerFrom] === 0) continue;
    let outerTo = outerFrom + 1;
    while (outerTo < whole.outerTo && sweep.isActive[outerTo] === 1) outerTo++;
    boxes.push({ ...whole, outerFrom, outerTo });
    outerFrom = outerTo;
  }
  return boxes;
}

/** Retires the outer members that have settled; whether all have. */
function endSweep(run: ComponentRun, sweep: Sweep): boolean {
  if (!run.order.isOuterSame) return sweep.isSettled.every((flag) => flag === 1);
  let isDone = true;
  const band = run.members[0] as Member;
  for (let outer = band.outerFrom; outer < band.outerTo; outer++) {
    if (sweep.isActive[outer] === 0) continue;
    if (sweep.isSettled[outer] === 1) sweep.isActive[outer] = 0;
    else isDone = false;
  }
  return isDone;
}

function record(
  run: ComponentRun,
  members: readonly Member[],
  loop: LoopDeclaration,
  step: number,
  outcome: { readonly moves: readonly number[]; readonly isSettled: boolean },
): void {
  const { moves, isSettled } = outcome;
  let hasError = false;
  for (const member of members) {
    eachCell(boxAt(run, member, step), member.out, (cell) => {
      hasError ||= member.out.marks !== null && (member.out.marks[cell] as number) >= 8;
    });
  }
  const verdict: LoopVerdict = judge({ moves, isSettled, hasError });
  const period = run.order.direction === "whole" ? -1 : step;
  const entry: LoopRecord = {
    loop: loop.name,
    nodes: members.map((member) => member.node as NodeId),
    period,
    outer: -1,
    iterations: moves.length,
    sweeps: moves.length,
    residuals: moves.map(Math.abs),
    lastDelta: Math.abs(moves.at(-1) ?? 0),
    verdict,
    method: "plain",
    start: "cold",
  };
  const { records } = run.state;
  const key = Math.min(...entry.nodes);
  let periods = records.get(key);
  if (periods === undefined) {
    periods = new Map();
    records.set(key, periods);
  }
  periods.set(period, entry);
  if (run.graph.trace !== null) run.graph.emit({ kind: "iterated", state: run.state.id, record: entry });
}

function eachCell(
  box: Box,
  column: Column,
  visit: (cell: number, outer: number, period: number) => void,
): void {
  const { periods } = column.shape;
  for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
    for (let period = box.from; period < box.to; period++) visit(outer * periods + period, outer, period);
  }
}
