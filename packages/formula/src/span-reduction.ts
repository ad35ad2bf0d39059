/**
 * SUM, AVERAGE and COUNT of consecutive periods, straight from the column and its partial sums, without making an array of
 * the cells. Values and errors are those of the library's functions.
 */
import { errorValue, rangeCount, rangeSum } from "@reckon/value";
import { type Evaluation, referencedCell } from "./evaluate.ts";
import type { FunctionDefinition, Value } from "./functions/definition.ts";
import { invoke } from "./functions/invoke.ts";
import { finiteOf } from "./functions/operators.ts";

/** Shorter spans are as well read as arrays. */
const spanCellsMin = 32;

/** Whether a call of the function over one span can be taken from partial sums. */
export function isSpanReduction({ name }: FunctionDefinition): boolean {
  return name === "SUM" || name === "AVERAGE" || name === "COUNT";
}

/** The function of the cells that the slot reads. */
export function reduceSpan(definition: FunctionDefinition, at: Evaluation, slot: number): Value {
  const span = at.rowSpan(slot);
  if (span === undefined || span.to - span.from < spanCellsMin) {
    return invoke(definition, [referencedCell(at.read(slot))]);
  }
  const { column, rowStart, from, to } = span;
  if (definition.name === "COUNT") return rangeCount(column, rowStart, from, to);
  const total = rangeSum(column, rowStart, from, to);
  if (typeof total !== "number" || definition.name === "SUM") {
    return typeof total === "number" ? finiteOf(total) : total;
  }
  const count = rangeCount(column, rowStart, from, to);
  return count === 0 ? errorValue("#DIV/0!", "there are no numbers") : finiteOf(total / count);
}
