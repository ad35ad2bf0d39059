/** The cells that differ between two states. */
import type { State } from "@reckon/engine";
import { labelsAt, type Plan } from "@reckon/plan";
import type { Change } from "./api.ts";

/**
 * Every cell whose value differs, in file order of the attributes and axis order of the cells. An attribute that
 * both states read from the same place costs nothing; others cost their cells.
 */
export function differenceOf(plan: Plan, left: State, right: State): readonly Change[] {
  const changes: Change[] = [];
  for (const attribute of plan.model.attributes.values()) {
    const node = plan.demand(attribute.id);
    if (node === undefined) continue;
    const before = left.view(node);
    const after = right.view(node);
    if (before === after) continue;
    for (let cell = 0; cell < before.length; cell++)
      if (!before.sameCell(cell, after, cell))
        changes.push({
          attribute: attribute.id,
          at: labelsAt(attribute.axes, cell),
          before: before.get(cell),
          after: after.get(cell),
        });
  }
  return changes;
}
