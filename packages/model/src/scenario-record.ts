/**
 * Scenarios as JSON or YAML. One shape for both, read by `yaml` with positions:
 *
 *   scenario: downside            the scenario's name
 *   model: saas
 *   extends: base                 optional, as is label
 *   label: Churn up
 *   overrides:                    target: value
 *     revenue.churn: 4%
 *     revenue.adds[*, 2027-01..]: "*= 0.8"
 *     revenue.price: { SMB: 21, Mid: 45, Ent: 90 }
 *   pins:
 *     debt.sweep: 0 USD
 *
 * A scalar is read like the right side of a scenario line, so `4%`, `250_000` and `*= 0.8` mean the same in all three
 * forms (and a text value has quotes inside its quotes). Items are cut at the start of each target, so an override
 * can be replaced or removed as text; the first item holds the header. Spans point into the file; where a string has
 * escapes, into the string.
 */
import { type Diagnostic, type Expression, nearestName, type Span } from "@reckon/formula";
import { isMap, isScalar, isSeq, type Node, type Pair, parseDocument, type Scalar as YamlScalar } from "yaml";
import type { Item, ScenarioDocument } from "./api.ts";
import type {
  InputValue,
  Name,
  OverrideDeclaration,
  ScenarioDeclaration,
  ScenarioHeader,
} from "./declarations.ts";
import { LineReader } from "./line-reader.ts";
import { diagnose } from "./messages.ts";
import { presentFields } from "./present-fields.ts";
import { readTarget } from "./read-scenario-line.ts";
import { readValue } from "./read-value.ts";

const recordKeys = ["scenario", "model", "extends", "label", "overrides", "pins"];
const recordHint = "a scenario record has the keys `scenario`, `model`, `overrides` and `pins`";
const depthMax = 16;

export function parseScenarioRecord(
  source: string,
  text: string,
  format: "json" | "yaml",
  previous?: ScenarioDocument,
): ScenarioDocument {
  return { source, format, items: new RecordReader(source, text).read(previous?.items ?? []) };
}

interface Entry {
  readonly pair: Pair;
  readonly key: Node;
  readonly isPin: boolean;
  readonly start: number;
}

class RecordReader {
  private readonly source: string;
  private readonly text: string;
  private diagnostics: Diagnostic[] = [];
  /** With syntax errors about, a value that seems to be missing most likely is not. */
  private isBroken = false;

  constructor(source: string, text: string) {
    this.source = source;
    this.text = text;
  }

  read(previous: readonly Item<ScenarioDeclaration>[]): Item<ScenarioDeclaration>[] {
    const parsed = parseDocument(this.text, { prettyErrors: false, uniqueKeys: false, stringKeys: true });
    this.isBroken = parsed.errors.length > 0;
    for (const error of parsed.errors) {
      this.report({ start: error.pos[0], end: error.pos[1] }, sentence(error.message), hintOf(error.code));
    }
    const { header, entries } = this.readTop(parsed.contents as Node | null);
    const cuts = entries.map((entry) => entry.start);
    const headText = this.text.slice(0, cuts[0] ?? this.text.length);
    const kept = new Map(previous.map((item) => [item.text, item]));
    let fresh = previous.reduce((highest, item) => Math.max(highest, item.id), 0) + 1;
    const idOf = (itemText: string): number => {
      const old = kept.get(itemText);
      kept.delete(itemText);
      return old?.id ?? fresh++;
    };
    const items: Item<ScenarioDeclaration>[] = [
      presentFields<Item<ScenarioDeclaration>>({
        id: idOf(headText),
        text: headText,
        declaration: header,
        diagnostics: this.diagnostics,
      }),
    ];
    entries.forEach((entry, i) => {
      const itemText = this.text.slice(entry.start, cuts[i + 1] ?? this.text.length);
      this.diagnostics = [];
      const declaration = this.readEntry(entry, entry.start);
      items.push(
        presentFields<Item<ScenarioDeclaration>>({
          id: idOf(itemText),
          text: itemText,
          declaration,
          diagnostics: this.diagnostics,
        }),
      );
    });
    return items;
  }

  private readTop(contents: Node | null): { header: ScenarioHeader | undefined; entries: Entry[] } {
    const entries: Entry[] = [];
    if (!isMap(contents)) {
      if (this.diagnostics.length === 0) {
        this.report(this.spanOf(contents), "a scenario must be a record", recordHint);
      }
      return { header: undefined, entries };
    }
    const names = new Map<string, Name>();
    for (const pair of contents.items as Pair<Node, Node | null>[]) {
      const written = this.scalarText(pair.key);
      const span = this.spanOf(pair.key);
      const suggestion = nearestName(written, recordKeys);
      const key = suggestion ?? written;
      if (!recordKeys.includes(written)) {
        this.diagnostics.push(
          diagnose(
            "scenario/unknown-key",
            { source: this.source, span },
            presentFields({
              key: written,
              suggestion,
              allowed: recordKeys.map((known) => `\`${known}\``).join(", "),
            }),
          ),
        );
      }
      if (!recordKeys.includes(key)) continue;
      if (key === "overrides" || key === "pins") {
        entries.push(...this.entriesOf(pair.value, key === "pins"));
      } else if (names.has(key)) this.report(span, `the key \`${key}\` is given twice`);
      else if (!isScalar(pair.value)) this.report(span, `\`${key}\` must be a text`);
      else names.set(key, { text: this.scalarText(pair.value), span: this.spanOf(pair.value) });
    }
    entries.sort((left, right) => left.start - right.start);
    return { header: this.headerOf(names, this.spanOf(contents)), entries };
  }

  private headerOf(names: ReadonlyMap<string, Name>, span: Span): ScenarioHeader | undefined {
    const name = names.get("scenario");
    const model = names.get("model");
    for (const [key, value] of [
      ["scenario", name],
      ["model", model],
    ] as const) {
      if (value === undefined)
        this.report({ start: span.start, end: span.start }, `the key \`${key}\` is missing`, recordHint);
    }
    if (name === undefined || model === undefined) return undefined;
    return presentFields<ScenarioHeader>({
      kind: "scenario",
      name,
      model,
      extends: names.get("extends"),
      label: names.get("label")?.text,
      span: name.span,
    });
  }

  private entriesOf(value: Node | null, isPin: boolean): Entry[] {
    if (value === null || (isScalar(value) && value.value === null)) return [];
    if (!isMap(value)) {
      this.report(
        this.spanOf(value),
        `\`${isPin ? "pins" : "overrides"}\` must be a record of targets and values`,
      );
      return [];
    }
    return (value.items as Pair<Node, Node | null>[]).map((pair) => ({
      pair,
      key: pair.key,
      isPin,
      start: this.spanOf(pair.key).start,
    }));
  }

  private readEntry(entry: Entry, offset: number): OverrideDeclaration | undefined {
    const target = readTarget(this.readerOf(entry.key, offset));
    const valueNode = entry.pair.value as Node | null;
    if (valueNode === null || (isScalar(valueNode) && valueNode.value === null)) {
      if (!this.isBroken) this.report(this.spanOf(entry.key), "a value is missing", undefined, offset);
      return undefined;
    }
    const valueSpan = this.spanOf(valueNode, offset);
    const { operator, value } = this.readOverride(valueNode, offset);
    if (target === undefined) return undefined;
    return {
      kind: "override",
      ...target,
      targetSpan: this.spanOf(entry.key, offset),
      operator,
      operatorSpan: valueSpan,
      value,
      valueSpan,
      isPin: entry.isPin,
      span: { start: 0, end: valueSpan.end },
    };
  }

  private readOverride(
    node: Node,
    offset: number,
  ): { operator: OverrideDeclaration["operator"]; value: InputValue } {
    if (!isScalar(node)) return { operator: "=", value: this.readNested(node, offset, 0) };
    const reader = this.readerOf(node, offset);
    let operator: OverrideDeclaration["operator"] = "=";
    for (const known of ["=", "+=", "-=", "*=", "/="] as const) {
      if (reader.accept(known)) {
        operator = known;
        break;
      }
    }
    const value = readValue(reader);
    reader.expectEnd();
    return { operator, value };
  }

  private readNested(node: Node | null, offset: number, depth: number): InputValue {
    const span = this.spanOf(node, offset);
    if (depth > depthMax) {
      this.report(this.spanOf(node), `member lists nest at most ${depthMax} deep`, undefined, offset);
      return { kind: "expression", expression: { kind: "broken", span } };
    }
    if (isMap(node)) {
      const entries = (node.items as Pair<Node, Node | null>[]).map((pair) => ({
        label: { text: this.scalarText(pair.key), span: this.spanOf(pair.key, offset) },
        value: this.readNested(pair.value, offset, depth + 1),
      }));
      return { kind: "members", entries, span };
    }
    if (isSeq(node)) {
      const values = (node.items as (Node | null)[]).map((item) => this.readScalar(item, offset));
      return { kind: "list", values, span };
    }
    return { kind: "expression", expression: this.readScalar(node, offset) };
  }

  private readScalar(node: Node | null, offset: number): Expression {
    if (!isScalar(node) || node.value === null) {
      if (!this.isBroken) this.report(this.spanOf(node), "a value is missing", undefined, offset);
      return { kind: "broken", span: this.spanOf(node, offset) };
    }
    const reader = this.readerOf(node, offset);
    const expression = reader.expression();
    reader.expectEnd();
    return expression;
  }

  /** A reader over the scalar's text, standing where it stands in the item that begins at `offset`. */
  private readerOf(node: Node, offset: number): LineReader {
    const start = this.spanOf(node, offset).start + (this.isQuoted(node) ? 1 : 0);
    const written = this.scalarText(node);
    const reader = new LineReader(this.source, " ".repeat(start) + written, start, start + written.length);
    // The reader's list is this one, so that problems come in the order they are found.
    (reader as { diagnostics: Diagnostic[] }).diagnostics = this.diagnostics;
    return reader;
  }

  private isQuoted(node: Node): boolean {
    const type = isScalar(node) ? (node as YamlScalar).type : undefined;
    return type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE";
  }

  private scalarText(node: Node | null): string {
    if (!isScalar(node)) return "";
    if (typeof node.value === "string") return node.value.replace(/[\r\n]+/g, " ");
    const { start, end } = this.spanOf(node);
    return this.text.slice(start, end);
  }

  private spanOf(node: Node | null, offset = 0): Span {
    const range = node?.range;
    if (range === null || range === undefined) return { start: 0, end: 0 };
    return { start: range[0] - offset, end: range[1] - offset };
  }

  private report(span: Span, problem: string, hint?: string, offset = 0): void {
    const end = Math.min(span.end, this.text.length);
    const moved = { start: Math.min(span.start, end) - offset, end: end - offset };
    this.diagnostics.push(
      diagnose("scenario/bad-record", { source: this.source, span: moved }, presentFields({ problem, hint })),
    );
  }
}

/** A message of the YAML reader in our form: no capital, no full stop. */
function sentence(message: string): string {
  const text = message
    .replace(/\s+at line \d+.*$/s, "")
    .replace(/\.$/, "")
    .replace("missing , between flow map items", "a `,` is missing before this entry")
    .replace("Missing , between flow map items", "a `,` is missing before this entry");
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function hintOf(code: string): string | undefined {
  switch (code) {
    case "BAD_ALIAS":
    case "UNEXPECTED_TOKEN":
      return 'values such as `*= 0.8` and targets with brackets are quoted: `"*= 0.8"`';
    case "TAB_AS_INDENT":
      return "indent with spaces";
    default:
      return undefined;
  }
}
