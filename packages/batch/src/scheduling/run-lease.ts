/**
 * Who conducts a run. A lease of 30 seconds is renewed every 10, also by a thread of its own, as this one may compute for longer; who
 * loses it stops at once, as another process may go on with the run. That of a process of this machine that is gone need not be
 * waited for.
 *
 * A process may stand still for longer than its lease, and not know it when it goes on: so each lease has a name of its own, which
 * every write carries, and the ledger takes none that is not of who has the run (LE25).
 */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { BatchClock } from "../batch-clock.ts";
import { BatchError } from "../batch-error.ts";
import type { RunId } from "../entity.ts";
import { takenOver } from "../ledger/run-owner.ts";
import type { Ledger } from "../ledger.ts";

const leaseMs = 30_000;
const renewMs = 10_000;

/** A name is never given twice, also where containers have equal hosts and pids. */
const nameBytes = 4;

export class RunLease {
  readonly owner: string;
  readonly #ledger: Ledger;
  readonly #run: RunId;
  readonly #clock: BatchClock;
  readonly #onLost: (error: BatchError) => void;
  #untime: () => void = () => undefined;
  #unguard: () => void = () => undefined;
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
    const owner = `${hostname()}/${process.pid}/${randomBytes(nameBytes).toString("hex")}`;
    if (!(await ledger.holdRun(run, owner, leaseMs))) {
      const holder = (await ledger.query.run(run))?.owner;
      const isFree =
        holder !== undefined &&
        isGone(holder) &&
        // Already over: a lease until this very moment would still hold.
        (await ledger.keepRun(run, holder, -1)) &&
        (await ledger.holdRun(run, owner, leaseMs));
      if (!isFree)
        throw new BatchError(
          "run-held",
          `run ${run} is conducted by ${holder ?? "another process"}; wait for it, or, if it was killed, ${leaseMs / 1000} seconds`,
        );
    }
    const lease = new RunLease(ledger, run, clock, onLost, owner);
    lease.#renewLater();
    lease.#unguard = ledger.guardRun?.(run, owner, leaseMs, renewMs) ?? lease.#unguard;
    return lease;
  }

  /** The ledger, whose writes to the run are of this lease. */
  get ledger(): Ledger {
    const { owner } = this;
    const ledger = this.#ledger;
    return {
      ...ledger,
      beginRun: (start) => ledger.beginRun(start, owner),
      recordPlan: (run, plan) => ledger.recordPlan(run, plan, owner),
      record: (run, records) => ledger.record(run, records, owner),
      recordProblems: (run, problems) => ledger.recordProblems(run, problems, owner),
      forgetProblems: (run, positions) => ledger.forgetProblems(run, positions, owner),
      recordUnchanged: (run, entities) => ledger.recordUnchanged(run, entities, owner),
      recordEqual: (run, entities) => ledger.recordEqual(run, entities, owner),
      reopenFailed: (run) => ledger.reopenFailed(run, owner),
      reopenInvalid: (run, keys) => ledger.reopenInvalid(run, keys, owner),
      endRun: (run, state, summary) => ledger.endRun(run, state, summary, owner),
    };
  }

  /** Renews no longer. The ledger lets go of the run with its end. */
  stop(): void {
    this.#isOver = true;
    this.#untime();
    this.#unguard();
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
    return this.#ledger.keepRun(this.#run, this.owner, -1);
  }

  #renewLater(): void {
    this.#untime();
    this.#untime = this.#clock.after(renewMs, () => {
      this.#renew().catch((error: unknown) => {
        if (error instanceof BatchError && error.code === "taken-over") return this.#lose(error);
        const reason = error instanceof Error ? error.message : String(error);
        this.#lose(new BatchError("ledger", `the run's lease cannot be renewed: ${reason}`, error));
      });
    });
  }

  /** Makes sure that this process has the run, before something is done that the ledger does not see. Rejects with `taken-over`. */
  async confirm(): Promise<void> {
    if (await this.#ledger.keepRun(this.#run, this.owner, leaseMs)) return;
    throw takenOver(this.#run, (await this.#ledger.query.run(this.#run))?.owner);
  }

  async #renew(): Promise<void> {
    if (this.#isIdle) await this.#letGo();
    await this.confirm();
    if (!this.#isOver) this.#renewLater();
  }

  #lose(error: BatchError): void {
    if (this.#isOver) return;
    this.stop();
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
