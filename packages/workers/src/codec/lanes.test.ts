import { Column, columnFrom, errorValue, sameColumn } from "@reckon/value";
import { afterEach, describe, expect, it } from "vitest";
import { closeAll, open, run } from "../fixtures/executors.ts";
import { kernelFor } from "../fixtures/tasks.ts";
import { Lanes, laneCellsMin } from "./lanes.ts";

afterEach(closeAll);

const cells = 4 * laneCellsMin;
const shape = { outer: 2, periods: cells / 2 };
const copy = kernelFor({ kind: "copy" });
const more = kernelFor({ kind: "more" });

function filled(): Column {
  const column = new Column(shape);
  for (let cell = 0; cell < cells; cell++) column.numbers[cell] = Math.cbrt(cell) - 5;
  return column;
}

const boxOf = (from: number, to: number) => ({ outerFrom: 0, outerTo: 2, from, to });
const half = shape.periods / 2;

describe("large columns", () => {
  it("[WK24] arrive as they were sent, marks included, whole and by parts", async () => {
    const executor = open({ threads: 2 });
    const input = filled();
    input.set(0, -0);
    input.set(1, "text");
    input.set(cells - 1, errorValue("#N/A", "why"));
    const whole = await run(executor, {
      id: 1,
      name: "whole",
      kernel: copy,
      inputs: [input],
      out: new Column(shape),
      box: boxOf(0, shape.periods),
    });
    expect(whole.kind === "done" && sameColumn(whole.out, input)).toBe(true);
    const out = new Column(shape);
    const parts = [boxOf(0, half), boxOf(half, shape.periods)].map((box) =>
      run(executor, { id: 1, name: "part", kernel: copy, inputs: [input, input], out, box }),
    );
    await Promise.all(parts);
    expect(sameColumn(out, input)).toBe(true);
    expect(out.get(cells - 1)).toEqual(errorValue("#N/A", "why"));
  });

  it("[WK6] [WK24] a draft that is read is each task's own", async () => {
    const executor = open({ threads: 2 });
    const out = filled();
    const before = out.clone();
    const parts = [boxOf(0, half), boxOf(half, shape.periods), boxOf(0, 1)].map((box) =>
      run(executor, { id: 1, name: "part", kernel: more, inputs: [out], out, box }),
    );
    await Promise.all(parts);
    expect(Array.from(out.numbers)).toEqual(Array.from(before.numbers, (number) => number + 1));
  });

  it("[WK24] a lane holds one column for all that read it, and is used again behind the last", () => {
    const lanes = new Lanes();
    const column = filled();
    const first = lanes.lend(column);
    expect(lanes.lend(column)).toBe(first);
    lanes.giveBack([first]);
    expect(lanes.blank(cells).buffer).not.toBe(first.buffer);
    lanes.giveBack([first]);
    expect(lanes.blank(cells).buffer).toBe(first.buffer);
  });

  it("[WK24] a column that was written meanwhile is put into a lane again", () => {
    const lanes = new Lanes();
    const column = columnFrom({ outer: 1, periods: 2 }, [1, 2]);
    lanes.giveBack([lanes.lend(column)]);
    column.set(0, 5);
    expect(Array.from(new Float64Array(lanes.lend(column).buffer).subarray(0, 2))).toEqual([5, 2]);
  });

  it("[WK24] a lane that something may still be at is not used again", () => {
    const lanes = new Lanes();
    const lane = lanes.lend(columnFrom({ outer: 1, periods: 1 }, [1]));
    lane.isSpoilt = true;
    lanes.giveBack([lane]);
    expect(lanes.blank(1).buffer).not.toBe(lane.buffer);
  });

  it("[WK11] [WK24] what a cancelled task writes late is written where nobody reads", async () => {
    const executor = open();
    const controller = new AbortController();
    const later = (amount: number, input: Column) => ({
      id: 1,
      name: "later",
      kernel: kernelFor({ kind: "later", amount }),
      inputs: [input],
      out: new Column(shape),
      box: boxOf(0, shape.periods),
    });
    const superseded = run(executor, later(100, filled()), controller.signal);
    while (executor.counts().threads[0]?.waiting !== 1) await new Promise((next) => setImmediate(next));
    controller.abort();
    expect((await superseded).kind).toBe("cancelled");
    const input = new Column(shape);
    input.numbers.fill(27);
    const outcome = await run(executor, later(300, input));
    expect(outcome.kind === "done" && new Set(outcome.out.numbers)).toEqual(new Set([1]));
    expect(executor.counts().spawned).toBe(1);
  });
});
