/**
 * Expressions as plain lists, to be sent to another thread: no functions, no depth.
 *
 *   3 + SUM(x)   →   [ literal 3 | read 0 | call SUM(1) | binary 0 + 2 ]
 *
 * Parts stand before what they are part of, which is named by its place, so the last is the whole. A function of the
 * library is sent by name and a curve by its points; structured cloning would follow a tree of 100,000 nodes into the
 * end of the stack. Both ways walk with a stack of their own. Cost: the expression.
 */
import {
  type BoundExpression,
  type CurvePoints,
  curveFunction,
  functionByName,
  partsOf,
} from "@reckon/formula";

type Definition = Extract<BoundExpression, { kind: "call" }>["definition"];

/** A part of an expression; `parts` are the places of what stands directly inside, in the order of `partsOf`. */
type PortablePart = {
  readonly parts: readonly number[];
  readonly of:
    | Extract<BoundExpression, { kind: "literal" | "missing" | "read" | "local" | "current" }>
    | { readonly kind: "unary"; readonly operator: "+" | "-" }
    | { readonly kind: "percent" | "apply" }
    | {
        readonly kind: "binary";
        readonly operator: Extract<BoundExpression, { kind: "binary" }>["operator"];
      }
    | { readonly kind: "call"; readonly name: string }
    | { readonly kind: "curve"; readonly points: CurvePoints }
    | { readonly kind: "array"; readonly widths: readonly number[] }
    | { readonly kind: "let"; readonly names: readonly string[] }
    | { readonly kind: "lambda"; readonly parameters: readonly string[] };
};

export type PortableExpression = readonly PortablePart[];

/** The expression as a list, or `undefined` where it calls what only this thread has. */
export function portableExpression(root: BoundExpression): PortableExpression | undefined {
  const list: PortablePart[] = [];
  /** An expression that waits for its parts stands with the number of those that are done. */
  const open: { readonly node: BoundExpression; readonly inside: readonly BoundExpression[] }[] = [];
  const places: number[] = [];
  const pending: (BoundExpression | null)[] = [root];
  while (pending.length > 0) {
    const node = pending.pop() as BoundExpression | null;
    if (node !== null) {
      const inside = partsOf(node);
      open.push({ node, inside });
      pending.push(null);
      for (let i = inside.length - 1; i >= 0; i--) pending.push(inside[i] as BoundExpression);
      continue;
    }
    const done = open.pop() as (typeof open)[number];
    const of = headOf(done.node);
    if (of === undefined) return undefined;
    const parts = places.splice(places.length - done.inside.length);
    places.push(list.length);
    list.push({ parts, of });
  }
  return list;
}

function headOf(node: BoundExpression): PortablePart["of"] | undefined {
  switch (node.kind) {
    case "literal":
    case "missing":
    case "read":
    case "local":
    case "current":
      return node;
    case "percent":
    case "apply":
      return { kind: node.kind };
    case "unary":
      return { kind: "unary", operator: node.operator };
    case "binary":
      return { kind: "binary", operator: node.operator };
    case "call":
      return callOf(node.definition);
    case "array":
      return { kind: "array", widths: node.rows.map((row) => row.length) };
    case "let":
      return { kind: "let", names: node.names };
    case "lambda":
      return { kind: "lambda", parameters: node.parameters };
    case "module-call":
      return undefined;
    default:
      return node satisfies never;
  }
}

function callOf(definition: Definition): PortablePart["of"] | undefined {
  if (functionByName(definition.name) === definition) return { kind: "call", name: definition.name };
  if (definition.family !== "curves") return undefined;
  // A curve's name is its points.
  const numbers = definition.name.split(" ").slice(1).map(Number);
  const points = numbers.flatMap((x, i) => (i % 2 === 0 ? [{ x, y: numbers[i + 1] as number }] : []));
  return { kind: "curve", points };
}

/** The expression that a list was made of. Throws what `kernelOf` of a program may throw: the list is not one of ours. */
export function boundExpression(list: PortableExpression): BoundExpression {
  const made: BoundExpression[] = [];
  for (const { of, parts } of list)
    made.push(
      madeOf(
        of,
        parts.map((place) => made[place] as BoundExpression),
      ),
    );
  return made.at(-1) as BoundExpression;
}

function madeOf(of: PortablePart["of"], parts: readonly BoundExpression[]): BoundExpression {
  const [first, second] = parts as readonly [BoundExpression, BoundExpression];
  switch (of.kind) {
    case "literal":
    case "missing":
    case "read":
    case "local":
    case "current":
      return of;
    case "unary":
      return { kind: "unary", operator: of.operator, operand: first };
    case "percent":
      return { kind: "percent", operand: first };
    case "binary":
      return { kind: "binary", operator: of.operator, left: first, right: second };
    case "call": {
      const definition = functionByName(of.name);
      if (definition === undefined) throw new Error(`no function ${of.name}`);
      return { kind: "call", definition, arguments: parts };
    }
    case "curve":
      return { kind: "call", definition: curveFunction(of.points), arguments: parts };
    case "array":
      return { kind: "array", rows: rowsOf(of.widths, parts) };
    case "let":
      return { kind: "let", names: of.names, values: parts.slice(0, -1), body: parts.at(-1) ?? first };
    case "lambda":
      return { kind: "lambda", parameters: of.parameters, body: first };
    case "apply":
      return { kind: "apply", callee: first, arguments: parts.slice(1) };
    default:
      return of satisfies never;
  }
}

function rowsOf(widths: readonly number[], cells: readonly BoundExpression[]): BoundExpression[][] {
  let from = 0;
  return widths.map((width) => {
    const row = cells.slice(from, from + width);
    from += width;
    return row;
  });
}
