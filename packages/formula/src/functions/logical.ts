/** Choices and truth. The branches not chosen are never evaluated. */
import {
  arrayValue,
  type ErrorValue,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { arrayCellsMax, broadcastShape, cellAt, liftPair, mapCells, tooLarge } from "./broadcast.ts";
import { toLogical, toNumber } from "./coerce.ts";
import { equalScalars } from "./compare.ts";
import { type FunctionDefinition, isLambda, type Value } from "./definition.ts";
import { familyOf, lazy, logical, optional, value } from "./parameter.ts";

type Thunk = () => Value;
const condition = value("logical", "TRUE, FALSE or a number; an array chooses cell by cell");

export const logicalFunctions: readonly FunctionDefinition[] = familyOf("logical", [
  {
    name: "IF",
    parameters: [
      condition,
      lazy("value_if_true", "the result when the condition holds"),
      optional(lazy("value_if_false", "the result otherwise; FALSE unless given")),
    ],
    doc: "One value when a condition holds, another when it does not.",
    example: ['=IF(2>1,"yes","no")', "yes"],
    implement: choose,
  },
  {
    name: "IFS",
    parameters: [lazy("logical_test", "a condition"), lazy("value_if_true", "the result when it holds")],
    repeat: 2,
    doc: "The value behind the first condition that holds; #N/A when none does.",
    example: ['=IFS(FALSE,"a",TRUE,"b")', "b"],
    implement: ifs,
  },
  {
    name: "SWITCH",
    parameters: [
      value("expression", "what is compared"),
      lazy("value1", "a value to compare with"),
      lazy("result1", "the result when they are equal"),
      optional(lazy("value_or_default", "more values and results; a last one alone is the default")),
    ],
    repeat: 1,
    doc: "The result behind the first value equal to the expression, or the default.",
    example: ['=SWITCH(2,1,"a",2,"b","none")', "b"],
    implement: (expression: Value, ...branches: Thunk[]) =>
      eachCell(expression, (cell) => switchOn(cell, branches)),
  },
  {
    name: "CHOOSE",
    parameters: [value("index_num", "1 for the first value"), lazy("value", "a value to choose")],
    repeat: 1,
    doc: "The value at a place in the list of arguments.",
    example: ['=CHOOSE(2,"a","b","c")', "b"],
    implement: (index: Value, ...branches: Thunk[]) =>
      eachCell(index, (cell) => {
        const place = toNumber(cell);
        if (typeof place !== "number") return place;
        const branch = branches[Math.trunc(place) - 1];
        return branch === undefined ? errorValue("#VALUE!", "there is no such place") : branch();
      }),
  },
  {
    name: "IFERROR",
    parameters: [
      lazy("value", "the value to check"),
      lazy("value_if_error", "the result when it is an error"),
    ],
    doc: "A value, or another one when it is an error.",
    example: ['=IFERROR(1/0,"none")', "none"],
    implement: (tested: Thunk, otherwise: Thunk) => instead(tested(), otherwise, () => true),
  },
  {
    name: "IFNA",
    parameters: [lazy("value", "the value to check"), lazy("value_if_na", "the result when it is #N/A")],
    doc: "A value, or another one when it is #N/A.",
    example: ['=IFNA(NA(),"none")', "none"],
    implement: (tested: Thunk, otherwise: Thunk) =>
      instead(tested(), otherwise, (error) => error.code === "#N/A"),
  },
  {
    name: "AND",
    parameters: [condition],
    repeat: 1,
    reduces: true,
    doc: "TRUE when all arguments are true.",
    example: ["=AND(TRUE,1>0)", "TRUE"],
    implement: (...args: Value[]) => overTruths(args, (truths) => truths.every(Boolean)),
  },
  {
    name: "OR",
    parameters: [condition],
    repeat: 1,
    reduces: true,
    doc: "TRUE when at least one argument is true.",
    example: ["=OR(FALSE,1>0)", "TRUE"],
    implement: (...args: Value[]) => overTruths(args, (truths) => truths.some(Boolean)),
  },
  {
    name: "XOR",
    parameters: [condition],
    repeat: 1,
    reduces: true,
    doc: "TRUE when an odd number of arguments are true.",
    example: ["=XOR(TRUE,TRUE)", "FALSE"],
    implement: (...args: Value[]) => overTruths(args, (truths) => truths.filter(Boolean).length % 2 === 1),
  },
  {
    name: "NOT",
    parameters: [logical("logical", "what to reverse")],
    doc: "TRUE for FALSE, FALSE for TRUE.",
    example: ["=NOT(FALSE)", "TRUE"],
    implement: (truth: boolean) => !truth,
  },
  {
    name: "TRUE",
    parameters: [],
    doc: "The value TRUE.",
    example: ["=TRUE()", "TRUE"],
    implement: () => true,
  },
  {
    name: "FALSE",
    parameters: [],
    doc: "The value FALSE.",
    example: ["=FALSE()", "FALSE"],
    implement: () => false,
  },
]);

function choose(tested: Value, then: Thunk, otherwise: Thunk | undefined): Value {
  if (!isArrayValue(tested)) {
    const truth = isLambda(tested) ? errorValue("#VALUE!") : toLogical(tested);
    if (typeof truth !== "boolean") return truth;
    return truth ? then() : otherwise === undefined ? false : otherwise();
  }
  // Cell by cell: each branch is evaluated at most once, and only if some cell wants it.
  const truths = mapCells(tested, toLogical);
  const isWanted = (truth: boolean): boolean => truths.cells.includes(truth);
  const yes = isWanted(true) ? then() : null;
  const no = isWanted(false) ? (otherwise === undefined ? false : otherwise()) : null;
  return merged(truths, yes, no);
}

/** For each cell of `truths` the cell of one branch; the result takes the shape that all three span. */
function merged(truths: Value, yes: Value, no: Value): Value {
  const { rows, columns } = broadcastShape([truths, yes, no]);
  if (rows * columns > arrayCellsMax) return tooLarge();
  const cells: Scalar[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const truth = cellAt(truths as Scalar, row, column);
      const branch = truth === true ? yes : truth === false ? no : (truth ?? errorValue("#N/A"));
      const cell = isLambda(branch) ? errorValue("#CALC!") : cellAt(branch as Scalar, row, column);
      cells.push(cell ?? (cell === null ? null : errorValue("#N/A")));
    }
  }
  return arrayValue(rows, columns, cells);
}

function ifs(...branches: Thunk[]): Value {
  for (let i = 0; i + 1 < branches.length; i += 2) {
    const tested = (branches[i] as Thunk)();
    if (isArrayValue(tested) && tested.cells.length > 1) {
      const rest = branches.slice(i + 2);
      return choose(tested, branches[i + 1] as Thunk, () => ifs(...rest));
    }
    const cell = isArrayValue(tested) ? (tested.cells[0] as Scalar) : tested;
    const truth = isLambda(cell) ? errorValue("#VALUE!") : toLogical(cell);
    if (typeof truth !== "boolean") return truth;
    if (truth) return (branches[i + 1] as Thunk)();
  }
  return errorValue("#N/A", "no condition holds");
}

function switchOn(cell: Scalar, branches: readonly (Thunk | undefined)[]): Value {
  if (isErrorValue(cell)) return cell;
  for (let i = 0; i + 1 < branches.length; i += 2) {
    const tried = branches[i]?.() ?? null;
    const other = isArrayValue(tried) ? (tried.cells[0] as Scalar) : tried;
    if (isErrorValue(other)) return other;
    if (isLambda(other)) return errorValue("#VALUE!");
    if (typeof other === typeof cell && equalScalars(cell, other)) return branches[i + 1]?.() ?? null;
  }
  const fallback = branches.length % 2 === 1 ? branches[branches.length - 1] : undefined;
  return fallback === undefined ? errorValue("#N/A", "nothing is equal and there is no default") : fallback();
}

/** `give` for a scalar, or for each cell of an array; of an array among the results the first cell. */
function eachCell(from: Value, give: (cell: Scalar) => Value): Value {
  if (isLambda(from)) return errorValue("#VALUE!");
  if (!isArrayValue(from)) return give(from);
  if (from.cells.length === 1) return give(from.cells[0] as Scalar);
  return mapCells(from, (cell) => {
    const result = give(cell);
    if (isLambda(result)) return errorValue("#CALC!");
    return isArrayValue(result) ? (result.cells[0] as Scalar) : result;
  });
}

function instead(tested: Value, otherwise: Thunk, isMeant: (error: ErrorValue) => boolean): Value {
  const isReplaced = (cell: Scalar): boolean => isErrorValue(cell) && isMeant(cell);
  if (!isArrayValue(tested)) return isErrorValue(tested) && isMeant(tested) ? otherwise() : tested;
  if (!tested.cells.some(isReplaced)) return tested;
  const replacement = otherwise();
  if (isLambda(replacement)) return errorValue("#CALC!");
  return liftPair(tested, replacement, (cell, other) => (isReplaced(cell) ? other : cell));
}

/** Truths of all arguments: in arrays texts and blanks do not count; `#VALUE!` when nothing counts. */
function overTruths(args: readonly Value[], give: (truths: readonly boolean[]) => boolean): Scalar {
  const truths: boolean[] = [];
  for (const argument of args) {
    if (isArrayValue(argument)) {
      for (const cell of argument.cells) {
        if (isErrorValue(cell)) return cell;
        if (typeof cell === "number" || typeof cell === "boolean") truths.push(cell !== false && cell !== 0);
      }
      continue;
    }
    if (isLambda(argument)) return errorValue("#VALUE!");
    // An empty text says nothing, as an empty cell.
    if (argument === "") continue;
    const truth = toLogical(argument);
    if (typeof truth !== "boolean") return truth;
    truths.push(truth);
  }
  return truths.length === 0 ? errorValue("#VALUE!", "there is nothing to test") : give(truths);
}
