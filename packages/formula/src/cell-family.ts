/**
 * Cell families: formulas over single values, alike but for what they read and for the numbers written in them, as one
 * object that computes all of them.
 *
 *   plain     generated code over a table of numbers, for arguments that are all finite numbers; NaN where the result
 *             is no finite number, or where only `general` knows what it is
 *   general   whatever the arguments are: cell code (cells-code.ts), or the interpreter where code cannot be made
 *
 * Both give the bits and errors of `evaluateCell`. Equal shapes (cell-shape.ts) give the same family, so a million
 * formulas copied down a column are one family with a million lists of references.
 *
 * Code is made when a family is first used in earnest: `plain` answers NaN to its first calls, which sends them to
 * `general`, and then replaces itself on the family. Cost: the formula's tree for its shape; code once a family.
 */
import type { Column, Scalar } from "@reckon/value";
import type { BoundExpression, BoundFormula } from "./bound.ts";
import { choosesKnown } from "./cell-condition.ts";
import { type CellShape, cellShapeOf, withLiftedNumbers } from "./cell-shape.ts";
import { cellsCode } from "./cells-code.ts";
import { isDiscrete } from "./discrete.ts";
import { cellValue, Evaluation } from "./evaluate.ts";
import type { Value } from "./functions/definition.ts";
import { functionOf, generating, operations } from "./generated.ts";
import { plainCode } from "./plain-code.ts";

/** What an engine needs to compute cells of one shape; see the file's header. */
export interface CellFamily {
  /** The shape, for people: `#0*#1+?`. */
  readonly name: string;
  /** References of each cell. */
  readonly arity: number;
  /** Numbers that differ from cell to cell. */
  readonly constantCount: number;
  /**
   * The value of the cell whose argument i is `numbers[pool[at + i]]` and whose constant i is
   * `constants[constantAt + i]`, all of them finite; NaN where `general` must be asked.
   */
  readonly plain?: PlainFunction;
  /** The value of a cell whatever its arguments are. Never throws. */
  readonly general: GeneralFunction;
  /** Equal versions compute equal bits. */
  readonly version: string;
  /** See `isDiscrete` of formulas. */
  readonly isDiscrete: boolean;
}

type PlainFunction = (
  numbers: Float64Array,
  pool: Int32Array,
  at: number,
  constants: Float64Array,
  constantAt: number,
) => number;
type GeneralFunction = (values: readonly Scalar[], constants: Float64Array, constantAt: number) => Scalar;

/** A cell as a member of its family. */
export interface FamilyMember {
  readonly family: CellFamily;
  /** The numbers of this cell, `family.constantCount` of them. */
  readonly constants: readonly number[];
}

/** As many references as fit a byte. */
const arityMax = 255;
/** How many calls are interpreted before code is made. */
const interpretedCalls = 48;

const families = new Map<string, CellFamily>();
const familiesMax = 100_000;

/**
 * The family of a formula and the numbers it is called with; nothing when the formula is no cell: it has axes, reads
 * something that has, calls a module, changes by itself, or has branches that are never taken.
 *
 * @example
 * ```ts
 * const scope = worksheetScope(new Map());
 * const familyOf = (text) => cellFamilyOf(checkFormula(parseFormula(text).expression, scope).formula);
 * familyOf("2 * 3 + 1").constants; // [2, 3, 1]
 * familyOf("2 * 3 + 1").family === familyOf("5*6+7").family; // true
 * ```
 */
export function cellFamilyOf(formula: BoundFormula): FamilyMember | undefined {
  const { axes, references, callsModule } = formula;
  if (callsModule || axes.length > 0 || references.length > arityMax) return undefined;
  for (const reference of references) if (reference.axes.length > 0) return undefined;
  const shape = cellShapeOf(formula.root);
  // What a known condition leaves out is no precedent, which a cell cannot say.
  if (shape === undefined || (references.length > 0 && choosesKnown(formula.root))) return undefined;
  const key = `${references.length} ${shape.text}`;
  let family = families.get(key);
  if (family === undefined) {
    family = new FormulaFamily(formula, shape);
    if (families.size >= familiesMax) families.clear();
    families.set(key, family);
  }
  return { family, constants: shape.constants };
}

class FormulaFamily implements CellFamily {
  readonly name: string;
  readonly arity: number;
  readonly constantCount: number;
  readonly version: string;
  readonly plain?: PlainFunction;
  readonly general: GeneralFunction;
  private readonly lifted: BoundFormula;
  private makesSteps: boolean | undefined;

  constructor(formula: BoundFormula, shape: CellShape) {
    this.name = shape.text;
    this.arity = formula.references.length;
    this.constantCount = shape.constants.length;
    this.version = `cell ${this.arity} ${shape.text}`;
    const lifted: BoundFormula = { ...formula, root: withLiftedNumbers(formula.root, this.arity) };
    this.general = generalOf(lifted);
    this.lifted = lifted;
    const { plain } = this.plainOf(lifted);
    if (plain !== undefined) this.plain = plain;
  }

  /** The numbers of cells count as read. */
  get isDiscrete(): boolean {
    this.makesSteps ??= isDiscrete(this.lifted);
    return this.makesSteps;
  }

  /** A function that waits for use in earnest, then makes the code and puts it in its own place. */
  private plainOf(formula: BoundFormula): { plain?: PlainFunction } {
    if (!mayBePlain(formula.root)) return {};
    let calls = 0;
    let made: PlainFunction | undefined;
    const plain: PlainFunction = (numbers, pool, at, constants, constantAt) => {
      if (made !== undefined) return made(numbers, pool, at, constants, constantAt);
      if (calls === interpretedCalls) {
        made = generating(() => {
          const code = plainCode(formula);
          return code === undefined ? noNumber : (makePlain(code) ?? noNumber);
        });
        const self = this as { plain?: PlainFunction };
        if (made === noNumber) delete self.plain;
        else self.plain = made;
        return made(numbers, pool, at, constants, constantAt);
      }
      calls++;
      return Number.NaN;
    };
    return { plain };
  }
}

const noNumber: PlainFunction = () => Number.NaN;

function makePlain(code: {
  readonly source: string;
  readonly environment: readonly unknown[];
}): PlainFunction | undefined {
  const make = functionOf(["env"], `return (n, p, a, c, k) => {\n${code.source}\n};`);
  return (make as ((environment: readonly unknown[]) => PlainFunction) | undefined)?.(code.environment);
}

/** Whether code for numbers is worth trying: a quick look at the root. */
function mayBePlain(root: BoundExpression): boolean {
  switch (root.kind) {
    case "literal":
      return typeof root.value === "number";
    case "read":
    case "unary":
    case "percent":
    case "call":
    case "let":
      return true;
    case "binary":
      return "+-*/^".includes(root.operator);
    default:
      return false;
  }
}

type ScalarCellFunction = (
  env: readonly unknown[],
  ops: typeof operations,
  at: Evaluation,
  values: readonly Scalar[],
  constants: Float64Array,
  constantAt: number,
) => Value;

/** Evaluation over scalars: slots of the formula first, then its lifted numbers. */
class ScalarEvaluation extends Evaluation {
  values: readonly Scalar[] = [];
  constants: Float64Array = new Float64Array(0);
  constantAt = 0;
  private readonly arity: number;

  constructor(formula: BoundFormula) {
    super(formula, noColumns, { outer: 0, period: 0 }, undefined);
    this.arity = formula.references.length;
  }

  override read(slot: number): Scalar {
    if (slot < this.arity) return this.values[slot] as Scalar;
    return this.constants[this.constantAt + slot - this.arity] as number;
  }
}

const noColumns: readonly Column[] = [];

function generalOf(formula: BoundFormula): GeneralFunction {
  const at = new ScalarEvaluation(formula);
  const arity = formula.references.length;
  let calls = 0;
  let code: { readonly run: ScalarCellFunction; readonly environment: readonly unknown[] } | undefined;
  return (values, constants, constantAt) => {
    if (calls === interpretedCalls) {
      const written = cellsCode(formula, (slot) => (slot < arity ? `V[${slot}]` : `C[k + ${slot - arity}]`));
      const run = written && functionOf(["env", "ops", "at", "V", "C", "k"], written.source);
      if (written !== undefined && run !== undefined)
        code = { run: run as ScalarCellFunction, environment: written.environment };
    }
    calls++;
    if (code !== undefined) {
      return cellValue(code.run(code.environment, operations, at, values, constants, constantAt));
    }
    at.moveTo(0, 0);
    at.values = values;
    at.constants = constants;
    at.constantAt = constantAt;
    return at.value();
  };
}
