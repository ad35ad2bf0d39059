/**
 * Many entities on real threads, a few of which throw, hang, end their thread or use up its memory: summary, ledger and result
 * file have exact counts, and the others have the bytes of a run in which nothing goes wrong.
 *
 * Of each two bad ones of a kind the second is mended by its second attempt. What ends a thread is called once more than it has
 * attempts: the first time it takes the chunk with it, which is no attempt of anybody.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AttemptRow,
  type BatchRequest,
  type BatchSummary,
  systemClock as clock,
  type EntityRow,
  type Ledger,
  openEntities,
  openLedger,
  prepareProgram,
  type RunId,
  seededRandom,
  startBatch,
} from "@reckon/batch";
import { createRuntime } from "@reckon/host";
import { openRows } from "@reckon/tables";
import { afterAll, expect, it } from "vitest";

/** Long enough for any entity that does not hang, also on a busy machine; which is no failure. */
const timeoutMs = 1_000;
const testMs = 600_000;
const memoryMb = 64;
const count = 10_000;
/** By position; one is in the sample already. */
const badAt = new Map([
  [4, "throws"],
  [7_300, "throws"],
  [33, "exits"],
  [5_000, "exits"],
  [2_450, "hangs"],
  [6_666, "hangs"],
  [3_210, "fills"],
  [9_999, "fills"],
]);
const mended = new Set([7_300, 5_000, 6_666, 9_999]);

const module = `import { appendFileSync, readFileSync } from "node:fs";
const log = new URL("./calls.log", import.meta.url);
export function work(id, size, kind, calls) {
  if (kind === "fine") return Math.cbrt(size);
  appendFileSync(log, id + "\\n");
  const called = readFileSync(log, "utf8").split("\\n").filter((line) => line === id).length;
  if (called > calls) return Math.cbrt(size);
  if (kind === "throws") throw new Error(id + " does not work");
  if (kind === "exits") process.exit(7);
  if (kind === "hangs") for (;;);
  const kept = [];
  for (;;) kept.push(new Array(100_000).fill(size));
}
`;
const model = `model stores
use "./work.js" as f
axis store = table("stores.csv", key id)
block sales by store
  worked = f.work(store.id, store.size, store.kind, store.calls)
  third  = worked / 3
  name   = store.id
`;

const folder = mkdtempSync(join(tmpdir(), "reckon-crashing-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "work.js"), module);
writeFileSync(join(folder, "stores.reckon"), model);
writeFileSync(join(folder, "calls.log"), "");

/** The rows, all of them fine or with the bad ones; `calls`: how often one goes wrong. */
function writeRows(areSomeBad: boolean): void {
  const lines = Array.from({ length: count }, (_, i) => {
    const kind = (areSomeBad ? badAt.get(i) : undefined) ?? "fine";
    const calls = mended.has(i) ? calledOf(i) - 1 : 99;
    return `s${i},${i},${kind},${calls}`;
  });
  writeFileSync(join(folder, "stores.csv"), `id,size,kind,calls\n${lines.join("\n")}\n`);
}

interface Ended {
  readonly summary: BatchSummary;
  readonly ledger: Ledger;
  /** The result file's, by key. */
  readonly lines: ReadonlyMap<string, string>;
}

async function run(name: string, given: Partial<BatchRequest>): Promise<Ended> {
  const rows = await openRows(join(folder, "stores.csv"));
  if ("problem" in rows) throw new Error(rows.problem);
  const load = { model: join(folder, "stores.reckon"), allowModules: true };
  const prepared = await prepareProgram({ load, axis: "store", columns: rows.columns });
  if (!("program" in prepared)) throw new Error(JSON.stringify(prepared));
  const source = openEntities(rows, prepared.program);
  if ("problem" in source) throw new Error(source.problem);
  const ledger = await openLedger(join(folder, `${name}.sqlite`), { clock });
  const runtime = createRuntime({ threads: 0, cache: "off" });
  const results = { path: join(folder, `${name}-results.csv`), format: "csv" as const };
  const batch = startBatch({
    program: prepared.program,
    source,
    ledger,
    policy: { retry: { attemptsMax: 2, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 } },
    strategy: "sequential",
    resume: "auto",
    results,
    runtime,
    clock,
    random: seededRandom(1),
    ...given,
  });
  const summary = await batch.summary;
  await source.close();
  await runtime.close();
  const [, ...lines] = readFileSync(results.path, "utf8").trimEnd().split("\n");
  return { summary, ledger, lines: new Map(lines.map((line) => [line.split(",")[0] as string, line])) };
}

const keysOf = (positions: Iterable<number>): string[] => Array.from(positions, (i) => `s${i}`);
function calledOf(i: number): number {
  const kind = badAt.get(i);
  return kind === "throws" || kind === "exits" ? 2 : 3;
}

async function pagesOf<Row>(pages: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const all: Row[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

it(
  "[BA15] [BA16] [BA17] [BA19] [BA25] 10,000 entities on threads with throws, hangs, exits and used up memory: each is told as what it is",
  async () => {
    writeRows(false);
    const quiet = await run("quiet", {});
    expect(quiet.summary).toMatchObject({ state: "succeeded", succeeded: count, failed: 0 });
    await quiet.ledger.close();

    writeRows(true);
    const { summary, ledger, lines } = await run("load", {
      policy: {
        retry: { attemptsMax: 2, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 },
        timeoutMs,
        memoryMb,
      },
      strategy: "threads",
      concurrency: 2,
      chunkEntities: 50,
    });
    const counts = {
      entities: count,
      succeeded: count - 4,
      failed: 4,
      invalid: 0,
      skipped: 0,
      retried: 8,
    };
    expect(summary).toMatchObject({ state: "failed", ...counts });

    const id = summary.run as RunId;
    const entities = new Map(
      (await pagesOf<EntityRow>(ledger.query.entities(id))).map((row) => [row.key, row]),
    );
    const attempts = await pagesOf<AttemptRow>(ledger.query.attempts(id));
    const details = await ledger.query.run(id);
    await ledger.close();
    expect(details?.counts).toEqual({ ...counts, attempts: count + 8 });
    expect([...entities.values()].filter(({ state }) => state === "succeeded")).toHaveLength(count - 4);
    expect(entities.size).toBe(count);

    // Attempts stand in the ledger for those that have failed once: two of each of them.
    const codes = { throws: "failed", exits: "failed", hangs: "timed-out", fills: "lost" };
    const words = {
      throws: "does not work",
      exits: "it called process.exit(7)",
      hangs: `it took more than ${timeoutMs} ms`,
      fills: `it used more than ${memoryMb} MB of memory`,
    };
    const told = attempts.map(({ key, attempt, outcome }) => `${key} ${attempt} ${outcome}`);
    const expected = [...badAt].flatMap(([i, kind]) => {
      const outcome = codes[kind as keyof typeof codes];
      return [`s${i} 1 ${outcome}`, `s${i} 2 ${mended.has(i) ? "succeeded" : outcome}`];
    });
    expect(told.toSorted()).toEqual(expected.toSorted());
    for (const { key, message, outcome } of attempts) {
      if (outcome === "succeeded") continue;
      const kind = badAt.get(Number(key.slice(1)));
      expect(message).toContain(words[kind as keyof typeof words]);
    }

    // No call was made in vain, and none is missing.
    const log = readFileSync(join(folder, "calls.log"), "utf8").trimEnd().split("\n");
    const calls = keysOf(badAt.keys()).map((key) => [key, log.filter((line) => line === key).length]);
    expect(calls).toEqual(Array.from(badAt.keys(), (i) => [`s${i}`, calledOf(i)]));

    // A line each; all but those that failed for good are those of the quiet run.
    expect([...lines.keys()]).toEqual(keysOf(Array(count).keys()));
    const different = [...lines].filter(([key, line]) => line !== quiet.lines.get(key));
    const failed = [...badAt.keys()].filter((i) => !mended.has(i));
    expect(different.map(([key]) => key).toSorted()).toEqual(keysOf(failed).toSorted());
    for (const [key, line] of different) {
      const kind = badAt.get(Number(key.slice(1)));
      expect(line).toContain(`${key},,,,failed,`);
      expect(line).toContain(words[kind as keyof typeof words]);
    }
  },
  testMs,
);
