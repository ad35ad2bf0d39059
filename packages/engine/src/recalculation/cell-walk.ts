/**
 * A component that is stepped cell by cell, in the order of structure/cell-order.ts.
 *
 *   1. Each step is looked at once. Of a box those cells are computed that are dirty or read a cell that changed; a group
 *      of cells in a cycle is solved again as a whole if any of them is, or does.
 *   2. What was computed is compared with the published column; the cells that differ are the changed ones for later steps.
 *   3. Groups that no declaration cuts are filled with `#CYCLE!`, which costs no kernel.
 *
 * Cost: a look at every cell and what it reads, and the computed cells.
 */
import type { Box, LoopDeclaration, NodeId } from "../formula-node.ts";
import { solveParts } from "../loops/fixed-point.ts";
import { addBox } from "../state/boxes.ts";
import {
  type CellOrder,
  type CellStep,
  eachCellOf,
  lanesOf,
  type Part,
  partsOf,
} from "../structure/cell-order.ts";
import { pathText } from "../structure/cycle-path.ts";
import { Suspension } from "./calls.ts";
import type { ComponentRun, Member } from "./component-run.ts";
import { computeBox, fillCycle } from "./member-call.ts";

/** What is computed, solved or filled at once, and where its old cells are kept. */
interface Unit {
  readonly step: CellStep;
  readonly parts: readonly Part[];
  places: readonly number[];
}

export class CellWalk {
  readonly run: ComponentRun;
  readonly order: CellOrder;
  isChanged: Uint8Array;
  readonly computed: Box[][];
  private next = 0;
  private units: Unit[] = [];
  private unit: Unit | null = null;
  private isSuspended = false;

  constructor(run: ComponentRun, order: CellOrder) {
    this.run = run;
    this.order = order;
    this.isChanged = run.graph.lending.bits(3 * run.members.length, order.graph.memberOf.length);
    this.computed = run.members.map(() => []);
  }

  /** Goes through the steps, or on; the boxes that were computed, per member. */
  resume(): readonly Box[][] {
    // Borrowed, until the walk is suspended.
    const { isChanged } = this;
    try {
      this.walk();
    } catch (error) {
      if (!this.isSuspended && error instanceof Suspension) {
        this.isSuspended = true;
        this.isChanged = isChanged.slice();
        isChanged.fill(0);
      }
      throw error;
    }
    this.isChanged.fill(0);
    return this.computed;
  }

  private walk(): void {
    const { steps } = this.order;
    for (;;) {
      if (this.unit !== null) this.compute(this.unit);
      const unit = this.units.shift();
      if (unit !== undefined) {
        unit.places = save(this, unit.parts);
        this.unit = unit;
      } else if (this.next < steps.length) {
        this.units = unitsOf(this, steps[this.next++] as CellStep);
      } else return;
    }
  }

  /** Computes a unit, again from its beginning if it was suspended. */
  private compute(unit: Unit): void {
    const { calls } = this.run;
    const { step, parts, places } = unit;
    calls.place = 0;
    calls.isGathering = false;
    const isFilled = step.isGroup && (step.loop === null || step.undeclared !== null);
    if (isFilled) fillGroup(this, step);
    else if (step.isGroup || step.isLanes === true) solveGroup(this, step, parts);
    else {
      const part = parts[0] as Part;
      computeBox(this.run, this.run.members[part.member] as Member, boxOf(this, part));
    }
    this.unit = null;
    compare(this, parts, places, isFilled);
    calls.forget(0);
  }
}

/** The cells of a part in the member's column. */
function boxOf({ run, order }: CellWalk, { member, box }: Part): Box {
  if (!order.graph.isByPeriods) return box;
  return { ...box, outerFrom: 0, outerTo: (run.members[member] as Member).out.shape.outer };
}

/** The cells of the graph that a box of a column touches. */
function cellsOf({ order }: CellWalk, box: Box): Box {
  return order.graph.isByPeriods ? { ...box, outerFrom: 0, outerTo: 1 } : box;
}

/** What of a step needs work. */
function unitsOf(walk: CellWalk, step: CellStep): Unit[] {
  if (step.isLanes === true) return laneUnits(walk, step);
  if (!step.isGroup) return boxUnits(walk, step);
  const isSolved = step.loop !== null && step.undeclared === null;
  return isSolved && !needsAny(walk, step.parts) ? [] : [unitOf(step, step.parts)];
}

function unitOf(step: CellStep, parts: readonly Part[]): Unit {
  return { step, parts, places: [] };
}

function boxUnits(walk: CellWalk, step: CellStep): Unit[] {
  const { order } = walk;
  const part = step.parts[0] as Part;
  const needed: number[] = [];
  let count = 0;
  eachCellOf(order.graph, part, (cell) => {
    count++;
    if (needsCell(walk, part.member, cell)) needed.push(cell);
  });
  if (needed.length === 0) return [];
  if (needed.length === count) return [unitOf(step, [part])];
  return partsOf(order.graph, needed, null).map((one) => unitOf(step, [one]));
}

/** The lanes that need it, neighbours together. */
function laneUnits(walk: CellWalk, step: CellStep): Unit[] {
  const { outerFrom, outerTo } = (step.parts[0] as Part).box;
  const units: Unit[] = [];
  let from = outerFrom;
  for (let outer = outerFrom; outer <= outerTo; outer++) {
    if (outer < outerTo && needsLane(walk, step, outer)) continue;
    if (from < outer) {
      const lanes = lanesOf(step, from, outer);
      units.push(unitOf(lanes, lanes.parts));
    }
    from = outer + 1;
  }
  return units;
}

function needsLane(walk: CellWalk, step: CellStep, outer: number): boolean {
  return needsAny(walk, lanesOf(step, outer, outer + 1).parts);
}

function needsAny(walk: CellWalk, parts: readonly Part[]): boolean {
  for (const part of parts) {
    let isNeeded = false;
    eachCellOf(walk.order.graph, part, (cell) => {
      isNeeded ||= needsCell(walk, part.member, cell);
    });
    if (isNeeded) return true;
  }
  return false;
}

function fillGroup(walk: CellWalk, { parts, undeclared }: CellStep): void {
  const { run, order } = walk;
  const nodes = run.order.members as readonly NodeId[];
  const path = pathText(run.graph.structure, nodes, order.graph, undeclared ?? []);
  for (const part of parts) fillCycle(run, run.members[part.member] as Member, boxOf(walk, part), path);
}

function solveGroup(walk: CellWalk, { loop, period, outer }: CellStep, parts: readonly Part[]): void {
  const boxes = parts.map((part) => ({ ...part, box: boxOf(walk, part) }));
  solveParts(walk.run, boxes, loop as LoopDeclaration, period, outer);
}

function needsCell(walk: CellWalk, index: number, cell: number): boolean {
  const { run, order, isChanged } = walk;
  const { rows, firstCell } = order.graph;
  // What moves a stock within a period is not all among what its cells read.
  if ((run.order.stocks?.groupOf[index] ?? -1) >= 0) return true;
  const { isDirty } = run.members[index] as Member;
  if (isDirty[cell - (firstCell[index] as number)] === 1) return true;
  const from = rows.firstOf(cell);
  const end = from + rows.countOf(cell);
  for (let edge = from; edge < end; edge++) if (isChanged[rows.targets[edge] as number] === 1) return true;
  return false;
}

/** Keeps the old cells of the parts; for each where. */
function save(walk: CellWalk, parts: readonly Part[]): number[] {
  const { members } = walk.run;
  for (const { member } of parts) members[member]?.saved.clear();
  return parts.map((part) => {
    const member = members[part.member] as Member;
    return member.hasValue ? member.saved.save(member.out, boxOf(walk, part)) : 0;
  });
}

/** Notes what differs from the published cells. Cells that were filled without a kernel are work only if they differ. */
function compare(walk: CellWalk, parts: readonly Part[], places: readonly number[], isFilled: boolean): void {
  const { run, order, isChanged, computed } = walk;
  const { changed } = run.graph.lending;
  parts.forEach((part, i) => {
    const member = run.members[part.member] as Member;
    changed.clear();
    if (member.hasValue) {
      member.saved.compare(member.out, boxOf(walk, part), places[i] as number, changed);
      member.changed.addBox(changed);
    } else changed.addBox(boxOf(walk, part));
    if (isFilled && changed.count === 0) return;
    member.wasComputed = true;
    addBox(computed[part.member] as Box[], boxOf(walk, part));
    for (let at = 0; at < changed.count; at++) {
      eachCellOf(order.graph, { ...part, box: cellsOf(walk, changed.at(at)) }, (cell) => {
        isChanged[cell] = 1;
      });
    }
  });
}

/** Marks the cells of a box in a table with an entry a cell. */
export function markCells(bits: Uint8Array, box: Box, periods: number): void {
  const { outerFrom, outerTo, from, to } = box;
  for (let outer = outerFrom; outer < outerTo; outer++)
    bits.fill(1, outer * periods + from, outer * periods + to);
}
