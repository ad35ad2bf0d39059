/**
 * The precedent row of a stock or a delay: what its kernel reads, a period earlier, and what the engine adds.
 *
 *   index   0 … p − 1          p        p + 1      p + 2                 last
 *   reads   flow's precedents  itself   initial    time (of a delay)     the stock it is joined to
 *   at      t − 1              t − 1    period 0   period 0              nothing
 *
 * A stock at t depends on its flow at t − 1, a delay at t on its input at any period before t. So to dirt, levels and
 * orders both are ordinary recurrences. The edge to the joined stock carries no dirt (joined-stocks.ts).
 */
import type { Shape } from "@reckon/value";
import type { AffineBound, FormulaNode, NodeId, Precedent, TimeReach } from "../formula-node.ts";

/** Periods of edges that are looked at in period 0 only: of a stock that is its own period 0, of a delay any. */
const readByFirst: TimeReach = {
  kind: "span",
  from: { scale: 1, offset: 0 },
  to: { scale: 0, offset: 1 },
};
const readByAll: TimeReach = { kind: "range", from: 0, to: 1 };
const readByNext: TimeReach = { kind: "window", from: -1, to: -1 };
const readByNone: TimeReach = { kind: "range", from: 0, to: 0 };

/** Whether the engine adds the node up, or hands it on: it is no formula of the present period. */
export function isIntegrated(formula: FormulaNode): boolean {
  return formula.stock !== undefined || formula.delay !== undefined;
}

/** What a node reads by its definition. */
export function precedentsByDefinition(
  node: number,
  formula: FormulaNode,
  shapeOf: (node: NodeId) => Shape,
): readonly Precedent[] {
  const { precedents, shape, stock, delay } = formula;
  if (stock === undefined && delay === undefined) return precedents;
  const self: Precedent = { node: node as NodeId, time: readByNext, outer: { kind: "same" } };
  const first = (read: NodeId, time: TimeReach): Precedent => {
    // A column of one member serves all of them.
    return { node: read, time, outer: { kind: shapeOf(read).outer === shape.outer ? "same" : "all" } };
  };
  if (stock !== undefined) {
    const flows = precedents.map((one) => ({ ...one, time: laterBy1(one.time) }));
    return [...flows, self, first(stock.initial, readByFirst)];
  }
  const { initial, time } = delay as NonNullable<FormulaNode["delay"]>;
  const inputs = precedents.map((one) => ({ ...one, time: anyLater(one.time) }));
  return [...inputs, self, first(initial, readByAll), first(time, readByAll)];
}

/** The ids that a node reads by its definition, apart from itself. */
export function nodesByDefinition({ precedents, stock, delay }: FormulaNode): readonly NodeId[] {
  const nodes = precedents.map(({ node }) => node);
  if (stock !== undefined) nodes.push(stock.initial);
  if (delay !== undefined) nodes.push(delay.initial, delay.time);
  return nodes;
}

/** The edge that joins a stock to another one. */
export function joiningEdge(node: NodeId): Precedent {
  return { node, time: readByNone, outer: { kind: "all" } };
}

/** Whether the entry of a stock's row is looked at in period 0 only. */
export function isReadFirst(formula: FormulaNode, index: number): boolean {
  const own = formula.precedents.length;
  if (formula.stock !== undefined) return index === own + 1;
  return formula.delay !== undefined && (index === own + 1 || index === own + 2);
}

/** Whether the entry of a delay's row is what its input reads in later periods only: of that its own reach says no more. */
export function isReadAhead({ precedents, delay }: FormulaNode, index: number): boolean {
  const time = delay === undefined ? undefined : precedents[index]?.time;
  return time?.kind === "window" && time.from > 0;
}

/** What t + 1 reads of that which t reads. */
function laterBy1(time: TimeReach): TimeReach {
  switch (time.kind) {
    case "window":
      return { kind: "window", from: time.from - 1, to: time.to - 1 };
    case "range":
    case "all":
      return time;
    case "span":
      return { kind: "span", from: before(time.from), to: before(time.to) };
    case "gather":
      return gatherLater(time);
    default:
      return time satisfies never;
  }
}

function before({ scale, offset }: AffineBound): AffineBound {
  return { scale, offset: offset - scale };
}

type Gather = Extract<TimeReach, { kind: "gather" }>;

/** By the table of starts, whose identity tells reaches apart. */
const laterGathers = new WeakMap<Int32Array, Gather>();

function gatherLater(time: Gather): Gather {
  const known = laterGathers.get(time.first);
  if (known?.positions === time.positions) return known;
  const first = new Int32Array(time.first.length);
  first.set(time.first.subarray(0, -1), 1);
  first[0] = time.first[0] as number;
  const later: Gather = { kind: "gather", first, positions: time.positions };
  laterGathers.set(time.first, later);
  return later;
}

/** What all periods from t + 1 on read of that which t reads, for every t. */
function anyLater(time: TimeReach): TimeReach {
  if (time.kind === "range") return time;
  if (time.kind !== "window") return { kind: "all" };
  return {
    kind: "span",
    from: { scale: 0, offset: Math.min(0, time.from) },
    to: { scale: 1, offset: time.to },
  };
}
