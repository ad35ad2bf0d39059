/** The value of an overridden input: the parent's cells with the override's parts over them, later parts winning. */
import { type Column, errorValue } from "@reckon/value";
import { EngineError } from "../engine-error.ts";
import {
  changedBoxes,
  clearMarks,
  columnOf,
  fillError,
  simplifyMarks,
} from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import { writeScalar } from "../recalculation/scalar-step.ts";
import { hasValue, publishColumn, resolveFlags, spread } from "../recalculation/settle.ts";
import { thrownText } from "../recalculation/thrown-text.ts";
import { wholeBox } from "../state/boxes.ts";
import { flagCheck, type StateTable } from "../state/state-table.ts";
import { copyOverlap, type OverridePart } from "./override.ts";

/** Composes the value again and publishes it if it differs. The overlay owns the node. Cost: its cells. */
export function composeOverride(graph: Graph, state: StateTable, node: number): void {
  const slot = state.slotOf(node);
  const inherited = columnOf(graph, state.parent as StateTable, node);
  const out = inherited.clone();
  for (const part of state.overrides.get(node)?.parts ?? []) {
    clearMarks(out, part.box);
    if (part.kind === "cells") copyOverlap(out, part.box, part);
    else relate(graph, node, part, inherited, out);
  }
  resolveFlags(graph, state, node, slot);
  state.flags[slot] = (state.flags[slot] as number) & ~flagCheck;
  if (graph.structure.isColumn(node)) composeColumn(graph, state, node, out);
  else if (writeScalar(graph, state, node, slot, scalarResult(state, node, out))) {
    spread(graph, state, node, slot, null);
  }
}

/** A relation that throws leaves `#VALUE!` in its box, as a kernel does. */
function relate(
  graph: Graph,
  node: number,
  part: Extract<OverridePart, { kind: "relation" }>,
  inherited: Column,
  out: Column,
): void {
  try {
    part.relation(inherited, out, part.box);
  } catch (error) {
    if (error instanceof EngineError) graph.raise(error);
    fillError(graph, node, out, part.box, errorValue("#VALUE!", thrownText(error)));
  }
}

function composeColumn(graph: Graph, state: StateTable, node: number, out: Column): void {
  const slot = state.slotOf(node);
  const before = hasValue(state, slot) ? (state.valueOf(node) as Column) : null;
  const changed = changedBoxes(before, out, [wholeBox(out.shape)]);
  if (changed === null) return;
  simplifyMarks(out);
  publishColumn(graph, state, node, out, changed);
}

/** Without parts the parent's own value, which may be one that no column can hold. */
function scalarResult(state: StateTable, node: number, out: Column): unknown {
  const hasParts = (state.overrides.get(node)?.parts.length ?? 0) > 0;
  return hasParts || state.parent === null ? out.get(0) : state.parent.valueOf(node);
}
