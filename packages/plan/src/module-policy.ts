/**
 * How a formula calls module functions: `timeout 5s` gives up on an answer that does not come, `retry 2` calls again
 * after a failure. A failure is a throw, a rejection or a missed time; the last one stands.
 *
 * The time is the caller's (`after`); without it nothing is given up. A function that never returns cannot be given
 * up here, since it holds the thread.
 */
import { isPromiseLike } from "@reckon/formula";
import type { Scalar } from "@reckon/value";

/** Calls `then` after so many milliseconds; the function returned takes that back. */
export type Timer = (ms: number, then: () => void) => () => void;

export interface ModulePolicy {
  readonly retries: number;
  readonly timeoutMs?: number | undefined;
  readonly after?: Timer | undefined;
}

type ModuleFunction = (...args: Scalar[]) => unknown;

/** The function under the policy; itself where the policy says nothing. */
export function underPolicy(
  call: ModuleFunction,
  { retries, timeoutMs, after }: ModulePolicy,
): ModuleFunction {
  const timed = timeoutMs === undefined || after === undefined ? call : givingUp(call, timeoutMs, after);
  return retries === 0 ? timed : retrying(timed, retries);
}

function givingUp(call: ModuleFunction, timeoutMs: number, after: Timer): ModuleFunction {
  return (...args) => {
    const result = call(...args);
    if (!isPromiseLike(result)) return result;
    return new Promise((resolve, reject) => {
      const cancel = after(timeoutMs, () => reject(new Error(`no answer within ${timeoutMs / 1000} s`)));
      Promise.resolve(result).finally(cancel).then(resolve, reject);
    });
  };
}

function retrying(call: ModuleFunction, retries: number): ModuleFunction {
  const attempt = (args: Scalar[], left: number): unknown => {
    try {
      const result = call(...args);
      if (!isPromiseLike(result) || left === 0) return result;
      return Promise.resolve(result).catch(() => attempt(args, left - 1));
    } catch (error) {
      if (left === 0) throw error;
      return attempt(args, left - 1);
    }
  };
  return (...args) => attempt(args, retries);
}
