/** What the call runner knows of one function of one loaded module. */
import type { CallGroup } from "@reckon/formula";
import type { CalledFunction } from "@reckon/plan";
import type { Scalar } from "@reckon/value";
import { FunctionCost } from "./function-costs.ts";
import { type HostedFunction, originOf } from "./hosted-function.ts";

/** How many calls of a function that answers later are made at the same time, to begin with. */
const waitingMaxFirst = 64;
/** Where none of them is answered for so long, more are made: some may never be, and others wait behind them. */
const patienceMs = 10_000;

/** A call under way. */
export interface OpenCall {
  readonly answer: (group: CallGroup | undefined) => Promise<unknown>;
}

export interface EarlyResult {
  readonly called: CalledFunction;
  readonly args: readonly Scalar[];
  readonly value: unknown;
  readonly ms: number;
}

export class FunctionState {
  readonly cost: FunctionCost;
  /** Where it comes from; `undefined` for a function that no module gave: it is called in place. */
  readonly origin: HostedFunction | undefined;
  readonly version: string | undefined;
  /** Calls under way by `callText`, where equal calls give equal bits. */
  readonly open: Map<string, OpenCall> = new Map();
  /** What its first calls gave: kept as soon as the function is known to be worth it. */
  early: EarlyResult[] = [];
  /** It has answered with a promise. */
  isLater = false;
  /** Threads found other files than were loaded here. */
  isOnlyHere = false;
  private waiting = 0;
  private waitingMax = waitingMaxFirst;
  private answered = 0;
  private readonly queue: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(call: object, knownMs: number | undefined) {
    this.origin = originOf(call);
    const { version } = call as { readonly version?: string };
    this.version = version;
    this.cost = new FunctionCost(knownMs);
  }

  /** Whether a call has to wait for others of the function, which answer later. */
  get isFull(): boolean {
    return this.waiting >= this.waitingMax;
  }

  /** Calls `start` when others have been answered. */
  enqueue(start: () => void): void {
    this.queue.push(start);
    this.timer ??= this.losePatience();
  }

  /** Makes twice as many calls at the same time if in the meantime nothing was answered. */
  private losePatience(): NodeJS.Timeout {
    const before = this.answered;
    return setTimeout(() => {
      if (this.answered === before) this.waitingMax *= 2;
      this.startQueued();
      this.timer = this.queue.length === 0 ? undefined : this.losePatience();
    }, patienceMs);
  }

  private startQueued(): void {
    while (!this.isFull && this.queue.length > 0) this.queue.shift()?.();
    if (this.queue.length > 0) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** A call answers later. */
  follow(result: PromiseLike<unknown>): void {
    this.isLater = true;
    this.waiting++;
    const release = (): void => {
      this.waiting--;
      this.answered++;
      this.startQueued();
    };
    Promise.resolve(result).then(release, release);
  }
}
