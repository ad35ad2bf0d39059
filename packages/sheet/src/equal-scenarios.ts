/**
 * Scenarios that say the same: equal overrides over the same parent, in the same order an attribute.
 *
 * Only those that nothing extends take part: an overlay above would have to move when the two part. Overrides are
 * compared as they are written (operator and values), not by what comes of them.
 *
 * Cost: the overrides.
 */
import type { CheckedOverride, CheckedScenario } from "@reckon/model";

/** What one scenario says, by attribute. */
export interface Saying {
  readonly name: string;
  /** The scenario, or the `--set` values, whose state it stands over; absent: the model. */
  readonly parent: string | undefined;
  readonly overrides: ReadonlyMap<string, readonly CheckedOverride[]>;
  readonly isExtended: boolean;
}

export function sayings(
  scenarios: readonly CheckedScenario[],
  parentOf: (scenario: CheckedScenario) => string | undefined,
): ReadonlyMap<string, Saying> {
  const parents = scenarios.map(parentOf);
  return new Map(
    scenarios.map(({ name, overrides }, i) => [
      name,
      { name, parent: parents[i], overrides: byAttribute(overrides), isExtended: parents.includes(name) },
    ]),
  );
}

/** Whether one overlay can show both. */
export function sayTheSame(a: Saying, b: Saying): boolean {
  return (
    a.parent === b.parent &&
    !a.isExtended &&
    !b.isExtended &&
    a.overrides.size > 0 &&
    a.overrides.size === b.overrides.size &&
    [...a.overrides].every(([attribute, overrides]) =>
      areSameOverrides(overrides, b.overrides.get(attribute) ?? []),
    )
  );
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

export function areSameOverrides(a: readonly CheckedOverride[], b: readonly CheckedOverride[]): boolean {
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
