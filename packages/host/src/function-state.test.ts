import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FunctionState } from "./function-state.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("[MO6] makes more calls at the same time where none of 64 is answered for ten seconds", async () => {
  const state = new FunctionState(() => 1, undefined);
  const open: (() => void)[] = [];
  const start = (): void => state.follow(new Promise<void>((resolve) => open.push(resolve)));
  for (let i = 0; i < 200; i++) {
    if (state.isFull) state.enqueue(start);
    else start();
  }
  expect(open).toHaveLength(64);
  await vi.advanceTimersByTimeAsync(9_999);
  open[3]?.();
  await vi.advanceTimersByTimeAsync(1);
  // One was answered in time, and another has taken its place.
  expect(open).toHaveLength(65);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(open).toHaveLength(129);
  await vi.advanceTimersByTimeAsync(10_000);
  // Nothing waits for its turn any more, and nothing keeps the process alive.
  expect([open.length, vi.getTimerCount(), state.isFull]).toEqual([200, 0, false]);
});

it("[MO6] where one is answered all that wait have their turn, until one of them answers later again", async () => {
  const state = new FunctionState(() => 1, undefined);
  const open: (() => void)[] = [];
  const start = (): void => state.follow(new Promise<void>((resolve) => open.push(resolve)));
  while (!state.isFull) start();
  const begun: string[] = [];
  for (const name of ["at once", "as well", "later", "last"])
    state.enqueue(() => {
      begun.push(name);
      if (name === "later") start();
    });
  open[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toEqual(["at once", "as well", "later"]);
  open[64]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect([begun.at(-1), vi.getTimerCount()]).toEqual(["last", 0]);
});
