/**
 * One run of a model with heavy formulas in a process of its own, as `reckon run` does it:
 * `node model-run.ts <folder> <value of the first input> <formulas>`. Writes a line of JSON.
 */
import { join } from "node:path";
import { createRuntime, loadSheet } from "@reckon/host";

export interface ModelRun {
  /** From opening the file until all is computed. */
  readonly ms: number;
  /** From the beginning of the process. */
  readonly processMs: number;
  /** Calls that were made, and not found. */
  readonly made: number;
  readonly results: readonly number[];
}

const [folder = "", first = "1", count = "0"] = process.argv.slice(2);
const runtime = createRuntime({ cache: join(folder, "cache"), cacheFolder: join(folder, "cache") });
const start = performance.now();
const loaded = await loadSheet({
  model: join(folder, "heavy.reckon"),
  allowModules: true,
  sharesThread: true,
  runtime,
  sets: [`b.x0=${first}`],
});
if (!loaded.ok) throw new Error(loaded.problem ?? loaded.diagnostics.map(loaded.render).join("\n"));
const { sheet } = loaded;
await sheet.settled();
const results = Array.from({ length: Number(count) }, (_, i) => sheet.get(`b.y${i}`) as number);
const end = performance.now();
const { inPlace, sent } = runtime.stats().calls;
loaded.dispose();
await runtime.close();
const run: ModelRun = { ms: end - start, processMs: end, made: inPlace + sent, results };
process.stdout.write(`${JSON.stringify(run)}\n`);
