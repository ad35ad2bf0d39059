/**
 * Which attributes of a model an entity has for itself: see `program.ts` for the three kinds.
 *
 *   1. Every formula, check and loop start is looked at for reads of other members of the entity axis.
 *   2. Whatever reads one that does is across as well, however far: a queue over the reads turned round.
 *   3. Of the rest, what has the axis is per entity; an attribute without it reads nothing that has it, or it would have
 *      been found in 1.
 *
 * Cost: the formulas, once; nothing recurses.
 */
import type { BoundFormula } from "@reckon/formula";
import type { CheckedAttribute, CheckedModel } from "@reckon/model";
import { expressionsIn, formulasOf, readersIn } from "./expressions.ts";

export type AttributeKind = "invariant" | "per-entity" | "across";

export interface AttributeKinds {
  /** By `block.attribute`. */
  readonly attributes: ReadonlyMap<string, AttributeKind>;
  /** By the check's name. */
  readonly checks: ReadonlyMap<string, AttributeKind>;
  /** Of what is across: the attribute or check that itself reads other members. */
  readonly because: ReadonlyMap<string, string>;
}

/**
 * Sorts the attributes and checks of a model with regard to one of its axes. `across`: attributes that are known to be.
 *
 * @example
 * ```ts
 * const loaded = await loadSheet({ model: "points.reckon", allowModules: true });
 * if (!loaded.ok) throw new Error(loaded.problem ?? "the model does not check");
 * attributeKinds(loaded.sheet.model, "player").attributes.get("round.total"); // "across"
 * ```
 */
export function attributeKinds(
  model: CheckedModel,
  axis: string,
  across: ReadonlySet<string> = new Set(),
): AttributeKinds {
  const because = new Map<string, string>();
  const readers = readersIn(model);
  const open: string[] = [];
  const found = (id: string, cause: string): void => {
    if (because.has(id)) return;
    because.set(id, cause);
    open.push(id);
  };
  for (const attribute of model.attributes.values()) {
    if (attribute.kind !== "formula") continue;
    if (across.has(attribute.id) || formulasOf(attribute).some((formula) => looksAcross(formula, axis)))
      found(attribute.id, attribute.id);
  }
  for (const { attribute, start } of model.loops)
    if (start !== undefined && looksAcross(start, axis)) found(attribute, attribute);
  for (let id = open.pop(); id !== undefined; id = open.pop())
    for (const reader of readers.get(id) ?? []) found(reader, because.get(id) as string);
  const attributes = new Map<string, AttributeKind>();
  for (const { id, axes } of model.attributes.values())
    attributes.set(
      id,
      because.has(id) ? "across" : axes.some(({ name }) => name === axis) ? "per-entity" : "invariant",
    );
  return { attributes, checks: checkKinds(model, axis, because), because };
}

/** The kinds of the checks; adds to `because`. */
function checkKinds(
  model: CheckedModel,
  axis: string,
  because: Map<string, string>,
): ReadonlyMap<string, AttributeKind> {
  const kinds = new Map<string, AttributeKind>();
  for (const { name, formula } of model.checks) {
    const cause = looksAcross(formula, axis)
      ? name
      : formula.references.map(({ attribute }) => because.get(attribute)).find((each) => each !== undefined);
    if (cause !== undefined) because.set(name, cause);
    const hasAxis = formula.axes.some((each) => each.name === axis);
    kinds.set(name, cause !== undefined ? "across" : hasAxis ? "per-entity" : "invariant");
  }
  return kinds;
}

/** Whether the formula reads another member than the current one, or which member of how many that is. */
function looksAcross(formula: BoundFormula, axis: string): boolean {
  for (const { axes, access } of formula.references)
    for (const [i, each] of axes.entries())
      if (each.name === axis && access[i]?.kind !== "current") return true;
  return expressionsIn(formula).some(
    (one) => one.kind === "current" && one.axis === axis && one.fact !== "label",
  );
}

/** The attributes whose values a batch keeps where the user names none: per entity, and no column of the table itself. */
export function keptAttributes(
  model: CheckedModel,
  axis: string,
  kinds: AttributeKinds,
): readonly CheckedAttribute[] {
  return [...model.attributes.values()].filter(
    ({ id, block, kind }) =>
      kind === "formula" && block !== axis && kinds.attributes.get(id) === "per-entity",
  );
}
