/**
 * A program as a folder, for threads and for other machines: they are told the place, and read it once.
 *
 *   program.json      everything that is text
 *   invariants.bin    the invariants, a result block
 *   table-0.bin …     the tables, a result block each with a row an entity: JSON would lose −0
 *
 * Files of modules may stand in the folder, named relative to it. Reading never throws: what is not as it was written is a
 * problem. Cost: the bytes.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { columnFrom, type Table } from "@reckon/value";
import type { BatchProgram } from "../program.ts";
import { decodeBlock, encodeBlock } from "./result-block.ts";

interface WrittenTable {
  readonly path: string;
  readonly source: string;
  readonly lines: readonly number[];
  readonly file: string;
}

interface WrittenProgram extends Omit<BatchProgram, "invariants" | "tables"> {
  readonly tables: readonly WrittenTable[];
}

const programFile = "program.json";
const invariantsFile = "invariants.bin";

/** Writes the program into a folder, which is made where it is not there. Rejects as the file system does. */
export async function writeProgramFolder(program: BatchProgram, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { invariants, tables, ...texts } = program;
  const written: WrittenTable[] = [];
  for (const [i, [path, table]] of Object.entries(tables).entries()) {
    const file = `table-${i}.bin`;
    await writeFile(join(folder, file), tableBytes(table));
    written.push({ path, source: table.source, lines: table.lines, file });
  }
  await writeFile(join(folder, invariantsFile), invariants);
  const whole: WrittenProgram = { ...texts, tables: written };
  await writeFile(join(folder, programFile), JSON.stringify(whole));
}

/** The program that a folder holds, or a sentence about what is wrong with it. */
export async function readProgramFolder(
  folder: string,
): Promise<BatchProgram | { readonly problem: string }> {
  try {
    const written = JSON.parse(await readFile(join(folder, programFile), "utf8")) as WrittenProgram;
    const tables: Record<string, Table> = Object.create(null);
    for (const { path, source, lines, file } of written.tables) {
      const table = tableOf(await readFile(join(folder, file)), source, lines);
      if (table === undefined) return { problem: `${file} of the batch's program is damaged` };
      tables[path] = table;
    }
    return {
      ...written,
      tables,
      modules: written.modules.map((module) => ({ ...module, file: resolve(folder, module.file) })),
      invariants: new Uint8Array(await readFile(join(folder, invariantsFile))),
    };
  } catch (cause) {
    return {
      problem: `the batch's program cannot be read: ${cause instanceof Error ? cause.message : cause}`,
    };
  }
}

function tableBytes({ rows, columns }: Table): Uint8Array {
  const shape = { outer: rows, periods: 1 };
  return encodeBlock(
    rows,
    columns.map(({ name }) => ({ id: name, axes: [] })),
    columns.map(({ values }) => columnFrom(shape, values)),
  );
}

function tableOf(bytes: Uint8Array, source: string, lines: readonly number[]): Table | undefined {
  const block = decodeBlock(bytes);
  if (block === undefined) return undefined;
  const rows = Array.from({ length: block.entities }, (_, row) => row);
  const columns = block.attributes.map(({ id }, i) => ({
    name: id,
    values: rows.map((row) => block.get(i, row, 0)),
  }));
  return { source, rows: block.entities, columns, lines };
}
