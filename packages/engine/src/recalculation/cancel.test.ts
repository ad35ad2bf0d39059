import { describe, expect, it } from "vitest";
import { createEngine } from "../engine.ts";
import { cells, formula, input, kernel, lag, mutual, now, set } from "../fixtures/columns.ts";
import { manualExecutor } from "../fixtures/manual-executor.ts";

const shape = { outer: 1, periods: 2 };

/** Tasks wait until the test answers them. */
function manual() {
  const { executor, open, finish } = manualExecutor();
  const engine = createEngine({ executor, isChecked: true });
  const a = input(engine, "a", 1, 2);
  const other = input(engine, "other", 1, 1);
  const work = { ...kernel(shape, (read) => (read(0) as number) * 10), weight: "heavy" as const };
  const slow = engine.addFormula({ name: "slow", shape, precedents: [now(a)], kernel: work });
  const done = engine.addFormula({ name: "done", shape, precedents: [now(a)], kernel: work });
  const behind = formula(
    engine,
    "behind",
    shape,
    [now(slow), now(other)],
    (read) => (read(0) as number) + (read(1) as number),
  );
  const peeked = (node: typeof slow): unknown[] => [0, 1].map((cell) => engine.peek(node).get(cell));
  return { engine, open, finish, a, other, slow, done, behind, peeked };
}

describe("cancelling", () => {
  it("[RC37] leaves stale what is awaited, with its last value, and keeps what was computed", async () => {
    const { engine, open, finish, a, other, slow, done, behind, peeked } = manual();
    for (const i of [0, 1]) finish(i);
    await engine.settled();
    set(engine, a, 0, 5);
    finish(3);
    await Promise.resolve().then(() => Promise.resolve());
    expect(["pending", "fresh"]).toEqual([engine.statusOf(slow), engine.statusOf(done)]);
    const statuses: string[] = [];
    const stop = engine.statusSignalOf(behind).subscribe((status) => statuses.push(status));
    const settled = engine.settled();
    expect(engine.cancel()).toBe(1);
    await settled;
    expect(statuses).toEqual(["pending", "stale"]);
    stop();
    expect(open[2]?.signal.aborted).toBe(true);
    expect([slow, behind, done].map((node) => engine.statusOf(node))).toEqual(["stale", "stale", "fresh"]);
    expect([peeked(slow), peeked(behind), peeked(done)]).toEqual([
      [10, 20],
      [11, 21],
      [50, 20],
    ]);
    finish(2);
    await engine.settled();
    expect([engine.statusOf(slow), peeked(slow)]).toEqual(["stale", [10, 20]]);
    // An edit of something else starts nothing; what is behind waits on.
    set(engine, other, 0, 7);
    expect([open.length, engine.statusOf(behind), peeked(behind)]).toEqual([4, "stale", [11, 21]]);
    engine.refresh([behind]);
    expect([open.length, engine.statusOf(behind)]).toEqual([5, "pending"]);
    finish(4);
    await engine.settled();
    expect([cells(engine, behind), engine.cancel()]).toEqual([[57, 21], 0]);
  });

  it("[RC37] an edit of what it reads computes it again", async () => {
    const { engine, open, finish, a, slow, peeked } = manual();
    expect(engine.cancel()).toBe(2);
    expect([engine.statusOf(slow), open.every(({ signal }) => signal.aborted)]).toEqual(["stale", true]);
    set(engine, a, 0, 3);
    expect([engine.statusOf(slow), open.length]).toEqual(["pending", 4]);
    for (const i of [2, 3]) finish(i);
    await engine.settled();
    expect(peeked(slow)).toEqual([30, 20]);
  });

  it("[RC37] reaches every scenario and components that wait", async () => {
    const { engine, open, finish, a, slow } = manual();
    for (const i of [0, 1]) finish(i);
    await engine.settled();
    const scenario = engine.overlay("scenario");
    set(scenario, a, 0, 4);
    const chained = { ...kernel(shape, (read) => Number(read(0, -1) ?? 0) + 1), weight: "heavy" as const };
    const [chain] = mutual(engine, shape, ["chain"], ([own]) => [
      { precedents: [lag(own as typeof slow)], kernel: chained },
    ]) as [typeof slow];
    expect([scenario.statusOf(slow), engine.statusOf(chain)]).toEqual(["pending", "pending"]);
    engine.cancel();
    expect([scenario.statusOf(slow), engine.statusOf(slow), engine.statusOf(chain)]).toEqual([
      "stale",
      "fresh",
      "stale",
    ]);
    expect(open.slice(2).every(({ signal }) => signal.aborted)).toBe(true);
    engine.checkInvariants();
  });
});
