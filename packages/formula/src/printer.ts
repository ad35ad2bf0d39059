/**
 * Printer: a syntax tree to its canonical text.
 *
 * Parsing the text gives the same tree up to spans. Brackets written by the user are nodes and stay; where a tree
 * made by a program needs brackets to be read back right, they are added. Numbers print in the shortest form that
 * reads back as the same double, so `1_000` prints as `1000`.
 *
 * Long chains are left-deep: the left side is walked in a loop. Cost: linear.
 */
import { printLabel } from "./parser-index.ts";
import type { BinaryExpression, Expression, IndexItem } from "./syntax.ts";
import { printTightUnit } from "./unit.ts";

/**
 * The canonical text of an expression, without a leading `=`. A broken node prints as nothing.
 *
 * @example
 * ```ts
 * printExpression(parseFormula("=MIN( a,b)*1_000").expression); // "MIN(a, b) * 1000"
 * ```
 */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "number": {
      const digits = String(expression.value);
      return expression.unit === undefined ? digits : `${digits} ${printTightUnit(expression.unit)}`;
    }
    case "text":
      return `"${expression.value.replaceAll('"', '""')}"`;
    case "boolean":
      return expression.value ? "TRUE" : "FALSE";
    case "error":
      return expression.code;
    case "missing":
    case "broken":
      return "";
    case "name": {
      const name = expression.path.join(".");
      return expression.index === undefined
        ? name
        : `${name}[${expression.index.map(printIndexItem).join(", ")}]`;
    }
    case "a1":
      return printA1(expression.reference, expression.sheet);
    case "unary":
      return expression.operator + wrapped(expression.operand, unaryPrecedence);
    case "percent":
      return `${wrapped(expression.operand, percentPrecedence)}%`;
    case "binary":
      return printBinary(expression);
    case "call": {
      const list = expression.arguments.map(printExpression).join(", ");
      const over = expression.over?.map(({ name }) => name).join(", ");
      return `${printCallee(expression.callee)}(${list}${over === undefined ? "" : ` over ${over}`})`;
    }
    case "array":
      return `{${expression.rows.map((row) => row.map(printExpression).join(", ")).join("; ")}}`;
    case "parenthesised":
      return `(${[expression.inner, ...(expression.more ?? [])].map(printExpression).join(", ")})`;
  }
}

const unaryPrecedence = 6;
const percentPrecedence = 7;
const precedences: Readonly<Record<BinaryExpression["operator"], number>> = {
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

function precedenceOf(expression: Expression): number {
  if (expression.kind === "binary") return precedences[expression.operator];
  if (expression.kind === "unary") return unaryPrecedence;
  // A negative number can only come from a program; it is read back as a sign and a number.
  if (expression.kind === "number" && (expression.value < 0 || Object.is(expression.value, -0)))
    return unaryPrecedence;
  return percentPrecedence;
}

function wrapped(expression: Expression, precedenceMin: number): string {
  const text = printExpression(expression);
  return precedenceOf(expression) < precedenceMin ? `(${text})` : text;
}

function printBinary(expression: BinaryExpression): string {
  const parts: string[] = [];
  let node: Expression = expression;
  let precedence = 0;
  // From the last operator back to the first operand; each left side of at least its own precedence needs no brackets.
  while (node.kind === "binary" && precedences[node.operator] >= precedence) {
    precedence = precedences[node.operator];
    parts.push(` ${node.operator} ${wrapped(node.right, precedence + 1)}`);
    node = node.left;
  }
  parts.push(wrapped(node, precedence));
  return parts.reverse().join("");
}

function printCallee(callee: Expression): string {
  if (callee.kind === "name" || callee.kind === "call" || callee.kind === "parenthesised") {
    return printExpression(callee);
  }
  return `(${printExpression(callee)})`;
}

function printA1(reference: string, sheet: string | undefined): string {
  // A lone cell without `$` would be read back as a name.
  const text =
    sheet !== undefined || reference.includes(":") ? reference : reference.replace(/^([A-Z]+)/, "$$$1");
  if (sheet === undefined) return text;
  return `${/^[A-Za-z_]\w*$/.test(sheet) ? sheet : `'${sheet.replaceAll("'", "''")}'`}!${text}`;
}

/** One item of an index as text. */
export function printIndexItem(item: IndexItem): string {
  switch (item.kind) {
    case "all":
      return "*";
    case "lag":
      return printOffset(item.offset);
    case "window":
      if (item.from === Number.NEGATIVE_INFINITY) return `..${printOffset(item.to)}`;
      if (item.to === Number.POSITIVE_INFINITY) return `${printOffset(item.from)}..`;
      return `${printOffset(item.from)}..${printOffset(item.to)}${item.clip ? " clip" : ""}`;
    case "label":
      return printLabel(item.label);
    case "range":
      return `${item.from === undefined ? "" : printLabel(item.from)}..${item.to === undefined ? "" : printLabel(item.to)}`;
    case "key": {
      const text = printExpression(item.expression);
      return item.expression.kind === "text" || item.expression.kind === "number" ? `(${text})` : text;
    }
  }
}

function printOffset(offset: number): string {
  if (offset === 0) return "t";
  return offset < 0 ? `t${offset}` : `t+${offset}`;
}
