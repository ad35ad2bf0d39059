/** A whole batch over a cluster, as the command runs it: program, source, ledger in a file, results in a file. */
import {
  type BatchClock,
  type BatchEvent,
  type BatchRun,
  createRecordSource,
  openLedger,
  prepareProgram,
  type RateLimit,
  seededRandom,
  startBatch,
  systemClock,
} from "@reckon/batch";
import { connectCluster } from "@reckon/cluster";
import { createRuntime } from "@reckon/host";

export interface ClusterBatch {
  readonly model: string;
  readonly kinds: readonly number[];
  readonly ledger: string;
  readonly results: string;
  readonly seed: number;
  /** Absent: as the plan says. */
  readonly chunkEntities?: number;
  readonly rate?: RateLimit;
  /** Absent: one after another in this process. */
  readonly queue?: { readonly url: string; readonly name: string; readonly signingKey: string };
  /** Later than it is: what was held by a process that is gone is free. */
  readonly aheadMs?: number;
  /** How much faster time passes for the conductor; absent: 1. */
  readonly speed?: number;
}

export interface StartedBatch extends BatchRun {
  readonly close: () => Promise<void>;
}

export async function startClusterBatch(
  asked: ClusterBatch,
  onEvent: (event: BatchEvent) => void,
): Promise<StartedBatch> {
  const {
    model,
    kinds,
    ledger: place,
    results,
    queue,
    seed,
    chunkEntities,
    rate,
    aheadMs = 0,
    speed = 1,
  } = asked;
  const prepared = await prepareProgram({
    load: { model, allowModules: true },
    axis: "player",
    columns: ["id", "kind"],
  });
  if (!("program" in prepared)) throw new Error(JSON.stringify(prepared));
  const clock: BatchClock = {
    now: () => systemClock.now() * speed,
    date: () => systemClock.date() + aheadMs,
    after: (ms, then) => systemClock.after(ms / speed, then),
  };
  const ledger = await openLedger(place, { clock });
  const runtime = createRuntime({ threads: 0, cache: "off" });
  const port =
    queue === undefined
      ? undefined
      : await connectCluster({
          ...{ ...queue, clock },
          onNotice: (message) => onEvent({ kind: "notice", message }),
        });
  const records = kinds.map((kind, i) => ({ id: `p${i}`, kind }));
  const batch = startBatch({
    program: prepared.program,
    source: createRecordSource(records, { name: "players.csv" }),
    ledger,
    policy: {
      retry: { attemptsMax: 1, firstMs: 100, factor: 2, longestMs: 1_000, jitter: 0 },
      ...(rate === undefined ? {} : { rate }),
    },
    strategy: port === undefined ? "sequential" : "cluster",
    ...(chunkEntities === undefined ? {} : { chunkEntities }),
    resume: "auto",
    results: { path: results, format: "csv" },
    runtime,
    ...(port === undefined ? {} : { queue: port }),
    clock,
    random: seededRandom(seed),
    onEvent,
  });
  return {
    get run() {
      return batch.run;
    },
    summary: batch.summary,
    progress: batch.progress,
    interrupt: batch.interrupt,
    close: async () => {
      await port?.jobs.close();
      await ledger.close();
      await runtime.close();
    },
  };
}
