/** Files that a batch reads or keeps: writing results over one of them would lose what they stand on. */
import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { BatchProgram } from "@reckon/batch";
import { checkSources, readSource } from "@reckon/host";
import { parseModel, tablesOf } from "@reckon/model";

export interface OwnFiles {
  /** What is read: paths, also of files that are not there. */
  readonly read: readonly string[];
  /** Who reads it, for the message. */
  readonly reader: string;
  /** The ledger's file; absent where it is a server, or in memory. */
  readonly ledger: string | undefined;
}

type ReadProgram = Pick<
  BatchProgram,
  "model" | "scenarios" | "tables" | "sideTables" | "tablePath" | "modules"
>;

/** What SQLite has beside a file while it is in use. */
const ledgerEndings = ["", "-wal", "-shm"];

/** Why results cannot be written to `out`; `undefined` where they can. Links are followed. */
export async function ownFileProblem(
  out: string,
  { read, reader, ledger }: OwnFiles,
): Promise<string | undefined> {
  const target = await placeOf(out);
  for (const ending of ledger === undefined ? [] : ledgerEndings)
    if ((await placeOf(`${ledger}${ending}`)) === target)
      return `--out ${out}: this file is ${ending === "" ? "" : "a part of "}the ledger`;
  for (const path of read)
    if ((await placeOf(path)) === target) return `--out ${out}: ${reader} reads this file; name another one`;
  return undefined;
}

/** What a batch reads; `rows` stands in the place of the axis's table. */
export function filesOfProgram(program: ReadProgram, rows: string | undefined): readonly string[] {
  const folder = dirname(resolve(program.model.source));
  const tables = [program.tablePath, ...Object.keys(program.tables), ...Object.keys(program.sideTables)];
  return [
    program.model.source,
    ...program.scenarios.map(({ source }) => source),
    ...tables.map((path) => resolve(folder, path)),
    ...program.modules.map(({ file }) => file),
    ...(rows === undefined ? [] : filesOfRows(rows)),
  ];
}

/** `shops.sqlite#today` is a table of a file. */
export function filesOfRows(rows: string): readonly string[] {
  return [rows, rows.replace(/#[^#]*$/, "")];
}

/** What a model on disk reads, as far as its text says: itself, scenarios beside it, tables, modules. Nothing is run. */
export async function filesOfModel(path: string): Promise<readonly string[]> {
  const read = await readSource(path);
  if (read.kind !== "text") return [path];
  const document = parseModel(path, read.text);
  const modules = document.items.flatMap(({ declaration }) =>
    declaration?.kind === "use" ? [declaration.path] : [],
  );
  const beside = [...tablesOf(document).map((table) => table.path), ...modules];
  const { sources } = await checkSources(path);
  return [path, ...sources, ...beside.map((each) => resolve(dirname(path), each))];
}

/** Where a file is, or would be: its folder behind all links. */
async function placeOf(path: string): Promise<string> {
  const whole = resolve(path);
  // What is not there yet has a folder, or else a name alone.
  return (
    (await realpath(whole).catch(() => undefined)) ??
    (await realpath(dirname(whole)).then(
      (folder) => join(folder, basename(whole)),
      () => whole,
    ))
  );
}
