/**
 * Ways to do heavy work on two cores: our engine over its executor, Piscina, a new worker for each task, and the floor: the
 * work cut in two by hand, one half a message to a thread that is there, the other done here.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { createEngine, type Engine, type NodeId, type Precedent } from "@reckon/engine";
import { Column, columnFrom, type Shape } from "@reckon/value";
import { createWorkerExecutor, type WorkerExecutor } from "@reckon/workers";
import { Piscina } from "piscina";
import type { BenchEngine, HeavyBatch, HeavyRunner, Trips } from "../engine.ts";
import { openLight } from "../heavy/light-model.ts";
import { compute, type HeavyTask, kernelOf } from "../heavy/work.ts";
import { reading, readingScalar, scalar } from "./families.ts";

const work = new URL("../heavy/work.ts", import.meta.url);
const thread = new URL("../heavy/thread.ts", import.meta.url);
const cores = availableParallelism();
const clock = { now: () => performance.now() };

function tasksOf({ rounds, reads }: HeavyBatch, seed: number): HeavyTask[] {
  return reads.map((read) => ({ seed, reads: read, rounds }));
}

/** One after another, in a loop. */
const inLoop = (batch: HeavyBatch): HeavyRunner => ({
  run: async (seed) => Float64Array.from(tasksOf(batch, seed), compute),
  close: async () => undefined,
});

/** A formula each, over the seed and a column of its own; `executor`: or all of it on this thread. */
function inEngine({ rounds, reads, isColumn }: HeavyBatch, executor?: WorkerExecutor): HeavyRunner {
  const engine = createEngine({
    clock,
    ...(executor === undefined ? {} : { executor, sharing: { defer: setImmediate, cores } }),
  });
  const seed = engine.addInput({ name: "seed", shape: scalar, column: new Column(scalar) });
  const remote = { program: work.href, key: String(rounds), payload: rounds };
  const kernel = { ...kernelOf(rounds), version: `${rounds} rounds`, remote };
  const formulas: NodeId[] = [];
  engine.transaction(() => {
    if (isColumn) {
      const numbers = Float64Array.from(reads, ([number]) => number as number);
      const shape = { outer: 1, periods: reads.length };
      const node = engine.addInput({ name: "column", shape, column: new Column(shape, numbers) });
      const precedents = [readingScalar(seed), reading(node)];
      formulas.push(engine.addFormula({ name: "formula", shape, precedents, kernel }));
      return;
    }
    for (const [i, read] of reads.entries()) {
      const column = columnOf(engine, `column ${i}`, read);
      const precedents = [readingScalar(seed), column];
      formulas.push(engine.addFormula({ name: `formula ${i}`, shape: scalar, precedents, kernel }));
    }
  });
  const box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
  return {
    async run(value) {
      engine.setCells(seed, box, columnFrom(scalar, [value]));
      await engine.settled();
      if (isColumn) return engine.view(formulas[0]!).numbers.slice();
      return Float64Array.from(formulas, (id) => engine.readCell(id, 0) as number);
    },
    close: async () => engine.dispose(),
  };
}

function columnOf(engine: Engine, name: string, numbers: Float64Array): Precedent {
  const shape: Shape = { outer: 1, periods: numbers.length };
  return readingScalar(engine.addInput({ name, shape, column: new Column(shape, numbers.slice()) }));
}

let made: Promise<WorkerExecutor> | undefined;

/** One for the process, as programs have it; it keeps no process alive. */
function ownExecutor(): Promise<WorkerExecutor> {
  made ??= (async () => {
    const executor = createWorkerExecutor();
    await executor.measureCosts();
    return executor;
  })();
  return made;
}

/** One small task to a thread and back, or many at once. */
async function ownTrips(): Promise<Trips> {
  const executor = await ownExecutor();
  const { signal } = new AbortController();
  const remote = { program: work.href, key: "1", payload: 1 };
  const kernel = { ...kernelOf(1), version: "1 rounds", remote };
  const inputs = [new Column(scalar), new Column(scalar)];
  const box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
  const trip = async () => {
    const task = { id: 0, name: "trip", kernel, inputs, out: new Column(scalar), box };
    const outcome = await executor.submit(task, signal);
    if (outcome.kind !== "done") throw new Error(outcome.message);
    return outcome.out.numbers[0] as number;
  };
  return { trip, close: async () => undefined };
}

export const reckonThreads: BenchEngine = {
  name: "reckon-threads",
  role: "reckon",
  form: "threads",
  whyNot: "runs tasks on threads, and has no graph of its own",
  packageName: "@reckon/workers",
  heavy: async (batch, isOneThread) => inEngine(batch, isOneThread ? undefined : await ownExecutor()),
  trips: ownTrips,
  keepsResults: true,
  runsBatches: true,
  opensLight: openLight,
};

export const piscina: BenchEngine = {
  name: "piscina",
  role: "peer",
  form: "threads",
  whyNot: "runs tasks on threads, and has no graph of its own",
  packageName: "piscina",
  heavy(batch, isOneThread) {
    if (isOneThread) return inLoop(batch);
    const pool = pooled();
    return {
      run: async (seed) =>
        Float64Array.from(await Promise.all(tasksOf(batch, seed).map((task) => pool.run(task)))),
      close: async () => undefined,
    };
  },
  trips() {
    const pool = pooled();
    const task: HeavyTask = { seed: 0, reads: new Float64Array(1), rounds: 1 };
    return { trip: () => pool.run(task), close: async () => undefined };
  },
};

let pool: Piscina<HeavyTask, number> | undefined;

function pooled(): Piscina<HeavyTask, number> {
  pool ??= new Piscina({ filename: work.href, name: "compute", minThreads: cores, maxThreads: cores });
  return pool;
}

export const workerATask: BenchEngine = {
  name: "worker-a-task",
  tasksMax: 30,
  refuses: { sweep: "see heavy: never faster than one thread below some 30 ms a task" },
  role: "peer",
  form: "threads",
  whyNot: "runs tasks on threads, and has no graph of its own",
  heavy: (batch, isOneThread) =>
    isOneThread
      ? inLoop(batch)
      : {
          async run(seed) {
            const tasks = tasksOf(batch, seed);
            const results = new Float64Array(tasks.length);
            let next = 0;
            const takeTurns = async () => {
              for (let i = next++; i < tasks.length; i = next++) results[i] = await inNewWorker(tasks[i]!);
            };
            await Promise.all(Array.from({ length: cores }, takeTurns));
            return results;
          },
          close: async () => undefined,
        },
  trips: () => ({
    trip: () => inNewWorker({ seed: 0, reads: new Float64Array(1), rounds: 1 }),
    close: async () => undefined,
  }),
};

function inNewWorker(task: HeavyTask): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(thread, { workerData: task });
    worker.once("error", reject);
    worker.once("message", (result: number) => {
      worker.terminate().then(() => resolve(result), reject);
    });
  });
}

type Send = (tasks: readonly HeavyTask[]) => Promise<Float64Array>;
let sender: Send | undefined;

/** To a thread that takes a list of tasks a message, one for the process. */
function senderToThread(): Send {
  if (sender !== undefined) return sender;
  const worker = new Worker(thread, { workerData: null });
  const waiting: { resolve: (results: Float64Array) => void; reject: (reason: unknown) => void }[] = [];
  worker.on("message", (results: Float64Array) => waiting.shift()?.resolve(results));
  worker.on("error", (reason) => waiting.shift()?.reject(reason));
  sender = (tasks) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(tasks);
    });
  return sender;
}

export const floorThreads: BenchEngine = {
  name: "floor-threads",
  role: "floor",
  form: "threads",
  whyNot: "runs tasks on threads, and has no graph of its own",
  heavy(batch, isOneThread) {
    if (isOneThread) return inLoop(batch);
    const send = senderToThread();
    return {
      async run(seed) {
        const tasks = tasksOf(batch, seed);
        const half = tasks.length >> 1;
        const there = send(tasks.slice(half));
        const here = tasks.slice(0, half).map(compute);
        return Float64Array.from([...here, ...(await there)]);
      },
      close: async () => undefined,
    };
  },
  trips() {
    const send = senderToThread();
    const tasks = [{ seed: 0, reads: new Float64Array(1), rounds: 1 }];
    return { trip: async () => (await send(tasks))[0] as number, close: async () => undefined };
  },
};
