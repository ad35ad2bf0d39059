/** The engine's loop records with names in place of node ids. */
import type { LoopRecord, State } from "@reckon/engine";
import { type Plan, timeOf } from "@reckon/plan";
import type { LoopOutcome } from "./api.ts";

/** How every loop ended in every period. Cost: the records. */
export function loopOutcomes(plan: Plan, state: State): readonly LoopOutcome[] {
  return state.loopRecords().map((record) => loopOutcome(plan, record));
}

export function loopOutcome(plan: Plan, record: LoopRecord): LoopOutcome {
  const attributes = record.nodes.map((node) => plan.attributeOf(node)).filter((id) => id !== undefined);
  const first = plan.model.attributes.get(attributes[0] ?? record.loop);
  const label = first === undefined ? undefined : timeOf(first.axes)?.labels[record.period];
  return { ...record, attributes, at: label === undefined ? [] : [label] };
}
