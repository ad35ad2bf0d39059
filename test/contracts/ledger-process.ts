/**
 * A process that writes to a ledger, started by tests.
 *
 *   open <place>                           opens and closes it; prints the number of its runs
 *   record <place> <run> <from> <to> <n>   begins the run and records chunks from … to, of n entities each; prints "begin i" before and
 *                                          "done i" after each
 */
import { writeSync } from "node:fs";
import { openLedger, type RunId } from "@reckon/batch";
import { recordOf, runStart } from "./ledger-samples.ts";

const [mode = "", place = "", run = "", from = "0", to = "0", entities = "1"] = process.argv.slice(2);
const [first, end, size] = [from, to, entities].map(Number) as [number, number, number];

/** At once, also when this process is killed right behind it. */
const print = (line: string): void => void writeSync(1, `${line}\n`);

const ledger = await openLedger(place, { clock: { date: () => Date.now() } });
if (mode === "open") print(String((await ledger.query.runs({})).length));
else {
  await ledger.beginRun(runStart(1, { run: run as RunId }));
  for (let i = first; i < end; i++) {
    const of = Array.from({ length: size }, (_, k) => i * size + k);
    print(`begin ${i}`);
    await ledger.record(run as RunId, [recordOf({ of, chunk: `c${i}-a1`, ends: { [i * size]: "failed" } })]);
    print(`done ${i}`);
  }
}
await ledger.close();
