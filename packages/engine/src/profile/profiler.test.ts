import { columnFrom } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Overlay } from "../api.ts";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import type { EngineEvent } from "../events.ts";
import { formula, input, lag, mutual, now } from "../fixtures/columns.ts";
import { TestClock } from "../fixtures/simulated-executor.ts";
import { loopEngine } from "../fixtures/timed.ts";
import type { NodeId } from "../formula-node.ts";
import type { Profile, ProfiledNode } from "./profile.ts";
import { createProfiler, profileOf } from "./profiler.ts";
import { speedscopeOf } from "./speedscope.ts";

const rowsOf = (profile: Profile): Record<string, Partial<ProfiledNode>> =>
  Object.fromEntries(profile.nodes.map((node) => [`${node.name} in ${node.state}`, node]));
const one = { outer: 1, periods: 1 };
const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };

/** Every span lies inside the one around it, behind its sisters, and has a named frame. */
function expectNested({ spans, frames }: Profile): void {
  const open: { to: number; last: number }[] = [];
  let rootEnd = 0;
  for (const { frame, depth, from, to } of spans) {
    expect(frames[frame]?.name).toBeTruthy();
    expect(depth).toBeLessThanOrEqual(open.length);
    open.length = depth;
    const outer = open.at(-1);
    expect(from).toBeGreaterThanOrEqual(outer?.last ?? rootEnd);
    expect(to).toBeGreaterThanOrEqual(from);
    if (outer === undefined) rootEnd = to;
    else {
      expect(to).toBeLessThanOrEqual(outer.to + 1e-9);
      outer.last = to;
    }
    open.push({ to, last: from });
  }
}

/** `level 1 › price` for every span of a node, in order. */
function paths({ spans, frames }: Profile): string[] {
  const open: string[] = [];
  return spans.map(({ frame, depth }) => {
    open.length = depth;
    open.push(frames[frame]?.name ?? "?");
    return open.join(" › ");
  });
}

describe("nodes", () => {
  it("[PF1] are told with computations, cells, changes and their own time", () => {
    const clock = new TestClock();
    const engine = createEngine();
    const a = engine.input(1, { name: "a" });
    const half = engine.computed([a], (x) => clock.spend(2, Math.floor(x / 2)), { name: "half" });
    engine.computed([half], (x) => clock.spend(5, x + 1), { name: "next" });
    const profiler = profileOf(engine, clock);
    a.set(2);
    a.set(3);
    const profile = profiler.stop();
    expect(
      profile.nodes.map(({ name, computations, changes, ms }) => [name, computations, changes, ms]),
    ).toEqual([
      ["next", 1, 1, 5],
      ["half", 2, 1, 4],
    ]);
    expect(profile.ms).toBe(9);
    expect(profiler.stop()).toBe(profile);
    a.set(9);
    expect(profile.nodes).toHaveLength(2);
  });

  it("[PF1] of columns count the cells that were computed, and the bytes that they hold", () => {
    const clock = new TestClock();
    const engine = createEngine();
    const a = input(engine, "a", 1, 2, 3, 4);
    const shape = { outer: 1, periods: 4 };
    formula(engine, "double", shape, [now(a)], (read) => clock.spend(1, 2 * (read(0) as number)));
    const profiler = profileOf(engine, clock);
    engine.setCells(
      a,
      { outerFrom: 0, outerTo: 1, from: 1, to: 3 },
      columnFrom({ outer: 1, periods: 2 }, [7, 8]),
    );
    expect(rowsOf(profiler.stop())).toMatchObject({
      "double in base": { computations: 1, cells: 2, ms: 2, bytes: 32, level: 1 },
    });
  });

  it("[PF1] are told apart by state", () => {
    const clock = new TestClock();
    const engine = createEngine();
    const price = engine.input(10, { name: "price" });
    engine.computed([price], (p) => clock.spend(1, p * 5), { name: "revenue" });
    const cheaper: Overlay = engine.overlay("cheaper");
    const profiler = createProfiler(clock);
    profiler.follow(engine, (id) => (id === cheaper.id ? cheaper : undefined));
    cheaper.setCells(price.id, cell, columnFrom(one, [8]));
    const profile = profiler.stop();
    expect(Object.keys(rowsOf(profile))).toEqual(["revenue in cheaper"]);
    expect(profile.phases.map(({ name, subject }) => `${name} ${subject}`)).toEqual(["calculate cheaper"]);
  });

  it("[PF1] without an object of their own are told one by one, from their first value on", () => {
    const clock = new TestClock();
    const engine = createEngine();
    const profiler = profileOf(engine, clock);
    const family: CellFamily = {
      name: "#0+?",
      arity: 1,
      constantCount: 1,
      plain: (numbers, pool, at, constants, constantAt) =>
        clock.spend(1, (numbers[pool[at] as number] as number) + (constants[constantAt] as number)),
      general: ([a], constants, constantAt) =>
        clock.spend(1, typeof a === "number" ? a + (constants[constantAt] as number) : null),
    };
    const first = engine.addCellInputs({ values: new Float64Array(100) });
    const precedents = Int32Array.from({ length: 100 }, (_, i) => first + i);
    const constants = new Float64Array(100).fill(2);
    engine.addCells({ family, count: 100, precedents, constants, nameAt: (i) => `cell ${i}` });
    engine.setNumbers(first, Float64Array.of(7, 8));
    const rows = rowsOf(profiler.stop());
    expect(Object.keys(rows)).toHaveLength(100);
    expect(rows["cell 1 in base"]).toMatchObject({ computations: 2, cells: 2, changes: 2, ms: 2, bytes: 8 });
    expect(rows["cell 2 in base"]).toMatchObject({ computations: 1, ms: 1 });
  });

  it("[PF1] keep their names when they are removed meanwhile", () => {
    const engine = createEngine();
    const a = input(engine, "a", 1);
    const b = formula(engine, "b", one, [now(a)], (read) => read(0) as number);
    const profiler = profileOf(engine, new TestClock());
    engine.setCells(a, cell, columnFrom(one, [2]));
    engine.remove(b);
    expect(rowsOf(profiler.stop())).toMatchObject({ "b in base": { computations: 1, bytes: 0 } });
  });
});

describe("levels", () => {
  it("[PF2] stand around their nodes, and say how many and how long", () => {
    const clock = new TestClock();
    const engine = createEngine();
    const a = engine.input(1, { name: "a" });
    const b = engine.computed([a], (x) => clock.spend(1, x + 1), { name: "b" });
    const c = engine.computed([a], (x) => clock.spend(2, x + 2), { name: "c" });
    engine.computed([b, c], (x, y) => clock.spend(4, x + y), { name: "d" });
    const profiler = profileOf(engine, clock);
    a.set(5);
    const profile = profiler.stop();
    expect(profile.levels).toEqual([
      { state: "base", from: 1, to: 2, computations: 2, ms: 3 },
      { state: "base", from: 2, to: 3, computations: 1, ms: 4 },
    ]);
    // In which order the nodes of a level come is left open.
    expect(paths(profile).sort()).toEqual([
      "calculate base",
      "calculate base › level 1",
      "calculate base › level 1 › b",
      "calculate base › level 1 › c",
      "calculate base › level 2",
      "calculate base › level 2 › d",
    ]);
    expectNested(profile);
  });

  it("[PF2] are put together where there are more than a thousand", () => {
    const engine = createEngine();
    const head = engine.input(1);
    let last = engine.computed([head], (x) => x + 1);
    for (let i = 1; i < 2500; i++) last = engine.computed([last], (x) => (x as number) + 1);
    const profiler = profileOf(engine, new TestClock());
    head.set(2);
    const { levels } = profiler.stop();
    expect(levels.length).toBeLessThanOrEqual(1000);
    expect(levels.reduce((sum, level) => sum + level.computations, 0)).toBe(2500);
    expect([levels[0]?.from, levels.at(-1)?.to]).toEqual([1, 2501]);
  });
});

describe("an engine that yields", () => {
  it("[PF15] has a calculation a slice, and what goes on between slices is in none", () => {
    const clock = new TestClock();
    const later: (() => void)[] = [];
    const engine = createEngine({
      clock,
      yielding: { budgetMs: 10, defer: (resume) => void later.push(resume) },
    });
    const a = engine.input(1, { name: "a" });
    for (let i = 0; i < 30; i++) engine.computed([a], (x) => clock.spend(1, x + i), { name: `b${i}` });
    while (later.length > 0) later.shift()?.();
    const profiler = profileOf(engine, clock);
    a.set(2);
    while (later.length > 0) {
      clock.spend(1000);
      later.shift()?.();
    }
    const profile = profiler.stop();
    expect(profile.nodes.map(({ computations, ms }) => [computations, ms])).toEqual(
      new Array(30).fill([1, 1]),
    );
    expect(profile.ms).toBe(30);
    expect(profile.phases).toMatchObject([{ name: "calculate", subject: "base", ms: 30 }]);
    expect(profile.phases[0]?.count).toBeGreaterThan(2);
    expectNested(profile);
  });
});

describe("components", () => {
  it("[PF3] are frames in which each member has one span, as long as all its kernel calls", () => {
    const clock = new TestClock();
    const { engine, rate } = loopEngine(clock);
    const profiler = profileOf(engine, clock);
    engine.setCells(
      rate,
      { outerFrom: 0, outerTo: 1, from: 1, to: 3 },
      columnFrom({ outer: 1, periods: 2 }, [0.2, 0.2]),
    );
    const profile = profiler.stop();
    const rows = rowsOf(profile);
    const [loop] = profile.loops;
    expect(loop).toMatchObject({ kind: "loop", name: "debt.loop", nodes: ["debt", "interest"] });
    const records = engine.loopRecords().filter(({ period }) => period >= 1);
    const sum = (count: (record: (typeof records)[number]) => number): number =>
      records.reduce((total, record) => total + count(record), 0);
    expect(loop).toMatchObject({
      solves: records.length,
      iterations: sum(({ iterations }) => iterations),
      sweeps: sum(({ sweeps }) => sweeps),
      unconverged: 0,
    });
    expect(loop?.iterations).toBeGreaterThan(2);
    const { ms: debtMs = 0 } = rows["debt in base"] ?? {};
    const { ms: interestMs = 0 } = rows["interest in base"] ?? {};
    expect(debtMs % 3).toBe(0);
    expect(debtMs).toBeGreaterThanOrEqual(6);
    expect(interestMs).toBeGreaterThanOrEqual(2);
    expect(loop?.ms).toBe(debtMs + interestMs);
    expect(paths(profile)).toEqual([
      "calculate base",
      "calculate base › level 1",
      "calculate base › level 1 › loop debt.loop",
      "calculate base › level 1 › loop debt.loop › debt",
      "calculate base › level 1 › loop debt.loop › interest",
    ]);
    expectNested(profile);
  });

  it("[PF3] that step one node through time are a recurrence, which is all its own", () => {
    const clock = new TestClock();
    const engine = createEngine();
    const a = input(engine, "a", 1, 1, 1, 1);
    const shape = { outer: 1, periods: 4 };
    mutual(engine, shape, ["sum"], ([self]) => [
      {
        precedents: [lag(self as NodeId), now(a)],
        kernel: {
          compute: ([past, read], out, box) => {
            for (let t = box.from; t < box.to; t++) {
              clock.spend(2);
              out.set(t, (t === 0 ? 0 : (past?.numbers[t - 1] ?? 0)) + (read?.numbers[t] ?? 0));
            }
          },
        },
      },
    ]);
    const profiler = profileOf(engine, clock);
    engine.setCells(a, { outerFrom: 0, outerTo: 1, from: 2, to: 3 }, columnFrom(one, [5]));
    const profile = profiler.stop();
    expect(profile.loops).toMatchObject([{ kind: "recurrence", name: "sum", iterations: 0, ms: 4 }]);
    expect(rowsOf(profile)).toMatchObject({ "sum in base": { computations: 1, cells: 2, ms: 4 } });
    expectNested(profile);
  });

  it("[PF11] begin and end in the trace, with what each member took where a listener gives a clock", () => {
    const clock = new TestClock();
    const { engine, rate } = loopEngine(clock);
    const heard: EngineEvent[] = [];
    const change = (value: number) => engine.setCells(rate, cell, columnFrom(one, [value]));
    const stop = engine.subscribe((event) => heard.push(event));
    change(0.3);
    const finished = () => heard.find((event) => event.kind === "component-finished");
    expect(heard.find((event) => event.kind === "component-started")).toMatchObject({ loop: "debt.loop" });
    expect(finished()).not.toHaveProperty("ms");
    stop();
    heard.length = 0;
    engine.subscribe((event) => heard.push(event), { clock });
    change(0.4);
    expect(finished()).toMatchObject({ ms: [expect.any(Number), expect.any(Number)] });
    const kinds = heard.map(({ kind }) => kind);
    expect(kinds.indexOf("component-started")).toBeLessThan(kinds.indexOf("iterated"));
    expect(kinds.indexOf("component-finished")).toBeGreaterThan(kinds.lastIndexOf("changed"));
  });
});

describe("waiting", () => {
  it("[PF4] is told apart from computing, by node and on the whole", async () => {
    const clock = new TestClock();
    const engine = createEngine();
    let answer: (value: number) => void = () => {};
    const a = engine.input(1, { name: "a" });
    engine.computed(
      [a],
      (x) => {
        clock.spend(2);
        return new Promise<number>((resolve) => {
          answer = () => resolve(x * 2);
        });
      },
      { name: "slow" },
    );
    answer(0);
    await engine.settled();
    const profiler = profileOf(engine, clock);
    a.set(2);
    clock.spend(30);
    answer(0);
    await engine.settled();
    const profile = profiler.stop();
    expect(rowsOf(profile)).toMatchObject({
      "slow in base": { computations: 1, changes: 1, ms: 2, waitedMs: 30 },
    });
    expect(profile.phases.find(({ name }) => name === "waiting")).toMatchObject({ count: 1, ms: 30 });
    expect(paths(profile)).toContain("waiting");
    expect(profile.ms).toBe(32);
    expectNested(profile);
  });

  it("[PF4] ends with the profile, and where the answer is not wanted any more", async () => {
    const clock = new TestClock();
    const engine = createEngine();
    const a = engine.input(1, { name: "a" });
    engine.computed([a], () => new Promise<number>(() => {}), { name: "never" });
    const profiler = profileOf(engine, clock);
    a.set(2);
    clock.spend(5);
    a.set(3);
    clock.spend(7);
    const profile = profiler.stop();
    expect(rowsOf(profile)).toMatchObject({ "never in base": { computations: 2, changes: 0, waitedMs: 12 } });
    expect(profile.phases.find(({ name }) => name === "waiting")?.ms).toBe(12);
  });
});

describe("phases", () => {
  it("[PF5] have their own time, without the phases inside them", () => {
    const clock = new TestClock();
    const profiler = createProfiler(clock);
    profiler.begin("lay");
    clock.spend(3);
    profiler.beginCode();
    clock.spend(4);
    profiler.endCode();
    profiler.begin("calculate", "base");
    clock.spend(5);
    profiler.end();
    profiler.end();
    profiler.begin("lay");
    clock.spend(1);
    profiler.end();
    const profile = profiler.stop();
    expect(profile.phases).toEqual([
      { name: "lay", subject: "", count: 2, ms: 4 },
      { name: "compile", subject: "", count: 1, ms: 4 },
      { name: "calculate", subject: "base", count: 1, ms: 5 },
    ]);
    expect(profile.ms).toBe(13);
    expectNested(profile);
  });

  it("[PF5] that are open at the end, or ended once too often, do no harm", () => {
    const clock = new TestClock();
    const profiler = createProfiler(clock);
    profiler.end();
    profiler.begin("parse", "a");
    clock.spend(2);
    expect(profiler.stop().phases).toEqual([{ name: "parse", subject: "a", count: 1, ms: 2 }]);
    profiler.begin("parse", "b");
    expect(profiler.stop().phases).toHaveLength(1);
  });

  it("[PF6] know by how much memory has grown, each without those inside it", () => {
    const clock = new TestClock();
    let bytes = 100;
    const profiler = createProfiler(clock, { memory: () => clock.spend(50, bytes) });
    profiler.begin("lay");
    bytes += 10;
    profiler.begin("calculate");
    bytes += 500;
    profiler.end();
    bytes += 5;
    profiler.end();
    const profile = profiler.stop();
    expect(profile.phases.map(({ name, grownBytes }) => [name, grownBytes])).toEqual([
      ["lay", 15],
      ["calculate", 500],
    ]);
    // What looking at the memory took is not in the figures.
    expect([profile.ms, profile.ownMs]).toEqual([0, 200]);
  });
});

describe("memory", () => {
  it("[PF6] is weighed once where one phase ends and the next begins, and in a hurry while an answer is awaited", () => {
    const clock = new TestClock();
    const asked: boolean[] = [];
    const memory = (isHurried: boolean): number => asked.push(isHurried) * 100;
    const engine = createEngine();
    const a = engine.input(1, { name: "a" });
    engine.computed([a], () => new Promise<number>(() => {}), { name: "never" });
    const profiler = createProfiler(clock, { memory });
    for (const phase of ["read", "parse"]) {
      profiler.begin(phase);
      clock.spend(1);
      profiler.end();
    }
    expect(asked).toEqual([false, false, false]);
    profiler.follow(engine);
    a.set(2);
    const { phases } = profiler.stop();
    expect(asked).toEqual([false, false, false, true]);
    expect(phases.map(({ grownBytes }) => grownBytes)).toEqual([100, 100, 100]);
  });
});

describe("the profile itself", () => {
  it("[PF7] cuts out what taking it took", () => {
    let readings = 0;
    // Every reading of this clock takes a millisecond, and nothing else takes any time.
    const engine = createEngine();
    const a = engine.input(1, { name: "a" });
    engine.computed([a], (x) => x + 1, { name: "b" });
    const profiler = profileOf(engine, { now: () => readings++ });
    a.set(2);
    const { ms, ownMs } = profiler.stop();
    // One reading between leaving and the next entering is the clock's own.
    expect(ms).toBeLessThanOrEqual(readings / 2);
    expect(ownMs).toBeGreaterThan(0);
    expect(ms + ownMs).toBeLessThanOrEqual(readings);
  });

  it("[PF7] never goes back in time with a clock that does", () => {
    const times = [50, 40, 60, 10, 70, 20, 80, 5, 90, 0, 100, 1, 110, 2, 120, 3];
    let i = 0;
    const engine = createEngine();
    const a = engine.input(1, { name: "a" });
    engine.computed([a], (x) => x + 1, { name: "b" });
    const profiler = profileOf(engine, { now: () => times[i++ % times.length] as number });
    a.set(2);
    const profile = profiler.stop();
    expectNested(profile);
    expect(profile.nodes.every(({ ms }) => ms >= 0)).toBe(true);
  });

  it("[PF8] keeps no more spans than it may, and counts on", () => {
    const clock = new TestClock();
    const engine = createEngine();
    const a = engine.input(1, { name: "a" });
    engine.computed([a], (x) => clock.spend(1, x + 1), { name: "b" });
    const profiler = profileOf(engine, clock, { spansMax: 4 });
    for (let i = 2; i < 12; i++) a.set(i);
    const profile = profiler.stop();
    expect([profile.spans.length, profile.spansLeftOut]).toEqual([4, 26]);
    expect(rowsOf(profile)).toMatchObject({ "b in base": { computations: 10, ms: 10 } });
    expect(profile.ms).toBe(10);
    const [written] = speedscopeOf("a", [{ name: "a", profile }]).profiles;
    expect(written?.events).toHaveLength(8);
  });
});
