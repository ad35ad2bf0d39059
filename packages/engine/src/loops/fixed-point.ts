/**
 * Loops: what they are, how they are solved, and when a value is final.
 *
 * What a component is. Formulas that read each other, directly or through others, form a component: none of them can be
 * computed before the others. Where every way round passes through an earlier period there is an order all the same, and
 * the component is stepped through time; that is a recurrence, and nothing here concerns it. Where formulas of one period
 * need each other (interest on the average balance, a fee on what is left after the fee, demand and price) there is none:
 * that is a loop. Its values are numbers that fit all its formulas at once. A declaration says where it is cut.
 *
 * What is iterated. With the outgoing edges of the cuts taken away the members have an order. One pass through it, each
 * member from the newest values, is a sweep:
 *
 *   x ──► a ──► b ──► c ──► G(x)        x: the cells of the cuts that are read before they are computed
 *   ▲                        │
 *   └──── the method ◄───────┘          r = G(x) − x: the residual
 *
 * All other members follow from x, so a loop is an equation G(x) = x, of one unknown most often, however many members it
 * has. To iterate plainly is to put G(x) in for x. It gets nearer by the ratio ρ each time, the slope of G: quickly where
 * ρ is small, not at all where |ρ| ≥ 1. What iterates better is in one-unknown.ts (the secant, in a bracket once there is
 * one) and several-unknowns.ts (Anderson's steps; Newton's). Both are machines without callbacks: here, and wherever
 * else formulas are swept, somebody sweeps at the point that the machine names and hands over what came out. So
 * kernels one by one and joined functions give the same bits.
 *
 * Where it starts. At the guesses declared for the period; else at 0. That is a cold start, and what comes out depends on
 * the inputs alone. A warm start is at the last solution, if there was one: it takes fewer sweeps, and the result differs
 * within the tolerance. Loops with steps (conditions, roundings) start cold, since several states may fit them. Where
 * there are several solutions, the method and the start decide which one is found; the record has the start.
 *
 * When it is final. Small moves prove little: a loop with ρ = 0.9999 moves by a ten-thousandth of its distance. So three
 * things are asked. The residual is within the tolerance; so is the distance to the solution, estimated from the measured
 * slopes; and in one full sweep more, the proof, no member moves by more than the tolerance. Then at most two sweeps
 * follow while they make the residual smaller still, and values are mostly right to the last digits. What stands in the
 * cells is the last point x and what the members made of it: each of these is to the bit what its formula gives, and
 * x is off by the residual, which the record tells. Nothing else is ever called converged.
 *
 * What can go wrong, and what is done then:
 *
 *   it has no solution     steps grow, or never end         diverging: `#NUM!` in all members, origin in the cut
 *   it jumps               conditions and roundings go      switching: the state of the cycle with the smallest
 *                          round between states             residual stands, of equal ones the nearest to the start
 *   it swings              a declared plain method, ρ ≤ −1  oscillating: as above; the record tells a damping
 *   it is slow             the limit comes first            limit: the iterate with the smallest residual stands
 *   a step is too long     it ends in an error              taken back, most of the way, and again
 *   an input is an error   so is every sweep                error: the values are that error, as it is
 *   values are no numbers  texts, booleans, blanks          iterated plainly until they are the same (mixed.ts)
 *
 * Nothing of a failed solve is a start of the next one, so a bad input leaves no trace. What reads a member that did not
 * converge is told as unconverged (unconverged.ts).
 *
 * What is solved together. Where no edge inside crosses outer members each of them is a loop of its own, a lane: all lanes
 * that still iterate share the calls of kernels, and none depends on another. Else all members are one system. The
 * parts of a loop come as boxes in the order of a sweep: a period, or the cells of a group that lies in several.
 *
 * Cost: sweeps × cells of the parts; some nanoseconds a step for one unknown. Records are rows of numbers (loop-table.ts).
 */
import { Column, errorValue } from "@reckon/value";
import type { Box, Kernel, LoopDeclaration, NodeId } from "../formula-node.ts";
import { cellsOf, putCells, Suspension } from "../recalculation/calls.ts";
import {
  applyPins,
  clearMarks,
  columnOf,
  fillError,
  formulaOf,
  touchBox,
} from "../recalculation/column-step.ts";
import { boxAt, type ComponentRun, type Member } from "../recalculation/component-run.ts";
import { computeFrom } from "../recalculation/member-call.ts";
import { Pass } from "../recalculation/pass.ts";
import { hasAsynchronous } from "../recalculation/suspension.ts";
import type { Block } from "../structure/component.ts";
import { Lane } from "./lane.ts";
import { areBound, eachCell, type LoopPart, unknownCells, unknownParts } from "./loop-parts.ts";
import { type LoopTable, tableOf } from "./loop-table.ts";
import { type LoopSettings, settingsOf } from "./settings.ts";

/** What one solve shares: the parts with their columns, and the lanes that iterate. */
interface Solve {
  readonly run: ComponentRun;
  readonly parts: readonly LoopPart[];
  readonly loop: LoopDeclaration;
  readonly settings: LoopSettings;
  readonly lanes: readonly Lane[];
  readonly table: LoopTable;
  readonly nodes: readonly NodeId[];
  /** Per lane how far beyond the tolerance the member went that moved most. */
  readonly excess: Float64Array;
  /** The parts of a sweep, which may be suspended between any two. */
  readonly pass: Pass;
  readonly indices: readonly number[];
  isSweeping: boolean;
  isCompared: boolean;
  /** Per part the boxes that are awaited, with the places of their calls. */
  readonly awaited: Map<number, { readonly box: Box; readonly place: number }[]>;
  /** Between steps finer than a period: the cells of the parts as they were when it was suspended. */
  cells: readonly Column[] | null;
}

/** A solve that is done, where something goes back behind it: the cells of the parts. */
interface Solved {
  readonly solved: readonly Column[];
}

const ratioToldMax = 1e6;

const unknownsOf = new WeakMap<Block, readonly number[]>();

/** Solves a block in one step: a period, or all of them at once. */
export function solveBlock(run: ComponentRun, block: Block, loop: LoopDeclaration, step: number): void {
  const parts = block.members.map((member) => ({
    member,
    box: boxAt(run, run.members[member] as Member, step),
  }));
  let unknowns = unknownsOf.get(block);
  if (unknowns === undefined) {
    unknowns = unknownParts(run, parts, loop);
    unknownsOf.set(block, unknowns);
  }
  solve(run, parts, unknowns, loop, run.order.direction === "whole" ? -1 : step);
}

/**
 * Solves a group of cells, given in the order of a sweep; `period` and `outer` are what its record says, −1: several. Parts
 * that say they are feedback are its unknowns.
 */
export function solveParts(
  run: ComponentRun,
  parts: readonly LoopPart[],
  loop: LoopDeclaration,
  period: number,
  outer = -1,
): void {
  const feedback = [...parts.keys()].filter((i) => parts[i]?.isFeedback === true);
  const unknowns = feedback.length === 0 ? unknownParts(run, parts, loop) : feedback;
  solve(run, parts, unknowns, loop, period, outer);
}

function solve(
  run: ComponentRun,
  parts: readonly LoopPart[],
  unknowns: readonly number[],
  loop: LoopDeclaration,
  period: number,
  outer = -1,
): void {
  const { calls } = run;
  const { place } = calls;
  const entry = calls.next() as Solve | Solved | undefined;
  if (entry !== undefined && "solved" in entry) {
    putParts(run, parts, entry.solved);
    return;
  }
  if (entry?.cells) putParts(run, parts, entry.cells);
  const solving = entry ?? beginSolve(run, parts, unknowns, loop, period, outer);
  const { lanes, table, nodes } = solving;
  try {
    while (lanes.some((lane) => lane.isActive)) sweep(solving);
  } catch (error) {
    if (!(error instanceof Suspension)) throw error;
    calls.keep(place, solving);
    if (run.isBetween) solving.cells = takeParts(run, parts);
    throw error;
  }
  const named = table.listOf(nodes);
  for (const lane of lanes) {
    finish(solving, lane, table.rowOf(period, lane.outer < 0 ? outer : lane.outer), named);
  }
  if (calls.isKept) calls.keep(place, { solved: takeParts(run, parts) });
  calls.forget(place + 1);
}

function takeParts(run: ComponentRun, parts: readonly LoopPart[]): Column[] {
  return parts.map(({ member, box }) => cellsOf((run.members[member] as Member).out, box));
}

function putParts(run: ComponentRun, parts: readonly LoopPart[], cells: readonly Column[]): void {
  parts.forEach(({ member, box }, i) => {
    putCells((run.members[member] as Member).out, box, cells[i] as Column);
  });
}

function beginSolve(
  run: ComponentRun,
  parts: readonly LoopPart[],
  unknowns: readonly number[],
  loop: LoopDeclaration,
  period: number,
  outer: number,
): Solve {
  const isDiscrete = parts.some(({ member }) => kernelOf(run, member).isDiscrete === true);
  const settings = settingsOf(loop, isDiscrete);
  const nodes = [...new Set(parts.map(({ member }) => (run.members[member] as Member).node as NodeId))];
  const table = tableOf(run.state.records, loop.name, nodes, drafts(run).outers);
  const lanes = lanesOf(run, parts, unknowns, settings);
  const solving: Solve = {
    run,
    parts,
    loop,
    settings,
    lanes,
    table,
    nodes,
    excess: new Float64Array(lanes.length),
    pass: new Pass(run.calls, {
      begin: (i) => {
        if (solving.isCompared) keepBefore(solving, i);
        return true;
      },
      compute: (i) => computePart(solving, i),
      finish: (i) => {
        if (solving.isCompared) measureExcess(solving, i);
      },
      isBound: (i, other) => areBound(run, parts[i] as LoopPart, parts[other] as LoopPart),
      isAlone: (i) => run.members[(parts[i] as LoopPart).member]?.integrate !== null,
    }),
    indices: [...parts.keys()],
    isSweeping: false,
    isCompared: false,
    awaited: new Map(),
    cells: null,
  };
  const isWarm =
    !(isDiscrete || run.isBetween || hasAsynchronous(run.graph, run.order.members)) &&
    (loop.start ?? run.graph.loopStart) === "warm";
  if (isWarm) {
    for (const lane of lanes) {
      const row = table.rowOf(period, lane.outer < 0 ? outer : lane.outer);
      if (hasSolution(run, parts, lane) && table.isConverged(row)) {
        lane.remember(table.deltaOf(row), table.ratioAt(row));
      }
    }
  }
  placeStarts(run, parts, loop);
  for (const lane of lanes) lane.begin();
  return solving;
}

/** Whether the cells of a lane hold what was published before. */
function hasSolution(run: ComponentRun, parts: readonly LoopPart[], lane: Lane): boolean {
  return parts.every(({ member, box }) => {
    const { hasValue, out } = run.members[member] as Member;
    let isNumbers = hasValue;
    eachCell(laneBox(lane, box), out, (cell) => {
      isNumbers &&= out.marks === null || out.marks[cell] === 0;
    });
    return isNumbers;
  });
}

function kernelOf(run: ComponentRun, member: number): Kernel {
  return formulaOf(run.graph, (run.members[member] as Member).node).kernel;
}

/** Where no edge inside crosses outer members, each is a loop of its own. */
function lanesOf(
  run: ComponentRun,
  parts: readonly LoopPart[],
  unknowns: readonly number[],
  settings: LoopSettings,
): Lane[] {
  const { outerFrom, outerTo } = (parts[0] as LoopPart).box;
  const isSplit = run.order.isOuterSame && (run.members[0] as Member).out.shape.outer > 1;
  if (!isSplit) return [new Lane(-1, unknownCells(run, parts, unknowns, -1), settings)];
  const lanes: Lane[] = [];
  for (let outer = outerFrom; outer < outerTo; outer++) {
    lanes.push(new Lane(outer, unknownCells(run, parts, unknowns, outer), settings));
  }
  return lanes;
}

/** Puts the guesses into the cuts' cells. */
function placeStarts(run: ComponentRun, parts: readonly LoopPart[], loop: LoopDeclaration): void {
  const { columns } = drafts(run);
  const inParts = new Set(parts.map(({ member }) => (run.members[member] as Member).node));
  // Of two cuts at one node the last counts.
  const guessOf = new Map<number, NodeId | undefined>(loop.cuts.map(({ node, guess }) => [node, guess]));
  for (const { member, box } of parts) {
    const { node, out } = run.members[member] as Member;
    if (!guessOf.has(node)) continue;
    const guess = guessOf.get(node);
    // A guess that the loop itself computes has no value yet.
    const isKnown = guess !== undefined && !inParts.has(guess);
    placeStart(out, box, isKnown ? (columns.get(guess) ?? columnOf(run.graph, run.state, guess)) : null);
  }
}

/** What all solves of a walk share: there may be thousands, of thousands of members. */
interface Drafts {
  readonly columns: ReadonlyMap<number, Column>;
  /** The most outer members. */
  readonly outers: number;
  /** Per member the values of the sweep before a proof: no two solves that are under way have a cell in common. */
  readonly before: Map<number, Column>;
}

const draftsOf = new WeakMap<ComponentRun, Drafts>();

function drafts(run: ComponentRun): Drafts {
  let found = draftsOf.get(run);
  if (found === undefined) {
    const { members } = run;
    const columns = new Map(members.map(({ node, out }) => [node, out]));
    const outers = members.reduce((most, { out }) => Math.max(most, out.shape.outer), 0);
    found = { columns, outers, before: new Map() };
    draftsOf.set(run, found);
  }
  return found;
}

function placeStart(out: Column, box: Box, guess: Column | null): void {
  eachCell(box, out, (cell, outer, period) => {
    out.set(cell, 0);
    if (guess === null) return;
    const at =
      (guess.shape.outer === 1 ? 0 : outer) * guess.shape.periods + (guess.shape.periods === 1 ? 0 : period);
    if (guess.get(at) !== null) out.copyCell(cell, guess, at);
  });
}

/** Computes the parts for all lanes that still iterate, and lets these take it in. */
function sweep(solving: Solve): void {
  const { lanes, excess, pass } = solving;
  if (!solving.isSweeping) {
    for (const lane of lanes) if (lane.isActive) lane.place();
    solving.isCompared = lanes.some((lane) => lane.isActive && lane.isProof);
    excess.fill(Number.NEGATIVE_INFINITY);
    pass.begin(solving.indices);
    solving.isSweeping = true;
  }
  pass.run();
  solving.isSweeping = false;
  lanes.forEach((lane, i) => {
    if (lane.isActive) lane.advance(excess[i] as number);
  });
}

/** Computes a part, or takes in what was awaited of it. What answers later is awaited for all lanes together. */
function computePart(solving: Solve, i: number): void {
  const { run, parts, lanes, awaited } = solving;
  const { calls } = run;
  const { member, box } = parts[i] as LoopPart;
  calls.isGathering = run.members[member]?.integrate === null;
  const waits = awaited.size === 0 ? undefined : awaited.get(i);
  if (waits !== undefined) {
    for (const one of waits) {
      calls.place = one.place;
      computePartBox(solving, member, one.box);
    }
    awaited.delete(i);
  } else {
    for (const active of activeBoxes(lanes, box)) {
      const { place, waiting } = calls;
      const { length } = waiting;
      computePartBox(solving, member, active);
      if (waiting.length === length) continue;
      const boxes = awaited.get(i) ?? [];
      awaited.set(i, boxes);
      boxes.push({ box: active, place });
    }
  }
  calls.isGathering = false;
}

/**
 * A kernel writes into the column that it reads itself from, and clears what is no number there. So where such values are
 * iterated a member reads itself from a copy.
 */
function computePartBox(solving: Solve, index: number, box: Box): void {
  const { run, lanes } = solving;
  const member = run.members[index] as Member;
  const isCopied = lanes.some((lane) => lane.isActive && lane.isMixed) && member.inputs.includes(member.out);
  if (!isCopied) {
    computeFrom(run, member, box);
    return;
  }
  const { inputs } = member;
  const copy = member.out.clone();
  member.inputs = inputs.map((input) => (input === member.out ? copy : input));
  computeFrom(run, member, box);
  member.inputs = inputs;
}

function keepBefore(solving: Solve, i: number): void {
  const { run, parts, lanes } = solving;
  const { member, box } = parts[i] as LoopPart;
  const { out } = run.members[member] as Member;
  const { before } = drafts(run);
  let kept = before.get(member);
  if (kept === undefined) {
    kept = new Column(out.shape);
    before.set(member, kept);
  }
  for (const active of activeBoxes(lanes, box)) {
    eachCell(active, out, (cell) => kept.copyCell(cell, out, cell));
  }
}

function measureExcess(solving: Solve, i: number): void {
  const { run, parts, lanes, excess, settings } = solving;
  const { member } = parts[i] as LoopPart;
  const { out } = run.members[member] as Member;
  const kept = drafts(run).before.get(member) as Column;
  lanes.forEach((lane, at) => {
    if (!lane.isActive) return;
    const { box } = parts[i] as LoopPart;
    eachCell(laneBox(lane, box), out, (cell) => {
      const beyond = excessOf(out, kept, cell, settings, lane.reach);
      if (beyond > (excess[at] as number)) excess[at] = beyond;
    });
  });
}

/** By how much a cell moved more than it may, its move counted `reach` times; infinite where one of the two is no number and they differ. */
function excessOf(out: Column, before: Column, cell: number, settings: LoopSettings, reach: number): number {
  if (out.sameCell(cell, before, cell)) return Number.NEGATIVE_INFINITY;
  const isNumber = (column: Column): boolean => column.marks === null || column.marks[cell] === 0;
  if (!isNumber(out) || !isNumber(before)) return Number.POSITIVE_INFINITY;
  const now = out.numbers[cell] as number;
  const old = before.numbers[cell] as number;
  return (
    reach * Math.abs(now - old) -
    (settings.absolute + settings.relative * Math.max(Math.abs(now), Math.abs(old)))
  );
}

function laneBox(lane: Lane, box: Box): Box {
  return lane.outer < 0 ? box : { ...box, outerFrom: lane.outer, outerTo: lane.outer + 1 };
}

/** The parts of a box whose lanes still iterate. */
function activeBoxes(lanes: readonly Lane[], box: Box): Box[] {
  if ((lanes[0] as Lane).outer < 0) return [box];
  const boxes: Box[] = [];
  for (let i = 0; i < lanes.length; i++) {
    const { isActive, outer: outerFrom } = lanes[i] as Lane;
    if (!isActive) continue;
    while (i + 1 < lanes.length && (lanes[i + 1] as Lane).isActive) i++;
    boxes.push({ ...box, outerFrom, outerTo: (lanes[i] as Lane).outer + 1 });
  }
  return boxes;
}

/** Writes what did not converge, and the record. */
function finish(solving: Solve, lane: Lane, row: number, nodes: readonly NodeId[]): void {
  const { run, table } = solving;
  const { outcome } = lane;
  if (outcome.verdict === "diverging") fillDiverging(solving, lane);
  // The record of a period is that of its beginning; what stands as it was keeps its own.
  if (lane.isKept || (run.isBetween && outcome.verdict === "converged")) return;
  const tell = (): void => {
    table.write(row, outcome, lane.isWarm);
    table.nameNodes(row, nodes);
    if (run.graph.trace === null) return;
    run.graph.emit({ kind: "iterated", state: run.state.id, record: table.record(row) });
  };
  // A run aside may be dropped, and then its records are none.
  if (run.isAside) run.told.push(tell);
  else tell();
}

/** All members get `#NUM!`, which begins in the loop's cut. */
function fillDiverging(solving: Solve, lane: Lane): void {
  const { run, parts, loop } = solving;
  const cut = parts.find(({ member }) =>
    loop.cuts.some(({ node }) => node === (run.members[member] as Member).node),
  ) as LoopPart;
  const { iterations, ratio } = lane.outcome;
  const size = Math.abs(ratio);
  const isEven = Math.abs(size - 1) < 1e-6;
  // Of steps that leave the numbers at once the ratio tells nothing.
  const grows =
    size >= 1 && size < ratioToldMax ? `, each ${Number(ratio.toPrecision(3))} times the one before` : "";
  const steps = isEven ? "go on without end, each as long as the one before" : `grow without end${grows}`;
  const detail = `does not converge: the loop's steps ${steps} (${iterations} iterations)`;
  const error = errorValue("#NUM!", detail);
  const origin = (run.members[cut.member] as Member).node;
  for (const { member, box } of parts) {
    const { out, pin } = run.members[member] as Member;
    const cells = laneBox(lane, box);
    clearMarks(out, cells);
    fillError(run.graph, origin, out, cells, error);
    applyPins(out, pin, cells);
    touchBox(out, cells);
  }
}
