/** A program as the parts of a bundle, and back. Modules lie in files of their own, which the program names by part. */
import type { BatchProgram, ProgramModule } from "@reckon/batch";
import { canonicalJson, mapTables, type PlainTable, plainTable, tableOf } from "./plain-json.ts";

export const programPart = "program.json";
export const invariantsPart = "invariants.bin";

/** A module of a program with the part that holds it. */
export interface ModulePart {
  readonly path: string;
  readonly part: string;
}

type PlainProgram = Omit<BatchProgram, "tables" | "modules" | "invariants"> & {
  readonly tables: Readonly<Record<string, PlainTable>>;
  readonly modules: readonly ModulePart[];
};

export function programText(program: BatchProgram, modules: readonly ModulePart[]): string {
  const { invariants: _beside, tables, ...rest } = program;
  const plain: PlainProgram = { ...rest, tables: mapTables(tables, plainTable), modules };
  return canonicalJson(plain);
}

/** `moduleAt` tells where a part was put, and the version of what lies there. */
export function programOf(
  text: string,
  invariants: Uint8Array,
  moduleAt: (part: string) => Pick<ProgramModule, "file" | "hash">,
): BatchProgram {
  const { tables, modules, ...rest } = JSON.parse(text) as PlainProgram;
  return {
    ...rest,
    tables: mapTables(tables, tableOf),
    modules: modules.map(({ path, part }) => ({ path, ...moduleAt(part) })),
    invariants,
  };
}
