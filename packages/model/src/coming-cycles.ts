/**
 * Whether formulas that changed in a model without problems may have made a cycle, without a search through the whole of it.
 *
 * A cycle that was not there before runs through a changed formula and all that it reads: only these are followed, as far as
 * they may lead back (levels), and up to a limit behind which the whole model is searched instead.
 *
 * Cost: the formulas followed.
 */
import { type AxisAccess, mayReadByCell, type Reference } from "@reckon/formula";
import type { KnownGraph } from "./api.ts";
import { readsOf } from "./checked-line.ts";
import { cycleGraph, findCycles } from "./cycles.ts";
import type { CheckedAttribute, CheckedFormula } from "./declarations.ts";

/** Attributes by their ids, and what stands under delays by its own. */
export interface AttributeLookup {
  readonly get: (id: string) => CheckedAttribute | undefined;
}

/** How many formulas are followed from the changed ones before the whole model is searched instead. */
const followedMax = 20_000;

/**
 * Whether formulas that changed in a model without problems may have made a cycle: a cycle that was not there before runs
 * through a changed formula and all that it reads, so only those are searched. True also when they are too many.
 * `mayLead` says of what is read whether a changed formula may stand behind it; without it everything is followed.
 */
export function mayHaveNewCycle(
  changed: readonly CheckedFormula[],
  attributes: AttributeLookup,
  mayLead?: (attribute: string) => boolean,
): boolean {
  const reached = new Set<CheckedFormula>(changed);
  const pending = [...changed];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const attribute of readsOf(next)) {
      const read = attributes.get(attribute);
      // A hidden stock: what it reads is not among the attributes.
      if (read === undefined) return true;
      if (read.kind !== "formula" || reached.has(read) || mayLead?.(attribute) === false) continue;
      if (reached.size >= followedMax) return true;
      reached.add(read);
      pending.push(read);
    }
  }
  return findCycles(cycleGraph([...reached]), new Set()).cycles.length > 0;
}

/**
 * Whether a changed formula surely stands in no circle: what it reads is followed downward and what reads it upward, in
 * turn, until one side ends. Levels keep both sides from leaving the stretch between them.
 */
export function standsApart(
  changed: CheckedFormula,
  attributes: AttributeLookup,
  known: KnownGraph,
): boolean {
  const reads = new Set(readsOf(changed));
  if (reads.has(changed.id)) return false;
  const lowest = known.levelOf(changed.id);
  const highest = Math.max(...[...reads].map((id) => known.levelOf(id)));
  const below = new Set<string>();
  const above = new Set<string>([changed.id]);
  const down = [...reads];
  const up = [changed.id];
  for (let count = 0; count < followedMax; count++) {
    const lower = down.pop();
    const upper = up.pop();
    if (lower === undefined || upper === undefined) return true;
    const read = attributes.get(lower);
    for (const id of read?.kind === "formula" ? readsOf(read) : []) {
      if (id === changed.id) return false;
      if (below.has(id) || known.levelOf(id) < lowest) continue;
      below.add(id);
      down.push(id);
    }
    for (const id of known.readersOf(upper)) {
      if (reads.has(id)) return false;
      if (above.has(id) || known.levelOf(id) > highest) continue;
      above.add(id);
      up.push(id);
    }
  }
  return false;
}

/** Whether two formulas read the same cells, so that no cycle came or went; false where that is not plain to see. */
export function readsAlike(a: CheckedFormula, b: CheckedFormula): boolean {
  const left = a.formula.references;
  const right = b.formula.references;
  return (
    left.length === right.length &&
    left.every((reference, i) => {
      const other = right[i] as Reference;
      return (
        reference.attribute === other.attribute &&
        reference.access.every((access, axis) => isSameAccess(access, other.access[axis]))
      );
    }) &&
    !mayReadByCell(a.formula) &&
    !mayReadByCell(b.formula)
  );
}

function isSameAccess(a: AxisAccess, b: AxisAccess | undefined): boolean {
  switch (a.kind) {
    case "current":
      return b?.kind === "current" && a.offset === b.offset;
    case "fixed":
      return b?.kind === "fixed" && a.position === b.position;
    case "window":
    case "range":
      return b?.kind === a.kind && a.from === b.from && a.to === b.to;
    case "key":
      return false;
    default:
      return a satisfies never;
  }
}
