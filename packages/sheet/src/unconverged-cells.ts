/** Which values must not be trusted, by attribute, and by which way that came to a cell. */
import type { State } from "@reckon/engine";
import type { BoundFormula } from "@reckon/formula";
import type { CheckedAttribute, CheckedFormula } from "@reckon/model";
import { labelsAt, type Plan, timeOf } from "@reckon/plan";
import type { ErrorOrigin } from "@reckon/value";
import type { CellRange } from "./api.ts";
import { rangesOf } from "./change-feed.ts";
import { readsAt } from "./read-at.ts";

/** So many cells are looked at on the way to the loop. */
const cellsSearchedMax = 10_000;

/** Flat cell ranges in ascending order, in file order. Cost: the engine's, and the attributes where there are any. */
export function unconvergedRanges(plan: Plan, state: State): ReadonlyMap<string, readonly CellRange[]> {
  const boxes = state.unconverged();
  const found = new Map<string, readonly CellRange[]>();
  if (boxes.size === 0) return found;
  for (const [id, { axes }] of plan.model.attributes) {
    const node = plan.nodeOf(id);
    const ofNode = node === undefined ? undefined : boxes.get(node);
    if (ofNode !== undefined) found.set(id, rangesOf(ofNode, timeOf(axes)?.labels.length ?? 1));
  }
  return found;
}

/** Whether a flat cell lies in one of the ranges. */
function isWithin(ranges: readonly CellRange[] | undefined, cell: number): boolean {
  return ranges?.some(({ from, to }) => from <= cell && cell < to) === true;
}

interface Step {
  readonly attribute: CheckedAttribute;
  readonly cell: number;
  /** The cell that reads it. */
  readonly reader: Step | undefined;
}

/**
 * The cells from this one to one whose solve did not converge, each reading the next; the shortest such way. Absent
 * for a cell that can be trusted. Cost: the cells between.
 */
export function wayToUnconverged(
  plan: Plan,
  state: State,
  attribute: CheckedAttribute,
  cell: number,
): readonly ErrorOrigin[] | undefined {
  const ranges = unconvergedRanges(plan, state);
  if (!isWithin(ranges.get(attribute.id), cell)) return undefined;
  const seen = new Set<string>();
  const queue: Step[] = [{ attribute, cell, reader: undefined }];
  for (let at = 0; at < queue.length && at < cellsSearchedMax; at++) {
    const step = queue[at] as Step;
    if (isSource(plan, state, step)) return placesOf(step);
    if (step.attribute.kind !== "formula") continue;
    for (const [id, cells] of cellsRead(plan, state, step.attribute, step.cell)) {
      const precedent = plan.model.attributes.get(id);
      const ofPrecedent = ranges.get(id);
      if (precedent === undefined || ofPrecedent === undefined) continue;
      for (const next of cells) {
        const key = `${precedent.id} ${next}`;
        if (seen.has(key) || !isWithin(ofPrecedent, next)) continue;
        seen.add(key);
        queue.push({ attribute: precedent, cell: next, reader: step });
      }
    }
  }
  return placesOf(queue[0] as Step);
}

/**
 * What a cell depends on directly: of a stock what it was a period ago and the flow of that period, of a delay or a
 * smoothing all periods so far.
 */
function* cellsRead(
  plan: Plan,
  state: State,
  attribute: CheckedFormula,
  cell: number,
): Generator<readonly [attribute: string, cells: readonly number[]]> {
  const { axes, formula, hidden = [] } = attribute;
  const period = cell % (timeOf(axes)?.labels.length ?? 1);
  const readAt = (read: BoundFormula, at: number): (readonly [string, readonly number[]])[] =>
    readsAt(plan, state, read, at).map(({ reference, cells }) => [reference.attribute, cells]);
  if (formula.integral === undefined) yield* readAt(formula, cell);
  else if (period === 0) yield* readAt(formula.integral.initial, cell);
  else {
    yield [attribute.id, [cell - 1]];
    yield* readAt(formula, cell - 1);
  }
  for (const inside of hidden) {
    for (let at = cell; at >= cell - period; at--) yield* readAt(inside.formula, at);
  }
}

function placesOf(last: Step): readonly ErrorOrigin[] {
  const places: ErrorOrigin[] = [];
  for (let step: Step | undefined = last; step !== undefined; step = step.reader) {
    places.unshift({ attribute: step.attribute.id, at: labelsAt(step.attribute.axes, step.cell) });
  }
  return places;
}

/** Whether a cell belongs to a solve that did not converge. */
function isSource(plan: Plan, state: State, { attribute, cell }: Step): boolean {
  const node = plan.nodeOf(attribute.id);
  const record = node === undefined ? undefined : state.loopRecordAt(node, cell);
  return record !== undefined && record.verdict !== "converged";
}
