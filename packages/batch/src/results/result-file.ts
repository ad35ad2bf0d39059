/**
 * The result file of a run, written from its ledger in the order of the source while the run goes on.
 *
 *   1. `advance()`: rows of the source that have ended, or are no entities, are written as far as none is missing in between.
 *   2. `finish()`: all that the ledger has is written, and the file gets its name.
 *
 * What is written depends on the ledger's rows alone, and these are the same for every strategy and any history of interruptions (LE6);
 * a resumed run writes the file again from the start. Calls follow one another, however they come.
 *
 * Cost: the ledger's rows and blocks, read once; memory: a page of rows, 8,192 lines, 64 MB of blocks and what the sink holds.
 */
import { createRowSink, type RowFormat, type RowSink, RowTrouble } from "@reckon/tables";
import { BatchError } from "../batch-error.ts";
import type { RunId } from "../entity.ts";
import type { LedgerQueries, ResultRow } from "../ledger.ts";
import type { BatchProgram } from "../program.ts";
import { HeldBlocks } from "./held-blocks.ts";
import { type ResultColumns, resultColumns } from "./result-columns.ts";
import { ResultLines } from "./result-lines.ts";

const linesMax = 8192;
/** How far ahead chunks are looked for that can be fetched together. */
const comingChunks = 256;

type ResultQueries = Pick<LedgerQueries, "results" | "problems" | "blocks">;

export interface ResultFile {
  /** Writes what the ledger has in an unbroken row from where the file stands. */
  readonly advance: () => Promise<void>;
  /** Writes what is left, and puts the file in its place. */
  readonly finish: () => Promise<void>;
  /** Leaves no file behind. */
  readonly discard: () => Promise<void>;
}

/**
 * Begins the result file of a run. Rejects with `BatchError` where the file cannot be written, and so do its calls.
 *
 * @example
 * ```ts
 * const ledger = createMemoryLedger({ clock: systemClock });
 * const run = newRunId(systemClock, Math.random);
 * const program = { axis: "player", wanted: scriptedAttributes };
 * const file = await createResultFile("points.csv", "csv", program, ledger.query, run);
 * await file.advance();
 * await file.finish();
 * ```
 */
export async function createResultFile(
  path: string,
  format: RowFormat,
  program: Pick<BatchProgram, "axis" | "wanted">,
  query: ResultQueries,
  run: RunId,
): Promise<ResultFile> {
  const layout = resultColumns(program);
  const sink = await toldAsBatchError(() => createRowSink(path, format, layout.names));
  const writer = new ResultWriter(sink, layout, program, query, run);
  let last: Promise<void> = Promise.resolve();
  const next = (work: () => Promise<void>): Promise<void> => {
    const done = last.then(() => toldAsBatchError(work));
    // The caller hears of what went wrong; the next call must not.
    last = done.catch(() => undefined);
    return done;
  };
  return {
    advance: () => next(() => writer.writeUnbroken()),
    finish: () =>
      next(async () => {
        await writer.writeAll();
        await sink.finish();
      }),
    discard: () => next(() => sink.discard()),
  };
}

class ResultWriter {
  private readonly sink: RowSink;
  private readonly layout: ResultColumns;
  private readonly lines: ResultLines;
  private readonly blocks: HeldBlocks;
  private readonly query: ResultQueries;
  private readonly run: RunId;
  /** The position from which on nothing is written. */
  private from = 0;

  constructor(
    sink: RowSink,
    layout: ResultColumns,
    program: Pick<BatchProgram, "wanted">,
    query: ResultQueries,
    run: RunId,
  ) {
    this.sink = sink;
    this.layout = layout;
    this.lines = new ResultLines(layout, program.wanted);
    this.blocks = new HeldBlocks(query);
    this.query = query;
    this.run = run;
  }

  async writeAll(): Promise<void> {
    for await (const rows of this.query.results(this.run, this.from)) await this.writeRows(rows);
  }

  async writeUnbroken(): Promise<void> {
    const problems = this.problemPositions();
    let problem = await problems.next();
    let expected = this.from;
    for await (const rows of this.query.results(this.run, this.from)) {
      let end = 0;
      for (const { position } of rows) {
        while (problem.value === expected) {
          expected += 1;
          problem = await problems.next();
        }
        if (position !== expected) break;
        expected += 1;
        end += 1;
      }
      await this.writeRows(end === rows.length ? rows : rows.slice(0, end));
      if (end < rows.length) break;
    }
  }

  /** The positions of rows that are no entities, from where the file stands. */
  private async *problemPositions(): AsyncGenerator<number, undefined> {
    for await (const problems of this.query.problems(this.run, this.from))
      for (const { position } of problems) yield position;
  }

  /** Neighbours of one chunk together, in parts of some thousand lines. */
  private async writeRows(rows: readonly ResultRow[]): Promise<void> {
    const step = Math.max(1, Math.floor(linesMax / Math.max(1, this.layout.lines)));
    const ends = endsOfChunks(rows, step);
    for (const [i, end] of ends.entries()) {
      const first = rows[ends[i - 1] ?? 0] as ResultRow;
      const coming = ends.slice(i, i + comingChunks).map((at) => rows[at]?.chunk ?? first.chunk);
      const block = await this.blocks.block(first.chunk, [...new Set(coming)]);
      this.lines.add(rows.slice(ends[i - 1] ?? 0, end), block);
      if (this.lines.count >= linesMax) await this.sink.write(this.lines.take());
    }
    if (this.lines.count > 0) await this.sink.write(this.lines.take());
    const last = rows.at(-1);
    if (last !== undefined) this.from = last.position + 1;
  }
}

/** Where runs of rows of one chunk end, none longer than `step`. */
function endsOfChunks(rows: readonly ResultRow[], step: number): readonly number[] {
  const ends: number[] = [];
  for (let at = 0; at < rows.length; ) {
    let end = at + 1;
    while (end < rows.length && end - at < step && rows[end]?.chunk === rows[at]?.chunk) end += 1;
    ends.push(end);
    at = end;
  }
  return ends;
}

async function toldAsBatchError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof RowTrouble) throw new BatchError("results", cause.message, cause);
    throw cause;
  }
}
