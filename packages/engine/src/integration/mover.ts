/** One stock or delay while its component is stepped: its flow, where it stands, and its cells. */
import { type Column, type ErrorValue, errorValue } from "@reckon/value";
import type { Box, FormulaNode, NodeId } from "../formula-node.ts";
import { clearMarks, columnOf, fillOrigins, formulaOf, touchBox } from "../recalculation/column-step.ts";
import type { ComponentRun, Member } from "../recalculation/component-run.ts";
import { callMember } from "../recalculation/member-call.ts";
import type { StockGroup } from "../structure/component.ts";
import { addFlow, addStages, numberFrom } from "./flow-sums.ts";
import { type MoverColumns, takeColumns } from "./mover-columns.ts";
import { movingBoxes } from "./moving-members.ts";

const nothing: Box = { outerFrom: 0, outerTo: 0, from: 0, to: 0 };

export class Mover {
  readonly index: number;
  readonly member: Member;
  readonly columns: MoverColumns;
  /** A delay by whole periods: what comes out is found in the inputs of earlier periods. */
  readonly isByPeriods: boolean;
  /** The cells of the period. */
  private box: Box = nothing;
  /** Those of them that move; the others are pinned and stand still. */
  private moving: readonly Box[] = [];
  private readonly run: ComponentRun;
  private readonly group: StockGroup;
  private readonly formula: FormulaNode;
  private readonly isStaged: boolean;
  /** What the node starts with. */
  private readonly initial: Column;
  /** Of a delay by whole periods: the inputs that are computed. */
  private inputs: Box = nothing;
  /** Of a delay: by how many steps each member is late, or the error that says that it cannot be told. */
  private lateness: readonly (number | ErrorValue)[] | null = null;

  constructor(run: ComponentRun, group: StockGroup, index: number) {
    const { graph } = run;
    this.run = run;
    this.group = group;
    this.index = index;
    this.member = run.members[index] as Member;
    this.formula = formulaOf(graph, this.member.node);
    const { stock, delay } = this.formula;
    this.isStaged = stock?.method === "rk4";
    this.isByPeriods = delay !== undefined && group.stepsPerPeriod === 1;
    this.columns = takeColumns(group, group.stocks.indexOf(index), this.member.out.shape);
    this.initial = this.columnNow((stock ?? delay)?.initial as NodeId);
  }

  /** Takes the values at the beginning of a period as where the stock stands; `box`: the cells of the period. */
  begin(box: Box): void {
    this.box = box;
    this.moving = movingBoxes(this.member.pin, box);
    if (this.formula.delay !== undefined) return;
    const { level } = this.columns;
    const { out } = this.member;
    const { periods } = out.shape;
    level.marks = null;
    for (let member = box.outerFrom; member < box.outerTo; member++) {
      level.copyCell(member, out, member * periods + box.from);
    }
  }

  /** Computes the flow of a stage; what goes into a delay in this step. */
  flow(step: number, stage: number): void {
    if (stage > 0 && !this.isStaged) return;
    // What goes into a delay comes out later, when it may move again.
    if (this.moving.length === 0 && this.formula.delay === undefined) return;
    const { outerFrom, outerTo, from: period } = this.box;
    const { flow, stages, passed } = this.columns;
    if (!this.group.isSteady || (step === 0 && stage === 0)) this.computeFlow(this.box);
    const into = this.formula.delay === undefined ? (stages[stage] as Column) : (passed as Column);
    const width = into.shape.periods;
    const at = width === 1 ? 0 : period * this.group.stepsPerPeriod + step;
    if (width === 1) into.marks = null;
    for (let member = outerFrom; member < outerTo; member++) {
      into.copyCell(member * width + at, flow, member * flow.shape.periods + period);
    }
  }

  /** Ends a step of the length `h`. */
  move(h: number): void {
    if (this.formula.delay !== undefined) return;
    const { level, stages } = this.columns;
    for (const { outerFrom, outerTo } of this.moving) {
      if (this.isStaged) addStages(level, stages, h / 6, outerFrom, outerTo);
      else addFlow(level, level, stages[0] as Column, h, outerFrom, outerTo);
    }
  }

  /** Puts the stock to where a stage of Runge and Kutta looks, `reach` behind the beginning of the step. */
  writeStage(stage: number, reach: number): void {
    if (!this.isStaged) return;
    const { level, stages } = this.columns;
    const into = stages[stage] as Column;
    into.marks = null;
    for (const box of this.moving) {
      // The place of the stage's own flow is free until it is computed.
      addFlow(into, level, stages[stage - 1] as Column, reach, box.outerFrom, box.outerTo);
      this.writeCells(box, box.from, into);
    }
  }

  /** Fills the cells of a period with what the node starts with. */
  writeFirst(box: Box): void {
    const { out } = this.member;
    for (let member = box.outerFrom; member < box.outerTo; member++) {
      this.writeInitial(member, member * out.shape.periods);
    }
  }

  /** Puts what moves to where it stands at the beginning of a step. */
  writeStep(step: number): void {
    for (const box of this.moving) this.writeAt(box, box.from, step);
  }

  /** Fills the cells of a period with where the node stands at its beginning. */
  writeBeginning(box: Box, period: number): void {
    this.writeAt(box, period, 0);
  }

  private writeAt(box: Box, period: number, step: number): void {
    if (this.formula.delay === undefined) this.writeCells(box, period, this.columns.level);
    else this.writeDelayed(box, period, step);
  }

  private writeCells(box: Box, period: number, from: Column): void {
    const { node, out } = this.member;
    const { periods } = out.shape;
    for (let member = box.outerFrom; member < box.outerTo; member++) {
      out.copyCell(member * periods + period, from, member);
    }
    if (out.marks !== null) fillOrigins(this.run.graph, node, out, { ...box, from: period, to: period + 1 });
  }

  private writeDelayed(box: Box, period: number, step: number): void {
    const { node, out } = this.member;
    if (this.isByPeriods) this.computeInputs(box, period);
    this.lateness ??= this.latenessNow();
    const passed = this.columns.passed ?? this.columns.flow;
    const now = period * this.group.stepsPerPeriod + step;
    for (let member = box.outerFrom; member < box.outerTo; member++) {
      const cell = member * out.shape.periods + period;
      const late = this.lateness[member] as number | ErrorValue;
      if (typeof late !== "number") out.set(cell, late);
      else if (now < late) this.writeInitial(member, cell);
      else out.copyCell(cell, passed, member * passed.shape.periods + now - late);
    }
    if (out.marks !== null) fillOrigins(this.run.graph, node, out, { ...box, from: period, to: period + 1 });
  }

  private writeInitial(member: number, cell: number): void {
    const { out } = this.member;
    const at = cellOfFirst(this.initial, member);
    if (at < 0) out.set(cell, null);
    else out.copyCell(cell, this.initial, at);
  }

  private computeInputs({ outerFrom, outerTo }: Box, period: number): void {
    const { inputs } = this;
    if (inputs.outerFrom !== outerFrom || inputs.outerTo !== outerTo || inputs.to > period) {
      this.inputs = { outerFrom, outerTo, from: 0, to: 0 };
    }
    const from = this.inputs.to;
    if (from >= period) return;
    this.computeFlow({ outerFrom, outerTo, from, to: period });
    this.inputs = { outerFrom, outerTo, from: 0, to: period };
  }

  private computeFlow(box: Box): void {
    const { run, member } = this;
    const { flow } = this.columns;
    clearMarks(flow, box);
    callMember(run, member, flow, box);
    fillOrigins(run.graph, member.node, flow, box);
    touchBox(flow, box);
  }

  private latenessNow(): (number | ErrorValue)[] {
    const time = this.columnNow(this.formula.delay?.time as NodeId);
    return Array.from({ length: this.member.out.shape.outer }, (_, member) => {
      const at = cellOfFirst(time, member);
      const periods = numberFrom(at < 0 ? null : time.get(at));
      if (typeof periods !== "number") return periods;
      if (periods < 0) return errorValue("#NUM!", "a delay cannot be negative");
      return Math.max(1, Math.round(periods * this.group.stepsPerPeriod));
    });
  }

  private columnNow(node: NodeId): Column {
    const { run } = this;
    const inside = run.members.find((member) => member.node === node);
    return inside?.out ?? columnOf(run.graph, run.state, node);
  }
}

/** The cell of a member in period 0 of a column that has as many members, or one; −1: there is none. */
function cellOfFirst({ shape }: Column, member: number): number {
  if (shape.periods === 0 || (shape.outer !== 1 && member >= shape.outer)) return -1;
  return shape.outer === 1 ? 0 : member * shape.periods;
}
