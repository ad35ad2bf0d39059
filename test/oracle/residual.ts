/**
 * What is left over where values are said to solve a model: every formula computed once more from the values as they
 * stand, with the interpreting evaluator, and compared with the value that the cell has. No iteration, no tolerance.
 */
import { evaluateCell } from "@reckon/formula";
import type { CheckedModel } from "@reckon/model";
import type { Column } from "@reckon/value";

export interface Residual {
  readonly attribute: string;
  readonly cell: number;
  /** |formula's value − cell's value| as a share of the largest value of all, or of 1; infinite where one is no number. */
  readonly part: number;
}

/** The largest residual of the attributes named; nothing where none has a formula. */
export function largestResidual(
  model: CheckedModel,
  attributes: Iterable<string>,
  read: (attribute: string) => Column,
): Residual | undefined {
  let largest: Residual | undefined;
  let scale = 1;
  for (const attribute of attributes) {
    const checked = model.attributes.get(attribute);
    if (checked?.kind !== "formula" || checked.formula === undefined) continue;
    const { formula } = checked;
    const columns = formula.references.map((reference) => read(reference.attribute));
    const column = read(attribute);
    const { periods } = column.shape;
    for (let cell = 0; cell < column.length; cell++) {
      const place = { outer: Math.floor(cell / periods), period: cell % periods };
      const value = column.get(cell);
      const part = difference(evaluateCell(formula, columns, place), value);
      if (typeof value === "number") scale = Math.max(scale, Math.abs(value));
      if (largest === undefined || part > largest.part) largest = { attribute, cell, part };
    }
  }
  return largest && { ...largest, part: largest.part / scale };
}

function difference(again: unknown, value: unknown): number {
  if (typeof again === "number" && typeof value === "number") return Math.abs(again - value);
  return typeof again === typeof value && typeof value !== "number" ? 0 : Number.POSITIVE_INFINITY;
}
