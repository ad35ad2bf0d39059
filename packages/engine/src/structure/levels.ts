/**
 * Levels: where in the order of work a node stands.
 *
 * Invariants
 * - level(node) > level(precedent) for every edge between different components; members of one component share one.
 * - Right after a node is wired its level is 1 + the highest among its precedents (0 without precedents). When edges
 *   go away, the levels behind them may stay higher than needed until the next whole assignment: still a valid order.
 *
 * When the row of `node` gets precedents that stand too high:
 *   1. Search forward from `node` along dependents, as far as the highest of those precedents' levels. A cycle can
 *      only run through nodes of these levels.
 *   2. No such precedent found: raise `node`, then its dependents, in the order of their old levels, each once.
 *   3. One found: find the strongly connected components of the region, give each a component and a level, and raise
 *      what stands behind the region.
 * Cost: the region for 1 and 3, the raised nodes for 2; nothing when the levels are already right, which is the case
 * for every graph that is built precedents first. `assignAllLevels` does everything anew in linear time and serves bulk edits.
 *
 * Heights adjusted on demand: Incremental (Jane Street); order kept under insertion: D. Pearce and P. Kelly, "A
 * dynamic topological sort algorithm for directed acyclic graphs", ACM JEA 11 (2006).
 */
import { LevelQueue } from "../recalculation/level-queue.ts";
import type { Component } from "./component.ts";
import { grownInt32 } from "./growth.ts";
import { eachStrongComponent, type Rows } from "./strong-components.ts";
import { kindFree, type Structure } from "./structure.ts";

/** Restores the invariants after the linked precedents of `node` changed; they held for all other edges. */
export function settleLevel(structure: Structure, node: number): void {
  const { edges } = structure;
  const first = edges.firstPrecedentOf(node);
  const end = first + edges.precedentCountOf(node);
  let highest = -1;
  let readsInside = false;
  for (let i = first; i < end; i++) {
    const precedent = edges.poolNode[i] as number;
    if (precedent === node || structure.isSameComponent(precedent, node)) readsInside = true;
    else highest = Math.max(highest, structure.levelOf(precedent));
  }
  if (readsInside) {
    const component = structure.componentOf(node);
    if (component === undefined) structure.addComponent([node]);
    else component.order = null;
  }
  const target = highest + 1;
  const isSingle = structure.componentOf(node) === undefined;
  if (isSingle && (target <= structure.levelOf(node) || !structure.hasDependents(node))) {
    structure.setLevel(node, target);
    return;
  }
  if (target <= structure.levelOf(node)) return;
  const region = searchForward(structure, node, highest);
  let hasCycle = false;
  for (let i = first; i < end && !hasCycle; i++) {
    const precedent = edges.poolNode[i] as number;
    hasCycle = structure.stamps[precedent] === structure.epoch && !structure.isSameComponent(precedent, node);
    if (precedent === node) hasCycle = false;
  }
  if (hasCycle) reformRegion(structure, region);
  else raise(structure, [node], target);
}

/** Dissolves a component some of whose edges are gone, and finds the components and levels left in it. */
export function splitComponent(structure: Structure, component: Component): void {
  structure.epoch++;
  structure.stamps = grownInt32(structure.stamps, structure.rows);
  for (const member of component.members) structure.stamps[member] = structure.epoch;
  reformRegion(structure, component.members);
}

/** All components and levels from nothing. Cost: linear in nodes and edges. */
export function assignAllLevels(structure: Structure): void {
  for (const component of structure.componentList) {
    if (component !== undefined) structure.dissolveComponent(component);
  }
  eachStrongComponent(rowsOf(structure), liveNodes(structure), null, (members, hasCycle) => {
    placeComponent(structure, members, hasCycle);
  });
}

function* liveNodes(structure: Structure): Iterable<number> {
  for (let node = 0; node < structure.rows; node++) if (structure.kindOf(node) !== kindFree) yield node;
}

function rowsOf(structure: Structure): Rows {
  const { edges, searchScratch } = structure;
  searchScratch.ensureNodes(structure.rows);
  return {
    firstOf: (node) => edges.firstPrecedentOf(node),
    countOf: (node) => edges.precedentCountOf(node),
    targets: edges.poolNode,
    scratch: searchScratch,
  };
}

/** Stamps and returns what is reachable from `node` through nodes of levels up to `highest`, whole components at once. */
function searchForward(structure: Structure, node: number, highest: number): number[] {
  structure.epoch++;
  structure.stamps = grownInt32(structure.stamps, structure.rows);
  const { stamps, epoch } = structure;
  const found: number[] = [];
  const reach = (candidate: number): void => {
    if (stamps[candidate] === epoch || structure.levelOf(candidate) > highest) return;
    for (const member of structure.unitMembers(candidate)) {
      stamps[member] = epoch;
      found.push(member);
    }
  };
  reach(node);
  for (let i = 0; i < found.length; i++) {
    for (const dependent of structure.dependentsOf(found[i] as number)) reach(dependent);
  }
  return found;
}

/** Components and levels of the stamped region; then what stands behind it is raised. */
function reformRegion(structure: Structure, region: readonly number[]): void {
  const { stamps, epoch } = structure;
  for (const node of region) {
    const component = structure.componentOf(node);
    if (component !== undefined) structure.dissolveComponent(component);
  }
  eachStrongComponent(rowsOf(structure), region, { stamps, epoch }, (members, hasCycle) => {
    placeComponent(structure, members, hasCycle);
  });
  const raising = new LevelRaising(structure);
  for (const node of region) {
    for (const dependent of structure.dependentsOf(node)) {
      if (stamps[dependent] !== epoch) raising.demand(dependent, structure.levelOf(node) + 1);
    }
  }
  raising.drain();
}

function placeComponent(structure: Structure, members: number[], hasCycle: boolean): void {
  if (hasCycle) structure.addComponent(members);
  const { edges } = structure;
  let highest = -1;
  for (const member of members) {
    const first = edges.firstPrecedentOf(member);
    const end = first + edges.precedentCountOf(member);
    for (let i = first; i < end; i++) {
      const precedent = edges.poolNode[i] as number;
      if (precedent !== member && !structure.isSameComponent(precedent, member)) {
        highest = Math.max(highest, structure.levelOf(precedent));
      }
    }
  }
  for (const member of members) structure.setLevel(member, highest + 1);
}

function raise(structure: Structure, nodes: readonly number[], level: number): void {
  const raising = new LevelRaising(structure);
  for (const node of nodes) raising.demand(node, level);
  raising.drain();
}

/** Raises units in the order of the levels they had, so that each is final when its dependents are looked at. */
class LevelRaising {
  private readonly structure: Structure;
  private readonly queue = new LevelQueue();
  private readonly waiting = new Set<number>();

  constructor(structure: Structure) {
    this.structure = structure;
  }

  demand(node: number, level: number): void {
    const { structure } = this;
    const levelBefore = structure.levelOf(node);
    if (levelBefore >= level) return;
    const unit = structure.unitOf(node);
    if (!this.waiting.has(unit)) {
      this.waiting.add(unit);
      this.queue.push(unit, levelBefore);
    }
    for (const member of structure.unitMembers(node)) structure.setLevel(member, level);
  }

  drain(): void {
    const { structure } = this;
    for (let unit = this.queue.pop(); unit >= 0; unit = this.queue.pop()) {
      this.waiting.delete(unit);
      for (const member of structure.unitMembers(unit)) {
        for (const dependent of structure.dependentsOf(member)) {
          if (!structure.isSameComponent(dependent, member)) {
            this.demand(dependent, structure.levelOf(member) + 1);
          }
        }
      }
    }
  }
}
