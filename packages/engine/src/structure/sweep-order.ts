/**
 * The order of a sweep through a loop: which cuts are started from a guess, and who is computed before whom.
 *
 *   a → b → c → a      b and c declared: one of them is enough. Cut at b: a, then c, then b; b alone has an old value
 *
 *   1. Strongly connected parts. In each part with a cycle one declared cut is taken out (the one with the most
 *      edges in it, then the first), and what is left of the part is looked at again.
 *   2. A part in which no cut is declared is a cycle that the declaration does not cover.
 *   3. The order is that of the edges that do not read what was taken out, precedents first.
 *
 * Where a part has more than `chosenMax` cuts all of them are taken out at once: choosing would look at the part for each.
 *
 * Cost: a search for each cut that is taken out.
 */
import { eachStrongComponent, flatRows, type Rows } from "./strong-components.ts";

const chosenMax = 64;

export interface SweepOrder {
  /** Precedents first; reads of the feedback do not count. */
  readonly order: readonly number[];
  /** For each of `order` how many steps of the sweep must be made before it: those of one height read nothing of each other. */
  readonly heights: readonly number[];
  /** What is read before it is computed. */
  readonly feedback: ReadonlySet<number>;
  /** A cycle that no cut is in, by reads; the first is repeated at the end. */
  readonly uncut: readonly number[] | null;
}

/** Orders of many loops that are alike: each kind is looked at once. */
export class SweepOrders {
  private readonly known = new Map<string, PlaceOrder>();

  /** The order of some nodes and the edges between them; others are not looked at. */
  of(rows: Rows, nodes: readonly number[], mayCut: (node: number) => boolean): SweepOrder {
    const edges = edgesAmong(rows, nodes);
    const isCut = nodes.map(mayCut);
    const kind = `${isCut.map(Number).join("")} ${edges.map((targets) => targets.join()).join(";")}`;
    let order = this.known.get(kind);
    if (order === undefined) {
      order = placeOrder(edges, isCut);
      if (this.known.size < kindsMax && nodes.length <= kindNodesMax) this.known.set(kind, order);
    }
    const nodeAt = (place: number): number => nodes[place] as number;
    return {
      order: order.order.map(nodeAt),
      heights: order.heights,
      feedback: new Set(order.feedback.map(nodeAt)),
      uncut: order.uncut?.map(nodeAt) ?? null,
    };
  }
}

const kindsMax = 1_000;
/** Larger loops are seldom alike, and their kinds are long words. */
const kindNodesMax = 64;

/** As `SweepOrder`, by places in the list of nodes. */
interface PlaceOrder {
  readonly order: readonly number[];
  readonly heights: readonly number[];
  readonly feedback: readonly number[];
  readonly uncut: readonly number[] | null;
}

/** The edges between `nodes`, by their places. */
function edgesAmong(rows: Rows, nodes: readonly number[]): number[][] {
  const places = new Map(nodes.map((node, i) => [node, i]));
  return nodes.map((node) => {
    const targets: number[] = [];
    eachTarget(rows, node, (target) => {
      const place = places.get(target);
      if (place !== undefined) targets.push(place);
    });
    return targets;
  });
}

function placeOrder(edges: readonly (readonly number[])[], isCut: readonly boolean[]): PlaceOrder {
  const size = edges.length;
  const all = rowsOf(edges);
  const stamps = new Int32Array(size);
  const feedback = new Set<number>();
  let epoch = 0;
  let hasUncut = false;
  const open: (readonly number[])[] = [[...edges.keys()]];
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    epoch++;
    for (const place of part) stamps[place] = epoch;
    eachStrongComponent(all, part, { stamps, epoch }, (members, hasCycle) => {
      if (!hasCycle) return;
      const cuts = members.filter((place) => isCut[place]);
      if (cuts.length === 0) hasUncut = true;
      else if (cuts.length > chosenMax) for (const cut of cuts) feedback.add(cut);
      else feedback.add(busiest(all, members, cuts));
      if (cuts.length > 0) open.push(members.filter((place) => !feedback.has(place)));
    });
  }
  const inner = rowsOf(edges.map((targets) => targets.filter((target) => !feedback.has(target))));
  const order: number[] = [];
  const heights: number[] = [];
  const heightAt = new Int32Array(size);
  let uncut: readonly number[] | null = null;
  eachStrongComponent(inner, edges.keys(), null, (part, hasCycle) => {
    if (hasCycle && hasUncut)
      uncut ??= cyclePath(
        inner,
        part.toSorted((a, b) => a - b),
      );
    for (const place of part) {
      let height = 0;
      eachTarget(inner, place, (target) => {
        height = Math.max(height, (heightAt[target] as number) + 1);
      });
      heightAt[place] = height;
      order.push(place);
      heights.push(height);
    }
  });
  return { order, heights, feedback: [...feedback], uncut };
}

function rowsOf(edges: readonly (readonly number[])[]): Rows {
  const first = new Int32Array(edges.length);
  const count = Int32Array.from(edges, (targets) => targets.length);
  for (let i = 1; i < edges.length; i++) first[i] = (first[i - 1] as number) + (count[i - 1] as number);
  return flatRows(first, count, Int32Array.from(edges.flat()));
}

export function eachTarget(rows: Rows, node: number, visit: (target: number) => void): void {
  const from = rows.firstOf(node);
  const end = from + rows.countOf(node);
  for (let edge = from; edge < end; edge++) visit(rows.targets[edge] as number);
}

/** The cut with the most edges to and from the members. */
function busiest(rows: Rows, members: readonly number[], cuts: readonly number[]): number {
  if (cuts.length === 1) return cuts[0] as number;
  const readers = new Map(members.map((member) => [member, 0]));
  const reads = new Map<number, number>();
  for (const member of members) {
    let count = 0;
    eachTarget(rows, member, (target) => {
      const found = readers.get(target);
      if (found === undefined) return;
      readers.set(target, found + 1);
      count++;
    });
    reads.set(member, count);
  }
  const weight = (cut: number): number => (readers.get(cut) as number) * (reads.get(cut) as number);
  return cuts.reduce((best, cut) => (weight(cut) > weight(best) ? cut : best));
}

/** A cycle inside a strongly connected part, in reading order reversed (precedent → dependent), first = last. */
function cyclePath(rows: Rows, part: readonly number[]): number[] {
  const inside = new Set(part);
  const cameFrom = new Map<number, number>();
  const start = part[0] as number;
  const queue = [start];
  // Breadth first from the start along precedents until the start is read again: a shortest cycle through it.
  for (let i = 0; i < queue.length; i++) {
    const node = queue[i] as number;
    const from = rows.firstOf(node);
    for (let edge = from; edge < from + rows.countOf(node); edge++) {
      const target = rows.targets[edge] as number;
      if (target === start) {
        const path = [start];
        for (let at = node; at !== start; at = cameFrom.get(at) as number) path.push(at);
        path.push(start);
        return path;
      }
      if (inside.has(target) && !cameFrom.has(target)) {
        cameFrom.set(target, node);
        queue.push(target);
      }
    }
  }
  return [start, start];
}
