/**
 * Who conducts a run. A lease of 30 seconds is renewed every 10; who loses it stops at once, as another process may go on with
 * the run. That of a process of this machine that is gone need not be waited for.
 */
import { hostname } from "node:os";
import type { BatchClock } from "../batch-clock.ts";
import { BatchError } from "../batch-error.ts";
import type { RunId } from "../entity.ts";
import type { Ledger } from "../ledger.ts";

const leaseMs = 30_000;
const renewMs = 10_000;

let leases = 0;

export class RunLease {
  readonly owner: string;
  readonly #ledger: Ledger;
  readonly #run: RunId;
  readonly #clock: BatchClock;
  readonly #onLost: (error: BatchError) => void;
  #untime: () => void = () => undefined;
  #isOver = false;
  #isIdle = false;

  private constructor(
    ledger: Ledger,
    run: RunId,
    clock: BatchClock,
    onLost: (error: BatchError) => void,
    owner: string,
  ) {
    this.#ledger = ledger;
    this.#run = run;
    this.#clock = clock;
    this.#onLost = onLost;
    this.owner = owner;
  }

  /** Takes the lease of a run that is in the ledger. Rejects with `run-held` where somebody else has it. */
  static async take(
    ledger: Ledger,
    run: RunId,
    clock: BatchClock,
    onLost: (error: BatchError) => void,
  ): Promise<RunLease> {
    const owner = `${hostname()}/${process.pid}/${++leases}`;
    if (!(await ledger.holdRun(run, owner, leaseMs))) {
      const holder = (await ledger.query.run(run))?.owner;
      const isFree =
        holder !== undefined &&
        isGone(holder) &&
        // Already over: a lease until this very moment would still hold.
        (await ledger.holdRun(run, holder, -1)) &&
        (await ledger.holdRun(run, owner, leaseMs));
      if (!isFree)
        throw new BatchError(
          "run-held",
          `run ${run} is conducted by ${holder ?? "another process"}; wait for it, or, if it was killed, ${leaseMs / 1000} seconds`,
        );
    }
    const lease = new RunLease(ledger, run, clock, onLost, owner);
    lease.#renewLater();
    return lease;
  }

  /** Renews no longer. The ledger lets go of the run with its end. */
  stop(): void {
    this.#isOver = true;
    this.#untime();
  }

  /** Keeps the run while `wait` lasts, which is none of its wall time. */
  async idle(wait: Promise<void>): Promise<void> {
    this.#isIdle = true;
    await wait;
    this.#isIdle = false;
    await this.#letGo();
    await this.#renew();
  }

  /** The time since the last write is not counted; held again at once. */
  #letGo(): Promise<boolean> {
    return this.#ledger.holdRun(this.#run, this.owner, -1);
  }

  #renewLater(): void {
    this.#untime();
    this.#untime = this.#clock.after(renewMs, () => {
      this.#renew().catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#lose(new BatchError("ledger", `the run's lease cannot be renewed: ${reason}`, error));
      });
    });
  }

  async #renew(): Promise<void> {
    if (this.#isIdle) await this.#letGo();
    const isHeld = await this.#ledger.holdRun(this.#run, this.owner, leaseMs);
    if (this.#isOver) return;
    if (isHeld) this.#renewLater();
    else this.#lose(new BatchError("run-held", `run ${this.#run} is conducted by another process now`));
  }

  #lose(error: BatchError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onLost(error);
  }
}

/** Whether the owner was a process of this machine that is there no longer. */
function isGone(owner: string): boolean {
  const [host, pid] = owner.split("/");
  if (host !== hostname() || !/^\d+$/.test(pid ?? "")) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
