/**
 * Reaches: how dirt travels along an edge, interned so that an edge stores one small number.
 *
 * Reach 0 is "everything reads everything", the reach of edges between scalars. `mapBox` turns the changed box of a
 * precedent into the box of the dependent that must be looked at:
 *
 *   window from..to   dependent t reads t+from … t+to, so precedent p touches p−to … p−from
 *   range from..to    any overlap touches every period
 *   all               every period
 */
import type { Shape } from "@reckon/value";
import type { Box, OuterReach, TimeReach } from "../formula-node.ts";

export interface Reach {
  readonly time: TimeReach;
  readonly outer: OuterReach;
}

export class ReachTable {
  private readonly reaches: (Reach | undefined)[] = [{ time: { kind: "all" }, outer: { kind: "all" } }];
  /** By the time part, then by the kind of the outer part, or its map itself. */
  private readonly ids = new Map<string, Map<unknown, number>>([["all", new Map([["all", 0]])]]);
  private readonly freeIds: number[] = [];

  /** Ids ever given are below it. */
  get idLimit(): number {
    return this.reaches.length;
  }

  idOf(time: TimeReach, outer: OuterReach): number {
    const timeKey = time.kind === "all" ? "all" : `${time.kind}${time.from}..${time.to}`;
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

  get(id: number): Reach {
    return this.reaches[id] as Reach;
  }

  /** Forgets all but the used ids (an entry each): formulas that went leave maps behind. Cost: the ids. */
  keep(isUsed: Uint8Array): void {
    for (const [timeKey, ofTime] of this.ids) {
      for (const [outerKey, id] of ofTime) {
        if (id === 0 || isUsed[id] === 1) continue;
        ofTime.delete(outerKey);
        this.reaches[id] = undefined;
        this.freeIds.push(id);
      }
      if (ofTime.size === 0) this.ids.delete(timeKey);
    }
  }
}

/** The box of a dependent of `shape` that reads `box` of its precedent; `undefined` when it reads none of it. */
export function mapBox(reach: Reach, box: Box, shape: Shape): Box | undefined {
  let from = 0;
  let to = shape.periods;
  if (reach.time.kind === "window") {
    from = Math.max(0, box.from - reach.time.to);
    to = Math.min(shape.periods, box.to - reach.time.from);
  } else if (reach.time.kind === "range") {
    if (box.to <= reach.time.from || reach.time.to <= box.from) return undefined;
  }
  let outerFrom = 0;
  let outerTo = shape.outer;
  if (reach.outer.kind === "same") {
    outerFrom = box.outerFrom;
    outerTo = Math.min(shape.outer, box.outerTo);
  } else if (reach.outer.kind === "map") {
    const [first, end] = reach.outer.dependents(box.outerFrom, box.outerTo);
    outerFrom = Math.max(0, first);
    outerTo = Math.min(shape.outer, end);
  }
  return from < to && outerFrom < outerTo ? { outerFrom, outerTo, from, to } : undefined;
}
