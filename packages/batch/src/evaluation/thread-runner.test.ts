import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRuntime } from "@reckon/host";
import type { Table } from "@reckon/value";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ChunkRunner } from "../chunk-runner.ts";
import type { ChunkId, ChunkOutcome, EntityChunk } from "../entity.ts";
import type { BatchProgram } from "../program.ts";
import { createInlineRunner } from "./inline-runner.ts";
import { createInsideRunner } from "./inside-runner.ts";
import { prepareProgram } from "./prepare-program.ts";
import { createThreadRunner } from "./thread-runner.ts";

/*
 * work(x)   1: throws, 2: hangs, 3: ends the thread, otherwise 2x
 */
const module = `export function work(x) {
  if (x === 1) throw new Error("no work");
  if (x === 2) for (;;);
  if (x === 3) process.exit(1);
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

let folder: string;
let program: BatchProgram;
const signal = new AbortController().signal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "reckon-batch-"));
  await writeFile(join(folder, "work.js"), module);
  await writeFile(join(folder, "points.reckon"), text);
  const load = { model: join(folder, "points.reckon"), allowModules: true };
  const prepared = await prepareProgram({ load, axis: "player", columns: ["id", "kind"] });
  if (!("program" in prepared)) throw new Error(JSON.stringify(prepared));
  program = prepared.program;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function chunkOf(...kinds: readonly number[]): EntityChunk {
  const keys = kinds.map((kind, i) => `p${i}k${kind}`);
  const table: Table = {
    source: "players.csv",
    rows: kinds.length,
    columns: [
      { name: "id", values: keys },
      { name: "kind", values: kinds },
    ],
    lines: kinds.map((_, i) => i + 2),
  };
  const positions = kinds.map((_, i) => i);
  return { id: "c0-a1" as ChunkId, attempt: 1, table, keys, positions, sideTables: {} };
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

it("in place, inside and on threads the bytes are the same", async () => {
  const runtime = createRuntime({ threads: 2, cache: "off" });
  const found: Uint8Array[] = [];
  for (const runner of [
    createInlineRunner(program),
    createInsideRunner(program, runtime),
    createThreadRunner(program, { threads: 2 }),
  ])
    await using(runner, async ({ run }) => {
      const outcomes = await Promise.all([run(chunkOf(5, 6, 7), { signal }), run(chunkOf(8, 1), { signal })]);
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
    expect((await run(chunkOf(5), { signal })).kind).toBe("done");
    expect((await run(chunkOf(5, 2), { signal, timeoutMs: 300 })).kind).toBe("timed-out");
    expect((await run(chunkOf(3), { signal })).kind).toBe("lost");
    expect((await run(chunkOf(6), { signal })).kind).toBe("done");
    const stop = new AbortController();
    const given = run(chunkOf(2), { signal: stop.signal });
    stop.abort();
    expect((await given).kind).toBe("cancelled");
  });
});
