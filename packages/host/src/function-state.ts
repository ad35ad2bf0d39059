/** What the call runner knows of one function of one loaded module. */
import type { CallGroup } from "@reckon/formula";
import type { CalledFunction } from "@reckon/plan";
import type { Scalar } from "@reckon/value";
import { FunctionCost } from "./function-costs.ts";
import { type HostedFunction, originOf } from "./hosted-function.ts";

/** How many calls of a function that answers later are made at the same time. */
const waitingMax = 64;

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
  private readonly queue: (() => void)[] = [];

  constructor(call: object, knownMs: number | undefined) {
    this.origin = originOf(call);
    const { version } = call as { readonly version?: string };
    this.version = version;
    this.cost = new FunctionCost(knownMs);
  }

  /** Whether a call has to wait for others of the function, which answer later. */
  get isFull(): boolean {
    return this.waiting >= waitingMax;
  }

  /** Calls `start` when others have been answered. */
  enqueue(start: () => void): void {
    this.queue.push(start);
  }

  /** A call answers later. */
  follow(result: PromiseLike<unknown>): void {
    this.isLater = true;
    this.waiting++;
    const release = (): void => {
      this.waiting--;
      while (!this.isFull && this.queue.length > 0) this.queue.shift()?.();
    };
    Promise.resolve(result).then(release, release);
  }
}
