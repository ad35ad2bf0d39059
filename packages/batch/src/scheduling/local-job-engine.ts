/**
 * The job engine in this process: a queue that lives as long as it. The same contract as the queues on servers, so that what
 * runs here and what runs there is decided by the same code.
 *
 *   1. Jobs wait in a heap by priority, then as they came; delayed ones by a timer each.
 *   2. Whenever a job comes, ends or is due, and the rate allows it, waiting ones are given to consumers with a free place.
 *   3. A consumer that stops gives back what it has not finished; a job that was given back too often is a dead letter.
 *
 * A consumer here dies only with the process, so there are no leases to run out. Cost: log n a job, and once all that wait for taking out any number of them.
 */
import type { BatchClock } from "../batch-clock.ts";
import { BatchError } from "../batch-error.ts";
import type {
  ConsumeOptions,
  Consumption,
  DeadLetter,
  EnqueueOutcome,
  JobCapabilities,
  JobCounts,
  JobEngine,
  JobEvent,
  JobId,
  JobRequest,
  JobState,
  JobWork,
  PassedOn,
  RateLimit,
} from "../job-engine.ts";
import { OrderedHeap } from "./ordered-heap.ts";
import { RateGate } from "./rate-gate.ts";

export interface LocalJobEngineOptions {
  readonly clock: BatchClock;
  /** A job that was given back more often is a dead letter; absent: 3. */
  readonly lostMax?: number;
}

interface LocalJob {
  readonly request: JobRequest;
  order: number;
  state: Exclude<JobState, "unknown">;
  delivery: number;
  answer: Uint8Array | undefined;
  message: string;
  diedAtMs: number;
  /** Of the delivery that is active. */
  abort: AbortController | undefined;
  /** Takes back the timer of a delay. */
  undelay: (() => void) | undefined;
}

interface Consumer {
  readonly handler: JobWork;
  readonly options: ConsumeOptions;
  readonly active: Set<LocalJob>;
  /** Places in which it takes nothing for a while, each with what ends that. */
  readonly resting: Set<() => void>;
  isStopping: boolean;
  /** Called when a job of it has ended. */
  onQuiet: () => void;
}

const lostMaxAbsent = 3;
const bodyBytesMax = 65_536;

/**
 * A queue without jobs.
 *
 * @example
 * ```ts
 * const jobs = createLocalJobEngine({ clock: systemClock });
 * await jobs.consume(async ({ body }) => body, { concurrency: 2, worker: "main" });
 * await jobs.close();
 * ```
 */
export function createLocalJobEngine(options: LocalJobEngineOptions): JobEngine {
  return new LocalJobEngine(options);
}

class LocalJobEngine implements JobEngine {
  readonly name = "in this process";
  readonly capabilities: JobCapabilities = {
    priority: true,
    delay: true,
    deduplicate: true,
    rateLimit: true,
    cancelActive: true,
    survivesRestart: false,
    isRemote: false,
  };
  readonly #clock: BatchClock;
  readonly #lostMax: number;
  readonly #jobs = new Map<JobId, LocalJob>();
  readonly #waiting = new OrderedHeap<LocalJob>((a, b) =>
    a.request.priority === b.request.priority ? a.order < b.order : a.request.priority < b.request.priority,
  );
  readonly #consumers = new Set<Consumer>();
  readonly #cancelled = new Set<string>();
  readonly #listeners = new Set<(event: JobEvent) => void>();
  #gate = new RateGate(undefined);
  #rate: RateLimit | undefined;
  #unwake: (() => void) | undefined;
  #order = 0;
  #isClosed = false;

  constructor({ clock, lostMax = lostMaxAbsent }: LocalJobEngineOptions) {
    this.#clock = clock;
    this.#lostMax = lostMax;
  }

  enqueue = async (jobs: readonly JobRequest[]): Promise<readonly EnqueueOutcome[]> => {
    this.#checkOpen();
    const outcomes = jobs.map((request) => this.#add(request));
    this.#give();
    return outcomes;
  };

  consume = async (handler: JobWork, options: ConsumeOptions): Promise<Consumption> => {
    this.#checkOpen();
    const consumer: Consumer = {
      handler,
      options,
      active: new Set(),
      resting: new Set(),
      isStopping: false,
      onQuiet: () => undefined,
    };
    this.#consumers.add(consumer);
    this.#give();
    return { stop: (graceMs) => this.#stop(consumer, graceMs) };
  };

  withdraw = async (ids: readonly JobId[]): Promise<readonly boolean[]> => {
    const taken = new Set<LocalJob>();
    const isTaken = ids.map((id) => {
      const job = this.#jobs.get(id);
      if (job === undefined || taken.has(job) || !isUnbegun(job)) return false;
      taken.add(job);
      return true;
    });
    this.#remove(taken);
    return isTaken;
  };

  cancel = async (group: string): Promise<number> => {
    this.#cancelled.add(group);
    const unbegun = new Set<LocalJob>();
    const active: LocalJob[] = [];
    for (const job of this.#jobs.values()) {
      if (job.request.group !== group) continue;
      if (isUnbegun(job)) unbegun.add(job);
      else if (job.state === "active") active.push(job);
    }
    this.#remove(unbegun);
    for (const job of active) job.abort?.abort();
    return unbegun.size + active.length;
  };

  states = async (ids: readonly JobId[]): Promise<readonly JobState[]> =>
    ids.map((id) => this.#jobs.get(id)?.state ?? "unknown");

  answer = async (id: JobId): Promise<Uint8Array | undefined> => this.#jobs.get(id)?.answer;

  forget = async (ids: readonly JobId[]): Promise<void> => {
    for (const id of ids) {
      const job = this.#jobs.get(id);
      if (job !== undefined && isOver(job.state)) this.#jobs.delete(id);
    }
  };

  counts = async (): Promise<JobCounts> => {
    const counts = { waiting: 0, delayed: 0, active: 0, finished: 0, failed: 0, dead: 0 };
    for (const { state } of this.#jobs.values()) counts[state]++;
    return { ...counts, consumers: this.#consumers.size };
  };

  events = (listener: (event: JobEvent) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  deadLetters = async (limit: number): Promise<readonly DeadLetter[]> => {
    const dead = [...this.#jobs.values()].filter(({ state }) => state === "dead").slice(0, limit);
    return dead.map(({ request: { id, group, body }, delivery, message, diedAtMs }) => ({
      id,
      group,
      body,
      deliveries: delivery,
      message,
      diedAtMs,
    }));
  };

  requeue = async (ids: readonly JobId[]): Promise<number> => {
    const dead = ids.map((id) => this.#jobs.get(id)).filter((job) => job?.state === "dead") as LocalJob[];
    for (const job of dead) {
      this.#jobs.delete(job.request.id);
      const { delayMs: _, ...request } = job.request;
      this.#add(request);
    }
    this.#give();
    return dead.length;
  };

  limitRate = async (rate: RateLimit | undefined): Promise<void> => {
    this.#rate = rate;
    this.#gate = new RateGate(rate);
    this.#give();
  };

  rateLimit = async (): Promise<RateLimit | undefined> => this.#rate;

  close = async (): Promise<void> => {
    this.#isClosed = true;
    await Promise.all([...this.#consumers].map((consumer) => this.#stop(consumer, 0)));
    this.#unwake?.();
    for (const { undelay } of this.#jobs.values()) undelay?.();
  };

  #checkOpen(): void {
    if (this.#isClosed) throw new BatchError("queue", "the queue in this process is closed");
  }

  #add(request: JobRequest): EnqueueOutcome {
    const { id, group, body, delayMs = 0 } = request;
    if (body.length > bodyBytesMax)
      throw new BatchError("misuse", `the body of job ${id} has more than ${bodyBytesMax} bytes`);
    if (this.#jobs.has(id)) return "known";
    if (this.#cancelled.has(group)) return "added";
    const job: LocalJob = {
      request,
      order: this.#order++,
      state: delayMs > 0 ? "delayed" : "waiting",
      delivery: 0,
      answer: undefined,
      message: "",
      diedAtMs: 0,
      abort: undefined,
      undelay: undefined,
    };
    this.#jobs.set(id, job);
    if (delayMs > 0)
      job.undelay = this.#clock.after(delayMs, () => {
        job.undelay = undefined;
        this.#wait(job);
        this.#give();
      });
    else this.#wait(job);
    return "added";
  }

  #wait(job: LocalJob): void {
    job.state = "waiting";
    this.#waiting.push(job);
  }

  /** All at once: taking one out of the heap costs as much as taking out thousands. */
  #remove(jobs: ReadonlySet<LocalJob>): void {
    let waiting = 0;
    for (const job of jobs) {
      job.undelay?.();
      if (job.state === "waiting") waiting++;
      this.#jobs.delete(job.request.id);
    }
    if (waiting > 0) this.#waiting.remove((job) => jobs.has(job));
  }

  /** Gives waiting jobs to consumers that have a free place. */
  #give(): void {
    this.#unwake?.();
    this.#unwake = undefined;
    while (this.#waiting.size > 0 && !this.#isClosed) {
      const consumer = this.#freeConsumer();
      if (consumer === undefined) return;
      const now = this.#clock.now();
      const opensAtMs = this.#gate.opensAtMs(1, now);
      if (opensAtMs > now) {
        this.#unwake = this.#clock.after(opensAtMs - now, () => this.#give());
        return;
      }
      const job = this.#waiting.pop() as LocalJob;
      this.#gate.send(job.request.id, 1);
      this.#gate.begin(job.request.id, now);
      this.#begin(job, consumer);
    }
  }

  /** The one with the most free places. */
  #freeConsumer(): Consumer | undefined {
    let best: Consumer | undefined;
    let most = 0;
    for (const consumer of this.#consumers) {
      const { options, active, resting, isStopping } = consumer;
      const free = isStopping ? 0 : options.concurrency - active.size - resting.size;
      if (free > most) {
        best = consumer;
        most = free;
      }
    }
    return best;
  }

  #begin(job: LocalJob, consumer: Consumer): void {
    const { id, group, body } = job.request;
    const abort = new AbortController();
    Object.assign(job, { state: "active", delivery: job.delivery + 1, abort });
    consumer.active.add(job);
    this.#tell({ kind: "active", id, worker: consumer.options.worker });
    const isCurrent = (): boolean => job.abort === abort && job.state === "active";
    const heartbeat = async (): Promise<boolean> => isCurrent() && !abort.signal.aborted;
    const active = { id, group, body, delivery: job.delivery, signal: abort.signal, heartbeat };
    const end = (state: "finished" | "failed", event: JobEvent, answer?: Uint8Array): void => {
      if (!isCurrent()) return;
      consumer.active.delete(job);
      Object.assign(job, { state, answer, abort: undefined });
      this.#tell(event);
      consumer.onQuiet();
      this.#give();
    };
    // The handler begins in a turn of its own, so nothing is told while a job is being enqueued.
    Promise.resolve(active)
      .then(consumer.handler)
      .then(
        (answer) => {
          if (answer instanceof Uint8Array) end("finished", { kind: "finished", id, answer }, answer);
          else if (isCurrent()) this.#passOn(job, consumer, answer);
        },
        (error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          job.message = message;
          end("failed", { kind: "failed", id, message });
        },
      );
  }

  /** Behind the others of its priority. */
  #passOn(job: LocalJob, consumer: Consumer, { restMs }: PassedOn): void {
    consumer.active.delete(job);
    Object.assign(job, { delivery: job.delivery - 1, abort: undefined, order: this.#order++ });
    const untime = this.#clock.after(restMs, () => {
      consumer.resting.delete(untime);
      this.#give();
    });
    consumer.resting.add(untime);
    this.#wait(job);
    consumer.onQuiet();
    this.#give();
  }

  async #stop(consumer: Consumer, graceMs: number): Promise<void> {
    consumer.isStopping = true;
    for (const untime of consumer.resting) untime();
    if (consumer.active.size > 0 && graceMs > 0)
      await new Promise<void>((resolve) => {
        const untime = this.#clock.after(graceMs, resolve);
        consumer.onQuiet = () => {
          if (consumer.active.size > 0) return;
          untime();
          resolve();
        };
      });
    for (const job of consumer.active) this.#giveBack(job);
    consumer.active.clear();
    this.#consumers.delete(consumer);
    this.#give();
  }

  /** The job is lost to its consumer: another one gets it, unless it was lost too often. */
  #giveBack(job: LocalJob): void {
    const { id } = job.request;
    job.abort?.abort();
    job.abort = undefined;
    if (job.delivery <= this.#lostMax) {
      this.#tell({ kind: "lost", id });
      this.#wait(job);
      return;
    }
    const message = `given back ${job.delivery} times`;
    Object.assign(job, { state: "dead", message, diedAtMs: this.#clock.date() });
    this.#tell({ kind: "dead", id, message });
  }

  #tell(event: JobEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** Nobody has taken it. */
function isUnbegun({ state }: LocalJob): boolean {
  return state === "waiting" || state === "delayed";
}

function isOver(state: JobState): boolean {
  return state === "finished" || state === "failed" || state === "dead";
}
