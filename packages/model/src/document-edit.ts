/** Small text edits of a document: find an attribute's item, replace it, read its new text. */
import type { Span } from "@reckon/formula";
import type { Item, ModelDocument, ScenarioDocument } from "./api.ts";
import type { CheckedModel, ModelDeclaration, ScenarioDeclaration } from "./declarations.ts";
import { listedDocument, listOf } from "./document.ts";
import type { ItemPlace } from "./item-list.ts";
import { LineItem } from "./line-template.ts";
import { logicalLines } from "./logical-line.ts";
import { type ReadLine, readModelLine } from "./read-model-line.ts";
import { readScenarioLine } from "./read-scenario-line.ts";

/** `block.attribute` of an item that declares an attribute. */
export function attributeIdOf(declaration: ModelDeclaration | undefined): string | undefined {
  if (declaration?.kind !== "input" && declaration?.kind !== "formula") return undefined;
  return declaration.block === undefined ? undefined : `${declaration.block}.${declaration.name.text}`;
}

/** Where the item that declares the attribute stands; `model` is the checked form of the document. */
export function placeOfAttribute(
  document: ModelDocument,
  model: CheckedModel,
  id: string,
): ItemPlace | undefined {
  const attribute = model.attributes.get(id);
  if (attribute === undefined) return undefined;
  const list = listOf(document);
  const place = list.placeOf(attribute.item);
  return place === undefined || idOfItem(list.at(place)) !== id ? undefined : place;
}

function idOfItem(item: Item<ModelDeclaration> | undefined): string | undefined {
  return item instanceof LineItem ? `${item.block}.${item.name}` : attributeIdOf(item?.declaration);
}

/** The document with one item replaced by another one. */
export function withItem(
  document: ModelDocument,
  place: ItemPlace,
  item: Item<ModelDeclaration>,
): ModelDocument {
  return listedDocument(document.source, listOf(document).spliced(place, 1, [item]));
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
  for (const { items } of listOf<ModelDeclaration | ScenarioDeclaration>(document).chunks) {
    for (const { text } of items) {
      const end = /\r\n|\n|\r/.exec(text)?.[0];
      if (end !== undefined) return end;
    }
  }
  return "\n";
}
