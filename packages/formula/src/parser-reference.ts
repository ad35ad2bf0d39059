/**
 * Reading references: names with an index behind them, cells and ranges of a worksheet, with a sheet or without.
 *
 * `_xlfn.` and its kin, which workbooks put before newer functions, are dropped. TRUE and FALSE are read here because
 * they look like names; `TRUE()` is a call.
 */
import { canonicalReference, cellEndAt, rangeEndAt } from "./a1.ts";
import { type Cursor, spanOf } from "./cursor.ts";
import { parseIndex } from "./parser-index.ts";
import type { Expression } from "./syntax.ts";

const prefixPattern = /^(?:_xlfn\.|_xlws\.|_xlpm\.|_xludf\.)+/i;

/** A name with what may stand behind it: an index, or the rest of a cell reference. The current token is the name. */
export function parseName(cursor: Cursor, parseExpression: (cursor: Cursor) => Expression): Expression {
  const token = cursor.token;
  const after = cursor.text.charCodeAt(token.end);
  if (token.end < cursor.end && (after === 58 || after === 36)) {
    const end =
      rangeEndAt(cursor.text, token.start, cursor.end) ?? cellEndAt(cursor.text, token.start, cursor.end);
    if (end !== undefined) return takeA1(cursor, token.start, token.start, end);
  }
  if (token.end < cursor.end && after === 33 && cursor.text.charAt(token.end + 1) !== "=")
    return parseSheet(cursor);
  cursor.advance();
  // Names are what there is most of: patterns and splitting are for those that need them.
  const name = token.text.charCodeAt(0) === 95 ? token.text.replace(prefixPattern, "") : token.text;
  const upper = name.length === 4 || name.length === 5 ? name.toUpperCase() : "";
  if ((upper === "TRUE" || upper === "FALSE") && !cursor.isOperator("(")) {
    return { kind: "boolean", value: upper === "TRUE", span: spanOf(token) };
  }
  if (cursor.isOperator("#") && cursor.token.start === token.end) {
    cursor.report("formula/spill", { start: token.start, end: cursor.token.end }, { written: name });
    cursor.seek(cursor.token.end);
  }
  const path = name.includes(".") ? name.split(".") : [name];
  if (!cursor.isOperator("[")) return { kind: "name", path, span: spanOf(token) };
  const index = parseIndex(cursor, name, parseExpression);
  return { kind: "name", path, index, span: { start: token.start, end: cursor.previousEnd } };
}

/** `Sheet1!B2`, `'My sheet'!A1:B2`; the current token is the sheet's name. */
export function parseSheet(cursor: Cursor): Expression {
  const token = cursor.advance();
  const sheet = token.kind === "quoted" ? token.text.slice(1, -1).replaceAll("''", "'") : token.text;
  if (token.problem !== undefined || cursor.text.charAt(token.end) !== "!") {
    if (token.problem === undefined) {
      cursor.report("formula/unknown-character", spanOf(token), { written: token.text });
    }
    return { kind: "broken", span: spanOf(token) };
  }
  const start = token.end + 1;
  const end = rangeEndAt(cursor.text, start, cursor.end) ?? cellEndAt(cursor.text, start, cursor.end);
  if (end !== undefined) return takeA1(cursor, token.start, start, end, sheet);
  cursor.seek(start);
  // What stands there instead of a cell is part of the same mistake.
  if (cursor.token.kind === "name" && cursor.token.start === start) cursor.seek(cursor.token.end);
  cursor.report("formula/expected-reference", { start: token.start, end: start }, { sheet });
  return { kind: "broken", span: { start: token.start, end: start } };
}

/** A reference from `from` to `end`, with its sheet from `start`. */
export function takeA1(cursor: Cursor, start: number, from: number, end: number, sheet?: string): Expression {
  const reference = canonicalReference(cursor.text.slice(from, end));
  cursor.seek(end);
  const span = { start, end };
  if (cursor.isOperator("#") && cursor.token.start === end) {
    cursor.report("formula/spill", { start, end: cursor.token.end }, { written: reference });
    cursor.seek(cursor.token.end);
  }
  return sheet === undefined ? { kind: "a1", reference, span } : { kind: "a1", reference, sheet, span };
}
