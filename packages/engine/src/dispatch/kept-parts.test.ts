import { Column } from "@reckon/value";
import { expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, kernel, now, set } from "../fixtures/columns.ts";
import { mapStore } from "../fixtures/map-store.ts";
import { SimulatedExecutor, seeded, TestClock } from "../fixtures/simulated-executor.ts";

const table = { outer: 12, periods: 30 };
const costs = { threads: 2, roundTripMs: 0.02, perTaskMs: 0.005, spawnMs: 0, perMegabyteMs: 0.2 };

it("[EX21] [EX7] parts that an edit gives up under way are none of the result, which is kept under what it was made from", async () => {
  const clock = new TestClock();
  const executor = new SimulatedExecutor({ clock, random: seeded(1), costs });
  const { store, kept } = mapStore();
  const engine = createEngine({ isChecked: true, clock, executor, memoStore: store });
  const a = engine.addInput({ name: "a", shape: table, column: new Column(table) });
  const work = kernel(table, (read) => (read(0) as number) + 1);
  const b = engine.addFormula({
    name: "b",
    shape: table,
    precedents: [now(a)],
    kernel: {
      ...work,
      isCellwise: true,
      version: "b",
      remote: { program: "file:///none", key: "", payload: null },
      compute: (inputs, out, box) => {
        clock.spend((box.outerTo - box.outerFrom) * (box.to - box.from));
        return work.compute(inputs, out, box);
      },
    },
  });
  const finish = async (): Promise<void> => {
    while (await executor.step());
    await engine.settled();
  };
  engine.read(b);
  await finish();
  const ones = new Column(table);
  ones.numbers.fill(1);
  engine.setCells(a, { outerFrom: 0, outerTo: 12, from: 0, to: 30 }, ones);
  expect(executor.submitted.some(({ signal }) => !signal.aborted)).toBe(true);
  set(engine, a, 0, 7);
  await finish();
  const values = cells(engine, b);
  expect([values[0], new Set(values.slice(1))]).toEqual([8, new Set([2])]);
  const before = kept.size;
  set(engine, a, 0, 1);
  await finish();
  // What was kept for the edit before is not found for this one.
  expect(new Set(cells(engine, b))).toEqual(new Set([2]));
  expect(before).toBeGreaterThan(0);
});
