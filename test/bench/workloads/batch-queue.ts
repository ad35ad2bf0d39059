/** What a queue costs: the same light entities through Redis and on threads. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "@reckon/batch";
import { connectCluster } from "@reckon/cluster";
import { runBatch } from "../heavy/batch-run.ts";
import { startRedis } from "../heavy/redis-process.ts";
import { type Figure, figureOf } from "../timing.ts";
import type { Workload } from "../workload.ts";
import { writeLight } from "./batch-light.ts";

const roundsMax = 5;
const workerProgram = fileURLToPath(new URL("../heavy/batch-worker.ts", import.meta.url));
/** Tests run what is written, the benchmark what is built. */
const sources = process.env.VITEST === undefined ? [] : ["--conditions=@reckon/source"];

export const batchQueue: Workload = {
  id: "batch-queue",
  title: "light entities through a queue",
  about:
    "10,000 entities (size) with 20 light formulas: sent in chunks through a Redis to a worker process of one thread, and on one thread here; both with rows from a CSV file, a ledger in SQLite and a CSV file. `more an entity` is the difference between both, an entity.",
  face: "runsBatches",
  whyNot: "runs no batches",
  patience: 4,
  sizes: { full: 10_000, quick: 2000, tiny: 50 },
  measures: { queue: "through the queue", each: "more an entity" },
  async run(_, size, effort): Promise<Figure[]> {
    const folder = mkdtempSync(join(tmpdir(), "reckon-bench-"));
    const redis = await startRedis();
    const worker = await startWorkerProcess(redis.url);
    const queue = await connectCluster({ url: redis.url, clock: systemClock });
    try {
      writeLight(folder, size);
      const queued: number[] = [];
      const more: number[] = [];
      for (let i = 0; i <= Math.min(roundsMax, effort.edits); i++) {
        const far = await runBatch({ folder, strategy: "cluster", out: "far.csv", queue });
        const near = await runBatch({ folder, strategy: "threads", concurrency: 1, out: "near.csv" });
        if (i === 0) continue;
        queued.push(far.ms);
        more.push(Math.max(0, far.ms - near.ms) / size);
      }
      return [figureOf("queue", queued), figureOf("each", more)];
    } finally {
      await queue.jobs.close();
      worker.stdin?.end();
      await once(worker, "exit");
      await redis.end();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

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
