/**
 * Stocks and delays of one component while it is stepped: a value at t from the values at t − 1.
 *
 *   period     t − 1                                  t
 *   stocks     x ──► x₁ ──► x₂ ──► … ──► xₙ           published: xₙ
 *   between    f(x)   f(x₁)  f(x₂)                    put back to f(x) at the end
 *
 * By Euler, h = 1 / stepsPerPeriod:   x ← x + h·k,  k the net flow per period at x
 * By Runge and Kutta:                 k₁ at x, k₂ at x + (h/2)·k₁, k₃ at x + (h/2)·k₂, k₄ at x + h·k₃,
 *                                     x ← x + (h/6)·(k₁ + 2·k₂ + 2·k₃ + k₄)
 *
 *   1. All stocks of a group move together. Their values of the moment, and what lies between, stand in the cells of
 *      period t − 1 while the steps are made; the cells are kept aside before and put back behind.
 *   2. A stock that moves by Euler stands still within the stages of others; a delay moves once a step.
 *   3. What goes into a delay is kept for each step, so a delay with finer steps is stepped from period 0 on. A delay by
 *      whole periods computes the inputs of earlier periods at once.
 *   4. A group moves where one of its stocks is dirty, something that a flow reads changed, or something between was
 *      computed: what it becomes at the beginning of the period may be as it was, and differ within.
 *
 * A stock that is pinned at t − 1 and at t stands still in between, and so does a delay (moving-members.ts): its cell keeps
 * what is pinned, whatever that is, and nothing flows into it.
 *
 * An error in a stock stays; an error in a flow becomes the stock's; a result that is not finite is `#NUM!`. Blanks flow
 * as 0, booleans as 0 and 1.
 *
 * Cost: per period and group, steps (times 4 stages) × the members between and their cells.
 */
import { errorValue } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { solveBlock, solveParts } from "../loops/fixed-point.ts";
import { fillError, touchBox } from "../recalculation/column-step.ts";
import { boxAt, type ComponentRun, type Member } from "../recalculation/component-run.ts";
import { computeBox } from "../recalculation/member-call.ts";
import { SavedCells } from "../state/saved-cells.ts";
import type { InnerEdge, StockGroup, StockOrder } from "../structure/component.ts";
import { readsSet } from "../structure/time-reach.ts";
import { Mover } from "./mover.ts";
import { returnColumns } from "./mover-columns.ts";

/** A group while it is stepped. */
interface GroupRun {
  readonly group: StockGroup;
  readonly movers: readonly Mover[];
  /** Whether stocks move within a period. */
  readonly isInner: boolean;
  readonly saved: SavedCells;
  /** Suspended in the middle of a period: what was awaited has been written into its cells since. */
  isSuspended: boolean;
  /** The period that the movers stand at the beginning of, and the outer members that do. */
  reached: number;
  band: Band;
  /** The period for which it was last asked whether the group must move, and the answer. */
  asked: number;
  answer: boolean;
}

/** Outer members that move together; where edges inside cross them, all of them. */
type Band = Pick<Box, "outerFrom" | "outerTo">;

const noBand: Band = { outerFrom: 0, outerTo: 0 };

export class Integration {
  private readonly run: ComponentRun;
  private readonly groups: readonly GroupRun[];
  private readonly groupOf: Int32Array;
  /** Members of a period are asked for at different times: each moves alone, from its cell of the period before. */
  private readonly isByCells: boolean;

  constructor(run: ComponentRun, stocks: StockOrder) {
    this.run = run;
    this.groupOf = stocks.groupOf;
    this.isByCells = run.order.cellOrder !== null && !run.order.cellOrder.graph.isByPeriods;
    this.groups = stocks.groups.map((group) => ({
      group,
      movers: group.stocks.map((index) => new Mover(run, group, index)),
      isInner: group.stepsPerPeriod > 1 || group.hasStages,
      saved: new SavedCells(),
      isSuspended: false,
      reached: 0,
      band: noBand,
      asked: 0,
      answer: false,
    }));
    stocks.groupOf.forEach((at, index) => {
      if (at < 0) return;
      const group = this.groups[at] as GroupRun;
      const mover = group.movers.find((one) => one.index === index) as Mover;
      mover.member.integrate = (box) => this.fill(group, mover, box);
    });
    run.integration = this;
  }

  /** Whether the stock may be another one at `step` although it is not dirty there and reads no changed cell. */
  needs(index: number, step: number): boolean {
    const at = this.groupOf[index] as number;
    if (at < 0 || step === 0) return false;
    const run = this.groups[at] as GroupRun;
    if (run.group.hasFineDelay) return true;
    if (!run.isInner) return false;
    if (run.asked !== step) {
      run.asked = step;
      run.answer = this.isMoved(run.group, step);
    }
    return run.answer;
  }

  /** Gives the columns back for the next time. */
  release(): void {
    for (const { group, movers } of this.groups) {
      returnColumns(
        group,
        movers.map(({ columns }) => columns),
      );
    }
  }

  private isMoved({ stocks, between }: StockGroup, step: number): boolean {
    const { members, order } = this.run;
    for (const index of stocks) {
      if ((members[index] as Member).isDirty[step] === 1) return true;
      for (const edge of order.inner[index] as readonly InnerEdge[]) {
        if (readsSet(edge.time, step, (members[edge.precedent] as Member).isChanged)) return true;
      }
    }
    for (const block of between) {
      for (const index of block.members) {
        if ((members[index] as Member).isComputed[step - 1] === 1) return true;
      }
    }
    return false;
  }

  private fill(group: GroupRun, mover: Mover, box: Box): void {
    const { run } = this;
    const { node, out } = mover.member;
    if (run.order.direction === "whole") {
      const detail = "a stock cannot be part of a loop that is solved over all periods at once";
      fillError(run.graph, node, out, box, errorValue("#VALUE!", detail));
      return;
    }
    for (let period = box.from; period < box.to; period++) {
      if (period === 0) mover.writeFirst(box);
      else {
        if (!mover.isByPeriods) this.advance(group, period, box);
        mover.writeBeginning(box, period);
      }
    }
  }

  /** Moves the group to the beginning of `period`, in the outer members of the box at least. */
  private advance(run: GroupRun, period: number, { outerFrom, outerTo }: Band): void {
    if (this.isByCells) {
      run.band = { outerFrom, outerTo };
      this.movePeriod(run, period - 1);
      return;
    }
    const isIn = run.band.outerFrom <= outerFrom && outerTo <= run.band.outerTo;
    if (run.reached === period && isIn) return;
    if (!isIn) {
      run.reached = 0;
      run.band = { outerFrom, outerTo };
    }
    // What went into a delay with finer steps must be there without a gap.
    const from = run.group.hasFineDelay ? run.reached : period - 1;
    for (let t = from; t < period; t++) this.movePeriod(run, t);
    run.reached = period;
  }

  private movePeriod(run: GroupRun, period: number): void {
    const { movers, isInner, band } = run;
    if (run.isSuspended) {
      this.run.isBetween = false;
      this.restore(run, period);
    }
    for (const mover of movers) mover.begin(this.boxOf(mover.member, band, period));
    if (!isInner) {
      this.moveSteps(run, period);
      return;
    }
    this.save(run, period);
    run.isSuspended = true;
    this.moveSteps(run, period);
    run.isSuspended = false;
    this.restore(run, period);
  }

  private moveSteps(run: GroupRun, period: number): void {
    const { movers, group } = run;
    const h = 1 / group.stepsPerPeriod;
    for (let step = 0; step < group.stepsPerPeriod; step++) {
      if (step > 0) {
        for (const mover of movers) mover.writeStep(step);
        this.computeBetween(run, period);
      }
      for (const mover of movers) mover.flow(step, 0);
      if (group.hasStages) this.moveStages(run, period, step, h);
      for (const mover of movers) mover.move(h);
    }
  }

  /** The stages 2 to 4 of Runge and Kutta. */
  private moveStages(run: GroupRun, period: number, step: number, h: number): void {
    for (let stage = 1; stage < 4; stage++) {
      for (const mover of run.movers) mover.writeStage(stage, stage === 3 ? h : h / 2);
      this.computeBetween(run, period);
      for (const mover of run.movers) mover.flow(step, stage);
    }
  }

  private computeBetween({ group, band }: GroupRun, period: number): void {
    const { run } = this;
    run.isBetween = true;
    for (const block of group.between) {
      if (block.undeclared !== null) continue;
      const { members, loop } = block;
      if (loop === null) {
        const member = run.members[members[0] as number] as Member;
        computeBox(run, member, this.boxOf(member, band, period));
      } else if (this.isWhole(band)) solveBlock(run, block, loop, period);
      else {
        const parts = members.map((member) => ({
          member,
          box: this.boxOf(run.members[member] as Member, band, period),
        }));
        solveParts(run, parts, loop, period);
      }
    }
    run.isBetween = false;
  }

  private isWhole({ outerFrom, outerTo }: Band): boolean {
    const [first] = this.run.members as [Member];
    return !this.run.order.isOuterSame || (first.outerFrom === outerFrom && first.outerTo === outerTo);
  }

  /** The cells of a member in a period, as far as they move. */
  private boxOf(member: Member, { outerFrom, outerTo }: Band, period: number): Box {
    if (!this.run.order.isOuterSame && !this.isByCells) return boxAt(this.run, member, period);
    return { outerFrom, outerTo, from: period, to: period + 1 };
  }

  private save({ group, movers, saved, band }: GroupRun, period: number): void {
    saved.clear();
    for (const { member } of movers) saved.save(member.out, this.boxOf(member, band, period));
    for (const member of this.membersBetween(group)) {
      saved.save(member.out, this.boxOf(member, band, period));
    }
  }

  private restore({ group, movers, saved, band }: GroupRun, period: number): void {
    let at = 0;
    const putBack = (member: Member): void => {
      const box = this.boxOf(member, band, period);
      saved.restore(member.out, box, at);
      touchBox(member.out, box);
      at += box.outerTo - box.outerFrom;
    };
    for (const { member } of movers) putBack(member);
    for (const member of this.membersBetween(group)) putBack(member);
  }

  private *membersBetween(group: StockGroup): Iterable<Member> {
    for (const block of group.between) {
      for (const index of block.members) yield this.run.members[index] as Member;
    }
  }
}
