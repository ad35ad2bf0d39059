/**
 * Calling a function of the library.
 *
 *   1. Each argument is brought to its parameter's kind. An omitted argument takes the parameter's fallback, an empty one
 *      (`f(a,)`, passed as `undefined`) too, or a blank where the parameter says so or is required.
 *   2. An error value in an argument of a scalar kind is the result; the first in argument order wins.
 *   3. If an argument of a scalar kind is an array the function is called once for each cell of the broadcast shape.
 *   4. A number that is not finite becomes `#NUM!`.
 *
 * Nothing is thrown for what an argument holds. Cost: the arguments, and the implementation once a cell.
 */
import {
  type ArrayValue,
  arrayValue,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { broadcastShape, cellAt } from "./broadcast.ts";
import { toLogical, toNumber, toText } from "./coerce.ts";
import {
  type FunctionDefinition,
  isLambda,
  type LambdaValue,
  type ParameterDefinition,
  type ParameterKind,
  type Value,
} from "./definition.ts";
import { isScalarKind } from "./parameter.ts";
import { parameterAt } from "./signature.ts";

/** One argument of a call: a value, a thunk for a lazy parameter, or `undefined` for an empty argument. */
export type Argument = Value | undefined | (() => Value);

/**
 * The result of calling `definition` with `args`.
 *
 * @example
 * ```ts
 * invoke(functionByName("ROUND"), [2.345, 2]); // 2.35
 * ```
 */
export function invoke(definition: FunctionDefinition, args: readonly Argument[]): Value {
  const count = Math.max(args.length, definition.parameters.length);
  const prepared: unknown[] = [];
  let isLifted = false;
  for (let i = 0; i < count; i++) {
    const parameter = parameterAt(definition, i);
    if (parameter === undefined) return errorValue("#VALUE!", `${definition.name} has too many arguments`);
    const argument = present(parameter, args[i], i < args.length);
    if (isScalarKind(parameter.kind)) {
      const scalar = isSingleCell(argument) ? (argument.cells[0] as Scalar) : argument;
      if (isArrayValue(scalar)) isLifted = true;
      prepared.push(scalar);
    } else prepared.push(passed(parameter.kind, argument));
    const last = prepared[i];
    if (parameter.kind === "lambda" && isErrorValue(last)) return last;
  }
  return isLifted ? lift(definition, prepared) : callOnce(definition, prepared);
}

/** Arguments as they are, but coerced where the parameter wants a scalar; then the implementation. */
function callOnce(definition: FunctionDefinition, prepared: readonly unknown[]): Value {
  const coerced = new Array<unknown>(prepared.length);
  for (let i = 0; i < prepared.length; i++) {
    const value = prepared[i];
    const { kind, refusesBooleans } = parameterAt(definition, i) as ParameterDefinition;
    if (refusesBooleans === true && typeof value === "boolean") {
      return errorValue("#VALUE!", `${definition.name} takes no TRUE or FALSE here`);
    }
    const result = value === undefined || !isScalarKind(kind) ? value : coerce(kind, value as Value);
    if (isScalarKind(kind) && isErrorValue(result)) return result;
    coerced[i] = result;
  }
  return settled(definition.implement(...coerced));
}

/** One call for each cell of the shape that the arrays in scalar parameters span. */
function lift(definition: FunctionDefinition, prepared: readonly unknown[]): Value {
  const kinds = prepared.map((_, i) => (parameterAt(definition, i) as ParameterDefinition).kind);
  const { rows, columns } = broadcastShape(
    prepared.filter((_, i) => isScalarKind(kinds[i] as ParameterKind)),
  );
  const cells: Scalar[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let isOutside = false;
      const one = prepared.map((value, i) => {
        if (value === undefined || !isScalarKind(kinds[i] as ParameterKind)) return value;
        const cell = cellAt(value as Scalar | ArrayValue, row, column);
        if (cell === undefined) isOutside = true;
        return cell;
      });
      cells.push(isOutside ? errorValue("#N/A") : corner(callOnce(definition, one)));
    }
  }
  return arrayValue(rows, columns, cells);
}

/** The scalar a cell of a lifted call holds: of an array its first cell, as nothing spills inside an array. */
function corner(value: Value): Scalar {
  if (isArrayValue(value)) return value.cells[0] as Scalar;
  return isLambda(value) ? errorValue("#CALC!") : value;
}

function present(parameter: ParameterDefinition, argument: Argument, isWritten: boolean): Argument {
  if (argument !== undefined) return argument;
  if (isWritten && (parameter.emptyIsBlank === true || parameter.optional !== true)) return null;
  return parameter.fallback;
}

function passed(kind: ParameterKind, argument: Argument): unknown {
  switch (kind) {
    case "lazy":
      return argument === undefined || typeof argument === "function" ? argument : () => argument;
    case "lambda":
      if (argument === undefined || isLambda(argument)) return argument;
      return isErrorValue(argument) ? argument : errorValue("#VALUE!", "a LAMBDA is needed here");
    default:
      return typeof argument === "function" ? argument() : argument;
  }
}

function coerce(kind: ParameterKind, value: Value): unknown {
  if (isLambda(value)) return errorValue("#VALUE!", "a function is not a value to calculate with");
  const scalar = value as Scalar;
  switch (kind) {
    case "number":
      return toNumber(scalar);
    case "text":
      return toText(scalar);
    case "logical":
      return toLogical(scalar);
    default:
      return scalar;
  }
}

function isSingleCell(value: unknown): value is ArrayValue {
  return isArrayValue(value) && value.rows === 1 && value.columns === 1;
}

/** The result with numbers that are not finite replaced by `#NUM!`. */
function settled(value: Value | LambdaValue): Value {
  if (typeof value === "number") return Number.isFinite(value) ? value : errorValue("#NUM!");
  if (isArrayValue(value) && value.cells.some((cell) => typeof cell === "number" && !Number.isFinite(cell))) {
    const cells = value.cells.map((cell) =>
      typeof cell === "number" && !Number.isFinite(cell) ? errorValue("#NUM!") : cell,
    );
    return arrayValue(value.rows, value.columns, cells);
  }
  return value;
}
