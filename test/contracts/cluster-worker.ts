/**
 * A worker in a process of its own, started by tests.
 *
 *   node cluster-worker.ts '{ "url": "redis://…", "trustedKeys": ["…"], "threads": 1, "leaseMs": 600, "folder": "…" }'
 *
 * It prints what the worker tells, a line an event. SIGTERM lets it finish, and a line of its input gives the grace in ms.
 */
import { createInterface } from "node:readline";
import { systemClock } from "@reckon/batch";
import { startWorker, type WorkerOptions } from "@reckon/cluster";

export interface WorkerProcess extends Omit<WorkerOptions, "clock" | "onEvent" | "createThreads"> {
  /** In the place of V8's own version. */
  readonly v8?: string;
}

const { v8, ...options } = JSON.parse(process.argv[2] ?? "{}") as WorkerProcess;
if (v8 !== undefined) Object.defineProperty(process.versions, "v8", { value: v8 });
const worker = await startWorker({
  ...options,
  clock: systemClock,
  onEvent: (event) => void process.stdout.write(`${JSON.stringify(event)}\n`),
});
const stop = (graceMs: number): void => {
  worker.stop(graceMs).then(
    () => process.exit(0),
    () => process.exit(1),
  );
};
process.on("SIGTERM", () => stop(30_000));
for await (const line of createInterface({ input: process.stdin })) stop(Number(line));
