/**
 * What a watch has shown last, so that only differences are printed: the columns of the shown attributes and the
 * states of the checks, by scenario.
 *
 * Columns are immutable once published, so keeping them costs nothing and an attribute whose column is the same object
 * is skipped at once. Cells are matched by labels: a longer time axis adds cells and shifts none.
 */
import type { Change, CheckOutcome, ScenarioName, Sheet } from "@reckon/sheet";
import { type Axis, type Column, type Scalar, sameScalar } from "@reckon/value";
import { labelsAt } from "./cell-labels.ts";

export interface ScenarioChanges {
  readonly scenario: ScenarioName;
  readonly changes: readonly Change[];
  /** Attributes that are there now and were not, and the other way round. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Checks whose outcome differs, as they are now. */
  readonly checks: readonly CheckOutcome[];
  /** Attributes that changed in the base, and not here because the scenario overrides them. */
  readonly overridden: readonly string[];
}

interface Seen {
  readonly axes: readonly Axis[];
  readonly column: Column;
}
interface SeenScenario {
  readonly attributes: Map<string, Seen>;
  readonly checks: Map<string, string>;
}

export class SeenValues {
  private seen = new Map<ScenarioName, SeenScenario>();
  /** Every attribute of the base, where a scenario that may override it is shown. */
  private base: ReadonlyMap<string, Seen> = new Map();

  /** The differences to the last look, which this look replaces. Cost: the attributes, and the cells that changed. */
  look(sheet: Sheet, scenarios: readonly ScenarioName[], ids: readonly string[]): ScenarioChanges[] {
    const now = new Map<ScenarioName, SeenScenario>();
    const base = scenarios.some((scenario) => scenario !== "base") ? columnsOfBase(sheet) : new Map();
    const differences = scenarios.map((scenario) => {
      const attributes = new Map<string, Seen>();
      for (const id of ids) {
        const axes = sheet.attribute(id)?.axes;
        if (axes !== undefined) attributes.set(id, { axes, column: sheet.column(id, scenario) });
      }
      const outcomes = sheet.checks(scenario);
      const checks = new Map(
        outcomes.map((check) => [check.name, JSON.stringify([check.state, check.cells])]),
      );
      const before = this.seen.get(scenario);
      now.set(scenario, { attributes, checks });
      const difference = differenceOf(scenario, before, { attributes, checks }, outcomes);
      if (scenario === "base") return difference;
      return { ...difference, overridden: this.overriddenIn(sheet, difference, base) };
    });
    this.seen = now;
    this.base = base;
    return differences;
  }

  private overriddenIn(
    sheet: Sheet,
    { scenario, changes }: ScenarioChanges,
    base: ReadonlyMap<string, Seen>,
  ): string[] {
    const found: string[] = [];
    for (const [id, now] of base) {
      const old = this.base.get(id);
      if (old === undefined || old.column === now.column || !sheet.isOverridden(id, scenario)) continue;
      const differing: Change[] = [];
      collectChanges(id, old, now, differing);
      if (differing.length > 0 && !changes.some((change) => change.attribute === id)) found.push(id);
    }
    return found;
  }
}

function columnsOfBase(sheet: Sheet): Map<string, Seen> {
  const columns = new Map<string, Seen>();
  for (const { id, axes } of sheet.model.attributes.values())
    columns.set(id, { axes, column: sheet.column(id, "base") });
  return columns;
}

function differenceOf(
  scenario: ScenarioName,
  before: SeenScenario | undefined,
  now: SeenScenario,
  outcomes: readonly CheckOutcome[],
): ScenarioChanges {
  if (before === undefined)
    return { scenario, changes: [], added: [], removed: [], checks: [], overridden: [] };
  const changes: Change[] = [];
  const added: string[] = [];
  for (const [id, seen] of now.attributes) {
    const old = before.attributes.get(id);
    if (old === undefined) added.push(id);
    else if (old.column !== seen.column) collectChanges(id, old, seen, changes);
  }
  const removed = [...before.attributes.keys()].filter((id) => !now.attributes.has(id));
  const checks = outcomes.filter((check) => before.checks.get(check.name) !== now.checks.get(check.name));
  return { scenario, changes, added, removed, checks, overridden: [] };
}

function collectChanges(attribute: string, old: Seen, seen: Seen, changes: Change[]): void {
  const hasSameAxes =
    old.axes.length === seen.axes.length && old.axes.every((axis, i) => sameAxis(axis, seen.axes[i]));
  for (let cell = 0; cell < seen.column.length; cell++) {
    const at = hasSameAxes ? undefined : labelsAt(seen.axes, cell);
    const oldCell = at === undefined ? cell : cellOf(old.axes, seen.axes, at);
    const before: Scalar | undefined = oldCell === undefined ? null : old.column.get(oldCell);
    const after = seen.column.get(cell);
    if (sameScalar(before, after)) continue;
    changes.push({ attribute, at: at ?? labelsAt(seen.axes, cell), before, after });
  }
}

function sameAxis(left: Axis, right: Axis | undefined): boolean {
  if (left === right) return true;
  if (right === undefined || left.name !== right.name || left.labels.length !== right.labels.length)
    return false;
  return left.labels.every((label, i) => label === right.labels[i]);
}

/** The old cell with these labels, when there is one. */
function cellOf(oldAxes: readonly Axis[], axes: readonly Axis[], at: readonly string[]): number | undefined {
  let cell = 0;
  if (oldAxes.length !== axes.length) return undefined;
  for (const axis of oldAxes) {
    const label = at[axes.findIndex((other) => other.name === axis.name)];
    const position = label === undefined ? undefined : axis.positions.get(label);
    if (position === undefined) return undefined;
    cell = cell * axis.labels.length + position;
  }
  return cell;
}
