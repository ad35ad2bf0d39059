/**
 * Reaches: how dirt travels along an edge, interned so that an edge stores one small number.
 *
 * Reach 0 is "everything reads everything", the reach of edges between scalars. `mapInto` turns the changed box of a
 * precedent into the box of the dependent that must be looked at:
 *
 *   window from..to   dependent t reads t+from … t+to, so precedent p touches p−to … p−from
 *   range from..to    any overlap touches every period
 *   all               every period
 *   span, gather      see time-reach.ts
 *
 * Reach 1 is that of range nodes, of which each reads other cells: an edge does not say which.
 */
import type { Shape } from "@reckon/value";
import type { Box, OuterReach, TimeReach } from "../formula-node.ts";
import type { CellSpan } from "../ranges/range-family.ts";
import type { BoxSet } from "../state/box-set.ts";
import { GatherReaders } from "./gather-readers.ts";
import { type Interval, spanReaders } from "./time-reach.ts";

export interface Reach {
  readonly time: TimeReach;
  readonly outer: OuterReach;
  /** Of a gather: who reads each position; made when first needed. */
  readers?: GatherReaders;
}

/** Reach of all edges of range nodes: each says itself which cells it reads (`Structure.reachOf`). */
export const reachOfRanges = 1;

const everything: Reach = { time: { kind: "all" }, outer: { kind: "all" } };

/** The reach of a range node. */
export function spanReach({ row, from, to }: CellSpan): Reach {
  const dependents = (first: number, end: number): readonly [number, number] =>
    first <= row && row < end ? [0, 1] : [0, 0];
  return { time: { kind: "range", from, to }, outer: { kind: "map", dependents } };
}

export class ReachTable {
  private readonly reaches: (Reach | undefined)[] = [everything, everything];
  /** By the time part, then by the kind of the outer part, or its map itself. */
  private readonly ids = new Map<string, Map<unknown, number>>([["all", new Map([["all", 0]])]]);
  private readonly freeIds: number[] = [];
  /** Index arrays are told apart by identity. */
  private readonly arrayNumbers = new WeakMap<Int32Array, number>();
  private arrayCount = 0;

  /** Ids ever given are below it. */
  get idLimit(): number {
    return this.reaches.length;
  }

  idOf(time: TimeReach, outer: OuterReach): number {
    const timeKey = this.keyOf(time);
    let ofTime = this.ids.get(timeKey);
    if (ofTime === undefined) {
      ofTime = new Map();
      this.ids.set(timeKey, ofTime);
    }
    const outerKey = outer.kind === "map" ? outer.dependents : outer.kind;
    let id = ofTime.get(outerKey);
    if (id === undefined) {
      id = this.freeIds.pop() ?? this.reaches.length;
      this.reaches[id] = { time, outer };
      ofTime.set(outerKey, id);
    }
    return id;
  }

  private keyOf(time: TimeReach): string {
    switch (time.kind) {
      case "all":
        return "all";
      case "window":
      case "range":
        return `${time.kind}${time.from}..${time.to}`;
      case "span":
        return `span${time.from.scale},${time.from.offset}..${time.to.scale},${time.to.offset}`;
      case "gather":
        return `gather${this.numberOf(time.first)},${this.numberOf(time.positions)}`;
      default:
        return time satisfies never;
    }
  }

  private numberOf(array: Int32Array): number {
    let number = this.arrayNumbers.get(array);
    if (number === undefined) {
      number = ++this.arrayCount;
      this.arrayNumbers.set(array, number);
    }
    return number;
  }

  get(id: number): Reach {
    return this.reaches[id] as Reach;
  }

  /** Forgets all but the used ids (an entry each): formulas that went leave maps behind. Cost: the ids. */
  keep(isUsed: Uint8Array): void {
    for (const [timeKey, ofTime] of this.ids) {
      for (const [outerKey, id] of ofTime) {
        if (id <= reachOfRanges || isUsed[id] === 1) continue;
        ofTime.delete(outerKey);
        this.reaches[id] = undefined;
        this.freeIds.push(id);
      }
      if (ofTime.size === 0) this.ids.delete(timeKey);
    }
  }
}

/** Adds the box of a dependent of `shape` that reads `box` of its precedent to `into`; nothing when it reads none of it. */
export function mapInto(reach: Reach, box: Box, shape: Shape, into: BoxSet): void {
  const { time, outer } = reach;
  let outerFrom = 0;
  let outerTo = shape.outer;
  if (outer.kind === "same") {
    outerFrom = box.outerFrom;
    outerTo = Math.min(shape.outer, box.outerTo);
  } else if (outer.kind === "map") {
    const [first, end] = outer.dependents(box.outerFrom, box.outerTo);
    outerFrom = Math.max(0, first);
    outerTo = Math.min(shape.outer, end);
  }
  switch (time.kind) {
    case "window":
      into.add(
        outerFrom,
        outerTo,
        Math.max(0, box.from - time.to),
        Math.min(shape.periods, box.to - time.from),
      );
      return;
    case "range":
      if (box.to > time.from && time.to > box.from) into.add(outerFrom, outerTo, 0, shape.periods);
      return;
    case "all":
      into.add(outerFrom, outerTo, 0, shape.periods);
      return;
    case "span":
      spanReaders(time, box.from, box.to, shape.periods, interval);
      into.add(outerFrom, outerTo, interval.from, interval.to);
      return;
    case "gather":
      reach.readers ??= new GatherReaders(time.first, time.positions, shape.periods);
      reach.readers.addTo(into, outerFrom, outerTo, box);
      return;
    default:
      time satisfies never;
  }
}

const interval: Interval = { from: 0, to: 0 };
