/** What formulas are made of, for those who look for something in them. Walked with a stack: expressions may be deep. */
import type { BoundExpression, BoundFormula } from "@reckon/formula";
import type { CheckedFormula } from "@reckon/model";

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

function partsOf(expression: BoundExpression): readonly BoundExpression[] {
  switch (expression.kind) {
    case "literal":
    case "missing":
    case "read":
    case "local":
    case "current":
      return [];
    case "unary":
    case "percent":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "call":
    case "module-call":
      return expression.arguments;
    case "array":
      return expression.rows.flat();
    case "let":
      return [...expression.values, expression.body];
    case "lambda":
      return [expression.body];
    case "apply":
      return [expression.callee, ...expression.arguments];
  }
}
