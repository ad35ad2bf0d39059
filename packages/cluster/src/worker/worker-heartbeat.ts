/**
 * Says every 2 seconds that a worker is there, for those who count workers; leases are the queue's business. Where leases run by the
 * machines' own clocks (PostgreSQL) the answer tells how far this one is off: too far, and chunks that are computed here are given
 * to others, or those of others taken.
 */
import { type BatchClock, BatchError } from "@reckon/batch";
import type { ServerStore, WorkerSign } from "../server/server-store.ts";

const everyMs = 2_000;
const believedMs = 8_000;

export class WorkerHeartbeat {
  private readonly store: ServerStore;
  private readonly clock: BatchClock;
  private readonly sign: () => WorkerSign;
  private readonly leaseMs: number;
  private readonly onTrouble: (message: string) => void;
  private isSkewTold = false;
  private stopBeating: () => void = () => undefined;
  private isStopped = false;

  constructor(
    store: ServerStore,
    clock: BatchClock,
    sign: () => WorkerSign,
    { leaseMs, onTrouble }: { readonly leaseMs: number; readonly onTrouble: (message: string) => void },
  ) {
    this.store = store;
    this.clock = clock;
    this.sign = sign;
    this.leaseMs = leaseMs;
    this.onTrouble = onTrouble;
  }

  /** Rejects where this machine's clock is too far off. */
  async start(): Promise<void> {
    const skew = await this.beat();
    if (skew !== undefined) {
      await this.store.leave(this.sign().worker);
      throw new BatchError("queue", skew);
    }
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
      void this.beat()
        .then((skew) => {
          if (skew !== undefined && !this.isSkewTold) this.onTrouble(skew);
          this.isSkewTold = skew !== undefined;
        }, ignore)
        .finally(() => this.next());
    });
  }

  /** What is wrong with the clock, if something is. */
  private async beat(): Promise<string | undefined> {
    const { clock } = this;
    const before = clock.date();
    const there = await this.store.beat(this.sign(), believedMs);
    const tookMs = clock.date() - before;
    if (there === undefined) return undefined;
    const aheadMs = before + tookMs / 2 - there;
    // What the question took may have been all on one way.
    if (Math.abs(aheadMs) - tookMs / 2 <= this.leaseMs / 3) return undefined;
    const seconds = Math.round(Math.abs(aheadMs) / 1_000);
    return `The clock of this machine is ${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} that of the queue's server: on PostgreSQL leases go by the clocks of the workers, which may differ by a third of a lease. Have NTP set both.`;
  }
}

function ignore(): void {}
