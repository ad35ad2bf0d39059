import { type BoundExpression, type BoundFormula, partsOf } from "@reckon/formula";

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
