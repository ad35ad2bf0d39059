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
  private readonly reaches: Reach[] = [{ time: { kind: "all" }, outer: { kind: "all" } }];
  private readonly ids = new Map<string, number>([["all|all", 0]]);
  private readonly maps = new Map<unknown, number>();

  idOf(time: TimeReach, outer: OuterReach): number {
    const timeKey = time.kind === "all" ? "all" : `${time.kind}${time.from}..${time.to}`;
    const key = `${timeKey}|${outer.kind === "map" ? this.mapId(outer.dependents) : outer.kind}`;
    let id = this.ids.get(key);
    if (id === undefined) {
      id = this.reaches.length;
      this.reaches.push({ time, outer });
      this.ids.set(key, id);
    }
    return id;
  }

  get(id: number): Reach {
    return this.reaches[id] as Reach;
  }

  private mapId(dependents: unknown): number {
    let id = this.maps.get(dependents);
    if (id === undefined) {
      id = this.maps.size;
      this.maps.set(dependents, id);
    }
    return id;
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
