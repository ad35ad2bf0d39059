/**
 * Edits of a scenario as text edits.
 *
 * Setting cells must leave overrides that nest, wide before narrow. So a new override
 *   - replaces the text of one on exactly the same cells,
 *   - takes out the ones that lie wholly inside it, and stands where the first of them stood,
 *   - where it overlaps one only in part, is written as several boxes: the part inside that one, and the rest.
 */
import type { Axis } from "@reckon/value";
import type { CheckResult, Item, ScenarioDocument, ScenarioEdit } from "./api.ts";
import { forEachCell, labelsAt } from "./cell-grid.ts";
import { checkScenario } from "./check-scenario.ts";
import type {
  CheckedAttribute,
  CheckedModel,
  OverrideDeclaration,
  ScenarioDeclaration,
} from "./declarations.ts";
import { listOf, parseScenario, printDocument } from "./document.ts";
import { lineEndOf, readAsScenarioItem, replaced } from "./document-edit.ts";
import { typedSource } from "./edit-model.ts";
import { checkInputValue, valueInWords } from "./input-value.ts";
import { type Code, diagnose, type Facts } from "./messages.ts";
import { namesOf, suggestName } from "./model-scope.ts";
import { presentFields } from "./present-fields.ts";
import {
  type OverrideText,
  recordTarget,
  recordWithOverride,
  recordWithoutItems,
} from "./scenario-record-edit.ts";
import { scalarText, spanText } from "./value-text.ts";

type Edited = CheckResult<ScenarioDocument>;
type Box = readonly (readonly number[])[];

/** The edited document, or diagnostics with the document left as it is. `model` is the scenario's model. */
export function editScenario(document: ScenarioDocument, model: CheckedModel, edit: ScenarioEdit): Edited {
  switch (edit.kind) {
    case "set-override":
      return setOverride(document, model, edit);
    case "drop-override":
      return dropOverride(document, model, edit.attribute);
    case "replace-text":
      return { value: parseScenario(document.source, edit.text, document), diagnostics: [] };
  }
}

function rejected<C extends Code>(code: C, facts: Facts[C]): Edited {
  return { diagnostics: [diagnose(code, { source: typedSource, span: { start: 0, end: 0 } }, facts)] };
}

type SetOverride = ScenarioEdit & { kind: "set-override" };

function setOverride(document: ScenarioDocument, model: CheckedModel, edit: SetOverride): Edited {
  const attribute = model.attributes.get(edit.attribute);
  if (attribute === undefined) return unknown(model, edit.attribute);
  const problem = kindProblem(attribute, edit);
  if (problem !== undefined) return problem;
  if (attribute.kind === "input" && edit.operator === "=") {
    let at: readonly string[] | undefined;
    forEachCell(attribute.axes, edit.positions, (index) => {
      at ??= labelsAt(attribute.axes, index);
    });
    const refused = checkInputValue(attribute, edit.value, at ?? [], {
      source: typedSource,
      span: { start: 0, end: 0 },
    });
    if (refused.length > 0) return { diagnostics: refused };
  }
  if (scalarText(edit.value) === undefined)
    return rejected("edit/no-text", { value: valueInWords(edit.value) });
  return write(document, model, attribute, edit);
}

function unknown(model: CheckedModel, name: string): Edited {
  const suggestion = suggestName(namesOf(model), undefined, name.split("."));
  return rejected("edit/unknown-attribute", presentFields({ name, suggestion }));
}

function kindProblem(attribute: CheckedAttribute, edit: SetOverride): Edited | undefined {
  const { id } = attribute;
  if (attribute.kind === "formula") {
    if (!edit.isPin) return rejected("scenario/needs-pin", { attribute: id });
    if (edit.operator !== "=")
      return rejected("scenario/relative-pin", { attribute: id, operator: edit.operator });
    return undefined;
  }
  if (attribute.isReadOnly) return rejected("scenario/read-only", { attribute: id, axis: attribute.block });
  return edit.isPin ? rejected("scenario/needless-pin", { attribute: id }) : undefined;
}

interface Existing {
  readonly at: number;
  readonly declaration: OverrideDeclaration;
  readonly box: Box;
}

function write(
  document: ScenarioDocument,
  model: CheckedModel,
  attribute: CheckedAttribute,
  edit: SetOverride,
): Edited {
  const existing = overridesOf(document, model, attribute.id);
  const same = existing.find(({ box }) => isSame(box, edit.positions));
  if (
    same !== undefined &&
    !existing.some((other) => other !== same && isInside(other.box, edit.positions))
  ) {
    return replaceValue(document, same, edit, holdsDates(attribute));
  }
  const inside = existing.filter(({ box }) => isInside(box, edit.positions));
  const others = existing.filter((other) => !inside.includes(other));
  // Of the ones that overlap in part, and those around it, every box keeps to one.
  let boxes: Box[] = [edit.positions];
  for (const { box } of others) {
    boxes = boxes.flatMap((part) => (isInside(part, box) || isApart(part, box) ? [part] : split(part, box)));
  }
  const texts = boxes.flatMap((box) =>
    lineTexts(attribute, box, edit, styleFor(document, attribute, existing)),
  );
  const removed = new Set(inside.map(({ at }) => at));
  // Behind the ones around it, before anything narrower.
  const after = Math.max(
    -1,
    ...others.filter(({ box }) => boxes.some((part) => isInside(part, box))).map(({ at }) => at),
  );
  if (document.format !== "reckon") {
    return checkedEdit(recordWithOverride(document, texts, removed, edit.isPin), document);
  }
  const at = after >= 0 ? after + 1 : (inside[0]?.at ?? endOfLines(document));
  return insertLines(
    document,
    texts.map((line) => `${edit.isPin ? "pin " : ""}${line.target} ${line.operator} ${line.value}`),
    at,
    removed,
  );
}

/** Whether values of the attribute are written as days. */
function holdsDates({ type }: CheckedAttribute): boolean {
  return type?.kind === "word" && type.word === "date";
}

function replaceValue(
  document: ScenarioDocument,
  existing: Existing,
  edit: SetOverride,
  hasDates: boolean,
): Edited {
  const item = document.items[existing.at] as Item<ScenarioDeclaration>;
  const { declaration } = existing;
  const like = item.text.slice(declaration.valueSpan.start, declaration.valueSpan.end);
  if (document.format !== "reckon") {
    const written = item.text.slice(declaration.targetSpan.start, declaration.targetSpan.end);
    const target = recordTarget(document, existing.at) ?? written;
    const line = {
      target,
      operator: edit.operator,
      value: scalarText(edit.value, like.replace(/^["']|["']$/g, ""), hasDates) as string,
    };
    return checkedEdit(recordWithOverride(document, [line], new Set([existing.at]), edit.isPin), document);
  }
  const text = replaced(item.text, [
    { span: declaration.operatorSpan, text: edit.operator },
    { span: declaration.valueSpan, text: scalarText(edit.value, like, hasDates) as string },
  ]);
  const edited = readAsScenarioItem(document, item.id, text);
  if (edited === undefined) return rejected("edit/several-lines", { text });
  return { value: { ...document, items: document.items.with(existing.at, edited) }, diagnostics: [] };
}

/** A text whose style a new value follows: another override of the attribute, or its display format. */
function styleFor(
  document: ScenarioDocument,
  attribute: CheckedAttribute,
  existing: readonly Existing[],
): string {
  const other = existing.find(
    ({ declaration }) => declaration.value.kind === "expression" && declaration.operator === "=",
  );
  if (other === undefined) return attribute.format?.includes("%") === true ? "1%" : "";
  const { start, end } = other.declaration.valueSpan;
  return (document.items[other.at] as Item<ScenarioDeclaration>).text.slice(start, end);
}

/** A box as one or more lines: an index can say one span for each axis, so what lies in several becomes several lines. */
function lineTexts(attribute: CheckedAttribute, box: Box, edit: SetOverride, like: string): OverrideText[] {
  const value = scalarText(
    edit.value,
    edit.operator === "=" ? like : "",
    edit.operator === "=" && holdsDates(attribute),
  ) as string;
  const runs = attribute.axes.map((axis, i) => runsOf(axis, box[i] as readonly number[]));
  let indexes: string[][] = [[]];
  for (const texts of runs) indexes = indexes.flatMap((index) => texts.map((text) => [...index, text]));
  return indexes.map((index) => {
    const isWhole = index.every((text) => text === "*");
    const target = isWhole ? attribute.id : `${attribute.id}[${index.join(", ")}]`;
    return { target, operator: edit.operator, value };
  });
}

/** The spans of an axis that the positions make up; `*` for all of it. */
function runsOf(axis: Axis, positions: readonly number[]): string[] {
  if (positions.length === axis.labels.length) return ["*"];
  const runs: string[] = [];
  for (let i = 0; i < positions.length; ) {
    let last = i;
    while (axis.time !== undefined && positions[last + 1] === (positions[last] as number) + 1) last += 1;
    runs.push(spanText(axis, positions[i] as number, positions[last] as number));
    i = last + 1;
  }
  return runs;
}

function insertLines(
  document: ScenarioDocument,
  lines: readonly string[],
  at: number,
  removed: ReadonlySet<number>,
): Edited {
  const end = lineEndOf(document);
  const indentation = indentationOf(document);
  const items: Item<ScenarioDeclaration>[] = [];
  let fresh = listOf(document).nextId;
  for (const [i, item] of document.items.entries()) {
    if (i === at) add();
    if (!removed.has(i)) items.push(item);
  }
  if (at >= document.items.length) add();
  return { value: { ...document, items }, diagnostics: [] };

  function add(): void {
    const before = items.at(-1);
    if (before !== undefined && !/[\r\n]$/.test(before.text))
      items[items.length - 1] = { ...before, text: before.text + end };
    for (const line of lines) {
      const text = `${indentation}${line}${end}`;
      const item = readAsScenarioItem(document, fresh++, text);
      if (item !== undefined) items.push(item);
    }
  }
}

function indentationOf(document: ScenarioDocument): string {
  for (const { declaration, text } of document.items) {
    if (declaration?.kind === "override") return /^[ \t]*/.exec(text)?.[0] ?? "  ";
  }
  return "  ";
}

/** Behind the last declaration, before the comments and blank lines at the end. */
function endOfLines(document: ScenarioDocument): number {
  for (let i = document.items.length - 1; i >= 0; i--)
    if (document.items[i]?.declaration !== undefined) return i + 1;
  return document.items.length;
}

/** The overrides of one attribute with the cells they act on; those with problems are left alone. */
function overridesOf(document: ScenarioDocument, model: CheckedModel, id: string): Existing[] {
  const own: ScenarioDocument = {
    ...document,
    items: document.items.filter(({ declaration }) => isOverrideOf(declaration, id)),
  };
  const found: Existing[] = [];
  document.items.forEach((item, at) => {
    const { declaration } = item;
    if (declaration?.kind !== "override" || !isOverrideOf(declaration, id)) return;
    const header = { id: 0, text: "", declaration: headerFor(model), diagnostics: [] };
    const checked = checkScenario({ ...own, items: [header, { ...item, diagnostics: [] }] }, model).value
      ?.overrides[0];
    if (checked !== undefined) found.push({ at, declaration, box: checked.positions });
  });
  return found;
}

function headerFor(model: CheckedModel): ScenarioDeclaration {
  const span = { start: 0, end: 0 };
  return { kind: "scenario", name: { text: "edited", span }, model: { text: model.name, span }, span };
}

function isOverrideOf(declaration: ScenarioDeclaration | undefined, id: string): boolean {
  return declaration?.kind === "override" && declaration.path.map((name) => name.text).join(".") === id;
}

function dropOverride(document: ScenarioDocument, model: CheckedModel, id: string): Edited {
  const removed = new Set<number>();
  document.items.forEach(({ declaration }, at) => {
    if (isOverrideOf(declaration, id)) removed.add(at);
  });
  if (removed.size === 0)
    return model.attributes.has(id) ? { value: document, diagnostics: [] } : unknown(model, id);
  if (document.format !== "reckon") return checkedEdit(recordWithoutItems(document, removed), document);
  return { value: { ...document, items: document.items.filter((_, i) => !removed.has(i)) }, diagnostics: [] };
}

/** The edited record read again; its text is small, so it is read whole. */
function checkedEdit(text: string, document: ScenarioDocument): Edited {
  const parsed = parseScenario(document.source, text, document);
  const problems = parsed.items.flatMap((item) => item.diagnostics);
  if (problems.length > 0 && document.items.every((item) => item.diagnostics.length === 0))
    return { diagnostics: problems };
  return printDocument(parsed) === text ? { value: parsed, diagnostics: [] } : { diagnostics: problems };
}

/* ------------------------------------------------------------------ boxes */

function isSame(a: Box, b: Box): boolean {
  return a.every((along, i) => along.length === b[i]?.length) && isInside(a, b);
}

function isInside(inner: Box, outer: Box): boolean {
  return inner.every((along, i) => isSubset(along, outer[i] as readonly number[]));
}

function isSubset(inner: readonly number[], outer: readonly number[]): boolean {
  const set = new Set(outer);
  return inner.every((position) => set.has(position));
}

function isApart(a: Box, b: Box): boolean {
  return a.some((along, i) => {
    const set = new Set(b[i]);
    return !along.some((position) => set.has(position));
  });
}

/** `part` cut into its cells inside `by` and boxes of the rest: for each axis, what lies outside, the axes before it inside. */
function split(part: Box, by: Box): Box[] {
  const rest: Box[] = [];
  let remaining: Box = part;
  for (let i = 0; i < part.length; i++) {
    const set = new Set(by[i]);
    const along = remaining[i] as readonly number[];
    const outside = along.filter((position) => !set.has(position));
    if (outside.length > 0) rest.push(remaining.map((positions, k) => (k === i ? outside : positions)));
    remaining = remaining.map((positions, k) =>
      k === i ? along.filter((position) => set.has(position)) : positions,
    );
  }
  return [remaining, ...rest];
}
