/**
 * The writer of fused code (see fused-code.ts for what it is): statements of the loop, variables that are the same for a
 * member, and how a read becomes an index. Calls are emitted by the function given to it.
 */
import { isArrayValue } from "@reckon/value";
import type { BoundExpression, BoundFormula } from "./bound.ts";
import { apartMin, equalDigits } from "./functions/compare.ts";
import type { FunctionDefinition } from "./functions/definition.ts";
import { type AxisPlan, type FormulaPlan, planOf, type SlotPlan } from "./slot-plan.ts";

/** A value in generated code: a variable or literal. */
export interface Atom {
  readonly code: string;
  readonly type: "number" | "boolean";
  /** True when it cannot be anything but a finite number (or a boolean). */
  readonly isFinite: boolean;
}

export interface FusedCode {
  /** Body of a function of `(env, N, o, m0, m1, t0, t1, slow)`: see `compile.ts`. */
  readonly source: string;
  /** What the source calls `env[0]`, `env[1]` … */
  readonly environment: readonly unknown[];
}

/** What a writer may do to the work as it is written; each keeps all bits. */
export interface Rewriting {
  /** Equal statements are written once. */
  readonly share: boolean;
  /** What is the same for all periods of a member is computed before their loop. */
  readonly hoist: boolean;
}

/** How much of it was done. */
export interface WritingCounts {
  shared: number;
  hoisted: number;
}

/** Stands where a cell is given up; what that means depends on where the statement ends up. */
const giveUpMark = "GIVE_UP;";

/** Formulas larger than this are not worth one function. */
export const statementsMax = 2_000;

/** Emits a call, or answers `undefined` when it cannot be fused. */
export type CallWriter = (
  writer: FusedWriter,
  definition: FunctionDefinition,
  list: readonly BoundExpression[],
) => Atom | undefined;

export class FusedWriter {
  readonly formula: BoundFormula;
  readonly plan: FormulaPlan;
  /** Statements of the innermost loop being written. */
  lines: string[] = [];
  count = 0;
  /** Inside a reduction: the loop variable, and the span that every array read must have. */
  span: { readonly variable: string; key: string | undefined; readonly reads: number[] } | undefined;
  readonly environment: unknown[] = [];
  protected readonly memberLines: string[] = [];
  /** Statements before the loop over a member's periods, behind the first cells that are computed slowly. */
  readonly startLines: string[] = [];
  /** Statements at the top of that loop, which run for every period whatever becomes of the cell. */
  readonly firstLines: string[] = [];
  /** Slots whose columns' partial sums are used while the loop runs. */
  readonly summed: Set<number> = new Set();
  protected readonly bases: Set<string> = new Set();
  private readonly locals = new Map<string, Atom>();
  /** Atoms of plain reads already made in the period loop. */
  protected readonly reads: Map<number, Atom> = new Map();
  private from = 0;
  private to: number;

  readonly done: WritingCounts = { shared: 0, hoisted: 0 };
  /** Slots that read the column being written: what they give changes while the loop runs. */
  readonly own: ReadonlySet<number>;
  private readonly rewriting: Rewriting;
  private readonly writeCall: CallWriter;
  /** Atoms by their code, and conditions guarded already, within the lines being written. */
  private known = new Map<string, Atom>();
  private guarded = new Set<string>();
  /** Names of variables that change from period to period. */
  protected readonly changing: Set<string> = new Set(["t"]);

  constructor(
    formula: BoundFormula,
    writeCall: CallWriter,
    rewriting: Rewriting,
    own: ReadonlySet<number> = noSlots,
  ) {
    this.formula = formula;
    this.writeCall = writeCall;
    this.rewriting = rewriting;
    this.own = own;
    this.plan = planOf(formula);
    this.to = this.plan.shape.periods;
  }

  /** Emits what gives the node's value; `undefined` when that cannot be done. */
  compile(node: BoundExpression): Atom | undefined {
    switch (node.kind) {
      case "literal":
        return literalAtom(node.value);
      case "read":
        return this.read(node.slot);
      case "local":
        return this.locals.get(node.name);
      case "unary": {
        const operand = this.compile(node.operand);
        if (operand === undefined || node.operator === "+") return operand;
        return this.let(`-${asNumber(operand)}`, operand.isFinite);
      }
      case "percent": {
        const operand = this.compile(node.operand);
        return operand && this.let(`${asNumber(operand)} / 100`, operand.isFinite);
      }
      case "binary":
        return this.binary(node);
      case "call":
        return this.writeCall(this, node.definition, node.arguments);
      case "let":
        return this.bindNames(node);
      case "current":
        return this.fact(node);
      default:
        return undefined;
    }
  }

  /** A variable for an expression without effects. */
  let(code: string, isSafe: boolean, type: Atom["type"] = "number"): Atom {
    const same = this.rewriting.share ? this.known.get(code) : undefined;
    if (same !== undefined) {
      this.done.shared++;
      return same;
    }
    const name = `v${this.count++}`;
    const isChanging = this.changes(code);
    if (isChanging) this.changing.add(name);
    this.place(isChanging).push(`const ${name} = ${code};`);
    const atom: Atom = { code: name, type, isFinite: isSafe };
    this.known.set(code, atom);
    return atom;
  }

  /** Whether code names something that changes from period to period. */
  changes(code: string): boolean {
    for (const [name] of code.matchAll(/[a-z]\w*/g)) if (this.changing.has(name)) return true;
    return false;
  }

  /** A variable of the caller's that changes from period to period. */
  addChanging(name: string): void {
    this.changing.add(name);
  }

  /** The lines that a statement goes to. Inside a reduction all stay there. */
  place(isChanging: boolean): string[] {
    if (isChanging || !this.rewriting.hoist || this.span !== undefined) return this.lines;
    this.done.hoisted++;
    return this.startLines;
  }

  /** Writes lines of their own, as the body of an inner loop; what is known there is forgotten behind them. */
  apart<T>(write: () => T): { readonly result: T; readonly lines: readonly string[] } {
    const { lines, known, guarded } = this;
    this.lines = [];
    this.known = new Map(known);
    this.guarded = new Set(guarded);
    const result = write();
    const written = this.lines;
    this.lines = lines;
    this.known = known;
    this.guarded = guarded;
    return { result, lines: written };
  }

  /** What `write` gives, once for each key. */
  once(key: string | undefined, write: () => Atom | undefined): Atom | undefined {
    const same = this.rewriting.share && key !== undefined ? this.known.get(key) : undefined;
    if (same !== undefined) {
      this.done.shared++;
      return same;
    }
    const atom = write();
    if (atom !== undefined && key !== undefined) this.known.set(key, atom);
    return atom;
  }

  /** A fresh name for a variable written by the caller. */
  name(): string {
    return `v${this.count++}`;
  }

  /** Something of this process that the source refers to. */
  constant(value: unknown): string {
    let index = this.environment.indexOf(value);
    if (index < 0) index = this.environment.push(value) - 1;
    return `env[${index}]`;
  }

  /** Gives the cell up unless the atom is a finite number. */
  guard(atom: Atom): void {
    if (!atom.isFinite) this.guardThat(`${atom.code} - ${atom.code} === 0`);
  }

  guardThat(condition: string): void {
    if (this.rewriting.share && this.guarded.has(condition)) {
      this.done.shared++;
      return;
    }
    this.guarded.add(condition);
    this.count++;
    this.place(this.changes(condition)).push(`if (!(${condition})) { ${this.giveUp()} }`);
  }

  /** Code that leaves the cell to the slow way, or all cells of the member. */
  giveUp(): string {
    return giveUpMark;
  }

  private binary(node: Extract<BoundExpression, { kind: "binary" }>): Atom | undefined {
    const chain: (typeof node)[] = [];
    let first: BoundExpression = node;
    while (first.kind === "binary") {
      chain.push(first);
      first = first.left;
      if (chain.length > statementsMax) return undefined;
    }
    let left = this.compile(first);
    for (let i = chain.length - 1; i >= 0 && left !== undefined; i--) {
      const { operator, right } = chain[i] as typeof node;
      const other = this.compile(right);
      left = other && this.operate(operator, left, other);
    }
    return left;
  }

  private operate(operator: string, left: Atom, right: Atom): Atom | undefined {
    switch (operator) {
      case "+":
      case "-":
      case "*":
        return this.let(`${asNumber(left)} ${operator} ${asNumber(right)}`, false);
      case "/":
        // A quotient by something infinite would be 0 and hide the error.
        this.guard(right);
        return this.let(`${asNumber(left)} / ${asNumber(right)}`, false);
      case "^": {
        this.guard(left);
        this.guard(right);
        const [base, exponent] = [asNumber(left), asNumber(right)];
        return this.let(`${base} === 0 && ${exponent} === 0 ? NaN : (${base}) ** ${exponent}`, false);
      }
      case "&":
        return undefined;
      default: {
        if (left.type !== "number" || right.type !== "number") return undefined;
        this.guard(left);
        this.guard(right);
        return this.let(this.comparison(operator, left.code, right.code), true, "boolean");
      }
    }
  }

  /** Repeats `equalNumbers`, so that numbers that are not close cost no call. */
  private comparison(operator: string, a: string, b: string): string {
    const isClose = `Math.abs(${a} - ${b}) <= ${apartMin} * Math.abs(${a}) && ${this.constant(equalDigits)}(${a}, ${b})`;
    switch (operator) {
      case "=":
        return `${a} === ${b} || (${isClose})`;
      case "<>":
        return `!(${a} === ${b} || (${isClose}))`;
      case "<":
      case ">":
        return `${a} ${operator} ${b} && !(${isClose})`;
      default:
        return `${a} ${operator} ${b} || (${isClose})`;
    }
  }

  private bindNames(node: Extract<BoundExpression, { kind: "let" }>): Atom | undefined {
    for (let i = 0; i < node.names.length; i++) {
      const atom = this.compile(node.values[i] as BoundExpression);
      if (atom === undefined) return undefined;
      this.locals.set(node.names[i] as string, atom);
    }
    return this.compile(node.body);
  }

  private fact(node: Extract<BoundExpression, { kind: "current" }>): Atom | undefined {
    const index = this.formula.axes.findIndex(({ name }) => name === node.axis);
    const axis = this.formula.axes[index];
    if (axis === undefined || node.fact === "label") return undefined;
    if (node.fact === "count") return { code: String(axis.labels.length), type: "number", isFinite: true };
    const position = index < this.plan.outerAxes.length ? this.position(index) : "t";
    if (node.fact === "index") return this.let(`${position} + 1`, true);
    if (axis.time === undefined) return undefined;
    return this.let(`${this.constant(Float64Array.from(axis.time.starts))}[${position}]`, true);
  }

  /** The value of a slot at the cell. */
  protected read(index: number): Atom | undefined {
    const slot = this.plan.slots[index] as SlotPlan;
    if (slot.hasKey) return undefined;
    if (slot.isArray) return this.spanRead(index, slot);
    const known = this.reads.get(index);
    if (known !== undefined) return known;
    this.reach(slot);
    const base = this.base(index, slot);
    if (this.own.has(index)) this.changing.add(`n${index}`);
    const code = `${this.column(index)}[${base}${this.followsTime(slot) ? " + t" : ""}]`;
    const atom = this.let(code, true);
    if (this.span === undefined) this.reads.set(index, atom);
    return atom;
  }

  /** One element of a one-dimensional span, at the loop variable of the reduction around it. */
  private spanRead(index: number, slot: SlotPlan): Atom | undefined {
    const key = this.spanKey(slot);
    if (this.span === undefined || key === undefined) return undefined;
    if (this.span.key !== undefined && this.span.key !== key) return undefined;
    this.span.key = key;
    this.span.reads.push(index);
    this.reach(slot);
    const axis = slot.axes[slot.rows[0] ?? (slot.columns[0] as number)] as AxisPlan;
    const base = this.base(index, slot);
    if (this.own.has(index)) this.changing.add(`n${index}`);
    const time = this.followsTime(slot) ? " + t" : "";
    return this.let(`${this.column(index)}[${base}${time} + ${this.span.variable} * ${axis.stride}]`, true);
  }

  /** The variable with the numbers of the column that a slot reads. */
  protected column(index: number): string {
    return `n${index}`;
  }

  /** What two spans must share to be combined element by element: direction and the positions they run over. */
  spanKey(slot: SlotPlan): string | undefined {
    if (slot.rows.length + slot.columns.length !== 1) return undefined;
    const axis = slot.axes[slot.rows[0] ?? (slot.columns[0] as number)] as AxisPlan;
    const { access } = axis;
    const direction = slot.rows.length === 1 ? "down" : "across";
    if (access.kind === "range") {
      return access.from < access.to ? `${direction} ${access.from} ${access.to}` : undefined;
    }
    if (access.kind !== "window" || axis.target !== this.plan.outerAxes.length) return undefined;
    if (access.clip) return `${direction} t ${access.from} ${access.to} of ${axis.size}`;
    return `${direction} t ${access.from} ${access.to}`;
  }

  /** Bounds of a span's loop variable, which counts positions along the axis, as code. */
  spanBounds(index: number): { readonly from: string; readonly to: string } {
    const slot = this.plan.slots[index] as SlotPlan;
    const { access, size } = slot.axes[slot.rows[0] ?? (slot.columns[0] as number)] as AxisPlan;
    if (access.kind === "range") return { from: String(access.from), to: String(access.to) };
    if (access.kind !== "window") return { from: "0", to: "0" };
    const [from, to] = [`t + ${access.from}`, `t + ${access.to + 1}`];
    if (!access.clip) return { from, to };
    return { from: `Math.max(0, ${from}) | 0`, to: `Math.min(${size}, ${to}) | 0` };
  }

  /** Narrows the periods of the fast loop to those at which the slot stays inside the time axis. */
  reach(slot: SlotPlan): void {
    this.from = Math.max(this.from, -slot.offsetMin);
    this.to = Math.min(this.to, this.plan.shape.periods - slot.offsetMax);
  }

  private followsTime(slot: SlotPlan): boolean {
    return slot.axes.some(
      ({ access, target }) => access.kind === "current" && target === this.plan.outerAxes.length,
    );
  }

  /** The variable with the part of the index that is the same for all periods of a member. */
  base(index: number, slot: SlotPlan): string {
    const name = `b${index}`;
    if (this.bases.has(name)) return name;
    this.bases.add(name);
    let fixed = 0;
    const parts: string[] = [];
    for (const { access, stride, target } of slot.axes) {
      if (access.kind === "fixed") fixed += access.position * stride;
      else if (access.kind === "current") {
        if (target === this.plan.outerAxes.length) fixed += access.offset * stride;
        else parts.push(`${this.position(target)} * ${stride}`);
      }
    }
    this.memberLines.push(`const ${name} = ${[...parts, fixed].join(" + ")};`);
    return name;
  }

  /** The variable with the member's position along an outer axis of the target. */
  protected position(target: number): string {
    const { stride, size } = this.plan.outerAxes[target] as { stride: number; size: number };
    if (this.plan.outerAxes.length === 1) return "m";
    const name = `p${target}`;
    if (!this.bases.has(name)) {
      this.bases.add(name);
      this.memberLines.push(`const ${name} = Math.floor(m / ${stride}) % ${size};`);
    }
    return name;
  }

  finish(root: Atom): FusedCode {
    const { periods } = this.plan.shape;
    if (root.type === "number") this.guard(root);
    const store =
      root.type === "number"
        ? `o[m * ${periods} + t] = ${root.code};`
        : `out.set(m * ${periods} + t, ${root.code});`;
    const slots = [...this.bases].filter((name) => name.startsWith("b")).map((name) => name.slice(1));
    // Partial sums of the column that is written itself must hear of every cell.
    const own = [...this.summed].map((i) => `N[${i}] === out`).join(" || ");
    const touch = own === "" ? [] : [`if (own) out.touched(m * ${periods} + t, m * ${periods} + t + 1);`];
    const giveUp = `if (slow(m, t)) return m * ${periods} + t + 1; continue cells;`;
    const slowly = `if (slow(m, t)) return m * ${periods} + t + 1;`;
    const source = [
      ...slots.map((i) => `const n${i} = N[${i}].numbers;`),
      "const o = out.numbers;",
      ...(own === "" ? [] : [`const own = ${own};`]),
      // `| 0` keeps the loop's variable a whole number in the optimiser's eyes: 9 ns a cell became 4.
      `const u = Math.min(t1, Math.max(t0, ${this.from})) | 0, w = Math.max(u, Math.min(t1, ${this.to})) | 0;`,
      "for (let m = m0; m < m1; m++) {",
      ...this.memberLines,
      `for (let t = t0; t < u; t++) { ${slowly} }`,
      "let isBad = false;",
      ...this.startLines.map((line) => line.replaceAll(giveUpMark, "isBad = true;")),
      // Where what all periods share gives the cells up, all of them go slowly.
      "const e = isBad ? u : w;",
      "cells: for (let t = u; t < e; t++) {",
      ...this.firstLines,
      ...this.lines.map((line) => line.replaceAll(giveUpMark, giveUp)),
      store,
      ...touch,
      "}",
      `for (let t = e; t < t1; t++) { ${slowly} }`,
      "}",
      "return -1;",
    ].join("\n");
    return { source, environment: this.environment };
  }
}

const noSlots: ReadonlySet<number> = new Set();

/** The atom as a number: a boolean counts 1 or 0. */
export function asNumber(atom: Atom): string {
  if (atom.type === "boolean") return `(${atom.code} ? 1 : 0)`;
  return atom.code.startsWith("-") ? `(${atom.code})` : atom.code;
}

function literalAtom(value: unknown): Atom | undefined {
  if (isArrayValue(value)) return undefined;
  if (typeof value === "number" && Number.isFinite(value)) {
    return { code: Object.is(value, -0) ? "-0" : String(value), type: "number", isFinite: true };
  }
  return typeof value === "boolean" ? { code: String(value), type: "boolean", isFinite: true } : undefined;
}
