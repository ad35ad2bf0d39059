/**
 * Merging: of units that compute the same, one computes and the others copy its cells.
 *
 * Two units compute the same when they have the same form and read, in the same way, attributes that compute the same:
 * see value-numbers.ts. So a block that copies another merges whole, though it reads none of the other's attributes.
 *
 * Left out, because their cells may differ or come at another time: manual attributes, formulas that call modules or
 * volatile functions, attributes that a scenario pins, and members of loops, whose last sweep decides their bits. A member
 * of a circle of several attributes copies nothing: it is computed period by period with the others, and a copy
 * would be, too. It may be copied, and what reads the circle is merged like anything else.
 *
 * No circle can come of it: a copy has the number of its source, and numbers read each other as the attributes do.
 *
 * Cost: a look at each candidate, and value numbers for those whose form another has as well.
 */
import type { Unit } from "../unit.ts";
import { formOf } from "./form.ts";
import type { Rewrite } from "./rewrite.ts";
import type { ValueNumbers } from "./value-numbers.ts";
import { copyNs, formulaNs, nodeNs } from "./work-estimate.ts";

export interface MergeQuestion {
  /** The candidates in the order of the model. */
  readonly units: Iterable<Unit>;
  readonly gainNsMin: number;
  readonly numbers: ValueNumbers;
  /** Whether others copy from the unit now: it goes on as the source. */
  readonly isSource: (key: string) => boolean;
}

/** The source of each unit that is to copy, by key. */
export function findMerges({
  units,
  gainNsMin,
  numbers,
  isSource,
}: MergeQuestion): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const alike of grouped(units, formOf)) {
    if (alike.length < 2) continue;
    for (const equal of grouped(alike, ({ key }) => numbers.numberOf(key))) {
      const source =
        equal.find(({ key }) => isSource(key)) ??
        equal.find(({ key }) => numbers.isInCircle(key)) ??
        equal[0];
      for (const unit of equal)
        if (unit !== source && !numbers.isInCircle(unit.key) && mergeGainNs(unit) >= gainNsMin)
          sources.set(unit.key, (source as Unit).key);
    }
  }
  return sources;
}

/** The units by what `of` gives; without those for which it gives nothing. */
function grouped(units: Iterable<Unit>, of: (unit: Unit) => string | undefined): Iterable<Unit[]> {
  const groups = new Map<string, Unit[]>();
  for (const unit of units) {
    const name = of(unit);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [unit]);
    else group.push(unit);
  }
  return groups.values();
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
