/**
 * A queue with workers in the place of a cluster, where everything goes wrong that may: answers come late, twice or never, the
 * server is away and may have forgotten everything when it is back, workers die with what they compute.
 */
import {
  BatchError,
  type ChunkOutcome,
  type ClusterPort,
  type Consumption,
  createLocalJobEngine,
  createScriptedRunner,
  type EntityChunk,
  type JobEngine,
  type JobEvent,
  type RandomSource,
  type ScriptedRunner,
  type ScriptedRunnerOptions,
  type SimulatedClock,
} from "@reckon/batch";

export interface ChaosOptions {
  readonly clock: SimulatedClock;
  readonly random: RandomSource;
  readonly script: NonNullable<ScriptedRunnerOptions["script"]>;
  readonly workers: number;
  /** From 0, a quiet queue, to 1. */
  readonly chaos: number;
}

export interface ChaoticQueue {
  /** A connection of one conductor. */
  readonly connect: () => ClusterPort;
  readonly runners: readonly ScriptedRunner[];
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly positions: readonly number[];
  readonly outcome: ChunkOutcome;
}

/** No dead letters: an entity that was lost so often, alone, has had an attempt that a quiet run has not. */
const lostMax = 1_000;
const text = new TextEncoder();
const named = new TextDecoder();

export function openChaoticQueue(options: ChaosOptions): ChaoticQueue {
  const { clock, random, chaos } = options;
  /** What lies beside the queue: rows and answers by name. */
  const chunks = new Map<string, EntityChunk>();
  const answers = new Map<string, Answer>();
  const listeners = new Set<(event: JobEvent) => void>();
  let server = createLocalJobEngine({ clock, lostMax });
  let isAway = false;
  let isClosed = false;
  let sessions = 0;
  let answered = 0;
  const runners: ScriptedRunner[] = [];
  const consumptions: Consumption[] = [];
  const happens = (share: number): boolean => random() < share * chaos;
  const tell = (event: JobEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };

  /** What a server says comes when it comes, and may come twice; while it is away nothing comes. */
  const hear = (event: JobEvent): void => {
    const copies = happens(0.3) ? 2 : happens(0.05) ? 0 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const lateMs = happens(0.3) ? random() * 200 : 0;
      clock.after(lateMs, () => {
        if (!isAway) tell(event);
      });
    }
  };
  server.events(hear);

  const work = async (place: number): Promise<void> => {
    const runner = createScriptedRunner({ clock, script: options.script, worker: `worker ${place}` });
    runners.push(runner);
    const consumption = await server.consume(
      async ({ body, signal }) => {
        const chunk = chunks.get(named.decode(body)) as EntityChunk;
        const outcome = await runner.run(chunk, { signal, timeoutMs: 40 });
        const name = `answer ${answered++}`;
        answers.set(name, { positions: chunk.positions, outcome });
        return text.encode(name);
      },
      { concurrency: 1, worker: `worker ${place}` },
    );
    consumptions[place] = consumption;
  };
  const settled: Promise<unknown>[] = [];
  for (let place = 0; place < options.workers; place++) settled.push(work(place));

  /** Now and then something happens by itself. */
  const live = (): void => {
    if (isClosed) return;
    clock.after(20 + random() * 80, live);
    if (happens(0.15)) {
      const place = Math.floor(random() * options.workers);
      settled.push((consumptions[place]?.stop(0) ?? Promise.resolve()).then(() => work(place)));
    }
    if (!isAway && happens(0.1)) goAway();
  };

  const goAway = (): void => {
    isAway = true;
    tell({ kind: "disconnected", message: "the queue is away" });
    const hasForgotten = random() < 0.5;
    clock.after(random() * 300, () => {
      if (hasForgotten) {
        const old = server;
        server = createLocalJobEngine({ clock, lostMax });
        server.events(hear);
        settled.push(old.close());
        consumptions.length = 0;
        for (let place = 0; place < options.workers; place++) settled.push(work(place));
      }
      isAway = false;
      tell({ kind: "connected", message: "the queue is there again" });
    });
  };
  if (chaos > 0) live();

  const reach = async <Result>(ask: (jobs: JobEngine) => Promise<Result>): Promise<Result> => {
    if (isAway) throw new BatchError("queue", "the queue does not answer");
    const result = await ask(server);
    // It may have been done, and the answer be lost.
    if (happens(0.05)) throw new BatchError("queue", "the queue has not answered");
    return result;
  };

  const connect = (): ClusterPort => {
    const session = ++sessions;
    const own = (group: string): string => `${group}-${session}`;
    const heard = new Set<(event: JobEvent) => void>();
    const jobs: JobEngine = {
      name: "chaos",
      capabilities: { ...server.capabilities, isRemote: true },
      enqueue: (all) => reach((to) => to.enqueue(all.map((job) => ({ ...job, group: own(job.group) })))),
      consume: (handler, how) => server.consume(handler, how),
      withdraw: (ids) => reach((to) => to.withdraw(ids)),
      cancel: (group) => reach((to) => to.cancel(own(group))),
      states: (ids) => reach((to) => to.states(ids)),
      answer: (id) => reach((to) => to.answer(id)),
      forget: (ids) => reach((to) => to.forget(ids)),
      counts: () => reach((to) => to.counts()),
      events: (listener) => {
        listeners.add(listener);
        heard.add(listener);
        return () => listeners.delete(listener);
      },
      deadLetters: (limit) => reach((to) => to.deadLetters(limit)),
      requeue: (ids) => reach((to) => to.requeue(ids)),
      limitRate: (rate) => reach((to) => to.limitRate(rate)),
      rateLimit: () => reach((to) => to.rateLimit()),
      close: async () => {
        for (const listener of heard) listeners.delete(listener);
      },
    };
    return {
      jobs,
      blobs: {
        put: () => Promise.resolve(),
        get: () => Promise.resolve(undefined),
        drop: () => Promise.resolve(),
        close: () => Promise.resolve(),
      },
      publish: () => Promise.resolve("address"),
      encode: async (run, _, chunk) => {
        const name = `${run} ${chunk.id} ${session}`;
        chunks.set(name, chunk);
        return text.encode(name);
      },
      decode: async (answer) => {
        const found = answers.get(named.decode(answer));
        if (found === undefined) throw new Error("there is no such answer");
        // Of several entities: the chunk is lost, which is no attempt. One that is alone would have had one.
        if (found.positions.length > 1 && happens(0.05)) throw new Error("the answer's values are not there");
        return found;
      },
      measure: async () => ({
        threads: options.workers,
        workers: options.workers,
        perJobMs: 1,
        roundTripMs: 1,
        chunkMsMin: 1,
      }),
    };
  };

  return {
    connect,
    runners,
    close: async () => {
      isClosed = true;
      await Promise.all(settled);
      await server.close();
    },
  };
}
