/**
 * The engine overlays of the opened scenarios, kept in step with what their documents say.
 *
 *   engine (the document) ← `--set` values ← base's scenarios ← scenarios that extend them …
 *
 * Invariants:
 * - an overlay stands for each scenario, over the overlay of the scenario it extends (or of the `--set` values, or
 *   the engine itself);
 * - scenarios that say the same share one overlay; before one of them says something else it gets a copy, by which
 *   nothing is computed and nothing changes;
 * - `#applied` says what has been written where, so a change rewrites only the attributes whose overrides differ.
 *
 * Everything here but reading is called inside one transaction of the engine.
 */
import type { Engine, Overlay, State } from "@reckon/engine";
import type { CheckedModel, CheckedOverride, CheckedScenario } from "@reckon/model";
import type { Plan } from "@reckon/plan";
import type { LayingOptions } from "./api.ts";
import { areSameOverrides, type Saying, sayings, sayTheSame } from "./equal-scenarios.ts";
import { areValues, clearOverrides, type OverrideTarget, writeOverrides } from "./overlay-cells.ts";
import { stillState } from "./still-state.ts";

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
  /** Whether reading computes nothing. */
  isStill: boolean;
  readonly #engine: Engine;
  readonly #plan: Plan;
  readonly #sharesEqual: boolean;
  readonly #areSetsInPlace: boolean;
  readonly #standing: Map<string, Standing> = new Map();
  /** The scenarios without an overlay of their own, and those whose they share. */
  readonly #shared: Map<string, string> = new Map();

  constructor(
    engine: Engine,
    plan: Plan,
    { optimise, isStill = false, areSetsInPlace = false }: LayingOptions,
  ) {
    this.#areSetsInPlace = areSetsInPlace;
    this.isStill = isStill;
    this.#engine = engine;
    this.#plan = plan;
    this.#sharesEqual = typeof optimise === "object" ? optimise.merge !== false : optimise !== false;
  }

  /** The state that shows a scenario's values; `base` is the model with the `--set` values. */
  stateOf(name: string): State | undefined {
    const state = this.#stateOf(name);
    return state === undefined || !this.isStill ? state : stillState(state);
  }

  #stateOf(name: string): State | undefined {
    if (name === "base") return this.#standing.get(setsName)?.overlay ?? this.#engine;
    return this.#standing.get(this.#shared.get(name) ?? name)?.overlay;
  }

  /** The state of a scenario for somebody who may write to it: its own. */
  ownStateOf(name: string): State | undefined {
    this.#part(name);
    return this.#stateOf(name);
  }

  /** The scenario whose overlay shows this one as well. */
  sharedWith(name: string): string | undefined {
    return this.#shared.get(name);
  }

  /** Before anything is written: gives overlays of their own to scenarios that no longer say the same. */
  part(scenarios: readonly CheckedScenario[]): void {
    if (this.#shared.size === 0) return;
    const said = sayings(scenarios, (scenario) => parentOf(scenario, scenarios));
    for (const [name, other] of [...this.#shared]) {
      const own = said.get(name);
      const others = said.get(other);
      if (own === undefined) this.#shared.delete(name);
      else if (others === undefined || !sayTheSame(own, others)) this.#part(name);
    }
  }

  #part(name: string): void {
    const other = this.#shared.get(name);
    if (other === undefined) return;
    const { overlay, parent, applied } = this.#standing.get(other) as Standing;
    this.#shared.delete(name);
    this.#standing.set(name, { overlay: overlay.copy(name), parent, applied: new Map(applied) });
  }

  /** Before the plan follows `after`: takes the overrides off attributes that are not the same any more. */
  lift(before: CheckedModel, after: CheckedModel): void {
    for (const standing of this.#standing.values())
      for (const attribute of [...standing.applied.keys()])
        if (before.attributes.get(attribute) !== after.attributes.get(attribute))
          this.#clear(standing, attribute);
  }

  /** Makes the overlays say what `scenarios` (ancestors first) say; `part` was called with them before. */
  follow(model: CheckedModel, ordered: readonly CheckedScenario[]): void {
    const scenarios = ordered.filter(
      ({ name, overrides }) => name !== setsName || !this.#isInPlace(overrides),
    );
    const said = sayings(scenarios, (scenario) => parentOf(scenario, scenarios));
    this.#closeOthers(new Map([...said].map(([name, { parent }]) => [name, parent])));
    for (const [name, saying] of said) {
      if (this.#standing.has(name) || this.#shared.has(name)) continue;
      const alike = this.#sharesEqual ? this.#standingAlike(saying, said) : undefined;
      if (alike === undefined) this.#open(name, saying.parent);
      else this.#shared.set(name, alike);
    }
    for (const [name, { overrides }] of said)
      if (!this.#shared.has(name)) this.#write(this.#standing.get(name) as Standing, model, overrides);
  }

  #isInPlace(sets: readonly CheckedOverride[]): boolean {
    return this.#areSetsInPlace && areValues(sets);
  }

  #standingAlike(saying: Saying, said: ReadonlyMap<string, Saying>): string | undefined {
    for (const name of this.#standing.keys()) {
      const other = said.get(name);
      if (other !== undefined && sayTheSame(saying, other)) return name;
    }
    return undefined;
  }

  close(): void {
    this.#shared.clear();
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
