/** What a queue costs: the same light entities through Redis and PostgreSQL, and one chunk after another here. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@reckon/batch";
import { connectCluster } from "@reckon/cluster";
import { runBatch } from "../heavy/batch-run.ts";
import { type QueueServer, startPostgres, startRedis } from "../heavy/queue-server.ts";
import { type Figure, figureOf } from "../timing.ts";
import { expectEqual, type Workload, WrongResult } from "../workload.ts";
import { writeLight } from "./batch-light.ts";

const roundsMax = 5;
/** So that there are chunks enough for their cost to be seen: the plan would take thousands of these together. */
const chunkEntities = 100;
const workerProgram = fileURLToPath(new URL("../heavy/batch-worker.ts", import.meta.url));
/** Tests run what is written, the benchmark what is built. */
const sources = process.env.VITEST === undefined ? [] : ["--conditions=@reckon/source"];

export const batchQueue: Workload = {
  id: "batch-queue",
  title: "light entities through a queue",
  about:
    "10,000 entities (size) with 20 light formulas in chunks of 100: through a queue on a server of its own to a worker process of one thread, and one chunk after another here, in turns; all with rows from a CSV file, a ledger in SQLite and a CSV file. `more an entity` is the time through the queue less the time here, divided by the entities: what sending and recording costs, less what the worker does beside this process, so it may be below nothing. The files must be the same.",
  face: "runsBatches",
  whyNot: "runs no batches",
  patience: 6,
  sizes: { full: 10_000, quick: 2000, tiny: 10 },
  measures: {
    here: "here",
    queue: "through Redis",
    each: "more an entity",
    postgres: "through PostgreSQL",
    "postgres-each": "more an entity (PostgreSQL)",
  },
  async run(engine, size, effort): Promise<Figure[]> {
    const folder = mkdtempSync(join(tmpdir(), "reckon-bench-"));
    try {
      writeLight(folder, size);
      const rounds = { counted: Math.min(roundsMax, effort.edits), before: effort.warmMsMax > 0 ? 1 : 0 };
      const redis = await againstHere(folder, rounds, await startRedis());
      const postgres = await againstHere(folder, rounds, await startPostgres());
      const lines = readFileSync(join(folder, "here.csv"), "utf8").trimEnd().split("\n");
      expectEqual(engine, "lines of here.csv", lines.length, size + 1);
      const each = ({ far, here }: Times): number[] => far.map((ms, i) => (ms - (here[i] as number)) / size);
      return [
        figureOf("here", redis.here),
        figureOf("queue", redis.far),
        figureOf("each", each(redis)),
        figureOf("postgres", postgres.far),
        figureOf("postgres-each", each(postgres)),
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

interface Times {
  readonly far: number[];
  readonly here: number[];
}

interface Rounds {
  readonly counted: number;
  readonly before: number;
}

/** By turns through the queue and here; the first time of each, which makes the code and the worker's thread, is not counted. */
async function againstHere(folder: string, { counted, before }: Rounds, server: QueueServer): Promise<Times> {
  const worker = await startWorkerProcess(server.url);
  const queue = await connectCluster({ url: server.url, clock: systemClock });
  const times: Times = { far: [], here: [] };
  try {
    for (let i = 0; i < before + counted; i++) {
      const far = await runBatch({ folder, strategy: "cluster", chunkEntities, out: "far.csv", queue });
      const here = await runBatch({ folder, strategy: "sequential", chunkEntities, out: "here.csv" });
      const [one, other] = ["far.csv", "here.csv"].map((name) => readFileSync(join(folder, name)));
      if (one === undefined || other === undefined || !one.equals(other))
        throw new WrongResult("the files through the queue and without it differ");
      if (i < before) continue;
      times.far.push(far.ms);
      times.here.push(here.ms);
    }
    return times;
  } finally {
    await queue.jobs.close();
    worker.stdin?.end();
    await once(worker, "exit");
    await server.end();
  }
}

async function startWorkerProcess(url: string): Promise<ChildProcess> {
  const worker = spawn(process.execPath, [...sources, workerProgram, url, "1"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(worker, "exit").then(() => {
    throw new Error("the worker has ended");
  });
  ended.catch(() => undefined);
  await Promise.race([once(worker.stdout, "data"), ended]);
  return worker;
}
