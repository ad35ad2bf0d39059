/**
 * Reads the right side of an input or an override:
 *
 *   value  = members | list | table | expression
 *   members = "{" label ":" value { "," label ":" value } "}"      nested once for each axis
 *   list   = "[" expression { "," expression } "]"                  one value a period
 *   table  = "table" "(" text { "," ( "by" name | "key" name | "value" name | name ) } ")"
 */
import type { Expression, Span } from "@reckon/formula";
import type { InputValue, Name, TableSource } from "./declarations.ts";
import type { LineReader } from "./line-reader.ts";
import { presentFields } from "./present-fields.ts";

/** How deep member lists may nest: one level for each axis of a block. */
const membersDepthMax = 16;

export function readValue(reader: LineReader, end: number = reader.end, depth = 0): InputValue {
  if (reader.isNext("{")) return readMembers(reader, depth);
  if (reader.isNext("[")) return readList(reader);
  if (isTable(reader)) return { kind: "table", table: readTable(reader) };
  return { kind: "expression", expression: reader.expression(end) };
}

/** Where a value is written. */
export function valueSpan(value: InputValue): Span {
  switch (value.kind) {
    case "expression":
      return value.expression.span;
    case "members":
    case "list":
      return value.span;
    case "table":
      return value.table.span;
  }
}

export function isTable(reader: LineReader): boolean {
  return reader.peekWord() === "table" && /^table\s*\(/.test(reader.text.slice(reader.position));
}

function readMembers(reader: LineReader, depth: number): InputValue {
  const start = reader.position;
  reader.accept("{");
  const entries: { label: Name; value: InputValue }[] = [];
  if (depth >= membersDepthMax) {
    reader.report("model/expected", reader.foundHere().span, {
      expected: `a value (member lists nest at most ${membersDepthMax} deep)`,
    });
    reader.position = reader.end;
  }
  while (!reader.isAtEnd() && !reader.isNext("}")) {
    const label = reader.label();
    if (label === undefined) {
      reader.reportExpected("a member's label", "a member list is `{ SMB: 20, Mid: 45 }`");
      // A bracket that closes nothing stops the search where it is.
      if (!skipPast(reader, ",")) break;
      continue;
    }
    if (!reader.accept(":")) {
      reader.reportExpected(`\`:\` behind \`${label.text}\``, "a member list is `{ SMB: 20, Mid: 45 }`");
      if (!skipPast(reader, ",")) break;
      continue;
    }
    if (reader.isNext(",") || reader.isNext("}") || reader.isAtEnd()) {
      reader.reportExpected(`a value for \`${label.text}\``);
    } else entries.push({ label, value: readValue(reader, reader.end, depth + 1) });
    if (!reader.accept(",") && !reader.isNext("}") && !reader.isAtEnd()) {
      reader.reportExpected("`,` or `}`", "the values of a member list are separated by commas");
      if (!skipPast(reader, ",")) break;
    }
  }
  close(reader, start, "}");
  return { kind: "members", entries, span: reader.spanFrom(start) };
}

function readList(reader: LineReader): InputValue {
  const start = reader.position;
  reader.accept("[");
  const values: Expression[] = [];
  while (!reader.isAtEnd() && !reader.isNext("]")) {
    const before = reader.position;
    values.push(reader.expression());
    if (reader.accept(",") || reader.isNext("]") || reader.isAtEnd()) continue;
    if (reader.position > before) reader.reportExpected("`,` or `]`", "a list has one value for each period");
    if (!skipPast(reader, ",")) break;
  }
  close(reader, start, "]");
  return { kind: "list", values, span: reader.spanFrom(start) };
}

export function readTable(reader: LineReader): TableSource {
  reader.skipSpace();
  const start = reader.position;
  reader.acceptWord("table");
  const open = reader.position;
  reader.accept("(");
  const path = reader.quoted();
  if (path === undefined) {
    reader.reportExpected("the table's file in quotes", 'for example `table("adds.csv", by segment, month)`');
  }
  const by: Name[] = [];
  let key: Name | undefined;
  let valueColumn: Name | undefined;
  let isInBy = false;
  while (reader.accept(",")) {
    if (reader.acceptWord("by")) isInBy = true;
    else if (isClause(reader, "key")) {
      reader.acceptWord("key");
      key = reader.label() ?? missingColumn(reader, "key");
      isInBy = false;
      continue;
    } else if (isClause(reader, "value")) {
      reader.acceptWord("value");
      valueColumn = reader.label() ?? missingColumn(reader, "value");
      isInBy = false;
      continue;
    }
    const name = isInBy ? reader.name() : undefined;
    if (name === undefined) {
      reader.reportExpected(
        isInBy ? "the name of an axis" : "`by`, `key` or `value`",
        'for example `table("adds.csv", by segment, month, value adds)`',
      );
      break;
    }
    by.push(name);
  }
  if (!reader.isNext(")") && !reader.isAtEnd()) {
    if (path !== undefined) reader.reportExpected("`,` or `)`");
    skipTo(reader, ")");
  }
  close(reader, open, ")");
  return presentFields<TableSource>({
    path: path?.text ?? "",
    by,
    key,
    valueColumn,
    span: reader.spanFrom(start),
  });
}

/** Whether `word` stands next with a column behind it, and is not itself the name of an axis. */
function isClause(reader: LineReader, word: string): boolean {
  if (reader.peekWord() !== word) return false;
  return /^\s*[^\s,)]/.test(reader.text.slice(reader.position + word.length, reader.end));
}

function missingColumn(reader: LineReader, clause: string): undefined {
  reader.reportExpected(`a column's name behind \`${clause}\``);
  return undefined;
}

/** Reads the closing bracket, or reports the bracket opened at `start`. */
function close(reader: LineReader, start: number, closing: string): void {
  if (reader.accept(closing)) return;
  const bracket = reader.text[start] ?? "(";
  if (!reader.isAtEnd()) return;
  reader.report("model/unclosed", { start, end: start + 1 }, { bracket, closing });
}

/** Moves behind the next `symbol` outside brackets; false when there is none before the closing bracket. */
function skipPast(reader: LineReader, symbol: string): boolean {
  return skipTo(reader, symbol) && reader.accept(symbol);
}

function skipTo(reader: LineReader, symbol: string): boolean {
  let depth = 0;
  while (!reader.isAtEnd()) {
    const character = reader.text[reader.position] as string;
    if (depth === 0 && character === symbol) return true;
    if ("([{".includes(character)) depth += 1;
    if (")]}".includes(character)) {
      if (depth === 0) return false;
      depth -= 1;
    }
    if (character === '"') reader.quoted();
    else reader.position += 1;
  }
  return false;
}
