/** Threads by hand: the least that somebody would write to call a function of a module for many numbers on several threads. */
import { Worker } from "node:worker_threads";

const program = new URL("./hand-thread.ts", import.meta.url);

/** The results for the numbers from 0 on, in no order. Each thread has one number at a time. */
export async function callByHand(
  module: string,
  name: string,
  count: number,
  threads: number,
): Promise<readonly number[]> {
  const results: number[] = [];
  let next = 0;
  const workers = Array.from(
    { length: threads },
    () => new Worker(program, { workerData: { module, name }, execArgv: [] }),
  );
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          const give = (): void => {
            if (next < count) worker.postMessage(next++);
            else resolve();
          };
          worker.on("message", (result: number) => {
            results.push(result);
            give();
          });
          worker.on("error", reject);
          give();
        }),
    ),
  );
  await Promise.all(workers.map((worker) => worker.terminate()));
  return results;
}
