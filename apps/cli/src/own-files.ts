/** Files that a batch reads or keeps: writing its results over one of them would lose what it stands on. */
import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { BatchProgram } from "@reckon/batch";

export interface OwnFiles {
  readonly program: Pick<
    BatchProgram,
    "model" | "scenarios" | "tables" | "sideTables" | "tablePath" | "modules"
  >;
  /** What stands in the place of the axis's table. */
  readonly rows: string | undefined;
  /** The ledger's file; absent where it is a server, or in memory. */
  readonly ledger: string | undefined;
}

/** Why results cannot be written to `out`; `undefined` where they can. Links are followed. */
export async function ownFileProblem(out: string, own: OwnFiles): Promise<string | undefined> {
  const target = await placeOf(out);
  if (own.ledger !== undefined && (await placeOf(own.ledger)) === target)
    return `--out ${out}: this file is the ledger`;
  for (const path of readFiles(own))
    if ((await placeOf(path)) === target) return `--out ${out}: the batch reads this file; name another one`;
  return undefined;
}

function readFiles({ program, rows }: OwnFiles): readonly string[] {
  const folder = dirname(resolve(program.model.source));
  const tables = [program.tablePath, ...Object.keys(program.tables), ...Object.keys(program.sideTables)];
  return [
    program.model.source,
    ...program.scenarios.map(({ source }) => source),
    ...tables.map((path) => resolve(folder, path)),
    ...program.modules.map(({ file }) => file),
    // `shops.sqlite#today` is a table of a file.
    ...(rows === undefined ? [] : [rows, rows.replace(/#[^#]*$/, "")]),
  ];
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
