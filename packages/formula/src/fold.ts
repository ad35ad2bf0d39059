/**
 * Folding: parts of an expression that depend on nothing but numbers, texts and truths written in it are computed once, by
 * the evaluator itself, so with the same bits. A part that gives an error, an array or a function stays as it is: it keeps its
 * place and its wording.
 *
 *   price * (1 + 19%) ^ 2     price * 1.4161
 *
 * Nothing is put in another order: `price * 2 * 3` has no such part, since it is (price * 2) * 3. Cost: the expression.
 */
import { isArrayValue, isErrorValue } from "@reckon/value";
import type { BoundExpression } from "./bound.ts";
import { evaluateConstant } from "./evaluate.ts";
import { isLambda } from "./functions/definition.ts";

type Binary = Extract<BoundExpression, { kind: "binary" }>;

/** The expression with constant parts computed, and how many were; the same object when there are none. */
export function folded(root: BoundExpression): {
  readonly root: BoundExpression;
  readonly count: number;
} {
  let count = 0;
  const computed = (node: BoundExpression): BoundExpression => {
    const value = evaluateConstant({ root: node, references: [], axes: [], callsModule: false });
    const isKept = value === null || isErrorValue(value) || isArrayValue(value) || isLambda(value);
    if (isKept || (typeof value === "number" && !Number.isFinite(value))) return node;
    count++;
    return { kind: "literal", value };
  };
  const fold = (node: BoundExpression): BoundExpression => {
    switch (node.kind) {
      case "unary":
      case "percent": {
        const operand = fold(node.operand);
        const next = operand === node.operand ? node : { ...node, operand };
        return isConstant(operand) ? computed(next) : next;
      }
      case "binary":
        return foldBinary(node);
      case "call": {
        const list = foldAll(node.arguments);
        const next = list === node.arguments ? node : { ...node, arguments: list };
        const isFixed = list.length > 0 && list.every(isConstant) && node.definition.isVolatile !== true;
        return isFixed ? computed(next) : next;
      }
      case "let": {
        const values = foldAll(node.values);
        const body = fold(node.body);
        return values === node.values && body === node.body ? node : { ...node, values, body };
      }
      default:
        return node;
    }
  };
  const foldAll = (list: readonly BoundExpression[]): readonly BoundExpression[] => {
    const next = list.map(fold);
    return next.every((one, i) => one === list[i]) ? list : next;
  };
  const foldBinary = (node: Binary): BoundExpression => {
    const chain: Binary[] = [];
    let first: BoundExpression = node;
    while (first.kind === "binary") {
      chain.push(first);
      first = first.left;
    }
    let left = fold(first);
    for (let i = chain.length - 1; i >= 0; i--) {
      const written = chain[i] as Binary;
      const right = fold(written.right);
      const next: Binary =
        left === written.left && right === written.right ? written : { ...written, left, right };
      left = isConstant(left) && isConstant(right) ? computed(next) : next;
    }
    return left;
  };
  return { root: fold(root), count };
}

function isConstant(node: BoundExpression): boolean {
  return node.kind === "literal" && !isArrayValue(node.value) && !isErrorValue(node.value);
}
