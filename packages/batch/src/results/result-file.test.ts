import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRows, type RowFormat } from "@reckon/tables";
import { columnFrom, errorValue, type Scalar } from "@reckon/value";
import { expect, it } from "vitest";
import { createMemoryLedger } from "../doubles/memory-ledger.ts";
import { seededRandom } from "../doubles/seeded-random.ts";
import { createSimulatedClock } from "../doubles/simulated-clock.ts";
import type { ChunkId, EntityOutcome, RunId } from "../entity.ts";
import { encodeBlock } from "../evaluation/result-block.ts";
import type { EntityState, Ledger, RunStart } from "../ledger.ts";
import type { WantedAttribute } from "../program.ts";
import { resultColumns } from "./result-columns.ts";
import { createResultFile } from "./result-file.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-results-"));
let files = 0;
const run = "20261121T143000-4f2a91" as RunId;
const scalar = [{ id: "game.points", axes: [] }] as const;

async function ledgerOf(): Promise<Ledger> {
  const ledger = createMemoryLedger({ clock: createSimulatedClock() });
  await ledger.beginRun({ run, model: "m", modelPath: "m", policy: {} } as unknown as RunStart);
  return ledger;
}

interface Entity {
  readonly position: number;
  readonly key: string;
  readonly values: readonly Scalar[];
  readonly state?: EntityState;
  readonly message?: string;
}

/** Records entities as one chunk; `values` are the cells of all attributes, one behind the other. */
async function record(
  ledger: Ledger,
  entities: readonly Entity[],
  wanted: readonly WantedAttribute[] = scalar,
) {
  const cells = wanted.map(({ axes }) => axes.reduce((product, { labels }) => product * labels.length, 1));
  const columns = wanted.map((_, i) => {
    const from = cells.slice(0, i).reduce((sum, count) => sum + count, 0);
    const own = entities.map(({ values }) => values.slice(from, from + (cells[i] as number)));
    return columnFrom({ outer: entities.length, periods: cells[i] as number }, own.flat());
  });
  await ledger.record(run, [
    {
      chunk: `c${entities[0]?.position}-a1` as ChunkId,
      attempt: 1,
      keys: entities.map(({ key }) => key),
      positions: entities.map(({ position }) => position),
      deepKeys: entities.map(() => "00".repeat(16)),
      ended: entities.map(({ state = "succeeded" }) => state),
      outcomes: entities.map(
        ({ state = "succeeded", message = "" }): EntityOutcome =>
          state === "failed" || state === "invalid"
            ? { kind: state, code: "call-failed", message }
            : { kind: "succeeded", checksFailed: 0 },
      ),
      block: encodeBlock(entities.length, wanted, columns),
      figures: {
        worker: "main",
        startedAtMs: 0,
        durationMs: 1,
        cpuMs: 1,
        memoryPeakBytes: 0,
        cacheHits: 0,
        cacheLookUps: 0,
      },
      waitMs: 0,
    },
  ]);
}

const pathOf = (ending: string) => join(folder, `${files++}.${ending}`);
const fileOn = (ledger: Ledger, path: string, wanted: readonly WantedAttribute[] = scalar) =>
  createResultFile(path, path.split(".").at(-1) as RowFormat, { axis: "player", wanted }, ledger.query, run);
const numbered = (from: number, to: number): Entity[] =>
  Array.from({ length: to - from }, (_, i) => ({
    position: from + i,
    key: `p${from + i}`,
    values: [(from + i) / 2],
  }));

it("[BA53] lines come in the order of the source while the run goes on, as far as none is missing", async () => {
  const ledger = await ledgerOf();
  const path = pathOf("csv");
  const file = await fileOn(ledger, path);
  const lines = () => readFileSync(`${path}.part`, "utf8").split("\n").length - 1;
  await record(ledger, numbered(8000, 16_000));
  await file.advance();
  expect(lines()).toBe(0);
  await ledger.recordProblems(run, [{ position: 8, line: 10, message: "blank" }]);
  await record(ledger, numbered(9, 8000));
  await file.advance();
  await record(ledger, numbered(0, 8));
  await Promise.all([file.advance(), file.advance()]);
  expect(lines()).toBeGreaterThan(4000);
  await file.finish();
  const written = readFileSync(path, "utf8").trimEnd().split("\n");
  const expected = [...numbered(0, 8), ...numbered(9, 16_000)];
  expect(written).toEqual([
    "player,game.points,state,error",
    ...expected.map(({ key, values }) => `${key},${values[0]},succeeded,`),
  ]);
});

it("[BA53] where attributes have other axes, an entity has a line for each of their cells", async () => {
  const month = { name: "month", labels: ["2026-01", "2026-02"] };
  const club = { name: "club", labels: ["A", "B", "C"] };
  const wanted = [
    { id: "b.plain", axes: [] },
    { id: "b.monthly", axes: [month] },
    { id: "b.both", axes: [club, month] },
  ];
  const ledger = await ledgerOf();
  await record(ledger, [{ position: 0, key: "p0", values: [1, 10, 20, 31, 32, 33, 34, 35, 36] }], wanted);
  const path = pathOf("csv");
  const file = await fileOn(ledger, path, wanted);
  await file.finish();
  expect(readFileSync(path, "utf8")).toBe(
    [
      "player,month,club,b.plain,b.monthly,b.both,state,error",
      "p0,2026-01,A,1,10,31,succeeded,",
      "p0,2026-01,B,1,10,33,succeeded,",
      "p0,2026-01,C,1,10,35,succeeded,",
      "p0,2026-02,A,1,20,32,succeeded,",
      "p0,2026-02,B,1,20,34,succeeded,",
      "p0,2026-02,C,1,20,36,succeeded,",
      "",
    ].join("\n"),
  );
  expect(resultColumns({ axis: "state", wanted: [] }).names).toEqual(["state", "entity state", "error"]);
});

it("[BA54] what failed has blanks and its message, an error value stands in its cell and in `error`", async () => {
  const wanted = [
    { id: "b.x", axes: [] },
    { id: "b.y", axes: [] },
  ];
  const ledger = await ledgerOf();
  await record(
    ledger,
    [
      { position: 0, key: "a", values: [1, "x"] },
      { position: 1, key: "b", values: [2, 3], state: "failed", message: "no, not today" },
      { position: 2, key: "c", values: [errorValue("#N/A"), errorValue("#DIV/0!")] },
      { position: 3, key: "d", values: [null, true], state: "invalid", message: "rows.csv:5: too large" },
    ],
    wanted,
  );
  const textOf = async (ending: RowFormat) => {
    const path = pathOf(ending);
    const file = await fileOn(ledger, path, wanted);
    await file.finish();
    return path;
  };
  expect(readFileSync(await textOf("csv"), "utf8")).toBe(
    'player,b.x,b.y,state,error\na,1,x,succeeded,\nb,,,failed,"no, not today"\nc,#N/A,#DIV/0!,succeeded,"#N/A"\nd,,,invalid,rows.csv:5: too large\n',
  );
  expect(readFileSync(await textOf("jsonl"), "utf8").split("\n")[2]).toBe(
    '{"player":"c","b.x":{"error":"#N/A"},"b.y":{"error":"#DIV/0!"},"state":"succeeded","error":"#N/A"}',
  );
  const rows = await openRows(await textOf("parquet"));
  if ("problem" in rows) throw new Error(rows.problem);
  const blocks: unknown[] = [];
  for await (const { columns } of rows.blocks())
    blocks.push(Object.fromEntries(columns.map(({ name, values }) => [name, values])));
  expect(blocks).toEqual([
    {
      player: ["a", "b", "c", "d"],
      "b.x": [1, null, null, null],
      "b.y": ["x", null, null, null],
      state: ["succeeded", "failed", "succeeded", "invalid"],
      error: [null, "no, not today", "#N/A", "rows.csv:5: too large"],
    },
  ]);
  await rows.close();
});

it("[BA55] the file has another name until it is complete, and one begun again is whole", async () => {
  const ledger = await ledgerOf();
  const path = pathOf("csv");
  await record(ledger, numbered(0, 9000));
  const file = await fileOn(ledger, path);
  await file.advance();
  expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([false, true]);
  await file.discard();
  // What a process that was killed has left.
  writeFileSync(`${path}.part`, "player,game");
  const again = await fileOn(ledger, path);
  await again.finish();
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(9002);
  const third = await fileOn(ledger, path);
  await third.advance();
  await third.discard();
  expect([existsSync(path), existsSync(`${path}.part`)]).toEqual([true, false]);
});

it("[BA56] the bytes are the same in whatever chunks and order entities ended, however often the file went on", async () => {
  const entities = Array.from({ length: 3000 }, (_, i): Entity => {
    const state = i % 97 === 3 ? "failed" : "succeeded";
    const value = i % 11 === 0 ? `text ${i}` : i % 13 === 0 ? errorValue("#NUM!") : i / 3;
    return { position: i, key: `p${i}`, values: [value], state, message: `it was ${i}` };
  });
  const bytes = async (ending: RowFormat, seed: number) => {
    const random = seededRandom(seed);
    const ledger = await ledgerOf();
    const path = pathOf(ending);
    const file = await fileOn(ledger, path);
    const chunks: Entity[][] = [];
    for (let at = 0; at < entities.length; ) {
      const size = 1 + Math.floor(random() * 400);
      chunks.splice(Math.floor(random() * (chunks.length + 1)), 0, entities.slice(at, at + size));
      at += size;
    }
    for (const chunk of chunks) {
      await record(ledger, chunk);
      if (random() < 0.5) await file.advance();
    }
    await file.finish();
    return readFileSync(path);
  };
  for (const format of ["csv", "jsonl", "parquet"] as const) {
    const first = await bytes(format, 1);
    for (const seed of [2, 3, 4]) expect((await bytes(format, seed)).equals(first)).toBe(true);
  }
});

it("a file that cannot be written ends with its path", async () => {
  const ledger = await ledgerOf();
  await expect(fileOn(ledger, join(folder, "gone", "x.csv"))).rejects.toMatchObject({
    code: "results",
    message: expect.stringContaining("no such file or directory"),
  });
});
