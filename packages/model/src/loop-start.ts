/** The first guess of a loop must be known before the loop is: following its current-period reads must not lead into the loop. */
import type { BoundFormula } from "@reckon/formula";
import { type CycleGraph, type CycleResult, currentReadsOf, readsCurrent } from "./cycles.ts";
import type { CheckedFormula } from "./declarations.ts";

/** How far the start of a loop is followed through the formulas it reads. */
const startSearchMax = 10_000;

/** What the start of the loop at `formula` reads that depends on that loop; undefined for a start that is right. */
export function startReadInLoop(
  start: BoundFormula,
  loop: {
    readonly formula: CheckedFormula;
    readonly formulas: ReadonlyMap<string, CheckedFormula>;
    readonly graph: CycleGraph;
    readonly found: CycleResult;
  },
): string | undefined {
  const { formula, formulas, graph, found } = loop;
  const hasTime = start.axes.some((axis) => axis.time !== undefined);
  const byCells = found.byCells.get(graph.indexes.get(formula.id) ?? -1);
  const placeOf = (attribute: string): number =>
    byCells?.members.indexOf(graph.indexes.get(attribute) ?? -1) ?? -1;
  const inCells = byCells?.cells.dependsOnLoop(placeOf(formula.id), start, (attribute) => {
    const place = placeOf(attribute);
    return place < 0 ? undefined : place;
  });
  if (inCells !== undefined) return inCells;
  return start.references.find(
    (reference) =>
      placeOf(reference.attribute) < 0 &&
      readsCurrent(reference, hasTime) &&
      reaches(formulas, reference.attribute, formula.id),
  )?.attribute;
}

function reaches(formulas: ReadonlyMap<string, CheckedFormula>, from: string, to: string): boolean {
  const seen = new Set([from]);
  const pending = [from];
  for (let at = pending.pop(); at !== undefined && seen.size < startSearchMax; at = pending.pop()) {
    if (at === to) return true;
    const formula = formulas.get(at);
    for (const attribute of formula === undefined ? [] : currentReadsOf(formula)) {
      if (seen.has(attribute)) continue;
      seen.add(attribute);
      pending.push(attribute);
    }
  }
  return false;
}
