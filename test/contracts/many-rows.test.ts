/**
 * Many rows, in and out, in processes whose heap holds a small part of them. What the process itself needs (28 MB, with
 * Parquet, which is read in steps of 65,536 rows, some 50) leaves so little that 36 bytes kept of each of a million rows would not fit.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";

/** A busy machine is no failure. */
const timeoutMs = 600_000;
const folder = mkdtempSync(join(tmpdir(), "reckon-many-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = fileURLToPath(new URL("./many-rows-process.ts", import.meta.url));

/** What the process prints. */
function answerOf(heapMb: number, ...args: (string | number)[]): string {
  const all = [`--max-old-space-size=${heapMb}`, "--conditions=@reckon/source", program, ...args.map(String)];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: "utf8" });
  expect([status, stderr.replace(/.*ExperimentalWarning.*\n.*\n/, "")]).toEqual([0, ""]);
  return stdout;
}

const digests = new Map<number, string>();

it.each([
  ["csv", 1_000_000, 64],
  ["jsonl", 400_000, 64],
  ["parquet", 400_000, 64],
  ["sqlite", 400_000, 64],
] as const)(
  "[BA12] rows of %s, %i of them, are written and read as entities in a heap of %i MB",
  (ending, rows, heapMb) => {
    const path = join(folder, `rows.${ending}`);
    answerOf(heapMb, "write", path, rows);
    const read = JSON.parse(answerOf(heapMb, "read", path)) as { rows: number; digest: string };
    expect(read.rows).toBe(rows);
    // The same rows are the same entities, whatever the file's format.
    if (!digests.has(rows)) digests.set(rows, read.digest);
    expect(read.digest).toBe(digests.get(rows));
    rmSync(path);
  },
  timeoutMs,
);

it.each([
  ["csv", 1_000_000, 64],
  ["parquet", 400_000, 64],
] as const)(
  "[BA12] a result file as %s, of %i entities, is written in a heap of %i MB",
  (ending, rows, heapMb) => {
    const path = join(folder, `results.${ending}`);
    answerOf(heapMb, "results", path, rows);
    const read = JSON.parse(answerOf(heapMb, "lines", path)) as { rows: number };
    expect(read.rows).toBe(rows);
    rmSync(path);
  },
  timeoutMs,
);
