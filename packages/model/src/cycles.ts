/**
 * Cycles between the attributes of a model, and what each of them means.
 *
 * Every reference is an edge from the formula to the attribute it reads, with the periods it may reach:
 *
 *   zero    the same period (also where one of the two has no time)
 *   lag     an earlier period         lead   a later one
 *   across  any period: a fixed one, or all of them (a fixed first period is zero and lag)
 *
 * The flow of a stock is read one period earlier, its first value in the same.
 *
 * Steps:
 *   1. Components over all edges (Tarjan, without recursion). Only these can hold a cycle.
 *   2. A component with an `across` edge inside, or with members with and without time, cannot be stepped through time.
 *   3. Cycles of zero edges are loops. Each must be cut by the attributes that `loop` lines name: with those taken out,
 *      no zero-lag cycle may be left.
 *   4. A component with lags is a recurrence forward, one with leads backward; one with both cannot be stepped.
 *
 * Decided per attribute and lag, not per member: members are the same for every formula of an attribute, so a cycle of
 * attributes at zero lag is a cycle of cells unless a condition excludes it. Cost: linear in attributes and references.
 */
import type { Reference } from "@reckon/formula";
import type { KnownGraph } from "./api.ts";
import { firstValuesOf, LineFormula, readsOf } from "./checked-line.ts";
import type { CheckedAttribute, CheckedFormula } from "./declarations.ts";

const zero = 1;
const lag = 2;
const lead = 4;
const across = 8;

export interface CycleGraph {
  /** Formulas in file order. */
  readonly formulas: readonly CheckedFormula[];
  readonly indexes: ReadonlyMap<string, number>;
  /** Per formula, targets (indexes of formulas) and reaches, in reference order. */
  readonly targets: readonly (readonly number[])[];
  readonly reaches: readonly (readonly number[])[];
}

export type Cycle =
  | { readonly kind: "undeclared"; readonly path: readonly number[] }
  | { readonly kind: "across"; readonly path: readonly number[] }
  | {
      readonly kind: "mixed";
      readonly path: readonly number[];
      readonly lagFrom: number;
      readonly leadFrom: number;
    };

export interface CycleResult {
  readonly cycles: readonly Cycle[];
  /** Formulas that are in some zero-lag cycle, declared or not. */
  readonly inLoop: ReadonlySet<number>;
}

export function cycleGraph(formulas: readonly CheckedFormula[]): CycleGraph {
  const indexes = new Map(formulas.map((formula, i) => [formula.id, i]));
  const targets: number[][] = [];
  const reaches: number[][] = [];
  for (const checked of formulas) {
    const to: number[] = [];
    const reach: number[] = [];
    targets.push(to);
    reaches.push(reach);
    if (checked instanceof LineFormula) {
      const line = checked as unknown as LineFormula;
      const { references, slotOf } = line.meaning;
      const isOverTime = line.axes.some((axis) => axis.time !== undefined);
      references.forEach((reference, i) => {
        const target = indexes.get(line.readAt(slotOf[i] as number));
        if (target === undefined) return;
        to.push(target);
        reach.push(reachOf(reference, isOverTime));
      });
      continue;
    }
    const { formula, axes } = checked;
    const hasTime = axes.some((axis) => axis.time !== undefined);
    const isLater = isStock(checked);
    const add = (reference: Reference, reached: number): void => {
      const target = indexes.get(reference.attribute);
      if (target === undefined) return;
      to.push(target);
      reach.push(reached);
    };
    for (const reference of formula.references) {
      const reached = reachOf(reference, hasTime);
      add(reference, isLater ? stepped(reached) : reached);
    }
    for (const first of firstValuesOf(formula))
      for (const reference of first.references) add(reference, reachOf(reference, hasTime));
  }
  return { formulas, indexes, targets, reaches };
}

/** Whether it is a stock or a delay: what it reads is in it a period later. */
export function isStock(formula: CheckedFormula): boolean {
  if (formula instanceof LineFormula) return false;
  return formula.formula.integral !== undefined || formula.formula.delay !== undefined;
}

/** What flows in one period is in the stock in the next. */
function stepped(reach: number): number {
  return (reach & zero) === 0 ? reach : (reach & ~zero) | lag;
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
  attributes: ReadonlyMap<string, CheckedAttribute>,
  mayLead?: (attribute: string) => boolean,
): boolean {
  const reached = new Set<CheckedFormula>(changed);
  const pending = [...changed];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for (const attribute of readsOf(next)) {
      const read = attributes.get(attribute);
      if (read?.kind !== "formula" || reached.has(read) || mayLead?.(attribute) === false) continue;
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
  attributes: ReadonlyMap<string, CheckedAttribute>,
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

/** Whether two formulas read the same attributes in the same periods, so that no cycle came or went. */
export function readsAlike(a: CheckedFormula, b: CheckedFormula): boolean {
  const left = a.formula.references;
  const right = b.formula.references;
  const hasTime = a.axes.some((axis) => axis.time !== undefined);
  return (
    left.length === right.length &&
    left.every((reference, i) => {
      const other = right[i] as Reference;
      return (
        reference.attribute === other.attribute && reachOf(reference, hasTime) === reachOf(other, hasTime)
      );
    })
  );
}

/** Which periods a reference reaches, from a formula that runs over time or not. */
function reachOf(reference: Reference, hasTime: boolean): number {
  const at = reference.axes.findIndex((axis) => axis.time !== undefined);
  const access = reference.access[at];
  if (access === undefined) return zero;
  switch (access.kind) {
    case "current":
      return access.offset === 0 ? zero : access.offset < 0 ? lag : lead;
    case "window":
      return (
        (access.from < 0 ? lag : 0) |
        (access.to > 0 ? lead : 0) |
        (access.from <= 0 && access.to >= 0 ? zero : 0)
      );
    case "fixed":
      return access.position === 0 && hasTime ? zero | lag : across;
    case "range":
    case "key":
      return across;
  }
}

/** Whether the reference reads its attribute in the current period (or any period). */
export function readsCurrent(reference: Reference, hasTime: boolean): boolean {
  return (reachOf(reference, hasTime) & (zero | across)) !== 0;
}

/** The same of a reach in a graph. */
export function isCurrentReach(reach: number): boolean {
  return (reach & (zero | across)) !== 0;
}

/** Whether the reference reads its attribute in periods before the current one only. */
export function readsBefore(reference: Reference, hasTime: boolean): boolean {
  return reachOf(reference, hasTime) === lag;
}

/** Finds the cycles; `cuts` are the formulas that `loop` lines name. */
export function findCycles(graph: CycleGraph, cuts: ReadonlySet<number>): CycleResult {
  const cycles: Cycle[] = [];
  const inLoop = new Set<number>();
  const all = graph.formulas.map((_, i) => i);
  for (const component of components(graph, all, zero | lag | lead | across)) {
    const within = new Set(component);
    const reach = edgesWithin(graph, component, within);
    const hasTime = component.map((i) => timed(graph, i));
    const isMixedTime = hasTime.includes(true) && hasTime.includes(false);
    const acrossFrom = reach.across ?? (isMixedTime ? (component[0] as number) : undefined);
    if (acrossFrom !== undefined) {
      for (const i of component) inLoop.add(i);
      cycles.push({
        kind: "across",
        path: cyclePath(graph, acrossFrom, within, 15, reach.across === undefined ? 15 : across),
      });
      continue;
    }
    for (const loop of components(graph, component, zero)) {
      const stock = loop.find((i) => isStock(graph.formulas[i] as CheckedFormula));
      if (stock !== undefined) {
        // A first value that depends on itself: no declaration cuts that.
        cycles.push({ kind: "undeclared", path: cyclePath(graph, stock, new Set(loop), zero, zero) });
        continue;
      }
      for (const i of loop) inLoop.add(i);
      for (const left of components(
        graph,
        loop.filter((i) => !cuts.has(i)),
        zero,
      )) {
        cycles.push({
          kind: "undeclared",
          path: cyclePath(graph, left[0] as number, new Set(left), zero, zero),
        });
      }
    }
    if (reach.lag !== undefined && reach.lead !== undefined) {
      const path = cyclePath(graph, reach.lag, within, 15, lag);
      cycles.push({ kind: "mixed", path, lagFrom: reach.lag, leadFrom: reach.lead });
    }
  }
  return { cycles, inLoop };
}

/** Whether a reference of `from` that matches `kind` is a lag or a lead; for messages. */
export function isLagReach(reference: Reference, kind: "lag" | "lead"): boolean {
  return (reachOf(reference, true) & (kind === "lag" ? lag : lead)) !== 0;
}

function timed(graph: CycleGraph, i: number): boolean {
  return (graph.formulas[i] as CheckedFormula).axes.some((axis) => axis.time !== undefined);
}

/** For each kind of edge inside the component, the first formula that has one. */
function edgesWithin(
  graph: CycleGraph,
  component: readonly number[],
  within: ReadonlySet<number>,
): { across?: number; lag?: number; lead?: number } {
  const found: { across?: number; lag?: number; lead?: number } = {};
  for (const from of [...component].sort((a, b) => a - b)) {
    (graph.targets[from] as number[]).forEach((to, e) => {
      if (!within.has(to)) return;
      const reach = graph.reaches[from]?.[e] as number;
      if ((reach & across) !== 0) found.across ??= from;
      if ((reach & lag) !== 0) found.lag ??= from;
      if ((reach & lead) !== 0) found.lead ??= from;
    });
  }
  return found;
}

/**
 * A shortest cycle through `start` inside `within` over edges of `kinds`, whose first edge is of `firstKinds`; file
 * order decides between equals. The path ends with `start` again.
 */
function cyclePath(
  graph: CycleGraph,
  start: number,
  within: ReadonlySet<number>,
  kinds: number,
  firstKinds: number,
): number[] {
  const from = new Map<number, number>();
  const queue: number[] = [start];
  for (let q = 0; q < queue.length; q++) {
    const at = queue[q] as number;
    const targets = graph.targets[at] as readonly number[];
    for (let e = 0; e < targets.length; e++) {
      const to = targets[e] as number;
      const wanted = q === 0 ? firstKinds : kinds;
      if (!within.has(to) || ((graph.reaches[at]?.[e] as number) & wanted) === 0) continue;
      if (to === start) return pathTo(from, at, start);
      if (from.has(to)) continue;
      from.set(to, at);
      queue.push(to);
    }
  }
  return [start, start];
}

function pathTo(from: ReadonlyMap<number, number>, last: number, start: number): number[] {
  const path = [start];
  for (let at: number | undefined = last; at !== undefined && at !== start; at = from.get(at)) path.push(at);
  path.push(start);
  return path.reverse();
}

/**
 * The components with a cycle (more than one member, or an edge to itself) of the graph of `members` and edges of
 * `kinds`: Tarjan's algorithm with its own stack. Members of each are in file order.
 */
function components(graph: CycleGraph, members: readonly number[], kinds: number): number[][] {
  const within = members.length === graph.formulas.length ? undefined : new Set(members);
  const order = new Map<number, number>();
  const low = new Map<number, number>();
  const onStack = new Set<number>();
  const stack: number[] = [];
  const found: number[][] = [];
  for (const root of members) {
    if (order.has(root)) continue;
    const frames: { node: number; edge: number }[] = [];
    enter(root, frames);
    while (frames.length > 0) {
      const frame = frames[frames.length - 1] as { node: number; edge: number };
      const targets = graph.targets[frame.node] as readonly number[];
      if (frame.edge < targets.length) {
        const e = frame.edge++;
        const to = targets[e] as number;
        if (((graph.reaches[frame.node]?.[e] as number) & kinds) === 0) continue;
        if (within !== undefined && !within.has(to)) continue;
        if (!order.has(to)) enter(to, frames);
        else if (onStack.has(to)) lower(frame.node, order.get(to) as number);
        continue;
      }
      frames.pop();
      const above = frames[frames.length - 1];
      if (above !== undefined) lower(above.node, low.get(frame.node) as number);
      if (low.get(frame.node) === order.get(frame.node)) close(frame.node);
    }
  }
  return found;

  function enter(node: number, frames: { node: number; edge: number }[]): void {
    order.set(node, order.size);
    low.set(node, order.size - 1);
    stack.push(node);
    onStack.add(node);
    frames.push({ node, edge: 0 });
  }

  function lower(node: number, to: number): void {
    if (to < (low.get(node) as number)) low.set(node, to);
  }

  function close(node: number): void {
    const component: number[] = [];
    for (;;) {
      const member = stack.pop() as number;
      onStack.delete(member);
      component.push(member);
      if (member === node) break;
    }
    const hasCycle = component.length > 1 || hasEdge(graph, node, node, kinds);
    if (hasCycle) found.push(component.sort((a, b) => a - b));
  }
}

function hasEdge(graph: CycleGraph, from: number, to: number, kinds: number): boolean {
  return (graph.targets[from] as readonly number[]).some(
    (target, e) => target === to && ((graph.reaches[from]?.[e] as number) & kinds) !== 0,
  );
}
