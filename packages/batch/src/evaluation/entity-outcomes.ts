/**
 * What a computed chunk says of each of its entities, and their values entity by entity.
 *
 *   invalid     its row does not fit the model: found before, and not in the sheet
 *   failed      a call of a module's function in it, or in a check of it, failed; or, where errors fail, a kept value is one
 *   succeeded   otherwise, with how many cells of its checks are false, or errors
 *
 * The entity axis need not be the first of an attribute: its cells are gathered. Entities that did not succeed have blank cells.
 * Cost: the cells that are kept, and those of formulas that call modules.
 */
import { tellsOfFailedCall } from "@reckon/formula";
import { type CheckedAttribute, type CheckedModel, LineFormula } from "@reckon/model";
import type { CheckOutcome } from "@reckon/sheet";
import { type Axis, Column, type ErrorValue, isErrorValue, markFirstError } from "@reckon/value";
import type { EntityOutcome } from "../entity.ts";
import type { BatchProgram, WantedAttribute } from "../program.ts";
import { encodeBlock } from "./result-block.ts";

/** A chunk as it was computed: the entities whose rows fit the model. */
export interface ComputedChunk {
  readonly model: CheckedModel;
  /** In the order of the sheet's axis. */
  readonly keys: readonly string[];
  /** The values of an attribute; `undefined` for one that is not laid. */
  readonly column: (id: string) => Column | undefined;
  readonly checks: readonly CheckOutcome[];
}

export interface EntityResults {
  readonly entities: readonly EntityOutcome[];
  readonly block: Uint8Array;
}

/** `invalid`: the others of the chunk, by their place in it. */
export function entityResults(
  program: BatchProgram,
  chunk: ComputedChunk | undefined,
  invalid: ReadonlyMap<number, EntityOutcome>,
): EntityResults {
  const computed = chunk === undefined ? [] : computedEntities(program, chunk);
  const count = computed.length + invalid.size;
  const entities: EntityOutcome[] = [];
  /** By entity its place in the sheet; −1: it has no values. */
  const rows = new Int32Array(count).fill(-1);
  for (let entity = 0, row = 0; entity < count; entity++) {
    const outcome = invalid.get(entity) ?? (computed[row++] as EntityOutcome);
    entities.push(outcome);
    if (outcome.kind === "succeeded") rows[entity] = row - 1;
  }
  const columns = program.wanted.map((wanted) => byEntity(program, wanted, chunk, rows));
  return { entities, block: encodeBlock(count, program.wanted, columns) };
}

function computedEntities({ axis, wanted, errorsFail }: BatchProgram, chunk: ComputedChunk): EntityOutcome[] {
  const failed: (EntityOutcome | undefined)[] = new Array(chunk.keys.length).fill(undefined);
  for (const attribute of chunk.model.attributes.values())
    if (callsModule(attribute)) noteErrors(attribute, axis, chunk, failed, tellsOfCall);
  noteFailedChecks(chunk, axis, failed);
  if (errorsFail)
    for (const { id } of wanted) noteErrors(chunk.model.attributes.get(id), axis, chunk, failed, () => true);
  const checksFailed = failedChecks(chunk, axis);
  return failed.map(
    (outcome, i) => outcome ?? { kind: "succeeded", checksFailed: checksFailed[i] as number },
  );
}

function callsModule(attribute: CheckedAttribute): boolean {
  if (attribute.kind !== "formula" || attribute instanceof LineFormula) return false;
  return [attribute, ...(attribute.hidden ?? [])].some(({ formula }) => formula.callsModule);
}

function tellsOfCall({ detail }: ErrorValue): boolean {
  return detail !== undefined && tellsOfFailedCall(detail);
}

/** Where the cells of one entity lie: `before` stretches, in each of them `cells` cells for every entity in turn. */
interface EntityPlace {
  readonly before: number;
  readonly cells: number;
}

function placeOf(axes: readonly Axis[], axis: string): EntityPlace | undefined {
  const at = axes.findIndex(({ name }) => name === axis);
  if (at < 0) return undefined;
  const size = (some: readonly Axis[]): number =>
    some.reduce((product, { labels }) => product * labels.length, 1);
  return { before: size(axes.slice(0, at)), cells: size(axes.slice(at + 1)) };
}

/** The first error of each entity in an attribute that counts as its failure, where it has none yet. */
function noteErrors(
  attribute: CheckedAttribute | undefined,
  axis: string,
  chunk: ComputedChunk,
  failed: (EntityOutcome | undefined)[],
  counts: (error: ErrorValue) => boolean,
): void {
  if (attribute === undefined) return;
  const column = chunk.column(attribute.id);
  const place = placeOf(attribute.axes, axis);
  if (column === undefined || column.marks === null || place === undefined) return;
  const count = failed.length;
  for (let cell = 0; cell < column.length; cell++) {
    if ((column.marks[cell] as number) < markFirstError) continue;
    const entity = Math.floor(cell / place.cells) % count;
    const value = column.get(cell);
    if (failed[entity] !== undefined || !isErrorValue(value) || !counts(value)) continue;
    const { code, detail } = value;
    const message = detail === undefined ? `${attribute.id} is ${code}` : detail;
    failed[entity] = {
      kind: "failed",
      code: tellsOfCall(value) ? "call" : code,
      message,
      attribute: value.origin?.attribute ?? attribute.id,
    };
  }
}

/** A call that failed in a check is a failure of the cell's entity, where it has none yet. */
function noteFailedChecks(chunk: ComputedChunk, axis: string, failed: (EntityOutcome | undefined)[]): void {
  for (const { name, entity, cell } of checkedCells(chunk, axis)) {
    const { detail } = cell;
    if (failed[entity] !== undefined || detail === undefined || !tellsOfFailedCall(detail)) continue;
    const message = `the check "${name}" cannot be computed: ${detail}`;
    failed[entity] = { kind: "failed", code: "call", message, attribute: name };
  }
}

/** Per entity, the cells of checks that do not pass. */
function failedChecks(chunk: ComputedChunk, axis: string): readonly number[] {
  const counts = new Array<number>(chunk.keys.length).fill(0);
  for (const { entity } of checkedCells(chunk, axis)) counts[entity] = (counts[entity] as number) + 1;
  return counts;
}

/** The cells of checks that do not pass, with their entities. */
function* checkedCells(
  { checks, model, keys }: ComputedChunk,
  axis: string,
): Generator<{
  readonly name: string;
  readonly entity: number;
  readonly cell: CheckOutcome["cells"][number];
}> {
  const positions = new Map(keys.map((key, i) => [key, i]));
  for (const { name, cells } of checks) {
    const axes = model.checks.find((check) => check.name === name)?.formula.axes ?? [];
    const at = axes.findIndex((each) => each.name === axis);
    for (const cell of at < 0 ? [] : cells) {
      const entity = positions.get(cell.at[at] as string);
      if (entity !== undefined) yield { name, entity, cell };
    }
  }
}

/** The cells entity by entity; those of entities without values are blank. Shares the sheet's column where it can. */
function byEntity(
  { axis }: BatchProgram,
  { id, axes }: WantedAttribute,
  chunk: ComputedChunk | undefined,
  rows: Int32Array,
): Column {
  const shape = { outer: rows.length, periods: axes.reduce((cells, { labels }) => cells * labels.length, 1) };
  const column = chunk?.column(id);
  const place = placeOf(chunk?.model.attributes.get(id)?.axes ?? [], axis);
  const gathered = new Column(shape);
  if (column === undefined || place === undefined) return blank(gathered);
  const count = chunk?.keys.length ?? 0;
  const { before, cells } = place;
  if (before === 1 && rows.every((row, i) => row === i)) {
    const shared = new Column(shape, column.numbers);
    shared.marks = column.marks;
    shared.texts = column.texts;
    return shared;
  }
  for (const [entity, row] of rows.entries())
    for (let i = 0; i < before; i++)
      for (let k = 0; k < cells; k++) {
        const to = (entity * before + i) * cells + k;
        if (row < 0) gathered.set(to, null);
        else gathered.copyCell(to, column, (i * count + row) * cells + k);
      }
  return gathered;
}

function blank(column: Column): Column {
  for (let cell = 0; cell < column.length; cell++) column.set(cell, null);
  return column;
}
