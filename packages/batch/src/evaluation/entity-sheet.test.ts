import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isErrorValue, type Scalar, type Table } from "@reckon/value";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { ChunkId, ChunkOutcome, EntityChunk } from "../entity.ts";
import type { BatchProgram } from "../program.ts";
import { createInlineRunner } from "./inline-runner.ts";
import { type PrepareRequest, prepareProgram } from "./prepare-program.ts";
import { decodeBlock } from "./result-block.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "reckon-batch-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const text = `model points
time month 2026-01..2026-03
axis player = table("players.csv", key id)

block game by player
  input minutes = player.minutes min 0 max 200
  input factor = 2
  plain = minutes * factor * league.rate
  first = minutes[p1]
  mean = plain - league.total / 2

block cash by player, month
  paid = game.plain * PERIOD_INDEX()

block league
  input base = 1
  rate = base * 1.5
  total = sum(game.plain over player)

check game.plain < 250  "Not too many"
check game.minutes[p1] > 0  "The first plays"
`;

async function prepared(more: Partial<PrepareRequest> = {}, files: Record<string, string> = {}) {
  await writeFile(join(folder, "points.reckon"), files["points.reckon"] ?? text);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  const { load, ...rest } = more;
  const request = { axis: "player", columns: ["id", "minutes", "name"], ...rest };
  return prepareProgram({ ...request, load: { model: join(folder, "points.reckon"), ...load } });
}

async function programOf(...args: Parameters<typeof prepared>): Promise<BatchProgram> {
  const found = await prepared(...args);
  if (!("program" in found)) throw new Error(JSON.stringify(found));
  return found.program;
}

function chunkOf(rows: readonly (readonly [string, Scalar])[], more: Partial<EntityChunk> = {}): EntityChunk {
  const table: Table = {
    source: "players.csv",
    rows: rows.length,
    columns: [
      { name: "id", values: rows.map(([id]) => id) },
      { name: "minutes", values: rows.map(([, minutes]) => minutes) },
    ],
    lines: rows.map((_, i) => i + 2),
  };
  const keys = rows.map(([id]) => id);
  const positions = rows.map((_, i) => i);
  return { id: "c0-a1" as ChunkId, attempt: 1, table, keys, positions, sideTables: {}, ...more };
}

function valuesOf(outcome: ChunkOutcome): Record<string, Scalar[][]> {
  if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
  const block = decodeBlock(outcome.block);
  if (block === undefined) throw new Error("no block");
  return Object.fromEntries(
    block.attributes.map(({ id }, i) => [
      id,
      outcome.entities.map((_, row) =>
        Array.from({ length: block.cells(i) }, (_unused, cell) => {
          const value = block.get(i, row, cell);
          return isErrorValue(value) ? value.code : value;
        }),
      ),
    ]),
  );
}

const signal = new AbortController().signal;

it("a chunk gives each of its entities its values", async () => {
  const program = await programOf();
  expect(program.wanted.map(({ id }) => id)).toEqual(["game.plain", "cash.paid"]);
  expect(program.columns).toEqual(["minutes"]);
  const runner = createInlineRunner(program);
  const outcome = await runner.run(
    chunkOf([
      ["a", 10],
      ["b", 100],
    ]),
    { signal },
  );
  expect(valuesOf(outcome)).toEqual({
    "game.plain": [[30], [300]],
    "cash.paid": [
      [30, 60, 90],
      [300, 600, 900],
    ],
  });
  expect(outcome.kind === "done" && outcome.entities).toEqual([
    { kind: "succeeded", checksFailed: 0 },
    { kind: "succeeded", checksFailed: 1 },
  ]);
  await runner.close();
});

it("a kept sheet takes the next chunk", async () => {
  const runner = createInlineRunner(await programOf());
  await runner.run(
    chunkOf([
      ["a", 10],
      ["b", 100],
    ]),
    { signal },
  );
  expect(
    valuesOf(
      await runner.run(
        chunkOf([
          ["c", 1],
          ["d", 0],
        ]),
        { signal },
      ),
    )["game.plain"],
  ).toEqual([[3], [0]]);
  expect(valuesOf(await runner.run(chunkOf([["e", 2]]), { signal }))["game.plain"]).toEqual([[6]]);
  await runner.close();
});
