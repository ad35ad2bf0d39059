/** A short name of a piece for people: its expression as far as there is room, with full names of what it reads. */
import type { BoundExpression, BoundFormula } from "@reckon/formula";

const depthMax = 4;
const lengthMax = 48;

/** `sum(sales.units)`, `LN(a.x + 1) * …`. Not a formula: it cannot be read back. */
export function pieceName({ root, references }: BoundFormula): string {
  const textOf = (node: BoundExpression, depth: number): string => {
    if (depth > depthMax) return "…";
    const part = (one: BoundExpression): string => textOf(one, depth + 1);
    switch (node.kind) {
      case "literal":
        return typeof node.value === "object" && node.value !== null ? "…" : String(node.value);
      case "read":
        return references[node.slot]?.attribute.replace(/^shared (.*) #\d+$/, "$1") ?? "…";
      case "unary":
        return `${node.operator}${part(node.operand)}`;
      case "percent":
        return `${part(node.operand)}%`;
      case "binary":
        return `${operand(node.left, part)} ${node.operator} ${operand(node.right, part)}`;
      case "call": {
        const { name, reduces } = node.definition;
        return `${reduces === true ? name.toLowerCase() : name}(${node.arguments.map(part).join(", ")})`;
      }
      case "current":
        return `${node.fact} of ${node.axis}`;
      default:
        return "…";
    }
  };
  const text = textOf(root, 0);
  return text.length > lengthMax ? `${text.slice(0, lengthMax - 1)}…` : text;
}

function operand(node: BoundExpression, part: (one: BoundExpression) => string): string {
  return node.kind === "binary" ? `(${part(node)})` : part(node);
}
