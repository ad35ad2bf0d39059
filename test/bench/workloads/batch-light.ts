/** Many entities with light formulas: rows in, values in the ledger and in a file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBatch } from "../heavy/batch-run.ts";
import { type Figure, figureOf } from "../timing.ts";
import { expectEqual, type Workload, WrongResult } from "../workload.ts";

const lightAttributes = 20;
const roundsMax = 5;

/** Entity `i` has `minutes` i mod 90 and `rate` i mod 7; attribute `a` is minutes × (rate + a). */
export function writeLight(folder: string, entities: number): void {
  const formulas = Array.from(
    { length: lightAttributes },
    (_, a) => `  a${a} = player.minutes * (player.rate + ${a})`,
  );
  writeFileSync(
    join(folder, "points.reckon"),
    `model points\naxis player = table("rows.csv", key id)\nblock game by player\n${formulas.join("\n")}\n`,
  );
  const rows = Array.from({ length: entities }, (_, i) => `p${i},${i % 90},${i % 7}\n`);
  writeFileSync(join(folder, "rows.csv"), `id,minutes,rate\n${rows.join("")}`);
}

export const batchLight: Workload = {
  id: "batch-light",
  title: "many entities with light formulas",
  about:
    "A row for each of 100,000 entities (size) in a CSV file, 20 formulas: rows read, entities computed one chunk after another, a ledger in SQLite and a CSV file written, in one process. 2,000 ms are a million values a second. All values of the file are compared with a loop.",
  face: "runsBatches",
  whyNot: "runs no batches",
  patience: 3,
  sizes: { full: 100_000, quick: 10_000, tiny: 100 },
  measures: { "": "all" },
  async run(engine, size, effort): Promise<Figure[]> {
    const folder = mkdtempSync(join(tmpdir(), "reckon-bench-"));
    try {
      writeLight(folder, size);
      const ms: number[] = [];
      for (let i = 0; i <= Math.min(roundsMax, effort.edits); i++) {
        const run = await runBatch({ folder, strategy: "sequential", out: "values.csv" });
        // The first one makes the code.
        if (i > 0) ms.push(run.ms);
      }
      const lines = readFileSync(join(folder, "values.csv"), "utf8").trimEnd().split("\n").slice(1);
      if (lines.length !== size) throw new WrongResult(`${lines.length} lines where ${size} are right`);
      for (const [i, line] of lines.entries()) {
        const cells = line.split(",");
        for (let a = 0; a < lightAttributes; a++)
          expectEqual(engine, `a${a} of p${i}`, Number(cells[a + 1]), (i % 90) * ((i % 7) + a));
      }
      return [figureOf("", ms)];
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
