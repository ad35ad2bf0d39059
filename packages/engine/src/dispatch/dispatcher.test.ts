import { Column, columnFrom, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import type { EngineEvent } from "../events.ts";
import { cells, formula, kernel, now, set } from "../fixtures/columns.ts";
import { one, remote, row, World } from "../fixtures/dispatch-world.ts";
import { mapStore } from "../fixtures/map-store.ts";
import { turn } from "../fixtures/simulated-executor.ts";
import type { Kernel, NodeId } from "../formula-node.ts";
import type { MemoStore } from "../ports.ts";

const kinds = (events: readonly EngineEvent[]): string[] => events.map(({ kind }) => kind);

describe("the dispatcher", () => {
  it("[EX13] begins what nobody knows in slices, and decides on the rest", async () => {
    const world = new World();
    const a = world.input(row);
    world.add("dear", a, 0.5);
    const { here, sent } = world.take();
    expect(here).toEqual(["dear 1", "dear 4"]);
    expect(sent.reduce((sum, part) => sum + Number(part.split(" ")[1]), 0)).toBe(295);
    await world.finish();
    const light = new World();
    light.add("light", light.input(row), 0.001);
    expect(light.take()).toMatchObject({ here: ["light 1", "light 299"], sent: [] });
  });

  it("[EX13] sends nothing of a column that has no cells, heavy or not", async () => {
    const world = new World();
    const a = world.input({ outer: 0, periods: 1 });
    const dear = world.add("dear", a, 50, { weight: "heavy" });
    world.add("light", dear, 0.001);
    expect(world.take().sent).toEqual([]);
    await world.finish();
    expect(cells(world.engine, dear)).toEqual([]);
  });

  it("[EX14] looks at no kernel where the dirty cells are known to be light, whatever the column costs", () => {
    let looks = 0;
    const lookUpMs = (): number => {
      looks++;
      return 0.01;
    };
    const world = new World({ memoStore: { ...mapStore().store, lookUpMs } });
    const { engine } = world;
    const a = world.input(row);
    const { compute } = kernel(row, (read) => (read(0) as number) + 1);
    const b = engine.addFormula({
      name: "b",
      shape: row,
      precedents: [now(a)],
      kernel: {
        isCellwise: true,
        get weight() {
          looks++;
          return undefined as never;
        },
        compute: (inputs, out, box) => {
          world.clock.spend(0.001 * (box.to - box.from));
          return compute(inputs, out, box);
        },
      },
    });
    expect(looks).toBeGreaterThan(0);
    looks = 0;
    for (let i = 0; i < 10; i++) set(engine, a, i, 7);
    expect([looks, cells(engine, b)[9]]).toEqual([0, 8]);
    world.edit(a, 1);
    expect(looks).toBeGreaterThan(0);
  });

  it("[EX16] learns what sending costs this thread from what went together, not from one picked out of many", async () => {
    const world = new World();
    const { clock, engine } = world;
    const pair = { outer: 1, periods: 2 };
    const [a, b] = [world.input(pair), world.input(pair)];
    const { compute } = kernel(pair, (read) => read(0) as number);
    for (let i = 0; i < 200; i++) {
      const many = {
        remote,
        // Looking at it takes time, too.
        get isCellwise() {
          return clock.spend(0.01, true);
        },
        compute: (...given: Parameters<Kernel["compute"]>) => clock.spend(0.012, compute(...given)),
      };
      engine.addFormula({ name: "many", shape: pair, precedents: [now(a)], kernel: many });
    }
    world.add("picked", a, 1, { isCellwise: false });
    for (let i = 0; i < 20; i++) world.add("batch", b, 0.25);
    for (let i = 1; i <= 15; i++) {
      world.edit(a, i);
      await world.finish();
    }
    expect(new Set(world.take().sent)).toEqual(new Set(["picked 2"]));
    world.edit(b, 1);
    expect(world.take().sent.filter((text) => text === "batch 2").length).toBe(20);
    await world.finish();
  });

  it("[EX13] lets an engine that yields end its slice between two nodes", async () => {
    const later: (() => void)[] = [];
    const world = new World({ yielding: { budgetMs: 2, defer: (resume) => void later.push(resume) } });
    const a = world.input(row);
    const dear = world.engine.transaction(() =>
      Array.from({ length: 20 }, (_, i) => world.add(`dear ${i}`, a, 0.002, { remote: undefined as never })),
    );
    const names = (): number => new Set(world.take().here.map((text) => text.split(" ")[1])).size;
    const count = names();
    expect([count > 1, count < 10, later.length]).toEqual([true, true, 1]);
    while (later.length > 0) later.shift()?.();
    expect(dear.map((node) => cells(world.engine, node)[0])).toEqual(dear.map(() => 1));
  });

  it("[EX13] [EX14] computes in place until an estimate stands, and never sends light kernels", async () => {
    const world = new World();
    const a = world.input();
    world.add("once", a, 40);
    world.add("light", a, 40, { weight: "light" });
    world.add("here alone", a, 40, { remote: undefined as never });
    expect(world.take()).toMatchObject({ sent: [], here: ["once 1", "light 1", "here alone 1"] });
    world.edit(a, 1);
    expect(world.take().sent).toEqual(["once 1"]);
    await world.finish();
    expect(world.engine.figures()).toMatchObject({ dispatched: 1, msElsewhere: 40, msHere: 200 });
  });

  it("[EX14] light models ask nobody what sending costs, and look nothing up", () => {
    const { store } = mapStore();
    let asked = 0;
    const memoStore: MemoStore = {
      ...store,
      get: (key) => {
        asked++;
        return store.get(key);
      },
      lookUpMs: () => 0.001,
    };
    const world = new World({ memoStore });
    const a = world.input(row);
    let versions = 0;
    const work: Kernel = {
      ...kernel(row, (read) => read(0) as Scalar),
      isCellwise: true,
      remote,
      get version() {
        versions++;
        return "v";
      },
    };
    for (let i = 0; i < 20; i++)
      world.engine.addFormula({
        name: `light ${i}`,
        shape: row,
        precedents: [now(a)],
        kernel: Object.create(work),
      });
    for (let i = 1; i < 40; i++) world.edit(a, i);
    expect([world.executor.asked, world.take().sent.length, asked, versions]).toEqual([0, 0, 0, 0]);
  });

  it("[EX14] what does not know what sending costs gets nothing but heavy kernels", async () => {
    const world = new World();
    world.executor.isMeasured = false;
    const a = world.input();
    world.add("dear", a, 40);
    world.add("heavy", a, 40, { weight: "heavy" });
    world.edit(a, 1);
    expect(new Set(world.take().sent)).toEqual(new Set(["heavy 1"]));
    await world.finish();
  });

  it("[EX15] [EX16] one alone goes from 50 round trips on, many together from less", async () => {
    const world = new World();
    const a = world.input();
    world.add("short", a, 0.9);
    world.edit(a, 1);
    expect(world.take().sent).toEqual([]);
    for (let i = 0; i < 9; i++) world.add(`short ${i}`, a, 0.9);
    world.take();
    world.edit(a, 2);
    expect([world.take().sent, world.executor.asked]).toEqual([[], 0]);
    world.edit(a, 3);
    expect(world.take().sent).toHaveLength(10);
    await world.finish();
    expect(world.executor.batches.at(-1)).toBe(10);
  });

  it("[EX17] sends a level in one go, and goes on with what does not depend on it", async () => {
    const world = new World();
    const a = world.input();
    const dear = Array.from({ length: 4 }, (_, i) => world.add(`dear ${i}`, a, 20));
    const light = formula(world.engine, "light", one, [now(a)], (read) => (read(0) as number) * 2);
    const later = formula(world.engine, "later", one, [now(light)], (read) => (read(0) as number) * 2);
    const behind = formula(
      world.engine,
      "behind",
      one,
      [now(dear[0] as NodeId)],
      (read) => read(0) as Scalar,
    );
    world.take();
    world.edit(a, 5);
    expect(world.executor.batches).toEqual([4]);
    expect([cells(world.engine, later), world.engine.statusOf(behind)]).toEqual([[20], "pending"]);
    expect(kinds(world.take().events).filter((kind) => kind === "recalculation-started")).toHaveLength(1);
    await world.finish();
    expect([cells(world.engine, behind), world.engine.statusOf(behind)]).toEqual([[6], "fresh"]);
  });

  it("[EX19] takes in what comes in one turn by one recalculation", async () => {
    const world = new World();
    const a = world.input();
    for (let i = 0; i < 2; i++) world.add(`dear ${i}`, a, 20);
    world.edit(a, 5);
    world.take();
    // Each thread has one, and both end at the same time.
    await world.executor.step();
    const events = kinds(world.take().events);
    expect(events.filter((kind) => kind === "changed")).toHaveLength(2);
    expect(events.filter((kind) => kind === "recalculation-started").length).toBeLessThanOrEqual(1);
  });

  it("[EX18] does its share when light work is done, and the rest between answers", async () => {
    const world = new World({ isShared: true });
    const a = world.input();
    const dear = Array.from({ length: 26 }, (_, i) => world.add(`dear ${i}`, a, 10));
    world.take();
    world.edit(a, 1);
    const { sent, here } = world.take();
    expect([sent.length, here.length, world.deferred.length]).toEqual([16, 1, 1]);
    const began = world.clock.ms;
    await world.finish();
    expect(world.take().here.length).toBe(9);
    expect(world.clock.ms - began).toBeLessThan(100);
    expect(dear.map((node) => cells(world.engine, node)[0])).toEqual(dear.map(() => 2));
  });

  it("[EX18] leaves this thread a core while it has something to do, and no longer", async () => {
    const world = new World({ isShared: true, cores: 2 });
    const a = world.input();
    const dear = Array.from({ length: 26 }, (_, i) => world.add(`dear ${i}`, a, 10));
    world.take();
    world.edit(a, 1);
    const first = world.executor.submitted.splice(0);
    // The last ones keep this thread no longer busy.
    expect(first.length).toBeGreaterThan(8);
    expect(first.map(({ task }) => task.threadsMax)).toEqual(first.map(() => 1));
    await world.finish();
    expect(dear.map((node) => cells(world.engine, node)[0])).toEqual(dear.map(() => 2));
    const live = new World();
    const b = live.input();
    for (let i = 0; i < 26; i++) live.add(`dear ${i}`, b, 10);
    live.executor.submitted.splice(0);
    live.edit(b, 1);
    expect(new Set(live.executor.submitted.map(({ task }) => task.threadsMax))).toEqual(new Set([undefined]));
  });

  it("[EX18] sends the first of many before the others are begun", async () => {
    const world = new World({ isShared: true, cores: 2 });
    const a = world.input();
    for (let i = 0; i < 200; i++) world.add(`dear ${i}`, a, 0.1);
    await world.finish();
    world.executor.batches.splice(0);
    world.take();
    world.edit(a, 1);
    const [ahead = 0, ...others] = world.executor.batches;
    expect([ahead > 0, ahead <= 25, others.length]).toEqual([true, true, 1]);
    const events = kinds(world.take().events);
    expect(events.indexOf("sent")).toBeLessThan(events.lastIndexOf("started"));
    await world.finish();
  });

  it("[EX18] computes here what is ready alone, and divides what is left when the threads have run dry", async () => {
    const world = new World({ isShared: true });
    const a = world.input();
    const first = world.add("first", a, 10, { isCellwise: false });
    const second = world.add("second", first, 10, { isCellwise: false });
    world.take();
    world.edit(a, 1);
    expect(world.take()).toMatchObject({ sent: [], here: ["first 1", "second 1"] });
    expect([cells(world.engine, second), world.deferred.length]).toEqual([[3], 0]);
    // The estimate of these is far too high for this thread, far too low for the others.
    const many = Array.from({ length: 26 }, (_, i) => world.add(`many ${i}`, a, 10));
    world.edit(a, 2);
    const before = world.take().sent.length;
    for (let i = 0; i < 16; i++) await world.executor.step();
    for (let i = 0; i < 3; i++) {
      for (const resume of world.deferred.splice(0)) resume();
      await turn();
    }
    expect([before, world.take().sent.length > 0]).toEqual([17, true]);
    await world.finish();
    expect(many.map((node) => cells(world.engine, node)[0])).toEqual(many.map(() => 3));
  });

  it("[EX17] costly formulas that somebody asks for together are sent together", async () => {
    const world = new World({ lazyAboveMs: 100 });
    const a = world.input();
    const costly = Array.from({ length: 4 }, (_, i) => world.add(`costly ${i}`, a, 200));
    world.take();
    world.edit(a, 1);
    expect(world.take()).toMatchObject({ sent: [], here: [] });
    world.engine.refresh();
    expect(world.take()).toMatchObject({ sent: { length: 4 }, here: [] });
    await world.finish();
    expect(costly.map((node) => cells(world.engine, node)[0])).toEqual([2, 2, 2, 2]);
  });

  it("[EX4] what has become costly is given up by an edit although nobody asks for it again", async () => {
    const world = new World({ lazyAboveMs: 100 });
    const a = world.input();
    const costly = world.add("costly", a, 200);
    world.edit(a, 1);
    world.engine.refresh();
    const [first] = world.executor.submitted;
    world.edit(a, 2);
    expect([first?.signal.aborted, world.engine.statusOf(costly)]).toEqual([true, "stale"]);
    await world.finish();
    expect(world.engine.statusOf(costly)).toBe("stale");
    world.engine.refresh();
    await world.finish();
    expect(cells(world.engine, costly)).toEqual([3]);
  });

  it("[EX16] one bad measurement of this thread's own work does not end sending", async () => {
    const world = new World();
    const a = world.input();
    for (let i = 0; i < 40; i++) world.add(`dear ${i}`, a, 1);
    world.take();
    const { submit } = world.executor;
    let isSlow = true;
    Object.assign(world.executor, {
      submit: (...given: Parameters<typeof submit>) => {
        const answer = submit(...given);
        // It is interrupted for long.
        if (isSlow) world.clock.spend(50);
        return answer;
      },
    });
    world.edit(a, 1);
    expect(world.take().sent).toHaveLength(40);
    await world.finish();
    isSlow = false;
    world.edit(a, 2);
    expect(world.take().sent).toHaveLength(40);
    await world.finish();
  });

  it("[EX22] looks up what is known to be dear, and stores what turns out to be", async () => {
    const { store, kept } = mapStore();
    const memoStore: MemoStore = { ...store, lookUpMs: () => 0.1 };
    const world = new World({ memoStore });
    const a = world.input();
    const dear = world.add("dear", a, 11, { version: "dear", remote: undefined as never });
    world.add("cheap", a, 1.9, { version: "cheap", remote: undefined as never });
    world.add("light", a, 11, { version: "light", weight: "light" });
    world.edit(a, 1);
    expect([kept.size, world.take().here.length]).toEqual([1, 6]);
    world.edit(a, 2);
    world.take();
    world.edit(a, 1);
    expect([world.take().here, cells(world.engine, dear)]).toEqual([["cheap 1", "light 1"], [2]]);
    expect(world.engine.figures().reused).toBe(1);
    const begun = new World({ memoStore });
    begun.add("begun", begun.input(row), 0.1, { version: "begun", remote: undefined as never });
    expect(kept.size).toBe(3);
  });

  it("[EX22] asks for a level in one turn, and decides on what is missed together", async () => {
    const asked: ((column: Column | undefined) => void)[] = [];
    const memoStore: MemoStore = {
      get: () => new Promise((resolve) => asked.push(resolve)),
      put: () => undefined,
    };
    const knownCosts = new Map([["dear", 20]]);
    const world = new World({ memoStore, knownCosts });
    const a = world.input();
    const dear = world.engine.transaction(() =>
      Array.from({ length: 5 }, (_, i) => world.add(`dear ${i}`, a, 20, { version: "dear" })),
    );
    expect([asked.length, world.take().sent]).toEqual([5, []]);
    asked.shift()?.(columnFrom(one, [99]));
    for (const answer of asked) answer(undefined);
    await turn();
    expect([world.executor.batches, cells(world.engine, dear[4] as NodeId)[0] === 99]).toEqual([[4], true]);
    await world.finish();
    expect(dear.map((node) => cells(world.engine, node)[0]).sort()).toEqual([1, 1, 1, 1, 99]);
    expect(world.engine.costsByVersion().get("dear")).toBeCloseTo(20);
  });

  it("[EX22] keeps nothing of pinned nodes, whose cells are no results", () => {
    const { store, kept } = mapStore();
    const engine = createEngine({ memoStore: store, isChecked: true });
    const a = engine.addInput({ name: "a", shape: row, column: new Column(row) });
    const work = {
      ...kernel(row, (read) => (read(0) as number) + 1),
      weight: "heavy" as const,
      version: "v",
    };
    const b = engine.addFormula({ name: "b", shape: row, precedents: [now(a)], kernel: work });
    const overlay = engine.overlay("pinned");
    overlay.pin(b, { outerFrom: 0, outerTo: 1, from: 0, to: 1 }, columnFrom(one, [50]));
    const before = kept.size;
    overlay.setCells(a, { outerFrom: 0, outerTo: 1, from: 3, to: 4 }, columnFrom(one, [9]));
    expect([overlay.readCell(b, 0), overlay.readCell(b, 3), kept.size]).toEqual([50, 10, before]);
    set(engine, a, 3, 9);
    expect(engine.readCell(b, 0)).toBe(1);
  });

  it("[EX23] tells what was sent, and who answered in what time", async () => {
    const world = new World();
    const a = world.input();
    const b = world.add("b", a, 40);
    world.edit(a, 1);
    await world.finish();
    const own = world.take().events.filter((event) => event.kind === "sent" || event.kind === "answered");
    const box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
    const task = expect.any(Number);
    expect(own).toEqual([
      { kind: "sent", state: 0, node: b, task, box },
      { kind: "answered", state: 0, node: b, task, box, outcome: "done", ms: 40, worker: 1 },
    ]);
    expect(world.engine.figures()).toEqual({
      computed: 2,
      reused: 0,
      dispatched: 1,
      msHere: 40,
      msElsewhere: 40,
    });
  });
});
