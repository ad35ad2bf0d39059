/**
 * Which stocks of a component move together, and what lies between them.
 *
 *   births[t] reads population[t]        population[t + 1] = population[t] + births …
 *
 *   1. Stocks with steps finer than a period need their flows anew in each step. What has to be computed for that is
 *      what lies between: it reads one of these stocks in the present period, however indirectly, and one of their
 *      flows reads it. Everything else stands still within the period: lags, inputs, stocks with other steps.
 *   2. Stocks that are connected by what lies between form a group. A stock that moves once a period by Euler, or a
 *      delay by whole periods, is a group of its own: all that it reads is there.
 *   3. Where periods have no common order (component-order.ts), a group has one stock that moves, and those that its
 *      flow depends on: they may be in another place of the order. Then the stock depends on all that they read.
 *      So it is where a flow reads ahead what moves with its stock: at t + 1 one of the group waits for the other.
 *
 * Cost: linear in the members and edges, but for 3: times the stocks.
 */
import type { FormulaNode } from "../formula-node.ts";
import type { Block, InnerEdge, StockGroup, StockOrder } from "../structure/component.ts";
import { eachStrongComponent, flatRows } from "../structure/strong-components.ts";
import type { Structure } from "../structure/structure.ts";
import { joinedSteps } from "./joined-stocks.ts";
import { isIntegrated } from "./stock-row.ts";

type BlocksBy = (indices: readonly number[], isZeroLag: (edge: InnerEdge) => boolean) => Block[];

/** What is known of the members while groups are looked for. */
interface Search {
  readonly formulas: readonly (FormulaNode | null)[];
  readonly inner: readonly (readonly InnerEdge[])[];
  /** Per member the steps of a stock that moves within the period; 0: no such stock. */
  readonly steps: Int32Array;
  readonly blocksBy: BlocksBy;
}

/** `null` where no member is a stock or a delay. May add to `inner` what stocks depend on besides. */
export function groupStocks(
  structure: Structure,
  members: readonly number[],
  inner: InnerEdge[][],
  hasCommonDirection: boolean,
  blocksBy: BlocksBy,
): StockOrder | null {
  const formulas = members.map((member) => {
    const formula = structure.isColumn(member) ? (structure.workOf(member) as FormulaNode) : null;
    return formula !== null && isIntegrated(formula) ? formula : null;
  });
  if (formulas.every((formula) => formula === null)) return null;
  const steps = Int32Array.from(formulas, (formula) => (formula === null ? 0 : joinedSteps(formula)));
  const search: Search = { formulas, inner, steps, blocksBy };
  const groups: StockGroup[] = [];
  const groupOf = new Int32Array(members.length).fill(-1);
  const add = (stocks: readonly number[], owners: readonly number[], between: readonly Block[]): void => {
    for (const owner of owners) groupOf[owner] = groups.length;
    groups.push(groupFrom(search, stocks, between));
  };
  for (const [index, formula] of formulas.entries()) {
    if (formula !== null && steps[index] === 0) add([index], [index], []);
  }
  for (const count of new Set(steps)) {
    if (count === 0) continue;
    if (hasCommonDirection) {
      for (const { stocks, between } of connected(search, count)) add(stocks, stocks, between);
    } else {
      const found = alone(search, count);
      for (const { stock, stocks, between } of found) add(stocks, [stock], between);
      for (const { stock, stocks } of found) dependOnAll(inner, stock, stocks);
    }
  }
  return { groups, groupOf };
}

function groupFrom(search: Search, stocks: readonly number[], between: readonly Block[]): StockGroup {
  const members = stocks.map((index) => search.formulas[index] as FormulaNode);
  const { stock, delay } = members[0] as FormulaNode;
  const stepsPerPeriod = (stock ?? delay)?.stepsPerPeriod ?? 1;
  return {
    stocks,
    stepsPerPeriod,
    hasStages: members.some((formula) => formula.stock?.method === "rk4"),
    isSteady:
      between.length === 0 &&
      stocks.every((index) => presentPrecedents(search, index).every((other) => !stocks.includes(other))),
    hasDelay: members.some((formula) => formula.delay !== undefined),
    hasFineDelay: stepsPerPeriod > 1 && members.some((formula) => formula.delay !== undefined),
    between,
  };
}

/** Whether a member reads a cell of its own period by the edge; a stock: whether its flow does. */
function isPresent(edge: InnerEdge, isStock: boolean): boolean {
  if (edge.isFirst === true || edge.isAhead === true) return false;
  if (edge.time.kind !== "window" && edge.time.kind !== "span") return false;
  // A span without a direction counts as the window 0..0: it may read the present period.
  if (isStock && edge.from <= -1 && edge.to >= -1) return true;
  return edge.from <= 0 && edge.to >= 0 && (!isStock || edge.time.kind === "span");
}

/** Per member, whether it is none of the stocks, moves with them and moves their flows. */
function membersBetween(search: Search, count: number): Uint8Array {
  const { inner, formulas, steps } = search;
  const readers: number[][] = inner.map(() => []);
  inner.forEach((edges, index) => {
    for (const edge of edges) {
      if (isPresent(edge, formulas[index] !== null)) (readers[edge.precedent] as number[]).push(index);
    }
  });
  const stocks = [...steps.keys()].filter((index) => steps[index] === count);
  const isMoved = spread(stocks, (index) =>
    (readers[index] as number[]).filter((reader) => formulas[reader] === null),
  );
  const isNeeded = spread(stocks, (index) => presentPrecedents(search, index));
  return isMoved.map((flag, index) => (formulas[index] === null ? flag & (isNeeded[index] as number) : 0));

  function spread(from: readonly number[], next: (index: number) => readonly number[]): Uint8Array {
    const isReached = new Uint8Array(inner.length);
    const queue = [...from];
    for (const index of queue) {
      for (const other of next(index)) {
        if (isReached[other] === 1 || formulas[other] !== null) continue;
        isReached[other] = 1;
        queue.push(other);
      }
    }
    return isReached;
  }
}

function presentPrecedents({ inner, formulas }: Search, index: number): number[] {
  const isStock = formulas[index] !== null;
  const edges = inner[index] as readonly InnerEdge[];
  return edges.filter((edge) => isPresent(edge, isStock)).map(({ precedent }) => precedent);
}

/** The stocks with `count` steps, in groups that nothing between them connects. */
function connected(search: Search, count: number): { stocks: number[]; between: Block[] }[] {
  const { steps } = search;
  const isBetween = membersBetween(search, count);
  const isIn = (index: number): boolean => isBetween[index] === 1 || steps[index] === count;
  const neighbours: number[][] = search.inner.map(() => []);
  for (const index of neighbours.keys()) {
    if (!isIn(index)) continue;
    for (const other of presentPrecedents(search, index)) {
      if (!isIn(other)) continue;
      (neighbours[index] as number[]).push(other);
      (neighbours[other] as number[]).push(index);
    }
  }
  const isSeen = new Uint8Array(neighbours.length);
  const groups: { stocks: number[]; between: Block[] }[] = [];
  for (const start of neighbours.keys()) {
    if (steps[start] !== count || isSeen[start] === 1) continue;
    isSeen[start] = 1;
    const group = [start];
    for (const index of group) {
      for (const other of neighbours[index] as number[]) {
        if (isSeen[other] === 1) continue;
        isSeen[other] = 1;
        group.push(other);
      }
    }
    groups.push(partsOf(search, group));
  }
  return groups;
}

/** Per stock with `count` steps those that its flow depends on, itself among them. */
function alone(search: Search, count: number): { stock: number; stocks: number[]; between: Block[] }[] {
  const { steps } = search;
  const isBetween = membersBetween(search, count);
  const stocks = [...steps.keys()].filter((index) => steps[index] === count);
  return stocks.map((stock) => {
    const group = [stock];
    const isSeen = new Set(group);
    for (const index of group) {
      for (const other of presentPrecedents(search, index)) {
        if (isSeen.has(other) || (isBetween[other] === 0 && steps[other] !== count)) continue;
        isSeen.add(other);
        group.push(other);
      }
    }
    return { stock, ...partsOf(search, group) };
  });
}

function partsOf(
  { formulas, blocksBy }: Search,
  group: readonly number[],
): { stocks: number[]; between: Block[] } {
  const inOrder = group.toSorted((a, b) => a - b);
  const others = new Set(inOrder.filter((index) => formulas[index] === null));
  const blocks = blocksBy([...others], (edge) => others.has(edge.precedent) && isPresent(edge, false));
  return {
    stocks: inOrder.filter((index) => formulas[index] !== null),
    between: blocks.filter((block) => block.members.every((index) => others.has(index))),
  };
}

/**
 * Whether a group waits, in a period, for stocks of its own: a flow reads ahead what moves with its stock. All stocks of
 * a group move when the first of them is asked for, which is then too early. `isWait`: whether an edge stays in a period.
 */
export function waitsForItself(
  { groups }: StockOrder,
  inner: readonly (readonly InnerEdge[])[],
  isWait: (edge: InnerEdge) => boolean,
): boolean {
  const joined = groups.filter(({ stocks }) => stocks.length > 1);
  if (joined.length === 0) return false;
  // Each group as one: by its first stock.
  const placeOf = Int32Array.from(inner.keys());
  for (const { stocks } of joined) for (const index of stocks) placeOf[index] = stocks[0] as number;
  const waits: number[][] = inner.map(() => []);
  inner.forEach((edges, index) => {
    const own = waits[placeOf[index] as number] as number[];
    for (const edge of edges) if (isWait(edge)) own.push(placeOf[edge.precedent] as number);
  });
  const first = new Int32Array(waits.length);
  const count = Int32Array.from(waits, (row) => row.length);
  for (let i = 1; i < waits.length; i++) first[i] = (first[i - 1] as number) + (count[i - 1] as number);
  const inCycle = new Set<number>();
  const rows = flatRows(first, count, Int32Array.from(waits.flat()));
  eachStrongComponent(rows, waits.keys(), null, (members, hasCycle) => {
    if (hasCycle) for (const index of members) inCycle.add(index);
  });
  return joined.some(({ stocks }) => inCycle.has(stocks[0] as number));
}

/** Where cells have an order of their own: the stock stands behind all that moves it within a period. */
function dependOnAll(inner: InnerEdge[][], stock: number, stocks: readonly number[]): void {
  const edges = inner[stock] as InnerEdge[];
  for (const other of stocks) {
    if (other !== stock) edges.push(...(inner[other] as InnerEdge[]).filter((edge) => edge.isFirst !== true));
  }
}
