/**
 * The engine overlays of the opened scenarios, kept in step with what their documents say.
 *
 *   engine (the document) ← `--set` values ← base's scenarios ← scenarios that extend them …
 *
 * Invariants:
 * - an overlay stands for each scenario, over the overlay of the scenario it extends (or of the `--set` values, or
 *   the engine itself);
 * - `#applied` says what has been written where, so a change rewrites only the attributes whose overrides differ.
 *
 * Everything here is called inside one transaction of the engine.
 */
import type { Engine, Overlay, State } from "@reckon/engine";
import type { CheckedModel, CheckedOverride, CheckedScenario } from "@reckon/model";
import type { Plan } from "@reckon/plan";
import { clearOverrides, type OverrideTarget, writeOverrides } from "./overlay-cells.ts";

interface Applied {
  readonly target: OverrideTarget;
  readonly overrides: readonly CheckedOverride[];
}

interface Standing {
  readonly overlay: Overlay;
  readonly parent: string | undefined;
  readonly applied: Map<string, Applied>;
}

/** The name of the overlay that holds the `--set` values; no scenario can be called so. */
export const setsName = "--set";

export class Overlays {
  readonly #engine: Engine;
  readonly #plan: Plan;
  readonly #standing: Map<string, Standing> = new Map();

  constructor(engine: Engine, plan: Plan) {
    this.#engine = engine;
    this.#plan = plan;
  }

  /** The state that shows a scenario's values; `base` is the model with the `--set` values. */
  stateOf(name: string): State | undefined {
    if (name === "base") return this.#standing.get(setsName)?.overlay ?? this.#engine;
    return this.#standing.get(name)?.overlay;
  }

  overlayOf(name: string): Overlay | undefined {
    return this.#standing.get(name)?.overlay;
  }

  /** Before the plan follows `after`: takes the overrides off attributes that are not the same any more. */
  lift(before: CheckedModel, after: CheckedModel): void {
    for (const standing of this.#standing.values())
      for (const attribute of [...standing.applied.keys()])
        if (before.attributes.get(attribute) !== after.attributes.get(attribute))
          this.#clear(standing, attribute);
  }

  /** Makes the overlays say what `scenarios` (ancestors first) say. */
  follow(model: CheckedModel, scenarios: readonly CheckedScenario[]): void {
    const parents = new Map(scenarios.map((scenario) => [scenario.name, parentOf(scenario, scenarios)]));
    this.#closeOthers(parents);
    for (const [name, parent] of parents) if (!this.#standing.has(name)) this.#open(name, parent);
    const wanted = new Map(scenarios.map(({ name, overrides }) => [name, byAttribute(overrides)]));
    for (const [name, overrides] of wanted)
      this.#write(this.#standing.get(name) as Standing, model, overrides);
  }

  close(): void {
    for (const name of [...this.#standing.keys()].toReversed()) this.#close(name);
  }

  #open(name: string, parent: string | undefined): void {
    const below = parent === undefined ? undefined : this.#standing.get(parent)?.overlay;
    const overlay = this.#engine.overlay(name, below);
    this.#standing.set(name, { overlay, parent, applied: new Map() });
  }

  /** Closes what is gone or stands over another parent now, with everything above it. */
  #closeOthers(parents: ReadonlyMap<string, string | undefined>): void {
    const gone = new Set<string>();
    for (const [name, { parent }] of this.#standing)
      if (!parents.has(name) || parents.get(name) !== parent || (parent !== undefined && gone.has(parent)))
        gone.add(name);
    for (const name of [...gone].toReversed()) this.#close(name);
  }

  #close(name: string): void {
    this.#standing.get(name)?.overlay.close();
    this.#standing.delete(name);
  }

  #write(
    standing: Standing,
    model: CheckedModel,
    wanted: ReadonlyMap<string, readonly CheckedOverride[]>,
  ): void {
    for (const attribute of [...standing.applied.keys()])
      if (!wanted.has(attribute)) this.#clear(standing, attribute);
    for (const [attribute, overrides] of wanted) {
      const before = standing.applied.get(attribute);
      if (before !== undefined && areSameOverrides(before.overrides, overrides)) continue;
      this.#clear(standing, attribute);
      const axes = model.attributes.get(attribute)?.axes;
      const node = this.#plan.demand(attribute);
      if (axes === undefined || node === undefined) continue;
      const target = { attribute, node, axes };
      writeOverrides(standing.overlay, target, overrides);
      standing.applied.set(attribute, { target, overrides });
    }
  }

  #clear(standing: Standing, attribute: string): void {
    const applied = standing.applied.get(attribute);
    if (applied === undefined) return;
    clearOverrides(standing.overlay, applied.target, applied.overrides[0]?.isPin === true);
    standing.applied.delete(attribute);
  }
}

/** The attributes that a scenario pins; the plan must know of them before (see `Plan.setPinned`). */
export function pinnedBy(scenarios: readonly CheckedScenario[]): ReadonlySet<string> {
  return new Set(
    scenarios.flatMap(({ overrides }) =>
      overrides.filter(({ isPin }) => isPin).map(({ attribute }) => attribute),
    ),
  );
}

/** The scenario that `scenario` stands over: what it extends, else the `--set` values, else none (the model). */
function parentOf(scenario: CheckedScenario, all: readonly CheckedScenario[]): string | undefined {
  if (scenario.name === setsName) return undefined;
  if (scenario.extends !== undefined && scenario.extends !== "base") return scenario.extends;
  return all.some(({ name }) => name === setsName) ? setsName : undefined;
}

function byAttribute(overrides: readonly CheckedOverride[]): Map<string, CheckedOverride[]> {
  const groups = new Map<string, CheckedOverride[]>();
  for (const override of overrides) {
    const group = groups.get(override.attribute);
    if (group === undefined) groups.set(override.attribute, [override]);
    else group.push(override);
  }
  return groups;
}

function areSameOverrides(a: readonly CheckedOverride[], b: readonly CheckedOverride[]): boolean {
  return a.length === b.length && a.every((override, i) => isSameOverride(override, b[i] as CheckedOverride));
}

function isSameOverride(a: CheckedOverride, b: CheckedOverride): boolean {
  return (
    a === b ||
    (a.operator === b.operator &&
      a.isPin === b.isPin &&
      a.values.length === b.values.length &&
      a.values.every((value, i) => Object.is(value, b.values[i])) &&
      a.positions.length === b.positions.length &&
      a.positions.every((along, i) => {
        const other = b.positions[i] as readonly number[];
        return along.length === other.length && along.every((position, j) => position === other[j]);
      }))
  );
}
