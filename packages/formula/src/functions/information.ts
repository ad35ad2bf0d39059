/** Questions about values. None of them passes an error on; they answer. */
import { type ErrorCode, errorValue, isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import { mapCells } from "./broadcast.ts";
import { type FunctionDefinition, isLambda, type Value } from "./definition.ts";
import { familyOf, strictNumber, value } from "./parameter.ts";

const anything = value("value", "anything; an array is asked cell by cell");

/** A question answered for a scalar, or for each cell of an array. */
function question(
  name: string,
  doc: string,
  example: readonly [string, string],
  answer: (cell: Scalar) => Scalar,
): Omit<FunctionDefinition, "family"> {
  const implement = (asked: Value): Value => {
    if (isArrayValue(asked)) {
      return asked.cells.length === 1 ? answer(asked.cells[0] as Scalar) : mapCells(asked, answer);
    }
    return answer(isLambda(asked) ? errorValue("#CALC!") : asked);
  };
  return { name, parameters: [anything], doc, example, implement };
}

const errorNumbers: Readonly<Partial<Record<ErrorCode, number>>> = {
  "#NULL!": 1,
  "#DIV/0!": 2,
  "#VALUE!": 3,
  "#REF!": 4,
  "#NAME?": 5,
  "#NUM!": 6,
  "#N/A": 7,
  "#BUSY!": 8,
  "#SPILL!": 9,
  "#CALC!": 14,
};

export const informationFunctions: readonly FunctionDefinition[] = familyOf("information", [
  question(
    "ISNUMBER",
    "Whether a value is a number.",
    ["=ISNUMBER(1)", "TRUE"],
    (cell) => typeof cell === "number",
  ),
  question(
    "ISTEXT",
    "Whether a value is a text.",
    ['=ISTEXT("a")', "TRUE"],
    (cell) => typeof cell === "string",
  ),
  question(
    "ISNONTEXT",
    "Whether a value is anything but a text.",
    ["=ISNONTEXT(1)", "TRUE"],
    (cell) => typeof cell !== "string",
  ),
  question(
    "ISLOGICAL",
    "Whether a value is TRUE or FALSE.",
    ["=ISLOGICAL(TRUE)", "TRUE"],
    (cell) => typeof cell === "boolean",
  ),
  question("ISBLANK", "Whether a cell is blank.", ['=ISBLANK("")', "FALSE"], (cell) => cell === null),
  question("ISERROR", "Whether a value is an error.", ["=ISERROR(1/0)", "TRUE"], (cell) =>
    isErrorValue(cell),
  ),
  question(
    "ISERR",
    "Whether a value is an error other than #N/A.",
    ["=ISERR(NA())", "FALSE"],
    (cell) => isErrorValue(cell) && cell.code !== "#N/A",
  ),
  question(
    "ISNA",
    "Whether a value is #N/A.",
    ["=ISNA(NA())", "TRUE"],
    (cell) => isErrorValue(cell) && cell.code === "#N/A",
  ),
  question(
    "ERROR.TYPE",
    "The number of an error; #N/A for a value that is none.",
    ["=ERROR.TYPE(1/0)", "2"],
    (cell) => (isErrorValue(cell) ? errorNumbers[cell.code] : undefined) ?? errorValue("#N/A"),
  ),
  question("N", "The number a value stands for: TRUE is 1, a text is 0.", ["=N(TRUE)", "1"], (cell) => {
    if (typeof cell === "number" || isErrorValue(cell)) return cell;
    return cell === true ? 1 : 0;
  }),
  question("T", "A text as it is; an empty text for anything else.", ['=T("a")', "a"], (cell) =>
    typeof cell === "string" || isErrorValue(cell) ? cell : "",
  ),
  {
    name: "TYPE",
    parameters: [value("value", "anything")],
    doc: "The kind of a value: 1 number, 2 text, 4 boolean, 16 error, 64 array, 128 function.",
    example: ['=TYPE("a")', "2"],
    implement: (asked: Value) => {
      if (isArrayValue(asked)) return 64;
      if (isLambda(asked)) return 128;
      if (isErrorValue(asked)) return 16;
      if (typeof asked === "string") return 2;
      return typeof asked === "boolean" ? 4 : 1;
    },
  },
  {
    name: "NA",
    parameters: [],
    doc: "The error #N/A: not available.",
    example: ["=ISNA(NA())", "TRUE"],
    implement: () => errorValue("#N/A"),
  },
  {
    name: "ISEVEN",
    parameters: [strictNumber("number", "cut to a whole number")],
    doc: "Whether a number is even.",
    example: ["=ISEVEN(4)", "TRUE"],
    implement: (x: number) => Math.trunc(x) % 2 === 0,
  },
  {
    name: "ISODD",
    parameters: [strictNumber("number", "cut to a whole number")],
    doc: "Whether a number is odd.",
    example: ["=ISODD(4)", "FALSE"],
    implement: (x: number) => Math.trunc(x) % 2 !== 0,
  },
]);
