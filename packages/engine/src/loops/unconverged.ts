/**
 * The cells that must not be trusted: those of solves that did not converge, and everything that reads them.
 *
 * Nothing is kept for this while the engine computes. When somebody asks, the records name the cells that were not
 * solved, and the same reaches by which dirt travels lead from them to what reads them:
 *
 *   1. The cells of every record whose verdict is not `converged` are marked, in a table of bytes a node.
 *   2. Boxes of newly marked cells wait in a list. Each is mapped along the edges of its node; the cells that are new
 *      there wait in turn. A cell waits once, so recurrences and loops end by themselves.
 *   3. Pinned cells read nothing: they are never marked.
 *   4. The marked cells of each node are told as boxes that do not overlap.
 *
 * Exact wherever reaches are; a reach that covers more than is read (a map, a gather) marks more. No recursion.
 * Cost: the records, then the marked cells with their edges. All solves converged: the records alone.
 */
import type { Shape } from "@reckon/value";
import type { Box, LoopRecord, NodeId } from "../formula-node.ts";
import type { Graph } from "../recalculation/graph.ts";
import { BoxSet } from "../state/box-set.ts";
import { wholeBox } from "../state/boxes.ts";
import type { StateTable } from "../state/state-table.ts";
import { mapInto } from "../structure/reach.ts";

const marked = 1;
const pinned = 2;

/** By node, in no particular order; a node without such cells is not in the map. */
export function unconvergedCells(
  graph: Graph,
  state: StateTable,
  records: Iterable<LoopRecord>,
): Map<NodeId, readonly Box[]> {
  const marking = new Marking(graph, state);
  for (const record of records) {
    if (record.verdict === "converged") continue;
    for (const { node, box } of record.cells ?? []) marking.mark(node, box);
    if (record.cells !== undefined) continue;
    for (const node of record.nodes) marking.mark(node, cellsOf(record, graph.structure.shapeOf(node)));
  }
  marking.spread();
  return marking.result();
}

function cellsOf({ outer, period }: LoopRecord, shape: Shape): Box {
  const { outerFrom, outerTo, from, to } = wholeBox(shape);
  const isOneOuter = outer >= 0 && shape.outer > 1;
  return {
    outerFrom: isOneOuter ? outer : outerFrom,
    outerTo: isOneOuter ? outer + 1 : outerTo,
    from: period < 0 ? from : period,
    to: period < 0 ? to : period + 1,
  };
}

class Marking {
  private readonly graph: Graph;
  private readonly state: StateTable;
  private readonly cells = new Map<number, Uint8Array>();
  /** Nodes and boxes that were marked and not mapped yet: the two go together. */
  private readonly waitingNodes: number[] = [];
  private readonly waitingBoxes: Box[] = [];

  constructor(graph: Graph, state: StateTable) {
    this.graph = graph;
    this.state = state;
  }

  mark(node: number, box: Box): void {
    const { periods } = this.graph.structure.shapeOf(node);
    const cells = this.cellsOf(node);
    for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
      const row = outer * periods;
      for (let from = box.from; from < box.to; from++) {
        if (cells[row + from] !== 0) continue;
        let to = from;
        for (; to < box.to && cells[row + to] === 0; to++) cells[row + to] = marked;
        this.waitingNodes.push(node);
        this.waitingBoxes.push({ outerFrom: outer, outerTo: outer + 1, from, to });
        from = to;
      }
    }
  }

  spread(): void {
    const { structure } = this.graph;
    const read = new BoxSet();
    for (let node = this.waitingNodes.pop(); node !== undefined; node = this.waitingNodes.pop()) {
      const box = this.waitingBoxes.pop() as Box;
      structure.edges.eachDependent(node, (dependent, reachId) => {
        read.clear();
        mapInto(structure.reachOf(dependent, reachId), box, structure.shapeOf(dependent), read);
        for (let i = 0; i < read.count; i++) this.mark(dependent, read.at(i));
      });
    }
  }

  result(): Map<NodeId, readonly Box[]> {
    const found = new Map<NodeId, readonly Box[]>();
    for (const [node, cells] of this.cells) {
      const boxes = boxesOf(cells, this.graph.structure.shapeOf(node));
      if (boxes.length > 0) found.set(node as NodeId, boxes);
    }
    return found;
  }

  private cellsOf(node: number): Uint8Array {
    let cells = this.cells.get(node);
    if (cells === undefined) {
      const { outer, periods } = this.graph.structure.shapeOf(node);
      cells = new Uint8Array(outer * periods);
      for (const { box } of this.state.pinOf(node)?.parts ?? []) {
        for (let at = box.outerFrom; at < box.outerTo; at++) {
          cells.fill(pinned, at * periods + box.from, at * periods + box.to);
        }
      }
      this.cells.set(node, cells);
    }
    return cells;
  }
}

/** The marked cells: runs of periods, joined over outer members that have the same run. */
function boxesOf(cells: Uint8Array, { outer, periods }: Shape): Box[] {
  const boxes: Box[] = [];
  /** By first and last period, the place of the box that ends at the row before. */
  let above = new Map<number, number>();
  for (let at = 0; at < outer; at++) {
    const here = new Map<number, number>();
    for (let from = 0; from < periods; from++) {
      if (cells[at * periods + from] !== marked) continue;
      let to = from + 1;
      while (to < periods && cells[at * periods + to] === marked) to++;
      const key = from * (periods + 1) + to;
      const place = above.get(key);
      if (place === undefined) here.set(key, boxes.push({ outerFrom: at, outerTo: at + 1, from, to }) - 1);
      else {
        boxes[place] = { ...(boxes[place] as Box), outerTo: at + 1 };
        here.set(key, place);
      }
      from = to;
    }
    above = here;
  }
  return boxes;
}
