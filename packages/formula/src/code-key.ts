/**
 * Code keys: what generated code depends on, as a text: the expression, the axes of the target, and how each reference
 * reads its column. Formulas with equal keys have equal code, so it is written once for all of them. The names of what
 * they read, their `start` and `end` and computed keys are no part of it: code asks the evaluation for those.
 *
 * Axes count by identity, as formulas of one model share them. Cost: the expression.
 */
import type { Axis } from "@reckon/value";
import type { AxisAccess, BoundFormula } from "./bound.ts";
import { exactTextOf } from "./cell-shape.ts";

/** The key of a formula's code; nothing when it has none. */
export function codeKeyOf(formula: BoundFormula): string | undefined {
  const root = exactTextOf(formula.root);
  if (root === undefined) return undefined;
  const parts: string[] = [];
  for (const axis of formula.axes) parts.push(numberOf(axis), ",");
  for (const { axes, access, layout } of formula.references) {
    parts.push("[");
    for (let i = 0; i < axes.length; i++) {
      parts.push(numberOf(axes[i] as Axis), " ", accessText(access[i] as AxisAccess), ",");
    }
    parts.push(layout === undefined ? "]" : `${layout.rows.join()};${layout.columns.join()}]`);
  }
  parts.push(root);
  return parts.join("");
}

const numbers = new WeakMap<Axis, string>();
let given = 0;

function numberOf(axis: Axis): string {
  let number = numbers.get(axis);
  if (number === undefined) {
    number = String(given++);
    numbers.set(axis, number);
  }
  return number;
}

function accessText(access: AxisAccess): string {
  switch (access.kind) {
    case "current":
      return `t${access.offset}`;
    case "fixed":
      return `@${access.position}`;
    case "window":
      return `${access.from}..${access.to}${access.clip ? "c" : ""}`;
    case "range":
      return `${access.from}:${access.to}`;
    case "key":
      return "?";
  }
}
