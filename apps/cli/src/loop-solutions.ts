/** What a loop gives from other first guesses: for each cell of its cuts, which solutions there are. */
import type { LoopOutcome, ScenarioName, Sheet } from "@reckon/sheet";
import { isErrorValue, type Scalar } from "@reckon/value";
import { cellName, labelsAt } from "./cell-labels.ts";

/** Two values are one solution that differ by less than this, relative to their size. */
const sameShare = 1e-6;
/** Or by less than so many absolute tolerances of the loop: near 0 nothing is relative. */
const sameTolerances = 10;

/** Where a solve began: at a number, or where the model says. */
export type Beginning = number | "declared";

/** The end of one cell's solve from one beginning. */
interface SolvedFrom {
  readonly from: Beginning;
  readonly value: Scalar;
  readonly verdict: LoopOutcome["verdict"];
}

/** Ends that agree, with their beginnings; those that are no solution stand alone. */
interface Solution {
  readonly value: Scalar;
  readonly verdict: LoopOutcome["verdict"];
  readonly from: readonly Beginning[];
}

export interface CellSolutions {
  readonly loop: string;
  readonly attribute: string;
  readonly at: readonly string[];
  readonly solutions: readonly Solution[];
}

/** All cells of all cuts that a loop solves, in the order of the records. Cost: these cells for each of the sheets. */
export function solutionsOf(
  sheets: readonly { readonly from: Beginning; readonly sheet: Sheet }[],
  scenario: ScenarioName,
): readonly CellSolutions[] {
  const declared = sheets[0]?.sheet;
  if (declared === undefined) return [];
  const outcomes = declared.loops(scenario);
  const cuts = new Set(outcomes.flatMap(({ settings }) => settings.cuts.map(({ attribute }) => attribute)));
  const tolerances = new Map(outcomes.map(({ loop, settings }) => [loop, settings.toleranceAbsolute]));
  return [...cuts].flatMap((attribute) => {
    const axes = declared.attribute(attribute)?.axes ?? [];
    const count = axes.reduce((product, axis) => product * axis.labels.length, 1);
    const ends = sheets.map(({ from, sheet }) => {
      const node = sheet.plan.nodeOf(attribute);
      const state = sheet.state(sheet.sharedWith(scenario) ?? scenario);
      const column = sheet.column(attribute, scenario);
      const recordAt = (cell: number) => (node === undefined ? undefined : state?.loopRecordAt(node, cell));
      return { from, column, recordAt };
    });
    const found: CellSolutions[] = [];
    for (let cell = 0; cell < count; cell++) {
      const loop = ends[0]?.recordAt(cell)?.loop;
      if (loop === undefined) continue;
      const solved = ends.map(({ from, column, recordAt }) => ({
        from,
        value: column.get(cell),
        verdict: recordAt(cell)?.verdict ?? "converged",
      }));
      const near = sameTolerances * (tolerances.get(loop) ?? 0);
      found.push({ loop, attribute, at: labelsAt(axes, cell), solutions: joined(solved, near) });
    }
    return found;
  });
}

function joined(found: readonly SolvedFrom[], near: number): Solution[] {
  const solutions: { value: Scalar; verdict: LoopOutcome["verdict"]; from: Beginning[] }[] = [];
  for (const { from, value, verdict } of found) {
    const same = solutions.find((each) => each.verdict === verdict && isSame(each, value, near));
    if (same === undefined) solutions.push({ value, verdict, from: [from] });
    else same.from.push(from);
  }
  return solutions;
}

function isSame({ value, verdict }: Solution, other: Scalar, near: number): boolean {
  // What is no solution is not compared: the same verdict says all that there is to say.
  if (verdict !== "converged") return true;
  if (typeof value === "number" && typeof other === "number") {
    return Math.abs(value - other) <= Math.max(near, sameShare * Math.max(Math.abs(value), Math.abs(other)));
  }
  return isErrorValue(value) && isErrorValue(other) ? value.code === other.code : value === other;
}

/** How many different solutions were found. */
export function solutionCount({ solutions }: CellSolutions): number {
  return solutions.filter(({ verdict }) => verdict === "converged").length;
}

/** `market.price[2026-01]`. */
export function solvedCell({ attribute, at }: CellSolutions): string {
  return cellName(attribute, at);
}
