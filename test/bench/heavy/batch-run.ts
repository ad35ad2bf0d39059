/** One batch as `reckon batch` does it, in this process: rows, program, ledger on disk, result file. */
import { rmSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import {
  type BatchSummary,
  type ClusterPort,
  openEntities,
  openLedger,
  prepareProgram,
  type StrategyName,
  startBatch,
  systemClock,
} from "@reckon/batch";
import { createRuntime } from "@reckon/host";
import { openRows } from "@reckon/tables";
import { WrongResult } from "../workload.ts";

// As the command does.
enableCompileCache();

export interface BatchOptions {
  /** With `points.reckon` and `rows.csv`; the ledger stands there as well. */
  readonly folder: string;
  readonly strategy: StrategyName;
  readonly concurrency?: number;
  /** Absent: as the plan says. */
  readonly chunkEntities?: number;
  readonly out?: string;
  readonly queue?: ClusterPort;
}

/** What it took from opening the rows until the summary is there. */
export async function runBatch({
  folder,
  strategy,
  concurrency,
  chunkEntities,
  out,
  queue,
}: BatchOptions): Promise<{ readonly ms: number; readonly summary: BatchSummary }> {
  const ledgerPath = join(folder, "ledger.sqlite");
  for (const ending of ["", "-wal", "-shm"]) rmSync(`${ledgerPath}${ending}`, { force: true });
  const runtime = createRuntime({ threads: 0, cache: "off" });
  const ledger = await openLedger(ledgerPath, { clock: systemClock });
  try {
    const begin = performance.now();
    const rows = await openRows(join(folder, "rows.csv"));
    if ("problem" in rows) throw new Error(rows.problem);
    const load = { model: join(folder, "points.reckon"), allowModules: true, runtime };
    const prepared = await prepareProgram({ load, axis: "player", columns: rows.columns });
    if (!("program" in prepared))
      throw new Error("problem" in prepared ? prepared.problem : "the model is wrong");
    const { program } = prepared;
    const source = openEntities(rows, program);
    if ("problem" in source) throw new Error(source.problem);
    const summary = await startBatch({
      program,
      source,
      ledger,
      policy: { retry: { attemptsMax: 1, firstMs: 1, factor: 1, longestMs: 1, jitter: 0 } },
      strategy,
      resume: "never",
      runtime,
      clock: systemClock,
      random: Math.random,
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(chunkEntities === undefined ? {} : { chunkEntities }),
      ...(out === undefined ? {} : { results: { path: join(folder, out), format: "csv" } }),
      ...(queue === undefined ? {} : { queue }),
    }).summary;
    const ms = performance.now() - begin;
    await source.close();
    if (summary.succeeded !== summary.entities)
      throw new WrongResult(`${summary.succeeded} of ${summary.entities} entities have succeeded`);
    return { ms, summary };
  } finally {
    await ledger.close();
    await runtime.close();
  }
}
