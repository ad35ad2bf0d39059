/**
 * The values of an entity do not depend on who is computed with it, where, or after whom: random models, cut at random, by three
 * runners, against a sheet of the model as it is written with this entity alone.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type BatchProgram,
  type ChunkId,
  type ChunkOutcome,
  type ChunkRunner,
  createChunkThreads,
  createInlineRunner,
  createInsideRunner,
  decodeBlock,
  type EntityChunk,
  type EntityOutcome,
  prepareProgram,
  writeProgramFolder,
} from "@reckon/batch";
import { tellsOfFailedCall } from "@reckon/formula";
import { createRuntime } from "@reckon/host";
import { parseScenario } from "@reckon/model";
import { type ModuleFunction, openSheet, type Sheet } from "@reckon/sheet";
import { isErrorValue, type Scalar, sameScalar, type Table } from "@reckon/value";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { type BatchCase, batchCase, type EntityRow, entityColumns } from "../arbitraries/batch-model.ts";
import { looseAttributes } from "../arbitraries/edit.ts";
import { cases } from "./cases.ts";

const module = `export const base = () => 1.5;
export const twice = (x) => 2 * x;
export function picky(x) {
  if (x > 30) throw new Error("too much");
  return x;
}
`;
const functions: Record<string, ModuleFunction> = {
  base: () => 1.5,
  twice: (x) => 2 * (x as number),
  picky: (x) => {
    if ((x as number) > 30) throw new Error("too much");
    return x as number;
  },
};
/** Random loops end within 1e-10. */
const tolerance = 1e-7;
const months = ["2026-01", "2026-02"];
const signal = new AbortController().signal;

const root = mkdtemp(join(tmpdir(), "reckon-batch-"));
const runtime = createRuntime({ threads: 2, cache: "off" });
const threads = createChunkThreads({ threads: 2 });
let caseCount = 0;

afterAll(async () => {
  await threads.close();
  await runtime.close();
  await rm(await root, { recursive: true, force: true });
});

it(
  "[BA9] in chunks, inside and on threads an entity has the bits of a sheet with this entity alone",
  async () => {
    await fc.assert(fc.asyncProperty(batchCase, holds), cases(25) as fc.Parameters<[BatchCase]>);
  },
  // Threads read a program for each case.
  60_000 + 1_000 * Number(process.env["RECKON_CASES"] ?? 0),
);

async function holds(batch: BatchCase): Promise<void> {
  const folder = join(await root, String(caseCount++));
  const program = await programOf(batch, folder);
  await writeProgramFolder(program, join(folder, "program"));
  const place = { folder: join(folder, "program"), key: program.key };
  const onThreads: ChunkRunner = {
    concurrency: 2,
    run: (chunk, options) => threads.run(place, chunk, options),
    close: async () => undefined,
  };
  const alone = batch.rows.map((row) => aloneOf(batch, row));
  const loose = looseAttributes(alone[0] as Sheet);
  for (const runner of [createInlineRunner(program), createInsideRunner(program, runtime), onThreads]) {
    const chunks = chunksOf(batch);
    const outcomes = await Promise.all(chunks.map((chunk) => runner.run(chunk, { signal })));
    await runner.close();
    for (const [i, chunk] of chunks.entries())
      for (const [row, position] of chunk.positions.entries())
        compare(outcomes[i] as ChunkOutcome, row, alone[position] as Sheet, {
          loose,
          scenario: scenarioOf(batch),
          wanted: program.wanted.map(({ id }) => id),
        });
  }
  for (const sheet of alone) sheet.dispose();
}

async function programOf(batch: BatchCase, folder: string): Promise<BatchProgram> {
  await mkdir(folder);
  await writeFile(join(folder, "work.js"), module);
  await writeFile(join(folder, "points.reckon"), textOf(batch));
  await writeFile(join(folder, "adds.csv"), "player,month,adds\n");
  if (batch.scenario !== undefined) await writeFile(join(folder, "other.reckon"), batch.scenario);
  const prepared = await prepareProgram({
    load: {
      model: join(folder, "points.reckon"),
      scenarios: [scenarioOf(batch)],
      sets: batch.sets,
      allowModules: true,
    },
    axis: "player",
    columns: entityColumns,
  });
  if ("program" in prepared) return prepared.program;
  throw new Error(`${textOf(batch)}\n${JSON.stringify(prepared)}`);
}

function textOf({ lines }: BatchCase): string {
  return lines.map(({ text }) => `${text}\n`).join("");
}

function scenarioOf({ scenario }: BatchCase): string {
  return scenario === undefined ? "base" : "other";
}

/** The model as it is written, without what reads across entities, over one row. */
function aloneOf(batch: BatchCase, row: EntityRow): Sheet {
  const text = batch.lines.flatMap((line) => (line.isAcross === true ? [] : [`${line.text}\n`])).join("");
  const named = (line: string): boolean => !/\[p\d\]/.test(line) || line.includes(`[${row.key}]`);
  const scenario = batch.scenario
    ?.split("\n")
    .filter(named)
    .flatMap((line) => listedFor(line, row.key))
    .join("\n");
  const tables: Record<string, Table> = { "players.csv": playersOf([row]), "adds.csv": addsOf([row]) };
  const opened = openSheet({
    model: { source: "points.reckon", text },
    scenarios: scenario === undefined ? [] : [{ ...parseScenario("other.reckon", scenario), isPart: true }],
    arePart: true,
    sets: batch.sets.filter(named).map((set) => {
      const [path = "", value = ""] = set.split("=");
      return { path, value };
    }),
    host: { table: (path) => tables[path] as Table, module: () => functions },
  });
  if (opened.ok) return opened.value;
  throw new Error(`${text}\n${JSON.stringify(opened.diagnostics)}`);
}

/** An override that lists values by entity, for one of them. */
function listedFor(line: string, key: string): readonly string[] {
  const listed = /^(.*) = \{(.*)\}$/.exec(line);
  if (listed === null) return [line];
  const entry = (listed[2] as string).split(",").find((each) => each.trim().startsWith(`${key}:`));
  return entry === undefined ? [] : [`${listed[1]} = {${entry}}`];
}

function playersOf(rows: readonly EntityRow[]): Table {
  const column = (name: string, of: (row: EntityRow) => Scalar) => ({ name, values: rows.map(of) });
  return {
    source: "players.csv",
    rows: rows.length,
    columns: [
      column("id", ({ key }) => key),
      column("x", ({ x }) => x),
      column("y", ({ y }) => y),
      column("name", ({ name }) => name),
    ],
    lines: rows.map((_, i) => i + 2),
  };
}

function addsOf(rows: readonly EntityRow[]): Table {
  const cells = rows.flatMap(({ key, adds }) => months.map((month, i) => [key, month, adds[i] as number]));
  return {
    source: "adds.csv",
    rows: cells.length,
    columns: ["player", "month", "adds"].map((name, i) => ({
      name,
      values: cells.map((each) => each[i] as Scalar),
    })),
    lines: cells.map((_, i) => i + 2),
  };
}

function chunksOf({ rows, cuts }: BatchCase): EntityChunk[] {
  const chunks: EntityChunk[] = [];
  for (let from = 0; from < rows.length; ) {
    const part = rows.slice(from, from + (cuts[chunks.length % cuts.length] as number));
    chunks.push({
      id: `c${chunks.length}-a1` as ChunkId,
      attempt: 1,
      table: playersOf(part),
      keys: part.map(({ key }) => key),
      positions: part.map((_, i) => from + i),
      sideTables: { "adds.csv": addsOf(part) },
    });
    from += part.length;
  }
  return chunks;
}

interface Expected {
  /** Attributes in and behind loops. */
  readonly loose: ReadonlySet<string>;
  readonly scenario: string;
  readonly wanted: readonly string[];
}

/** Holds one entity of an outcome against its own sheet. */
function compare(
  outcome: ChunkOutcome,
  row: number,
  sheet: Sheet,
  { loose, scenario, wanted }: Expected,
): void {
  if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
  const { kind } = outcome.entities[row] as EntityOutcome;
  const hasFailed = [...sheet.model.attributes.values()].some(
    ({ id, kind: sort }) => sort === "formula" && id.startsWith("game.g") && failedIn(sheet, id, scenario),
  );
  expect(kind).toBe(hasFailed ? "failed" : "succeeded");
  const block = decodeBlock(outcome.block);
  expect(block?.attributes.map(({ id }) => id)).toEqual(wanted);
  for (const [i, id] of wanted.entries()) {
    const column = sheet.column(id, scenario);
    expect(block?.cells(i)).toBe(column.length);
    for (let cell = 0; cell < column.length; cell++) {
      const found = block?.get(i, row, cell) as Scalar;
      const expected = hasFailed ? null : column.get(cell);
      if (!isAlike(found, expected, loose.has(id)))
        expect({ id, cell, found }).toEqual({ id, cell, found: expected });
    }
  }
}

/** Whether a call has failed that began in the attribute. */
function failedIn(sheet: Sheet, id: string, scenario: string): boolean {
  const value = sheet.column(id, scenario).get(0);
  return isErrorValue(value) && value.origin?.attribute === id && tellsOfFailedCall(value.detail ?? "");
}

function isAlike(found: Scalar, expected: Scalar, isLoose: boolean): boolean {
  if (isErrorValue(found) && isErrorValue(expected) && found.detail !== expected.detail) return false;
  if (sameScalar(found, expected)) return true;
  if (!isLoose || typeof found !== "number" || typeof expected !== "number") return false;
  return Math.abs(found - expected) <= tolerance * Math.max(1, Math.abs(expected));
}
