/**
 * The spaces between the tokens of a formula, a value or a whole line, as `fmt` writes them.
 *
 *   - one space on each side of an operator and of a comparison, none behind a sign and none before `%`;
 *   - one space behind `,`, `;` and `:`, none before them;
 *   - none inside `( )`, `[ ]` and the `{ }` of an array, one inside the `{ }` of a member list;
 *   - none between a name and its `(` or `[`, none around `..`; two before a clause.
 *
 * Tokens are only moved, never changed, left out or added. What white space gives a meaning to is taken from the
 * syntax tree as a whole and kept: a number with its unit, the label of a member list, a period, a type. A stretch
 * with a line end or a comment in it stays as it is. Cost: linear.
 */
import {
  type Expression,
  type IndexItem,
  lexToken,
  parseExpressionAt,
  type Span,
  skipTrivia,
  type Token,
} from "@reckon/formula";
import type { InputValue, ModelDeclaration, ScenarioDeclaration } from "./declarations.ts";
import { clauseWords } from "./line-reader.ts";

/** Parts of a text that are no single tokens, by where they begin, and how its braces and words are meant. */
export interface WrittenParts {
  /** What is written as a whole: where it ends, its text, and whether it is a value, so that a sign behind it is none. */
  readonly wholes: Map<number, { readonly end: number; readonly text: string; readonly isValue: boolean }>;
  /** Where member lists begin and end. */
  readonly memberBraces: Set<number>;
  /** Where clauses begin, and the words among them (a text alone is a clause too). */
  readonly clauses: Set<number>;
}

export function noParts(): WrittenParts {
  return { wholes: new Map(), memberBraces: new Set(), clauses: new Set() };
}

/** The text from `start` to `end` with its spaces as described above; `parts` must hold what the tree knows of it. */
export function withSpacing(text: string, start: number, end: number, parts: WrittenParts): string {
  let result = "";
  let left: Piece | undefined;
  let position = start;
  for (;;) {
    const from = skipTrivia(text, position, end);
    if (from >= end) return result;
    const right = pieceAt(text, from, end, parts, left);
    const gap = text.slice(position, from);
    if (/[^ \t\f\v\u00A0\u3000\uFEFF]/.test(gap)) result += gap;
    else if (left !== undefined) result += gapBetween(left, right, gap !== "");
    result += right.text;
    position = right.end;
    left = right;
  }
}

interface Piece {
  readonly text: string;
  readonly end: number;
  /** Whether an operator behind it has it as its left side. */
  readonly isValue: boolean;
  readonly kind: Token["kind"] | "whole" | "sign" | "clause";
  readonly isMemberBrace: boolean;
}

function pieceAt(
  text: string,
  start: number,
  end: number,
  parts: WrittenParts,
  left: Piece | undefined,
): Piece {
  const whole = parts.wholes.get(start);
  if (whole !== undefined && whole.end <= end) return { ...whole, kind: "whole", isMemberBrace: false };
  const token = lexToken(text, start, end);
  const written = text.slice(token.start, Math.max(token.end, token.start + 1));
  const isOperator = token.kind === "operator";
  const isClause = parts.clauses.has(start);
  const isSign = isOperator && /^[-+@−–]$/.test(written) && left?.isValue !== true;
  return {
    text: written,
    end: start + written.length,
    isValue: isOperator ? /^[)\]}%#]$/.test(written) : !(isClause && token.kind === "name"),
    kind: isSign ? "sign" : isClause ? "clause" : token.kind,
    isMemberBrace: parts.memberBraces.has(start),
  };
}

function gapBetween(left: Piece, right: Piece, isApart: boolean): string {
  if (right.kind === "clause") return "  ";
  if (left.kind === "sign") return "";
  if (right.kind === "operator") {
    if (right.text === "}") return right.isMemberBrace && left.text !== "{" ? " " : "";
    if (",;:)]%#".includes(right.text)) return "";
    // `1. ..2` would be read as `1`, `..` and `.2`.
    if (right.text === "..") return left.text.endsWith(".") ? " " : "";
    if ((right.text === "(" || right.text === "[") && left.isValue) return "";
  }
  if (left.kind === "operator") {
    if (left.text === "{") return left.isMemberBrace ? " " : "";
    if (left.text === "(" || left.text === "[" || left.text === "..") return "";
  }
  // `5s` and `5 s` are both right.
  if (left.kind === "number" && right.kind === "name") return isApart ? " " : "";
  return " ";
}

/* ------------------------------------------------------------------ what the tree knows */

/** Takes in what an expression holds: numbers with units, cells of worksheets, the items of indexes. */
function addExpression(parts: WrittenParts, text: string, expression: Expression | undefined): void {
  const pending: Expression[] = expression === undefined ? [] : [expression];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    switch (node.kind) {
      case "number":
        if (node.unit !== undefined) keep(parts, text, node.span);
        break;
      case "a1":
        keep(parts, text, node.span);
        break;
      case "name":
        for (const key of addIndex(parts, text, node.index ?? [])) pending.push(key);
        break;
      case "unary":
      case "percent":
        pending.push(node.operand);
        break;
      case "binary":
        pending.push(node.left, node.right);
        break;
      case "call":
        pending.push(node.callee);
        for (const argument of node.arguments) pending.push(argument);
        break;
      case "array":
        for (const row of node.rows) for (const cell of row) pending.push(cell);
        break;
      case "parenthesised":
        pending.push(node.inner, ...(node.more ?? []));
        break;
      case "text":
      case "boolean":
      case "error":
      case "missing":
      case "broken":
        break;
    }
  }
}

/** Takes in the items of an index; the computed keys among them are given back. */
function addIndex(parts: WrittenParts, text: string, items: readonly IndexItem[]): Expression[] {
  const keys: Expression[] = [];
  for (const item of items) {
    if (item.kind === "key") keys.push(item.expression);
    else {
      const { start, end } = item.span;
      const written = text.slice(start, end);
      const isPlain = item.kind === "label" || /[\r\n]/.test(written);
      const isClipped = item.kind === "window" && item.clip && /\sclip$/.test(written);
      const tight = isPlain ? written : withoutSpaces(written, isClipped);
      parts.wholes.set(start, { end, text: tight, isValue: true });
    }
  }
  return keys;
}

/** `t - 1 .. t clip` as `t-1..t clip`, texts in quotes untouched. */
function withoutSpaces(written: string, isClipped: boolean): string {
  if (isClipped) return `${written.replace(/\s+|clip$/g, "")} clip`;
  return written
    .split(/("(?:[^"]|"")*")/)
    .map((piece, i) => (i % 2 === 1 ? piece : piece.replace(/\s+/g, "")))
    .join("");
}

function addValue(parts: WrittenParts, text: string, value: InputValue): void {
  const pending: InputValue[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    switch (next.kind) {
      case "expression":
        addExpression(parts, text, next.expression);
        break;
      case "list":
        for (const one of next.values) addExpression(parts, text, one);
        break;
      case "members":
        parts.memberBraces.add(next.span.start).add(next.span.end - 1);
        for (const entry of next.entries) {
          keep(parts, text, entry.label.span);
          pending.push(entry.value);
        }
        break;
      case "table":
        for (const name of [...next.table.by, next.table.key, next.table.valueColumn])
          if (name !== undefined) keep(parts, text, name.span);
        break;
    }
  }
}

/** Everything that a declaration holds, but for its clauses. */
export function addDeclaration(
  parts: WrittenParts,
  text: string,
  declaration: ModelDeclaration | ScenarioDeclaration,
): void {
  switch (declaration.kind) {
    case "input":
    case "formula":
      if (declaration.typeSpan !== undefined) keep(parts, text, declaration.typeSpan, false);
      if (declaration.kind === "input") addValue(parts, text, declaration.value);
      else addExpression(parts, text, declaration.expression);
      break;
    case "override":
      for (const key of addIndex(parts, text, declaration.index ?? [])) addExpression(parts, text, key);
      keep(parts, text, declaration.operatorSpan, false);
      addValue(parts, text, declaration.value);
      break;
    case "check":
      addExpression(parts, text, declaration.expression);
      break;
    case "axis":
      if (declaration.table !== undefined) addValue(parts, text, { kind: "table", table: declaration.table });
      for (const { span } of declaration.members ?? []) keep(parts, text, span);
      break;
    case "curve":
      // `) (` would be a call.
      for (const { span } of declaration.points) keepPoint(parts, text, span);
      break;
    case "time":
    case "loop":
    case "model":
    case "use":
    case "block":
    case "scenario":
      break;
  }
}

/** A point of a curve as a whole: one space behind its comma, none elsewhere. */
function keepPoint(parts: WrittenParts, text: string, { start, end }: Span): void {
  const written = text.slice(start, end);
  if (/[#\r\n]/.test(written)) keep(parts, text, { start, end }, false);
  else parts.wholes.set(start, { end, text: written.replace(/\s+/g, "").replace(",", ", "), isValue: false });
}

const operandWords = ["start", "end", "min", "max", "tolerance", "relative", "range", "damping"];

/** Takes in the clauses from `start` to `end`: where they begin, and the expressions behind their words. */
export function addClauses(parts: WrittenParts, text: string, start: number, end: number): void {
  for (let position = start; ; ) {
    const token = lexToken(text, position, end);
    if (token.kind === "end") return;
    position = token.end;
    const isWord = token.kind === "name" && clauseWords.includes(token.text);
    if (isWord || token.kind === "text") parts.clauses.add(token.start);
    if (!isWord) continue;
    if (token.text === "format") position = lexToken(text, position, end).end;
    else if (token.text === "dt") {
      // `1/3` is written as one thing, like a unit.
      const from = skipTrivia(text, position, end);
      position = Math.max(from, expressionEnd(position, end));
      keep(parts, text, { start: from, end: position }, false);
    } else if (operandWords.includes(token.text)) {
      position = expressionEnd(position, token.text === "range" ? text.indexOf("..", position) : end);
      if (token.text === "range") {
        const dots = lexToken(text, position, end);
        position = isOpenRange(dots.end) ? dots.end : expressionEnd(dots.end, end);
      }
    }
  }

  function expressionEnd(from: number, to: number): number {
    if (skipTrivia(text, from, to) >= to) return from;
    const read = parseExpressionAt(text, from, to, { stopWords });
    addExpression(parts, text, read.expression);
    return read.end;
  }

  /** `range 0..` with no upper bound: a clause or the end follows. */
  function isOpenRange(from: number): boolean {
    const next = lexToken(text, from, end);
    return next.kind === "text" || (next.kind === "name" && clauseWords.includes(next.text));
  }
}

const stopWords: ReadonlySet<string> = new Set(clauseWords);

function keep(parts: WrittenParts, text: string, { start, end }: Span, isValue = true): void {
  if (parts.wholes.has(start)) return;
  const written = text.slice(start, end);
  const isText = written.startsWith('"');
  const kept = isText || /[\r\n]/.test(written) ? written : written.replace(/\s+/g, " ");
  if (end > start) parts.wholes.set(start, { end, text: kept, isValue });
}
