/**
 * Edits of JSON and YAML scenarios. YAML goes through its document, which keeps comments and styles; JSON, which has
 * neither, is written again with the indentation it had. A new target goes to the end of its record: everything it
 * overlaps contains it, so the wide ones stay before the narrow ones.
 */
import { isMap, parseDocument, type YAMLMap } from "yaml";
import type { ScenarioDocument } from "./api.ts";
import { printDocument } from "./document.ts";

/** One override as its parts: `target operator value`. */
export interface OverrideText {
  readonly target: string;
  readonly operator: string;
  readonly value: string;
}

/** The record's text with `lines` written among the overrides (or pins) and the items at `removed` left out. */
export function recordWithOverride(
  document: ScenarioDocument,
  lines: readonly OverrideText[],
  removed: ReadonlySet<number>,
  isPin: boolean,
): string {
  const kept = new Set(lines.map((line) => line.target));
  return editRecord(
    document,
    targetsAt(document, removed).filter((target) => !kept.has(target)),
    lines,
    isPin,
  );
}

/** The record's text without the items at `removed`. */
export function recordWithoutItems(document: ScenarioDocument, removed: ReadonlySet<number>): string {
  return editRecord(document, targetsAt(document, removed), [], false);
}

/** The keys of the items: what is written, without quotes. */
function targetsAt(document: ScenarioDocument, at: ReadonlySet<number>): string[] {
  return [...at].map((i) => {
    const item = document.items[i];
    if (item?.declaration?.kind !== "override") return "";
    const { start, end } = item.declaration.targetSpan;
    return item.text.slice(start, end).replace(/^["']|["']$/g, "");
  });
}

function editRecord(
  document: ScenarioDocument,
  removed: readonly string[],
  lines: readonly OverrideText[],
  isPin: boolean,
): string {
  const text = printDocument(document);
  const record = isPin ? "pins" : "overrides";
  const parsed = parseDocument(text, { uniqueKeys: false, stringKeys: true });
  for (const target of removed) {
    for (const name of ["overrides", "pins"]) {
      if (isMap(parsed.get(name))) parsed.deleteIn([name, target]);
    }
  }
  if (lines.length > 0 && !isMap(parsed.get(record))) parsed.set(record, parsed.createNode({}));
  for (const line of lines) (parsed.get(record) as YAMLMap).set(line.target, recordValue(line));
  if (document.format === "yaml") return parsed.toString({ lineWidth: 0 });
  const indentation = /\n([ \t]+)"/.exec(text)?.[1] ?? "  ";
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const written = JSON.stringify(parsed.toJS(), null, indentation).replaceAll("\n", end);
  return `${text.startsWith("\uFEFF") ? "\uFEFF" : ""}${written}${/[\r\n]$/.test(text) ? end : ""}`;
}

/** Plain numbers stay numbers of the record; all else is a text in the language's own spelling. */
function recordValue({ operator, value }: OverrideText): string | number {
  if (operator !== "=") return `${operator} ${value}`;
  return /^-?\d+(?:\.\d+)?$/.test(value) && String(Number(value)) === value ? Number(value) : value;
}
