import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

/** A busy machine is no failure. */
const timeoutMs = 600_000;
const program = fileURLToPath(new URL("long-run-process.ts", import.meta.url));

it(
  "[BA12] a whole run of 120,000 entities needs no more heap than one of a few",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "reckon-long-run-"));
    // Of which the process itself needs 42: a hundred bytes kept of each entity would not fit.
    const heap = "--max-old-space-size=56";
    const { stdout } = await promisify(execFile)(process.execPath, [
      heap,
      "--conditions=@reckon/source",
      program,
      folder,
      "120000",
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ state: "succeeded", succeeded: 120_000 });
    const lines = readFileSync(join(folder, "results.csv"), "utf8").trimEnd().split("\n");
    expect(lines).toHaveLength(120_001);
    rmSync(folder, { recursive: true });
    expect(lines[119_999]).toBe(
      `p119998,${(119_998 % 91) * 0.5 + (119_998 % 17) / 4},${share(119_998)},succeeded,`,
    );
  },
  timeoutMs,
);

function share(i: number): number {
  const points = (i % 91) * 0.5 + (i % 17) / 4;
  return points / (points + 7);
}
