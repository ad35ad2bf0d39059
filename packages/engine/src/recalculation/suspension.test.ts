import { type Column, columnFrom, type Shape } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Engine } from "../api.ts";
import { createEngine } from "../engine.ts";
import { cells, formula, input, kernel, Log, lag, loopAt, mutual, now, set } from "../fixtures/columns.ts";
import type { Box, Kernel, NodeId } from "../formula-node.ts";

/** The cells of a kernel, some time later; `calls` counts, `held` is what still waits. */
function later(shape: Shape, cell: Parameters<typeof kernel>[1]) {
  const boxes: Box[] = [];
  const held: (() => void)[] = [];
  const plain = kernel(shape, cell);
  const work: Kernel = {
    compute: (inputs: readonly Column[], out: Column, box: Box) => {
      boxes.push(box);
      const kept = [...inputs];
      return new Promise<void>((resolve) => {
        held.push(() => {
          void plain.compute(kept, out, box);
          resolve();
        });
      });
    },
  };
  return { work, boxes, held };
}

/** Answers as long as something waits. */
async function answerAll(engine: Engine, held: (() => void)[]): Promise<void> {
  let isSettled = false;
  const settled = engine.settled().then(() => {
    isSettled = true;
  });
  while (!isSettled) {
    for (const answer of held.splice(0)) answer();
    await Promise.resolve();
  }
  await settled;
}

/** x = a + y / 2, y = cos(x), y later. */
function loop(outer: number, start: readonly number[]) {
  const engine = createEngine({ isChecked: true });
  const shape = { outer, periods: 1 };
  const a = engine.addInput({ name: "a", shape, column: columnFrom(shape, start) });
  const y = later(shape, (read) => Math.cos(read(0) as number));
  const [x, answer] = mutual(engine, shape, ["x", "y"], ([own, other]) => [
    {
      precedents: [now(a), now(other as NodeId)],
      kernel: kernel(shape, (read) => (read(0) as number) + (read(1) as number) / 2),
    },
    { precedents: [now(own as NodeId)], kernel: y.work },
  ]) as [NodeId, NodeId];
  engine.declareLoop(loopAt([x]));
  const behind = formula(engine, "behind", shape, [now(x)], (read) => (read(0) as number) + 1);
  return { engine, a, x, y: answer, behind, ...y };
}

function expectSolved(engine: Engine, x: NodeId, start: readonly number[]): void {
  for (const [i, added] of start.entries()) {
    const value = engine.read(x).get(i) as number;
    expect(Math.abs(added + Math.cos(value) / 2 - value)).toBeLessThan(1e-9);
  }
}

describe("loops with members that answer later", () => {
  it("[FP33] are pending meanwhile, and are solved when all is answered", async () => {
    const { engine, x, behind, held } = loop(1, [1]);
    expect([engine.statusOf(x), engine.statusOf(behind)]).toEqual(["pending", "pending"]);
    await answerAll(engine, held);
    expect([engine.statusOf(x), engine.statusOf(behind)]).toEqual(["fresh", "fresh"]);
    expectSolved(engine, x, [1]);
    expect(engine.read(behind).get(0)).toBe((engine.read(x).get(0) as number) + 1);
    expect(engine.loopRecords()).toMatchObject([{ verdict: "converged" }]);
  });

  it("[FP33] ask once a sweep, for all members together", async () => {
    const start = [1, 2, 3, 4];
    const { engine, a, x, boxes, held } = loop(4, [9, 8, 7, 6]);
    await answerAll(engine, held);
    boxes.length = 0;
    const column = columnFrom({ outer: 4, periods: 1 }, start);
    engine.setCells(a, { outerFrom: 0, outerTo: 4, from: 0, to: 1 }, column);
    await answerAll(engine, held);
    expectSolved(engine, x, start);
    const sweeps = Math.max(...engine.loopRecords().map((record) => record.sweeps));
    expect(boxes[0]).toMatchObject({ outerFrom: 0, outerTo: 4 });
    // Members that are solved may lie between others; no box is computed twice.
    expect(boxes.length).toBeGreaterThanOrEqual(sweeps);
    expect(boxes.reduce((sum, box) => sum + box.outerTo - box.outerFrom, 0)).toBe(
      engine.loopRecords().reduce((sum, record) => sum + record.sweeps, 0),
    );
  });

  it("[FP33] an edit meanwhile drops what was asked", async () => {
    const { engine, a, x, held } = loop(1, [1]);
    const log = new Log(engine);
    const late = held.splice(0);
    set(engine, a, 0, 2);
    expect(log.take().some((event) => event.kind === "dropped")).toBe(true);
    for (const answer of late) answer();
    await answerAll(engine, held);
    expectSolved(engine, x, [2]);
    const fresh = loop(1, [2]);
    await answerAll(fresh.engine, fresh.held);
    expect(engine.read(x).get(0)).toBe(fresh.engine.read(fresh.x).get(0));
    // The last good value stays until the next is there.
    const before = engine.read(x).get(0);
    set(engine, a, 0, 3);
    expect(engine.peek(x).get(0)).toBe(before);
    await answerAll(engine, held);
    expectSolved(engine, x, [3]);
  });

  it("[FP33] a rejection is an error of that member", async () => {
    const engine = createEngine({ isChecked: true });
    const shape = { outer: 1, periods: 1 };
    const [x] = mutual(engine, shape, ["x"], ([own]) => [
      { precedents: [now(own as NodeId)], kernel: { compute: () => Promise.reject(new Error("no line")) } },
    ]) as [NodeId];
    engine.declareLoop(loopAt([x], { toleranceRelative: 0, iterationsMax: 9 }));
    await engine.settled();
    expect(engine.read(x).get(0)).toMatchObject({
      code: "#VALUE!",
      detail: expect.stringContaining("no line"),
      origin: { attribute: "x" },
    });
    expect(engine.loopRecords()[0]?.verdict).toBe("error");
  });

  it("[FP33] recurrences wait period by period, also where a formula answered at once before", async () => {
    const engine = createEngine({ isChecked: true });
    const shape = { outer: 1, periods: 12 };
    const rate = input(engine, "rate", ...new Array<number>(12).fill(2));
    const isLater = { now: false };
    const grown = later(shape, (read) =>
      read(0, -1) === undefined ? 1 : (read(0, -1) as number) * (read(1) as number),
    );
    const plain = kernel(shape, (read) =>
      read(0, -1) === undefined ? 1 : (read(0, -1) as number) * (read(1) as number),
    );
    const [x] = mutual(engine, shape, ["x"], ([own]) => [
      {
        precedents: [lag(own as NodeId), now(rate)],
        kernel: {
          compute: (inputs, out, box) =>
            isLater.now ? grown.work.compute(inputs, out, box) : plain.compute(inputs, out, box),
        },
      },
    ]) as [NodeId];
    const behind = formula(engine, "behind", shape, [now(x)], (read) => read(0) ?? null);
    const powers = (factor: number): number[] => Array.from({ length: 12 }, (_, i) => factor ** i);
    expect(cells(engine, behind)).toEqual(powers(2));
    isLater.now = true;
    set(engine, rate, 0, ...new Array<number>(12).fill(3));
    await answerAll(engine, grown.held);
    expect(cells(engine, behind)).toEqual(powers(3));
    isLater.now = false;
    set(engine, rate, 0, ...new Array<number>(12).fill(4));
    await answerAll(engine, grown.held);
    expect(cells(engine, behind)).toEqual(powers(4));
  });

  it("[FP33] what was asked is dropped where the component is not to be computed now", async () => {
    const engine = createEngine({ isChecked: true });
    const shape = { outer: 1, periods: 6 };
    const rate = input(engine, "rate", ...new Array<number>(6).fill(2));
    const grown = later(shape, (read) => ((read(0, -1) ?? 1) as number) * (read(1) as number));
    const [x] = mutual(engine, shape, ["x"], ([own]) => [
      { precedents: [lag(own as NodeId), now(rate)], kernel: grown.work, isManual: true },
    ]) as [NodeId];
    engine.read(x);
    expect(engine.statusOf(x)).toBe("pending");
    const log = new Log(engine);
    const late = grown.held.splice(0);
    set(engine, rate, 0, ...new Array<number>(6).fill(3));
    for (const answer of late) answer();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    // Nobody waits for it any more, and what was asked for the former rate is no answer.
    expect(log.take().some((event) => event.kind === "dropped" && event.node === x)).toBe(true);
    expect(engine.statusOf(x)).toBe("stale");
    engine.read(x);
    await answerAll(engine, grown.held);
    expect(cells(engine, x)).toEqual([3, 9, 27, 81, 243, 729]);
  });

  it("[FP33] make others compute no more than they must meanwhile", async () => {
    const engine = createEngine({ isChecked: true });
    const shape = { outer: 1, periods: 12 };
    const [rate, other] = [2, 3].map((value) =>
      input(engine, "rate", ...new Array<number>(12).fill(value)),
    ) as [NodeId, NodeId];
    const grown = later(shape, (read) => ((read(0, -1) ?? 1) as number) * (read(1) as number));
    const recurrence = (name: string, from: NodeId, work: Kernel): readonly NodeId[] =>
      mutual(engine, shape, [name, `${name} behind`], ([own, behind]) => [
        { precedents: [lag(behind as NodeId), now(from)], kernel: work },
        { precedents: [now(own as NodeId)], kernel: kernel(shape, (read) => read(0) ?? null) },
      ]);
    const [x] = recurrence("x", rate, grown.work) as [NodeId];
    const [y, behind] = recurrence(
      "y",
      other,
      kernel(shape, (read) => ((read(0, -1) ?? 1) as number) * (read(1) as number)),
    ) as [NodeId, NodeId];
    await answerAll(engine, grown.held);
    set(engine, rate, 0, ...new Array<number>(12).fill(1));
    expect(engine.statusOf(x)).toBe("pending");
    const log = new Log(engine);
    // 3 × 3 as 6 × 1.5: the future sees no change.
    set(engine, other, 3, 6, 1.5);
    expect(log.takeStarted()).toEqual([`${y} [3..5)`, `${behind} [3..4)`]);
    set(engine, other, 9, 1);
    expect(log.takeStarted()).toEqual([`${y} [9..12)`, `${behind} [9..12)`]);
    await answerAll(engine, grown.held);
    expect(cells(engine, x)).toEqual(new Array<number>(12).fill(1));
  });

  it("[FP33] compute nothing again that is computed, however many sweeps are answered", async () => {
    const calls = { later: 0, atOnce: 0 };
    const engine = createEngine();
    const shape = { outer: 1, periods: 1 };
    const y = later(shape, (read) => {
      calls.later++;
      return 1 + 0.98 * (read(0) as number);
    });
    const [x] = mutual(engine, shape, ["x", "y"], ([x, answer]) => [
      {
        precedents: [now(answer as NodeId)],
        kernel: kernel(shape, (read) => {
          calls.atOnce++;
          return read(0) as number;
        }),
      },
      { precedents: [now(x as NodeId)], kernel: y.work },
    ]) as [NodeId, NodeId];
    engine.declareLoop(
      loopAt([x], { method: "plain", toleranceAbsolute: 1e-3, toleranceRelative: 0, iterationsMax: 2000 }),
    );
    await answerAll(engine, y.held);
    const [record] = engine.loopRecords();
    expect(record?.sweeps).toBeGreaterThan(400);
    expect(calls).toEqual({ later: record?.sweeps, atOnce: record?.sweeps });
  });

  it("[FP33] [RC10] tell what was written before the first promise, though an edit drops it", async () => {
    const engine = createEngine({ isChecked: true });
    const shape = { outer: 1, periods: 6 };
    const rate = input(engine, "rate", ...new Array<number>(6).fill(2));
    const isLater = { now: false };
    const cell: Parameters<typeof kernel>[1] = (read) => ((read(0, -1) ?? 1) as number) * (read(1) as number);
    const [plain, grown] = [kernel(shape, cell), later(shape, cell)];
    const [x] = mutual(engine, shape, ["x", "y"], ([x, y]) => [
      {
        precedents: [lag(y as NodeId), now(rate)],
        kernel: {
          compute: (inputs, out, box) =>
            isLater.now && box.to > 3
              ? grown.work.compute(inputs, out, box)
              : plain.compute(inputs, out, box),
        },
      },
      { precedents: [now(x as NodeId)], kernel: kernel(shape, (read) => read(0) ?? null) },
    ]) as [NodeId, NodeId];
    // Nobody has been handed the column, so it is written in place.
    const told = new Set<number>();
    engine.onChanges((changes) => {
      for (let i = 0; i < changes.count; i++) {
        const { from, to } = changes.boxAt(i);
        if (changes.nodes[i] === x) for (let period = from; period < to; period++) told.add(period);
      }
    });
    isLater.now = true;
    set(engine, rate, 0, ...new Array<number>(6).fill(3));
    expect(engine.statusOf(x)).toBe("pending");
    set(engine, rate, 5, 4);
    await answerAll(engine, grown.held);
    expect(cells(engine, x)).toEqual([3, 9, 27, 81, 243, 972]);
    expect([...told].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("[FP33] do not call again what gives its first promise after it had answered at once", async () => {
    for (const firstLater of [1, 4, 7, 12, 13, 16, 19, 30]) {
      for (const isAlone of [true, false]) {
        const engine = createEngine({ isChecked: true });
        const shape = { outer: 1, periods: 12 };
        const rate = input(engine, "rate", ...new Array<number>(12).fill(2));
        const held: (() => void)[] = [];
        const cellsOf = new Map<number, number>();
        let calls = 0;
        let revision = 0;
        const work = kernel(shape, (read, period) => {
          const key = revision * 12 + period;
          cellsOf.set(key, (cellsOf.get(key) ?? 0) + 1);
          return ((read(0, -1) ?? 1) as number) * (read(1) as number);
        });
        const compute: Kernel["compute"] = (inputs, out, box) => {
          if (++calls < firstLater) return work.compute(inputs, out, box);
          const kept = [...inputs];
          return new Promise<void>((resolve) => {
            held.push(() => {
              void work.compute(kept, out, box);
              resolve();
            });
          });
        };
        const [x, y] = mutual(engine, shape, ["x", "y"], ([x, y]) => [
          { precedents: [lag((isAlone ? x : y) as NodeId), now(rate)], kernel: { compute } },
          { precedents: [now(x as NodeId)], kernel: kernel(shape, (read) => read(0) ?? null) },
        ]) as [NodeId, NodeId];
        const powers = (factor: number): number[] => Array.from({ length: 12 }, (_, i) => factor ** (i + 1));
        await answerAll(engine, held);
        expect(cells(engine, y)).toEqual(powers(2));
        revision = 1;
        set(engine, rate, 0, ...new Array<number>(12).fill(3));
        const shown = engine.peek(y);
        const before = Array.from({ length: 12 }, (_, i) => shown.get(i));
        await answerAll(engine, held);
        expect(cells(engine, x)).toEqual(powers(3));
        expect(cells(engine, y)).toEqual(powers(3));
        // What was shown meanwhile is not written any more.
        expect(Array.from({ length: 12 }, (_, i) => shown.get(i))).toEqual(before);
        expect(Math.max(...cellsOf.values())).toBe(1);
      }
    }
  });
});
