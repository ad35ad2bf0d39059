/** An expression with other parts. */
import { type BoundExpression, partsOf } from "@reckon/formula";

/** The expression with each part replaced by what `replace` gives for it; the same object where nothing is replaced. */
export function withParts(
  node: BoundExpression,
  replace: (part: BoundExpression, index: number) => BoundExpression,
): BoundExpression {
  const before = partsOf(node);
  if (before.length === 0) return node;
  const parts = before.map(replace);
  if (parts.every((part, i) => part === before[i])) return node;
  const [first, second] = parts as [BoundExpression, BoundExpression];
  switch (node.kind) {
    case "literal":
    case "missing":
    case "read":
    case "local":
    case "current":
      return node;
    case "unary":
    case "percent":
      return { ...node, operand: first };
    case "binary":
      return { ...node, left: first, right: second };
    case "call":
    case "module-call":
      return { ...node, arguments: parts };
    case "array": {
      const width = node.rows[0]?.length ?? 0;
      return { ...node, rows: node.rows.map((_, row) => parts.slice(row * width, (row + 1) * width)) };
    }
    case "let":
      return { ...node, values: parts.slice(0, -1), body: parts.at(-1) as BoundExpression };
    case "lambda":
      return { ...node, body: first };
    case "apply":
      return { ...node, callee: first, arguments: parts.slice(1) };
  }
}
