/**
 * One formula of a loop as statements of the joint function (loop-code.ts): the writer of fused code, with the values of
 * other members as variables.
 *
 *   interest = (opening + closing) / 2 * rate      const v4 = n7[b1 + t];                        once a period
 *                                                  const v5 = x0 + x2, v6 = v5 / 2, v7 = v6 * v4;   each sweep
 *
 * A member is read as a variable in the same period, and from its column in others. Statements that name no value which
 * changes from sweep to sweep come before the sweeps. Values of members are finite: each is tested where it is made.
 */
import type { BoundExpression, BoundFormula } from "./bound.ts";
import { eachPart } from "./bound-parts.ts";
import { folded } from "./fold.ts";
import { fuseCall } from "./fused-calls.ts";
import { type Atom, asNumber, FusedWriter } from "./fused-writer.ts";
import type { AxisPlan, SlotPlan } from "./slot-plan.ts";

/** Spans of more cells have sums of their own, which a loop does not use. */
const spanCellsMax = 512;

/** What the formulas of one function share. */
export interface LoopJoint {
  readonly environment: unknown[];
  /** Statements once a member. */
  readonly memberLines: string[];
  readonly names: { count: number };
  /** The periods that no read leaves the time axis in. */
  readonly reach: { from: number; to: number };
  /** Columns that are read, by their index: members first. */
  readonly columnsRead: Set<number>;
}

export interface WrittenPart {
  /** Before the sweeps, and in each. */
  readonly before: readonly string[];
  readonly lines: readonly string[];
  /** What the formula's value is called. */
  readonly result: string;
}

/** The formula of a kernel, for the fuser alone; nothing where it has no place in a joint function. */
export function loopPartOf(formula: BoundFormula): unknown {
  // A delay is for its engine; a stock's formula is its flow, which whoever joins it must know.
  return formula.callsModule || formula.delay !== undefined ? undefined : formula;
}

export interface PartRequest {
  readonly formula: BoundFormula;
  readonly isBoolean: boolean;
  readonly inputs: readonly number[];
  readonly memberCount: number;
  /** What members are called in this period: `x` and the index where nothing else is said. */
  readonly names: ReadonlyMap<number, string>;
  readonly joint: LoopJoint;
  /** Members that are TRUE or FALSE: 1 and 0. */
  readonly booleans: ReadonlySet<number>;
  /** What is done where a value is no finite number; absent: the walk ends. */
  readonly giveUp?: string;
}

/** Whether a formula gives TRUE or FALSE, as far as its outermost operation tells. */
export function isBooleanPart({ root }: BoundFormula): boolean {
  const outermost = folded(root).root;
  if (outermost.kind === "binary") return ["=", "<>", "<", "<=", ">", ">="].includes(outermost.operator);
  return outermost.kind === "call" && ["AND", "OR", "NOT"].includes(outermost.definition.name);
}

/** Statements for one formula; nothing when it cannot be written. */
export function writePart(request: PartRequest): WrittenPart | undefined {
  const { formula, joint } = request;
  const { root } = folded(formula.root);
  const writer = new PartWriter(root === formula.root ? formula : { ...formula, root }, request);
  const value = writer.compile(root);
  joint.names.count = writer.count;
  if (value === undefined || (value.type === "number") === request.isBoolean) return undefined;
  if (value.type === "number") writer.guard(value);
  joint.names.count = writer.count;
  return { before: writer.startLines, lines: writer.lines, result: asNumber(value) };
}

class PartWriter extends FusedWriter {
  private readonly request: PartRequest;
  /** While a clause is written that counts for a few periods only: all of it stays where it is. */
  private isInClause = false;
  private readonly edges = new Map<number, Atom | undefined>();

  constructor(formula: BoundFormula, request: PartRequest) {
    super(formula, fuseCall, { share: true, hoist: true });
    this.request = request;
    this.count = request.joint.names.count;
    this.changing.clear();
    for (const name of request.names.values()) this.changing.add(name);
  }

  protected override read(index: number): Atom | undefined {
    const slot = this.plan.slots[index] as SlotPlan;
    const source = this.request.inputs[index] as number;
    if (slot.hasKey) return undefined;
    if (source < 0) return this.shifted(index, slot);
    // A member of the same axes, read at the same outer member.
    const time = slot.axes.find(({ target }) => target === this.plan.outerAxes.length);
    const isSame = slot.axes.every(({ access }) => access.kind === "current");
    if (!isSame || slot.axes.length !== this.formula.axes.length) return undefined;
    const offset = time?.access.kind === "current" ? time.access.offset : 0;
    const isBoolean = this.request.booleans.has(source);
    if (offset !== 0) return isBoolean ? undefined : this.shifted(index, slot);
    if (isBoolean) {
      const name = this.request.names.get(source) ?? `x${source}`;
      return { code: `(${name} !== 0)`, type: "boolean", isFinite: true };
    }
    return { code: this.request.names.get(source) ?? `x${source}`, type: "number", isFinite: true };
  }

  /** A read of another period: at the edge of the time axis what the clause `start` or `end` says. */
  private shifted(index: number, slot: SlotPlan): Atom | undefined {
    const { start, end } = this.formula;
    const [isBefore, isAfter] = [slot.offsetMin < 0, slot.offsetMax > 0];
    const clause = isBefore ? start : end;
    const isOneSided = isBefore !== isAfter && !slot.isArray;
    if (clause === undefined || !isOneSided || this.isInClause) return super.read(index);
    if (!this.edges.has(index)) this.edges.set(index, this.atEdge(index, slot, clause, isBefore));
    return this.edges.get(index) ?? super.read(index);
  }

  private atEdge(
    index: number,
    slot: SlotPlan,
    clause: BoundExpression,
    isBefore: boolean,
  ): Atom | undefined {
    const reaches = slotsOf(clause).map((one) => this.plan.slots[one] as SlotPlan);
    // What leads outside again is for the kernel.
    if (reaches.some((one) => one.hasKey || one.isArray || one.offsetMin < 0 || one.offsetMax > 0))
      return undefined;
    const reads = [...this.reads];
    this.isInClause = true;
    const { result, lines } = this.apart(() => {
      const value = this.compile(clause);
      if (value?.type === "number") this.guard(value);
      return value;
    });
    this.isInClause = false;
    this.reads.clear();
    for (const [slot, atom] of reads) this.reads.set(slot, atom);
    if (result === undefined || result.type !== "number") return undefined;
    const name = this.name();
    const isInside = isBefore ? `t >= ${-slot.offsetMin}` : `t < ${this.plan.shape.periods - slot.offsetMax}`;
    const isChanging = [...lines, result.code].some((line) => this.changes(line));
    if (isChanging) this.addChanging(name);
    const time = slot.axes.some(({ target }) => target === this.plan.outerAxes.length) ? " + t" : "";
    this.place(isChanging).push(
      `let ${name} = 0;`,
      `if (${isInside}) ${name} = ${this.column(index)}[${this.base(index, slot)}${time}];`,
      `else {`,
      ...lines,
      `${name} = ${asNumber(result)}; }`,
    );
    return { code: name, type: "number", isFinite: true };
  }

  override place(isChanging: boolean): string[] {
    return this.isInClause ? this.lines : super.place(isChanging);
  }

  /** Members are numbered before the columns outside. */
  protected override column(index: number): string {
    const source = this.request.inputs[index] as number;
    const at = source >= 0 ? source : this.request.memberCount - 1 - source;
    this.request.joint.columnsRead.add(at);
    return `n${at}`;
  }

  override base(_index: number, slot: SlotPlan): string {
    const { memberLines } = this.request.joint;
    let fixed = 0;
    const parts: string[] = [];
    for (const { access, stride, target } of slot.axes) {
      if (access.kind === "fixed") fixed += access.position * stride;
      else if (access.kind === "current") {
        if (target === this.plan.outerAxes.length) fixed += access.offset * stride;
        else parts.push(`${this.position(target)} * ${stride}`);
      }
    }
    if (parts.length === 0) return String(fixed);
    const sum = `${[...parts, fixed].join(" + ")};`;
    const same = memberLines.findIndex((line) => line.endsWith(` = ${sum}`));
    if (same >= 0) return `b${same}`;
    return `b${memberLines.push(`const b${memberLines.length} = ${sum}`) - 1}`;
  }

  protected override position(target: number): string {
    const { stride, size } = this.plan.outerAxes[target] as { stride: number; size: number };
    return this.plan.outerAxes.length === 1 ? "m" : `(Math.floor(m / ${stride}) % ${size})`;
  }

  override spanKey(slot: SlotPlan): string | undefined {
    const cells = slot.axes.map((axis) => spanCells(axis));
    return Math.max(1, ...cells) > spanCellsMax ? undefined : super.spanKey(slot);
  }

  override reach(slot: SlotPlan): void {
    const { reach } = this.request.joint;
    reach.from = Math.max(reach.from, -slot.offsetMin);
    reach.to = Math.min(reach.to, this.plan.shape.periods - slot.offsetMax);
  }

  override constant(value: unknown): string {
    const { environment } = this.request.joint;
    let index = environment.indexOf(value);
    if (index < 0) index = environment.push(value) - 1;
    return `env[${index}]`;
  }

  override giveUp(): string {
    return this.request.giveUp ?? "break walk;";
  }
}

/** The slots that an expression reads. */
function slotsOf(root: BoundExpression): number[] {
  const slots: number[] = [];
  eachPart(root, (node) => {
    if (node.kind === "read") slots.push(node.slot);
  });
  return slots;
}

function spanCells({ access, size }: AxisPlan): number {
  if (access.kind === "range") return access.to - access.from;
  return access.kind === "window" ? Math.min(size, access.to - access.from + 1) : 1;
}
