/**
 * Goes through the steps of a component, period by period and in each block by block (component-step.ts tells what for),
 * and can be suspended in the middle: blocks of a period that do not read each other are asked together (pass.ts), and what
 * was finished is not walked again.
 */
import { solveBlock } from "../loops/fixed-point.ts";
import type { Block, InnerEdge } from "../structure/component.ts";
import { eachRead, readsSet } from "../structure/time-reach.ts";
import { boxAt, type ComponentRun, type Member } from "./component-run.ts";
import { computeBox, fillCycle } from "./member-call.ts";
import { Pass } from "./pass.ts";

export class ComponentWalk {
  private readonly run: ComponentRun;
  private readonly pass: Pass;
  private readonly isBackward: boolean;
  private readonly all: readonly number[];
  private readonly firsts: readonly number[];
  private blocks: readonly Block[];
  private step: number;
  private quiet = 0;
  private hasChanged = false;
  private isInStep = false;

  /** From the first dirty step on, or the given one; steps before it cannot change. */
  constructor(run: ComponentRun, from: number | null) {
    this.run = run;
    const { order, dirtyFrom, dirtyTo } = run;
    this.isBackward = order.direction === "backward";
    this.step = from ?? (this.isBackward ? dirtyTo - 1 : dirtyFrom);
    this.blocks = order.blocks;
    this.all = [...order.blocks.keys()];
    this.firsts = order.first === null ? [] : [...order.first.keys()];
    this.pass = new Pass(run.calls, {
      begin: (item) => this.begin(this.blocks[item] as Block),
      compute: (item) => this.compute(this.blocks[item] as Block),
      finish: (item) => this.finish(this.blocks[item] as Block),
      isBound: (item, other) => this.isBound(this.blocks[item] as Block, this.blocks[other] as Block),
      isAlone: (item) => this.isAlone(this.blocks[item] as Block),
    });
  }

  resume(): void {
    const { run, isBackward } = this;
    const { stepCount, order, dirtyFrom, dirtyTo } = run;
    while (dirtyFrom < dirtyTo && this.step >= 0 && this.step < stepCount) {
      this.walkStep();
      this.quiet = this.hasChanged ? 0 : this.quiet + 1;
      const isDirtAhead = isBackward ? this.step > dirtyFrom : this.step < dirtyTo - 1;
      if (!isDirtAhead && this.quiet > order.distanceMax) break;
      this.step += isBackward ? -1 : 1;
    }
    run.walkedFrom = isBackward ? Math.max(0, this.step) : dirtyFrom;
    run.walkedTo = isBackward ? dirtyTo : Math.min(stepCount, this.step + 1);
  }

  private walkStep(): void {
    const { order } = this.run;
    if (!this.isInStep) {
      const isFirst = this.step === 0 && order.first !== null;
      this.blocks = isFirst ? (order.first as readonly Block[]) : order.blocks;
      this.hasChanged = false;
      this.isInStep = true;
      this.pass.begin(isFirst ? this.firsts : this.all);
    }
    this.pass.run();
    this.isInStep = false;
  }

  /** Whether the block has something to compute in this step; its old cells are kept then. */
  private begin(block: Block): boolean {
    const { run, step } = this;
    let isNeeded = false;
    for (const index of block.members) isNeeded ||= needsStep(run, index, step);
    if (!isNeeded) return false;
    for (const index of block.members) saveStep(run, run.members[index] as Member, step);
    return true;
  }

  private compute(block: Block): void {
    const { run, step } = this;
    if (block.undeclared !== null) {
      const path = block.undeclared.map((node) => run.graph.structure.nameOf(node)).join(" → ");
      for (const index of block.members) {
        const member = run.members[index] as Member;
        fillCycle(run, member, boxAt(run, member, step), path);
      }
    } else if (block.loop !== null) solveBlock(run, block, block.loop, step);
    else {
      const member = run.members[block.members[0] as number] as Member;
      run.calls.isGathering = member.integrate === null;
      computeBox(run, member, boxAt(run, member, step));
      run.calls.isGathering = false;
    }
  }

  private finish(block: Block): void {
    for (const index of block.members) {
      const isChanged = compareStep(this.run, index, this.step, block.undeclared !== null);
      this.hasChanged ||= isChanged;
    }
  }

  private isAlone({ loop, members }: Block): boolean {
    return loop !== null || this.run.members[members[0] as number]?.integrate !== null;
  }

  private isBound(block: Block, other: Block): boolean {
    return this.reads(block, other) || this.reads(other, block);
  }

  /** Whether a block reads the other in this step. */
  private reads(reader: Block, block: Block): boolean {
    const { run, step } = this;
    return reader.members.some((index) =>
      (run.order.inner[index] as readonly InnerEdge[]).some((edge) => {
        if (!block.members.includes(edge.precedent)) return false;
        if (run.order.direction === "whole") return true;
        const { periods } = (run.members[edge.precedent] as Member).out.shape;
        let isRead = false;
        eachRead(edge.time, step, periods, (period) => {
          isRead ||= period === step;
        });
        return isRead;
      }),
    );
  }
}

function needsStep(run: ComponentRun, index: number, step: number): boolean {
  const member = run.members[index] as Member;
  if (member.isDirty[step] === 1 || run.integration?.needs(index, step) === true) return true;
  if (run.order.direction === "whole") return false;
  for (const edge of run.order.inner[index] as readonly InnerEdge[]) {
    const { isChanged } = run.members[edge.precedent] as Member;
    if (readsSet(edge.time, step, isChanged)) return true;
  }
  return false;
}

function saveStep(run: ComponentRun, member: Member, step: number): void {
  member.saved.clear();
  if (member.hasValue) member.saved.save(member.out, boxAt(run, member, step));
}

function compareStep(run: ComponentRun, index: number, step: number, isFilled: boolean): boolean {
  const member = run.members[index] as Member;
  // Cells of an undeclared cycle are filled without a kernel; that is work only if it changes something.
  member.isComputed[step] = isFilled ? 0 : 1;
  member.wasComputed ||= !isFilled;
  if (member.hasValue) {
    const { changed } = run.graph.lending;
    changed.clear();
    member.saved.compare(member.out, boxAt(run, member, step), 0, changed);
    if (changed.count === 0) return false;
    member.changed.addBox(changed);
  }
  member.isComputed[step] = 1;
  member.isChanged[step] = 1;
  member.wasComputed = true;
  return true;
}
