import type { BoundExpression, BoundFormula } from "@reckon/formula";

/** One function of a module that a formula calls. */
export interface ModuleCall {
  readonly module: string;
  readonly name: string;
}

/** The calls of module functions in a formula. The tree is walked with a stack of its own. Cost: the formula. */
export function moduleCallsOf(formula: BoundFormula): readonly ModuleCall[] {
  const calls: ModuleCall[] = [];
  if (!formula.callsModule) return calls;
  const stack: BoundExpression[] = [formula.root];
  if (formula.start !== undefined) stack.push(formula.start);
  if (formula.end !== undefined) stack.push(formula.end);
  for (const reference of formula.references)
    for (const access of reference.access) if (access.kind === "key") stack.push(access.key);
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === "module-call") calls.push({ module: node.module, name: node.name });
    stack.push(...partsOf(node));
  }
  return calls;
}

function partsOf(node: BoundExpression): readonly BoundExpression[] {
  switch (node.kind) {
    case "literal":
    case "missing":
    case "read":
    case "local":
    case "current":
      return [];
    case "unary":
    case "percent":
      return [node.operand];
    case "binary":
      return [node.left, node.right];
    case "call":
    case "module-call":
      return node.arguments;
    case "array":
      return node.rows.flat();
    case "let":
      return [...node.values, node.body];
    case "lambda":
      return [node.body];
    case "apply":
      return [node.callee, ...node.arguments];
  }
}
