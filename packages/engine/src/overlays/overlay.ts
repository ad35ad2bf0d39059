/** Opening and closing overlays, and the face of an open one. */
import type { Overlay, State } from "../api.ts";
import { EngineError } from "../engine-error.ts";
import { guardBox, guardKind, guardNode, guardOpen, guardPart } from "../face/guards.ts";
import { stateFace } from "../face/state-face.ts";
import { giveUpFlight } from "../recalculation/departure.ts";
import type { Graph } from "../recalculation/graph.ts";
import { StateTable } from "../state/state-table.ts";
import type { Transaction } from "../transactions/transaction.ts";
import { ownAlike } from "./ownership.ts";

export interface OverlayRegistry {
  readonly tables: WeakMap<State, StateTable>;
  nextId: number;
}

/** Opens an overlay that owns nothing yet. Cost: constant, whatever the size of the graph. */
export function openOverlay(
  graph: Graph,
  transaction: Transaction,
  registry: OverlayRegistry,
  opening: { readonly name: string; readonly parent: State },
): Overlay {
  transaction.guard();
  const parent = registry.tables.get(opening.parent);
  if (parent === undefined || parent.isClosed) {
    throw new EngineError("engine/foreign-state", {
      expected: "an open state of this engine as the parent",
      found: opening.parent.name,
      remedy: "give this engine itself or one of its open overlays",
    });
  }
  const state = new StateTable(registry.nextId++, opening.name, parent);
  state.revision = parent.revision;
  return enter(graph, transaction, registry, { state, parent: opening.parent });
}

/**
 * Opens an overlay that says and shows what `model` does, over the same parent; columns are shared until one of the two
 * changes. Cost: the nodes that `model` owns; nothing is computed.
 */
function copyOverlay(
  graph: Graph,
  transaction: Transaction,
  registry: OverlayRegistry,
  opening: { readonly name: string; readonly parent: State; readonly model: StateTable },
): Overlay {
  transaction.guard();
  const { model } = opening;
  guardOpen(model);
  const state = new StateTable(registry.nextId++, opening.name, model.parent);
  state.revision = model.revision;
  for (const [node, { parts }] of model.overrides) state.overrides.set(node, { parts: [...parts] });
  for (const [node, { parts }] of model.pins) state.pins.set(node, { parts: [...parts] });
  ownAlike(state, model);
  return enter(graph, transaction, registry, { state, parent: opening.parent });
}

function enter(
  graph: Graph,
  transaction: Transaction,
  registry: OverlayRegistry,
  opened: { readonly state: StateTable; readonly parent: State },
): Overlay {
  const { state } = opened;
  (state.parent as StateTable).children.push(state);
  graph.states.push(state);
  const overlay = overlayFace(graph, transaction, registry, opened);
  registry.tables.set(overlay, state);
  return overlay;
}

function overlayFace(
  graph: Graph,
  transaction: Transaction,
  registry: OverlayRegistry,
  { state, parent }: { readonly state: StateTable; readonly parent: State },
): Overlay {
  const checkedNode = (node: number, isFormula: boolean): void => {
    guardOpen(state);
    guardKind(graph, transaction, node, isFormula);
  };
  const ownFace: Omit<Overlay, keyof State> = {
    parent,
    relate: (node, box, relation) => {
      checkedNode(node, false);
      guardPart(graph, transaction, node, box);
      transaction.stage({ kind: "override", state, node, part: { kind: "relation", box, relation } });
    },
    clearOverride: (node) => {
      guardOpen(state);
      guardNode(graph, node);
      transaction.stage({ kind: "clear-override", state, node });
    },
    isOverridden: (node) => state.overrides.has(node) || state.pins.has(node),
    owns: (node) => {
      guardNode(graph, node);
      return state.slotOf(node) >= 0;
    },
    pin: (node, box, cells) => {
      checkedNode(node, true);
      guardBox(graph, transaction, node, box, cells);
      transaction.stage({ kind: "pin", state, node, box, cells: cells.clone() });
    },
    unpin: (node) => {
      guardOpen(state);
      guardNode(graph, node);
      transaction.stage({ kind: "unpin", state, node });
    },
    copy: (name) => copyOverlay(graph, transaction, registry, { name, parent, model: state }),
    close: () => {
      transaction.guard();
      closeOverlay(graph, state);
    },
  };
  const face = { ...stateFace(graph, state, transaction), ...ownFace };
  return Object.defineProperty(face, "revision", {
    get: () => state.revision,
    enumerable: true,
  }) as Overlay;
}

/** Frees the overlay and those over it. */
function closeOverlay(graph: Graph, state: StateTable): void {
  if (state.isClosed) return;
  const closing = [state];
  for (let i = 0; i < closing.length; i++) closing.push(...(closing[i] as StateTable).children);
  for (const one of closing.reverse()) {
    for (const node of [...one.flights.keys()]) giveUpFlight(graph, one, node, "the overlay was closed");
    one.isClosed = true;
    one.seeds = [];
    one.edits = [];
    one.children.length = 0;
    graph.states.splice(graph.states.indexOf(one), 1);
  }
  const siblings = (state.parent as StateTable).children;
  siblings.splice(siblings.indexOf(state), 1);
  graph.wakeWaiters();
}
