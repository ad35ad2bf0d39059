/** What a thread of the floor, and a worker that is made for one task, runs: tasks come in a message, and results go back in one. */
import { parentPort, workerData } from "node:worker_threads";
import { compute, type HeavyTask } from "./work.ts";

if (workerData !== null) parentPort?.postMessage(compute(workerData as HeavyTask));
parentPort?.on("message", (tasks: readonly HeavyTask[]) => {
  parentPort?.postMessage(Float64Array.from(tasks, compute));
});
