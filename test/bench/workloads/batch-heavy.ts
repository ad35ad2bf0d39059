/** Entities with a heavy function: on threads against one after another. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runBatch } from "../heavy/batch-run.ts";
import { callByHand } from "../heavy/hand-threads.ts";
import { paired } from "../heavy/paired.ts";
import { roundsPerMicrosecond } from "../heavy/work.ts";
import { type Figure, figureOf } from "../timing.ts";
import { expectEqual, type Workload } from "../workload.ts";

const costUs = 10_000;
const threads = 2;

function writeHeavy(folder: string, entities: number, rounds: number): void {
  const body = `let x = a;\n  for (let i = 0; i < ${rounds}; i++) x = Math.sqrt(x * x + 1);\n  return x;`;
  writeFileSync(join(folder, "heavy.js"), `export function roots(a) {\n  ${body}\n}\n`);
  writeFileSync(
    join(folder, "points.reckon"),
    'model points\nuse "heavy.js" as heavy\naxis player = table("rows.csv", key id)\nblock game by player\n  root = heavy.roots(player.size)\n',
  );
  const rows = Array.from({ length: entities }, (_, i) => `p${i},${i}\n`);
  writeFileSync(join(folder, "rows.csv"), `id,size\n${rows.join("")}`);
}

export const batchHeavy: Workload = {
  id: "batch-heavy",
  title: "entities with a heavy function on two threads",
  about:
    "300 entities (size), each a call of a module's function of 10 ms: on two threads, and one after another on one, in turns in one process, both with rows from a CSV file, a ledger in SQLite and a CSV file. `to one thread` is the time of the second way divided by that of the first. `by hand` is the bare function on two threads that are made for it, against a loop: what the machine had to give at that time. All values are compared with a loop.",
  face: "runsBatches",
  whyNot: "runs no batches",
  patience: 4,
  sizes: { full: 300, quick: 60, tiny: 6 },
  measures: { "": "all", hand: "two threads by hand" },
  async run(engine, size, effort): Promise<Figure[]> {
    const folder = mkdtempSync(join(tmpdir(), "reckon-bench-"));
    try {
      const perMicrosecond = roundsPerMicrosecond() / (effort.batchMs === 0 ? 100 : 1);
      const rounds = Math.max(1, Math.round(costUs * perMicrosecond));
      writeHeavy(folder, size, rounds);
      const few = { ...effort, edits: Math.min(3, effort.edits), warmMsMin: 0, warmMsMax: 0, batchMs: 0 };
      const { ms, ratios } = await paired(
        few,
        () => runBatch({ folder, strategy: "threads", concurrency: threads, out: "threads.csv" }),
        () => runBatch({ folder, strategy: "sequential", out: "one.csv" }),
      );
      for (const name of ["threads.csv", "one.csv"]) {
        const lines = readFileSync(join(folder, name), "utf8").trimEnd().split("\n").slice(1);
        expectEqual(engine, `lines of ${name}`, lines.length, size);
        for (const [i, line] of lines.entries())
          expectEqual(engine, `root of p${i}`, Number(line.split(",")[1]), root(i, rounds));
      }
      const module = pathToFileURL(join(folder, "heavy.js")).href;
      const { roots } = (await import(module)) as { roots: (a: number) => number };
      const byHand = await paired(
        few,
        async () => {
          const results = await callByHand(module, "roots", size, threads);
          expectEqual(engine, "results by hand", results.length, size);
        },
        async () => {
          for (let i = 0; i < size; i++) roots(i);
        },
      );
      return [
        { ...figureOf("", ms), ratios },
        { ...figureOf("hand", byHand.ms), ratios: byHand.ratios },
      ];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function root(a: number, rounds: number): number {
  let x = a;
  for (let i = 0; i < rounds; i++) x = Math.sqrt(x * x + 1);
  return x;
}
