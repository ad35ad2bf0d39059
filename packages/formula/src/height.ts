/**
 * How much of the call stack evaluating an expression may take, in levels: one for each node on the longest way down,
 * more for calls, whose arguments may be evaluated from inside a function. The left sides of operator chains are no
 * levels, as they are evaluated in a loop. Recursive functions are held within a budget of these levels, so what is too deep
 * is the same on every machine.
 *
 * Cost: the tree, once.
 */
import type { BoundExpression } from "./bound.ts";

const callLevels = 4;
const heights = new WeakMap<BoundExpression, number>();

/** The levels of an expression; parts that are functions of their own (LAMBDA) count as one, until they are called. */
export function heightOf(root: BoundExpression): number {
  const known = heights.get(root);
  if (known !== undefined) return known;
  let height = 0;
  const pending: { readonly node: BoundExpression; readonly level: number }[] = [{ node: root, level: 1 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, level } = next;
    height = Math.max(height, level);
    const go = (list: readonly BoundExpression[], levels: number): void => {
      for (const one of list) pending.push({ node: one, level: level + levels });
    };
    switch (node.kind) {
      case "unary":
      case "percent":
        go([node.operand], 1);
        break;
      case "binary":
        go([node.left], node.left.kind === "binary" ? 0 : 1);
        go([node.right], 1);
        break;
      case "call":
      case "module-call":
        go(node.arguments, callLevels);
        break;
      case "apply":
        go([node.callee, ...node.arguments], callLevels);
        break;
      case "array":
        go(node.rows.flat(), 1);
        break;
      case "let":
        go([...node.values, node.body], 1);
        break;
      default:
    }
  }
  heights.set(root, height);
  return height;
}
