/**
 * Documents: a file as a list of items whose texts concatenate to it exactly.
 *
 * Parsing again with the previous document keeps what did not change: an item with the same text in the same block is
 * the same object, and an edited declaration keeps the id of the one it replaces (by name). Steps:
 *   1. cut the text into logical lines,
 *   2. match them with the previous items: equal heads, equal tails, and what lies between by text, then by name,
 *   3. read only what is left.
 *
 * Cost: linear in the text; reading, which costs most, is done for changed lines only.
 */
import type { Diagnostic, Span } from "@reckon/formula";
import type { Item, ModelDocument, ScenarioDocument, SourceDocument, TableRequest } from "./api.ts";
import type { ModelDeclaration, ScenarioDeclaration } from "./declarations.ts";
import { ItemList } from "./item-list.ts";
import { LineScanner } from "./line-scanner.ts";
import { type FileText, LineItem, templateOf } from "./line-template.ts";
import { keywords, logicalLineAt, logicalLines } from "./logical-line.ts";
import { diagnose } from "./messages.ts";
import { type ReadLine, readModelLine } from "./read-model-line.ts";
import { readScenarioLine } from "./read-scenario-line.ts";
import { parseScenarioRecord } from "./scenario-record.ts";

export type AnyDeclaration = ModelDeclaration | ScenarioDeclaration;
export type AnyDocument = ModelDocument | ScenarioDocument;

/** A document over a list of items; the array of all items is made when somebody asks for it. */
class ListedDocument<D> implements SourceDocument<D> {
  readonly source: string;
  readonly list: ItemList<D>;

  constructor(source: string, list: ItemList<D>) {
    this.source = source;
    this.list = list;
  }

  get items(): readonly Item<D>[] {
    return this.list.flat;
  }
}

export function listedDocument<D>(source: string, list: ItemList<D>): SourceDocument<D> {
  return new ListedDocument(source, list);
}

const lists = new WeakMap<object, ItemList<never>>();

/** The items of a document as a list. Cost: the items, once, of a document that was not read or edited here. */
export function listOf<D>(document: SourceDocument<D>): ItemList<D> {
  if (document instanceof ListedDocument) return document.list;
  let list = lists.get(document) as ItemList<D> | undefined;
  if (list === undefined) {
    list = ItemList.of(document.items);
    lists.set(document, list as ItemList<never>);
  }
  return list;
}

/**
 * A model file as a document. Never fails: problems are in the items' diagnostics (`diagnosticsOf`). With `previous`,
 * items that did not change are shared with it.
 *
 * @example
 * ```ts
 * const document = parseModel("saas.reckon", "model saas\nblock revenue\n  input price = 20\n");
 * document.items.length; // 3
 * ```
 */
export function parseModel(source: string, text: string, previous?: ModelDocument): ModelDocument {
  if (previous === undefined) return listedDocument(source, ItemList.of(readFresh(source, text)));
  const pieces = piecesOf(text);
  let block: string | undefined;
  const items = readItems<ModelDeclaration>(pieces, previous.items, {
    read: (piece) => readModelLine(source, piece.text, piece.contentStart, piece.contentEnd, block),
    // The same text means the same only in the same block.
    isSame: (item) => blockOf(item) === undefined || blockOf(item) === block,
    pass: (item) => {
      if (!(item instanceof LineItem) && item.declaration?.kind === "block")
        block = item.declaration.name.text;
    },
    keyOf: modelKey,
  });
  return listedDocument(source, listOf(previous).rewritten(items));
}

/** Reads a file line by line: plain lines by the scanner, the others by the parser. */
function readFresh(source: string, text: string): Item<ModelDeclaration>[] {
  const file: FileText = { source, text };
  const scanner = new LineScanner();
  const items: Item<ModelDeclaration>[] = [];
  let block: string | undefined;
  for (let at = 0; at < text.length; ) {
    const id = items.length + 1;
    const isPlain = block !== undefined && scanner.scan(text, at);
    const template = isPlain ? templateOf(scanner, file, at, block as string) : undefined;
    if (template !== undefined) {
      items.push(new LineItem(id, file, at, scanner, block as string, template));
      at = scanner.end;
      continue;
    }
    const line = logicalLineAt(text, at);
    const written = text.slice(line.start, line.end);
    at = line.end;
    if (line.kind === "trivia") {
      items.push({ id, text: written, diagnostics: [] });
      continue;
    }
    const read = readModelLine(
      source,
      written,
      line.contentStart - line.start,
      line.contentEnd - line.start,
      block,
    );
    if (read.declaration?.kind === "block") block = read.declaration.name.text;
    items.push({ id, text: written, ...read });
  }
  return items;
}

/** The items that are no plain lines of attributes: everything that gives a model its structure. */
export function* structureOf(document: ModelDocument): Generator<Item<ModelDeclaration>> {
  for (const { items } of listOf(document).chunks)
    for (const item of items) if (!(item instanceof LineItem)) yield item;
}

/** A scenario file as a document: the language's own form, JSON (begins with `{`) or YAML (by the file's ending). */
export function parseScenario(source: string, text: string, previous?: ScenarioDocument): ScenarioDocument {
  const format = scenarioFormat(source, text);
  if (format !== "reckon") return parseScenarioRecord(source, text, format, previous);
  const items = readItems<ScenarioDeclaration>(
    piecesOf(text),
    previous?.format === "reckon" ? previous.items : [],
    {
      read: (piece) => readScenarioLine(source, piece.text, piece.contentStart, piece.contentEnd),
      isSame: () => true,
      pass: () => {},
      keyOf: scenarioKey,
    },
  );
  return { source, items, format: "reckon" };
}

function scenarioFormat(source: string, text: string): ScenarioDocument["format"] {
  if (/\.ya?ml$/i.test(source)) return "yaml";
  if (/\.json$/i.test(source) || /^\uFEFF?\s*\{/.test(text)) return "json";
  return "reckon";
}

/** The file's text, exactly as it was read. */
export function printDocument(document: AnyDocument): string {
  return listOf<AnyDeclaration>(document)
    .chunks.map(({ items }) => items.map((item) => item.text).join(""))
    .join("");
}

/** Whether two documents print the same. Cost: the chunks, and the text of those that differ. */
export function printsAlike(a: AnyDocument, b: AnyDocument): boolean {
  const left = listOf<AnyDeclaration>(a).chunks;
  const right = listOf<AnyDeclaration>(b).chunks;
  const count = Math.min(left.length, right.length);
  let head = 0;
  while (head < count && left[head] === right[head]) head++;
  let tail = 0;
  while (tail < count - head && left.at(-1 - tail) === right.at(-1 - tail)) tail++;
  const between = (chunks: typeof left): string =>
    chunks
      .slice(head, chunks.length - tail)
      .map(({ items }) => items.map((item) => item.text).join(""))
      .join("");
  return between(left) === between(right);
}

/** All diagnostics of reading the file, in file order, with spans in file offsets. */
export function diagnosticsOf(document: AnyDocument): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  let offset = 0;
  let first: Item<AnyDeclaration> | undefined;
  let isOutsideTold = false;
  const kind = "format" in document ? "scenario" : "model";
  const source = document.source;
  for (const { items, length } of listOf<AnyDeclaration>(document).chunks) {
    if (first !== undefined && items.every((item) => item instanceof LineItem)) {
      offset += length;
      continue;
    }
    for (const item of items) visit(item);
  }
  if (first === undefined)
    found.push(diagnose("model/no-header", { source, span: { start: 0, end: 0 } }, { kind }));
  return found;

  function visit(item: Item<AnyDeclaration>): void {
    if (item instanceof LineItem && first !== undefined) {
      offset += item.end - item.start;
      return;
    }
    for (const diagnostic of item.diagnostics) {
      // Told once, not of every line down to the next block.
      const isOutside = diagnostic.code === "model/outside-block";
      if (!isOutside || !isOutsideTold) found.push(movedBy(diagnostic, offset));
      isOutsideTold ||= isOutside;
    }
    if (first !== undefined && mayMeanBlock(item)) isOutsideTold = true;
    const declaration = item.declaration;
    const isHeader = declaration?.kind === kind;
    if (declaration !== undefined && first === undefined) {
      first = item;
      if (!isHeader && item.diagnostics.every((problem) => problem.code !== "model/wrong-file")) {
        const span = { start: offset + declaration.span.start, end: offset + declaration.span.start };
        found.push(diagnose("model/no-header", { source, span }, { kind }));
      }
    } else if (isHeader) {
      found.push(
        diagnose(
          "model/misplaced-header",
          { source, span: shifted(declaration.name.span, offset) },
          { kind },
        ),
      );
    }
    if (first === undefined && item.diagnostics.length > 0) first = item; // the header itself is what is broken
    offset += item.text.length;
  }
}

/** Whether it is a line that says nothing as it stands, and may have been meant to begin a block. */
function mayMeanBlock({ declaration, diagnostics, text }: Item<AnyDeclaration>): boolean {
  if (declaration !== undefined || diagnostics.length === 0) return false;
  const word = /[\p{L}_]+/u.exec(text)?.[0];
  return word === "block" || !keywords.some((keyword) => keyword === word);
}

/** The table files that the model reads, each with the places (file offsets) that name it. */
export function tablesOf(document: ModelDocument): readonly TableRequest[] {
  const places = new Map<string, Span[]>();
  let offset = 0;
  for (const item of allItems(document)) {
    if (item instanceof LineItem) {
      offset += item.end - item.start;
      continue;
    }
    const { declaration, text } = item;
    const table =
      declaration?.kind === "axis"
        ? declaration.table
        : declaration?.kind === "input" && declaration.value.kind === "table"
          ? declaration.value.table
          : undefined;
    if (table !== undefined && table.path !== "") {
      const spans = places.get(table.path) ?? [];
      spans.push(shifted(table.span, offset));
      places.set(table.path, spans);
    }
    offset += text.length;
  }
  return [...places].map(([path, spans]) => ({ path, spans }));
}

function* allItems(document: ModelDocument): Generator<Item<ModelDeclaration>> {
  for (const { items } of listOf(document).chunks) yield* items;
}

/**
 * A place in an item's text as a place in the file; `undefined` when the document has no such item. Cost: some
 * hundred items, whatever the size of the file.
 */
export function spanInFile(document: AnyDocument, item: number, span: Span): Span | undefined {
  const list = listOf<AnyDeclaration>(document);
  const place = list.placeOf(item);
  return place === undefined ? undefined : shifted(span, list.offsetOf(place));
}

export function shifted(span: Span, offset: number): Span {
  return { start: span.start + offset, end: span.end + offset };
}

export function movedBy(diagnostic: Diagnostic, offset: number): Diagnostic {
  if (offset === 0) return diagnostic;
  const moved = { ...diagnostic, span: shifted(diagnostic.span, offset) };
  if (diagnostic.notes === undefined) return moved;
  return {
    ...moved,
    notes: diagnostic.notes.map((note) =>
      note.span === undefined || note.source !== undefined
        ? note
        : { ...note, span: shifted(note.span, offset) },
    ),
  };
}

/* ------------------------------------------------------------------ pieces and items */

interface Piece {
  readonly text: string;
  readonly kind: "declaration" | "trivia";
  /** Offsets into the piece's own text. */
  readonly contentStart: number;
  readonly contentEnd: number;
}

function piecesOf(text: string): Piece[] {
  return logicalLines(text).map((line) => ({
    text: text.slice(line.start, line.end),
    kind: line.kind,
    contentStart: line.contentStart - line.start,
    contentEnd: line.contentEnd - line.start,
  }));
}

interface Reading<D> {
  readonly read: (piece: Piece) => ReadLine<D>;
  readonly isSame: (item: Item<D>) => boolean;
  /** Called with every item in order. */
  readonly pass: (item: Item<D>) => void;
  /** What names the declaration, so that an edited one keeps its id. */
  readonly keyOf: (declaration: D) => string;
}

function readItems<D>(
  pieces: readonly Piece[],
  previous: readonly Item<D>[],
  reading: Reading<D>,
): Item<D>[] {
  const matched = matchPrevious(pieces, previous);
  const used = new Set<number>();
  for (const item of matched) if (item !== undefined) used.add(item.id);
  const idsByKey = new Map<string, number>();
  for (const item of previous) {
    if (used.has(item.id) || item.declaration === undefined) continue;
    const key = reading.keyOf(item.declaration);
    if (!idsByKey.has(key)) idsByKey.set(key, item.id);
  }
  let fresh = previous.reduce((highest, { id }) => Math.max(highest, id), 0) + 1;
  return pieces.map((piece, i) => {
    const old = matched[i];
    const item = old !== undefined && reading.isSame(old) ? old : readItem(piece, old?.id);
    reading.pass(item);
    return item;
  });

  function readItem(piece: Piece, id: number | undefined): Item<D> {
    if (piece.kind === "trivia") return { id: id ?? fresh++, text: piece.text, diagnostics: [] };
    const line = reading.read(piece);
    return { id: id ?? idOf(line), text: piece.text, ...line };
  }

  function idOf(line: ReadLine<D>): number {
    const key = line.declaration === undefined ? undefined : reading.keyOf(line.declaration);
    const kept = key === undefined ? undefined : idsByKey.get(key);
    if (kept === undefined) return fresh++;
    idsByKey.delete(key as string);
    return kept;
  }
}

/** Per piece, the previous item with the same text: equal heads, equal tails, then by text in order. */
function matchPrevious<D>(pieces: readonly Piece[], previous: readonly Item<D>[]): (Item<D> | undefined)[] {
  const matched: (Item<D> | undefined)[] = new Array(pieces.length).fill(undefined);
  const count = Math.min(pieces.length, previous.length);
  let head = 0;
  while (head < count && pieces[head]?.text === previous[head]?.text) {
    matched[head] = previous[head];
    head += 1;
  }
  let tail = 0;
  while (
    tail < count - head &&
    pieces[pieces.length - 1 - tail]?.text === previous[previous.length - 1 - tail]?.text
  ) {
    matched[pieces.length - 1 - tail] = previous[previous.length - 1 - tail];
    tail += 1;
  }
  const byText = new Map<string, Item<D>[]>();
  for (let i = previous.length - 1 - tail; i >= head; i--) {
    const item = previous[i] as Item<D>;
    const list = byText.get(item.text);
    if (list === undefined) byText.set(item.text, [item]);
    else list.push(item);
  }
  for (let i = head; i < pieces.length - tail; i++) {
    matched[i] = byText.get((pieces[i] as Piece).text)?.pop();
  }
  return matched;
}

function blockOf(item: Item<ModelDeclaration>): string | undefined {
  if (item instanceof LineItem) return item.block;
  const { declaration } = item;
  switch (declaration?.kind) {
    case "input":
    case "formula":
    case "curve":
    case "loop":
    case "check":
      // Lines outside a block are read again when a block appears before them.
      return declaration.block ?? "";
    default:
      return undefined;
  }
}

function modelKey(declaration: ModelDeclaration): string {
  switch (declaration.kind) {
    case "input":
    case "formula":
      return `attribute ${declaration.block ?? ""}.${declaration.name.text}`;
    case "curve":
      return `curve ${declaration.block ?? ""}.${declaration.name.text}`;
    case "loop":
      return `loop ${declaration.block ?? ""}.${declaration.name.text}`;
    case "axis":
    case "block":
    case "use":
      return `${declaration.kind} ${declaration.name.text}`;
    case "check":
      return `check ${declaration.block ?? ""} ${declaration.label ?? ""}`;
    case "model":
    case "time":
      return declaration.kind;
  }
}

function scenarioKey(declaration: ScenarioDeclaration): string {
  if (declaration.kind === "scenario") return "scenario";
  const index = declaration.index === undefined ? "" : JSON.stringify(declaration.index.map(withoutSpan));
  return `${declaration.isPin ? "pin " : ""}${declaration.path.map((name) => name.text).join(".")}${index}`;
}

function withoutSpan(item: object): object {
  return Object.fromEntries(Object.entries(item).filter(([key]) => key !== "span" && key !== "expression"));
}
