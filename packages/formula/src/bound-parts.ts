/** The parts of a bound expression. Walks use a stack of their own; cost: the expression. */
import type { BoundExpression } from "./bound.ts";

/** Visits an expression and all its parts, what is around before what is inside. */
export function eachPart(root: BoundExpression, visit: (part: BoundExpression) => void): void {
  const pending = [root];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    visit(part);
    for (const inner of partsOf(part)) pending.push(inner);
  }
}

/** Whether `test` holds for the expression or a part of it. */
export function somePart(root: BoundExpression, test: (part: BoundExpression) => boolean): boolean {
  const pending = [root];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (test(part)) return true;
    for (const inner of partsOf(part)) pending.push(inner);
  }
  return false;
}

/** What stands directly inside, in the order of evaluation; a key inside a reference is no part. */
export function partsOf(expression: BoundExpression): readonly BoundExpression[] {
  switch (expression.kind) {
    case "unary":
    case "percent":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    case "call":
    case "module-call":
      return expression.arguments;
    case "apply":
      return [expression.callee, ...expression.arguments];
    case "array":
      return expression.rows.flat();
    case "let":
      return [...expression.values, expression.body];
    case "lambda":
      return [expression.body];
    case "literal":
    case "missing":
    case "read":
    case "local":
    case "current":
      return [];
    default:
      return expression satisfies never;
  }
}
