/**
 * Whether an edit leaves the cycles of a model without problems alone, without a search through the whole of it.
 *
 *   1. A cycle that is new runs through a formula whose reads changed. From these all that they read is followed, as far as
 *      it may stand behind them (levels), and what loops that are met start from.
 *   2. A loop that is gone had such a formula in it. The formulas that were in circles with it are looked at, too.
 *   3. Among all these: every cycle must be cut, every `loop` line in them needed, no start in its own loop.
 *
 * Where that is so, the new circles are given; in every other case nothing, and the whole model is checked.
 *
 * Cost: the formulas followed, and those in circles with changed ones.
 */
import type { BoundFormula } from "@reckon/formula";
import type { KnownGraph } from "./api.ts";
import { readsOf } from "./checked-line.ts";
import { type CycleResult, cycleGraph, findCycles, readsCurrent } from "./cycles.ts";
import type { CheckedAttribute, CheckedFormula, CheckedLoop } from "./declarations.ts";
import { LoopStarts } from "./loop-start.ts";

/** The attributes in one circle of reads with a loop in it, by each of them: a table and what was put over it since. */
export class LoopGroups {
  readonly #all: ReadonlyMap<string, readonly string[]>;
  readonly #since: ReadonlyMap<string, readonly string[] | undefined>;

  constructor(
    all: ReadonlyMap<string, readonly string[]>,
    since: ReadonlyMap<string, readonly string[] | undefined> = new Map(),
  ) {
    this.#all = all;
    this.#since = since;
  }

  get(id: string): readonly string[] | undefined {
    return this.#since.has(id) ? this.#since.get(id) : this.#all.get(id);
  }

  *entries(): Iterable<readonly [string, readonly string[]]> {
    for (const id of new Set([...this.#all.keys(), ...this.#since.keys()])) {
      const ids = this.get(id);
      if (ids !== undefined) yield [id, ids];
    }
  }

  /** With other groups for some attributes. Cost: those, and what was put over the table before. */
  with(changes: ReadonlyMap<string, readonly string[] | undefined>): LoopGroups {
    if (changes.size === 0) return this;
    const since = new Map([...this.#since, ...changes]);
    return 4 * since.size > this.#all.size && since.size > sinceMax
      ? new LoopGroups(new Map(new LoopGroups(this.#all, since).entries()))
      : new LoopGroups(this.#all, since);
  }
}

/** So many changes are always kept apart from the table. */
const sinceMax = 100;

const loopTables = new WeakMap<readonly CheckedLoop[], ReadonlyMap<string, CheckedLoop>>();

/** The loops by attribute; the same table for the same list. */
function byAttribute(loops: readonly CheckedLoop[]): ReadonlyMap<string, CheckedLoop> {
  let table = loopTables.get(loops);
  if (table === undefined) {
    table = new Map(loops.map((loop) => [loop.attribute, loop]));
    loopTables.set(loops, table);
  }
  return table;
}

/** How many formulas are followed from the changed ones before the whole model is checked instead. */
const followedMax = 20_000;

export interface EditedGraph {
  /** Formulas that read something else than before, or in another way. */
  readonly changed: readonly CheckedFormula[];
  /** As they are now. */
  readonly attributes: ReadonlyMap<string, CheckedAttribute>;
  readonly loops: readonly CheckedLoop[];
  /** Of the model before. */
  readonly groups: LoopGroups;
  readonly known: KnownGraph | undefined;
  /** Whether the attribute was there before. */
  readonly wasThere: (attribute: string) => boolean;
}

export function groupsAfter(edit: EditedGraph): LoopGroups | undefined {
  const { changed, attributes, groups } = edit;
  const loops = byAttribute(edit.loops);
  const reached = followed(edit, loops);
  if (reached === undefined) return undefined;
  const former = new Set(changed.flatMap(({ id }) => groups.get(id) ?? []));
  for (const id of former) {
    const formula = attributes.get(id);
    if (formula?.kind !== "formula") return undefined;
    reached.set(id, formula);
  }
  const graph = cycleGraph([...reached.values()]);
  const cuts = new Set([...graph.formulas.keys()].filter((i) => loops.has(graph.formulas[i]?.id ?? "")));
  const found = findCycles(graph, cuts);
  if (found.cycles.length > 0) return undefined;
  const starts = new LoopStarts(graph.formulas, graph, found);
  for (const cut of cuts) {
    const formula = graph.formulas[cut] as CheckedFormula;
    const loop = loops.get(formula.id) as CheckedLoop;
    // A loop that was only met in passing is needed as before.
    if (former.has(formula.id) && !found.inLoop.has(cut)) return undefined;
    if (loop.start !== undefined && starts.readInLoop(loop.start, formula) !== undefined) return undefined;
  }
  return groups.with(changesOf(former, found, graph.formulas));
}

/** The changed formulas and all that may lead from them back to them. */
function followed(
  { changed, attributes, known, wasThere }: EditedGraph,
  loops: ReadonlyMap<string, CheckedLoop>,
): Map<string, CheckedFormula> | undefined {
  const levels = changed.map(({ id }) =>
    known !== undefined && wasThere(id) ? known.levelOf(id) : Number.POSITIVE_INFINITY,
  );
  const lowest = known === undefined ? Number.NEGATIVE_INFINITY : Math.min(...levels);
  const reached = new Map(changed.map((formula) => [formula.id, formula]));
  const pending = [...changed];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const id of [...readsOf(next), ...startReads(loops.get(next.id)?.start)]) {
      if (reached.has(id)) continue;
      const read = attributes.get(id);
      // A hidden stock: what it reads is not among the attributes.
      if (read === undefined) return undefined;
      if (read.kind !== "formula" || (known !== undefined && known.levelOf(id) < lowest)) continue;
      if (reached.size >= followedMax) return undefined;
      reached.set(id, read);
      pending.push(read);
    }
  }
  return reached;
}

function startReads(start: BoundFormula | undefined): readonly string[] {
  if (start === undefined) return [];
  const hasTime = start.axes.some((axis) => axis.time !== undefined);
  return start.references.filter((one) => readsCurrent(one, hasTime)).map(({ attribute }) => attribute);
}

/** The groups of a whole model, from its cycles. */
export function groupsOf(found: CycleResult, formulas: readonly CheckedFormula[]): LoopGroups {
  return new LoopGroups(changesOf(new Set(), found, formulas) as Map<string, readonly string[]>);
}

/** What became of the former groups, and the groups that were found. */
function changesOf(
  former: ReadonlySet<string>,
  found: CycleResult,
  formulas: readonly CheckedFormula[],
): Map<string, readonly string[] | undefined> {
  const changes = new Map<string, readonly string[] | undefined>();
  for (const id of former) changes.set(id, undefined);
  for (const component of found.components) {
    if (!component.some((i) => found.inLoop.has(i))) continue;
    const ids = component.map((i) => (formulas[i] as CheckedFormula).id);
    for (const id of ids) changes.set(id, ids);
  }
  return changes;
}
