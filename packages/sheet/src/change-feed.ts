/**
 * The feed of changes: from the engine's events to "these cells of these attributes, in this scenario".
 *
 * The engine tells what changed state by state. A scenario also sees the changes of the states below it wherever it
 * has no values of its own, so the changes of a state are handed up through the overlays that read through to it.
 *
 * Events of one edit are gathered and reported together when the edit is done; those of a late result (an
 * asynchronous formula) when its recalculation is finished. Boxes become flat cell ranges, merged where they touch.
 * Nothing is subscribed, and the engine traces nothing, while nobody listens.
 */
import type {
  Box,
  Engine,
  EngineEvent,
  EventListener,
  NodeId,
  Overlay,
  State,
  StateId,
} from "@reckon/engine";
import type { Plan } from "@reckon/plan";
import type { ChangedBoxes, ScenarioName } from "./api.ts";

type ChangeListener = (scenario: ScenarioName, changes: readonly ChangedBoxes[]) => void;

/** The states that have a name, those below before those above. */
export interface NamedState {
  readonly name: ScenarioName;
  readonly state: State | Overlay;
}

export class ChangeFeed {
  readonly #engine: Engine;
  readonly #plan: Plan;
  readonly #states: () => readonly NamedState[];
  readonly #listeners: Set<ChangeListener> = new Set();
  #stop: (() => void) | undefined;
  #gathered: Map<StateId, Map<NodeId, Box[]>> = new Map();
  #openEdits = 0;

  constructor(engine: Engine, plan: Plan, states: () => readonly NamedState[]) {
    this.#engine = engine;
    this.#plan = plan;
    this.#states = states;
  }

  listen(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    this.#stop ??= this.#engine.subscribe(this.#gather);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** Runs an edit and reports what it changed when it is done. */
  during<R>(edit: () => R): R {
    this.#openEdits++;
    try {
      return edit();
    } finally {
      this.#openEdits--;
      if (this.#openEdits === 0) this.#report();
    }
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#listeners.clear();
    this.#gathered.clear();
  }

  readonly #gather: EventListener = (event: EngineEvent) => {
    if (event.kind === "changed") {
      let nodes = this.#gathered.get(event.state);
      if (nodes === undefined) {
        nodes = new Map();
        this.#gathered.set(event.state, nodes);
      }
      const boxes = nodes.get(event.node);
      if (boxes === undefined) nodes.set(event.node, [...event.boxes]);
      else boxes.push(...event.boxes);
    } else if (event.kind === "recalculation-finished" && this.#openEdits === 0) this.#report();
  };

  #report(): void {
    if (this.#gathered.size === 0) return;
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const { name, state } of this.#states()) {
      const nodes = seenBy(state, gathered);
      const changes = [...nodes].flatMap(([node, boxes]) => this.#changeOf(node, boxes));
      if (changes.length > 0) for (const listener of [...this.#listeners]) listener(name, changes);
    }
  }

  #changeOf(node: NodeId, boxes: readonly Box[]): readonly ChangedBoxes[] {
    const attribute = this.#plan.attributeOf(node);
    if (attribute === undefined) return [];
    const { periods } = this.#engine.shapeOf(node);
    return [{ attribute, cells: rangesOf(boxes, periods) }];
  }
}

/** The changes that a state shows: its own, and those below it of nodes that it does not own. */
function seenBy(
  state: State | Overlay,
  gathered: ReadonlyMap<StateId, ReadonlyMap<NodeId, readonly Box[]>>,
): ReadonlyMap<NodeId, readonly Box[]> {
  const seen = new Map<NodeId, readonly Box[]>();
  const above: Overlay[] = [];
  for (
    let at: State | Overlay | undefined = state;
    at !== undefined;
    at = isOverlay(at) ? at.parent : undefined
  ) {
    for (const [node, boxes] of gathered.get(at.id) ?? [])
      if (!above.some((overlay) => overlay.owns(node))) seen.set(node, boxes);
    if (isOverlay(at)) above.push(at);
  }
  return seen;
}

export function isOverlay(state: State | Overlay): state is Overlay {
  return "parent" in state;
}

/** Flat half-open cell ranges of some boxes, ascending and merged. */
export function rangesOf(boxes: readonly Box[], periods: number): { from: number; to: number }[] {
  const rows: { from: number; to: number }[] = [];
  for (const { outerFrom, outerTo, from, to } of boxes) {
    if (to - from === periods) rows.push({ from: outerFrom * periods, to: outerTo * periods });
    else
      for (let outer = outerFrom; outer < outerTo; outer++)
        rows.push({ from: outer * periods + from, to: outer * periods + to });
  }
  rows.sort((a, b) => a.from - b.from);
  const merged: { from: number; to: number }[] = [];
  for (const row of rows) {
    const last = merged.at(-1);
    if (last !== undefined && row.from <= last.to) last.to = Math.max(last.to, row.to);
    else merged.push(row);
  }
  return merged;
}
