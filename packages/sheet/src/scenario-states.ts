/** The scenarios of a sheet by name: what each says, and the state of the engine that shows its values. */
import type { Engine, State } from "@reckon/engine";
import { cellsOf } from "@reckon/plan";
import type { Axis } from "@reckon/value";
import { cellOf } from "./address.ts";
import type { CellIndex, ScenarioName } from "./api.ts";
import type { NamedState } from "./change-feed.ts";
import type { Content, ScenarioContent } from "./content.ts";
import type { Overlays } from "./overlays.ts";
import { unknownScenario } from "./problem.ts";
import { SheetError } from "./sheet-error.ts";

export class ScenarioStates {
  readonly #engine: Engine;
  readonly #overlays: Overlays;
  readonly #content: () => Content;

  constructor(engine: Engine, overlays: Overlays, content: () => Content) {
    this.#engine = engine;
    this.#overlays = overlays;
    this.#content = content;
  }

  /** `base` first, then the opened scenarios in order. */
  get names(): readonly ScenarioName[] {
    return ["base", ...this.#content().scenarios.map(({ checked }) => checked.name)];
  }

  contentOf(name: ScenarioName): ScenarioContent | undefined {
    return this.#content().scenarios.find(({ checked }) => checked.name === name);
  }

  /** What stands over the model where a scenario is shown: its own overrides, or for `base` the `--set` values. */
  overridesOf(name: ScenarioName): ScenarioContent | undefined {
    return name === "base" ? this.#content().sets : this.contentOf(name);
  }

  /** Whether it overrides (or pins) the attribute, or that cell of it. */
  isOverridden(id: string, axes: readonly Axis[], name: ScenarioName, index?: CellIndex): boolean {
    const own = this.overridesOf(name)?.checked.overrides.filter(({ attribute }) => attribute === id) ?? [];
    if (index === undefined || own.length === 0) return own.length > 0;
    const cell = cellOf(id, axes, index);
    return cell.ok && own.some(({ positions }) => cellsOf(axes, positions).includes(cell.value));
  }

  readonly named = (): readonly NamedState[] =>
    this.names.flatMap((name) => {
      const state = this.#overlays.stateOf(name);
      return state === undefined ? [] : [{ name, state }];
    });

  readonly byId = (id: number): State | undefined => this.named().find(({ state }) => state.id === id)?.state;

  orThrow(name: ScenarioName): State {
    const state = this.#overlays.stateOf(name);
    if (state === undefined)
      throw new SheetError("sheet/unknown-scenario", unknownScenario(name, this.names).message);
    return state;
  }

  /** What a scenario stands over; without a name it is the model as it is written. */
  parentOf(name: ScenarioName): { readonly name?: string; readonly state: State } | undefined {
    if (name === "base") return this.#content().sets === undefined ? undefined : { state: this.#engine };
    const parent = this.contentOf(name)?.checked.extends ?? "base";
    return { name: parent, state: this.orThrow(parent) };
  }
}
