import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRows, type RowFormat } from "@reckon/tables";
import { columnFrom, type Scalar } from "@reckon/value";
import { afterAll, expect, it } from "vitest";
import type { ChunkId, RunId } from "../entity.ts";
import { encodeBlock } from "../evaluation/result-block.ts";
import { openLedger } from "../ledger/open-ledger.ts";
import type { ChunkRecord, Ledger, RunStart } from "../ledger.ts";
import { exportLedger, type LedgerExport } from "./export-ledger.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-export-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = "20261121T143000-4f2a91" as RunId;
const start: RunStart = {
  run,
  model: "points",
  modelPath: "/points.reckon",
  scenario: "base",
  axis: "player",
  source: "players.csv",
  programKey: "ab",
  policy: { retry: { attemptsMax: 2, firstMs: 0, factor: 1, longestMs: 0, jitter: 0 } },
  startedAtMs: 1000,
  versions: { reckon: "", engine: "", node: "", v8: "" },
  machine: "",
};

/** Three entities: one of thirds, one that fails twice, one with a text. */
async function filledLedger(): Promise<Ledger> {
  const ledger = await openLedger("memory", { clock: { date: () => 1000 } });
  await ledger.beginRun(start);
  await ledger.record(run, [recordOf(1), recordOf(2)]);
  return ledger;
}

function recordOf(attempt: number): ChunkRecord {
  const all = attempt === 1 ? ["a", "b", "c"] : ["b"];
  const values = attempt === 1 ? [1 / 3, 0, "some, text"] : [0];
  const column = columnFrom({ outer: all.length, periods: 1 }, values as Scalar[]);
  return {
    chunk: `c0-a${attempt}` as ChunkId,
    attempt,
    keys: all,
    positions: all.map((key) => "abc".indexOf(key)),
    deepKeys: all.map(() => ""),
    ended: all.map((key) => (key !== "b" ? "succeeded" : attempt === 2 ? "failed" : undefined)),
    outcomes: all.map((key) =>
      key === "b"
        ? { kind: "failed", code: "#CALL!", message: `no ${attempt}`, attribute: "game.points" }
        : { kind: "succeeded", checksFailed: 0 },
    ),
    block: encodeBlock(all.length, [{ id: "game.points", axes: [] }], [column]),
    figures: {
      worker: "main",
      startedAtMs: 5,
      durationMs: 3,
      cpuMs: 1,
      memoryPeakBytes: 9,
      cacheHits: 0,
      cacheLookUps: 0,
    },
    waitMs: 0.5,
  };
}

let files = 0;
async function exported(what: LedgerExport, format: RowFormat = "csv"): Promise<string> {
  const ledger = await filledLedger();
  const path = join(folder, `${++files}.${format}`);
  await exportLedger(ledger.query, what, path, format);
  await ledger.close();
  return path;
}

it("[LE19] writes entities with their values, with all digits", async () => {
  const text = readFileSync(await exported({ of: "entities", run }), "utf8");
  expect(text.split("\n")).toEqual([
    "player,game.points,state,error",
    "a,0.3333333333333333,succeeded,",
    "b,,failed,no 2",
    'c,"some, text",succeeded,',
    "",
  ]);
});

it("[LE19] writes attempts and runs", async () => {
  expect(readFileSync(await exported({ of: "attempts", run }), "utf8")).toBe(
    [
      "entity_key,position,attempt,outcome,worker,started_at_ms,duration_ms,wait_ms,error_code,error_attribute,message",
      "b,1,1,failed,main,5,1,0.5,#CALL!,game.points,no 1",
      "b,1,2,failed,main,5,3,0.5,#CALL!,game.points,no 2",
      "",
    ].join("\n"),
  );
  const [head, row, ...rest] = readFileSync(await exported({ of: "runs", filter: {} }), "utf8").split("\n");
  expect(head).toMatch(/^run_id,model,model_path,scenario,.*,checks_failed$/);
  expect(row).toMatch(/^20261121T143000-4f2a91,points,\/points.reckon,base,player,.*,3,2,1,0,0,1,4,0$/);
  expect(rest).toEqual([""]);
});

it.each(["jsonl", "parquet"] as const)("[LE19] writes %s, which is read back to the same", async (format) => {
  for (const of of ["entities", "attempts", "runs"] as const) {
    const what: LedgerExport = of === "runs" ? { of, filter: {} } : { of, run };
    const [plain, other] = await Promise.all([
      rowsOf(await exported(what)),
      rowsOf(await exported(what, format)),
    ]);
    expect(other.map((row) => row.map(String))).toEqual(plain.map((row) => row.map(String)));
    expect(plain.length).toBeGreaterThan(0);
  }
});

it("[LE19] leaves no file behind where there is no such run", async () => {
  const ledger = await filledLedger();
  const path = join(folder, "none.csv");
  const other = "20200101T000000-000000" as RunId;
  for (const of of ["entities", "attempts"] as const)
    await expect(exportLedger(ledger.query, { of, run: other }, path, "csv")).rejects.toMatchObject({
      code: "unknown-run",
    });
  const gone = join(folder, "no", "folder.csv");
  await expect(exportLedger(ledger.query, { of: "runs", filter: {} }, gone, "csv")).rejects.toMatchObject({
    code: "results",
  });
  expect(existsSync(path)).toBe(false);
  await ledger.close();
});

async function rowsOf(path: string): Promise<readonly (readonly Scalar[])[]> {
  const source = await openRows(path);
  if ("problem" in source) throw new Error(source.problem);
  const all: Scalar[][] = [];
  for await (const { columns } of source.blocks())
    for (let row = 0; row < (columns[0]?.values.length ?? 0); row++)
      all.push(columns.map(({ values }) => values[row] ?? null));
  await source.close();
  return all;
}
