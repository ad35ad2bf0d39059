/** Says every 2 seconds that a worker is there, for those who count workers; leases are the queue's business. */
import type { BatchClock } from "@reckon/batch";
import type { ServerStore, WorkerSign } from "./server-store.ts";

const everyMs = 2_000;
const believedMs = 8_000;

export class WorkerHeartbeat {
  private readonly store: ServerStore;
  private readonly clock: BatchClock;
  private readonly sign: () => WorkerSign;
  private stopBeating: () => void = () => undefined;
  private isStopped = false;

  constructor(store: ServerStore, clock: BatchClock, sign: () => WorkerSign) {
    this.store = store;
    this.clock = clock;
    this.sign = sign;
  }

  async start(): Promise<void> {
    await this.store.beat(this.sign(), believedMs);
    this.next();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.stopBeating();
    await this.store.leave(this.sign().worker).catch(ignore);
  }

  private next(): void {
    if (this.isStopped) return;
    this.stopBeating = this.clock.after(everyMs, () => {
      // While the server is away nobody counts.
      void this.store
        .beat(this.sign(), believedMs)
        .catch(ignore)
        .finally(() => this.next());
    });
  }
}

function ignore(): void {}
