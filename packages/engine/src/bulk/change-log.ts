/**
 * The list of changes of one state, written while a recalculation runs and handed over at its end.
 *
 *   nodes   [ 7, 3, 9, … ]                     one entry a change, in the order of changing
 *   boxes   [ entry, outer…, periods… ] …      only for nodes of several cells, ascending by entry
 *
 * The tables are used again and grow to the largest list there was; nothing is written while nobody listens.
 */
import type { ChangeList } from "../change-list.ts";
import type { Box, NodeId } from "../formula-node.ts";
import { grownInt32 } from "../structure/growth.ts";

const boxWords = 5;

export class ChangeLog implements ChangeList {
  readonly state: number;
  revision = 0;
  count = 0;
  nodes: Int32Array = new Int32Array(16);
  private boxes: Int32Array = new Int32Array(0);
  private boxCount = 0;

  constructor(state: number) {
    this.state = state;
  }

  add(node: number, box: Box | null): void {
    if (this.count === this.nodes.length) this.nodes = grownInt32(this.nodes, this.count + 1);
    if (box !== null) this.addBox(this.count, box);
    this.nodes[this.count++] = node;
  }

  clear(): void {
    this.count = 0;
    this.boxCount = 0;
  }

  boxAt(index: number): Box {
    let low = 0;
    let high = this.boxCount;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.boxes[middle * boxWords] as number) < index) low = middle + 1;
      else high = middle;
    }
    if (low === this.boxCount || this.boxes[low * boxWords] !== index) return oneCell;
    const [outerFrom, outerTo, from, to] = this.boxes.subarray(low * boxWords + 1, (low + 1) * boxWords);
    return { outerFrom, outerTo, from, to } as Box;
  }

  ranges(): readonly (readonly [NodeId, NodeId])[] {
    const sorted = this.nodes.slice(0, this.count).sort();
    const found: [NodeId, NodeId][] = [];
    for (const node of sorted) {
      const last = found.at(-1);
      if (last !== undefined && node <= last[1]) last[1] = Math.max(last[1], node + 1) as NodeId;
      else found.push([node as NodeId, (node + 1) as NodeId]);
    }
    return found;
  }

  private addBox(entry: number, box: Box): void {
    const at = this.boxCount++ * boxWords;
    this.boxes = grownInt32(this.boxes, at + boxWords);
    this.boxes[at] = entry;
    this.boxes[at + 1] = box.outerFrom;
    this.boxes[at + 2] = box.outerTo;
    this.boxes[at + 3] = box.from;
    this.boxes[at + 4] = box.to;
  }
}

const oneCell: Box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
