/**
 * The step of one column formula outside any component. Which way it goes:
 *
 *   one cell                                    computed into a lent column, its scalar settled as a scalar node's
 *   an owned column                             in place (runs/in-place.ts)
 *   none yet, a shared one, heavy or awaited    into a draft that takes the place of the published column
 */
import type { Column, Scalar } from "@reckon/value";
import { jobOf, startHeavy, tellStarted } from "../dispatch/sent-column.ts";
import type { Box } from "../formula-node.ts";
import { computeInPlace } from "../runs/in-place.ts";
import { flagHasValue, type StateTable } from "../state/state-table.ts";
import { traitAsynchronous, traitHeavy, traitWide } from "../structure/structure.ts";
import {
  applyPins,
  draftColumn,
  endColumn,
  fillOrigins,
  isPinnedWhole,
  lendInputs,
  runKernel,
  shareInputs,
} from "./column-step.ts";
import { notMeasured } from "./costs.ts";
import { awaitColumn, computeDraft } from "./departure.ts";
import { finishColumn } from "./finish-column.ts";
import type { Graph } from "./graph.ts";
import { settleCell } from "./settle.ts";

/** Settles the node, or leaves it in flight. */
export function stepColumn(graph: Graph, state: StateTable, node: number, slot: number): void {
  if (graph.dispatch?.take(state, node, slot) === true) return;
  const traits = graph.structure.traitsOf(node);
  if ((traits & (traitHeavy | traitAsynchronous)) === 0) {
    if ((traits & traitWide) === 0) {
      stepCell(graph, state, node, slot);
      return;
    }
    const held = state.columnSlot(slot);
    if (((state.flags[slot] as number) & flagHasValue) !== 0 && !held.isShared) {
      if (computeInPlace(graph, state, node, slot, held)) return;
      const boxes = graph.lending.boxes.list();
      const out = draftColumn(graph.structure.shapeOf(node), held.column, boxes);
      computeDraft(graph, state, node, { boxes, out });
      return;
    }
  }
  draftStep(graph, state, node);
}

const theCell: Box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };

function stepCell(graph: Graph, state: StateTable, node: number, slot: number): void {
  const pin = state.parent === null ? undefined : state.pinOf(node);
  const out = graph.lending.cell();
  if (pin === undefined || !isPinnedWhole(pin, theCell)) {
    graph.computedCount++;
    if (graph.trace !== null) graph.emitBoxes("started", state, node, null);
    const began = graph.costs === null ? notMeasured : graph.costs.begin(node);
    const inputs = lendInputs(graph, state, node, out);
    const promise = runKernel(graph, node, inputs, out, theCell);
    if (promise !== undefined) {
      shareInputs(graph, state, node, out);
      graph.lending.abandon();
      awaitColumn(graph, state, node, { boxes: [theCell], out }, [promise as Promise<void>]);
      return;
    }
    if (began !== notMeasured) endColumn(graph, node, began, null);
  }
  const own = scalarIn(graph, node, out);
  // What a pin holds is no result of this node: its errors stay as they are, as in wide nodes.
  if (pin !== undefined) applyPins(out, pin, theCell);
  settleCell(graph, state, node, slot, pin === undefined ? own : out.get(0));
}

/** The scalar of a column of one cell; an error without origin begins in the node. */
function scalarIn(graph: Graph, node: number, out: Column): Scalar {
  if (out.marks === null) return out.numbers[0] as number;
  fillOrigins(graph, node, out, theCell);
  return out.get(0);
}

function draftStep(graph: Graph, state: StateTable, node: number): void {
  const pin = state.pinOf(node);
  const job = jobOf(graph, state, node);
  const { boxes, out } = job;
  // Without a cell, over an axis without members, there is nothing to compute either.
  if (boxes.every((box) => pin !== undefined && isPinnedWhole(pin, box))) {
    finishColumn(graph, state, node, out, boxes);
  } else if ((graph.structure.traitsOf(node) & traitHeavy) !== 0) startHeavy(graph, job);
  else {
    tellStarted(graph, job);
    computeDraft(graph, state, node, job);
  }
}
