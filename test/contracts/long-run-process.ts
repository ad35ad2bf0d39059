/**
 * A whole run over many rows in a process with a small heap, started by a test: file, ledger and result file are real.
 *
 *   long-run-process.ts <folder> <rows>      prints the summary as JSON
 */
import { createWriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import {
  systemClock as clock,
  openEntities,
  openLedger,
  prepareProgram,
  seededRandom,
  startBatch,
} from "@reckon/batch";
import { createRuntime } from "@reckon/host";
import { openRows } from "@reckon/tables";

const [folder = "", count = "0"] = process.argv.slice(2);
const model = join(folder, "many.reckon");
const table = join(folder, "many.csv");

writeFileSync(
  model,
  `model many
axis player = table("many.csv", key id)
block game by player
  points = player.minutes * 0.5 + player.rate
  share = points / (points + 7)
`,
);
const file = createWriteStream(table);
file.write("id,minutes,rate\n");
for (let i = 0; i < Number(count); i++)
  if (!file.write(`p${i},${i % 91},${(i % 17) / 4}\n`))
    await new Promise<void>((resolve) => file.once("drain", resolve));
file.end();
await finished(file);

const rows = await openRows(table);
if ("problem" in rows) throw new Error(rows.problem);
const prepared = await prepareProgram({ load: { model }, axis: "player", columns: rows.columns });
if (!("program" in prepared)) throw new Error(JSON.stringify(prepared));
const { program } = prepared;
const source = openEntities(rows, program);
if ("problem" in source) throw new Error(source.problem);
const ledger = await openLedger(join(folder, "ledger.sqlite"), { clock });
const runtime = createRuntime({ threads: 0, cache: "off" });
const { summary } = startBatch({
  program,
  source,
  ledger,
  policy: { retry: { attemptsMax: 1, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 } },
  strategy: "sequential",
  resume: "never",
  results: { path: join(folder, "results.csv"), format: "csv" },
  runtime,
  clock,
  random: seededRandom(1),
});
console.log(JSON.stringify(await summary));
await ledger.close();
await runtime.close();
