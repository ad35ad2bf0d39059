/** What an engine that yields keeps between slices: the cone of what is watched, the state that waits, the lowest unit. */
import { effect } from "@preact/signals-core";
import { describe, expect, it } from "vitest";
import type { Attribute, Engine } from "../api.ts";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import { series } from "../fixtures/columns.ts";
import type { NodeId } from "../formula-node.ts";

const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };

/** An engine whose clock goes on by one at each look: a slice computes a unit or two. */
function yielding() {
  let ms = 0;
  const later: (() => void)[] = [];
  const engine = createEngine({
    isChecked: true,
    clock: { now: () => ms++ },
    yielding: { budgetMs: 1, defer: (resume) => void later.push(resume) },
  });
  const slices = (count = Number.POSITIVE_INFINITY): void => {
    for (let done = 0; done < count && later.length > 0; done++) later.shift()?.();
  };
  return { engine, slices };
}

function chainFrom(engine: Engine, first: Attribute<number>, length: number): Attribute<number>[] {
  return engine.transaction(() => {
    const nodes = [first];
    for (let i = 0; i < length; i++)
      nodes.push(engine.computed([nodes[i] as Attribute<number>], (x) => x + 1));
    return nodes.slice(1);
  });
}

const sum: CellFamily = {
  name: "#0+#1",
  arity: 2,
  constantCount: 0,
  general: ([a, b]) => Number(a) + Number(b),
};

describe("between two slices", () => {
  it("[CO12] what a watched node reads since an edit of the structure is in its cone, too", () => {
    for (let waits = 0; waits < 20; waits++) {
      const { engine, slices } = yielding();
      const a = engine.input(0);
      const b = engine.input(0);
      const side = chainFrom(engine, a, 30);
      const last = (side.at(-1) as Attribute<number>).id;
      const watched = engine.addCell({ name: "watched", family: sum, precedents: [a.id, b.id] });
      slices();
      const seen: unknown[] = [];
      const stop = effect(() => void seen.push(engine.signalOf(watched).value.get(0)));
      a.set(100);
      slices(waits);
      engine.replace(watched, { name: "watched", family: sum, precedents: [a.id, last] });
      slices();
      stop();
      const between = seen.slice(1, -1).filter((value) => value !== 100);
      expect([seen[0], between, seen.at(-1)], `after ${waits} slices`).toEqual([0, [], 230]);
    }
  });

  it("[CO14] an overlay that is closed while it is computed leaves the next one its own work", () => {
    for (let waits = 1; waits < 60; waits++) {
      const { engine, slices } = yielding();
      const a = engine.input(0);
      const nodes = chainFrom(engine, a, 20);
      const idAt = (i: number): NodeId => (nodes[i] as Attribute<number>).id;
      const [first, second] = [engine.overlay("first"), engine.overlay("second")];
      first.pin(idAt(3), cell, series(100));
      second.pin(idAt(9), cell, series(200));
      const b = engine.input(0);
      const both = engine.computed([nodes[19] as Attribute<number>, b], (x, y) => x + y);
      slices();
      engine.transaction(() => {
        a.set(50);
        b.set(1000);
      });
      slices(waits);
      first.close();
      expect([second.readCell(idAt(8), 0), second.readCell(both.id, 0)]).toEqual([59, 1210]);
      slices();
      expect(both.value).toBe(1070);
    }
  });

  it("[CO13] what lies behind a low unit waits, however far the cone has come", () => {
    for (let waits = 1; waits < 60; waits++) {
      const { engine, slices } = yielding();
      const a = engine.input(0);
      const watched = chainFrom(engine, a, 60);
      const side = chainFrom(engine, a, 60);
      slices();
      const stop = effect(() => void watched[59]?.signal.value);
      a.set(100);
      slices(waits);
      const [near, far] = [side[15], side[40]] as [Attribute<number>, Attribute<number>];
      expect([near.value, far.value], `after ${waits} slices`).toEqual([116, 141]);
      slices();
      expect(side[59]?.value).toBe(160);
      stop();
    }
  });
});
