import { columnFrom } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { EngineEvent } from "../events.ts";
import { cells, set } from "../fixtures/columns.ts";
import { one, remote, row, table, World } from "../fixtures/dispatch-world.ts";
import { mapStore } from "../fixtures/map-store.ts";
import { turn } from "../fixtures/simulated-executor.ts";
import type { MemoStore } from "../ports.ts";

const kinds = (events: readonly EngineEvent[]): string[] => events.map(({ kind }) => kind);

describe("formulas in parts", () => {
  it("[EX20] cuts a large formula, which settles as one", async () => {
    const world = new World();
    const a = world.input(table);
    const b = world.add("b", a, 1);
    await world.finish();
    world.take();
    world.edit(a, 1);
    const { sent, events } = world.take();
    expect(sent).toEqual(Array.from({ length: 6 }, () => "b 60"));
    expect(kinds(events.filter((event) => "node" in event && event.node === b))).toEqual([
      "marked",
      "started",
      ...sent.map(() => "sent"),
      "pending",
    ]);
    await world.finish();
    const later = world.take().events.filter((event) => "node" in event && event.node === b);
    expect(kinds(later)).toEqual([...sent.map(() => "answered"), "changed"]);
    expect(later.at(-1)).toMatchObject({ boxes: [{ outerFrom: 0, outerTo: 12, from: 0, to: 30 }] });
    expect(new Set(cells(world.engine, b))).toEqual(new Set([2]));
    expect(world.engine.costOf(b)).toBeCloseTo(360);
  });

  it("[EX20] fails as a whole with the first part that fails", async () => {
    const world = new World();
    const a = world.input(table);
    const b = world.add("b", a, 1);
    await world.finish();
    world.take();
    const { submit } = world.executor;
    let count = 0;
    Object.assign(world.executor, {
      submit: (...given: Parameters<typeof submit>) =>
        ++count === 3 ? Promise.resolve({ kind: "lost", message: "gone" }) : submit(...given),
    });
    world.edit(a, 1);
    await turn();
    expect(new Set(cells(world.engine, b).map((cell) => (cell as { detail?: string }).detail))).toEqual(
      new Set(["lost: gone"]),
    );
    expect(world.executor.submitted.every(({ signal }) => signal.aborted)).toBe(true);
    await world.finish();
  });

  it("[EX20] tells of the first part that failed, also where two did in one turn", async () => {
    const world = new World();
    const a = world.input(table);
    const b = world.add("b", a, 1);
    await world.finish();
    let count = 0;
    Object.assign(world.executor, {
      submit: () => Promise.resolve({ kind: "lost", message: `thread ${++count}` }),
    });
    world.edit(a, 1);
    await turn();
    expect([count, cells(world.engine, b)[0]]).toMatchObject([6, { detail: "lost: thread 1" }]);
  });

  it("[EX21] keeps the parts that an edit leaves alone", async () => {
    const world = new World();
    const a = world.input(table);
    const b = world.add("b", a, 1);
    await world.finish();
    world.take();
    world.edit(a, 1);
    const first = world.executor.submitted.splice(0);
    await world.executor.step();
    world.events.length = 0;
    set(world.engine, a, 0, 7);
    const again = world.executor.submitted.splice(0);
    expect(first.filter(({ signal }) => signal.aborted).length).toBeLessThanOrEqual(1);
    expect(again.map(({ task }) => task.box.outerFrom)).toEqual(again.map(() => expect.toBeOneOf([0, 1])));
    expect(again.length).toBeGreaterThan(0);
    expect(kinds(world.events)).toContain("dropped");
    await world.finish();
    const values = cells(world.engine, b);
    expect([values[0], new Set(values.slice(1))]).toEqual([8, new Set([2])]);
  });

  it("[EX21] gives up the parts of an edit, and no others", async () => {
    const world = new World();
    const a = world.input(table);
    const b = world.add("b", a, 1);
    await world.finish();
    world.take();
    world.edit(a, 1);
    const first = world.executor.submitted.splice(0);
    set(world.engine, a, 0, 7);
    expect(first.map(({ signal }) => signal.aborted)).toEqual([true, false, false, false, false, false]);
    await world.finish();
    expect(cells(world.engine, b).slice(0, 2)).toEqual([8, 2]);
  });

  it("[EX21] [EX7] what was put together after an edit is kept under what it was made of", async () => {
    const { kept, store } = mapStore();
    const memoStore = { ...store, lookUpMs: () => 0.001 };
    const world = new World({ memoStore });
    const a = world.input(table);
    const b = world.add("b", a, 1, { version: "b" });
    await world.finish();
    world.edit(a, 1);
    set(world.engine, a, 0, 7);
    await world.finish();
    expect(cells(world.engine, b)[0]).toBe(8);
    // Other cells than those that were there when it set out.
    set(world.engine, a, 0, 1);
    await world.finish();
    expect([cells(world.engine, b)[0], kept.size]).toEqual([2, 3]);
  });

  it("[EX18] [EX20] parts that this thread does fail as one, too", async () => {
    const world = new World({ isShared: true });
    const a = world.input(table);
    const b = world.add("b", a, 1);
    await world.finish();
    // All in one slice.
    world.price = 0;
    world.isFailing = true;
    world.edit(a, 1);
    await world.finish();
    await world.engine.settled();
    expect(cells(world.engine, b)[0]).toMatchObject({ kind: "error", code: "#VALUE!" });
    world.price = 1;
    world.isFailing = false;
    world.edit(a, 2);
    await world.finish();
    expect(cells(world.engine, b)[0]).toBe(3);
  });
});

describe("columns of a store", () => {
  it.each([
    ["sent", remote],
    ["computed here", undefined],
  ])("[EX6] are nobody's to write: %s", async (_, elsewhere) => {
    const { kept, store } = mapStore();
    const world = new World({ memoStore: { ...store, lookUpMs: () => 0.001 } });
    const a = world.input(row);
    // All cells together are looked up, one alone is computed in place.
    const b = world.add("b", a, 0.04, { version: "b", remote: elsewhere as never });
    const numbers = (): number[][] => [...kept.values()].map((column) => Array.from(column.numbers));
    for (const value of [0, 1, 0, 2, 1]) {
      if (world.clock.ms > 0) world.edit(a, value);
      await world.finish();
      const before = numbers();
      expect(before.length).toBeGreaterThan(0);
      for (let cell = 0; cell < 5; cell++) set(world.engine, a, cell, 50 + cell);
      await world.finish();
      expect(cells(world.engine, b)[4]).toBe(55);
      expect(numbers().slice(0, before.length)).toEqual(before);
    }
  });
});

describe("an edit of what is under way", () => {
  it("[EX4] [EX17] all that it reaches is sent anew together", async () => {
    const world = new World();
    const a = world.input();
    const dear = Array.from({ length: 26 }, (_, i) => world.add(`dear ${i}`, a, 0.9));
    world.take();
    world.edit(a, 1);
    expect(world.take().sent).toHaveLength(26);
    world.edit(a, 2);
    expect(world.take()).toMatchObject({ sent: { length: 26 }, here: [] });
    expect(world.executor.batches.slice(-2)).toEqual([26, 26]);
    await world.finish();
    expect(dear.map((node) => cells(world.engine, node)[0])).toEqual(dear.map(() => 3));
  });

  it("[EX21] formulas in parts of which none can stay are sent again", async () => {
    const world = new World();
    const a = world.input(table);
    const both = [world.add("b", a, 1), world.add("c", a, 1)];
    await world.finish();
    world.take();
    world.edit(a, 1);
    expect(world.take().here).toEqual([]);
    world.edit(a, 2);
    const { sent, here } = world.take();
    expect([new Set(sent.map((text) => text.split(" ")[0])), here]).toEqual([new Set(["b", "c"]), []]);
    await world.finish();
    expect(both.map((node) => cells(world.engine, node)[0])).toEqual([3, 3]);
  });
});

describe("overlays", () => {
  it("[EX22] what is missed in one turn by several states is placed in each of them", async () => {
    const asked: (() => void)[] = [];
    const memoStore: MemoStore = {
      get: () => new Promise((resolve) => asked.push(() => resolve(undefined))),
      put: () => undefined,
    };
    const world = new World({ memoStore, knownCosts: new Map([["dear", 20]]) });
    const a = world.input();
    const dear = world.add("dear", a, 20, { version: "dear" });
    const overlay = world.engine.overlay("other");
    const box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
    overlay.setCells(a, box, columnFrom(one, [5]));
    for (const answer of asked.splice(0)) answer();
    await turn();
    await world.finish();
    await world.engine.settled();
    expect([cells(world.engine, dear)[0], overlay.readCell(dear, 0)]).toEqual([1, 6]);
  });

  it("[EX18] this thread's share is each state's own", async () => {
    const world = new World({ isShared: true });
    const a = world.input();
    const dear = Array.from({ length: 12 }, (_, i) => world.add(`dear ${i}`, a, 10));
    const behind = dear.map((node, i) => world.add(`behind ${i}`, node, 0.001));
    const overlay = world.engine.overlay("other");
    const box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
    world.take();
    world.edit(a, 1);
    overlay.setCells(a, box, columnFrom(one, [5]));
    await world.finish();
    await world.engine.settled();
    expect(behind.map((node) => cells(world.engine, node)[0])).toEqual(behind.map(() => 3));
    expect(behind.map((node) => overlay.readCell(node, 0))).toEqual(behind.map(() => 7));
  });

  it("[EX18] what an edit has made pointless goes to no thread", async () => {
    const world = new World({ isShared: true });
    const a = world.input();
    for (let i = 0; i < 26; i++) world.add(`dear ${i}`, a, 10);
    const { submit } = world.executor;
    let pointless = 0;
    Object.assign(world.executor, {
      submit: (...given: Parameters<typeof submit>) => {
        if (given[1].aborted) pointless++;
        return submit(...given);
      },
    });
    world.edit(a, 1);
    world.edit(a, 2);
    await world.finish();
    expect(pointless).toBe(0);
  });

  it("[EX14] a node that is pinned whole is not sent", async () => {
    const world = new World();
    const a = world.input();
    const dear = world.add("dear", a, 40);
    const overlay = world.engine.overlay("pinned");
    const box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
    overlay.pin(dear, box, columnFrom(one, [50]));
    world.take();
    overlay.setCells(a, box, columnFrom(one, [9]));
    expect(world.take().sent).toEqual([]);
    expect(overlay.readCell(dear, 0)).toBe(50);
    await world.finish();
  });
});
