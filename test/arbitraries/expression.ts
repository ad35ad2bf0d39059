/**
 * Random syntax trees of formulas, of the kind the parser makes: brackets stand where they are needed, numbers are not
 * negative, labels are texts of any sort. Spans are empty. `expressionTree` draws from `Choices`, so trees shrink.
 */
import type { BinaryOperator, Expression, IndexItem, UnitExpression } from "@reckon/formula";
import { errorCodes } from "@reckon/value";
import type { Choices } from "./choices.ts";

const span = { start: 0, end: 0 };
const names = ["price", "revenue.mrr", "x1", "größe", "_a", "T", "true_north", "over_all"] as const;
const functions = ["SUM", "MIN", "IF", "STDEV.S", "T.INV.2T", "matchup.defence", "LOG10"] as const;
const labels = ["Ent", "New York", "t", "2026-03", "2026-Q1", "12", 'a "b"', "", "1st", "2026-W05", "a.b"];
const binaryOperators: readonly BinaryOperator[] = [
  ..."+-*/^&=<>",
  "<>",
  "<=",
  ">=",
] as readonly BinaryOperator[];
const looseness: Readonly<Record<BinaryOperator, number>> = {
  "=": 1,
  "<>": 1,
  "<": 1,
  "<=": 1,
  ">": 1,
  ">=": 1,
  "&": 2,
  "+": 3,
  "-": 3,
  "*": 4,
  "/": 4,
  "^": 5,
};

/** A random tree at most `depth` levels high (but for chains of operators, which are longer). */
export function expressionTree(choices: Choices, depth = 4): Expression {
  if (depth <= 0) return leaf(choices);
  switch (choices.below(8)) {
    case 0:
    case 1:
      return leaf(choices);
    case 2:
    case 3:
      return chain(choices, depth);
    case 4:
      return call(choices, depth);
    case 5: {
      const operator = choices.pick(["-", "+", "@"] as const);
      return { kind: "unary", operator, operand: tight(expressionTree(choices, depth - 1), 6), span };
    }
    case 6:
      return { kind: "percent", operand: tight(expressionTree(choices, depth - 1), 7), span };
    default:
      return choices.once(3) ? array(choices, depth) : brackets(expressionTree(choices, depth - 1));
  }
}

function leaf(choices: Choices): Expression {
  switch (choices.below(6)) {
    case 0:
      return {
        kind: "number",
        value: Math.abs(choices.number()),
        span,
        ...(choices.once(4) ? { unit: unit(choices) } : {}),
      };
    case 1:
      return { kind: "text", value: choices.pick(["", 'say "hi"', "漢\t字", "# no comment", "'"]), span };
    case 2:
      return { kind: "boolean", value: choices.once(2), span };
    case 3:
      return { kind: "error", code: choices.pick(errorCodes), span };
    case 4:
      return { kind: "a1", ...choices.pick(cells), span };
    default:
      return name(choices, 1);
  }
}

const cells = [
  { reference: "B2" },
  { reference: "A1:B9" },
  { reference: "A:C" },
  { reference: "1:3" },
  { reference: "C3", sheet: "Sheet1" },
  { reference: "A1:A2", sheet: "it's mine" },
] as const;

function unit(choices: Choices): UnitExpression {
  const list = ["USD", "seat", "kg", "m"].slice(0, 1 + choices.below(3));
  const factors = list.map((one) => ({ name: one, exponent: choices.pick([1, -1, 2, -2]) }));
  return { factors, span };
}

function name(choices: Choices, depth: number): Expression {
  const path = choices.pick(names).split(".");
  if (depth <= 0 || !choices.once(3)) return { kind: "name", path, span };
  const index = Array.from({ length: 1 + choices.below(2) }, () => indexItem(choices, depth - 1));
  return { kind: "name", path, index, span };
}

function indexItem(choices: Choices, depth: number): IndexItem {
  const offset = choices.below(25) - 12;
  switch (choices.below(6)) {
    case 0:
      return { kind: "all", span };
    case 1:
      return { kind: "lag", offset, span };
    case 2:
      if (choices.once(4))
        return { kind: "window", from: Number.NEGATIVE_INFINITY, to: offset, clip: true, span };
      if (choices.once(4))
        return { kind: "window", from: offset, to: Number.POSITIVE_INFINITY, clip: true, span };
      return { kind: "window", from: offset, to: offset + choices.below(12), clip: choices.once(2), span };
    case 3:
      return { kind: "label", label: choices.pick(labels), span };
    case 4: {
      const [from, to] = [choices.pick(labels), choices.pick(labels)];
      const open = choices.below(3);
      return { kind: "range", ...(open === 1 ? {} : { from }), ...(open === 2 ? {} : { to }), span };
    }
    default: {
      const key: Expression = { kind: "name", path: ["player", "opponent"], span };
      return { kind: "key", expression: depth > 0 ? chainOf(key, leaf(choices)) : key, span };
    }
  }
}

function chainOf(left: Expression, right: Expression): Expression {
  return { kind: "binary", operator: "&", left, right: tight(right, 3), span };
}

/** `a + b * c - …`: left-deep, with brackets where the operators need them. */
function chain(choices: Choices, depth: number): Expression {
  let left = expressionTree(choices, depth - 1);
  for (let i = 0; i <= choices.below(4); i++) {
    const operator = choices.pick(binaryOperators);
    const at = looseness[operator];
    const right = tight(expressionTree(choices, depth - 1), at + 1);
    left = { kind: "binary", operator, left: tight(left, at), right, span };
  }
  return left;
}

function call(choices: Choices, depth: number): Expression {
  const isApplied = choices.once(4);
  const path = choices.pick(functions).split(".");
  const callee: Expression = isApplied
    ? choices.once(2)
      ? brackets(expressionTree(choices, depth - 1))
      : { kind: "call", callee: { kind: "name", path, span }, arguments: [], span }
    : { kind: "name", path, span };
  const list = Array.from({ length: choices.below(4) }, () =>
    choices.once(6) ? ({ kind: "missing", span } as const) : expressionTree(choices, depth - 1),
  );
  // One argument left empty cannot be told from none.
  const only = list.length === 1 && list[0]?.kind === "missing" ? [] : list;
  const over =
    choices.once(4) && only.length > 0 && only.at(-1)?.kind !== "missing"
      ? [{ name: "segment", span }]
      : undefined;
  return { kind: "call", callee, arguments: only, span, ...(over === undefined ? {} : { over }) };
}

function array(choices: Choices, depth: number): Expression {
  const width = 1 + choices.below(3);
  const row = (): Expression[] => Array.from({ length: width }, () => expressionTree(choices, depth - 2));
  return { kind: "array", rows: Array.from({ length: 1 + choices.below(2) }, row), span };
}

function brackets(inner: Expression): Expression {
  return { kind: "parenthesised", inner, span };
}

/** The expression, in brackets unless it binds at least as tight as `at`. */
function tight(expression: Expression, at: number): Expression {
  const own =
    expression.kind === "binary" ? looseness[expression.operator] : expression.kind === "unary" ? 6 : 7;
  return own < at ? brackets(expression) : expression;
}
