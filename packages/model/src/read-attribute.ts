/**
 * Reads an input or a formula line:
 *
 *   [ "input" ] name [ ":" type ] "=" value clauses
 *
 * Whatever is wrong behind the name, the attribute is declared, with a broken expression if need be.
 */
import type { Expression } from "@reckon/formula";
import type { AttributeType, InputValue, ModelDeclaration, Name } from "./declarations.ts";
import type { LineReader } from "./line-reader.ts";
import { presentFields } from "./present-fields.ts";
import { formulaClauses, inputClauses, readClauses } from "./read-clauses.ts";
import { readType } from "./read-unit.ts";
import { isTable, readValue, valueSpan } from "./read-value.ts";
import { reportReserved } from "./reserved-name.ts";

/** What is known when the reader stands before the attribute's name. */
export interface AttributeLine {
  readonly kind: "input" | "formula";
  readonly block: string | undefined;
  readonly start: number;
}

export function readAttribute(reader: LineReader, line: AttributeLine): ModelDeclaration | undefined {
  const example = line.kind === "input" ? "`input price: USD = 20`" : "`name: unit = formula`";
  const name = reader.expectName(`the ${line.kind}'s name`, `for example ${example}`);
  if (name === undefined) return undefined;
  reportReserved(reader, name, "an attribute");
  if (line.block === undefined) {
    reader.report("model/outside-block", name.span, { what: line.kind, name: name.text });
  }
  const type = readTypePart(reader, name);
  const operator = /^[-+*/]=/.exec(reader.text.slice(reader.position, reader.end))?.[0];
  if (operator !== undefined) {
    const span = { start: reader.position, end: reader.position + operator.length };
    reader.report("model/unexpected", span, {
      found: `\`${operator}\``,
      hint: "relative values are for scenarios; here a value is given with `=`",
    });
    reader.position += 1;
  }
  const hasValue = expectEquals(reader, line, name);
  return line.kind === "input"
    ? readInputRest(reader, line, name, type, hasValue)
    : readFormulaRest(reader, line, name, type, hasValue);
}

interface TypePart {
  readonly type?: AttributeType;
  readonly typeSpan?: { readonly start: number; readonly end: number };
}

function readTypePart(reader: LineReader, name: Name): TypePart {
  if (!reader.accept(":")) return {};
  reader.skipSpace();
  const start = reader.position;
  const rest = reader.text.slice(start, reader.end);
  const whole = /^[^=]*?(?=[-+*/]?=|$)/.exec(rest)?.[0].length ?? rest.length;
  // Without `=` the type ends at its first space, and what is behind it is the value.
  const length = rest.includes("=") ? whole : (/^\S+(?=\s+[^\s*/"])/.exec(rest)?.[0].length ?? whole);
  if (rest.slice(0, length).trim() === "") {
    reader.report(
      "model/expected",
      { start: name.span.end, end: start },
      { expected: "a type or a unit behind `:`", hint: "leave out the colon, or write for example `: USD`" },
    );
    return {};
  }
  const type = readType(reader, start + length);
  const typeSpan = { start, end: start + rest.slice(0, length).trimEnd().length };
  return type === undefined ? { typeSpan } : { type, typeSpan };
}

/** Reads `=`; false when there is none or nothing behind it. */
function expectEquals(reader: LineReader, line: AttributeLine, name: Name): boolean {
  const example = line.kind === "input" ? `input ${name.text} = 20` : `${name.text} = formula`;
  if (reader.isNext("==")) {
    const span = { start: reader.position, end: reader.position + 2 };
    reader.report("model/unexpected", span, { found: "`==`", hint: "a value is given with one `=`" });
    reader.position += 1;
  }
  if (reader.isNext("=")) {
    reader.accept("=");
    if (!reader.isAtEnd()) return true;
  } else if (!reader.isAtEnd()) {
    const rest = reader.shownRest();
    const before = reader.text.slice(name.span.start, reader.position).trim().replace(/\s+/g, " ");
    const meant =
      rest === undefined ? example : `${line.kind === "input" ? "input " : ""}${before} = ${rest}`;
    reader.reportExpected(`\`=\` behind \`${before}\``, `write \`${meant}\``);
    reader.position = reader.end;
    return false;
  }
  reader.report("model/missing-value", name.span, { name: name.text, example });
  return false;
}

function readInputRest(
  reader: LineReader,
  line: AttributeLine,
  name: Name,
  type: TypePart,
  hasValue: boolean,
): ModelDeclaration {
  const value: InputValue = hasValue
    ? readValue(reader)
    : { kind: "expression", expression: { kind: "broken", span: name.span } };
  const clauses = readClauses(reader, inputClauses);
  return presentFields<ModelDeclaration>({
    kind: "input",
    name,
    block: line.block,
    ...type,
    value,
    valueSpan: valueSpan(value),
    min: clauses.min,
    max: clauses.max,
    label: clauses.label,
    format: clauses.format,
    span: reader.spanFrom(line.start),
  });
}

function readFormulaRest(
  reader: LineReader,
  line: AttributeLine,
  name: Name,
  type: TypePart,
  hasValue: boolean,
): ModelDeclaration {
  let expression: Expression = { kind: "broken", span: name.span };
  if (hasValue && (isMemberList(reader) || reader.isNext("[") || isTable(reader))) {
    reader.report("model/missing-input-keyword", name.span, { name: name.text });
    readValue(reader);
  } else if (hasValue) expression = reader.expression();
  const clauses = readClauses(reader, formulaClauses);
  return presentFields<ModelDeclaration>({
    kind: "formula",
    name,
    block: line.block,
    ...type,
    expression,
    valueSpan: expression.span,
    start: clauses.start,
    end: clauses.end,
    weight: clauses.weight,
    isManual: clauses.isManual,
    timeoutMs: clauses.timeoutMs,
    retries: clauses.retries,
    label: clauses.label,
    format: clauses.format,
    span: reader.spanFrom(line.start),
  });
}

/** `{ SMB: 20 }` as opposed to the array `{1,2;3,4}`. */
function isMemberList(reader: LineReader): boolean {
  return (
    reader.isNext("{") &&
    /^\{\s*(?:"[^"\r\n]*"|[^\s:,;{}"]+)\s*:/.test(reader.text.slice(reader.position, reader.end))
  );
}
