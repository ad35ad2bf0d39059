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

/** The attributes in one circle of reads with a loop in it, by each of them. */
export type LoopGroups = ReadonlyMap<string, readonly string[]>;

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
  const loops = new Map(edit.loops.map((loop) => [loop.attribute, loop]));
  const reached = followed(edit, loops);
  if (reached === undefined) return undefined;
  const former = new Set(changed.flatMap(({ id }) => groups.get(id) ?? []));
  for (const id of former) {
    const formula = attributes.get(id);
    if (formula?.kind !== "formula") return undefined;
    reached.set(id, formula);
  }
  const graph = cycleGraph([...reached.values()]);
  const cuts = new Set([...loops.keys()].flatMap((id) => graph.indexes.get(id) ?? []));
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
  return withGroups(groups, former, found, graph.formulas);
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
  return withGroups(new Map(), new Set(), found, formulas);
}

function withGroups(
  before: LoopGroups,
  former: ReadonlySet<string>,
  found: CycleResult,
  formulas: readonly CheckedFormula[],
): LoopGroups {
  const looping = found.components.filter((component) => component.some((i) => found.inLoop.has(i)));
  if (former.size === 0 && looping.length === 0) return before;
  const groups = new Map(before);
  for (const id of former) groups.delete(id);
  for (const component of looping) {
    const ids = component.map((i) => (formulas[i] as CheckedFormula).id);
    for (const id of ids) groups.set(id, ids);
  }
  return groups;
}
