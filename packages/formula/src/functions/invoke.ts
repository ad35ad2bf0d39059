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
  arrayValue,
  type ErrorValue,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { arrayCellsMax, broadcastShape, cellAt, tooLarge } from "./broadcast.ts";
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
  const prepared = new Array<unknown>(count);
  let firstError: ErrorValue | undefined;
  let isLifted = false;
  for (let i = 0; i < count; i++) {
    const parameter = parameterAt(definition, i);
    if (parameter === undefined) return errorValue("#VALUE!", `${definition.name} has too many arguments`);
    const argument = present(parameter, args[i], i < args.length);
    let result: unknown;
    if (!isScalarKind(parameter.kind)) result = passed(parameter.kind, argument);
    else if (isArrayValue(argument)) {
      if (argument.cells.length === 1) result = coerced(definition, parameter, argument.cells[0] as Scalar);
      else {
        isLifted = true;
        result = argument;
      }
    } else result = coerced(definition, parameter, argument as Value);
    prepared[i] = result;
    if (firstError === undefined && isErrorValue(result) && parameter.kind !== "value") firstError = result;
  }
  if (isLifted) return lift(definition, prepared);
  return firstError ?? settled(definition.implement(...prepared));
}

/**
 * One call for each cell of the shape that the arrays in scalar parameters span; scalars among `prepared` are coerced
 * already, so their errors are the result wherever no earlier argument has one.
 */
function lift(definition: FunctionDefinition, prepared: readonly unknown[]): Value {
  const parameters = prepared.map((_, i) => parameterAt(definition, i) as ParameterDefinition);
  const scalars = prepared.filter((_, i) => isScalarKind((parameters[i] as ParameterDefinition).kind));
  const { rows, columns } = broadcastShape(scalars);
  if (rows * columns > arrayCellsMax) return tooLarge();
  const cells: Scalar[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      cells.push(liftedCell(definition, parameters, prepared, row, column));
    }
  }
  return arrayValue(rows, columns, cells);
}

function liftedCell(
  definition: FunctionDefinition,
  parameters: readonly ParameterDefinition[],
  prepared: readonly unknown[],
  row: number,
  column: number,
): Scalar {
  let firstError: ErrorValue | undefined;
  const args = new Array<unknown>(prepared.length);
  for (let i = 0; i < prepared.length; i++) {
    const parameter = parameters[i] as ParameterDefinition;
    let result = prepared[i];
    if (isScalarKind(parameter.kind) && isArrayValue(result)) {
      const cell = cellAt(result, row, column);
      if (cell === undefined) return errorValue("#N/A");
      result = coerced(definition, parameter, cell);
    }
    args[i] = result;
    if (firstError === undefined && isErrorValue(result) && parameter.kind !== "value") firstError = result;
  }
  return corner(firstError ?? settled(definition.implement(...args)));
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

/** One scalar as its parameter wants it, or the error that stands for the call. */
function coerced(
  definition: FunctionDefinition,
  parameter: ParameterDefinition,
  value: Value | undefined,
): unknown {
  if (value === undefined) return undefined;
  if (isLambda(value)) return errorValue("#VALUE!", "a function is not a value to calculate with");
  const scalar = value as Scalar;
  switch (parameter.kind) {
    case "number":
      if (parameter.refusesBooleans === true && typeof scalar === "boolean") {
        return errorValue("#VALUE!", `${definition.name} takes no TRUE or FALSE here`);
      }
      return toNumber(scalar);
    case "text":
      return toText(scalar);
    case "logical":
      return toLogical(scalar);
    default:
      return scalar;
  }
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
