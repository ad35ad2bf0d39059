/**
 * Slot plans: where the cells that a reference reads lie in the column it reads, as numbers ready for use.
 *
 * A column's cells lie in row-major order of its axes, time last: the cell at positions p is at Σ pᵢ · strideᵢ. A plan
 * says for each axis of the attribute its stride and which axis of the target gives its position.
 *
 *   target (segment, month), cell (outer = 2, period = 5)
 *   seats[t-1] over (segment, month)   index = 2 · 12 + (5 − 1)
 *   rate over (month)                  index = 5
 *   sum(adds over segment)             indexes = 5, 12 + 5, 24 + 5
 *
 * Made once for a formula and kept with it. Cost of making: the axes of its references.
 */
import type { Axis, Shape } from "@reckon/value";
import type { AxisAccess, BoundFormula, Reference } from "./bound.ts";

export interface AxisPlan {
  readonly access: AxisAccess;
  readonly stride: number;
  readonly size: number;
  /** Index of the axis of the same name among the target's axes; −1 when it has none. */
  readonly target: number;
}

export interface SlotPlan {
  readonly reference: Reference;
  readonly axes: readonly AxisPlan[];
  /** Axes that run down and across; both empty for a single cell. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly isArray: boolean;
  readonly hasKey: boolean;
  /** The smallest and largest offset along time that is not clipped: what may lie outside. */
  readonly offsetMin: number;
  readonly offsetMax: number;
}

export interface FormulaPlan {
  readonly shape: Shape;
  readonly hasTime: boolean;
  /** Per axis of the target but time: how many outer members one step of it is, and how many steps it has. */
  readonly outerAxes: readonly { readonly stride: number; readonly size: number }[];
  readonly slots: readonly SlotPlan[];
}

const plans = new WeakMap<BoundFormula, FormulaPlan>();

/** The plan of a formula; the same object each time. */
export function planOf(formula: BoundFormula): FormulaPlan {
  let plan = plans.get(formula);
  if (plan === undefined) {
    plan = makePlan(formula);
    plans.set(formula, plan);
  }
  return plan;
}

function makePlan(formula: BoundFormula): FormulaPlan {
  const { axes } = formula;
  const last = axes.at(-1);
  const hasTime = last?.time !== undefined;
  const outer = hasTime ? axes.slice(0, -1) : axes;
  const strides = stridesOf(outer);
  return {
    shape: {
      outer: outer.reduce((product, axis) => product * axis.labels.length, 1),
      periods: hasTime ? last.labels.length : 1,
    },
    hasTime,
    outerAxes: outer.map((axis, i) => ({ stride: strides[i] as number, size: axis.labels.length })),
    slots: formula.references.map((reference) => makeSlot(reference, axes)),
  };
}

function makeSlot(reference: Reference, targetAxes: readonly Axis[]): SlotPlan {
  const strides = stridesOf(reference.axes);
  const axes = reference.axes.map((axis, i) => ({
    access: reference.access[i] as AxisAccess,
    stride: strides[i] as number,
    size: axis.labels.length,
    target: targetAxes.findIndex(({ name }) => name === axis.name),
  }));
  const ranged = [...axes.keys()].filter((i) => {
    const { kind } = (axes[i] as AxisPlan).access;
    return kind === "window" || kind === "range";
  });
  const rows = reference.layout?.rows ?? ranged.slice(0, 1);
  const columns = reference.layout?.columns ?? ranged.slice(1);
  let offsetMin = 0;
  let offsetMax = 0;
  for (const { access } of axes) {
    if (access.kind === "current") {
      offsetMin = Math.min(offsetMin, access.offset);
      offsetMax = Math.max(offsetMax, access.offset);
    } else if (access.kind === "window" && !access.clip) {
      offsetMin = Math.min(offsetMin, access.from);
      offsetMax = Math.max(offsetMax, access.to);
    }
  }
  const isArray = ranged.length > 0;
  const hasKey = axes.some(({ access }) => access.kind === "key");
  return { reference, axes, rows, columns, isArray, hasKey, offsetMin, offsetMax };
}

function stridesOf(axes: readonly Axis[]): number[] {
  const strides = new Array<number>(axes.length);
  let stride = 1;
  for (let i = axes.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= (axes[i] as Axis).labels.length;
  }
  return strides;
}

/** A cell of the target: outer member and period, both from 0 (period 0 without a time axis). */
export interface Cell {
  readonly outer: number;
  readonly period: number;
}

/** The cell's position along axis `target` of the target. */
export function positionAlong(plan: FormulaPlan, target: number, cell: Cell): number {
  const axis = plan.outerAxes[target];
  return axis === undefined ? cell.period : Math.floor(cell.outer / axis.stride) % axis.size;
}
