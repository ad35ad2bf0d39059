/**
 * The names that an expression uses, with their places: for search, rename and lists of dependencies.
 *
 * Names of `LET` and `LAMBDA` are left out where they are in force. The tree is walked with a stack of its own, in
 * the order written. Cost: linear.
 */
import type { Span } from "./diagnostic.ts";
import type { CallExpression, Expression } from "./syntax.ts";

export interface NameUse {
  /**
   * - `name`: an attribute, a column of a table axis, a name bound by `eval`;
   * - `function`: what is called (a library function, or `module.function`);
   * - `axis`: behind `over`;
   * - `label`: a single name or label between index brackets, a member or a key.
   */
  readonly kind: "name" | "function" | "axis" | "label";
  readonly path: readonly string[];
  /** The name alone, without an index behind it. */
  readonly span: Span;
}

/**
 * All uses of names, in the order written.
 *
 * @example
 * ```ts
 * namesIn(parseFormula("sum(mrr[t-1] over segment)").expression).map((use) => use.path.join("."));
 * // ["sum", "mrr", "segment"]
 * ```
 */
export function namesIn(expression: Expression): readonly NameUse[] {
  const uses: NameUse[] = [];
  const pending: { readonly node: Expression; readonly locals: ReadonlySet<string> }[] = [
    { node: expression, locals: new Set() },
  ];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, locals } = next;
    const inner = (list: readonly Expression[], within: ReadonlySet<string> = locals): void => {
      for (const one of list) pending.push({ node: one, locals: within });
    };
    switch (node.kind) {
      case "name":
        if (!locals.has(node.path.join(".").toLowerCase())) uses.push(use("name", node));
        for (const item of node.index ?? []) {
          if (item.kind === "label") uses.push({ kind: "label", path: [item.label], span: item.span });
          else if (item.kind === "key") inner([item.expression]);
        }
        break;
      case "unary":
      case "percent":
        inner([node.operand]);
        break;
      case "binary":
        inner([node.left, node.right]);
        break;
      case "parenthesised":
        inner([node.inner, ...(node.more ?? [])]);
        break;
      case "array":
        for (const row of node.rows) inner(row);
        break;
      case "call":
        for (const axis of node.over ?? []) uses.push({ kind: "axis", path: [axis.name], span: axis.span });
        if (node.callee.kind !== "name") inner([node.callee]);
        else if (!locals.has(node.callee.path.join(".").toLowerCase()))
          uses.push(use("function", node.callee));
        inner(...argumentsOf(node, locals));
        break;
      default:
    }
  }
  return uses.sort((a, b) => a.span.start - b.span.start);
}

function use(kind: "name" | "function", node: Extract<Expression, { kind: "name" }>): NameUse {
  const start = node.span.start;
  const length = node.index === undefined ? node.span.end - start : node.path.join(".").length;
  return { kind, path: node.path, span: { start, end: start + length } };
}

/** The arguments that hold uses, and the local names in force in them (of all the call, which is enough for a listing). */
function argumentsOf(
  node: CallExpression,
  locals: ReadonlySet<string>,
): [readonly Expression[], ReadonlySet<string>] {
  const name = node.callee.kind === "name" ? node.callee.path.join(".").toUpperCase() : "";
  if (name !== "LET" && name !== "LAMBDA") return [node.arguments, locals];
  const last = node.arguments.length - 1;
  const isDeclared = (i: number): boolean => i < last && (name === "LAMBDA" || i % 2 === 0);
  const within = new Set(locals);
  node.arguments.forEach((one, i) => {
    if (isDeclared(i) && one.kind === "name") within.add(one.path.join(".").toLowerCase());
  });
  return [node.arguments.filter((_, i) => !isDeclared(i)), within];
}
