/** Loops in columns: one component for all of them, whose formulas the engine joins into one function. */
import { createEngine, type Engine, type LoopDeclaration, type NodeId, type Precedent } from "@reckon/engine";
import { fuseLoop } from "@reckon/formula";
import { type Axis, axisOf, Column, columnFrom, type Shape, timeAxis } from "@reckon/value";
import type { DebtSolver, DebtTable, LoopSolver, LoopTable } from "../engine.ts";
import { type BoundKernel, boundKernel } from "./bound-kernel.ts";
import { before, reading } from "./families.ts";

const once = columnFrom({ outer: 1, periods: 1 }, [0]);

function declared(node: NodeId, guess?: NodeId): LoopDeclaration {
  return {
    name: "loops",
    cuts: [guess === undefined ? { node } : { node, guess }],
    toleranceAbsolute: 1e-9,
    toleranceRelative: 0,
    iterationsMax: 100,
  };
}

/** An engine with columns by name; formulas may read each other in any order. */
class NamedColumns {
  readonly engine: Engine = createEngine({ loops: { fuse: fuseLoop } });
  private readonly nodes = new Map<string, NodeId>();

  nodeOf(name: string): NodeId {
    return this.nodes.get(name)!;
  }

  input(name: string, shape: Shape, values: ArrayLike<number>): void {
    const column = new Column(shape);
    column.numbers.set(values);
    this.nodes.set(name, this.engine.addInput({ name, shape, column }));
  }

  /** Adds formulas of one shape; what a name is read by says `readings`, where it is not the same cell. */
  formulas(
    shape: Shape,
    kernels: Readonly<Record<string, BoundKernel>>,
    readings: (of: string, name: string) => Precedent | undefined,
  ): void {
    for (const name of Object.keys(kernels)) this.input(name, shape, []);
    for (const [name, { kernel, reads }] of Object.entries(kernels)) {
      const precedents = reads.map((one) => readings(name, one) ?? reading(this.nodeOf(one)));
      this.engine.replace(this.nodeOf(name), { name, shape, precedents, kernel });
    }
  }

  setCell(name: string, outer: number, period: number, value: number): void {
    once.numbers[0] = value;
    const box = { outerFrom: outer, outerTo: outer + 1, from: period, to: period + 1 };
    this.engine.setCells(this.nodeOf(name), box, once);
  }
}

const debtFormulas = new Map<number, Readonly<Record<string, BoundKernel>>>();

/** The formulas of W8 over so many loops: bound once, as a model is checked once. */
function debtKernels(count: number): Readonly<Record<string, BoundKernel>> {
  let kernels = debtFormulas.get(count);
  if (kernels === undefined) {
    const axes = [
      axisOf(
        "loop",
        Array.from({ length: count }, (_, i) => String(i)),
      ),
    ];
    const names = Object.fromEntries(
      ["opening", "need", "rate", "debt", "interest"].map((name) => [name, axes]),
    );
    kernels = {
      interest: boundKernel("rate * (opening + debt) / 2", axes, names),
      debt: boundKernel("need + interest", axes, names),
    };
    debtFormulas.set(count, kernels);
  }
  return kernels;
}

export function loops({ opening, need, rate }: LoopTable): LoopSolver {
  const columns = new NamedColumns();
  const { engine } = columns;
  const shape = { outer: need.length, periods: 1 };
  engine.transaction(() => {
    columns.input("opening", shape, opening);
    columns.input("need", shape, need);
    columns.input("rate", shape, rate);
    columns.formulas(shape, debtKernels(need.length), () => undefined);
    engine.declareLoop(declared(columns.nodeOf("debt")));
  });
  const debt = columns.nodeOf("debt");
  return {
    readDebt: (loop) => engine.readCell(debt, loop) as number,
    setNeed: (loop, value) => columns.setCell("need", loop, 0, value),
  };
}

const loanFormulas = new Map<number, Readonly<Record<string, BoundKernel>>>();

function loanKernels(loans: number, months: number): Readonly<Record<string, BoundKernel>> {
  let kernels = loanFormulas.get(loans);
  if (kernels === undefined) {
    const last = `${2026 + Math.floor((months - 1) / 12)}-${String(((months - 1) % 12) + 1).padStart(2, "0")}`;
    const made = timeAxis("month", "2026-01", last);
    if ("problem" in made) throw new TypeError(made.problem);
    const loan = axisOf(
      "loan",
      Array.from({ length: loans }, (_, i) => String(i)),
    );
    const axes: readonly Axis[] = [loan, made.axis];
    const names = {
      opening: axes,
      interest: axes,
      closing: axes,
      rate: axes,
      payment: [loan],
      first: [loan],
    };
    kernels = {
      opening: boundKernel("closing[t-1]", axes, names, "first"),
      interest: boundKernel("(opening + closing) / 2 * rate / 12", axes, names),
      closing: boundKernel("opening + interest - payment", axes, names),
    };
    loanFormulas.set(loans, kernels);
  }
  return kernels;
}

export function debts({ loans, months, first, payment, rate }: DebtTable): DebtSolver {
  const columns = new NamedColumns();
  const { engine } = columns;
  const shape = { outer: loans, periods: months };
  const byLoan = { outer: loans, periods: 1 };
  engine.transaction(() => {
    columns.input("first", byLoan, first);
    columns.input("payment", byLoan, payment);
    columns.input("rate", shape, rate);
    columns.formulas(shape, loanKernels(loans, months), (of, name) => {
      if (name === "first" || name === "payment") return reading(columns.nodeOf(name), { kind: "all" });
      return of === "opening" ? reading(columns.nodeOf(name), before) : undefined;
    });
    engine.declareLoop(declared(columns.nodeOf("closing"), columns.nodeOf("opening")));
  });
  const closing = columns.nodeOf("closing");
  return {
    readClosing: (loan, month) => engine.readCell(closing, loan * months + month) as number,
    setRate: (loan, month, value) => columns.setCell("rate", loan, month, value),
  };
}
