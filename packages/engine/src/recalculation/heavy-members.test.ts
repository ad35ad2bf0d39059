import { columnFrom, type Shape } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { Engine, EngineOptions } from "../api.ts";
import { createEngine } from "../engine.ts";
import { cells, formula, input, kernel, lag, mutual, now, set } from "../fixtures/columns.ts";
import { mapStore } from "../fixtures/map-store.ts";
import type { NodeId } from "../formula-node.ts";
import { inlineExecutor } from "../inline-executor.ts";
import type { Executor, MemoStore, Task, TaskOutcome } from "../ports.ts";

const one = { outer: 1, periods: 1 };
const tolerances = { toleranceAbsolute: 1e-9, toleranceRelative: 1e-9, iterationsMax: 100 };

interface Open {
  readonly task: Task;
  readonly signal: AbortSignal;
  readonly answer: (outcome: TaskOutcome) => void;
}

/** Tasks wait until they are answered, in a column of the executor's own, as from another thread. */
function waitingExecutor() {
  const open: Open[] = [];
  const executor: Executor = {
    submit: (task, signal) => new Promise((answer) => open.push({ task, signal, answer })),
    close: () => Promise.resolve(),
  };
  const finish = ({ task, answer }: Open): void => {
    const out = task.out.clone();
    const inputs = task.inputs.map((column) => (column === task.out ? out : column.clone()));
    void task.kernel.compute(inputs, out, task.box);
    answer({ kind: "done", out, costMs: 1 });
  };
  return { executor, open, finish };
}

type Waiting = ReturnType<typeof waitingExecutor>;

/** Answers as long as something waits, the last task first. */
async function answerAll(engine: Engine, { open, finish }: Waiting): Promise<number[]> {
  const rounds: number[] = [];
  let isSettled = false;
  const settled = engine.settled().then(() => {
    isSettled = true;
  });
  while (!isSettled) {
    if (open.length > 0) rounds.push(open.length);
    for (const one of open.splice(0).reverse()) finish(one);
    await Promise.resolve();
  }
  await settled;
  return rounds;
}

const heavy = (shape: Shape, cell: Parameters<typeof kernel>[1], version?: string) => ({
  ...kernel(shape, cell),
  weight: "heavy" as const,
  ...(version === undefined ? {} : { version }),
});

/** x = a + (y + z) / 4, y = cos(x), z = sin(x), the last two heavy; of `outer` members. */
function loopOf(options: EngineOptions, start: readonly number[], version?: string) {
  const engine = createEngine({ isChecked: true, ...options });
  const shape = { outer: start.length, periods: 1 };
  const a = engine.addInput({ name: "a", shape, column: columnFrom(shape, start) });
  const [x, y, z] = mutual(engine, shape, ["x", "y", "z"], ([x, y, z]) => [
    {
      precedents: [now(a), now(y as NodeId), now(z as NodeId)],
      kernel: kernel(shape, (read) => (read(0) as number) + ((read(1) as number) + (read(2) as number)) / 4),
    },
    {
      precedents: [now(x as NodeId)],
      kernel: heavy(shape, (read) => Math.cos(read(0) as number), version && `cos ${version}`),
    },
    {
      precedents: [now(x as NodeId)],
      kernel: heavy(shape, (read) => Math.sin(read(0) as number), version && `sin ${version}`),
    },
  ]) as [NodeId, NodeId, NodeId];
  engine.declareLoop({ name: "loop", cuts: [{ node: x }], ...tolerances });
  return { engine, a, x, y, z };
}

const valuesOf = ({ engine, x, y, z }: ReturnType<typeof loopOf>) =>
  [x, y, z].map((node) => cells(engine, node));

/** A recurrence of two members, side by side in each period, of which both are heavy. */
function growth(options: EngineOptions, periods: number, version?: string) {
  const engine = createEngine({ isChecked: true, ...options });
  const shape = { outer: 1, periods };
  const rate = input(engine, "rate", ...new Array<number>(periods).fill(1.5));
  const [x, y] = mutual(engine, shape, ["x", "y"], ([x, y]) =>
    [y, x].map((other) => ({
      precedents: [lag(other as NodeId), now(rate)],
      kernel: heavy(
        shape,
        (read) => ((read(0, -1) ?? 1) as number) * (read(1) as number),
        version && `grow ${version}`,
      ),
    })),
  ) as [NodeId, NodeId];
  const behind = formula(engine, "behind", shape, [now(x)], (read) => read(0) ?? null);
  return { engine, rate, x, y, behind };
}

it("a heavy formula over an axis without members is computed, and is no task", () => {
  const waiting = waitingExecutor();
  const engine = createEngine({ executor: waiting.executor, isChecked: true });
  const shape: Shape = { outer: 0, periods: 1 };
  const a = engine.addInput({ name: "a", shape, column: columnFrom(shape, []) });
  const node = engine.addFormula({ name: "b", shape, precedents: [now(a)], kernel: heavy(shape, () => 1) });
  expect([engine.statusOf(node), engine.read(node).length, waiting.open.length]).toEqual(["fresh", 0, 0]);
});

describe("heavy kernels inside components", () => {
  it("[EX1] [EX10] [EX11] are tasks, those of a sweep together, with the bits of those in place", async () => {
    const waiting = waitingExecutor();
    const start = [1, 2, 3, 4];
    const sent = loopOf({ executor: waiting.executor }, start);
    const here = loopOf({}, start);
    expect(sent.engine.statusOf(sent.x)).toBe("pending");
    expect(waiting.open.map(({ task }) => [task.name, task.box.outerTo])).toEqual([
      ["y", 4],
      ["z", 4],
    ]);
    const rounds = await answerAll(sent.engine, waiting);
    expect(valuesOf(sent)).toEqual(valuesOf(here));
    expect(sent.engine.loopRecords()).toEqual(here.engine.loopRecords());
    expect(rounds).toHaveLength(Math.max(...here.engine.loopRecords().map(({ sweeps }) => sweeps)));
  });

  it("[EX11] that are answered at once settle at once, with the same bits", () => {
    const sent = loopOf({ executor: inlineExecutor }, [1, 2]);
    const here = loopOf({}, [1, 2]);
    for (const { engine, a } of [sent, here]) engine.setCells(a, whole(2), columnFrom(shapeOf(2), [5, 1]));
    expect(valuesOf(sent)).toEqual(valuesOf(here));
    expect(sent.engine.statusOf(sent.x)).toBe("fresh");
  });

  it("[EX11] [FP28] in loops that start warm take the solution that they had", async () => {
    const waiting = waitingExecutor();
    const loops = { start: "warm" } as const;
    const sent = loopOf({ executor: waiting.executor, loops }, [1, 2]);
    const here = loopOf({ loops }, [1, 2]);
    await answerAll(sent.engine, waiting);
    for (const to of [1.25, 1.5, 1.125]) {
      for (const { engine, a } of [sent, here]) engine.setCells(a, whole(2), columnFrom(shapeOf(2), [to, 2]));
      // Dropped in the middle, it leaves no record behind.
      for (const one of waiting.open.splice(0)) waiting.finish(one);
      await Promise.resolve();
      sent.engine.setCells(sent.a, whole(2), columnFrom(shapeOf(2), [9, 9]));
      sent.engine.setCells(sent.a, whole(2), columnFrom(shapeOf(2), [to, 2]));
      await answerAll(sent.engine, waiting);
      expect(valuesOf(sent)).toEqual(valuesOf(here));
      expect(sent.engine.loopRecords()).toEqual(here.engine.loopRecords());
    }
    expect(here.engine.loopRecords()[0]?.start).toBe("warm");
  });

  it("[EX10] members of a recurrence that do not read each other in a period are sent together", async () => {
    const waiting = waitingExecutor();
    const sent = growth({ executor: waiting.executor }, 6);
    const rounds = await answerAll(sent.engine, waiting);
    expect(rounds).toEqual([2, 2, 2, 2, 2, 2]);
    expect(cells(sent.engine, sent.behind)).toEqual([1.5, 2.25, 3.375, 5.0625, 7.59375, 11.390625]);
    set(sent.engine, sent.rate, 4, 2);
    expect(await answerAll(sent.engine, waiting)).toEqual([2, 2]);
    expect(cells(sent.engine, sent.behind).slice(3)).toEqual([5.0625, 10.125, 15.1875]);
  });

  it.each(["failed", "lost", "timed-out", "cancelled"] as const)(
    "[EX3] that end %s are errors of their cells",
    async (kind) => {
      const waiting = waitingExecutor();
      const { engine, x, y, rate } = growth({ executor: waiting.executor }, 3);
      for (const { answer } of waiting.open.splice(0)) answer({ kind, message: "out of luck" });
      await answerAll(engine, waiting);
      for (const node of [x, y]) {
        expect(engine.read(node).get(0)).toMatchObject({ code: "#VALUE!", detail: `${kind}: out of luck` });
      }
      set(engine, rate, 0, 2);
      await answerAll(engine, waiting);
      expect(cells(engine, x)).toEqual([2, 3, 4.5]);
    },
  );

  it("[EX3] so do those that throw or are rejected when they are submitted", async () => {
    const broken: Executor["submit"][] = [
      () => {
        throw new Error("no line");
      },
      () => Promise.reject(new Error("no line")),
    ];
    for (const submit of broken) {
      const { engine, x } = growth({ executor: { submit, close: () => Promise.resolve() } }, 3);
      await engine.settled();
      expect(engine.read(x).get(0)).toMatchObject({ code: "#VALUE!", detail: "failed: no line" });
    }
  });

  it("[EX4] are cancelled when what the component reads changes", async () => {
    const waiting = waitingExecutor();
    const { engine, rate, behind } = growth({ executor: waiting.executor }, 3);
    const late = waiting.open.splice(0);
    expect(late.map(({ signal }) => signal.aborted)).toEqual([false, false]);
    set(engine, rate, 0, 2, 2, 2);
    expect(late.map(({ signal }) => signal.aborted)).toEqual([true, true]);
    for (const one of late) waiting.finish(one);
    await answerAll(engine, waiting);
    expect(cells(engine, behind)).toEqual([2, 4, 8]);
  });

  it("[EX6] [EX7] [EX8] are looked up box by box, by what the box reads", async () => {
    const { store: kept } = mapStore();
    let puts = 0;
    const store: MemoStore = {
      get: kept.get,
      put: (key, column, costMs) => {
        puts++;
        return kept.put(key, column, costMs);
      },
    };
    const slow: MemoStore = { ...store, get: async (key) => kept.get(key) };
    const waiting = waitingExecutor();
    const first = growth({ executor: waiting.executor, memoStore: store }, 6, "1");
    expect((await answerAll(first.engine, waiting)).length).toBeGreaterThan(0);
    const values = cells(first.engine, first.x);
    const stored = puts;
    set(first.engine, first.rate, 4, 2);
    await answerAll(first.engine, waiting);
    // Nothing but the two periods that changed, of both members.
    expect(puts - stored).toBe(4);
    set(first.engine, first.rate, 4, 1.5);
    expect(waiting.open).toEqual([]);
    expect(cells(first.engine, first.x)).toEqual(values);
    const second = growth({ executor: waiting.executor, memoStore: slow }, 6, "1");
    expect(await answerAll(second.engine, waiting)).toEqual([]);
    expect(cells(second.engine, second.x)).toEqual(values);
    const other = growth({ executor: waiting.executor, memoStore: slow }, 6, "2");
    expect(await answerAll(other.engine, waiting)).not.toEqual([]);
  });

  it("[EX1] [EX11] [IN21] move stocks, also in the steps within a period", async () => {
    const build = (options: EngineOptions) => {
      const engine = createEngine({ isChecked: true, ...options });
      const shape = { outer: 1, periods: 5 };
      const start = input(engine, "start", 1, 0, 0, 0, 0);
      const [f, s] = mutual(engine, shape, ["f", "s"], ([f, s]) => [
        { precedents: [now(s as NodeId)], kernel: heavy(shape, (read) => Math.sin(read(0) as number)) },
        {
          precedents: [now(f as NodeId)],
          kernel: heavy(shape, (read) => (read(0) as number) / 3),
          stock: { initial: start, method: "rk4" as const, stepsPerPeriod: 3 },
        },
      ]) as [NodeId, NodeId];
      return { engine, start, f, s };
    };
    const waiting = waitingExecutor();
    const [sent, here] = [build({ executor: waiting.executor }), build({})];
    for (const from of [1, 2]) {
      for (const { engine, start } of [sent, here]) set(engine, start, 0, from);
      await answerAll(sent.engine, waiting);
      for (const name of ["f", "s"] as const) {
        expect(cells(sent.engine, sent[name])).toEqual(cells(here.engine, here[name]));
      }
    }
  });

  it("[FP33] cost as many calls as they are, however many are answered one after another", async () => {
    const calls = { heavy: 0, light: 0 };
    const periods = 300;
    const shape = { outer: 1, periods };
    const waiting = waitingExecutor();
    const engine = createEngine({ executor: waiting.executor });
    const [x] = mutual(engine, shape, ["x", "y"], ([x, y]) => [
      {
        precedents: [lag(y as NodeId)],
        kernel: heavy(shape, (read) => {
          calls.heavy++;
          return ((read(0, -1) ?? 0) as number) + 1;
        }),
      },
      {
        precedents: [now(x as NodeId)],
        kernel: kernel(shape, (read) => {
          calls.light++;
          return (read(0) as number) + 1;
        }),
      },
    ]) as [NodeId];
    await answerAll(engine, waiting);
    expect(engine.read(x).get(periods - 1)).toBe(2 * periods - 1);
    expect(calls).toEqual({ heavy: periods, light: periods });
  });
});

function shapeOf(outer: number): Shape {
  return { ...one, outer };
}

function whole(outer: number) {
  return { outerFrom: 0, outerTo: outer, from: 0, to: 1 };
}
