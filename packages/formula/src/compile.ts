/**
 * Compiling: a bound formula to a kernel that fills a box of cells in a column.
 *
 *   fused        one loop over typed arrays (fused-code.ts), while every column read holds numbers only
 *   cells        generated code for one cell (cells-code.ts), whatever the columns hold
 *   interpreted  `evaluateCell`: formulas with LAMBDA or module calls, very large ones, and wherever code cannot be
 *                generated (`new Function` is forbidden)
 *
 * All three give the same bits and the same errors. Source is made when a kernel is first used in earnest: the first
 * `interpretedCells` cells are interpreted, because making a function costs as much as interpreting some dozens of
 * cells. Equal sources share one function.
 *
 * Within a member the periods are computed in ascending order, so a formula may read its own earlier periods. Where
 * it reads those of other members, all members of a period come before the next period.
 */
import { type Column, type ErrorOrigin, isErrorValue, type Scalar, withOrigin } from "@reckon/value";
import { computeAsyncCells } from "./async-cells.ts";
import type { BoundFormula } from "./bound.ts";
import { cellsCode } from "./cells-code.ts";
import { codeKeyOf } from "./code-key.ts";
import { cellValue, Evaluation } from "./evaluate.ts";
import { folded } from "./fold.ts";
import type { Value } from "./functions/definition.ts";
import { fusedCode } from "./fused-code.ts";
import { functionOf, generating, operations } from "./generated.ts";
import type { ModuleLookup } from "./module-call.ts";
import { planOf } from "./slot-plan.ts";

/** Outer members `outerFrom` ≤ m < `outerTo`, periods `from` ≤ t < `to`. */
export interface CellBox {
  readonly outerFrom: number;
  readonly outerTo: number;
  readonly from: number;
  readonly to: number;
}

export interface CompileOptions {
  /** Functions of modules; without it every call of one is `#NAME?`. */
  readonly modules?: ModuleLookup;
  /** Never generate code. */
  readonly interpretOnly?: boolean;
  /** Where an error that begins in a cell is said to begin. */
  readonly originOf?: (outer: number, period: number) => ErrorOrigin;
  /** How many cells are interpreted before code is made; 48 when absent. */
  readonly interpretedCells?: number;
  /** What may be done to the work when code is made, all of it when absent. Every rewrite keeps all bits. */
  readonly optimise?: boolean | KernelRewriting;
}

/** The rewrites of a kernel, each switched off by `false`. */
export interface KernelRewriting {
  /** Parts of the formula that are constant are computed when code is made. */
  readonly fold?: boolean;
  /** Equal parts of the formula are computed once a cell. */
  readonly share?: boolean;
  /** What is the same for all periods of a member is computed once a member. */
  readonly hoist?: boolean;
}

/** How often each rewrite was done; statements of code for `shared` and `hoisted`. */
export interface KernelRewrites {
  readonly folded: number;
  readonly shared: number;
  readonly hoisted: number;
}

export type KernelPath = "fused" | "cells" | "interpreted";

export interface CompiledKernel {
  /**
   * Fills the cells of `box` in `out`. `inputs` has a column per reference, in order; where the formula reads itself
   * that column is `out`. A promise when module functions answer later; it resolves when all cells are written, or as soon
   * as can be after its `cancel()`, where it has one.
   */
  readonly compute: (inputs: readonly Column[], out: Column, box: CellBox) => void | Promise<void>;
  /** The best way it can go. A fused kernel goes by cells where a column read holds anything but numbers. */
  readonly path: KernelPath;
  /** What was done to the work; asking makes the code. */
  readonly rewrites: KernelRewrites;
  /** Whether `compute` may give a promise. */
  readonly isAsync: boolean;
  /**
   * The same work with the code that is there already, where errors begin elsewhere: for a formula that differs from this one in
   * the labels of its axes, and does not look at them.
   */
  readonly relabelled: (originOf: CompileOptions["originOf"]) => CompiledKernel;
}

/** What nobody may wait for any more. */
interface CancellableWork extends Promise<void> {
  readonly cancel?: () => void;
}

type FusedFunction = (
  env: readonly unknown[],
  inputs: readonly Column[],
  out: Column,
  m0: number,
  m1: number,
  t0: number,
  t1: number,
  slow: (outer: number, period: number) => boolean,
) => number;
type CellFunction = (
  env: readonly unknown[],
  ops: typeof operations,
  at: Evaluation,
  inputs: readonly Column[],
  m: number,
  t: number,
) => Value;

const interpretedCellsDefault = 48;

/**
 * A kernel for a formula; see the file's header. Cost: nothing until it is used.
 *
 * @example
 * ```ts
 * const { formula } = checkFormula(parseFormula("6 * 7").expression, worksheetScope(new Map()));
 * const out = new Column({ outer: 1, periods: 1 });
 * if (formula) void compileKernel(formula).compute([], out, { outerFrom: 0, outerTo: 1, from: 0, to: 1 });
 * out.get(0); // 42
 * ```
 */
export function compileKernel(formula: BoundFormula, options: CompileOptions = {}): CompiledKernel {
  return new FormulaKernel(formula, options);
}

class FormulaKernel implements CompiledKernel {
  readonly isAsync: boolean;
  private readonly formula: BoundFormula;
  private readonly options: CompileOptions;
  private interpretedCells = 0;
  private code: KernelCode | undefined;
  /** The slots that `code` knows to read the column being written. */
  private own = "";

  constructor(formula: BoundFormula, options: CompileOptions) {
    this.formula = formula;
    this.options = options;
    this.isAsync = formula.callsModule;
  }

  get path(): KernelPath {
    return this.compiled(this.own).path;
  }

  get rewrites(): KernelRewrites {
    return this.compiled(this.own).rewrites;
  }

  // An own property, so that it can be taken off the kernel and called alone.
  readonly compute: CompiledKernel["compute"] = (inputs, out, box) => {
    if (box.outerFrom >= box.outerTo || box.from >= box.to) return undefined;
    if (box.to - box.from > 1 && readsOtherMembers(this.formula, inputs, out)) {
      return this.byPeriods(inputs, out, box, box.from);
    }
    const write = this.writer(out);
    if (this.formula.callsModule) {
      const readsItself = inputs.includes(out);
      const { formula } = this;
      return computeAsyncCells({ formula, inputs, modules: this.options.modules, box, readsItself, write });
    }
    const run = new Run(this.formula, inputs, out, box, write);
    const cells = (box.outerTo - box.outerFrom) * (box.to - box.from);
    const limit = this.options.interpretedCells ?? interpretedCellsDefault;
    if (this.code === undefined && this.interpretedCells + cells <= limit) {
      this.interpretedCells += cells;
      run.byCells(undefined, box.outerFrom, box.from);
    } else run.compute(this.compiled(ownSlots(inputs, out)));
    return undefined;
  };

  readonly relabelled: CompiledKernel["relabelled"] = (originOf) => {
    const { originOf: _, ...options } = this.options;
    const kernel = new FormulaKernel(
      this.formula,
      originOf === undefined ? options : { ...options, originOf },
    );
    kernel.interpretedCells = this.interpretedCells;
    kernel.code = this.code;
    kernel.own = this.own;
    return kernel;
  };

  /** One period of all members after another. */
  private byPeriods(
    inputs: readonly Column[],
    out: Column,
    box: CellBox,
    start: number,
  ): void | Promise<void> {
    for (let from = start; from < box.to; from++) {
      const waiting = this.compute(inputs, out, { ...box, from, to: from + 1 });
      if (waiting !== undefined) return this.laterPeriods(inputs, out, box, { from: from + 1, waiting });
    }
    return undefined;
  }

  private laterPeriods(
    inputs: readonly Column[],
    out: Column,
    box: CellBox,
    { from, waiting }: { readonly from: number; readonly waiting: CancellableWork },
  ): Promise<void> {
    let isCancelled = false;
    let open: CancellableWork | undefined = waiting;
    const rest = async (): Promise<void> => {
      await waiting;
      if (isCancelled) return;
      open = this.byPeriods(inputs, out, box, from) as CancellableWork | undefined;
      await open;
    };
    const cancel = (): void => {
      isCancelled = true;
      open?.cancel?.();
    };
    return Object.assign(rest(), { cancel });
  }

  private compiled(own: string): KernelCode {
    if (this.code === undefined || this.own !== own) {
      const { interpretOnly, optimise } = this.options;
      const rewriting = rewritingOf(optimise);
      this.own = own;
      this.code = generating(() => makeCode(this.formula, interpretOnly ?? false, rewriting, own));
    }
    return this.code;
  }

  private writer(out: Column): (outer: number, period: number, value: Scalar) => void {
    const { periods } = planOf(this.formula).shape;
    const { originOf } = this.options;
    return (outer, period, value) => {
      const isBegun = originOf !== undefined && isErrorValue(value) && value.origin === undefined;
      out.set(outer * periods + period, isBegun ? withOrigin(value, originOf(outer, period)) : value);
    };
  }
}

/** The slots that read the column being written, as a text; empty for most formulas. */
function ownSlots(inputs: readonly Column[], out: Column): string {
  if (!inputs.includes(out)) return "";
  return inputs.flatMap((input, slot) => (input === out ? [slot] : [])).join();
}

function rewritingOf(optimise: CompileOptions["optimise"]): Required<KernelRewriting> {
  if (typeof optimise !== "object") {
    const isOn = optimise ?? true;
    return { fold: isOn, share: isOn, hoist: isOn };
  }
  return { fold: optimise.fold ?? true, share: optimise.share ?? true, hoist: optimise.hoist ?? true };
}

/** Whether a member reads other members of the column being written: then all of a period come before the next. */
function readsOtherMembers(formula: BoundFormula, inputs: readonly Column[], out: Column): boolean {
  if (!inputs.includes(out)) return false;
  const { slots } = planOf(formula);
  return slots.some(
    (slot, i) =>
      inputs[i] === out &&
      slot.reference.axes.some(
        (axis, k) => axis.time === undefined && slot.axes[k]?.access.kind !== "current",
      ),
  );
}

/** One call of `compute`. */
class Run {
  private readonly inputs: readonly Column[];
  private readonly out: Column;
  private readonly box: CellBox;
  private readonly write: (outer: number, period: number, value: Scalar) => void;
  private readonly periods: number;
  private readonly at: Evaluation;

  constructor(
    formula: BoundFormula,
    inputs: readonly Column[],
    out: Column,
    box: CellBox,
    write: (outer: number, period: number, value: Scalar) => void,
  ) {
    this.inputs = inputs;
    this.out = out;
    this.box = box;
    this.write = write;
    this.periods = planOf(formula).shape.periods;
    this.at = new Evaluation(formula, inputs, { outer: box.outerFrom, period: box.from }, undefined);
    this.at.written = out;
  }

  compute(code: KernelCode): void {
    const { outerFrom, outerTo, from, to } = this.box;
    this.clearMarks();
    const readsItself = this.inputs.includes(this.out);
    if (readsItself) this.touch();
    if (code.fused === undefined || this.inputs.some(({ marks }) => marks !== null)) {
      this.byCells(code, outerFrom, from);
      return;
    }
    const slow = (outer: number, period: number): boolean => {
      this.cell(code, outer, period);
      return readsItself && this.out.marks !== null;
    };
    const { run, environment } = code.fused;
    const stopped = run(environment, this.inputs, this.out, outerFrom, outerTo, from, to, slow);
    if (stopped < 0) return;
    // The cell before `stopped` holds no number; what reads it is computed by cells.
    const before = stopped - 1;
    const outer = Math.floor(before / this.periods);
    this.byCells(code, outer, before - outer * this.periods + 1);
  }

  /** Computes from a cell of the box to its end. */
  byCells(code: KernelCode | undefined, outerStart: number, periodStart: number): void {
    const { outerTo, from, to } = this.box;
    for (let outer = outerStart; outer < outerTo; outer++) {
      for (let period = outer === outerStart ? periodStart : from; period < to; period++) {
        this.cell(code, outer, period);
      }
    }
  }

  private cell(code: KernelCode | undefined, outer: number, period: number): void {
    this.at.moveTo(outer, period);
    const cells = code?.cells;
    const value =
      cells === undefined
        ? this.at.value()
        : cellValue(cells.run(cells.environment, operations, this.at, this.inputs, outer, period));
    this.write(outer, period, value);
  }

  /** What was worked out from the cells that stood in the box, and may be read again, is forgotten. */
  private touch(): void {
    const { outerFrom, outerTo, from, to } = this.box;
    for (let outer = outerFrom; outer < outerTo; outer++) {
      this.out.touched(outer * this.periods + from, outer * this.periods + to);
    }
  }

  /** What stood in the cells is forgotten; a column written whole starts as one of numbers only. */
  private clearMarks(): void {
    const { marks } = this.out;
    if (marks === null) return;
    const { outerFrom, outerTo, from, to } = this.box;
    if (outerFrom === 0 && from === 0 && to === this.periods && outerTo * to === this.out.length) {
      this.out.marks = null;
      this.out.texts = null;
      return;
    }
    for (let outer = outerFrom; outer < outerTo; outer++) {
      marks.fill(0, outer * this.periods + from, outer * this.periods + to);
    }
  }
}

interface KernelCode {
  readonly path: KernelPath;
  readonly rewrites: KernelRewrites;
  readonly fused?: { readonly run: FusedFunction; readonly environment: readonly unknown[] };
  readonly cells?: { readonly run: CellFunction; readonly environment: readonly unknown[] };
}

/** Code by what it depends on, so that it is written once for formulas that are alike. */
const codes = new Map<string, KernelCode>();
const codesMax = 10_000;

function makeCode(
  formula: BoundFormula,
  interpretOnly: boolean,
  rewriting: Required<KernelRewriting>,
  own: string,
): KernelCode {
  const alike = interpretOnly ? undefined : codeKeyOf(formula);
  if (alike === undefined) return interpreted;
  const { fold, share, hoist } = rewriting;
  const key = `${fold} ${share} ${hoist} ${own} ${alike}`;
  const known = codes.get(key);
  if (known !== undefined) return known;
  const code = writeCode(formula, rewriting, own);
  if (codes.size >= codesMax) codes.clear();
  // Where code may not be generated now it may be so later.
  if (code.path !== "interpreted") codes.set(key, code);
  return code;
}

const interpreted: KernelCode = {
  path: "interpreted",
  rewrites: { folded: 0, shared: 0, hoisted: 0 },
};

function writeCode(written: BoundFormula, rewriting: Required<KernelRewriting>, own: string): KernelCode {
  const { root, count } = rewriting.fold ? folded(written.root) : { root: written.root, count: 0 };
  // Slots are planned for each formula object, so one without constant parts stays as it is.
  const formula = root === written.root ? written : { ...written, root };
  const cellsWritten = cellsCode(formula);
  const cellFunction =
    cellsWritten && functionOf(["env", "ops", "at", "inputs", "m", "t"], cellsWritten.source);
  if (cellsWritten === undefined || cellFunction === undefined) return interpreted;
  const cells = { run: cellFunction as CellFunction, environment: cellsWritten.environment };
  const slots = new Set(own === "" ? [] : own.split(",").map(Number));
  const loop = fusedCode(formula, rewriting, slots);
  const run = loop && functionOf(["env", "N", "out", "m0", "m1", "t0", "t1", "slow"], loop.source);
  const rewrites = { folded: count, shared: loop?.done.shared ?? 0, hoisted: loop?.done.hoisted ?? 0 };
  if (loop === undefined || run === undefined) return { path: "cells", cells, rewrites };
  const fused = { run: run as FusedFunction, environment: loop.environment };
  return { path: "fused", cells, fused, rewrites };
}
