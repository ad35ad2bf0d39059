/** Formulas that a range node of the engine can stand for: a lone `SUM(A1:A9)`, `COUNT(…)` or `AVERAGE(…)`. */
import type { RangeAggregate } from "@reckon/engine";
import type { BoundFormula, Reference } from "@reckon/formula";

const aggregates: ReadonlyMap<string, RangeAggregate> = new Map([
  ["SUM", "sum"],
  ["COUNT", "count"],
  ["AVERAGE", "average"],
]);

export interface RangeRead {
  readonly aggregate: RangeAggregate;
  readonly reference: Reference;
  readonly from: number;
  readonly to: number;
}

/** What a formula over cells of one column of a worksheet reads, if there is nothing else to it. */
export function rangeOf({ root, references }: BoundFormula): RangeRead | undefined {
  if (root.kind !== "call" || root.arguments.length !== 1) return undefined;
  const aggregate = aggregates.get(root.definition.name);
  const [argument] = root.arguments;
  if (aggregate === undefined || argument?.kind !== "read") return undefined;
  const reference = references[argument.slot];
  const [access] = reference?.access ?? [];
  if (reference?.axes.length !== 1 || access?.kind !== "range") return undefined;
  return { aggregate, reference, from: access.from, to: access.to };
}
