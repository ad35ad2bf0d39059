/**
 * Pruning: what is laid when only some attributes are wanted.
 *
 * Wanted are the attributes asked for, those demanded since, every check, every loop, and all that these read. What
 * stands in the engine already stays. The rest is left out: no node, no memory, no work. Cost: the model's references,
 * for each change of the structure; nothing where everything is wanted.
 */
import type { BoundFormula } from "@reckon/formula";
import type { CheckedModel } from "@reckon/model";
import { stockUnitsOf } from "../stocks.ts";
import { type Unit, unitOf } from "../unit.ts";
import type { Rewrite } from "./rewrite.ts";
import { formulaNs } from "./work-estimate.ts";

export class Wanted {
  /** Absent: everything is wanted. */
  readonly #asked: Set<string> | undefined;
  #wanted: ReadonlySet<string> = new Set();

  constructor(only: readonly string[] | undefined) {
    this.#asked = only === undefined ? undefined : new Set(only);
  }

  /** Whether anything may be left out. */
  get isActive(): boolean {
    return this.#asked !== undefined;
  }

  add(attribute: string): void {
    this.#asked?.add(attribute);
  }

  /** Those of the changed units that are to be laid, and what is wanted now and was left out before. */
  among(model: CheckedModel, changed: readonly Unit[], isLaid: (key: string) => boolean): readonly Unit[] {
    if (this.#asked === undefined) return changed;
    const wanted = wantedOf(model, this.#asked, isLaid);
    this.#wanted = wanted;
    const units = changed.filter((unit) => {
      if (unit.attribute === undefined) return unit.partOf === undefined || wanted.has(unit.partOf);
      return wanted.has(unit.key);
    });
    const given = new Set(units.map(({ key }) => key));
    const isMissing = (key: string): boolean => !given.has(key) && !isLaid(key);
    for (const id of wanted) {
      const attribute = model.attributes.get(id);
      if (attribute === undefined) continue;
      if (isMissing(id)) units.push(unitOf(attribute));
      if (attribute.kind === "formula" && !isLaid(id))
        units.push(...stockUnitsOf(attribute).filter(({ key }) => isMissing(key)));
    }
    return units;
  }

  /** What is left out of the model, as one rewrite. */
  rewrites(model: CheckedModel): readonly Rewrite[] {
    if (this.#asked === undefined) return [];
    const left = [...model.attributes.values()].filter(({ id }) => !this.#wanted.has(id));
    if (left.length === 0) return [];
    const savedNs = left.reduce(
      (sum, attribute) => sum + (attribute.kind === "formula" ? formulaNs(attribute.formula) : 0),
      0,
    );
    const units = left.map(({ id }) => id);
    return [
      { kind: "prune", work: `${units.length} of ${model.attributes.size} attributes`, units, savedNs },
    ];
  }
}

function wantedOf(
  model: CheckedModel,
  asked: ReadonlySet<string>,
  isLaid: (key: string) => boolean,
): ReadonlySet<string> {
  const wanted = new Set<string>();
  const add = (formula: BoundFormula | undefined): void => {
    for (const { attribute } of formula?.references ?? []) wanted.add(attribute);
  };
  for (const id of model.attributes.keys()) if (asked.has(id) || isLaid(id)) wanted.add(id);
  for (const { formula } of model.checks) add(formula);
  for (const { attribute, start } of model.loops) {
    wanted.add(attribute);
    add(start);
  }
  // The set grows while it is walked: what was added is walked as well.
  for (const id of wanted) {
    const attribute = model.attributes.get(id);
    if (attribute?.kind !== "formula") continue;
    add(attribute.formula);
    for (const { formula } of stockUnitsOf(attribute)) add(formula);
  }
  return wanted;
}
