/**
 * Units: what of a checked model becomes one engine node, with the identity that decides whether it changed.
 *
 * An attribute is a unit, so is a check, and so is the first guess of a loop. A unit is the same as before when the
 * checker handed out the same object again. So an update costs a look at each unit and work only for those that
 * changed.
 */
import type { BoundFormula } from "@reckon/formula";
import type { CheckedAttribute, CheckedLoop, CheckedModel } from "@reckon/model";
import type { Axis } from "@reckon/value";

export interface Unit {
  /** `block.attribute`; hidden units have a space in their key, which no attribute has. */
  readonly key: string;
  readonly axes: readonly Axis[];
  /** What changed identity when the unit changed. */
  readonly identity: object;
  /** Absent for inputs. */
  readonly formula?: BoundFormula;
  readonly attribute?: CheckedAttribute;
}

export function guessKey(loop: CheckedLoop): string {
  return `${loop.attribute} start`;
}

export function checkKey(name: string): string {
  return `check ${name}`;
}

/** Every unit of the model by key. Cost: one object an attribute. */
export function unitsOf(model: CheckedModel): Map<string, Unit> {
  const units = new Map<string, Unit>();
  for (const loop of model.loops) {
    const attribute = model.attributes.get(loop.attribute);
    if (loop.start === undefined || attribute === undefined) continue;
    const key = guessKey(loop);
    units.set(key, { key, axes: attribute.axes, identity: loop.start, formula: loop.start });
  }
  for (const attribute of model.attributes.values()) {
    units.set(attribute.id, {
      key: attribute.id,
      axes: attribute.axes,
      identity: attribute,
      attribute,
      ...(attribute.kind === "formula" ? { formula: attribute.formula } : {}),
    });
  }
  for (const check of model.checks) {
    const key = checkKey(check.name);
    units.set(key, { key, axes: check.formula.axes, identity: check.formula, formula: check.formula });
  }
  return units;
}

/** Whether the engine node of `before` still does for `after`. */
export function isSameUnit(before: Unit, after: Unit): boolean {
  return before.identity === after.identity;
}

/** The keys of the units that `unit` reads, itself included where it reads itself. */
export function readsOf(unit: Unit): string[] {
  return unit.formula?.references.map(({ attribute }) => attribute) ?? [];
}
