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
 *   1. Components over all edges. Only these can hold a cycle.
 *   2. Where every cell of a component reads what the attributes say (the current member, or all of them), an attribute's
 *      cycle is one of all its cells: cycles of zero edges are loops. Each must be cut by the attributes that `loop` lines
 *      name: with those taken out, no zero-lag cycle may be left.
 *   3. In any other component (fixed members, conditions on the member or period, past and future, fixed periods) cells
 *      are looked at one by one: cell-cycles.ts.
 *   4. With too many cells for that: step 2, and a component whose periods have no common order must be cut whole.
 *
 * Cost: linear in attributes and references; for 3 in the cells and what they read.
 */
import type { Reference } from "@reckon/formula";
import { CellCycles, labelsOf, type UncutCycle } from "./cell-cycles.ts";
import { firstValuesOf, LineFormula } from "./checked-line.ts";
import type { CheckedFormula } from "./declarations.ts";
import { readsPlainly } from "./plain-reads.ts";
import { type Graph, strongParts } from "./strong-parts.ts";

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

/** `labels` has an entry for each of the path: the labels of its cell, where not all cells are in the cycle. */
export type Cycle =
  | { readonly kind: "undeclared"; readonly path: readonly number[]; readonly labels?: CellLabels }
  | { readonly kind: "across"; readonly path: readonly number[]; readonly labels?: CellLabels }
  /** Through a stock, in several periods; `isByMoving`: only because stocks move together within a period. */
  | {
      readonly kind: "stock";
      readonly path: readonly number[];
      readonly labels?: CellLabels;
      readonly isByMoving: boolean;
    }
  | {
      readonly kind: "mixed";
      readonly path: readonly number[];
      readonly labels?: CellLabels;
      readonly lagFrom: number;
      readonly leadFrom: number;
    };

type CellLabels = readonly (readonly string[])[];

/** A component that was looked at cell by cell. */
interface ByCells {
  readonly cells: CellCycles;
  /** Formulas of the graph, in the order of the component. */
  readonly members: readonly number[];
}

export interface CycleResult {
  readonly cycles: readonly Cycle[];
  /** The formulas that read each other in circles, in whatever periods. */
  readonly components: readonly (readonly number[])[];
  /** Per formula of a component that was looked at cell by cell the component. */
  readonly byCells: ReadonlyMap<number, ByCells>;
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
    eachReach(checked, (attribute, reached) => {
      const target = indexes.get(attribute);
      if (target === undefined) return;
      to.push(target);
      reach.push(reached);
    });
  }
  return { formulas, indexes, targets, reaches };
}

/** Visits what a formula reads, in reference order, with the periods that it may reach. */
function eachReach(checked: CheckedFormula, visit: (attribute: string, reach: number) => void): void {
  if (checked instanceof LineFormula) {
    const line = checked as unknown as LineFormula;
    const { references, slotOf } = line.meaning;
    const isOverTime = line.axes.some((axis) => axis.time !== undefined);
    references.forEach((reference, i) => {
      visit(line.readAt(slotOf[i] as number), reachOf(reference, isOverTime));
    });
    return;
  }
  const { formula, axes } = checked;
  const hasTime = axes.some((axis) => axis.time !== undefined);
  const isLater = isStock(checked);
  for (const reference of formula.references) {
    const reached = reachOf(reference, hasTime);
    visit(reference.attribute, isLater ? stepped(reached) : reached);
  }
  for (const first of firstValuesOf(formula))
    for (const reference of first.references) visit(reference.attribute, reachOf(reference, hasTime));
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

/** Numbers for formulas: what one reads in the current period has a lower one, or the same where they read each other. */
export function currentParts(graph: CycleGraph): Int32Array {
  const flat = flatGraph(graph);
  return strongParts(flat.graph, undefined, (edge) => isCurrentReach(flat.reaches[edge] as number)).partOf;
}

/** Whether the reference reads its attribute in periods before the current one only. */
export function readsBefore(reference: Reference, hasTime: boolean): boolean {
  return reachOf(reference, hasTime) === lag;
}

/** Finds the cycles; `cuts` are the formulas that `loop` lines name. */
export function findCycles(graph: CycleGraph, cuts: ReadonlySet<number>): CycleResult {
  const cycles: Cycle[] = [];
  const inLoop = new Set<number>();
  const byCells = new Map<number, ByCells>();
  const flat = flatGraph(graph);
  const components = strongParts(flat.graph).cycles;
  for (const component of components) {
    const edges = edgesWithin(graph, component);
    const cells = edges.isByCells
      ? CellCycles.of(
          component.map((i) => graph.formulas[i] as CheckedFormula),
          isOneWayed(edges),
        )
      : undefined;
    if (cells === undefined) {
      addByAttributes({ graph, flat, component, edges, cuts, cycles, inLoop });
      continue;
    }
    for (const i of component) byCells.set(i, { cells, members: component });
    for (const i of cells.inLoop) inLoop.add(component[i] as number);
    const formulaAt = (i: number): CheckedFormula => graph.formulas[component[i] as number] as CheckedFormula;
    const left = cells.uncut(
      (i) => cuts.has(component[i] as number),
      (i) => isStock(formulaAt(i)),
      component.indexOf(edges.across ?? -1),
    );
    for (const one of left) cycles.push(cycleOf(one, graph, component, edges));
  }
  return { cycles, components, inLoop, byCells };
}

interface FlatGraph {
  readonly graph: Graph;
  /** Per edge its reach. */
  readonly reaches: Uint8Array;
}

function flatGraph({ targets, reaches }: CycleGraph): FlatGraph {
  const starts = new Int32Array(targets.length + 1);
  targets.forEach((to, i) => {
    starts[i + 1] = (starts[i] as number) + to.length;
  });
  const flat = new Int32Array(starts[targets.length] as number);
  const flatReaches = new Uint8Array(flat.length);
  targets.forEach((to, i) => {
    flat.set(to, starts[i] as number);
    flatReaches.set(reaches[i] as readonly number[], starts[i] as number);
  });
  return { graph: { starts, targets: flat }, reaches: flatReaches };
}

/** The cycles of a component all of whose cells are alike, or which has too many of them. */
function addByAttributes(work: {
  readonly graph: CycleGraph;
  readonly flat: FlatGraph;
  readonly component: readonly number[];
  readonly edges: EdgesWithin;
  readonly cuts: ReadonlySet<number>;
  readonly cycles: Cycle[];
  readonly inLoop: Set<number>;
}): void {
  const { graph, flat, component, edges, cuts, cycles, inLoop } = work;
  const isOneWay = isOneWayed(edges);
  const local = among(flat, component, (reach) => !isOneWay || (reach & zero) !== 0);
  const hasStock = new Set<number>();
  for (const loop of strongParts(local).cycles) {
    const members = loop.map((i) => component[i] as number);
    const stock = members.find((i) => isStock(graph.formulas[i] as CheckedFormula));
    if (stock === undefined) for (const i of members) inLoop.add(i);
    else {
      // A first value that depends on itself: no declaration cuts that.
      for (const i of loop) hasStock.add(i);
      cycles.push({ kind: "undeclared", path: cyclePath(graph, stock, new Set(members), zero, zero) });
    }
  }
  const isLeft = (i: number): boolean => !hasStock.has(i) && !cuts.has(component[i] as number);
  for (const left of strongParts(local, isLeft).cycles) {
    const members = left.map((i) => component[i] as number);
    const kinds = isOneWay ? zero : 15;
    const path = cyclePath(graph, members[0] as number, new Set(members), kinds, kinds);
    const { across: acrossFrom, lag: lagFrom, lead: leadFrom } = edges;
    if (isOneWay) cycles.push({ kind: "undeclared", path });
    else if (acrossFrom !== undefined || lagFrom === undefined || leadFrom === undefined)
      cycles.push({ kind: "across", path });
    else cycles.push({ kind: "mixed", path, lagFrom, leadFrom });
  }
}

/** The edges between some formulas, which are numbered by their places. */
function among(
  { graph, reaches }: FlatGraph,
  formulas: readonly number[],
  isKept: (reach: number) => boolean,
): Graph {
  const places = new Map(formulas.map((formula, place) => [formula, place]));
  const starts = new Int32Array(formulas.length + 1);
  const targets: number[] = [];
  formulas.forEach((formula, place) => {
    for (let e = graph.starts[formula] as number; e < (graph.starts[formula + 1] as number); e++) {
      const target = places.get(graph.targets[e] as number);
      if (target !== undefined && isKept(reaches[e] as number)) targets.push(target);
    }
    starts[place + 1] = targets.length;
  });
  return { starts, targets: Int32Array.from(targets) };
}

/** A cycle of cells as one of attributes, with the labels that tell its cells from others. */
function cycleOf(
  one: UncutCycle,
  graph: CycleGraph,
  component: readonly number[],
  { across: acrossFrom, lag: lagFrom, lead: leadFrom }: EdgesWithin,
): Cycle {
  const path = one.path.map(({ formula }) => component[formula] as number);
  const hasMembers = !one.isEveryMember || one.isPathAcrossMembers;
  const hasPeriods = !one.isEveryPeriod || one.isPathAcrossPeriods;
  const labels = one.path.map((place, i) => {
    const formula = graph.formulas[path[i] as number] as CheckedFormula;
    const time = formula.axes.find((axis) => axis.time !== undefined);
    return [
      ...(hasMembers ? labelsOf(formula, place).map(([, label]) => label) : []),
      ...(hasPeriods && time !== undefined ? [time.labels[place.period] as string] : []),
    ];
  });
  const shown = hasMembers || hasPeriods ? { path, labels } : { path };
  if (!one.isAcrossPeriods) return { kind: "undeclared", ...shown };
  if (path.some((i) => isStock(graph.formulas[i] as CheckedFormula)))
    return { kind: "stock", ...shown, isByMoving: one.isByMoving };
  return acrossFrom === undefined && lagFrom !== undefined && leadFrom !== undefined
    ? { kind: "mixed", ...shown, lagFrom, leadFrom }
    : { kind: "across", ...shown };
}

/** Whether a reference of `from` that matches `kind` is a lag or a lead; for messages. */
export function isLagReach(reference: Reference, kind: "lag" | "lead"): boolean {
  return (reachOf(reference, true) & (kind === "lag" ? lag : lead)) !== 0;
}

interface EdgesWithin {
  /** For each kind of edge inside the component, the first formula that has one. */
  readonly across?: number;
  readonly lag?: number;
  readonly lead?: number;
  /** Whether the component has to be looked at cell by cell. */
  readonly isByCells: boolean;
}

function edgesWithin(graph: CycleGraph, component: readonly number[]): EdgesWithin {
  const within = new Set(component);
  const found: { across?: number; lag?: number; lead?: number } = {};
  let isPlain = true;
  let timed = 0;
  for (const from of component) {
    const formula = graph.formulas[from] as CheckedFormula;
    if (formula.axes.some((axis) => axis.time !== undefined)) timed++;
    (graph.targets[from] as number[]).forEach((to, e) => {
      if (!within.has(to)) return;
      const reach = graph.reaches[from]?.[e] as number;
      if ((reach & across) !== 0) found.across ??= from;
      if ((reach & lag) !== 0) found.lag ??= from;
      if ((reach & lead) !== 0) found.lead ??= from;
    });
    isPlain &&= readsPlainly(formula, (id) => within.has(graph.indexes.get(id) ?? -1));
  }
  // A formula without time that reads one with it reads it across periods.
  if (timed > 0 && timed < component.length) found.across ??= component[0] as number;
  return { ...found, isByCells: !isPlain || !isOneWayed(found) };
}

/** Whether time runs one way in a component: no fixed periods, and not both lags and leads. */
function isOneWayed({
  across: acrossFrom,
  lag: lagFrom,
  lead: leadFrom,
}: Omit<EdgesWithin, "isByCells">): boolean {
  return acrossFrom === undefined && (lagFrom === undefined || leadFrom === undefined);
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
