/**
 * The part of a model that its entities need, as a text whose lines have the numbers that they have in the file.
 *
 *   1. What is kept, and the checks of entities, with all that they read, however far, and the loops on the way.
 *   2. Every other attribute, check and loop becomes an empty line.
 *
 * Blocks, axes and curves stay: they cost nothing. So a chunk's sheet is the model as it is written, with fewer
 * attributes. What reads across entities is never needed by what does not. Cost: the formulas.
 */
import type { Expression } from "@reckon/formula";
import {
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
}

/** What `wanted` and the checks called `checks` need. */
export function neededParts(
  document: ModelDocument,
  model: CheckedModel,
  wanted: readonly string[],
  checks: ReadonlySet<string>,
): NeededParts {
  const loops = new Map(model.loops.map((loop) => [loop.attribute, loop]));
  const columns = columnReads(document, model);
  const needed = new Set(wanted);
  for (const { name, formula } of model.checks)
    if (checks.has(name)) for (const { attribute } of formula.references) needed.add(attribute);
  // The set grows while it is walked: what was added is walked as well.
  for (const id of needed) {
    for (const read of readsAll(model.attributes.get(id))) needed.add(read);
    for (const { attribute } of loops.get(id)?.start?.references ?? []) needed.add(attribute);
    for (const read of columns.get(id) ?? []) needed.add(read);
  }
  const others = new Set<number>();
  for (const { id, item, block } of model.attributes.values())
    if (!needed.has(id) && !model.axes.some(({ name }) => name === block)) others.add(item);
  for (const { attribute, item } of model.loops) if (!needed.has(attribute)) others.add(item);
  for (const { name, item } of model.checks) if (!checks.has(name)) others.add(item);
  return { attributes: needed, others };
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

/** The document's text with these items as empty lines. */
export function textWithout(document: ModelDocument, items: readonly number[]): string {
  const left = new Set(items);
  return document.items
    .map(({ id, text }) => (left.has(id) ? text.replaceAll(/[^\r\n]+/g, "") : text))
    .join("");
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
