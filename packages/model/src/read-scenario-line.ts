/**
 * Reads one logical line of a scenario file:
 *
 *   "scenario" name "of" model [ "extends" name ] [ label ]
 *   [ "pin" ] block "." attribute [ "[" index "]" ] ( "=" | "+=" | "-=" | "*=" | "/=" ) value [ label ]
 */
import { type Expression, type IndexItem, nearestName, type Span } from "@reckon/formula";
import type { Name, OverrideDeclaration, ScenarioDeclaration } from "./declarations.ts";
import { LineReader } from "./line-reader.ts";
import { keywords } from "./logical-line.ts";
import { presentFields } from "./present-fields.ts";
import { labelOnly, readClauses } from "./read-clauses.ts";
import type { ReadLine } from "./read-model-line.ts";
import { readValue, valueSpan } from "./read-value.ts";

const headerHint = 'for example `scenario downside of saas extends base "Churn up"`';
const overrideHint = "an override is `block.attribute = value`, or `block.attribute[index] *= value`";
const scenarioWords = ["scenario", "pin"] as const;

export function readScenarioLine(
  source: string,
  text: string,
  start: number,
  end: number,
): ReadLine<ScenarioDeclaration> {
  const reader = new LineReader(source, text, start, end);
  const declaration = readDeclaration(reader);
  return presentFields<ReadLine<ScenarioDeclaration>>({ declaration, diagnostics: reader.diagnostics });
}

function readDeclaration(reader: LineReader): ScenarioDeclaration | undefined {
  const start = reader.position;
  const word = reader.peekWord();
  if (word === undefined) {
    reader.reportExpected("an override", overrideHint);
    return undefined;
  }
  const span = { start, end: start + word.length };
  const isFollowedByWord = /^\s*["\p{L}_]/u.test(reader.text.slice(span.end, reader.end));
  if (word === "scenario" && isFollowedByWord) return readHeader(reader, start);
  if (word === "pin" && isFollowedByWord) {
    reader.acceptWord("pin");
    return readOverride(reader, start, true);
  }
  if (isFollowedByWord && keywords.some((keyword) => keyword === word)) {
    if (word === "model") reader.report("model/wrong-file", span, { found: "model", expected: "scenario" });
    else reader.report("model/misplaced-line", span, { what: word, where: "a model file" });
    return undefined;
  }
  if (isFollowedByWord) {
    const suggestion = nearestName(word, scenarioWords);
    reader.report("model/unknown-keyword", span, presentFields({ word, suggestion }));
    if (suggestion === undefined) return undefined;
    reader.position = span.end;
    return suggestion === "scenario" ? readHeader(reader, start, true) : readOverride(reader, start, true);
  }
  return readOverride(reader, start, false);
}

function readHeader(reader: LineReader, start: number, isMisspelt = false): ScenarioDeclaration | undefined {
  if (!isMisspelt) reader.acceptWord("scenario");
  const name = reader.expectName("the scenario's name", headerHint);
  if (name === undefined) return undefined;
  if (!reader.acceptWord("of")) {
    reader.reportExpected("`of` and the model's name", headerHint);
    return undefined;
  }
  const model = reader.expectName("the model's name", headerHint);
  if (model === undefined) return undefined;
  let parent: Name | undefined;
  if (reader.acceptWord("extends"))
    parent = reader.expectName("the name of another scenario, or `base`", headerHint);
  else if (reader.peekWord() !== undefined) {
    reader.reportExpected("`extends` or a label in quotes", headerHint);
    reader.position = reader.end;
  }
  const { label } = readClauses(reader, labelOnly("a scenario line"));
  return presentFields<ScenarioDeclaration>({
    kind: "scenario",
    name,
    model,
    extends: parent,
    label,
    span: reader.spanFrom(start),
  });
}

function readOverride(reader: LineReader, start: number, isPin: boolean): ScenarioDeclaration | undefined {
  const target = readTarget(reader);
  if (target === undefined) return undefined;
  const operator = readOperator(reader);
  if (operator === undefined) {
    reader.reportExpected("`=`, `+=`, `-=`, `*=` or `/=`", overrideHint);
    return undefined;
  }
  const operatorSpan: Span = { start: reader.position - operator.length, end: reader.position };
  if (reader.isAtEnd()) {
    reader.reportExpected(`a value behind \`${operator}\``, overrideHint);
    return undefined;
  }
  const value = readValue(reader);
  if (reader.diagnostics.length === 0) reader.expectEnd(overrideHint);
  return presentFields<ScenarioDeclaration>({
    kind: "override",
    ...target,
    operator,
    operatorSpan,
    value,
    valueSpan: valueSpan(value),
    isPin,
    span: reader.spanFrom(start),
  });
}

export interface OverrideTarget {
  readonly path: readonly Name[];
  readonly index?: readonly IndexItem[];
  readonly targetSpan: Span;
}

/** Reads `block.attribute[index]` with the formula parser, so an index means the same here and there. */
export function readTarget(reader: LineReader): OverrideTarget | undefined {
  reader.skipSpace();
  const start = reader.position;
  const end = targetEnd(reader, start);
  const before = reader.diagnostics.length;
  const expression: Expression = reader.reference(end);
  if (expression.kind !== "name") {
    if (reader.diagnostics.length === before) {
      reader.report("model/expected", expression.span, { expected: "`block.attribute`", hint: overrideHint });
    }
    return undefined;
  }
  const path: Name[] = [];
  let from = expression.span.start;
  for (const part of expression.path) {
    const at = reader.text.indexOf(part, from);
    from = at < 0 ? from : at + part.length;
    path.push({ text: part, span: { start: from - part.length, end: from } });
  }
  return presentFields<OverrideTarget>({ path, index: expression.index, targetSpan: expression.span });
}

/** Where the operator of the override begins: the first `=` outside brackets, or the sign before it. */
function targetEnd(reader: LineReader, start: number): number {
  let depth = 0;
  for (let i = start; i < reader.end; i++) {
    const character = reader.text[i] as string;
    if (character === "[" || character === "(") depth += 1;
    else if (character === "]" || character === ")") depth -= 1;
    else if (character === '"' && depth === 0) return i;
    else if (character === "=" && depth <= 0) return "+-*/".includes(reader.text[i - 1] ?? " ") ? i - 1 : i;
  }
  // An unclosed bracket: stop at the last operator of the line, so that the value is not read as an index.
  const equals = reader.text.lastIndexOf("=", reader.end - 1);
  return equals > start ? equals : reader.end;
}

function readOperator(reader: LineReader): OverrideDeclaration["operator"] | undefined {
  for (const operator of ["=", "+=", "-=", "*=", "/="] as const) if (reader.accept(operator)) return operator;
  return undefined;
}
