import { describe, expect, it } from "vitest";
import { underPolicy } from "./module-policy.ts";

/** A function that fails so many times and then gives 7. */
function failing(
  times: number,
  isAsync: boolean,
): { readonly call: () => unknown; readonly calls: () => number } {
  let calls = 0;
  const call = () => {
    calls++;
    if (calls > times) return isAsync ? Promise.resolve(7) : 7;
    if (isAsync) return Promise.reject(new Error(`failure ${calls}`));
    throw new Error(`failure ${calls}`);
  };
  return { call, calls: () => calls };
}

describe("module policy", () => {
  it.each([
    ["throws", false],
    ["rejects", true],
  ])("[PL13] calls again when a function %s", async (_what, isAsync) => {
    const twice = failing(2, isAsync);
    expect(await underPolicy(twice.call, { retries: 2 })()).toBe(7);
    expect(twice.calls()).toBe(3);
    const often = failing(9, isAsync);
    await expect(async () => await underPolicy(often.call, { retries: 2 })()).rejects.toThrow("failure 3");
    expect(often.calls()).toBe(3);
  });

  it("[PL14] gives up on an answer that does not come in time", async () => {
    const timers: { ms: number; then: () => void; isCancelled: boolean }[] = [];
    const after = (ms: number, then: () => void) => {
      const timer = { ms, then, isCancelled: false };
      timers.push(timer);
      return () => {
        timer.isCancelled = true;
      };
    };
    const never = underPolicy(() => new Promise(() => {}), {
      retries: 0,
      timeoutMs: 5000,
      after,
    })() as Promise<unknown>;
    expect(timers.map(({ ms }) => ms)).toEqual([5000]);
    timers[0]?.then();
    await expect(never).rejects.toThrow("no answer within 5 s");
    const prompt = underPolicy(() => Promise.resolve(3), { retries: 0, timeoutMs: 5000, after })();
    expect(await prompt).toBe(3);
    expect(timers[1]?.isCancelled).toBe(true);
  });

  it('[PL13] [PL14] takes whatever has a "then" for a promise', async () => {
    let calls = 0;
    const failing = () => ({
      // biome-ignore lint/suspicious/noThenProperty: what is tested
      then: (resolve: (value: number) => void, reject: (problem: Error) => void) =>
        ++calls < 3 ? reject(new Error("no")) : resolve(7),
    });
    expect(await underPolicy(failing, { retries: 2 })()).toBe(7);
    const timers: (() => void)[] = [];
    const after = (_ms: number, then: () => void) => {
      timers.push(then);
      return () => undefined;
    };
    // biome-ignore lint/suspicious/noThenProperty: what is tested
    const never = underPolicy(() => ({ then: () => undefined }), { retries: 0, timeoutMs: 5000, after })();
    expect(timers).toHaveLength(1);
    timers[0]?.();
    await expect(never).rejects.toThrow("no answer within 5 s");
  });
});
