/** Counts, sums, averages and extremes of the cells that meet criteria. Criteria are read by `criterion.ts`. */
import {
  type ArrayValue,
  arrayValue,
  type ErrorValue,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { mapCells } from "./broadcast.ts";
import { readCriterion, type Test, valueOfEquality } from "./criterion.ts";
import { type FunctionDefinition, isLambda, type Value } from "./definition.ts";
import { familyOf, optional, value } from "./parameter.ts";
import { placesOf, searchWork } from "./search-index.ts";

const range = value("criteria_range", "the cells that are tested");
const criterion = value("criteria", 'a value, or a text such as ">=5", "<>x", "a*"');

/** A function of one range of numbers and pairs of tested range and criterion. */
function ofRanges(
  name: string,
  doc: string,
  example: readonly [string, string],
  reduce: (numbers: readonly number[]) => Scalar,
): Omit<FunctionDefinition, "family"> {
  return {
    name,
    parameters: [value("values_range", "the cells whose numbers count"), range, criterion],
    repeat: 2,
    doc,
    example,
    implement: (values: Value, ...pairs: Value[]) =>
      overCriteria(pairs, (tests) => reduceWhere(asArray(values), tests, reduce)),
  };
}

export const conditionalFunctions: readonly FunctionDefinition[] = familyOf("statistics", [
  {
    name: "COUNTIF",
    parameters: [range, criterion],
    doc: "How many cells meet a criterion.",
    example: ['=COUNTIF({1,5,9},">=5")', "2"],
    implement: (cells: Value, wanted: Value) => overCriteria([cells, wanted], countWhere),
  },
  {
    name: "COUNTIFS",
    parameters: [range, criterion],
    repeat: 2,
    doc: "In how many places all criteria are met.",
    example: ['=COUNTIFS({1,5,9},">=5",{"a","b","a"},"a")', "1"],
    implement: (...pairs: Value[]) => overCriteria(pairs, countWhere),
  },
  {
    name: "SUMIF",
    parameters: [range, criterion, optional(value("sum_range", "the cells to add, unless the tested ones"))],
    doc: "The sum of the cells that meet a criterion.",
    example: ['=SUMIF({1,5,9},">=5")', "14"],
    implement: (cells: Value, wanted: Value, values?: Value) =>
      overCriteria([cells, wanted], (tests) => reduceWhere(alike(values, cells), tests, total)),
  },
  {
    name: "AVERAGEIF",
    parameters: [
      range,
      criterion,
      optional(value("average_range", "the cells to average, unless the tested ones")),
    ],
    doc: "The mean of the cells that meet a criterion.",
    example: ['=AVERAGEIF({1,5,9},">=5")', "7"],
    implement: (cells: Value, wanted: Value, values?: Value) =>
      overCriteria([cells, wanted], (tests) => reduceWhere(alike(values, cells), tests, mean)),
  },
  ofRanges(
    "SUMIFS",
    "The sum of the cells where all criteria are met.",
    ['=SUMIFS({1,2,3},{"a","b","a"},"a")', "4"],
    total,
  ),
  ofRanges(
    "AVERAGEIFS",
    "The mean of the cells where all criteria are met.",
    ['=AVERAGEIFS({1,2,3},{"a","b","a"},"a")', "2"],
    mean,
  ),
  ofRanges(
    "MINIFS",
    "The smallest cell where all criteria are met.",
    ['=MINIFS({1,2,3},{"b","a","a"},"a")', "2"],
    (all) => all.reduce((a, b) => Math.min(a, b), all[0] ?? 0),
  ),
  ofRanges(
    "MAXIFS",
    "The largest cell where all criteria are met.",
    ['=MAXIFS({1,2,3},{"a","a","b"},"a")', "2"],
    (all) => all.reduce((a, b) => Math.max(a, b), all[0] ?? 0),
  ),
]);

/** The tests of the cells at one place of several ranges of one shape. */
interface Tests {
  readonly rows: number;
  readonly columns: number;
  readonly holdsAt: (index: number) => boolean;
  /** The only places at which they can hold, in order; absent: anywhere. */
  readonly places?: readonly number[];
}

/**
 * `give` of the tests that pairs of range and criterion make. When the first criterion is an array the result is an
 * array of the answers to each of its cells; arrays in the others go along with it.
 */
function overCriteria(pairs: readonly Value[], give: (tests: Tests) => Scalar): Value {
  const lead = pairs.find((each, i) => i % 2 === 1 && isArrayValue(each) && each.cells.length > 1);
  if (lead === undefined) return give1(pairs, 0, give);
  let index = 0;
  return mapCells(lead as ArrayValue, () => give1(pairs, index++, give));
}

function give1(pairs: readonly Value[], index: number, give: (tests: Tests) => Scalar): Scalar {
  const ranges: ArrayValue[] = [];
  const tests: Test[] = [];
  let places: readonly number[] | undefined;
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const cells = asArray(pairs[i] as Value);
    const first = ranges[0];
    if (first !== undefined && (cells.rows !== first.rows || cells.columns !== first.columns)) {
      return errorValue("#VALUE!", "the ranges differ in size");
    }
    ranges.push(cells);
    const all = asArray(pairs[i + 1] as Value).cells;
    const wanted = (all[index] ?? all[0]) as Scalar;
    tests.push(readCriterion(wanted));
    const value = valueOfEquality(wanted);
    const found = value === undefined ? undefined : placesOf(cells.cells, value);
    if (found !== undefined && found.length < (places?.length ?? Number.POSITIVE_INFINITY)) places = found;
  }
  const { rows, columns } = ranges[0] as ArrayValue;
  const holdsAt = (at: number): boolean =>
    tests.every((test, i) => test((ranges[i] as ArrayValue).cells[at] as Scalar));
  searchWork.cells += places?.length ?? rows * columns;
  return give({ rows, columns, holdsAt, ...(places === undefined ? {} : { places }) });
}

function countWhere(tests: Tests): number {
  let count = 0;
  const { places } = tests;
  const length = places?.length ?? tests.rows * tests.columns;
  for (let k = 0; k < length; k++)
    if (tests.holdsAt(places === undefined ? k : (places[k] as number))) count++;
  return count;
}

function reduceWhere(
  values: ArrayValue,
  tests: Tests,
  reduce: (numbers: readonly number[]) => Scalar,
): Scalar {
  if (values.rows !== tests.rows || values.columns !== tests.columns) {
    return errorValue("#VALUE!", "the ranges differ in size");
  }
  const numbers: number[] = [];
  const { places } = tests;
  const length = places?.length ?? values.cells.length;
  for (let k = 0; k < length; k++) {
    const i = places === undefined ? k : (places[k] as number);
    const cell = values.cells[i];
    if (typeof cell !== "number" && !isErrorValue(cell)) continue;
    if (!tests.holdsAt(i)) continue;
    if (isErrorValue(cell)) return cell;
    numbers.push(cell);
  }
  return reduce(numbers);
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

function mean(numbers: readonly number[]): number | ErrorValue {
  return numbers.length === 0
    ? errorValue("#DIV/0!", "no cell meets the criteria")
    : total(numbers) / numbers.length;
}

/** The cells to reduce, brought to the shape of the tested ones as SUMIF does; cells that are not there are blank. */
function alike(values: Value | undefined, tested: Value): ArrayValue {
  const shape = asArray(tested);
  if (values === undefined) return shape;
  const from = asArray(values);
  if (from.rows === shape.rows && from.columns === shape.columns) return from;
  const cells: Scalar[] = [];
  for (let row = 0; row < shape.rows; row++) {
    for (let column = 0; column < shape.columns; column++) {
      const isInside = row < from.rows && column < from.columns;
      cells.push(isInside ? (from.cells[row * from.columns + column] as Scalar) : null);
    }
  }
  return arrayValue(shape.rows, shape.columns, cells, { isRange: from.isRange });
}

function asArray(from: Value): ArrayValue {
  if (isArrayValue(from)) return from;
  return arrayValue(1, 1, [isLambda(from) ? errorValue("#VALUE!") : from]);
}
