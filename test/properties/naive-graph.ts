/**
 * A naive stand-in for the engine: nodes over members × periods with small whole numbers as values, recomputed from
 * nothing each time. It knows no levels, flags, boxes or overlays' ownership.
 */
import type {
  Box,
  FormulaNode,
  Kernel,
  NodeId,
  OuterReach,
  Precedent,
  RangeNode,
  TimeReach,
} from "@reckon/engine";
import { type Column, errorValue, isErrorValue, type Scalar, type Shape, withOrigin } from "@reckon/value";
import { type NaiveRange, rangeValue } from "./naive-range.ts";

export interface NaiveNode {
  readonly name: string;
  readonly shape: Shape;
  /** Inputs: the cells. */
  cells: number[] | null;
  reads: readonly NaiveRead[];
  factor: number;
  /** Of a range node, which reads one node. */
  range?: NaiveRange | undefined;
  isManual: boolean;
  isHeavy: boolean;
}

export interface NaiveRead {
  readonly node: number;
  readonly time: TimeReach;
  readonly outer: OuterReach;
  /** Of a range node: the only member that is read. */
  readonly row?: number;
}

/** What one state changes: later entries win. */
export interface NaiveState {
  readonly parent: NaiveState | null;
  readonly overrides: { node: number; box: Box; value: number; isRelative: boolean }[];
  readonly pins: { node: number; box: Box; value: number }[];
}

export const pairReach: OuterReach = {
  kind: "map",
  dependents: (from, to) => [Math.floor(from / 2), Math.ceil(to / 2)],
};

/** The value of one formula cell: a small number or a text, so that different inputs often give the same result. */
function combine(factor: number, read: Iterable<Scalar>): Scalar {
  let sum = factor;
  for (const value of read) {
    if (isErrorValue(value)) return value;
    sum = (sum * 3 + (typeof value === "number" ? value : 1)) % 7;
  }
  return sum === 6 ? "six" : sum;
}

/** The cells (member, period) of the precedent that a cell reads. */
function* cellsRead(
  read: Omit<NaiveRead, "node">,
  shape: Shape,
  member: number,
  period: number,
): Iterable<[number, number]> {
  let outerFrom = 0;
  let outerTo = shape.outer;
  if (read.row !== undefined) [outerFrom, outerTo] = [read.row, read.row + 1];
  else if (read.outer.kind === "same") [outerFrom, outerTo] = [member, member + 1];
  else if (read.outer.kind === "map")
    [outerFrom, outerTo] = [member * 2, Math.min(shape.outer, member * 2 + 2)];
  for (let m = outerFrom; m < outerTo; m++)
    for (const t of periodsRead(read.time, shape, period)) yield [m, t];
}

function* periodsRead(time: TimeReach, { periods }: Shape, t: number): Iterable<number> {
  if (time.kind === "gather") {
    yield* time.positions.subarray(time.first[t], time.first[t + 1]);
    return;
  }
  for (let period = 0; period < periods; period++) {
    if (time.kind === "window" && (period < t + time.from || period > t + time.to)) continue;
    if (time.kind === "range" && (period < time.from || period >= time.to)) continue;
    if (time.kind === "span") {
      const { from, to } = time;
      if (period < from.scale * t + from.offset || period >= to.scale * t + to.offset) continue;
    }
    yield period;
  }
}

function kernelFor(node: NaiveNode, shapes: readonly Shape[]): Kernel {
  // Late work belongs to the formula as it was.
  const { reads, factor } = node;
  return {
    compute(inputs: readonly Column[], out: Column, box: Box): void {
      for (let member = box.outerFrom; member < box.outerTo; member++) {
        for (let period = box.from; period < box.to; period++) {
          const values = reads.flatMap((read, i) => {
            const column = inputs[i] as Column;
            const shape = shapes[read.node] as Shape;
            return [...cellsRead(read, shape, member, period)].map(([m, t]) =>
              column.get(m * shape.periods + t),
            );
          });
          out.set(member * node.shape.periods + period, combine(factor, values));
        }
      }
    },
  };
}

export function definitionOf(
  node: NaiveNode,
  ids: readonly NodeId[],
  shapes: readonly Shape[],
): FormulaNode | RangeNode {
  const { name, range, isManual } = node;
  if (range === undefined) return formulaOf(node, ids, shapes);
  return { name, of: ids[(node.reads[0] as NaiveRead).node] as NodeId, ...range, isManual };
}

function formulaOf(node: NaiveNode, ids: readonly NodeId[], shapes: readonly Shape[]): FormulaNode {
  const precedents = node.reads.map(
    (read): Precedent => ({ node: ids[read.node] as NodeId, time: read.time, outer: read.outer }),
  );
  return {
    name: node.name,
    shape: node.shape,
    precedents,
    kernel: node.isHeavy ? { ...kernelFor(node, shapes), weight: "heavy" } : kernelFor(node, shapes),
    isManual: node.isManual,
  };
}

/** Every value of every node in one state: `values[node][cell]`. */
export function recomputeAll(nodes: readonly (NaiveNode | null)[], state: NaiveState): Scalar[][] {
  const inherited = state.parent === null ? null : recomputeAll(nodes, state.parent);
  const cyclic = cyclicCells(nodes);
  const values: Scalar[][] = nodes.map(() => []);
  const valueAt = (node: number, member: number, period: number): Scalar => {
    const one = nodes[node] as NaiveNode;
    const cell = member * one.shape.periods + period;
    const row = values[node] as Scalar[];
    row[cell] ??= compute(node, one, member, period, cell);
    return row[cell];
  };
  const compute = (node: number, one: NaiveNode, member: number, period: number, cell: number): Scalar => {
    const covers = ({ box }: { box: Box }): boolean =>
      member >= box.outerFrom && member < box.outerTo && period >= box.from && period < box.to;
    if (one.cells !== null) {
      const override = state.overrides.findLast((entry) => entry.node === node && covers(entry));
      const below = inherited === null ? (one.cells[cell] as number) : (inherited[node]?.[cell] as number);
      if (override === undefined) return below;
      return override.isRelative ? below + override.value : override.value;
    }
    let pin: NaiveState["pins"][number] | undefined;
    for (let one: NaiveState | null = state; one !== null && pin === undefined; one = one.parent) {
      pin = one.pins.findLast((entry) => entry.node === node && covers(entry));
    }
    if (pin !== undefined) return pin.value;
    if (cyclic.has(`${node} ${member} ${period}`))
      return withOrigin(errorValue("#CYCLE!"), { attribute: one.name, at: [] });
    const read = one.reads.flatMap((entry) => {
      const shape = (nodes[entry.node] as NaiveNode).shape;
      return [...cellsRead(entry, shape, member, period)].map(([m, t]) => valueAt(entry.node, m, t));
    });
    return one.range === undefined ? combine(one.factor, read) : rangeValue(one.name, one.range, read);
  };
  nodes.forEach((one, node) => {
    if (one === null) return;
    for (let member = 0; member < one.shape.outer; member++) {
      for (let period = 0; period < one.shape.periods; period++) valueAt(node, member, period);
    }
  });
  return values;
}

/** `node member period` of the cells that can reach themselves. */
function cyclicCells(nodes: readonly (NaiveNode | null)[]): Set<string> {
  const reads = new Map<string, string[]>();
  nodes.forEach((one, node) => {
    if (one === null || one.cells !== null) return;
    for (let member = 0; member < one.shape.outer; member++) {
      for (let period = 0; period < one.shape.periods; period++) {
        const found = one.reads.flatMap((read) => {
          const { shape } = nodes[read.node] as NaiveNode;
          return [...cellsRead(read, shape, member, period)].map(([m, t]) => `${read.node} ${m} ${t}`);
        });
        reads.set(`${node} ${member} ${period}`, [...new Set(found)]);
      }
    }
  });
  const cyclic = new Set<string>();
  for (const start of reads.keys()) {
    const seen = new Set<string>(reads.get(start));
    for (const cell of seen) for (const next of reads.get(cell) ?? []) seen.add(next);
    if (seen.has(start)) cyclic.add(start);
  }
  return cyclic;
}
