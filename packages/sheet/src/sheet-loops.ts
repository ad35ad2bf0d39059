/** What a sheet tells of its loops: how each was solved, and which values must not be trusted. */
import type { State } from "@reckon/engine";
import type { ModelDocument } from "@reckon/model";
import type { Plan } from "@reckon/plan";
import type { CellRange, LoopOutcome, LoopSolve, ScenarioName } from "./api.ts";
import { type LoopNaming, loopNaming, loopOutcomes, loopSolve } from "./loop-outcomes.ts";
import { unknownScenario } from "./problem.ts";
import { SheetError } from "./sheet-error.ts";
import { unconvergedRanges } from "./unconverged-cells.ts";

export class SheetLoops {
  readonly #plan: Plan;
  readonly #states: { readonly stateOf: (scenario: ScenarioName) => State | undefined };
  readonly #document: () => ModelDocument;

  constructor(
    plan: Plan,
    states: { readonly stateOf: (scenario: ScenarioName) => State | undefined },
    document: () => ModelDocument,
  ) {
    this.#plan = plan;
    this.#states = states;
    this.#document = document;
  }

  get naming(): LoopNaming {
    return loopNaming(this.#plan, this.#document());
  }

  outcomes(scenario: ScenarioName = "base"): readonly LoopOutcome[] {
    const state = this.#states.stateOf(scenario);
    return state === undefined ? [] : loopOutcomes(this.naming, state);
  }

  solve(outcome: LoopOutcome, scenario: ScenarioName = "base"): LoopSolve {
    const state = this.#states.stateOf(scenario);
    if (state === undefined)
      throw new SheetError("sheet/unknown-scenario", unknownScenario(scenario, []).message);
    return loopSolve(this.naming, state, outcome);
  }

  unconverged(scenario: ScenarioName = "base"): ReadonlyMap<string, readonly CellRange[]> {
    const state = this.#states.stateOf(scenario);
    return state === undefined ? new Map() : unconvergedRanges(this.#plan, state);
  }
}
