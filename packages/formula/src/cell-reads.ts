/**
 * Which cells a cell of a formula reads: attribute by attribute, member by member, period by period, before anything is
 * computed.
 *
 *   x = IF(MEMBER(segment) = "SMB", 1, x[SMB] + y[t-1])  start 0
 *
 *   x[SMB, t]   reads nothing
 *   x[Ent, t]   reads x[SMB, t] and, after the first period, y[Ent, t-1]
 *
 * Decided are conditions and keys that are known (cell-condition.ts), and that `start` and `end` are evaluated only where
 * something is read before the first or after the last period. Everything else counts as read: no cell is left out that the
 * formula may depend on.
 *
 * Cost: making one walks the formula; asking costs the cells read.
 */
import { isErrorValue, type Scalar } from "@reckon/value";
import type { BoundExpression, BoundFormula } from "./bound.ts";
import { CellCondition, choosesKnown, eachPart, isKnown, noNames } from "./cell-condition.ts";
import { keyScalar } from "./evaluate.ts";
import { positionOfKey } from "./read-slot.ts";
import { type AxisPlan, type FormulaPlan, planOf, positionAlong, type SlotPlan } from "./slot-plan.ts";
import { SlotUses } from "./slot-uses.ts";

/** Is told a cell of the attribute read: outer member (row-major over the axes without time) and period. */
export type CellVisit = (outer: number, period: number) => void;

/** Whether some slot of a formula may not be plain (`CellReads.isPlain`). Cost: the formula. */
export function mayReadByCell({ root, start, end, references }: BoundFormula): boolean {
  return (
    choosesKnown(root) ||
    [start, end].some((clause) => clause !== undefined && readsAny(clause)) ||
    references.some(({ access }) => access.some(({ kind }) => kind === "key"))
  );
}

function readsAny(expression: BoundExpression): boolean {
  let isFound = false;
  eachPart(expression, ({ kind }) => {
    isFound ||= kind === "read";
  });
  return isFound;
}

/**
 * The cells that each cell of a formula reads through each of its slots.
 *
 * @example
 * ```ts
 * const reads = new CellReads(formula);
 * reads.each(0, 2, 5, (outer, period) => console.log(outer, period)); // what member 2 reads in period 5 by slot 0
 * ```
 */
export class CellReads {
  readonly #plan: FormulaPlan;
  readonly #root: SlotUses;
  readonly #start: SlotUses | undefined;
  readonly #end: SlotUses | undefined;
  /** Per slot and axis the key, where it is known. */
  readonly #keys: Map<number, readonly (CellCondition | undefined)[]> = new Map();
  /** Slots by which something may lie before the first period, or after the last. */
  readonly #lags: readonly number[];
  readonly #leads: readonly number[];

  constructor(formula: BoundFormula) {
    this.#plan = planOf(formula);
    this.#root = new SlotUses(formula.root, formula);
    this.#start = formula.start === undefined ? undefined : new SlotUses(formula.start, formula);
    this.#end = formula.end === undefined ? undefined : new SlotUses(formula.end, formula);
    const { slots } = this.#plan;
    const indexes = [...slots.keys()];
    this.#lags = indexes.filter((i) => (slots[i] as SlotPlan).offsetMin < 0);
    this.#leads = indexes.filter((i) => (slots[i] as SlotPlan).offsetMax > 0);
    slots.forEach(({ reference, hasKey }, slot) => {
      if (!hasKey) return;
      const keys = reference.access.map((access) =>
        access.kind === "key" && isKnown(access.key, noNames)
          ? new CellCondition(access.key, formula.axes, noNames)
          : undefined,
      );
      this.#keys.set(slot, keys);
    });
  }

  /** Whether any cell reads through the slot. */
  isRead(slot: number): boolean {
    return [this.#root, this.#start, this.#end].some((uses) => uses?.has(slot) === true);
  }

  /**
   * Whether the slot's access says already what each cell reads: every cell reads it, at the members and periods that
   * the access names.
   */
  isPlain(slot: number): boolean {
    return this.#root.isAlways(slot) && !(this.#plan.slots[slot] as SlotPlan).hasKey;
  }

  /** Visits what a cell of the formula reads through a slot. */
  each(slot: number, outer: number, period: number, visit: CellVisit): void {
    if (!this.#isReached(slot, outer, period)) return;
    const { axes, reference } = this.#plan.slots[slot] as SlotPlan;
    const hasTime = reference.axes.at(-1)?.time !== undefined;
    const cell = { outer, period };
    const bounds: (readonly [number, number])[] = [];
    for (let i = 0; i < axes.length; i++) {
      const axis = axes[i] as AxisPlan;
      const at = axis.target < 0 ? 0 : positionAlong(this.#plan, axis.target, cell);
      const [from, to] = this.#boundsOf(slot, i, axis, at, cell);
      if (from >= to) return;
      bounds.push([from, to]);
    }
    const [firstPeriod, endPeriod] = hasTime ? (bounds.pop() as readonly [number, number]) : [0, 1];
    let members = [0];
    bounds.forEach(([from, to], i) => {
      const { size } = axes[i] as AxisPlan;
      const next: number[] = [];
      for (const member of members) for (let at = from; at < to; at++) next.push(member * size + at);
      members = next;
    });
    for (const member of members) for (let t = firstPeriod; t < endPeriod; t++) visit(member, t);
  }

  /** Positions along one axis, cut to the axis; none where the cell reads nothing there. */
  #boundsOf(
    slot: number,
    index: number,
    axis: AxisPlan,
    at: number,
    cell: { readonly outer: number; readonly period: number },
  ): readonly [number, number] {
    const { access, size, target } = axis;
    switch (access.kind) {
      case "fixed":
        return [access.position, access.position + 1];
      case "range":
        return [Math.max(0, access.from), Math.min(size, access.to)];
      case "current":
        if (target < 0) return [0, size];
        return at + access.offset < 0 || at + access.offset >= size
          ? [0, 0]
          : [at + access.offset, at + access.offset + 1];
      case "window":
        if (target < 0) return [0, size];
        return [Math.max(0, at + access.from), Math.min(size, at + access.to + 1)];
      case "key": {
        const key = this.#keys.get(slot)?.[index];
        if (key === undefined) return [0, size];
        const label: Scalar = keyScalar(key.at(cell.outer, cell.period));
        const { axes } = (this.#plan.slots[slot] as SlotPlan).reference;
        const position = isErrorValue(label) ? undefined : positionOfKey(axes[index], label);
        return position === undefined ? [0, 0] : [position, position + 1];
      }
      default:
        return access satisfies never;
    }
  }

  #isReached(slot: number, outer: number, period: number): boolean {
    if (this.#root.isReadAt(slot, outer, period)) return true;
    if (this.#start?.isReadAt(slot, outer, period) === true && this.#leavesAxis(outer, period, true))
      return true;
    return this.#end?.isReadAt(slot, outer, period) === true && this.#leavesAxis(outer, period, false);
  }

  /** Whether the cell reads something before the first period (or after the last), so that `start` is evaluated. */
  #leavesAxis(outer: number, period: number, isBefore: boolean): boolean {
    const { slots, shape } = this.#plan;
    for (const slot of isBefore ? this.#lags : this.#leads) {
      const { offsetMin, offsetMax } = slots[slot] as SlotPlan;
      if (isBefore ? period + offsetMin >= 0 : period + offsetMax < shape.periods) continue;
      for (const uses of [this.#root, this.#start, this.#end])
        if (uses?.isReadAt(slot, outer, period) === true) return true;
    }
    return false;
  }
}
