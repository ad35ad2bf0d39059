/** Functions that take functions, and the forms that the checker reads itself. */
import {
  type ArrayValue,
  arrayValue,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { asArray, asValue, columnOf, rowOf } from "./array-shape.ts";
import { arrayCellsMax, broadcastShape, cellAt, tooLarge } from "./broadcast.ts";
import { type FunctionDefinition, isLambda, type LambdaValue, type Value } from "./definition.ts";
import { familyOf, lambda, lazy, number, optional, value } from "./parameter.ts";

const array = value("array", "the array");

/** A form that the checker turns into something else than a call; its definition serves help and arity. */
function form(
  name: string,
  parameters: FunctionDefinition["parameters"],
  repeat: number,
  doc: string,
  example: readonly [string, string],
): Omit<FunctionDefinition, "family"> {
  return {
    name,
    parameters,
    repeat,
    doc,
    example,
    isSpecialForm: true,
    implement: () => errorValue("#NAME?"),
  };
}

export const lambdaFunctions: readonly FunctionDefinition[] = familyOf("lambdas", [
  form(
    "LET",
    [
      lazy("name", "a name"),
      lazy("value", "what it means"),
      lazy("name_or_calculation", "more names and values; last the result"),
    ],
    1,
    "A calculation with names for its parts.",
    ["=LET(x,2,x*x)", "4"],
  ),
  form(
    "LAMBDA",
    [lazy("parameter_or_calculation", "names of parameters; last the calculation")],
    1,
    "A function.",
    ["=LAMBDA(x,x*2)(3)", "6"],
  ),
  {
    name: "MAP",
    parameters: [array, value("array_or_lambda", "more arrays; last a function of one cell of each")],
    repeat: 1,
    doc: "An array with a function done to each cell.",
    example: ["=SUM(MAP({1,2,3},LAMBDA(x,x*x)))", "14"],
    implement: map,
  },
  {
    name: "REDUCE",
    parameters: [
      optional(value("initial_value", "where to begin; the first cell if left empty")),
      array,
      lambda("lambda", "of the total so far and a cell"),
    ],
    doc: "One value gathered from all cells of an array.",
    example: ["=REDUCE(0,{1,2,3},LAMBDA(a,x,a+x))", "6"],
    implement: (start: Value | undefined, from: Value, step: LambdaValue) => {
      let total = start;
      for (const cell of asArray(from).cells) total = total === undefined ? cell : step.call([total, cell]);
      return total ?? null;
    },
  },
  {
    name: "SCAN",
    parameters: [
      optional(value("initial_value", "where to begin; the first cell if left empty")),
      array,
      lambda("lambda", "of the total so far and a cell"),
    ],
    doc: "The totals on the way through all cells of an array.",
    example: ["=SUM(SCAN(0,{1,2,3},LAMBDA(a,x,a+x)))", "10"],
    implement: (start: Value | undefined, from: Value, step: LambdaValue) => {
      let total = start;
      return eachCellOf(asArray(from), (cell) => {
        total = total === undefined ? cell : step.call([total, cell]);
        return total;
      });
    },
  },
  {
    name: "BYROW",
    parameters: [array, lambda("lambda", "of one row")],
    doc: "A function done to each row of an array.",
    example: ["=SUM(BYROW({1,2;3,4},LAMBDA(r,MAX(r))))", "6"],
    implement: (from: Value, of: LambdaValue) => {
      const rows = asArray(from);
      const cells = Array.from({ length: rows.rows }, (_, row) =>
        single(of.call([arrayValue(1, rows.columns, rowOf(rows, row), { isRange: rows.isRange })])),
      );
      return asValue(arrayValue(cells.length, 1, cells));
    },
  },
  {
    name: "BYCOL",
    parameters: [array, lambda("lambda", "of one column")],
    doc: "A function done to each column of an array.",
    example: ["=SUM(BYCOL({1,2;3,4},LAMBDA(c,MAX(c))))", "7"],
    implement: (from: Value, of: LambdaValue) => {
      const columns = asArray(from);
      const cells = Array.from({ length: columns.columns }, (_, column) =>
        single(
          of.call([arrayValue(columns.rows, 1, columnOf(columns, column), { isRange: columns.isRange })]),
        ),
      );
      return asValue(arrayValue(1, cells.length, cells));
    },
  },
  {
    name: "MAKEARRAY",
    parameters: [
      number("rows", "at least 1"),
      number("columns", "at least 1"),
      lambda("lambda", "of a row and a column, from 1"),
    ],
    doc: "An array with cells made by a function of their place.",
    example: ["=SUM(MAKEARRAY(2,2,LAMBDA(r,c,r*c)))", "9"],
    implement: (rows: number, columns: number, of: LambdaValue) => {
      const height = Math.trunc(rows);
      const width = Math.trunc(columns);
      if (height < 1 || width < 1) return errorValue("#VALUE!", "a size is below 1");
      if (height * width > arrayCellsMax) return tooLarge();
      const cells = Array.from({ length: height * width }, (_, i) =>
        single(of.call([Math.floor(i / width) + 1, (i % width) + 1])),
      );
      return asValue(arrayValue(height, width, cells));
    },
  },
]);

function map(...args: Value[]): Value {
  const of = args[args.length - 1] as Value;
  const arrays = args.slice(0, -1);
  if (isErrorValue(of)) return of;
  if (!isLambda(of) || arrays.some(isLambda))
    return errorValue("#VALUE!", "the last argument must be a LAMBDA");
  const { rows, columns } = broadcastShape(arrays);
  if (rows * columns > arrayCellsMax) return tooLarge();
  const cells: Scalar[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      cells.push(
        single(of.call(arrays.map((each) => cellAt(each as Scalar, row, column) ?? missingCell(each)))),
      );
    }
  }
  return asValue(arrayValue(rows, columns, cells));
}

/** What a cell that is not there counts as: `#N/A` outside an array, a blank for a blank. */
function missingCell(of: Value): Scalar {
  return of === null || isArrayValue(of) ? (of === null ? null : errorValue("#N/A")) : null;
}

function eachCellOf(of: ArrayValue, give: (cell: Scalar) => Value): Value {
  return asValue(
    arrayValue(
      of.rows,
      of.columns,
      of.cells.map((cell) => single(give(cell))),
    ),
  );
}

/** The scalar of a result that has to fit one cell; `#CALC!` for an array or a function. */
function single(result: Value): Scalar {
  if (isLambda(result)) return errorValue("#CALC!", "a cell cannot hold a function");
  if (!isArrayValue(result)) return result;
  return result.cells.length === 1
    ? (result.cells[0] as Scalar)
    : errorValue("#CALC!", "a cell cannot hold an array");
}
