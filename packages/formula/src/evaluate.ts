/**
 * Evaluating: the interpreter of bound formulas, and the reference that compiled kernels are held equal to.
 *
 * `evaluateCell` computes one cell. The tree is walked; operator chains (`a + b + …`) in a loop, everything else by
 * recursion, whose depth the parser has bounded. Calls of LAMBDA functions nest up to `callsMax`
 * and within a budget of levels.
 *
 * What a cell ends as: a scalar as it is; a blank as 0, as in a worksheet; an array of one cell as that cell, a larger
 * one as `#VALUE!`, a function as `#CALC!`; a number that is not finite as `#NUM!`.
 *
 * Cost: the tree, and the cells that its ranges read.
 */
import {
  type ArrayValue,
  arrayValue,
  type Column,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import type { BoundExpression, BoundFormula } from "./bound.ts";
import { type FunctionDefinition, isLambda, type LambdaValue, type Value } from "./functions/definition.ts";
import { type Argument, invoke } from "./functions/invoke.ts";
import { applyBinary, applyPercent, applyUnary } from "./functions/operators.ts";
import { parameterAt } from "./functions/signature.ts";
import { heightOf } from "./height.ts";
import { readKept } from "./kept-arrays.ts";
import { callModule, type ModuleLookup } from "./module-call.ts";
import { type RowSpan, readSlot, rowSpanOf } from "./read-slot.ts";
import { isReducing } from "./reducing.ts";
import { type Cell, type FormulaPlan, planOf, positionAlong, type SlotPlan } from "./slot-plan.ts";

/** How deep calls of LAMBDA functions may nest: a function that calls itself without end ends as `#CALC!`. */
const callsMax = 256;
/** How many levels (see height.ts) open calls may take together; measured, half as many again fit the usual stack. */
const levelsMax = 2_600;

/**
 * The value of one cell. `inputs` has a column per reference of the formula, in order. A module function that answers
 * with a promise gives `#BUSY!` here.
 */
export function evaluateCell(
  formula: BoundFormula,
  inputs: readonly Column[],
  cell: Cell,
  modules?: ModuleLookup,
): Scalar {
  return new Evaluation(formula, inputs, cell, modules).value();
}

/** The value of a formula that reads nothing; arrays stay arrays. */
export function evaluateConstant(formula: BoundFormula, modules?: ModuleLookup): Value {
  return new Evaluation(formula, [], { outer: 0, period: 0 }, modules).result();
}

/** What a cell holds when its formula gives `value`. */
export function cellValue(value: Value): Scalar {
  if (typeof value === "number")
    return Number.isFinite(value) ? value : errorValue("#NUM!", "not a finite number");
  if (value === null) return 0;
  if (isArrayValue(value)) {
    if (value.cells.length === 1) return cellValue(value.cells[0] as Scalar);
    const size = `${value.rows} × ${value.columns}`;
    return errorValue(
      "#VALUE!",
      `the formula gives ${size} values and a cell holds one; reduce them or pick one`,
    );
  }
  return isLambda(value) ? errorValue("#CALC!", "the formula gives a function; call it") : value;
}

/** Values of local names, innermost first. */
interface Environment {
  readonly name: string;
  readonly value: Value;
  readonly outside: Environment | undefined;
}

/** One evaluation after another of the same formula over the same inputs: `moveTo` a cell, then `value`. */
export class Evaluation {
  private readonly formula: BoundFormula;
  private readonly inputs: readonly Column[];
  private readonly modules: ModuleLookup | undefined;
  private callsOpen = 0;
  private levelsOpen = 0;
  private startValue: Scalar | undefined;
  private endValue: Scalar | undefined;
  // What `readSlot` needs (see ReadContext).
  readonly plan: FormulaPlan;
  cell: Cell;

  constructor(
    formula: BoundFormula,
    inputs: readonly Column[],
    cell: Cell,
    modules: ModuleLookup | undefined,
  ) {
    this.formula = formula;
    this.inputs = inputs;
    this.cell = cell;
    this.modules = modules;
    this.plan = planOf(formula);
  }

  /** Goes to another cell; what was known of the last one is forgotten. */
  moveTo(outer: number, period: number): void {
    this.cell = { outer, period };
    this.startValue = undefined;
    this.endValue = undefined;
    this.callsOpen = 0;
    this.levelsOpen = 0;
  }

  /** What the cell holds. */
  value(): Scalar {
    return cellValue(this.result());
  }

  /** What the formula gives, arrays as they are. */
  result(): Value {
    try {
      return this.evaluate(this.formula.root, undefined);
    } catch (problem) {
      // The budget of levels leaves room on a usual stack; a host may have used up most of a smaller one.
      if (!(problem instanceof RangeError)) throw problem;
      return errorValue("#CALC!", "the formula nests too deep");
    }
  }

  /** The column being written by whoever evaluates many cells; arrays of other columns may then be kept with them. */
  written: Column | undefined;

  /** What a slot gives at the cell: a scalar, or an array of cells. */
  read(slot: number): Scalar | ArrayValue {
    const plan = this.plan.slots[slot] as SlotPlan;
    if (plan.isArray && this.written !== undefined && this.inputs[slot] !== this.written) {
      return readKept(plan, this.inputs[slot] as Column, this);
    }
    return readSlot(this.plan.slots[slot] as SlotPlan, this.inputs[slot] as Column, this);
  }

  /** The column and the cells of a slot that reads consecutive periods; undefined where it must be read as it is. */
  rowSpan(slot: number): (RowSpan & { readonly column: Column }) | undefined {
    const span = rowSpanOf(this.plan.slots[slot] as SlotPlan, this);
    return span && { ...span, column: this.inputs[slot] as Column };
  }

  /** A fact about the cell, as of `PERIOD()`. */
  fact(node: Extract<BoundExpression, { kind: "current" }>): Scalar {
    return currentFact(this.formula, this.plan, node, this.cell);
  }

  private evaluate(node: BoundExpression, environment: Environment | undefined): Value {
    switch (node.kind) {
      case "literal":
        return node.value;
      case "missing":
        return null;
      case "read":
        return this.read(node.slot);
      case "local":
        return localValue(environment, node.name);
      case "unary":
        return applyUnary(node.operator, this.evaluate(node.operand, environment));
      case "percent":
        return applyPercent(this.evaluate(node.operand, environment));
      case "binary":
        return this.binary(node, environment);
      case "call":
        return this.call(node.definition, node.arguments, environment);
      case "array":
        return this.array(node.rows, environment);
      case "let":
        return this.evaluate(node.body, this.bindNames(node.names, node.values, environment));
      case "lambda":
        return this.lambda(node.parameters, node.body, environment);
      case "apply":
        return this.apply(node.callee, node.arguments, environment);
      case "module-call": {
        const list = node.arguments.map((one) => this.evaluate(one, environment));
        return callModule(this.modules, node.module, node.name, list);
      }
      case "current":
        return this.fact(node);
    }
  }

  key(expression: BoundExpression): Scalar {
    return keyScalar(this.evaluate(expression, undefined));
  }

  outside(before: boolean): Scalar {
    const known = before ? this.startValue : this.endValue;
    if (known !== undefined) return known;
    const clause = before ? this.formula.start : this.formula.end;
    const value = clause === undefined ? errorValue("#REF!") : cellValue(this.evaluate(clause, undefined));
    if (before) this.startValue = value;
    else this.endValue = value;
    return value;
  }

  private binary(
    node: Extract<BoundExpression, { kind: "binary" }>,
    environment: Environment | undefined,
  ): Value {
    if (node.left.kind !== "binary") {
      const left = this.evaluate(node.left, environment);
      return applyBinary(node.operator, left, this.evaluate(node.right, environment));
    }
    const chain: (typeof node)[] = [];
    let first: BoundExpression = node;
    while (first.kind === "binary") {
      chain.push(first);
      first = first.left;
    }
    let left = this.evaluate(first, environment);
    for (let i = chain.length - 1; i >= 0; i--) {
      const { operator, right } = chain[i] as typeof node;
      left = applyBinary(operator, left, this.evaluate(right, environment));
    }
    return left;
  }

  private call(
    definition: FunctionDefinition,
    list: readonly BoundExpression[],
    environment: Environment | undefined,
  ): Value {
    const isRangeTaking = isReducing(definition);
    const args: Argument[] = [];
    for (let i = 0; i < list.length; i++) {
      const argument = list[i] as BoundExpression;
      if (argument.kind === "missing") args.push(undefined);
      else if (parameterAt(definition, i)?.kind === "lazy") {
        args.push(() => this.evaluate(argument, environment));
      } else {
        const value = this.evaluate(argument, environment);
        args.push(isRangeTaking && argument.kind === "read" ? referencedCell(value) : value);
      }
    }
    return invoke(definition, args);
  }

  private array(
    rows: readonly (readonly BoundExpression[])[],
    environment: Environment | undefined,
  ): ArrayValue {
    const cells = rows.flatMap((row) => row.map((cell) => arrayCell(this.evaluate(cell, environment))));
    return arrayValue(rows.length, rows[0]?.length ?? 0, cells);
  }

  private bindNames(
    names: readonly string[],
    values: readonly BoundExpression[],
    environment: Environment | undefined,
  ): Environment | undefined {
    let inner = environment;
    for (let i = 0; i < names.length; i++) {
      const value = this.evaluate(values[i] as BoundExpression, inner);
      inner = { name: names[i] as string, value, outside: inner };
    }
    return inner;
  }

  private lambda(
    parameters: readonly string[],
    body: BoundExpression,
    environment: Environment | undefined,
  ): LambdaValue {
    const levels = heightOf(body);
    const call = (args: readonly Value[]): Value => {
      if (args.length !== parameters.length) {
        return errorValue("#VALUE!", `a function of ${parameters.length} is called with ${args.length}`);
      }
      if (this.callsOpen >= callsMax || this.levelsOpen + levels > levelsMax) {
        return errorValue("#CALC!", "functions call each other too deep");
      }
      let inner = environment;
      for (let i = 0; i < parameters.length; i++) {
        inner = { name: parameters[i] as string, value: args[i] as Value, outside: inner };
      }
      this.callsOpen++;
      this.levelsOpen += levels;
      const result = this.evaluate(body, inner);
      this.levelsOpen -= levels;
      this.callsOpen--;
      return result;
    };
    return { kind: "lambda", parameterCount: parameters.length, call };
  }

  private apply(
    callee: BoundExpression,
    list: readonly BoundExpression[],
    environment: Environment | undefined,
  ): Value {
    const target = this.evaluate(callee, environment);
    if (isErrorValue(target)) return target;
    if (!isLambda(target)) return errorValue("#VALUE!", "what is called here is no function");
    return target.call(list.map((one) => this.evaluate(one, environment)));
  }
}

function localValue(environment: Environment | undefined, name: string): Value {
  for (let inner = environment; inner !== undefined; inner = inner.outside) {
    if (inner.name === name) return inner.value;
  }
  return errorValue("#NAME?");
}

/** The scalar a key expression stands for. */
export function keyScalar(value: Value): Scalar {
  if (isArrayValue(value)) return value.cells.length === 1 ? (value.cells[0] as Scalar) : cellValue(value);
  return isLambda(value) ? cellValue(value) : value;
}

/** A referenced cell as an argument of SUM and its kin: a range of one cell, unless it is a number anyway. */
export function referencedCell(value: Value): Value {
  if (typeof value === "number" || isArrayValue(value) || isLambda(value)) return value;
  return arrayValue(1, 1, [value], { isRange: true });
}

/** What a cell of `{…}` holds: of an array its first cell, as nothing spills inside an array. */
export function arrayCell(value: Value): Scalar {
  if (isArrayValue(value)) return value.cells[0] as Scalar;
  return isLambda(value) ? errorValue("#CALC!") : value;
}

/** `PERIOD()` and its kin at a cell. */
function currentFact(
  formula: BoundFormula,
  plan: FormulaPlan,
  node: Extract<BoundExpression, { kind: "current" }>,
  cell: Cell,
): Scalar {
  const index = formula.axes.findIndex(({ name }) => name === node.axis);
  const axis = formula.axes[index];
  if (axis === undefined) return errorValue("#REF!");
  const position = positionAlong(plan, index, cell);
  switch (node.fact) {
    case "label":
      return axis.labels[position] ?? errorValue("#REF!");
    case "start":
      return axis.time?.starts[position] ?? errorValue("#REF!");
    case "index":
      return position + 1;
    case "count":
      return axis.labels.length;
  }
}
