/**
 * The oracle: what every cell of a model must be, by the most naive way that works. It knows no levels, dirt,
 * overlays, compiled kernels or engine; each call computes everything anew with the interpreting evaluator.
 *   1. Inputs take their columns; a scenario's overrides are put over the parent scenario's values, cell by cell.
 *   2. A formula's cell is demanded; the cells it may read are demanded first (explicit stack, no recursion).
 *   3. Stocks and delays go on from period to period, all together: see `stocks.ts`.
 *   4. Loops: the cut attributes are taken as given, everything is computed, the cuts are computed anew from that,
 *      until no cut cell moves by more than 1e-14 of its size. The first sweep computes the declared start instead.
 *      A small difference of large numbers may swing by their rounding for ever: values that come back also end it.
 */
import { type BoundFormula, evaluateCell, type Reference } from "@reckon/formula";
import type { CheckedModel, CheckedScenario } from "@reckon/model";
import { type Axis, Column, isErrorValue, type Scalar, sameScalar, withOrigin } from "@reckon/value";
import { Stocks } from "./stocks.ts";

/** Columns by `block.attribute`; the checks stand under `check ` and their name. */
export type OracleValues = ReadonlyMap<string, Column>;
export type OracleModules = (module: string, name: string) => ((...args: Scalar[]) => unknown) | undefined;
type Axes = readonly Axis[];
type Shape = { readonly outer: number; readonly periods: number };
type Chain = readonly CheckedScenario[];

const sweepsMax = 5000;
const settledAt = 1e-14;
/** What comes back and moves by more than this is no rounding. */
const swingMax = 1e-9;

/** All values of `model` under the last of `chain`, which lists the scenario's ancestors first; `[]` is the base. */
export function recompute(model: CheckedModel, chain: Chain = [], modules?: OracleModules): OracleValues {
  const parent = chain.length === 0 ? new Map() : recompute(model, chain.slice(0, -1), modules);
  const inputs = new Map<string, Column>();
  for (const [id, attribute] of model.attributes) {
    if (attribute.kind === "input") inputs.set(id, (parent.get(id) ?? attribute.column).clone());
  }
  const pins = new Map<string, Scalar>();
  for (const scenario of chain) {
    for (const { attribute: id, operator, positions, values, isPin } of scenario.overrides) {
      cellsOf(model.attributes.get(id)?.axes as Axes, positions).forEach((cell, i) => {
        const below = (parent.get(id) as Column).get(cell);
        const amount = values[values.length === 1 ? 0 : i] as Scalar;
        const value = scenario === chain.at(-1) ? combined(below, operator, amount) : below;
        if (isPin) pins.set(`${id}@${cell}`, value);
        else inputs.get(id)?.set(cell, value);
      });
    }
  }
  const cuts = new Map<string, Column | undefined>(model.loops.map((loop) => [loop.attribute, undefined]));
  let kept: ReadonlyMap<string, Column | undefined> = new Map(cuts);
  for (let sweep = 0; sweep < sweepsMax; sweep++) {
    const values = sweepOnce(model, inputs, pins, cuts, modules);
    const areWithin = (before: ReadonlyMap<string, Column | undefined>, part: number): boolean =>
      [...before].every(([id, column]) => isSame(column, values.get(id) as Column, part));
    if (areWithin(cuts, settledAt) || (areWithin(kept, 0) && areWithin(cuts, swingMax))) return values;
    for (const id of cuts.keys()) cuts.set(id, values.get(id));
    // Kept from each power of two on, so that a swing of any length is met.
    if ((sweep & (sweep - 1)) === 0) kept = new Map(cuts);
  }
  throw new Error("the oracle's loops do not settle: the model is no contraction");
}

/** Computes every cell once. A cut attribute reads as its column of the last sweep and is computed from that. */
function sweepOnce(
  model: CheckedModel,
  inputs: ReadonlyMap<string, Column>,
  pins: ReadonlyMap<string, Scalar>,
  cuts: ReadonlyMap<string, Column | undefined>,
  modules?: OracleModules,
): OracleValues {
  const formulas = new Map<string, BoundFormula | undefined>();
  for (const { name, formula } of model.checks) formulas.set(`check ${name}`, formula);
  for (const [id, attribute] of model.attributes) {
    if (attribute.kind === "formula") formulas.set(id, attribute.formula);
  }
  for (const { id, formula } of model.stocks) formulas.set(id, formula);
  for (const loop of model.loops) if (!cuts.get(loop.attribute)) formulas.set(loop.attribute, loop.start);
  const axesOf = (id: string): Axes => model.attributes.get(id)?.axes ?? formulas.get(id)?.axes ?? [];
  const columns = new Map<string, Column>(inputs);
  for (const id of formulas.keys()) columns.set(id, new Column(shapeOf(axesOf(id))));
  const marks = new Map([...formulas.keys()].map((id) => [id, new Uint8Array(columns.get(id)?.length ?? 0)]));

  function compute(id: string, cell: number): Scalar {
    const formula = formulas.get(id);
    if (formula === undefined) return 0;
    return stocks.has(id) ? stocks.value(id, cell) : evaluate(formula, id, cell);
  }

  function evaluate(formula: BoundFormula, id: string, cell: number): Scalar {
    const { periods } = shapeOf(axesOf(id));
    const place = { outer: Math.floor(cell / periods), period: cell % periods };
    const read = formula.references.map(({ attribute: a }) => cuts.get(a) ?? (columns.get(a) as Column));
    const value = evaluateCell(formula, read, place, modules);
    const at = positionsOf(axesOf(id), cell).map((position, i) => axesOf(id)[i]?.labels[position] ?? "");
    return isErrorValue(value) ? withOrigin(value, { attribute: id, at }) : value;
  }

  const computed: (readonly [string, number])[] = [];
  const shapes = new Map([...formulas.keys()].map((id) => [id, shapeOf(axesOf(id))]));
  const stocks = new Stocks(model, {
    shapeOf: (id) => shapes.get(id) as Shape,
    readsOf: ({ references }, id, cell) =>
      references.flatMap((reference) => readsOf(reference, axesOf(id), cell)),
    isFormula: (id) => formulas.get(id) !== undefined,
    formulaOf: (id) => formulas.get(id) as BoundFormula,
    evaluate,
    get: (id, cell) => (columns.get(id) as Column).get(cell),
    set: (id, cell, value) => columns.get(id)?.set(cell, value),
    computed,
    cuts,
    isPinned: (id, cell) => pins.has(`${id}@${cell}`),
  });
  const precedentsOf = (id: string, cell: number) => {
    if (stocks.has(id)) return stocks.readsOf(id, cell);
    return (formulas.get(id)?.references ?? []).flatMap((reference) => readsOf(reference, axesOf(id), cell));
  };

  const stack = [...marks].flatMap(([id, { length }]) => Array.from({ length }, (_, i) => [id, i] as const));
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const [id, cell] = top;
    const seen = marks.get(id) as Uint8Array; // 0 not asked for, 1 asked for, 2 computed
    const pinned = pins.get(`${id}@${cell}`);
    const missing = (seen[cell] === 2 || pinned !== undefined ? [] : precedentsOf(id, cell)).filter(
      ([other, at]) =>
        (cuts.get(other) === undefined || stocks.has(id)) && (marks.get(other)?.[at] ?? 2) !== 2,
    );
    if (missing.length > 0 && seen[cell] === 1) throw new Error(`the oracle found a circle at ${id}@${cell}`);
    if (missing.length === 0 && seen[cell] !== 2) {
      columns.get(id)?.set(cell, pinned ?? compute(id, cell));
      computed.push(top);
    }
    if (missing.length === 0) stack.pop();
    else stack.push(...missing);
    seen[cell] = missing.length === 0 ? 2 : 1;
  }
  return columns;
}

/** The cells that a reference may read at `cell`, a few too many where a key decides. */
function readsOf(reference: Reference, axes: Axes, cell: number): (readonly [string, number])[] {
  const here = new Map(positionsOf(axes, cell).map((position, i) => [axes[i]?.name, position]));
  const positions = reference.axes.map((axis, i) => {
    const access = reference.access[i] as Reference["access"][number];
    const [at, size] = [here.get(axis.name) ?? 0, axis.labels.length];
    if (access.kind === "key") return span(0, size, size);
    if (access.kind === "fixed") return [access.position];
    if (access.kind === "current") return span(at + access.offset, at + access.offset + 1, size);
    if (access.kind === "range") return span(access.from, access.to, size);
    return span(at + access.from, at + access.to + 1, size);
  });
  return cellsOf(reference.axes, positions).map((index) => [reference.attribute, index] as const);
}

/** The positions from ≤ p < to that lie on an axis of `size`. */
function span(from: number, to: number, size: number): number[] {
  const first = Math.max(0, from);
  return Array.from({ length: Math.max(0, Math.min(to, size) - first) }, (_, i) => first + i);
}

function shapeOf(axes: Axes): Shape {
  const periods = axes.findLast((axis) => axis.time !== undefined)?.labels.length ?? 1;
  return { outer: axes.reduce((product, axis) => product * axis.labels.length, 1) / periods, periods };
}

function positionsOf(axes: Axes, cell: number): number[] {
  const sizes = axes.map((axis) => axis.labels.length);
  return sizes.map((size, i) => Math.floor(cell / sizes.slice(i + 1).reduce((a, b) => a * b, 1)) % size);
}

/** The flat cells of the product of `positions`, in row-major order. */
function cellsOf(axes: Axes, positions: readonly (readonly number[])[]): number[] {
  const extend = (cells: number[], axis: Axis, i: number) =>
    cells.flatMap((cell) => (positions[i] as readonly number[]).map((p) => cell * axis.labels.length + p));
  return axes.reduce(extend, [0]);
}

function combined(below: Scalar, operator: string, amount: Scalar): Scalar {
  if (operator === "=" || isErrorValue(below)) return operator === "=" ? amount : below;
  const [x, y] = [Number(below), Number(amount)];
  return operator === "+=" ? x + y : operator === "-=" ? x - y : operator === "*=" ? x * y : x / y;
}

/** Whether no cell moved by more than this part of its size. */
function isSame(left: Column | undefined, right: Column, part: number): boolean {
  for (let cell = 0; left !== undefined && cell < right.length; cell++) {
    const [a, b] = [left.get(cell), right.get(cell)];
    const isNear = Math.abs(Number(a) - Number(b)) <= part * Math.max(1, Math.abs(Number(a)));
    if (typeof a !== typeof b || !(sameScalar(a, b) || (typeof a === "number" && isNear))) return false;
  }
  return left !== undefined;
}
