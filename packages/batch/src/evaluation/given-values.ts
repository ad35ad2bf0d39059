/** The invariants of a program as the columns that a sheet is given. */
import { type GivenColumns, shapeOf } from "@reckon/plan";
import { axisOf, Column } from "@reckon/value";
import type { BatchProgram } from "../program.ts";
import { decodeBlock } from "./result-block.ts";

/** `timeAxis`: which axis is time, and so innermost by itself. */
export function givenValues(
  { invariants }: Pick<BatchProgram, "invariants">,
  timeAxis: string | undefined,
): GivenColumns {
  const given = new Map<string, Column>();
  const block = invariants.length === 0 ? undefined : decodeBlock(invariants);
  for (const [i, { id, axes }] of (block?.attributes ?? []).entries()) {
    const read = (block as NonNullable<typeof block>).column(i);
    const periods = axes.find(({ name }) => name === timeAxis)?.labels.length ?? 1;
    const outer = shapeOf(axes.map(({ name, labels }) => axisOf(name, labels))).outer / periods;
    const column = new Column({ outer, periods }, read.numbers);
    for (let cell = 0; cell < read.length; cell++)
      if (read.marks !== null && read.marks[cell] !== 0) column.set(cell, read.get(cell));
    given.set(id, column);
  }
  return given;
}
