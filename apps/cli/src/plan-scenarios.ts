/** What each scenario has values of its own for, and which scenarios work out the same. */
import type { Overlay, State } from "@reckon/engine";
import type { PlanAnalysis } from "@reckon/plan";
import type { ScenarioName, Sheet } from "@reckon/sheet";
import { sameColumn } from "@reckon/value";

export interface ScenarioPlan {
  readonly scenario: ScenarioName;
  /** Attributes it overrides or pins. */
  readonly overridden: number;
  /** Those of them that hold what the scenario below holds anyway: nothing is computed again for them. */
  readonly idle: readonly string[];
  /** Units that it has values of its own for, and what computing them takes. */
  readonly units: number;
  readonly ms: number;
  /** A scenario before it that says the same, and computes for both. */
  readonly sharedWith?: ScenarioName;
  /** A scenario before it over the same parent whose overrides, said otherwise, give the same values: the same work twice. */
  readonly sameAs?: ScenarioName;
}

interface Seen {
  readonly scenario: ScenarioName;
  readonly state: Overlay;
  readonly overridden: readonly string[];
}

/** All opened scenarios but the base. Cost: units, and the cells overridden. */
export function scenarioPlans(sheet: Sheet, analysis: PlanAnalysis): readonly ScenarioPlan[] {
  const msOf = new Map(analysis.units.map(({ name, ms }) => [name, ms]));
  const laid = [...sheet.plan.laid()];
  const seen: Seen[] = [];
  return sheet.scenarios.slice(1).flatMap((scenario) => {
    const sharedWith = sheet.sharedWith(scenario);
    const state = sheet.state(sharedWith ?? scenario);
    if (state === undefined || !isOverlay(state)) return [];
    const overridden = [...sheet.model.attributes.keys()].filter((id) => sheet.isOverridden(id, scenario));
    const owned = laid.filter(({ unit, node }) => unit.formula !== undefined && state.owns(node));
    const twin =
      sharedWith === undefined
        ? seen.find((other) => areEqual(sheet, other, { scenario, state, overridden }))
        : undefined;
    seen.push({ scenario, state, overridden });
    const idle = overridden.filter((id) => {
      const node = sheet.plan.nodeOf(id);
      return node !== undefined && sameColumn(state.read(node), state.parent.read(node));
    });
    return [
      {
        scenario,
        overridden: overridden.length,
        idle,
        units: owned.length,
        ms: owned.reduce((sum, { unit }) => sum + (msOf.get(unit.key) ?? 0), 0),
        ...(sharedWith === undefined ? {} : { sharedWith }),
        ...(twin === undefined ? {} : { sameAs: twin.scenario }),
      },
    ];
  });
}

function areEqual(sheet: Sheet, a: Seen, b: Seen): boolean {
  if (a.state.parent !== b.state.parent || a.overridden.length !== b.overridden.length) return false;
  return a.overridden.every(
    (id, i) =>
      id === b.overridden[i] && sameColumn(sheet.column(id, a.scenario), sheet.column(id, b.scenario)),
  );
}

function isOverlay(state: State): state is Overlay {
  return "parent" in state;
}
