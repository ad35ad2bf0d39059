/** What formulas are made of and who reads what, for those who look for something in them. Walked with a stack: expressions may be deep. */
import { type BoundExpression, type BoundFormula, partsOf } from "@reckon/formula";
import { type CheckedFormula, type CheckedModel, readsOf } from "@reckon/model";

/** All that computes an attribute: its formula, and the hidden stocks and delays in it. */
export function formulasOf(attribute: CheckedFormula): readonly BoundFormula[] {
  const all: CheckedFormula[] = [attribute, ...(attribute.hidden ?? [])];
  return all.flatMap(({ formula, time }) => [
    formula,
    ...(time === undefined ? [] : [time]),
    ...(formula.integral === undefined ? [] : [formula.integral.initial]),
    ...(formula.delay === undefined ? [] : [formula.delay.time, formula.delay.initial]),
  ]);
}

/** Every expression in a formula. Cost: the formula, without those that its axes' keys are. */
export function expressionsIn({ root, start, end }: BoundFormula): readonly BoundExpression[] {
  const found = [root, start, end].filter((each) => each !== undefined);
  // The list grows while it is walked.
  for (const next of found) found.push(...partsOf(next));
  return found;
}

/** Of each attribute that is read, the formulas that read it, those behind their hidden stocks and delays included. */
export function readersIn(model: CheckedModel): ReadonlyMap<string, readonly string[]> {
  const readers = new Map<string, string[]>();
  for (const attribute of model.attributes.values()) {
    if (attribute.kind !== "formula") continue;
    const parts = [attribute, ...(attribute.hidden ?? [])];
    for (const read of new Set(parts.flatMap(readsOf))) {
      const list = readers.get(read);
      if (list === undefined) readers.set(read, [attribute.id]);
      else list.push(attribute.id);
    }
  }
  return readers;
}
