/** A result file that nobody will read: a plan writes one to know what writing takes. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BatchRequest } from "../api.ts";
import type { RunId } from "../entity.ts";
import type { Ledger } from "../ledger.ts";
import { createResultFile, type ResultFile } from "../results/result-file.ts";

export interface PassingFile {
  /** Absent: no values are to be written. */
  readonly file: ResultFile | undefined;
  readonly drop: () => Promise<void>;
}

/** In a folder of its own among the system's temporary files. */
export async function openPassingFile(
  { results, program }: BatchRequest,
  { query }: Ledger,
  run: RunId,
): Promise<PassingFile> {
  if (results === undefined) return { file: undefined, drop: async () => undefined };
  const folder = await mkdtemp(join(tmpdir(), "reckon-plan-"));
  const file = await createResultFile(join(folder, "values"), results.format, program, query, run);
  return {
    file,
    drop: async () => {
      await file.discard();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
