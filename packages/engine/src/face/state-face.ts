/** The public face of a state table: what the base and every overlay can do. */
import type { Column } from "@reckon/value";
import type { State } from "../api.ts";
import type { Box, NodeId } from "../formula-node.ts";
import { loopRecordAt, loopRecords, suspectRecords } from "../loops/loop-records.ts";
import { unconvergedCells } from "../loops/unconverged.ts";
import type { Graph } from "../recalculation/graph.ts";
import { resolveNodes } from "../recalculation/recalculate.ts";
import type { StateTable } from "../state/state-table.ts";
import type { Transaction } from "../transactions/transaction.ts";
import { guardBox, guardKind, guardNode, guardOpen, guardRead } from "./guards.ts";
import { costOf, refreshMs } from "./node-cost.ts";
import { columnSignal, peekColumn, pullColumn, statusSignal } from "./observe.ts";
import { readCell, readInto, viewColumn } from "./reading.ts";
import { statusOf } from "./status.ts";

/** The members of `State` but for `revision`, which is read anew each time. */
export type StateFace = Omit<State, "revision">;

export function stateFace(graph: Graph, state: StateTable, transaction: Transaction): StateFace {
  const checked = (node: NodeId): NodeId => {
    guardOpen(state);
    guardNode(graph, node);
    return node;
  };
  return {
    id: state.id,
    name: state.name,
    read: (node) => pullColumn(graph, state, checked(node)),
    peek: (node) => peekColumn(graph, state, checked(node)),
    view: (node) => viewColumn(graph, state, checked(node)),
    readCell: (node, cell) => readCell(graph, state, checked(node), cell),
    readInto: (node, box, out) => {
      guardRead(graph, checked(node), box, out);
      readInto(graph, state, node, box, out);
    },
    statusOf: (node) => statusOf(graph, state, checked(node)),
    signalOf: (node) => columnSignal(graph, state, checked(node)),
    statusSignalOf: (node) => statusSignal(graph, state, checked(node)),
    setCells: (node, box, cells) => {
      guardKind(graph, transaction, checked(node), false);
      guardBox(graph, transaction, node, box, cells);
      stageCells(graph, state, transaction, { node, box, cells });
    },
    changedAt: (node) => {
      const owner = state.ownerOf(checked(node));
      return owner.changedAt[owner.slotOf(node)] as number;
    },
    costOf: (node) => costOf(graph, checked(node)),
    refreshMs: (nodes) => {
      for (const node of nodes ?? []) guardNode(graph, node);
      return refreshMs(graph, state, nodes ?? liveNodes(graph));
    },
    loopRecords: () => loopRecords(graph, state),
    loopRecordAt: (node, cell) => loopRecordAt(graph, state, checked(node), cell),
    unconverged: () => unconvergedCells(graph, state, suspectRecords(graph, state)),
    refresh: (nodes) => {
      guardOpen(state);
      for (const node of nodes ?? []) guardNode(graph, node);
      if (!graph.isRunning) resolveNodes(graph, state, nodes ?? liveNodes(graph));
    },
  };
}

function stageCells(
  graph: Graph,
  state: StateTable,
  transaction: Transaction,
  write: { readonly node: NodeId; readonly box: Box; readonly cells: Column },
): void {
  const { node, box, cells } = write;
  if (state.parent !== null) {
    transaction.stage({ kind: "override", state, node, part: { kind: "cells", box, cells: cells.clone() } });
  } else if (graph.structure.isColumn(node) || transaction.replacementOf(node) !== undefined) {
    transaction.stage({ kind: "cells", node, box, cells: transaction.isOpen ? cells.clone() : cells });
  } else if (cells.length > 0) transaction.stage({ kind: "value", node, value: cells.get(0) });
}

function* liveNodes(graph: Graph): Iterable<number> {
  for (let node = 0; node < graph.structure.rows; node++) if (graph.structure.isLive(node)) yield node;
}
