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
import { somePart } from "./bound-parts.ts";
import { CellCondition, choosesKnown, isKnown, noNames } from "./cell-condition.ts";
import { keyScalar } from "./evaluate.ts";
import { positionOfKey } from "./read-slot.ts";
import { type AxisPlan, type FormulaPlan, planOf, type SlotPlan } from "./slot-plan.ts";
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
  return somePart(expression, ({ kind }) => kind === "read");
}

/**
 * The cells that each cell of a formula reads through each of its slots.
 *
 * @example
 * ```ts
 * const axis = axisOf("s", ["A", "B"]);
 * const resolve = () => ({ kind: "attribute", id: "x", axes: [axis] }) as const;
 * const scope = { resolve, suggest: () => undefined, currentAxes: [axis], allowA1: false, isStrict: true };
 * const { formula } = checkFormula(parseFormula('IF(1 > 2, 0, x["A"])').expression, scope);
 * const found: number[] = [];
 * // What the cell of B reads through its first slot, as member and period.
 * if (formula) new CellReads(formula).each(0, 1, 0, (outer, period) => found.push(outer, period));
 * found; // [0, 0]
 * ```
 */
export class CellReads {
  readonly #plan: FormulaPlan;
  readonly #root: SlotUses;
  readonly #start: SlotUses | undefined;
  readonly #end: SlotUses | undefined;
  /** Per slot and axis the key, where it is known. */
  readonly #keys: Map<number, readonly (CellCondition | undefined)[]> = new Map();
  /** The positions found along an axis. */
  #from = 0;
  #to = 0;
  readonly #endsInTime: readonly boolean[];
  readonly #isAlways: readonly boolean[];
  /** Slots by which something may lie before the first period, or after the last. */
  readonly #lags: readonly number[];
  readonly #leads: readonly number[];

  constructor(formula: BoundFormula) {
    this.#plan = planOf(formula);
    this.#root = new SlotUses(formula.root, formula);
    this.#start = formula.start === undefined ? undefined : new SlotUses(formula.start, formula);
    this.#end = formula.end === undefined ? undefined : new SlotUses(formula.end, formula);
    const { slots } = this.#plan;
    this.#endsInTime = slots.map(({ reference }) => reference.axes.at(-1)?.time !== undefined);
    this.#isAlways = slots.map((_, slot) => this.#root.isAlways(slot));
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
    return this.#isAlways[slot] === true && !(this.#plan.slots[slot] as SlotPlan).hasKey;
  }

  /**
   * Whether every period reads like every other, as far as both have the periods that are read: no condition or key asks
   * which period it is, and `start` and `end` read nothing.
   */
  get isSteady(): boolean {
    const time = this.#plan.hasTime ? this.#plan.outerAxes.length : -1;
    if ([this.#start, this.#end].some((uses) => uses !== undefined && [...uses.slots].length > 0))
      return false;
    for (const keys of this.#keys.values()) if (keys.some((key) => key?.asks(time) === true)) return false;
    return !this.#root.asks(time);
  }

  /** Visits what a cell of the formula reads through a slot. */
  each(slot: number, outer: number, period: number, visit: CellVisit): void {
    if (!this.#isReached(slot, outer, period)) return;
    const { axes, isArray } = this.#plan.slots[slot] as SlotPlan;
    let member = 0;
    let at = 0;
    for (let i = 0; i < axes.length; i++) {
      const axis = axes[i] as AxisPlan;
      const isTime = i === axes.length - 1 && this.#endsInTime[slot] === true;
      this.#findBounds(slot, i, axis, outer, period);
      if (this.#from >= this.#to) return;
      if (isArray || this.#to - this.#from > 1) {
        this.#eachOfMany(slot, outer, period, visit);
        return;
      }
      if (isTime) at = this.#from;
      else member = member * axis.size + this.#from;
    }
    visit(member, at);
  }

  #eachOfMany(slot: number, outer: number, period: number, visit: CellVisit): void {
    const { axes } = this.#plan.slots[slot] as SlotPlan;
    let members = [0];
    let firstPeriod = 0;
    let endPeriod = 1;
    for (let i = 0; i < axes.length; i++) {
      const axis = axes[i] as AxisPlan;
      this.#findBounds(slot, i, axis, outer, period);
      const from = this.#from;
      const to = this.#to;
      if (from >= to) return;
      if (i === axes.length - 1 && this.#endsInTime[slot] === true) {
        firstPeriod = from;
        endPeriod = to;
        break;
      }
      const next: number[] = [];
      for (const member of members) for (let at = from; at < to; at++) next.push(member * axis.size + at);
      members = next;
    }
    for (const member of members) for (let t = firstPeriod; t < endPeriod; t++) visit(member, t);
  }

  /** Finds the positions along one axis, cut to the axis; none where the cell reads nothing there. */
  #findBounds(slot: number, index: number, axis: AxisPlan, outer: number, period: number): void {
    const { access, size, target } = axis;
    const own = target < 0 ? undefined : this.#plan.outerAxes[target];
    const at = own === undefined ? period : Math.floor(outer / own.stride) % own.size;
    switch (access.kind) {
      case "fixed":
        this.#keep(access.position, access.position + 1, size);
        return;
      case "range":
        this.#keep(access.from, access.to, size);
        return;
      case "current":
        if (target < 0) this.#keep(0, size, size);
        else this.#keep(at + access.offset, at + access.offset + 1, size);
        return;
      case "window":
        if (target < 0) this.#keep(0, size, size);
        else this.#keep(at + access.from, at + access.to + 1, size);
        return;
      case "key": {
        const key = this.#keys.get(slot)?.[index];
        if (key === undefined) {
          this.#keep(0, size, size);
          return;
        }
        const label: Scalar = keyScalar(key.at(outer, period));
        const { axes } = (this.#plan.slots[slot] as SlotPlan).reference;
        const position = isErrorValue(label) ? undefined : positionOfKey(axes[index], label);
        this.#keep(position ?? 0, position === undefined ? 0 : position + 1, size);
        return;
      }
      default:
        access satisfies never;
    }
  }

  #keep(from: number, to: number, size: number): void {
    this.#from = Math.max(from, 0);
    this.#to = Math.min(to, size);
  }

  #isReached(slot: number, outer: number, period: number): boolean {
    if (this.#isAlways[slot] === true) return true;
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
