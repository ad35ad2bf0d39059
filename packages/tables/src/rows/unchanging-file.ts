/**
 * A file of rows that must stay as it was when it was opened: what is read in blocks would else be rows of two files. A JSON file
 * is held whole, and a SQLite file keeps its readers apart from its writers: neither needs this.
 *
 * The file's size, time and number are looked at behind every block. Cost: some 10 µs a block.
 */
import { stat } from "node:fs/promises";
import type { Table } from "@reckon/value";
import type { RowSource } from "../api.ts";
import { type TableProblem, tableProblem } from "../table-problem.ts";
import type { FilePlace } from "./file-bytes.ts";
import { RowTrouble } from "./row-trouble.ts";

/** The source that `open` gives, whose blocks throw `RowTrouble` once the file is another. */
export async function unchanging(
  place: FilePlace,
  open: () => Promise<RowSource | TableProblem>,
): Promise<RowSource | TableProblem> {
  const before = await formOf(place);
  const source = await open();
  if ("problem" in source) return source;
  return { ...source, blocks: (options) => watched(source.blocks(options), place, before) };
}

async function* watched(
  blocks: AsyncIterable<Table>,
  place: FilePlace,
  before: string,
): AsyncGenerator<Table, void> {
  try {
    for await (const block of blocks) {
      await refuseOther(place, before);
      yield block;
    }
  } catch (cause) {
    // Half of a line that somebody writes is no JSON: that the file changes is the reason then.
    await refuseOther(place, before, cause);
    throw cause;
  }
  await refuseOther(place, before);
}

async function refuseOther(place: FilePlace, before: string, cause?: unknown): Promise<void> {
  if ((await formOf(place)) === before) return;
  throw new RowTrouble(
    "unreadable",
    tableProblem(place.name, "has changed while it was read: its rows would be those of two files"),
    cause,
  );
}

/** What differs when a file was written to, or has become another. A file that is gone was still open, and is told by reading. */
async function formOf({ path }: FilePlace): Promise<string> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    return `${size} ${mtimeMs} ${ino}`;
  } catch (cause) {
    return `not there: ${(cause as NodeJS.ErrnoException).code}`;
  }
}
