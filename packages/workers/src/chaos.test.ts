/** Everything at once, in seeded order: whatever happens, every task is answered, and rightly. */
import type { TaskOutcome } from "@reckon/engine";
import { afterEach, expect, it } from "vitest";
import { cellsOf, closeAll, open, run } from "./fixtures/executors.ts";
import { kernelFor, task, taskOf } from "./fixtures/tasks.ts";
import type { TestKind } from "./fixtures/test-program.ts";

afterEach(closeAll);

/** Numbers that look random, the same ones for the same seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const outcomesOf: Record<string, readonly TaskOutcome["kind"][]> = {
  thirds: ["done"],
  spin: ["done"],
  later: ["done"],
  throws: ["failed"],
  rejects: ["failed"],
  symbols: ["failed"],
  exits: ["lost"],
  "throws late": ["done"],
  "throws beside": ["lost"],
  "cannot be made": ["failed"],
};
const kinds = Object.keys(outcomesOf) as TestKind[];

it.each([1, 2, 3])("[WK7] [WK8] [WK11] [WK12] chaos of seed %i leaves nothing behind", async (seed) => {
  const random = seeded(seed);
  const executor = open({ threads: 2, cancelGraceMs: 20, recycleAfter: 40 });
  const wrong: string[] = [];
  const all: Promise<void>[] = [];
  for (let i = 0; i < 150; i++) {
    // Ends of threads are rare, as each costs the next one its start.
    const drawn = kinds[random(kinds.length)] as TestKind;
    const isRare = drawn === "exits" || drawn === "throws late" || drawn === "throws beside";
    const kind = isRare && random(6) > 0 ? "thirds" : drawn;
    const controller = new AbortController();
    const isCancelled = random(5) === 0;
    const cells = Array.from({ length: 6 }, () => random(1000));
    const sent = run(executor, taskOf(kernelFor({ kind, amount: random(5) }), cells), controller.signal);
    if (isCancelled) setTimeout(() => controller.abort(), random(20));
    all.push(
      sent.then((outcome) => {
        const allowed = [...(outcomesOf[kind] ?? []), ...(isCancelled ? ["cancelled"] : [])];
        if (!allowed.includes(outcome.kind)) wrong.push(`${kind}: ${outcome.kind}`);
        const right = cells.map((cell) => Math.cbrt(cell) / 3);
        if (outcome.kind === "done" && cellsOf(outcome).some((cell, at) => cell !== right[at])) {
          wrong.push(`${kind}: other cells`);
        }
      }),
    );
    if (random(4) === 0) await new Promise((resolve) => setTimeout(resolve, random(3)));
  }
  await Promise.all(all);
  expect(wrong).toEqual([]);
  expect(executor.counts()).toMatchObject({ running: 0, queued: 0 });
  expect(await run(executor, task("thirds"))).toMatchObject({ kind: "done" });
});
