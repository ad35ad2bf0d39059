/**
 * Warnings about loops that were not solved. One a loop and scenario, about the worst of its solves; the others are
 * counted. A loop that an error value stopped has no warning: the error is in the values and tells where it began.
 */
import { type LoopOutcome, type ScenarioName, type Sheet, solveText } from "@reckon/sheet";
import { cellName } from "./cell-labels.ts";

const membersShownMax = 4;
/** Of one scenario. */
const warningsShownMax = 20;

/**
 * The texts, to be printed as they are; what is the same under several scenarios is told once, and names them. Cost: the
 * records, and the unconverged cells where there are any.
 */
export function loopWarnings(sheet: Sheet, scenarios: readonly ScenarioName[]): readonly string[] {
  const found = new Map<string, { readonly warnings: readonly Warning[]; readonly of: ScenarioName[] }>();
  for (const scenario of scenarios) {
    const warnings = warningsOf(sheet, scenario);
    const key = JSON.stringify(warnings);
    const same = found.get(key);
    if (same === undefined) found.set(key, { warnings, of: [scenario] });
    else same.of.push(scenario);
  }
  const isNamed = scenarios.length > 1 || scenarios[0] !== "base";
  return [...found.values()].flatMap(({ warnings, of }) =>
    warnings.map(({ title, text }) =>
      title === undefined ? text : `${title}${isNamed ? `, ${listed(of)}` : ""}\n${text}`,
    ),
  );
}

/** A warning, whose first line may go on with the scenarios. */
interface Warning {
  readonly title?: string;
  readonly text: string;
}

/** `base`, `base and upside`, `base, upside and downside`. */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function warningsOf(sheet: Sheet, scenario: ScenarioName): readonly Warning[] {
  // Asked first, for it costs nothing where all is well.
  if (sheet.unconverged(scenario).size === 0) return [];
  const loops = groupedLoops(sheet.loops(scenario)).flatMap(({ outcomes }) => {
    const unsolved = outcomes.filter(isUnsolved);
    return unsolved.length === 0 ? [] : [{ outcomes, unsolved }];
  });
  if (loops.length === 0) return [];
  const warnings: Warning[] = loops
    .slice(0, warningsShownMax)
    .map(({ outcomes, unsolved }) => warningOf(sheet, scenario, outcomes, unsolved));
  const rest = loops.length - warnings.length;
  if (rest > 0) warnings.push({ text: `reckon: and ${rest} more like these; \`reckon loops\` lists all` });
  const behind = valuesBehind(sheet, scenario);
  const last = warnings.pop() as Warning;
  if (behind === 0) return [...warnings, last];
  const marked = `${behind} ${behind === 1 ? "value" : "values"} downstream ${behind === 1 ? "is" : "are"}`;
  return [...warnings, { ...last, text: `${last.text}\n  ${marked} marked unconverged (~)` }];
}

/** The outcomes of one loop: the engine's name for it and its members, in the order of the records. */
export interface GroupedLoop {
  readonly loop: string;
  readonly attributes: readonly string[];
  readonly outcomes: readonly LoopOutcome[];
}

/** Apart by name; what the members are is the same in all solves, or nearly so where the loop differs by period. */
export function groupedLoops(outcomes: readonly LoopOutcome[]): readonly GroupedLoop[] {
  const groups = new Map<string, { loop: string; attributes: Set<string>; outcomes: LoopOutcome[] }>();
  for (const outcome of outcomes) {
    let group = groups.get(outcome.loop);
    if (group === undefined) {
      group = { loop: outcome.loop, attributes: new Set(), outcomes: [] };
      groups.set(outcome.loop, group);
    }
    for (const id of outcome.attributes) group.attributes.add(id);
    group.outcomes.push(outcome);
  }
  return [...groups.values()].map((group) => ({ ...group, attributes: [...group.attributes] }));
}

/** Whether somebody must be told: no solution was found, and no error value is there to say so. */
function isUnsolved({ verdict }: LoopOutcome): boolean {
  return verdict !== "converged" && verdict !== "error";
}

/** The order of those that are furthest from a solution. */
export function byDistance(a: LoopOutcome, b: LoopOutcome): number {
  const distance = ({ lastDelta }: LoopOutcome): number =>
    Number.isFinite(lastDelta) ? lastDelta : Number.MAX_VALUE;
  return distance(b) - distance(a);
}

/** The attributes of a loop, or its cells, where it is made of some cells of them. */
export function membersOf({ attributes, places }: LoopOutcome): readonly string[] {
  return places?.map((each) => cellName(each.attribute, each.at)) ?? attributes;
}

/** A loop's name, which lists its cuts: the first of very many. */
export function loopTitle(loop: string): string {
  const cuts = loop.split(" + ");
  const rest = cuts.length - membersShownMax;
  return rest > 0 ? `${cuts.slice(0, membersShownMax).join(" + ")} and ${rest} more` : loop;
}

/** A line for each cut, of very many the first. */
export function cutLines<T>(cuts: readonly T[], lineOf: (cut: T) => string): string[] {
  const rest = cuts.length - membersShownMax;
  return [
    ...cuts.slice(0, membersShownMax).map(lineOf),
    ...(rest > 0 ? [`and ${rest} more like these`] : []),
  ];
}

/** `price ↔ demand`, `a ↔ b ↔ c ↔ d and 4 more`. */
export function membersText(attributes: readonly string[]): string {
  const rest = attributes.length - membersShownMax;
  return `${attributes.slice(0, membersShownMax).join(" ↔ ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}

function warningOf(
  sheet: Sheet,
  scenario: ScenarioName,
  outcomes: readonly LoopOutcome[],
  unsolved: readonly LoopOutcome[],
): Warning {
  const worst = unsolved.toSorted(byDistance)[0] as LoopOutcome;
  const place = worst.at.length === 0 || worst.places !== undefined ? "" : `, ${worst.at.join(", ")}`;
  const lines = [`  ${solveText(sheet.loopSolve(worst, scenario))}`];
  if (unsolved.length > 1) {
    const [first, last] = [unsolved[0], unsolved.at(-1)] as [LoopOutcome, LoopOutcome];
    const range = `${first.at.join(", ")} … ${last.at.join(", ")}`;
    lines.push(
      `  ${unsolved.length} of ${outcomes.length} solves did not converge (${range}), this one least`,
    );
  }
  const title = `warning[loop/not-converged]  ${membersText(membersOf(worst))}${place}`;
  return { title, text: lines.join("\n") };
}

/** How many values are marked that are in no solve that failed. */
function valuesBehind(sheet: Sheet, scenario: ScenarioName): number {
  let count = 0;
  for (const ranges of sheet.unconverged(scenario).values())
    for (const { from, to } of ranges) count += to - from;
  for (const outcome of sheet.loops(scenario)) {
    if (outcome.verdict !== "converged") count -= cellsOf(sheet, outcome);
  }
  return Math.max(0, count);
}

function cellsOf(sheet: Sheet, { attributes, outer, period, places }: LoopOutcome): number {
  if (places !== undefined) return places.length;
  return attributes.reduce((sum, id) => {
    const axes = sheet.attribute(id)?.axes ?? [];
    const sizes = axes.map((axis) =>
      axis.time === undefined ? (outer < 0 ? axis.labels.length : 1) : period < 0 ? axis.labels.length : 1,
    );
    return sum + sizes.reduce((product, size) => product * size, 1);
  }, 0);
}

/** Says what is new of the loops that were not solved, save after save. */
export class LoopWatch {
  private said: readonly string[] = [];

  /** The warnings, where they are other ones than the last time; a line when there are none any more. */
  news(sheet: Sheet, scenarios: readonly ScenarioName[]): readonly string[] {
    const before = this.said;
    this.said = loopWarnings(sheet, scenarios);
    if (this.said.length === 0) return before.length === 0 ? [] : ["reckon: every loop converges again"];
    return this.said.join("\n") === before.join("\n") ? [] : this.said;
  }
}
