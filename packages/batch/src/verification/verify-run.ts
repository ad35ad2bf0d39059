/**
 * Computes a sample of a run's entities again and compares: what threads, machines, caches and chunks may have done to values.
 *
 *   1. The sample is drawn from the ledger (strata.ts).
 *   2. The source is read until all its rows are found; each is a chunk of one, computed here or on one thread, without a cache.
 *   3. What comes out is held against the block in the ledger, cell by cell (compare-rows.ts).
 *
 * Memory: the sample, a block of rows and a few blocks of values. Cost: the source once, and each entity of the sample.
 */
import { checkModel, parseModel } from "@reckon/model";
import type { Table } from "@reckon/value";
import type { RandomSource } from "../batch-clock.ts";
import { BatchError } from "../batch-error.ts";
import type { ChunkRunner } from "../chunk-runner.ts";
import type { ChunkId, ChunkOutcome, EntityBlock, EntityChunk, RunId } from "../entity.ts";
import type { EntitySource } from "../entity-source.ts";
import { createInlineRunner } from "../evaluation/inline-runner.ts";
import { decodeBlock, type ResultBlock } from "../evaluation/result-block.ts";
import type { LedgerQueries } from "../ledger.ts";
import type { BatchProgram } from "../program.ts";
import type { VerifyMismatch, VerifyReport, VerifyStratum } from "../summary.ts";
import { compareRows, type RowComparison, type Tolerance } from "./compare-rows.ts";
import { detectableShare } from "./detectable-share.ts";
import { loopTolerances } from "./loop-tolerances.ts";
import { type Chosen, isVerifiable, Strata } from "./strata.ts";

export interface VerifyRequest {
  readonly ledger: { readonly query: Pick<LedgerQueries, "entities" | "blocks"> };
  readonly run: RunId;
  readonly program: BatchProgram;
  readonly source: Pick<EntitySource, "blocks">;
  /** How many, or which share of those that have values; at most all. */
  readonly size: { readonly count: number } | { readonly share: number };
  readonly random: RandomSource;
  /** Rows of side tables for some entities; absent: the program has none. */
  readonly rowsFor?: (keys: readonly string[]) => Readonly<Record<string, Table>>;
  /** Computes one entity; absent: an inline runner without a cache, closed at the end. */
  readonly runner?: ChunkRunner;
  /** How long an entity may take, where the runner can end it. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Verifies a run. Rejects with `BatchError` `source` where a row of the sample is not in the source any more, and as ledger and
 * source do.
 *
 * @example
 * ```ts
 * const load = { model: "points.reckon", allowModules: true };
 * const prepared = await prepareProgram({ load, axis: "player", columns: ["id", "minutes", "opponent", "rate"] });
 * if (!("program" in prepared)) throw new Error("the model does not check");
 * const { program } = prepared;
 * const source = createRecordSource([{ id: "p001", minutes: 34, opponent: "Maples", rate: 0.736 }]);
 * const ledger = createMemoryLedger({ clock: systemClock });
 * const policy = { retry: { attemptsMax: 1, firstMs: 100, factor: 2, longestMs: 1_000, jitter: 0 } };
 * const random = seededRandom(1);
 * const { run } = await startBatch({
 *   program, source, ledger, policy, random,
 *   strategy: "sequential", resume: "never", runtime: createRuntime({ threads: 0 }), clock: systemClock,
 * }).summary;
 * const report = await verifyRun({ ledger, run: run as RunId, program, source, size: { count: 10 }, random });
 * report.mismatches; // []
 * ```
 */
export async function verifyRun(request: VerifyRequest): Promise<VerifyReport> {
  const { chosen, ofEntities } = await chooseSample(request);
  const strata: Record<VerifyStratum, number> = {
    slowest: 0,
    retried: 0,
    cached: 0,
    "first-of-worker": 0,
    random: 0,
  };
  const mismatches: VerifyMismatch[] = [];
  let toleratedCells = 0;
  let sampled = 0;
  const runner = request.runner ?? createInlineRunner(request.program);
  const verifier = new Verifier(request, runner);
  try {
    for await (const { entity, chunk } of rowsOf(request, chosen)) {
      const compared = await verifier.compare(entity, chunk);
      if (compared === undefined) break;
      sampled++;
      strata[entity.stratum]++;
      toleratedCells += compared.toleratedCells;
      const { difference } = compared;
      if (difference !== undefined)
        mismatches.push({ entity: entity.key, ...difference, worker: entity.worker });
    }
  } finally {
    if (request.runner === undefined) await runner.close();
  }
  return {
    sampled,
    ofEntities,
    strata,
    mismatches,
    detectableShare: detectableShare(sampled, ofEntities),
    toleratedCells,
  };
}

async function chooseSample({
  ledger,
  run,
  size,
  random,
}: VerifyRequest): Promise<{ readonly chosen: readonly Chosen[]; readonly ofEntities: number }> {
  let ofEntities = 0;
  // A share is of those that have values: the ledger is counted first.
  if ("share" in size)
    for await (const page of ledger.query.entities(run)) ofEntities += page.filter(isVerifiable).length;
  const count = "count" in size ? size.count : Math.ceil(ofEntities * Math.min(1, size.share));
  const strata = new Strata(Math.max(0, Math.floor(count)), random);
  ofEntities = 0;
  for await (const page of ledger.query.entities(run))
    for (const row of page) {
      strata.add(row);
      if (isVerifiable(row)) ofEntities++;
    }
  return { chosen: strata.take(), ofEntities };
}

interface EntityRowOfSource {
  readonly entity: Chosen;
  readonly chunk: EntityChunk;
}

/** The chosen entities with their rows, in the order of the source. */
async function* rowsOf(
  { source, rowsFor, signal }: VerifyRequest,
  chosen: readonly Chosen[],
): AsyncGenerator<EntityRowOfSource> {
  if (chosen.length === 0) return;
  const open = new Map(chosen.map((entity) => [entity.position, entity]));
  for await (const block of source.blocks(signal === undefined ? {} : { signal })) {
    for (const [row, position] of block.positions.entries()) {
      const entity = open.get(position);
      if (entity === undefined) continue;
      if (block.keys[row] !== entity.key) throw lostRow(entity);
      open.delete(position);
      yield { entity, chunk: chunkOfOne(block, row, rowsFor) };
    }
    if (open.size === 0) return;
  }
  const [missing] = open.values();
  if (missing !== undefined && signal?.aborted !== true) throw lostRow(missing);
}

function lostRow({ key }: Chosen): BatchError {
  return new BatchError(
    "source",
    `${key} cannot be verified: its row is not where it was when the run computed it`,
  );
}

function chunkOfOne(block: EntityBlock, row: number, rowsFor: VerifyRequest["rowsFor"]): EntityChunk {
  const { table } = block;
  const key = block.keys[row] as string;
  const position = block.positions[row] as number;
  return {
    id: `e${position}-a1` as ChunkId,
    attempt: 1,
    table: {
      source: table.source,
      rows: 1,
      columns: table.columns.map(({ name, values }) => ({ name, values: values.slice(row, row + 1) })),
      lines: table.lines.slice(row, row + 1),
    },
    keys: [key],
    positions: [position],
    sideTables: rowsFor?.([key]) ?? {},
  };
}

/** Blocks that were read and may be needed again: neighbours of the source mostly share one. */
const blocksHeld = 4;

class Verifier {
  readonly #request: VerifyRequest;
  readonly #runner: ChunkRunner;
  readonly #signal: AbortSignal;
  readonly #blocks = new Map<number, ResultBlock>();
  #tolerances: ReadonlyMap<string, Tolerance> | undefined;

  constructor(request: VerifyRequest, runner: ChunkRunner) {
    this.#request = request;
    this.#runner = runner;
    this.#signal = request.signal ?? new AbortController().signal;
  }

  /** `undefined`: it was given up. */
  async compare(entity: Chosen, chunk: EntityChunk): Promise<RowComparison | undefined> {
    const { timeoutMs } = this.#request;
    const options = timeoutMs === undefined ? {} : { timeoutMs };
    const outcome = await this.#runner.run(chunk, { ...options, signal: this.#signal });
    if (outcome.kind === "cancelled") return undefined;
    if (outcome.kind === "no-program") throw BatchError.noProgram(outcome.message);
    const block = outcome.kind === "done" ? decodeBlock(outcome.block) : undefined;
    const kept = await this.#blockOf(entity.chunk);
    const attribute = this.#request.program.wanted[0]?.id ?? "";
    const told = failureText(outcome);
    if (block === undefined || told !== undefined || kept === undefined) {
      const expected = told ?? "values";
      const found = kept === undefined ? "no values that can be read" : "values";
      return { difference: { attribute, at: [], expected, found }, toleratedCells: 0 };
    }
    return compareRows({ block, row: 0 }, { block: kept, row: entity.chunkRow }, (id) =>
      this.#toleranceOf(id, chunk),
    );
  }

  async #blockOf(chunk: number): Promise<ResultBlock | undefined> {
    const held = this.#blocks.get(chunk);
    if (held !== undefined) return held;
    const [bytes] = await this.#request.ledger.query.blocks([chunk]);
    const block = bytes === undefined ? undefined : decodeBlock(bytes);
    if (block === undefined) return undefined;
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size >= blocksHeld && oldest !== undefined) this.#blocks.delete(oldest);
    this.#blocks.set(chunk, block);
    return block;
  }

  #toleranceOf(id: string, { table, sideTables }: EntityChunk): Tolerance | undefined {
    if (this.#tolerances === undefined) {
      const { model, tables, tablePath } = this.#request.program;
      const { value } = checkModel(
        parseModel(model.source, model.text),
        (path) =>
          (path === tablePath ? table : (sideTables[path] ?? tables[path])) ?? {
            problem: `${path} is not part of the batch`,
          },
      );
      this.#tolerances = value === undefined ? new Map() : loopTolerances(value);
    }
    return this.#tolerances.get(id);
  }
}

/** What computing it again has ended with, if not with values. */
function failureText(outcome: ChunkOutcome): string | undefined {
  if (outcome.kind !== "done") return `${outcome.kind}: ${outcome.message}`;
  const [entity] = outcome.entities;
  if (entity === undefined) return "nothing";
  return entity.kind === "succeeded" ? undefined : `${entity.kind}: ${entity.message}`;
}
