/**
 * Edits of a model as text edits: only the value or formula that changes is replaced, comments and layout stay. A
 * rejected edit gives diagnostics and leaves the document as it is; their spans are offsets into the text that was
 * typed, with source `formula`.
 *
 * What an edit alone cannot tell (a new loop, a name that is used elsewhere) is for `checkModel` on the new document.
 */
import { checkFormula, type Diagnostic, type Expression, parseFormula } from "@reckon/formula";
import { isErrorValue, numberToText, type Scalar } from "@reckon/value";
import type { CheckResult, Item, ModelDocument, ModelEdit } from "./api.ts";
import { cellCount, forEachCell, labelsAt } from "./cell-grid.ts";
import type {
  CheckedAttribute,
  CheckedInput,
  CheckedModel,
  FormulaDeclaration,
  InputDeclaration,
  ModelDeclaration,
} from "./declarations.ts";
import { listedDocument, listOf, parseModel } from "./document.ts";
import {
  attributeIdOf,
  lineEndOf,
  placeOfAttribute,
  readAsModelItem,
  replaced,
  withItem,
} from "./document-edit.ts";
import { checkInputValue, valueInWords } from "./input-value.ts";
import type { ItemList, ItemPlace } from "./item-list.ts";
import { LineReader } from "./line-reader.ts";
import { LineItem, withInputNumber } from "./line-template.ts";
import { type Code, diagnose, type Facts } from "./messages.ts";
import { memoryOf } from "./model-memory.ts";
import { modelScope, namesOf, suggestName } from "./model-scope.ts";
import { presentFields } from "./present-fields.ts";
import { readModelLine } from "./read-model-line.ts";
import { readValue } from "./read-value.ts";
import { scalarText, setCellsText } from "./value-text.ts";

type Edited = CheckResult<ModelDocument>;

/** The source of diagnostics about typed text. */
export const typedSource = "formula";

/**
 * The edited document, or diagnostics. `model` is the checked form of `document`.
 *
 * @example
 * ```ts
 * const before = parseModel("a.reckon", "model a\nblock b\n  input x = 2 # two\n");
 * const model = checkModel(before, () => ({ problem: "none" })).value;
 * const after = editModel(before, model, { kind: "set-input", attribute: "b.x", text: "3" }).value;
 * printDocument(after); // "model a\nblock b\n  input x = 3 # two\n"
 * ```
 */
export function editModel(document: ModelDocument, model: CheckedModel, edit: ModelEdit): Edited {
  switch (edit.kind) {
    case "set-formula":
      return setFormula(document, model, edit.attribute, edit.text);
    case "set-input":
      return setInput(document, model, edit.attribute, edit.text);
    case "set-cells":
      return setCells(document, model, edit);
    case "add-attribute":
      return addAttribute(document, model, edit);
    case "remove-attribute":
      return removeAttribute(document, model, edit.attribute);
    case "replace-text":
      return { value: parseModel(document.source, edit.text, document), diagnostics: [] };
  }
}

function rejected<C extends Code>(code: C, text: string, facts: Facts[C]): Edited {
  return {
    diagnostics: [diagnose(code, { source: typedSource, span: { start: 0, end: text.length } }, facts)],
  };
}

interface Found {
  readonly at: ItemPlace;
  readonly item: Item<ModelDeclaration>;
  readonly declaration: InputDeclaration | FormulaDeclaration;
  readonly attribute: CheckedAttribute;
}

function find(document: ModelDocument, model: CheckedModel, id: string): Found | undefined {
  const at = placeOfAttribute(document, model, id);
  const attribute = model.attributes.get(id);
  const item = at === undefined ? undefined : listOf(document).at(at);
  if (at === undefined || item === undefined || attribute === undefined) return undefined;
  return { at, item, declaration: item.declaration as InputDeclaration | FormulaDeclaration, attribute };
}

function unknown(model: CheckedModel, id: string): Edited {
  const column = model.attributes.get(id);
  if (column?.kind === "input" && column.isReadOnly) {
    return rejected("scenario/read-only", "", { attribute: id, axis: column.block });
  }
  const suggestion = suggestName(namesOf(model), undefined, id.split("."));
  return rejected("edit/unknown-attribute", "", presentFields({ name: id, suggestion }));
}

function setFormula(document: ModelDocument, model: CheckedModel, id: string, text: string): Edited {
  const found = find(document, model, id);
  if (found === undefined) return unknown(model, id);
  if (found.declaration.kind !== "formula") return rejected("edit/not-a-formula", text, { attribute: id });
  const typed = text.trim().replace(/^=\s*/, "");
  const parsed = parseFormula(text, { source: typedSource });
  if (parsed.diagnostics.length > 0) return { diagnostics: parsed.diagnostics };
  const { block, axes } = found.attribute;
  const { start, end } = found.declaration;
  const checked = checkFormula(
    parsed.expression,
    modelScope(model, { block, axes, attribute: id }),
    presentFields<{ source: string; start?: Expression; end?: Expression }>({
      source: typedSource,
      start,
      end,
    }),
  );
  if (checked.formula === undefined) return { diagnostics: checked.diagnostics };
  return replaceValue(document, found, typed, checked.diagnostics);
}

/** The document with the right side of an attribute's line replaced. */
function replaceValue(
  document: ModelDocument,
  found: Found,
  typed: string,
  warnings: readonly Diagnostic[] = [],
): Edited {
  const { item, declaration, at } = found;
  const text = replaced(item.text, [{ span: declaration.valueSpan, text: typed }]);
  const edited = readAsModelItem(document, item.id, text, declaration.block);
  if (edited === undefined || attributeIdOf(edited.declaration) !== attributeIdOf(declaration)) {
    return rejected("edit/several-lines", typed, { text: typed.replace(/\s+/g, " ") });
  }
  if (edited.diagnostics.length > 0)
    return rejected("edit/several-declarations", typed, { text: typed.replace(/\s+/g, " ") });
  return { value: withItem(document, at, edited), diagnostics: warnings };
}

function setInput(document: ModelDocument, model: CheckedModel, id: string, text: string): Edited {
  const found = find(document, model, id);
  if (found === undefined) return unknown(model, id);
  if (found.declaration.kind !== "input") return rejected("edit/not-an-input", text, { attribute: id });
  const typed = text.trim().replace(/^=\s*/, "");
  const reader = new LineReader(
    typedSource,
    text,
    text.length - text.replace(/^\s*=?\s*/, "").length,
    text.trimEnd().length,
  );
  readValue(reader);
  if (reader.diagnostics.length === 0) reader.expectEnd();
  if (reader.diagnostics.length > 0) return { diagnostics: reader.diagnostics };
  return replaceValue(document, found, typed);
}

function setCells(
  document: ModelDocument,
  model: CheckedModel,
  edit: ModelEdit & { kind: "set-cells" },
): Edited {
  const plain = setNumber(document, model, edit);
  if (plain !== undefined) return plain;
  const found = find(document, model, edit.attribute);
  if (found === undefined) return unknown(model, edit.attribute);
  const { attribute, declaration, item } = found;
  if (attribute.kind !== "input" || declaration.kind !== "input") {
    return rejected("edit/not-an-input", "", { attribute: edit.attribute });
  }
  const path = tableOf(document, declaration);
  if (path !== undefined) return rejected("edit/value-from-table", "", { attribute: edit.attribute, path });
  const refused = refuse(attribute, edit);
  if (refused.length > 0) return { diagnostics: refused };
  const isDate = attribute.type?.kind === "word" && attribute.type.word === "date";
  if (scalarText(edit.value, "", isDate) === undefined) {
    return rejected("edit/no-text", "", { value: valueInWords(edit.value) });
  }
  const { axes } = attribute;
  const replacements = setCellsText(declaration.value, {
    axes,
    positions: edit.positions,
    value: edit.value,
    isDate,
    text: item.text,
  });
  if (replacements === undefined) {
    return rejected("edit/too-large", "", { attribute: edit.attribute, cells: cellCount(axes, []) });
  }
  const text = replaced(item.text, replacements);
  const edited = readAsModelItem(document, item.id, text, declaration.block);
  if (edited === undefined) return rejected("edit/several-lines", "", { text: numberOrText(edit.value) });
  return { value: withItem(document, found.at, edited), diagnostics: [] };
}

/** Sets the number of an input on a plain line, without its syntax tree; undefined where that does not do. */
function setNumber(
  document: ModelDocument,
  model: CheckedModel,
  { attribute: id, value }: ModelEdit & { kind: "set-cells" },
): Edited | undefined {
  const attribute = model.attributes.get(id);
  if (attribute?.kind !== "input" || attribute.axes.length > 0 || typeof value !== "number") return undefined;
  const at = placeOfAttribute(document, model, id);
  const item = at === undefined ? undefined : listOf(document).at(at);
  if (at === undefined || !(item instanceof LineItem) || !item.template.isInput) return undefined;
  const edited = withInputNumber(item, (like) => scalarText(value, like, false));
  return edited === undefined ? undefined : { value: withItem(document, at, edited), diagnostics: [] };
}

function numberOrText(value: Scalar): string {
  return typeof value === "number" ? numberToText(value) : String(isErrorValue(value) ? value.code : value);
}

function refuse(input: CheckedInput, edit: ModelEdit & { kind: "set-cells" }): readonly Diagnostic[] {
  let first: number | undefined;
  forEachCell(input.axes, edit.positions, (index) => {
    first ??= index;
  });
  const at = first === undefined ? [] : labelsAt(input.axes, first);
  return checkInputValue(input, edit.value, at, { source: typedSource, span: { start: 0, end: 0 } });
}

/** The file that an input's values come from, if they do. */
function tableOf(document: ModelDocument, declaration: InputDeclaration): string | undefined {
  const { value } = declaration;
  if (value.kind === "table") return value.table.path;
  if (value.kind !== "expression" || value.expression.kind !== "name") return undefined;
  const axisName = value.expression.path[0];
  for (const { items } of listOf(document).chunks) {
    for (const { declaration: other } of items)
      if (other?.kind === "axis" && other.name.text === axisName) return other.table?.path;
  }
  return undefined;
}

function addAttribute(
  document: ModelDocument,
  model: CheckedModel,
  edit: ModelEdit & { kind: "add-attribute" },
): Edited {
  const typed = edit.text.trim();
  const place = placeFor(document, model, edit.block, edit.after);
  if (place === undefined) {
    const known = namesOf(model).blocks;
    const suggestion = known.has(edit.block)
      ? undefined
      : suggestName(namesOf(model), undefined, [edit.block]);
    return rejected("model/unknown-block", typed, presentFields({ name: edit.block, suggestion }));
  }
  const line = readModelLine(typedSource, typed, 0, typed.length, edit.block);
  if (line.diagnostics.length > 0) return { diagnostics: line.diagnostics };
  const id = attributeIdOf(line.declaration);
  if (id === undefined)
    return rejected("edit/several-declarations", typed, { text: typed.replace(/\s+/g, " ") });
  if (model.attributes.has(id))
    return rejected("model/duplicate-name", typed, { what: "attribute", name: id });
  const list = listOf(document);
  const end = lineEndOf(document);
  const text = `${place.indentation}${typed}${end}`;
  const item = readAsModelItem(document, list.nextId, text, edit.block);
  if (item === undefined)
    return rejected("edit/several-declarations", typed, { text: typed.replace(/\s+/g, " ") });
  const before = list.at(place.behind) as Item<ModelDeclaration>;
  const ended = /[\r\n]$/.test(before.text) ? before : { ...before, text: before.text + end };
  return {
    value: listedDocument(document.source, list.spliced(place.behind, 1, [ended, item])),
    diagnostics: [],
  };
}

/** Where a new attribute of a block goes: behind `after`, else behind the block's last declaration. */
function placeFor(
  document: ModelDocument,
  model: CheckedModel,
  block: string,
  after: string | undefined,
): { readonly behind: ItemPlace; readonly indentation: string } | undefined {
  const wanted = after === undefined ? undefined : after.includes(".") ? after : `${block}.${after}`;
  const own = namesOf(model).blocks.get(block);
  const last = wanted === undefined || own?.includes(wanted) !== true ? own?.at(-1) : wanted;
  const list = listOf(document);
  if (last !== undefined) {
    const behind = placeOfAttribute(document, model, last);
    if (behind === undefined) return undefined;
    const text = list.at(behind)?.text ?? "";
    return { behind, indentation: /^\uFEFF?([ \t]*)/.exec(text)?.[1] ?? "  " };
  }
  const behind = blockLine(list, block);
  return behind === undefined ? undefined : { behind, indentation: "  " };
}

/** The line of a block without attributes. */
function blockLine(list: ItemList<ModelDeclaration>, block: string): ItemPlace | undefined {
  for (const [chunk, { items }] of list.chunks.entries()) {
    const at = items.findIndex(
      ({ declaration }) => declaration?.kind === "block" && declaration.name.text === block,
    );
    if (at >= 0) return { chunk, at };
  }
  return undefined;
}

/** Without the attribute's line, and without the `loop` line that names it, which would mean nothing. */
function removeAttribute(document: ModelDocument, model: CheckedModel, id: string): Edited {
  const at = placeOfAttribute(document, model, id);
  if (at === undefined) return unknown(model, id);
  let list = listOf(document);
  const first = list.chunks[0]?.items[0];
  list = list.spliced(at, 1, []);
  for (const loop of memoryOf(model)?.loopLines.get(id) ?? []) {
    const line = list.placeOf(loop);
    if (line !== undefined) list = list.spliced(line, 1, []);
  }
  // The byte order mark stays the first character of the file.
  const now = list.chunks[0]?.items[0];
  if (now !== undefined && now !== first && first?.text.startsWith("\uFEFF") === true)
    list = list.spliced({ chunk: 0, at: 0 }, 1, [{ ...now, text: `\uFEFF${now.text}` }]);
  return { value: listedDocument(document.source, list), diagnostics: [] };
}
