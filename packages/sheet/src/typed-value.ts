/**
 * What somebody typed into an input's cell, as a value: a constant formula (`5%`, `1_000`, `3 * 12`, `"text"`), or
 * the text itself where the input holds texts, or a day (`2026-01-31`) where it holds dates.
 */
import { evaluateText, isLambda } from "@reckon/formula";
import type { CheckedAttribute } from "@reckon/model";
import { isArrayValue, isErrorValue, parseIsoDate, type Scalar } from "@reckon/value";
import type { SheetResult } from "./api.ts";
import { accepted, problem, refused } from "./problem.ts";

/** Whether the attribute's cells are texts: declared so, or an input's that are texts already. */
export function holdsText(attribute: CheckedAttribute): boolean {
  if (attribute.type !== undefined) return attribute.type.kind === "word" && attribute.type.word === "text";
  return attribute.kind === "input" && attribute.column.texts?.some((text) => text !== undefined) === true;
}

/** The scalar meant by `value`; texts are read as constants unless the attribute holds texts. Cost: the text. */
export function typedValue(attribute: CheckedAttribute, value: Scalar): SheetResult<Scalar> {
  if (typeof value !== "string") return accepted(value);
  const text = value.trim();
  if (holdsText(attribute) && !isQuoted(text)) return accepted(value);
  if (text === "") return refused(notOneValue(attribute.id, text, "nothing was written"));
  if (attribute.type?.kind === "word" && attribute.type.word === "date") {
    const day = parseIsoDate(isQuoted(text) ? text.slice(1, -1) : text);
    if (day !== undefined) return accepted(day);
    // `2026-02-30` would otherwise be a subtraction; as a text it is refused for its type.
    if (/^\d+-\d+-\d+$/.test(text)) return accepted(text);
  }
  const result = evaluateText(text, new Map());
  if ("diagnostics" in result) return refused(...result.diagnostics);
  const found = result.value;
  if (isArrayValue(found) || isLambda(found))
    return refused(notOneValue(attribute.id, text, "it gives several values"));
  if (isErrorValue(found))
    return refused(notOneValue(attribute.id, text, found.detail ?? `it gives ${found.code}`));
  return accepted(found);
}

function isQuoted(text: string): boolean {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"');
}

function notOneValue(id: string, text: string, why: string) {
  return problem({
    code: "sheet/not-a-value",
    message: `\`${text}\` is no value for \`${id}\`: ${why}`,
    hint: 'an input holds a constant such as `12`, `5%` or `"text"`',
    text,
  });
}
