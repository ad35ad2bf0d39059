/** Edits, replacements and ends that meet work which is sent, looked up or held. */
import { type Column, columnFrom } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { cells, kernel, now, set } from "../fixtures/columns.ts";
import { one, remote, row, table, World } from "../fixtures/dispatch-world.ts";
import { keyText } from "../fixtures/map-store.ts";
import { turn } from "../fixtures/simulated-executor.ts";
import type { NodeId } from "../formula-node.ts";
import type { MemoStore } from "../ports.ts";

describe("a look-up that finds nothing", () => {
  it("[EX7] [EX22] is none of those values that change in the same turn, and nothing is kept under it", async () => {
    const asked: { name: string; text: string; answer: (found?: Column) => void }[] = [];
    const kept = new Map<string, number>();
    const memoStore: MemoStore = {
      get: (key) =>
        new Promise((resolve) => asked.push({ name: key.name, text: keyText(key), answer: resolve })),
      put: (key, column) => void kept.set(keyText(key), column.get(0) as number),
    };
    const world = new World({ memoStore });
    const { engine } = world;
    const [x, y] = [world.input(), world.input()];
    const first = world.add("first", x, 1, { weight: "heavy", version: "first" });
    const sum = kernel(one, (read) => (read(0) as number) + (read(1) as number));
    const second = engine.addFormula({
      name: "second",
      shape: one,
      precedents: [now(first), now(y)],
      kernel: { ...sum, weight: "heavy", version: "second", remote },
    });
    const answered = async (): Promise<void> => {
      while (asked.length > 0) {
        for (const { answer } of asked.splice(0)) answer();
        await turn();
        await world.finish();
      }
    };
    await answered();
    expect(cells(engine, second)).toEqual([1]);
    // The second is looked up with a value of the first that is under way again.
    set(engine, y, 0, 5);
    set(engine, x, 0, 9);
    expect(asked.map(({ name }) => name)).toEqual(["second", "first"]);
    const [former, latter] = asked.splice(0);
    former?.answer();
    latter?.answer(columnFrom(one, [10]));
    await turn();
    const [again] = asked;
    await answered();
    expect([cells(engine, second), again?.name]).toEqual([[15], "second"]);
    expect([kept.get(former?.text as string), kept.get(again?.text as string)]).toEqual([undefined, 15]);
  });
});

describe("a formula in parts", () => {
  const sent = async (): Promise<{ world: World; a: NodeId; b: NodeId; behind: NodeId }> => {
    const world = new World();
    const a = world.input(table);
    const b = world.add("b", a, 1);
    const behind = world.add("behind", b, 0.001);
    await world.finish();
    world.take();
    world.edit(a, 1);
    return { world, a, b, behind };
  };

  it("[EX21] of which an edit keeps some changes in all of its cells for those that read it", async () => {
    const { world, a, behind } = await sent();
    await world.executor.step();
    set(world.engine, a, 0, 7);
    await world.finish();
    const values = cells(world.engine, behind);
    expect([values[0], new Set(values.slice(1))]).toEqual([9, new Set([3])]);
  });

  it("[EX21] whose parts were kept and then given up is computed in all of its cells", async () => {
    const { world, a, b, behind } = await sent();
    set(world.engine, a, 0, 7);
    world.engine.cancel();
    world.engine.refresh();
    await world.finish();
    const values = cells(world.engine, b);
    expect([values[0], new Set(values.slice(1))]).toEqual([8, new Set([2])]);
    expect(new Set(cells(world.engine, behind).slice(1))).toEqual(new Set([3]));
  });

  it("[EX4] [EX21] that is given up has none of its parts going on", async () => {
    const { world, a } = await sent();
    const first = world.executor.submitted.splice(0);
    world.edit(a, 2);
    expect(first.map(({ signal }) => signal.aborted)).toEqual(first.map(() => true));
    const again = world.executor.submitted.splice(0);
    expect([first.length, again.some(({ signal }) => signal.aborted)]).toEqual([6, false]);
    await world.finish();
  });
});

describe("what is held for this thread", () => {
  it("[EX18] is not computed with values that have changed, where nobody asks for it again", async () => {
    const world = new World({ isShared: true });
    const { engine } = world;
    const a = world.input();
    const compute = world.kernel("dear", one, 10);
    const all = Array.from({ length: 26 }, (_, i) =>
      engine.addFormula({
        name: `dear ${i}`,
        shape: one,
        precedents: [now(a)],
        isManual: true,
        kernel: compute,
      }),
    );
    engine.refresh();
    await world.finish();
    const [last] = all.slice(-1) as [NodeId];
    expect([cells(engine, last), engine.statusOf(last)]).toEqual([[1], "fresh"]);
    world.edit(a, 1);
    engine.refresh();
    expect(world.deferred).toHaveLength(1);
    world.take();
    world.edit(a, 2);
    await world.finish();
    expect(world.take().here).toEqual([]);
    expect(engine.statusOf(last)).toBe("stale");
    engine.refresh();
    await world.finish();
    expect(all.map((node) => cells(engine, node)[0])).toEqual(all.map(() => 3));
  });

  it("[EX18] is given up with the engine: what calls back later computes nothing", async () => {
    const world = new World({ isShared: true });
    const a = world.input();
    for (let i = 0; i < 26; i++) world.add(`dear ${i}`, a, 10);
    await world.finish();
    world.take();
    world.edit(a, 1);
    expect(world.deferred).toHaveLength(1);
    world.take();
    world.engine.dispose();
    world.take();
    for (const resume of world.deferred.splice(0)) resume();
    await turn();
    expect(world.take()).toEqual({ sent: [], here: [], events: [] });
  });
});

describe("a formula that is replaced", () => {
  it("[EX14] is no longer taken for light because the one before was", async () => {
    const world = new World();
    const { engine } = world;
    const a = world.input(row);
    const b = world.add("b", a, 0.00001);
    await world.finish();
    world.edit(a, 4);
    world.take();
    engine.transaction(() =>
      engine.replace(b, {
        name: "b",
        shape: row,
        precedents: [now(a)],
        kernel: world.kernel("b", row, 0.5),
      }),
    );
    const { here, sent } = world.take();
    expect([here, sent.length]).toEqual([["b 1", "b 4"], expect.toSatisfy((parts: number) => parts > 1)]);
    await world.finish();
    expect(new Set(cells(engine, b))).toEqual(new Set([5]));
  });
});
