/**
 * Units: what of a checked model becomes one engine node, with the identity that decides whether it changed.
 *
 * An attribute is a unit, so is a check, and so is the first guess of a loop. A unit is the same as before when the
 * checker handed out the same object again.
 */
import type { BoundFormula } from "@reckon/formula";
import {
  readsOf as attributesRead,
  type CheckedAttribute,
  type CheckedLoop,
  type CheckedModel,
  type Integration,
  LineFormula,
} from "@reckon/model";
import type { Axis } from "@reckon/value";
import { firstValueKeys, stockUnits } from "./stocks.ts";

export interface Unit {
  /** `block.attribute`; hidden units have a space in their key, which no attribute has. */
  readonly key: string;
  readonly axes: readonly Axis[];
  /** What changed identity when the unit changed. */
  readonly identity: object;
  /** Absent for inputs. As it is laid: a rewrite may have changed what the model says. */
  readonly formula?: BoundFormula;
  readonly attribute?: CheckedAttribute;
  /** The unit whose cells it takes instead of computing them (see optimise/merges.ts). */
  readonly copyOf?: string;
  /** A hidden unit for a piece of formulas: errors that begin in it begin where it is read. */
  readonly isTransparent?: boolean;
  /** The attribute that a hidden unit belongs to. */
  readonly partOf?: string;
  /** Of a hidden stock or delay. */
  readonly integration?: Integration;
}

export function guessKey(loop: CheckedLoop): string {
  return `${loop.attribute} start`;
}

export function checkKey(name: string): string {
  return `check ${name}`;
}

/** The unit of an attribute that is laid as it is written. Its formula's tree is made when somebody asks for it. */
export function unitOf(attribute: CheckedAttribute): Unit {
  const { id: key, axes } = attribute;
  if (attribute.kind === "input") return { key, axes, identity: attribute, attribute };
  return {
    key,
    axes,
    identity: attribute,
    attribute,
    get formula() {
      return attribute.formula;
    },
  };
}

/** Whether an attribute is laid as it is written. */
export function isAsWritten(unit: Unit): boolean {
  const { attribute, copyOf, isTransparent } = unit;
  if (attribute === undefined || copyOf !== undefined || isTransparent === true) return false;
  if (attribute.kind === "input") return true;
  // A unit made by `unitOf`, whose formula need not be made to compare it.
  const isUntouched = Object.getOwnPropertyDescriptor(unit, "formula")?.get !== undefined;
  return isUntouched || attribute.formula === unit.formula;
}

/** The units of checks, of first guesses, and of what stocks stand on. */
export function hiddenUnits(model: CheckedModel): Unit[] {
  const units: Unit[] = [];
  for (const loop of model.loops) {
    const axes = model.attributes.get(loop.attribute)?.axes;
    if (loop.start === undefined || axes === undefined) continue;
    units.push({ key: guessKey(loop), axes, identity: loop.start, formula: loop.start });
  }
  for (const { name, formula } of model.checks)
    units.push({ key: checkKey(name), axes: formula.axes, identity: formula, formula });
  units.push(...stockUnits(model));
  return units;
}

/** The units of all parts of the model. Cost: an object for each. */
export function unitsOf(model: CheckedModel): Unit[] {
  const attributes = [...model.attributes.values()];
  return [...attributes.map((attribute) => unitOf(attribute)), ...hiddenUnits(model)];
}

/** The keys of the units that `unit` reads, itself included where it reads itself. */
export function readsOf(unit: Unit): string[] {
  const { attribute } = unit;
  const reads =
    attribute?.kind === "formula" && isAsWritten(unit)
      ? [...attributesRead(attribute)]
      : (unit.formula?.references.map((reference) => reference.attribute) ?? []);
  if (unit.copyOf !== undefined) reads.push(unit.copyOf);
  if (attribute === undefined || !(attribute instanceof LineFormula))
    reads.push(...firstValueKeys(unit.key, unit.formula));
  return reads;
}

/**
 * What the unit of a plain line shares with all lines like it; for who would rather not have the tree of its formula made.
 * Such a line never calls a module.
 */
export function sharedMeaningOf(unit: Unit): LineFormula["meaning"] | undefined {
  const { attribute } = unit;
  return attribute instanceof LineFormula && isAsWritten(unit) ? attribute.meaning : undefined;
}

/** Whether it is computed rather than given. */
export function isComputed(unit: Unit): boolean {
  return unit.attribute?.kind === "formula" || unit.formula !== undefined;
}

/** How many references `unit` makes: an attribute that it reads in two ways counts twice. */
export function referenceCountOf(unit: Unit): number {
  const own = (sharedMeaningOf(unit) ?? unit.formula)?.references.length ?? 0;
  return unit.copyOf === undefined ? own : own + 1;
}
