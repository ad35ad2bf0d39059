/** Range nodes of the naive stand-in: sums, counts and averages by looking at every cell. */
import type { RangeNode } from "@reckon/engine";
import { errorValue, isErrorValue, type Scalar, type Shape, withOrigin } from "@reckon/value";
import type { NaiveRead } from "./naive-graph.ts";

export type NaiveRange = Required<Pick<RangeNode, "row" | "from" | "to" | "aggregate">>;

/** Numbers below a limit, and one of a list. */
interface Drawing {
  readonly below: (limit: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
}

/** A range of a node of this shape, now and then of no cell. */
export function drawRange(draws: Drawing, shape: Shape): NaiveRange {
  const row = draws.below(shape.outer);
  const from = draws.below(shape.periods);
  const to = from + draws.below(shape.periods - from + 1);
  return { row, from, to, aggregate: draws.pick(["sum", "count", "average"]) };
}

/** What a range of a node reads, as any formula says it. */
export function readOfRange(node: number, { row, from, to }: NaiveRange): NaiveRead {
  const dependents = (first: number, end: number): readonly [number, number] =>
    first <= row && row < end ? [0, 1] : [0, 0];
  return { node, time: { kind: "range", from, to }, outer: { kind: "map", dependents }, row };
}

/** The aggregate of the cells that are read. */
export function rangeValue(name: string, { aggregate }: NaiveRange, cells: readonly Scalar[]): Scalar {
  const numbers = cells.filter((cell) => typeof cell === "number");
  if (aggregate === "count") return numbers.length;
  const error = cells.find(isErrorValue);
  if (error !== undefined) return error;
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (aggregate === "sum") return sum;
  if (numbers.length > 0) return sum / numbers.length;
  return withOrigin(errorValue("#DIV/0!", "there are no numbers"), { attribute: name, at: [] });
}
