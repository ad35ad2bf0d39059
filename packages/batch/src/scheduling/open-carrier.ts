/** Who computes the chunks of a run, behind a job engine: runners in this process, or workers on a queue. */
import type { BatchRequest, ClusterPort } from "../api.ts";
import type { BatchClock } from "../batch-clock.ts";
import { BatchError } from "../batch-error.ts";
import type { ClusterMeasure, StrategyName } from "../batch-plan.ts";
import type { ChunkRunner } from "../chunk-runner.ts";
import type { EntityChunk } from "../entity.ts";
import { createInlineRunner } from "../evaluation/inline-runner.ts";
import { createInsideRunner } from "../evaluation/inside-runner.ts";
import { createSparingRunner } from "../evaluation/sparing-runner.ts";
import { createThreadRunner, type ThreadRunner } from "../evaluation/thread-runner.ts";
import { atMost } from "./at-most.ts";
import { ChunkShelf, emptyBody } from "./chunk-shelf.ts";
import { JobCarrier, type JobCarrierOptions, type Packing } from "./job-carrier.ts";
import { createLocalJobEngine } from "./local-job-engine.ts";
import type { Portion } from "./portion.ts";

export interface CarrierHooks extends Omit<JobCarrierOptions, "jobs" | "packing" | "clock" | "run"> {
  readonly chunkOf: (portion: Portion) => EntityChunk;
  /** How many chunks run at the same time, and how many may be in hand: told again when it changes. */
  readonly onCapacity: (concurrency: number, chunksMax: number) => void;
}

export interface OpenCarrier {
  readonly carrier: JobCarrier;
  readonly concurrency: number;
  readonly chunksMax: number;
  readonly close: () => Promise<void>;
}

export interface CarrierChoice {
  readonly run: string;
  readonly strategy: StrategyName;
  readonly concurrency: number;
  readonly chunkEntities: number;
  /** What has the program open already: the runner of the sample, for `sequential`, or threads made meanwhile. */
  readonly runner: ChunkRunner | undefined;
}

/** Of chunks in hand, those that run included. */
const chunksPerPlace = 2;
/** On a queue: see the settings in docs/spec/cluster.md. */
const chunksPerThread = 4;
const queuedChunksLeast = 16;
const measureEveryMs = 5_000;
const lastWordMs = 2_000;
const lateTellingsMax = 10;
/** Error values that chunks may leave in this process, 400 bytes each. */
const errorsMaxHere = 100_000;
/** There is less to be had from a thread where each chunk has several: its heavy calls are then one after another. */
const errorsMaxInside = 500_000;

/** The runner of a strategy of this process. */
export function runnerOf(request: BatchRequest, strategy: StrategyName, concurrency: number): ChunkRunner {
  const { program, policy, cache = "off", runtime, runners } = request;
  if (runners !== undefined) return runners(strategy, concurrency);
  const { timeoutMs, memoryMb } = policy;
  const onThreads = (): ThreadRunner => threadRunnerOf(request, strategy === "threads" ? concurrency : 1);
  const onSparingThread = (): ThreadRunner => threadRunnerOf(request, 1, { errorsMax: errorsMaxHere });
  switch (strategy) {
    case "sequential":
      return timeoutMs === undefined && memoryMb === undefined
        ? createSparingRunner(
            createInlineRunner(program, { cache, onLate: tellLate(request) }),
            onSparingThread,
            {
              errorsMax: errorsMaxHere,
            },
          )
        : onThreads();
    case "inside":
      return timeoutMs === undefined
        ? createSparingRunner(createInsideRunner(program, runtime, tellLate(request)), onSparingThread, {
            errorsMax: errorsMaxInside,
          })
        : onThreads();
    case "threads":
      return onThreads();
    case "cluster":
      throw new BatchError("misuse", "chunks of a cluster are computed by its workers");
  }
}

/** Threads that compute whole chunks. */
export function threadRunnerOf(
  request: BatchRequest,
  threads: number,
  more: { readonly errorsMax?: number } = {},
): ThreadRunner {
  const { program, policy, cache = "off" } = request;
  const { memoryMb } = policy;
  const memory = memoryMb === undefined ? {} : { memoryMb };
  return createThreadRunner(program, { threads, cache, onLate: tellLate(request), ...memory, ...more });
}

/** Told once each: what one entity leaves behind, thousands may. */
function tellLate({ onEvent }: BatchRequest): (message: string) => void {
  const told = new Set<string>();
  return (message) => {
    if (told.has(message) || told.size >= lateTellingsMax) return;
    told.add(message);
    const text = `what a function of a module left behind threw when its entity had ended: ${message}`;
    onEvent?.({ kind: "notice", message: text });
  };
}

export async function openCarrier(
  request: BatchRequest,
  choice: CarrierChoice,
  hooks: CarrierHooks,
): Promise<OpenCarrier> {
  if (choice.strategy !== "cluster") return await openLocal(request, choice, hooks);
  if (request.queue === undefined)
    throw new BatchError("misuse", "the strategy `cluster` needs a queue, and there is none");
  return await openQueue(request, request.queue, choice, hooks);
}

async function openLocal(
  request: BatchRequest,
  { run, strategy, concurrency, runner: given }: CarrierChoice,
  hooks: CarrierHooks,
): Promise<OpenCarrier> {
  const { clock, policy } = request;
  const shelf = new ChunkShelf();
  const jobs = createLocalJobEngine({ clock });
  const runner = given ?? runnerOf(request, strategy, concurrency);
  const packing: Packing = {
    pack: async (id, portion) => {
      shelf.put(id, hooks.chunkOf(portion));
      return emptyBody;
    },
    unpack: async (id) => ({
      outcome: shelf.take(id) ?? { kind: "lost", message: "nothing came back" },
    }),
    drop: (id) => shelf.drop(id),
  };
  const carrier = new JobCarrier({ ...hooks, run, jobs, packing, clock });
  const { timeoutMs } = policy;
  const handler = shelf.worker(runner, timeoutMs === undefined ? {} : { timeoutMs });
  await jobs.consume(handler, { concurrency: runner.concurrency, worker: "main" });
  return {
    carrier,
    concurrency: runner.concurrency,
    chunksMax: chunksPerPlace * runner.concurrency,
    close: async () => {
      carrier.close();
      await jobs.close();
      await runner.close();
    },
  };
}

async function openQueue(
  request: BatchRequest,
  queue: ClusterPort,
  { run, concurrency }: CarrierChoice,
  hooks: CarrierHooks,
): Promise<OpenCarrier> {
  const { clock, policy, program } = request;
  const { timeoutMs, rate } = policy;
  const address = await queue.publish(program);
  const options = {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(rate === undefined ? {} : { rate }),
  };
  const packing: Packing = {
    pack: (_, portion) => queue.encode(run, address, hooks.chunkOf(portion), options),
    unpack: (_, answer) => queue.decode(answer),
    drop: () => undefined,
  };
  const carrier = new JobCarrier({ ...hooks, run, jobs: queue.jobs, packing, clock });
  let told = "";
  const unwatch = watchThreads(queue, clock, (measure) => {
    const { threads } = measure;
    hooks.onCapacity(Math.max(1, threads), queuedChunks(threads));
    const text = workersText(measure);
    if (text !== told) hooks.onNotice(text);
    told = text;
  });
  return {
    carrier,
    concurrency,
    chunksMax: queuedChunks(concurrency),
    close: async () => {
      unwatch();
      // The last answers are forgotten when the ledger has them.
      await atMost(clock, lastWordMs, carrier.settle());
      carrier.close();
    },
  };
}

function queuedChunks(threads: number): number {
  return Math.max(queuedChunksLeast, chunksPerThread * threads);
}

function workersText({ workers, threads }: ClusterMeasure): string {
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
  return `${count(workers, "worker")} with ${count(threads, "thread")} at the queue`;
}

/** Looks every few seconds how many threads all workers have: they come and go during a run. */
function watchThreads(
  queue: ClusterPort,
  clock: BatchClock,
  onMeasure: (measure: ClusterMeasure) => void,
): () => void {
  let isOver = false;
  let untime: () => void = () => undefined;
  const lookLater = (): void => {
    if (isOver) return;
    untime = clock.after(measureEveryMs, () => {
      queue.measure().then(
        (measure) => {
          if (!isOver) onMeasure(measure);
          lookLater();
        },
        // The carrier tells that the queue is away.
        () => lookLater(),
      );
    });
  };
  lookLater();
  return () => {
    isOver = true;
    untime();
  };
}
