/** Minimal work, seen in the engine's trace: nothing runs twice, nothing runs without a changed precedent. */
import type { Engine, EngineEvent, NodeId } from "@reckon/engine";
import { type Column, sameColumn } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { editSeed, playEdit } from "../arbitraries/edit.ts";
import { modelSeed, modelText } from "../arbitraries/model.ts";
import { cases } from "./cases.ts";
import { open } from "./open-text.ts";

type Ran = Extract<EngineEvent, { kind: "started" | "changed" }>;

/** The events of each recalculation of each state, in order. */
function recalculations(events: readonly EngineEvent[]): Ran[][] {
  const open = new Map<number, Ran[]>();
  const finished: Ran[][] = [];
  for (const event of events) {
    if (event.kind === "recalculation-started") open.set(event.state, []);
    else if (event.kind === "recalculation-finished") finished.push(open.get(event.state) ?? []);
    else if (event.kind === "started" || event.kind === "changed") open.get(event.state)?.push(event);
  }
  return finished;
}

it("no node runs twice in one recalculation", () => {
  let runs = 0;
  fc.assert(
    fc.property(modelSeed, fc.array(editSeed, { maxLength: 8 }), (seed, edits) => {
      const sheet = open(modelText(seed));
      const loops = loopNodes(sheet.engine);
      const events: EngineEvent[] = [];
      sheet.onEvent((event) => events.push(event));
      for (const edit of edits) playEdit(sheet, edit);
      for (const recalculation of recalculations(events)) {
        const ran = recalculation.filter(({ kind, node }) => kind === "started" && !loops.has(node));
        expect(new Set(ran.map(({ node }) => node)).size).toBe(ran.length);
        runs += ran.length;
      }
    }),
    cases(30),
  );
  expect(runs).toBeGreaterThan(20);
});

it("after setting a value, a node runs only when a value it reads has become another", () => {
  let runs = 0;
  fc.assert(
    fc.property(modelSeed, fc.array(editSeed, { maxLength: 8 }), (seed, edits) => {
      const sheet = open(modelText(seed));
      const { engine } = sheet;
      const components = new Components(engine);
      const events: EngineEvent[] = [];
      sheet.onEvent((event) => events.push(event));
      for (const edit of edits) {
        const before = columnsOf(engine);
        events.length = 0;
        // The first number of an edit chooses its kind; 0 to 2 set values.
        playEdit(sheet, [(edit[0] ?? 0) % 3, ...edit.slice(1)]);
        const after = columnsOf(engine);
        // Columns are compared here rather than taken from the trace, which would believe itself.
        const hasChanged = (node: NodeId) => !sameColumn(before[node] as Column, after[node] as Column);
        for (const event of events) {
          if (event.kind !== "started" || event.state !== 0) continue;
          const reads = components.of(event.node).flatMap((node) => engine.precedentsOf(node));
          expect(reads.some(hasChanged)).toBe(true);
          runs++;
        }
      }
      sheet.dispose();
    }),
    cases(60),
  );
  expect(runs).toBeGreaterThan(20);
});

it("setting a value to what it is runs nothing", () => {
  fc.assert(
    fc.property(modelSeed, (seed) => {
      const sheet = open(modelText(seed));
      const events: EngineEvent[] = [];
      sheet.onEvent((event) => events.push(event));
      for (const attribute of sheet.model.attributes.values()) {
        if (attribute.kind !== "input" || attribute.axes.length > 0) continue;
        expect(sheet.set(attribute.id, attribute.column.get(0)).ok).toBe(true);
      }
      expect(events.filter(({ kind }) => kind === "started" || kind === "changed")).toEqual([]);
    }),
    cases(25),
  );
});

/** The base's columns by node id; published columns are never written again. */
function columnsOf(engine: Engine): Column[] {
  return Array.from({ length: engine.nodeCount }, (_, node) => engine.peek(node as NodeId));
}

function loopNodes(engine: Engine): ReadonlySet<NodeId> {
  return new Set(engine.loopRecords().flatMap(({ nodes }) => nodes));
}

/** Which nodes read each other, found by walking the precedents of every node: slow and plain. */
class Components {
  readonly #engine: Engine;
  readonly #reach = new Map<NodeId, ReadonlySet<NodeId>>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  of(node: NodeId): NodeId[] {
    return [node, ...[...this.#reachOf(node)].filter((other) => this.#reachOf(other).has(node))];
  }

  #reachOf(node: NodeId): ReadonlySet<NodeId> {
    const known = this.#reach.get(node);
    if (known !== undefined) return known;
    const reached = new Set<NodeId>();
    for (const queue = [...this.#engine.precedentsOf(node)]; queue.length > 0; ) {
      const next = queue.pop() as NodeId;
      if (reached.has(next)) continue;
      reached.add(next);
      queue.push(...this.#engine.precedentsOf(next));
    }
    this.#reach.set(node, reached);
    return reached;
  }
}
