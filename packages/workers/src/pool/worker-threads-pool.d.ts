/** The part of `worker-threads-pool` that is used here; the package brings no types. */
declare module "worker-threads-pool" {
  import type { Worker, WorkerOptions } from "node:worker_threads";

  class Pool {
    constructor(options: { readonly max: number; readonly maxWaiting?: number });
    readonly size: number;
    acquire(
      filename: string,
      options: WorkerOptions,
      callback: (error: Error | null, worker: Worker) => void,
    ): void;
  }
  export = Pool;
}
