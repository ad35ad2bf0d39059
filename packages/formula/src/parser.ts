/**
 * Parser: tokens to a syntax tree, by operator precedence (Pratt).
 *
 *   formula     = [ "=" ] expression
 *   expression  = prefixed { operator expression }          by precedence, all left associative:
 *                     = <> < <= > >=   1
 *                     &                2
 *                     + -              3
 *                     * /              4
 *                     ^                5    so 2^3^2 is 64, as in Excel
 *   prefixed    = { "+" | "-" | "@" } postfixed             binds tighter than ^, so -2^2 is 4, as in Excel
 *   postfixed   = primary { "%" | "(" arguments ")" }
 *   primary     = number [ unit ] | text | error | TRUE | FALSE | reference | "(" expression ")"
 *               | "(" expression { "," expression } ")"          areas of a worksheet joined
 *               | "{" row { ";" row } "}"
 *   reference   = name { "." name } [ "[" index { "," index } "]" ]     see parser-index.ts
 *               | [ sheet "!" ] cell [ ":" cell ]                      see a1.ts
 *   arguments   = [ [ expression ] { "," [ expression ] } ] [ "over" name { "," name } ]
 *
 * A cell on its own without `$` (`B2`) is read as a name; whoever binds names decides whether it is a cell.
 *
 * Recovery: a missing operand becomes a `broken` node and parsing goes on with the operator; inside brackets what
 * cannot be read is skipped up to the next separator. So several mistakes in one formula are all told.
 *
 * Long chains (`1+1+1+…`) are left-deep and parsed in a loop; brackets, prefixes and calls nest up to `nestingMax`.
 * Cost: linear.
 */
import { errorCodes } from "@reckon/value";
import { cellEndAt, rangeEndAt } from "./a1.ts";
import { Cursor, type CursorOptions, nestingMax, spanOf } from "./cursor.ts";
import type { Diagnostic, Span } from "./diagnostic.ts";
import { parseIndex } from "./parser-index.ts";
import { parseName, parseSheet, takeA1 } from "./parser-reference.ts";
import type { BinaryOperator, Expression, IndexItem, NumberLiteral } from "./syntax.ts";
import type { Token } from "./token.ts";
import { parseTightUnitAt } from "./unit.ts";

export interface ParseOptions extends CursorOptions {}

export interface ParseResult {
  /** Always there; what could not be read is a `broken` node. */
  readonly expression: Expression;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses a whole text as one formula; a leading `=` is optional.
 *
 * @example
 * ```ts
 * parseFormula("=seats * price").expression.kind; // "binary"
 * ```
 */
export function parseFormula(text: string, options: ParseOptions = {}): ParseResult {
  const cursor = new Cursor(text, 0, text.length, { isMultiline: true, ...options });
  if (cursor.isOperator("=")) cursor.advance();
  if (cursor.isAtEnd()) {
    cursor.report("formula/empty", cursor.here(), {});
    return { expression: { kind: "broken", span: cursor.here() }, diagnostics: cursor.diagnostics };
  }
  const expression = parseExpression(cursor);
  while (!cursor.isAtEnd()) {
    reportUnexpected(cursor);
    // What stands behind is parsed only for its own mistakes.
    if (startsOperand(cursor.token)) parseExpression(cursor);
    else cursor.seek(cursor.token.end);
  }
  return { expression, diagnostics: cursor.diagnostics };
}

/**
 * Parses an expression that begins at `start` and stops at the first token that cannot continue it; `end` is the
 * offset behind the last token taken. All spans are offsets into the whole `text`.
 *
 * @example
 * ```ts
 * const line = "seats = seats[t-1] + adds   start 100";
 * parseExpressionAt(line, 7, line.length, { stopWords: new Set(["start"]) }).end; // 25
 * ```
 */
export function parseExpressionAt(
  text: string,
  start: number,
  end: number,
  options: ParseOptions = {},
): ParseResult & { readonly end: number } {
  const cursor = new Cursor(text, start, end, options);
  const expression = parseExpression(cursor);
  return { expression, end: Math.max(cursor.previousEnd, start), diagnostics: cursor.diagnostics };
}

/** Parses a name with an optional index at `start`: `revenue.adds[*, 2027-01..]`, and nothing behind it. */
export function parseReferenceAt(
  text: string,
  start: number,
  end: number,
  options: ParseOptions = {},
): ParseResult & { readonly end: number } {
  const cursor = new Cursor(text, start, end, options);
  const expression =
    cursor.token.kind === "name" ? parseName(cursor, parseExpression) : missingOperand(cursor);
  return { expression, end: Math.max(cursor.previousEnd, start), diagnostics: cursor.diagnostics };
}

/** Parses what stands between index brackets; `start` is the offset of the `[`. */
export function parseIndexAt(
  text: string,
  start: number,
  end: number,
  options: ParseOptions = {},
): {
  readonly items: readonly IndexItem[];
  readonly end: number;
  readonly diagnostics: readonly Diagnostic[];
} {
  const cursor = new Cursor(text, start, end, options);
  const items = cursor.isOperator("[") ? parseIndex(cursor, "", parseExpression) : [];
  return { items, end: cursor.previousEnd, diagnostics: cursor.diagnostics };
}

const precedences: Readonly<Record<string, number>> = {
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

function parseExpression(cursor: Cursor): Expression {
  return parseBinary(cursor, 1);
}

function parseBinary(cursor: Cursor, precedenceMin: number): Expression {
  let left = parsePrefixed(cursor);
  for (;;) {
    const token = cursor.token;
    if (token.kind !== "operator") return left;
    const precedence = precedences[token.text];
    if (precedence === undefined || precedence < precedenceMin) return left;
    cursor.advance();
    const right = parseBinary(cursor, precedence + 1);
    const span = { start: left.span.start, end: right.span.end };
    left = { kind: "binary", operator: token.text as BinaryOperator, left, right, span };
  }
}

function parsePrefixed(cursor: Cursor): Expression {
  if (cursor.token.kind !== "operator") return parsePostfixed(cursor);
  const signs: Token[] = [];
  while (cursor.isOperator("-") || cursor.isOperator("+") || cursor.isOperator("@"))
    signs.push(cursor.advance());
  if (signs.length === 0) return parsePostfixed(cursor);
  if (cursor.depth + signs.length > nestingMax) {
    cursor.report("formula/too-deep", spanOf(signs[0] as Token), { limit: nestingMax });
    signs.length = 0;
  }
  cursor.depth += signs.length;
  let operand = parsePostfixed(cursor);
  cursor.depth -= signs.length;
  for (let i = signs.length - 1; i >= 0; i--) {
    const sign = signs[i] as Token;
    const span = { start: sign.start, end: operand.span.end };
    operand = { kind: "unary", operator: sign.text as "+" | "-" | "@", operand, span };
  }
  return operand;
}

function parsePostfixed(cursor: Cursor): Expression {
  let expression = parsePrimary(cursor);
  for (let count = 1; cursor.token.kind === "operator"; count++) {
    const isPercent = cursor.token.text === "%";
    if (!isPercent && !(cursor.token.text === "(" && isCallable(expression))) break;
    if (cursor.depth + count > nestingMax) {
      cursor.giveUp(spanOf(cursor.token));
      break;
    }
    const start = expression.span.start;
    if (isPercent) {
      cursor.advance();
      expression = { kind: "percent", operand: expression, span: { start, end: cursor.previousEnd } };
    } else expression = parseCall(cursor, expression);
  }
  return expression;
}

function isCallable(expression: Expression): boolean {
  return (
    (expression.kind === "name" && expression.index === undefined) ||
    expression.kind === "call" ||
    expression.kind === "parenthesised"
  );
}

function parsePrimary(cursor: Cursor): Expression {
  const token = cursor.token;
  switch (token.kind) {
    case "number": {
      const rows = rangeEndAt(cursor.text, token.start, cursor.end);
      return rows === undefined ? parseNumber(cursor) : takeA1(cursor, token.start, token.start, rows);
    }
    case "text":
      cursor.advance();
      return { kind: "text", value: textValue(token), span: spanOf(token) };
    case "error":
      cursor.advance();
      if (!errorCodes.includes(token.text as (typeof errorCodes)[number])) {
        return { kind: "broken", span: spanOf(token) };
      }
      return { kind: "error", code: token.text as (typeof errorCodes)[number], span: spanOf(token) };
    case "name":
      // Where a value must stand, a stop word is a name, unless a number behind it makes it a clause after all.
      return isStopWordHere(cursor) && cursor.peek().kind === "number"
        ? missingOperand(cursor)
        : parseName(cursor, parseExpression);
    case "quoted":
      return parseSheet(cursor);
    case "unknown":
      cursor.advance();
      return startsOperand(cursor.token)
        ? parsePrimaryNested(cursor)
        : { kind: "broken", span: spanOf(token) };
    case "operator":
      return parseBracketed(cursor);
    case "end":
      return missingOperand(cursor);
  }
}

/** One level deeper, within the limit; beyond it the bracket's content is skipped. */
function nested<T>(cursor: Cursor, parse: () => T, otherwise: () => T): T {
  if (cursor.depth >= nestingMax) {
    cursor.giveUp(cursor.here());
    return otherwise();
  }
  cursor.depth++;
  const result = parse();
  cursor.depth--;
  return result;
}

function parsePrimaryNested(cursor: Cursor): Expression {
  const span = cursor.here();
  return nested<Expression>(
    cursor,
    () => parsePrimary(cursor),
    () => ({ kind: "broken", span }),
  );
}

function parseBracketed(cursor: Cursor): Expression {
  const token = cursor.token;
  const broken = (): Expression => ({
    kind: "broken",
    span: { start: token.start, end: cursor.previousEnd },
  });
  if (token.text === "$") {
    const end =
      rangeEndAt(cursor.text, token.start, cursor.end) ?? cellEndAt(cursor.text, token.start, cursor.end);
    if (end !== undefined) return takeA1(cursor, token.start, token.start, end);
    cursor.report("formula/unknown-character", spanOf(token), { written: "$" });
    cursor.seek(token.end);
    return startsOperand(cursor.token) ? parsePrimaryNested(cursor) : broken();
  }
  if (token.text === "(") {
    return nested<Expression>(
      cursor,
      () => {
        cursor.advance();
        cursor.bracketsOpen++;
        const inner = parseExpression(cursor);
        const more: Expression[] = [];
        while (cursor.isOperator(",")) {
          cursor.advance();
          more.push(parseExpression(cursor));
        }
        cursor.bracketsOpen--;
        closeBracket(cursor, token, ")");
        const span = { start: token.start, end: cursor.previousEnd };
        return more.length === 0
          ? { kind: "parenthesised", inner, span }
          : { kind: "parenthesised", inner, more, span };
      },
      broken,
    );
  }
  if (token.text === "{") return nested<Expression>(cursor, () => parseArray(cursor), broken);
  return missingOperand(cursor);
}

/** Consumes the closing bracket; what stands before it is reported and skipped. */
function closeBracket(cursor: Cursor, open: Token, close: string): void {
  for (;;) {
    if (cursor.isOperator(close)) {
      cursor.advance();
      return;
    }
    if (cursor.token.kind === "end" || isStopWordHere(cursor)) {
      cursor.report("formula/unclosed", spanOf(open), { bracket: open.text });
      return;
    }
    reportUnexpected(cursor);
    cursor.seek(cursor.token.end);
    cursor.bracketsOpen++;
    if (startsOperand(cursor.token)) parseExpressionNested(cursor);
    cursor.bracketsOpen--;
  }
}

function parseExpressionNested(cursor: Cursor): void {
  nested(
    cursor,
    () => void parseExpression(cursor),
    () => undefined,
  );
}

function parseNumber(cursor: Cursor): NumberLiteral {
  const token = cursor.advance();
  const value = Number(token.text.replaceAll("_", ""));
  if (!Number.isFinite(value)) {
    cursor.report("formula/number-too-large", spanOf(token), { written: token.text });
  }
  const unit = cursor.token.kind === "name" && isUnitHere(cursor) ? unitAt(cursor) : undefined;
  if (unit === undefined) return { kind: "number", value, span: spanOf(token) };
  return { kind: "number", value, unit, span: { start: token.start, end: cursor.previousEnd } };
}

function unitAt(cursor: Cursor): NumberLiteral["unit"] {
  const read = parseTightUnitAt(cursor.text, cursor.token.start, cursor.end);
  if (read === undefined) return undefined;
  cursor.seek(read.end);
  return read.unit;
}

function isUnitHere(cursor: Cursor): boolean {
  const word = cursor.token.text;
  if (word.includes(".") || word === "over" || word === "clip" || cursor.stopWords.has(word)) return false;
  const next = cursor.text.charAt(cursor.token.end);
  return next !== "(" && next !== "[" && next !== "!";
}

/** A stop word ends the expression outside brackets unless it can only be a name: `a + limit` at the end of a line. */
function isStopWordHere(cursor: Cursor): boolean {
  if (cursor.token.kind !== "name" || cursor.bracketsOpen > 0 || !cursor.stopWords.has(cursor.token.text)) {
    return false;
  }
  const next = cursor.peek();
  return next.kind === "number" || next.kind === "text" || next.kind === "name";
}

interface Axis {
  readonly name: string;
  readonly span: Span;
}

function parseCall(cursor: Cursor, callee: Expression): Expression {
  const start = callee.span.start;
  const broken = (): Expression => ({ kind: "broken", span: { start, end: cursor.previousEnd } });
  return nested<Expression>(
    cursor,
    () => {
      const open = cursor.advance();
      cursor.bracketsOpen++;
      const list: Expression[] = [];
      const over = cursor.isOperator(")") ? undefined : parseArguments(cursor, list);
      cursor.bracketsOpen--;
      closeBracket(cursor, open, ")");
      const span = { start, end: cursor.previousEnd };
      return over === undefined
        ? { kind: "call", callee, arguments: list, span }
        : { kind: "call", callee, arguments: list, over, span };
    },
    broken,
  );
}

/** Fills `list` and gives the axes behind `over`; stops at the closing bracket or where nothing can be read. */
function parseArguments(cursor: Cursor, list: Expression[]): readonly Axis[] | undefined {
  for (;;) {
    if (cursor.isOperator(",") || cursor.isOperator(";") || cursor.isOperator(")")) {
      list.push({ kind: "missing", span: { start: cursor.token.start, end: cursor.token.start } });
    } else list.push(parseExpression(cursor));
    if (cursor.isName("over")) return parseOver(cursor);
    if (!cursor.isOperator(",") && !cursor.isOperator(";") && !cursor.isOperator(")")) {
      if (cursor.token.kind === "end") return undefined;
      reportUnexpected(cursor);
      cursor.skipToSeparator();
    }
    if (cursor.isOperator(";")) cursor.report("formula/separator", cursor.here(), {});
    if (!cursor.isOperator(",") && !cursor.isOperator(";")) return undefined;
    cursor.seek(cursor.token.end);
  }
}

function parseOver(cursor: Cursor): readonly Axis[] {
  const axes: Axis[] = [];
  do {
    cursor.advance();
    if (cursor.token.kind !== "name") {
      cursor.report("formula/expected-axis", cursor.here(), { found: cursor.found() });
      return axes;
    }
    axes.push({ name: cursor.token.text, span: spanOf(cursor.token) });
    cursor.advance();
  } while (cursor.isOperator(","));
  return axes;
}

function parseArray(cursor: Cursor): Expression {
  const open = cursor.advance();
  cursor.bracketsOpen++;
  const rows: Expression[][] = [];
  if (cursor.isOperator("}")) cursor.report("formula/empty-array", spanOf(open), {});
  else {
    do {
      if (rows.length > 0) cursor.advance();
      const row: Expression[] = [parseExpression(cursor)];
      while (cursor.isOperator(",")) {
        cursor.advance();
        row.push(parseExpression(cursor));
      }
      const width = rows[0]?.length ?? row.length;
      if (row.length !== width) {
        const span = { start: (row[0] as Expression).span.start, end: cursor.previousEnd };
        cursor.report("formula/array-shape", span, { expected: width, found: row.length });
      } else rows.push(row);
    } while (cursor.isOperator(";"));
  }
  cursor.bracketsOpen--;
  closeBracket(cursor, open, "}");
  const span = { start: open.start, end: cursor.previousEnd };
  return rows.length === 0 ? { kind: "broken", span } : { kind: "array", rows, span };
}

function missingOperand(cursor: Cursor): Expression {
  const span = cursor.here();
  if (cursor.token.kind === "operator" && ")]}".includes(cursor.token.text) && cursor.bracketsOpen === 0) {
    cursor.report("formula/stray-bracket", span, { bracket: cursor.token.text });
  } else {
    const before = /\S+$/.exec(cursor.text.slice(Math.max(0, cursor.previousEnd - 20), cursor.previousEnd));
    cursor.report("formula/expected-operand", span, { found: cursor.found(), before: before?.[0] ?? "" });
  }
  return { kind: "broken", span: { start: span.start, end: span.start } };
}

function reportUnexpected(cursor: Cursor): void {
  const token = cursor.token;
  if (token.problem !== undefined) {
    cursor.advance();
    return;
  }
  if (token.kind === "operator" && ")]}".includes(token.text)) {
    cursor.report("formula/stray-bracket", spanOf(token), { bracket: token.text });
    cursor.seek(token.end);
    return;
  }
  const isBehindPercent = cursor.text.charAt(cursor.previousEnd - 1) === "%";
  cursor.report("formula/unexpected", spanOf(token), { found: cursor.found(), isBehindPercent });
}

function startsOperand(token: Token): boolean {
  return (
    token.kind !== "end" &&
    token.kind !== "unknown" &&
    (token.kind !== "operator" || "({@$-+".includes(token.text))
  );
}

function textValue(token: Token): string {
  const inner = token.problem === undefined ? token.text.slice(1, -1) : token.text.slice(1);
  return inner.replaceAll('""', '"');
}
