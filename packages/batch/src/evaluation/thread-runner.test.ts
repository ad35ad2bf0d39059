import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime } from "@reckon/host";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { ChunkRunner } from "../chunk-runner.ts";
import type { ChunkOutcome, EntityChunk } from "../entity.ts";
import { type BatchFolder, batchFolder, chunkOf } from "../fixtures/batch-folder.ts";
import type { BatchProgram } from "../program.ts";
import { createInlineRunner } from "./inline-runner.ts";
import { createInsideRunner } from "./inside-runner.ts";
import { writeProgramFolder } from "./program-folder.ts";
import { createChunkThreads, createThreadRunner, type ThreadRunner } from "./thread-runner.ts";

/*
 * work(x)   1: throws, 2: hangs, 3: ends the thread (as nobody's work, which is not held up), 4: fills the heap, otherwise 2x
 */
const module = `import { AsyncLocalStorage } from "node:async_hooks";
const outside = AsyncLocalStorage.snapshot();
export function work(x) {
  if (x === 1) throw new Error("no work");
  if (x === 2) for (;;);
  if (x === 3) outside(() => process.exit(1));
  if (x === 4) for (const kept = []; ; ) kept.push(new Array(500_000).fill(kept.length + 0.5));
  return 2 * x;
}
`;
const text = `model points
use "./work.js" as f
axis player = table("players.csv", key id)
block game by player
  worked = f.work(player.kind) heavy
  after = worked + 1
`;

let folder: BatchFolder;
let program: BatchProgram;
const signal = new AbortController().signal;

beforeAll(async () => {
  folder = await batchFolder(text);
  await folder.write("work.js", module);
  program = await folder.program({ columns: ["id", "kind"] });
});
afterAll(() => folder.remove());

function kinds(...some: readonly number[]): EntityChunk {
  return chunkOf(some.map((kind, i) => ({ id: `p${i}k${kind}`, kind })));
}

function bytesOf(outcome: ChunkOutcome): Uint8Array {
  if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
  return outcome.block;
}

async function using<Result>(
  runner: ChunkRunner,
  use: (runner: ChunkRunner) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(runner);
  } finally {
    await runner.close();
  }
}

it("[BA9] in place, inside and on threads the bytes are the same", async () => {
  const runtime = createRuntime({ threads: 2, cache: "off" });
  const found: Uint8Array[] = [];
  for (const runner of [
    createInlineRunner(program),
    createInsideRunner(program, runtime),
    createThreadRunner(program, { threads: 2 }),
  ])
    await using(runner, async ({ run }) => {
      const outcomes = await Promise.all([run(kinds(5, 6, 7), { signal }), run(kinds(8, 1), { signal })]);
      expect(outcomes[1]?.kind === "done" && outcomes[1].entities).toEqual([
        { kind: "succeeded", checksFailed: 0 },
        { kind: "failed", code: "call", message: "f.work failed: no work", attribute: "game.worked" },
      ]);
      found.push(Buffer.concat(outcomes.map(bytesOf)));
    });
  await runtime.close();
  expect(found[1]).toEqual(found[0]);
  expect(found[2]).toEqual(found[0]);
});

it("a chunk that hangs times out, one that ends its thread is lost, and others are computed", async () => {
  await using(createThreadRunner(program, { threads: 1 }), async ({ run }) => {
    expect((await run(kinds(5), { signal })).kind).toBe("done");
    for (let i = 0; i < 2; i++)
      expect((await run(kinds(5, 2), { signal, timeoutMs: 300 })).kind).toBe("timed-out");
    expect((await run(kinds(5), { signal, timeoutMs: 300 })).kind).toBe("done");
    expect((await run(kinds(3), { signal })).kind).toBe("lost");
    expect((await run(kinds(6), { signal })).kind).toBe("done");
    const stop = new AbortController();
    const given = run(kinds(2), { signal: stop.signal });
    stop.abort();
    expect((await given).kind).toBe("cancelled");
  });
});

it("when it is closed what is under way, and what waits, is cancelled", async () => {
  const runner = createThreadRunner(program, { threads: 1 });
  expect((await runner.run(kinds(5), { signal })).kind).toBe("done");
  const open = [runner.run(kinds(2), { signal }), runner.run(kinds(5), { signal })];
  await runner.close();
  expect((await Promise.all(open)).map(({ kind }) => kind)).toEqual(["cancelled", "cancelled"]);
});

it("a thread that keeps many errors is replaced after its chunk", async () => {
  await using(createThreadRunner(program, { threads: 1, errorsMax: 50 }), async ({ run }) => {
    const workers: string[] = [];
    for (const some of [kinds(5), kinds(...new Array<number>(60).fill(1)), kinds(5), kinds(6)]) {
      const outcome = await run(some, { signal });
      if (outcome.kind === "done") workers.push(outcome.figures.worker);
    }
    expect(workers.length).toBe(4);
    expect([workers[1] === workers[0], workers[2] === workers[1], workers[3] === workers[2]]).toEqual([
      true,
      false,
      true,
    ]);
  });
});

it("[BA64] threads that were opened beforehand compute the same bytes, and are the ones that compute", async () => {
  const inPlace = await using(createInlineRunner(program), ({ run }) => run(kinds(5, 6), { signal }));
  await using(createThreadRunner(program, { threads: 2 }), async (runner) => {
    const { open, settle, run } = runner as ThreadRunner;
    await open(kinds(1, 2, 3), 1);
    await settle();
    expect((runner as ThreadRunner).opened).toBe(2);
    const outcomes = await Promise.all([run(kinds(5, 6), { signal }), run(kinds(5, 6), { signal })]);
    for (const outcome of outcomes) expect(bytesOf(outcome)).toEqual(bytesOf(inPlace));
    // Threads of this process have numbers one after another: with two chunks at once each has had its own.
    expect(new Set(outcomes.map((each) => each.kind === "done" && each.figures.worker)).size).toBe(2);
  });
});

it("[BA64] a chunk that comes while they open is computed, and closing waits for none of it", async () => {
  await using(createThreadRunner(program, { threads: 1 }), async (runner) => {
    await (runner as ThreadRunner).open(kinds(5), 1);
    expect((await runner.run(kinds(5), { signal, timeoutMs: 30_000 })).kind).toBe("done");
  });
  const runner = createThreadRunner(program, { threads: 2 });
  await runner.open(kinds(5), 2);
  await runner.close();
  await runner.settle();
  expect(runner.opened).toBe(0);
});

it("[BA64] before there are chunks there may be made more threads of them, or fewer", async () => {
  await using(createThreadRunner(program, { threads: 2 }), async (runner) => {
    const { open, settle, resize, run } = runner as ThreadRunner;
    await open(kinds(5), 2);
    await settle();
    resize(1);
    expect([runner.concurrency, (runner as ThreadRunner).opened]).toEqual([1, 1]);
    resize(3);
    expect([runner.concurrency, (runner as ThreadRunner).opened]).toEqual([3, 1]);
    const outcomes = await Promise.all([5, 6, 7].map((kind) => run(kinds(kind), { signal })));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["done", "done", "done"]);
  });
});

it("[QU35] who says when chunks begin is asked with the program open, again where a thread comes too late, and hears of it", async () => {
  const threads = createChunkThreads({ threads: 1 });
  const place = await mkdtemp(join(tmpdir(), "reckon-program-"));
  await writeProgramFolder(program, place);
  const run = async (within: (number | undefined)[], chunk: EntityChunk) => {
    const told: string[] = [];
    const beginning = {
      enter: async () => {
        told.push("asked");
        return within.shift();
      },
      begun: () => void told.push("begun"),
    };
    const at = { folder: place, key: program.key };
    const { kind } = await threads.run(at, chunk, { signal, beginning });
    // It may be heard of behind the outcome.
    while (kind === "done" && !told.includes("begun")) await new Promise(setImmediate);
    return [kind, ...told];
  };
  expect(await run([-1, -1, 9_000], kinds(5))).toEqual(["done", "asked", "asked", "asked", "begun"]);
  expect(await run([undefined], kinds(6))).toEqual(["cancelled", "asked"]);
  expect(await run([9_000], kinds(7))).toEqual(["done", "asked", "begun"]);
  await threads.close();
  await rm(place, { recursive: true });
});

it("[BA75] without a limit a thread has its share of the machine, and what fills that ends a thread and nothing else", async () => {
  const small = vi.spyOn(process, "constrainedMemory").mockReturnValue(2 ** 20);
  try {
    await using(createThreadRunner(program, { threads: 1 }), async ({ run }) => {
      expect(await run(kinds(4), { signal })).toMatchObject({
        kind: "lost",
        message: expect.stringContaining("more than 512 MB of memory (--thread-memory") as unknown,
      });
      expect(await run(kinds(5), { signal })).toMatchObject({ kind: "done" });
    });
  } finally {
    small.mockRestore();
  }
});
