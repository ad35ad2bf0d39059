/**
 * Edits of JSON and YAML scenarios. YAML goes through its document, which keeps comments and styles; JSON, which has
 * neither, is written again with the indentation it had. A new target goes to the end of its record: everything it
 * overlaps contains it, so the wide ones stay before the narrow ones.
 */
import { type Document, isMap, isScalar, parseDocument, type Range, type YAMLMap } from "yaml";
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
  return editRecord(document, removed, lines, isPin);
}

/** The record's text without the items at `removed`. */
export function recordWithoutItems(document: ScenarioDocument, removed: ReadonlySet<number>): string {
  return editRecord(document, removed, [], false);
}

/** The target of the item as the record's key says it, without the quotes and escapes of the file. */
export function recordTarget(document: ScenarioDocument, at: number): string | undefined {
  const parsed = parseRecord(printDocument(document));
  const places = placesOf(document, new Set([at]));
  for (const name of recordNames) {
    const map = parsed.get(name);
    const found = isMap(map)
      ? map.items.find(({ key }) => isScalar(key) && isWithin(key.range, places))
      : undefined;
    if (isScalar(found?.key)) return String(found.key.value);
  }
  return undefined;
}

const recordNames = ["overrides", "pins"];

function parseRecord(text: string): Document {
  return parseDocument(text, { uniqueKeys: false, stringKeys: true });
}

/** Where the targets of the items are written in the file; their spelling says nothing, for quotes are escaped there. */
function placesOf(document: ScenarioDocument, at: ReadonlySet<number>): number[] {
  const places: number[] = [];
  let offset = 0;
  document.items.forEach(({ declaration, text }, i) => {
    if (at.has(i) && declaration?.kind === "override") places.push(offset + declaration.targetSpan.start);
    offset += text.length;
  });
  return places;
}

function editRecord(
  document: ScenarioDocument,
  removed: ReadonlySet<number>,
  lines: readonly OverrideText[],
  isPin: boolean,
): string {
  const text = printDocument(document);
  const record = isPin ? "pins" : "overrides";
  const parsed = parseRecord(text);
  const places = placesOf(document, removed);
  const kept = new Set(lines.map((line) => line.target));
  for (const name of recordNames) {
    const map = parsed.get(name);
    if (!isMap(map)) continue;
    // What is given again stays where it is; its value is replaced below.
    map.items = map.items.filter(
      ({ key }) =>
        !isScalar(key) || !isWithin(key.range, places) || (name === record && kept.has(String(key.value))),
    );
  }
  if (lines.length > 0 && !isMap(parsed.get(record))) parsed.set(record, parsed.createNode({}));
  for (const line of lines) (parsed.get(record) as YAMLMap).set(line.target, recordValue(line));
  if (document.format === "yaml") return parsed.toString({ lineWidth: 0 });
  const indentation = /\n([ \t]+)"/.exec(text)?.[1] ?? "  ";
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const written = JSON.stringify(parsed.toJS(), null, indentation).replaceAll("\n", end);
  return `${text.startsWith("\uFEFF") ? "\uFEFF" : ""}${written}${/[\r\n]$/.test(text) ? end : ""}`;
}

function isWithin(range: Range | null | undefined, places: readonly number[]): boolean {
  return range != null && places.some((place) => place >= range[0] && place <= range[1]);
}

/** Plain numbers stay numbers of the record; all else is a text in the language's own spelling. */
function recordValue({ operator, value }: OverrideText): string | number {
  if (operator !== "=") return `${operator} ${value}`;
  return /^-?\d+(?:\.\d+)?$/.test(value) && String(Number(value)) === value ? Number(value) : value;
}
