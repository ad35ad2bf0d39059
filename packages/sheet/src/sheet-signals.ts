/**
 * Signals that outlive the nodes behind them.
 *
 * A host keeps the signal of `revenue.price` while the attribute is edited, removed, brought back by undo, or its
 * scenario is laid over another parent. So a sheet's signal is a `computed` over the engine's signal of whatever node
 * stands for that name now; `restructure` makes them all look again after an edit that moved something.
 */
import { computed, type ReadonlySignal, type State, signal } from "@reckon/engine";
import type { Plan } from "@reckon/plan";
import { type Column, isErrorValue, type Scalar, sameScalar } from "@reckon/value";
import type { ScenarioName } from "./api.ts";

export class SheetSignals {
  readonly #plan: Plan;
  readonly #stateOf: (scenario: ScenarioName) => State | undefined;
  readonly #structure = signal(0);
  readonly #columns: Map<string, ReadonlySignal<Column>> = new Map();

  constructor(plan: Plan, stateOf: (scenario: ScenarioName) => State | undefined) {
    this.#plan = plan;
    this.#stateOf = stateOf;
  }

  /** The signal of an attribute's column; `missing` gives the column where there is no such attribute or scenario. */
  column(id: string, scenario: ScenarioName, missing: () => Column): ReadonlySignal<Column> {
    const key = `${scenario} ${id}`;
    let found = this.#columns.get(key);
    if (found === undefined) {
      found = computed(() => {
        this.#structure.value;
        const node = this.#plan.nodeOf(id);
        const state = this.#stateOf(scenario);
        return node === undefined || state === undefined ? missing() : state.signalOf(node).value;
      });
      this.#columns.set(key, found);
    }
    return found;
  }

  /** A cell's signal, which fires only when that cell changes. `pick` is asked again after edits of the structure. */
  cell(column: ReadonlySignal<Column>, pick: (column: Column) => Scalar): ReadonlySignal<Scalar> {
    let last: Scalar = null;
    return computed(() => {
      this.#structure.value;
      const value = pick(column.value);
      if (!isAlike(value, last)) last = value;
      return last;
    });
  }

  restructure(): void {
    this.#structure.value++;
  }

  close(): void {
    this.#columns.clear();
  }
}

/** Errors are objects, and may be made anew: one that says the same is the same. */
function isAlike(a: Scalar, b: Scalar): boolean {
  if (!isErrorValue(a) || !isErrorValue(b)) return Object.is(a, b);
  return sameScalar(a, b) && a.detail === b.detail;
}
