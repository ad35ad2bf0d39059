/**
 * Small text edits of a document: find an attribute's item, replace, insert or remove items.
 *
 * The index from attribute to item is made once for a document and handed on by edits that move nothing, so that
 * setting a cell costs no walk over the file (but for copying the list of items).
 */
import type { Span } from "@reckon/formula";
import type { Item, ModelDocument, ScenarioDocument } from "./api.ts";
import type { ModelDeclaration, ScenarioDeclaration } from "./declarations.ts";
import { logicalLines } from "./logical-line.ts";
import { type ReadLine, readModelLine } from "./read-model-line.ts";
import { readScenarioLine } from "./read-scenario-line.ts";

/**
 * Where a document comes from: the lineage of the one before it and the item that was replaced. Lineages hold no
 * documents, so a long chain of edits keeps none of them alive; and a chain is cut when it is long.
 */
export interface Lineage {
  readonly before?: Lineage;
  readonly at: number;
  readonly length: number;
}
const lineages = new WeakMap<object, Lineage>();
const lineageMax = 1_000;

export function lineageOf(document: object): Lineage {
  let lineage = lineages.get(document);
  if (lineage === undefined) {
    lineage = { at: -1, length: 0 };
    lineages.set(document, lineage);
  }
  return lineage;
}

/** Notes that `document` was made from `before` by replacing the items at `replaced`. */
export function noteReplaced(document: object, before: object, replaced: Iterable<number>): void {
  let lineage = lineageOf(before);
  for (const at of replaced) {
    const length: number = lineage.length + 1;
    lineage = length > lineageMax ? { at: -1, length: 0 } : { before: lineage, at, length };
  }
  lineages.set(document, lineage);
}

/** The items that were replaced one by one since the document with the lineage `since`; undefined where not known. */
export function replacedItems(document: object, since: Lineage): ReadonlySet<number> | undefined {
  const replaced = new Set<number>();
  for (let at: Lineage | undefined = lineageOf(document); at !== since; at = at.before) {
    if (at?.before === undefined) return undefined;
    replaced.add(at.at);
  }
  return replaced;
}

const indexes = new WeakMap<ModelDocument, ReadonlyMap<string, number>>();

/** `block.attribute` of an item that declares an attribute. */
export function attributeIdOf(declaration: ModelDeclaration | undefined): string | undefined {
  if (declaration?.kind !== "input" && declaration?.kind !== "formula") return undefined;
  return declaration.block === undefined ? undefined : `${declaration.block}.${declaration.name.text}`;
}

/** The position of the item that declares the attribute. Cost: constant after the first call on a document. */
export function itemOfAttribute(document: ModelDocument, id: string): number | undefined {
  let index = indexes.get(document);
  if (index === undefined) {
    const made = new Map<string, number>();
    for (const [i, { declaration }] of document.items.entries()) {
      const key = attributeIdOf(declaration);
      if (key !== undefined && !made.has(key)) made.set(key, i);
    }
    index = made;
    indexes.set(document, index);
  }
  return index.get(id);
}

/** The document with one item replaced by one that declares the same name. */
export function withItem<T extends ModelDocument | ScenarioDocument>(
  document: T,
  at: number,
  item: T["items"][number],
): T {
  const items = document.items.slice() as T["items"][number][];
  items[at] = item;
  const changed = { ...document, items };
  const index = indexes.get(document as ModelDocument);
  noteReplaced(changed, document, [at]);
  if (index !== undefined) indexes.set(changed as unknown as ModelDocument, index);
  return changed;
}

export interface Replacement {
  readonly span: Span;
  readonly text: string;
}

/** `text` with all replacements made; they must not overlap. */
export function replaced(text: string, replacements: readonly Replacement[]): string {
  let result = "";
  let from = 0;
  for (const { span, text: put } of [...replacements].sort((a, b) => a.span.start - b.span.start)) {
    result += text.slice(from, span.start) + put;
    from = span.end;
  }
  return result + text.slice(from);
}

/** Reads an item's new text as a line of a model; undefined when it is not exactly one declaration. */
export function readAsModelItem(
  document: ModelDocument,
  id: number,
  text: string,
  block: string | undefined,
): Item<ModelDeclaration> | undefined {
  return readAsItem(id, text, (start, end) => readModelLine(document.source, text, start, end, block));
}

export function readAsScenarioItem(
  document: ScenarioDocument,
  id: number,
  text: string,
): Item<ScenarioDeclaration> | undefined {
  return readAsItem(id, text, (start, end) => readScenarioLine(document.source, text, start, end));
}

function readAsItem<D>(
  id: number,
  text: string,
  read: (start: number, end: number) => ReadLine<D>,
): Item<D> | undefined {
  const lines = logicalLines(text);
  const [line] = lines;
  if (line === undefined || lines.length !== 1 || line.kind !== "declaration") return undefined;
  return { id, text, ...read(line.contentStart, line.contentEnd) };
}

/** How the document ends its lines. */
export function lineEndOf(document: ModelDocument | ScenarioDocument): string {
  for (const { text } of document.items as readonly { readonly text: string }[]) {
    const end = /\r\n|\n|\r/.exec(text)?.[0];
    if (end !== undefined) return end;
  }
  return "\n";
}
