/**
 * The part of a model that its entities need, as a text whose lines have the numbers that they have in the file.
 *
 *   1. What is kept, and the checks of entities, with all that they read as far as that is not given, and the loops on the way.
 *   2. A formula whose values are given becomes an input: what it stands on is not needed, nor its tables and modules.
 *   3. Every other attribute, check and loop becomes an empty line.
 *
 * Blocks, axes and curves stay: they cost nothing. So a chunk's sheet is the model as it is written, with fewer
 * attributes. What reads across entities is never needed by what does not. Cost: the formulas.
 */
import type { Expression } from "@reckon/formula";
import {
  type AttributeType,
  type CheckedAttribute,
  type CheckedModel,
  type ModelDocument,
  readsOf,
  type TableSource,
} from "@reckon/model";

export interface NeededParts {
  /** By `block.attribute`, with the columns of table axes. */
  readonly attributes: ReadonlySet<string>;
  /** Items of the document that declare what is not needed. */
  readonly others: ReadonlySet<number>;
  /** Of those needed, the formulas whose values are given: by item. */
  readonly given: ReadonlyMap<number, CheckedAttribute>;
}

export interface NeedRequest {
  readonly document: ModelDocument;
  readonly model: CheckedModel;
  readonly wanted: readonly string[];
  /** By name. */
  readonly checks: ReadonlySet<string>;
  readonly isGiven: (attribute: CheckedAttribute) => boolean;
}

/** What is needed for what is wanted. */
export function neededParts({ document, model, wanted, checks, isGiven }: NeedRequest): NeededParts {
  const loops = new Map(model.loops.map((loop) => [loop.attribute, loop]));
  const columns = columnReads(document, model);
  const given = new Map<number, CheckedAttribute>();
  const needed = new Set(wanted);
  for (const { name, formula } of model.checks)
    if (checks.has(name)) for (const { attribute } of formula.references) needed.add(attribute);
  // The set grows while it is walked: what was added is walked as well.
  for (const id of needed) {
    const attribute = model.attributes.get(id);
    if (attribute?.kind === "formula" && isGiven(attribute)) {
      given.set(attribute.item, attribute);
      continue;
    }
    for (const read of readsAll(attribute)) needed.add(read);
    for (const reference of loops.get(id)?.start?.references ?? []) needed.add(reference.attribute);
    for (const read of columns.get(id) ?? []) needed.add(read);
  }
  const others = new Set<number>();
  const isComputed = (id: string, item: number): boolean => needed.has(id) && !given.has(item);
  for (const { id, item, block } of model.attributes.values())
    if (!needed.has(id) && !model.axes.some(({ name }) => name === block)) others.add(item);
  for (const { attribute, item } of model.loops)
    if (!isComputed(attribute, model.attributes.get(attribute)?.item ?? -1)) others.add(item);
  for (const { name, item } of model.checks) if (!checks.has(name)) others.add(item);
  return { attributes: needed, others, given };
}

/** What the needed attributes that are inside, and the checks, read of those that are not; once each. */
export function readFromOutside(
  model: CheckedModel,
  needed: ReadonlySet<string>,
  checks: ReadonlySet<string>,
  isInside: (id: string) => boolean,
): readonly string[] {
  const found = new Set<string>();
  const note = (id: string): void => {
    if (!isInside(id)) found.add(id);
  };
  for (const id of needed) if (isInside(id)) readsAll(model.attributes.get(id)).forEach(note);
  for (const { attribute, start } of model.loops)
    if (needed.has(attribute) && isInside(attribute))
      for (const reference of start?.references ?? []) note(reference.attribute);
  for (const { name, formula } of model.checks)
    if (checks.has(name)) for (const { attribute } of formula.references) note(attribute);
  return [...found];
}

/** The document's text with items as empty lines, and formulas that are given as inputs. */
export function narrowedText(
  document: ModelDocument,
  left: readonly number[],
  given: NeededParts["given"] = new Map(),
): string {
  const empty = new Set(left);
  return document.items
    .map(({ id, text, declaration }) => {
      if (empty.has(id)) return text.replaceAll(/[^\r\n]+/g, "");
      if (!given.has(id) || declaration?.kind !== "formula") return text;
      const { name, type, typeSpan } = declaration;
      const typed = typeSpan === undefined ? "" : `: ${text.slice(typeSpan.start, typeSpan.end)}`;
      return `  input ${name.text}${typed} = ${standIn(type)}${text.replaceAll(/[^\r\n]+/g, "")}`;
    })
    .join("");
}

/** Any value of the type: another is given. */
function standIn(type: AttributeType | undefined): string {
  if (type?.kind !== "word") return "0";
  switch (type.word) {
    case "number":
      return "0";
    case "text":
      return '""';
    case "boolean":
      return "FALSE";
    case "date":
      return "2026-01-01";
  }
}

/** The items that name modules of which nothing is called. */
export function unusedModules(document: ModelDocument, called: ReadonlySet<string>): readonly number[] {
  return document.items.flatMap(({ id, declaration }) =>
    declaration?.kind === "use" && !called.has(declaration.name.text) ? [id] : [],
  );
}

function readsAll(attribute: CheckedAttribute | undefined): readonly string[] {
  if (attribute?.kind !== "formula") return [];
  return [attribute, ...(attribute.hidden ?? [])].flatMap((each) => [
    ...readsOf(each),
    ...(each.time?.references.map((reference) => reference.attribute) ?? []),
  ]);
}

/** By input the columns of table axes that its value names, or takes from the axis's own table. */
function columnReads(document: ModelDocument, model: CheckedModel): ReadonlyMap<string, readonly string[]> {
  const axisOver = new Map<string, string>();
  for (const { declaration } of document.items)
    if (declaration?.kind === "axis" && declaration.table !== undefined)
      axisOver.set(declaration.table.path, declaration.name.text);
  const reads = new Map<string, readonly string[]>();
  for (const { declaration } of document.items) {
    if (declaration?.kind !== "input") continue;
    const { block, name, value } = declaration;
    if (value.kind !== "table") reads.set(`${block}.${name.text}`, namesIn(value));
    else {
      const axis = axisOver.get(value.table.path);
      const column = axis === undefined ? undefined : valueColumn(value.table, axis, name.text, model);
      if (column !== undefined) reads.set(`${block}.${name.text}`, [`${axis}.${column}`]);
    }
  }
  return reads;
}

/** The column of an axis's table in which an input finds its values: as the checker chooses it. */
function valueColumn(
  { valueColumn: told, key }: TableSource,
  axis: string,
  name: string,
  model: CheckedModel,
): string | undefined {
  if (told !== undefined) return told.text;
  const others = [...model.attributes.values()].filter(
    (column) => column.block === axis && column.name !== (key?.text ?? axis),
  );
  return others.length === 1 ? others[0]?.name : others.find((column) => column.name === name)?.name;
}

/** Every path of two names somewhere in a value. */
function namesIn(value: object): readonly string[] {
  const found: string[] = [];
  const open: unknown[] = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== "object" || next === null) continue;
    const { kind, path } = next as Partial<Extract<Expression, { kind: "name" }>>;
    if (kind === "name" && path?.length === 2) found.push(path.join("."));
    for (const part of Object.values(next)) if (typeof part === "object") open.push(part);
  }
  return found;
}
