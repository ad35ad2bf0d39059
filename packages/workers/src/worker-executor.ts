/**
 * The executor on worker threads: what goes to a thread, and what is answered here.
 *
 * A kernel with `remote` goes to a thread; any other runs in place, as the inline executor does it. So does a kernel when
 * too much waits already, or when no thread can be made: work is never refused for that, only calls are, which have
 * nothing that could run here.
 */
import { availableParallelism } from "node:os";
import { type DispatchCosts, inlineExecutor, type Task, type TaskOutcome } from "@reckon/engine";
import type {
  CallOutcome,
  CallRequest,
  WorkerCounts,
  WorkerEvent,
  WorkerExecutor,
  WorkerExecutorOptions,
  WorkerHistograms,
} from "./api.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { Job } from "./dispatch/job.ts";
import { WorkRecords } from "./dispatch/work-records.ts";
import { measureCosts } from "./measure/measure-costs.ts";
import { Tally } from "./measure/tally.ts";
import { threadCounts } from "./measure/thread-counts.ts";
import { ownProgram } from "./pool/program-address.ts";

const prefetchMax = 4;
const queueMaxDefault = 65_536;
const cancelGraceMsDefault = 100;
/** Node ends the whole process where the heap of a thread cannot even hold its beginning. */
const memoryMbMin = 32;

/**
 * Makes an executor. No thread is made before there is work for one, and none keeps the process alive.
 *
 * @example
 * ```ts
 * const executor = createWorkerExecutor({ threads: 2 });
 * const engine = createEngine({ executor });
 * await executor.close();
 * ```
 */
export function createWorkerExecutor(options: WorkerExecutorOptions = {}): WorkerExecutor {
  return new ThreadedExecutor(options, ownProgram(new URL("./program/worker-program.ts", import.meta.url)));
}

/** `program`: what threads run. */
export class ThreadedExecutor implements WorkerExecutor {
  private readonly options: WorkerExecutorOptions;
  private readonly threads: number;
  private readonly queueMax: number;
  private readonly tally = new Tally();
  private readonly records = new WorkRecords();
  private readonly dispatcher: Dispatcher;
  private known: DispatchCosts | undefined;
  private measuring: Promise<DispatchCosts> | undefined;
  private closing: Promise<void> | undefined;
  private turnAt = -1;

  constructor(options: WorkerExecutorOptions, program: string) {
    this.options = options;
    // No number of threads is one: with none everything would wait for ever.
    this.threads = Math.max(1, Math.floor(options.threads ?? availableParallelism()) || 1);
    this.queueMax = options.queueMax ?? queueMaxDefault;
    this.known = options.costs;
    const { onEvent } = options;
    this.dispatcher = new Dispatcher({
      threads: this.threads,
      prefetch: Math.min(prefetchMax, Math.max(1, options.prefetch ?? prefetchMax)),
      program,
      memoryMb: options.memoryMb === undefined ? undefined : Math.max(memoryMbMin, options.memoryMb),
      memoryHint: options.memoryHint,
      recycleAfter: options.recycleAfter ?? Number.POSITIVE_INFINITY,
      cancelGraceMs: options.cancelGraceMs ?? cancelGraceMsDefault,
      onEvent: (event) => tell(onEvent, event),
      tally: this.tally,
      records: this.records,
      onHopeless: (job) => this.withoutThreads(job),
    });
  }

  readonly submit = (task: Task, signal: AbortSignal): TaskOutcome | Promise<TaskOutcome> => {
    if (task.kernel.remote === undefined) return inlineExecutor.submit(task, signal);
    const refusal = this.refusal(signal);
    if (refusal !== undefined) return refusal;
    if (this.dispatcher.queue.length >= this.queueMax) {
      this.tally.inPlace++;
      return inlineExecutor.submit(task, signal);
    }
    const record = this.records.ofKernel(task.kernel);
    if (record.problem !== undefined) return { kind: "failed", message: record.problem };
    return new Promise((resolve) => {
      const timeoutMs = this.options.taskTimeoutMs ?? 0;
      const work = { task, request: null, record, timeoutMs, submittedAt: this.now(), answer: resolve };
      this.dispatcher.submit(new Job(work), signal);
    });
  };

  readonly call = (request: CallRequest, signal?: AbortSignal): Promise<CallOutcome> => {
    const refusal = this.refusal(signal);
    if (refusal !== undefined) return Promise.resolve(refusal);
    const { length } = this.dispatcher.queue;
    if (length >= this.queueMax) {
      this.tally.add("refused");
      return Promise.resolve({ kind: "refused", message: `${length} tasks wait already` });
    }
    const record = this.records.ofCall(request);
    if (record.problem !== undefined) return Promise.resolve({ kind: "failed", message: record.problem });
    return new Promise((resolve) => {
      const timeoutMs = request.timeoutMs ?? this.options.taskTimeoutMs ?? 0;
      const work = { task: null, request, record, timeoutMs, submittedAt: this.now(), answer: resolve };
      this.dispatcher.submit(new Job(work), signal);
    });
  };

  readonly flush = (): void => this.dispatcher.pump();

  readonly counts = (): WorkerCounts => {
    const { dispatcher, tally } = this;
    const { pool, queue, running } = dispatcher;
    const { spawned, respawned } = pool;
    return {
      ...tally.counts(),
      running,
      queued: queue.length,
      spawned,
      respawned,
      recycled: tally.recycled,
      threads: threadCounts(pool.threads),
    };
  };

  readonly histograms = (): WorkerHistograms => this.tally.histograms();

  readonly drained = (): Promise<void> => this.dispatcher.drained();

  readonly costs = (): DispatchCosts | undefined => {
    const { known } = this;
    if (known === undefined) return undefined;
    return this.dispatcher.pool.threads.some(({ wasReady }) => wasReady) ? { ...known, spawnMs: 0 } : known;
  };

  readonly measureCosts = (): Promise<DispatchCosts> => {
    this.measuring ??= measureCosts(this.submit, this.threads, () => this.dispatcher.pool.spawnMs)
      .then((costs) => {
        this.known = costs;
        return costs;
      })
      .finally(() => {
        this.measuring = undefined;
      });
    return this.measuring;
  };

  readonly close = (): Promise<void> => {
    this.closing ??= this.dispatcher.close();
    return this.closing;
  };

  private refusal(signal: AbortSignal | undefined): { kind: "cancelled"; message: string } | undefined {
    if (signal?.aborted === true) return { kind: "cancelled", message: "the task was superseded" };
    if (this.closing !== undefined) return { kind: "cancelled", message: "the executor is closed" };
    return undefined;
  }

  private withoutThreads(job: Job): void {
    const message = "no worker thread can be started here";
    const { task } = job;
    if (task === null) {
      this.dispatcher.settle(job, { kind: "refused", message });
      return;
    }
    this.tally.inPlace++;
    const never = new AbortController().signal;
    Promise.resolve(inlineExecutor.submit(task, never)).then(
      (outcome) => this.dispatcher.settle(job, outcome),
      (reason: unknown) => this.dispatcher.settle(job, { kind: "failed", message: String(reason) }),
    );
  }

  /** The time, read once a turn. */
  private now(): number {
    if (this.turnAt < 0) {
      this.turnAt = performance.now();
      queueMicrotask(() => {
        this.turnAt = -1;
      });
    }
    return this.turnAt;
  }
}

/** A listener that throws does not disturb the executor; its exception is nobody's but its own. */
function tell(listener: WorkerExecutorOptions["onEvent"], event: WorkerEvent): void {
  try {
    listener?.(event);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
