import type { Column } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, input, lag, now, set } from "../fixtures/columns.ts";
import type { Box, Kernel, LaterWork, Precedent } from "../formula-node.ts";
import { inlineExecutor } from "../inline-executor.ts";

/** A kernel that adds one to input 0 when the test says so, and counts what was taken back. */
function laterKernel(): { kernel: Kernel; answer: (index: number) => void; cancelled: number[] } {
  const open: (() => void)[] = [];
  const cancelled: number[] = [];
  const compute = ([read]: readonly Column[], out: Column, box: Box): LaterWork => {
    const index = open.length;
    const work = new Promise<void>((resolve) =>
      open.push(() => {
        for (let t = box.from; t < box.to; t++) out.set(t, ((read as Column).get(t) as number) + 1);
        resolve();
      }),
    );
    return Object.assign(work, { cancel: () => void cancelled.push(index) });
  };
  return { kernel: { compute }, answer: (index) => open[index]?.(), cancelled };
}

describe("work that ends later", () => {
  it.each([
    ["of one cell", 1, "inline", false],
    ["of a column", 3, "inline", false],
    ["of a recurrence", 3, "inline", true],
    ["of a heavy kernel", 3, "heavy", false],
    ["of a heavy kernel in a recurrence", 3, "heavy", true],
  ] as const)(
    "[RC29] %s is taken back when a value that it reads changes",
    async (_what, count, how, isSelf) => {
      const engine = createEngine({ isChecked: true, executor: inlineExecutor });
      const { kernel, answer, cancelled } = laterKernel();
      const a = input(engine, "a", ...[1, 2, 3].slice(0, count));
      const shape = { outer: 1, periods: count };
      const node = engine.addInput({ name: "b", shape, column: engine.read(a) as Column });
      const precedents: Precedent[] = isSelf ? [now(a), lag(node)] : [now(a)];
      const heavy = how === "heavy" ? { weight: "heavy" as const } : {};
      engine.replace(node, { name: "b", shape, precedents, kernel: { ...kernel, ...heavy } });
      expect(engine.statusOf(node)).toBe("pending");
      expect(cancelled).toEqual([]);
      set(engine, a, 0, 5);
      expect(cancelled).toEqual([0]);
      for (let i = 0; i < 9; i++) {
        answer(i);
        await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
      }
      await engine.settled();
      expect(cells(engine, node)).toEqual([6, 3, 4].slice(0, count));
      expect(cancelled).toEqual([0]);
    },
  );
});
