import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kernel, Task } from "@reckon/engine";
import { Column, columnFrom, encodeCanonical } from "@reckon/value";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createRuntime } from "./runtime.ts";
import { threadMemoryMb } from "./thread-memory.ts";

const asked = vi.hoisted((): unknown[] => []);
/** Where threads can be made: what the executor was asked for, in order. */
const made = vi.hoisted((): { calls: string[] | undefined } => ({ calls: undefined }));
vi.mock("@reckon/workers", () => ({
  createWorkerExecutor: (options: unknown) => {
    asked.push(options);
    const { calls } = made;
    if (calls === undefined) throw new Error("no threads here");
    return {
      submit: async () => calls.push("submit"),
      close: async () => calls.push("close"),
    };
  },
}));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reckon-runtime-"));
});
afterEach(() => {
  made.calls = undefined;
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const shape = { outer: 1, periods: 1 };
const key = { name: "a.x", parts: [{ name: "x", bytes: encodeCanonical(1) }] };

function sevenTask(): Task {
  const kernel: Kernel = {
    compute: (_inputs, out) => out.set(0, 7),
    remote: { program: "file:///nowhere.js", key: "k", payload: 1 },
  };
  const box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
  return { kernel, inputs: [], out: new Column(shape), box } as unknown as Task;
}

describe("a runtime", () => {
  it("[MO15] computes in place where no thread can be made, and writes what is kept at the end", async () => {
    const runtime = createRuntime({ cacheFolder: folder, threads: 2 });
    const outcome = await runtime.executor.submit(sevenTask(), new AbortController().signal);
    expect(outcome.kind === "done" && outcome.out.get(0)).toBe(7);
    await runtime.memoStore?.put(key, columnFrom(shape, [5]), 60_000);
    await runtime.close();
    const again = createRuntime({ cacheFolder: folder });
    expect((await again.memoStore?.get(key))?.get(0)).toBe(5);
    await again.close();
  });

  it.each([
    [{ threads: 2 }, { memoryMb: threadMemoryMb(2) }],
    [{ threads: 2, memoryMb: 300 }, { memoryMb: 300 }],
  ])("[MO16] bounds the memory of each thread: %j", async (options, wanted) => {
    vi.stubEnv("NODE_OPTIONS", "");
    const runtime = createRuntime({ cacheFolder: folder, ...options });
    await runtime.executor.submit(sevenTask(), new AbortController().signal);
    expect(threadMemoryMb(2)).toBeGreaterThanOrEqual(512);
    expect(asked.at(-1)).toMatchObject(wanted);
    vi.stubEnv("NODE_OPTIONS", "--max-old-space-size=4096");
    expect(threadMemoryMb(2)).toBeUndefined();
    await runtime.close();
  });

  it("[MO15] opens nothing after it was closed", async () => {
    const runtime = createRuntime({ cacheFolder: folder });
    await runtime.close();
    expect(await runtime.memoStore?.get(key)).toBeUndefined();
    await runtime.memoStore?.put(key, columnFrom(shape, [5]), 60_000);
    expect(existsSync(join(folder, "reckon-cache.sqlite"))).toBe(false);
  });

  it("[MO15] has no threads after it was closed: what is sent then goes to an executor that is closed, too", async () => {
    const calls: string[] = [];
    made.calls = calls;
    const runtime = createRuntime({ cacheFolder: folder, threads: 2 });
    await runtime.close();
    await runtime.executor.submit(sevenTask(), new AbortController().signal);
    expect(calls).toEqual(["close", "submit"]);
  });

  it("[ME21] says of a result that was not kept that it had errors", async () => {
    const runtime = createRuntime({ cacheFolder: folder });
    expect(await runtime.memoStore?.get(key)).toBeUndefined();
    runtime.memoStore?.notKept?.("a.x", "errors");
    const cache = await runtime.cache();
    expect(cache?.whyMiss("a.x")?.text).toContain("errors are not kept");
    await runtime.close();
  });

  it.each([
    ["redis://user:pa@ss@host:1/0", "redis://host:1/0"],
    ["postgres://host/shop?user=u&password=secret", "postgres://host/shop"],
    ["redis://:word@", "redis"],
  ])("[ME27] shows where it keeps results without passwords: %s", (cache, place) => {
    expect(createRuntime({ cache, cacheFolder: folder }).places.shared).toBe(place);
  });
});
