/** What the model's checks say in one state: which pass, and the cells of those that do not. */
import type { State } from "@reckon/engine";
import type { CheckedCheck } from "@reckon/model";
import { labelsAt, type Plan } from "@reckon/plan";
import { isErrorValue, type Scalar } from "@reckon/value";
import type { CheckOutcome, CheckState } from "./api.ts";

/** The outcome of every check, in file order. Cost: the cells of the checks. */
export function checkOutcomes(plan: Plan, state: State): readonly CheckOutcome[] {
  return plan.model.checks.map((check) => outcomeOf(plan, state, check));
}

function outcomeOf(plan: Plan, state: State, check: CheckedCheck): CheckOutcome {
  const node = plan.checkNodeOf(check.name);
  const cells: CheckOutcome["cells"][number][] = [];
  let isStale = false;
  if (node !== undefined) {
    const column = state.view(node);
    isStale = state.statusOf(node) === "stale";
    for (let cell = 0; cell < column.length; cell++) {
      const value = column.get(cell);
      const found = stateOf(value);
      if (found === "pass") continue;
      const at = labelsAt(check.formula.axes, cell);
      const { origin, detail } = isErrorValue(value) ? value : {};
      cells.push({
        at,
        state: found,
        ...(origin === undefined ? {} : { origin }),
        ...(detail === undefined ? {} : { detail }),
      });
    }
  }
  const stale = isStale ? { isStale: true as const } : {};
  return { name: check.name, text: check.text, state: worstOf(cells), cells, ...stale };
}

/** A check passes where it is TRUE or a number other than 0, as a condition of `IF` does. */
function stateOf(value: Scalar): CheckState {
  if (typeof value === "boolean") return value ? "pass" : "fail";
  if (typeof value === "number") return value === 0 ? "fail" : "pass";
  return value === null ? "fail" : "error";
}

function worstOf(cells: readonly { readonly state: CheckState }[]): CheckState {
  if (cells.length === 0) return "pass";
  return cells.some(({ state }) => state === "error") ? "error" : "fail";
}
