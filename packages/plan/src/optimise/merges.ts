/**
 * Merging: of units that compute the same, one computes and the others copy its cells.
 *
 * Two units compute the same when their formulas have the same canonical text, read the same attributes in the same
 * way over the same axes, and run alike (weight). An attribute that reads itself is the same as another that reads
 * itself in that way.
 *
 * Left out, because their cells may differ or come at another time: manual attributes, formulas that call modules or
 * volatile functions, attributes that a scenario pins, and members of loops, whose last sweep decides their bits.
 *
 * Cost: a canonical text a candidate (kept with the formula), a look at each candidate.
 */
import type { BoundFormula } from "@reckon/formula";
import { boundText } from "../bound-text.ts";
import type { Unit } from "../unit.ts";
import type { Upstream } from "./components.ts";
import type { Rewrite } from "./rewrite.ts";
import { copyNs, formulaNs, nodeNs } from "./work-estimate.ts";

export interface MergeQuestion {
  /** The candidates in the order of the model. */
  readonly units: Iterable<Unit>;
  readonly gainNsMin: number;
  readonly upstream: Upstream;
  readonly isPinned: (key: string) => boolean;
  /** Whether others copy from the unit now: it goes on as the source. */
  readonly isSource: (key: string) => boolean;
}

/** The source of each unit that is to copy, by key. */
export function findMerges(question: MergeQuestion): ReadonlyMap<string, string> {
  const groups = new Map<string, Unit[]>();
  for (const unit of question.units) {
    const identity = question.isPinned(unit.key) ? undefined : workIdentity(unit);
    if (identity === undefined) continue;
    const group = groups.get(identity);
    if (group === undefined) groups.set(identity, [unit]);
    else group.push(unit);
  }
  const sources = new Map<string, string>();
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const free = group.filter(({ key }) => !question.upstream.isInLoop(key));
    const source = free.find(({ key }) => question.isSource(key)) ?? free[0];
    for (const unit of free)
      if (unit !== source && mergeGainNs(unit) >= question.gainNsMin)
        sources.set(unit.key, (source as Unit).key);
  }
  return sources;
}

function mergeGainNs({ formula, axes }: Unit): number {
  const cells = axes.reduce((product, axis) => product * axis.labels.length, 1);
  return formula === undefined ? 0 : formulaNs(formula) - cells * copyNs - nodeNs / 2;
}

/** What was merged, for people: one entry a source. */
export function mergeRewrites(
  sources: ReadonlyMap<string, string>,
  unitOf: (key: string) => Unit | undefined,
): Rewrite[] {
  const bySource = new Map<string, string[]>();
  for (const [copy, source] of sources) {
    const copies = bySource.get(source);
    if (copies === undefined) bySource.set(source, [copy]);
    else copies.push(copy);
  }
  return [...bySource].map(([source, copies]) => ({
    kind: "merge",
    work: source,
    units: [source, ...copies],
    savedNs: copies.reduce((sum, key) => {
      const unit = unitOf(key);
      return sum + (unit === undefined ? 0 : mergeGainNs(unit));
    }, 0),
  }));
}

const texts = new WeakMap<BoundFormula, string | null>();

/** Equal for units that compute the same; nothing for those that take no part. */
function workIdentity(unit: Unit): string | undefined {
  const { formula, attribute } = unit;
  if (formula === undefined || formula.callsModule) return undefined;
  const declared = attribute?.kind === "formula" ? attribute : undefined;
  if (declared?.isManual === true) return undefined;
  let text = texts.get(formula);
  if (text === undefined) {
    text = boundText(formula) ?? null;
    texts.set(formula, text);
  }
  if (text === null) return undefined;
  const reads = formula.references.map(({ attribute: id }) => (id === unit.key ? "" : id));
  const axes = formula.axes.map(({ name }) => name);
  const start = formula.references.map((reference) => reference.axes.map(({ name }) => name));
  return JSON.stringify([declared?.weight ?? "", axes, reads, start, text]);
}
