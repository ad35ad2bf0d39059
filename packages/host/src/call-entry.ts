/** A call that is under way, and those who wait for it: equal calls are made once. */
import type { MemoKey } from "@reckon/engine";
import type { CallGroup } from "@reckon/formula";
import type { CalledFunction } from "@reckon/plan";
import type { Scalar } from "@reckon/value";
import type { FunctionState } from "./function-state.ts";

/** What a call came to: a value of any kind, or the failure that the policy has left. */
export type CallResult = { readonly value: unknown } | { readonly problem: unknown };

interface Waiter {
  readonly group: CallGroup | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (problem: unknown) => void;
  readonly forget: () => void;
}

export class CallEntry {
  readonly state: FunctionState;
  readonly called: CalledFunction;
  readonly args: readonly Scalar[];
  readonly key: MemoKey | undefined;
  /** Aborted when nobody waits any more. */
  readonly controller: AbortController = new AbortController();
  private readonly waiters = new Set<Waiter>();
  private readonly onEnd: () => void;
  private isOver = false;

  constructor(
    state: FunctionState,
    called: CalledFunction,
    args: readonly Scalar[],
    more: { readonly key: MemoKey | undefined; readonly onEnd: () => void },
  ) {
    this.state = state;
    this.called = called;
    this.args = args;
    this.key = more.key;
    this.onEnd = more.onEnd;
  }

  get isCancelled(): boolean {
    return this.controller.signal.aborted;
  }

  /** The answer, when it is there; a rejection as soon as the group is cancelled. */
  answer(group: CallGroup | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const forget = group?.onCancel(() => this.leave(waiter)) ?? noop;
      const waiter: Waiter = { group, resolve, reject, forget };
      this.waiters.add(waiter);
    });
  }

  /** `ms`: what it took. */
  end(result: CallResult, ms = 0): void {
    if (this.isOver) return;
    this.finish();
    for (const { group, resolve, reject, forget } of this.waiters) {
      if (group !== undefined) group.spentMs += ms;
      forget();
      if ("value" in result) resolve(result.value);
      else reject(result.problem);
    }
    this.waiters.clear();
  }

  private leave(waiter: Waiter): void {
    this.waiters.delete(waiter);
    waiter.reject(cancelled());
    if (this.waiters.size > 0 || this.isOver) return;
    this.controller.abort();
    this.finish();
  }

  private finish(): void {
    this.isOver = true;
    this.onEnd();
  }
}

/** What a call that nobody waits for is answered with. */
export function cancelled(): Error {
  return new Error("the call was superseded");
}

function noop(): void {}
