/** Runs and records for tests of ledgers. */
import type {
  BatchPlan,
  BatchSummary,
  ChunkFigures,
  ChunkId,
  ChunkRecord,
  EntityOutcome,
  EntityState,
  Ledger,
  RunId,
  RunStart,
} from "@reckon/batch";

/** Saturday, 21 November 2026, 14:30 UTC. */
export const day = Date.UTC(2026, 10, 21, 14, 30);
export const minute = 60_000;

export function runStart(n: number, changes: Partial<RunStart> = {}): RunStart {
  return {
    run: `20261121T1430${String(n).padStart(2, "0")}-0000${String(n).padStart(2, "0")}` as RunId,
    model: "points",
    modelPath: "/models/points.reckon",
    scenario: "base",
    axis: "player",
    source: "players.csv",
    programKey: "ab".repeat(32),
    policy: { retry: { attemptsMax: 3, firstMs: 100, factor: 2, longestMs: 1000, jitter: 0 } },
    startedAtMs: day + n * minute,
    versions: { reckon: "0.1.0", engine: "0.1.0", node: "24.21.0", v8: "13.6" },
    machine: "linux x64, 2 cores",
    ...changes,
  };
}

export const deepKeyOf = (n: number): string => n.toString(16).padStart(32, "0");
export const keyOf = (n: number): string => `player ${n}`;

export interface Sample {
  /** Numbers of entities: their keys, positions and deep keys follow. */
  readonly of: readonly number[];
  readonly chunk?: string;
  readonly attempt?: number;
  /** For those that did not simply succeed, by number; `open`: failed, and will be tried again. */
  readonly ends?: Readonly<Record<number, "failed" | "open" | "invalid">>;
  readonly code?: string;
  readonly message?: string;
  readonly checksFailed?: number;
  readonly block?: Uint8Array | null;
  readonly waitMs?: number;
  readonly figures?: Partial<ChunkFigures>;
  readonly keys?: readonly string[];
  readonly deepKeys?: readonly string[];
}

export function recordOf(sample: Sample): ChunkRecord {
  const { of, attempt = 1, ends = {}, block = bytesOf(of), waitMs = 2 } = sample;
  const outcomeOf = (n: number): EntityOutcome => {
    const end = ends[n];
    const { code = "#CALL!", message = `${keyOf(n)} went wrong` } = sample;
    if (end === undefined) return { kind: "succeeded", checksFailed: sample.checksFailed ?? 0 };
    return end === "invalid"
      ? { kind: "invalid", code, message, line: n + 2 }
      : { kind: "failed", code, message, attribute: "round.total" };
  };
  const endOf = (n: number): EntityState | undefined => {
    const end = ends[n];
    return end === "open" ? undefined : (end ?? "succeeded");
  };
  return {
    chunk: (sample.chunk ?? `c${of[0] ?? 0}-a${attempt}`) as ChunkId,
    attempt,
    keys: sample.keys ?? of.map(keyOf),
    positions: of,
    deepKeys: sample.deepKeys ?? of.map(deepKeyOf),
    ended: of.map(endOf),
    outcomes: of.map(outcomeOf),
    ...(block === null ? {} : { block }),
    figures: {
      worker: "main",
      startedAtMs: day + 1000,
      durationMs: 10 * of.length,
      cpuMs: 8 * of.length,
      memoryPeakBytes: 50_000_000,
      cacheHits: 0,
      cacheLookUps: 0,
      ...sample.figures,
    },
    waitMs,
  };
}

/** Not a block, but bytes that tell which entities they are of. */
export function bytesOf(of: readonly number[]): Uint8Array {
  return Uint8Array.from(of.flatMap((n) => [0, 255, n & 255, n >> 8]));
}

export function summaryOf(start: RunStart, changes: Partial<BatchSummary> = {}): BatchSummary {
  return {
    run: start.run,
    state: "succeeded",
    entities: 0,
    succeeded: 0,
    failed: 0,
    invalid: 0,
    retried: 0,
    skipped: 0,
    deduplicated: 0,
    strategy: "sequential",
    concurrency: 1,
    predictedMs: 0,
    actualMs: 0,
    sessions: 1,
    sessionMs: 0,
    sessionEntities: 0,
    cpuMs: 0,
    checksFailed: 0,
    ...changes,
  };
}

export function planOf(
  strategy: BatchPlan["chosen"]["strategy"],
  changes: Partial<BatchPlan["chosen"]> = {},
  price?: number,
): BatchPlan {
  const chosen = {
    strategy,
    concurrency: 1,
    chunkEntities: 64,
    wallMs: 1000,
    wallMsLow: 900,
    wallMsHigh: 1100,
    cpuMs: 1000,
    memoryBytes: 1e6,
    ...changes,
  };
  return {
    measures: {
      entities: 100,
      isEstimated: false,
      sample: {
        entities: 10,
        chunks: 1,
        chunkMs: 0.5,
        entityMs: 1,
        entityMsMax: 2,
        entityMsError: 0.1,
        entityMsSpread: 0.3,
        wallMs: 12,
        saturation: 1,
        heavyShare: 0,
        callsAtOnce: 1,
        rowMs: 0.01,
        bytesPerEntity: 100,
        memoryPeakBytes: 1e6,
        cacheHitShare: 0,
        unchangedShare: 0,
      },
      machine: {
        cores: 2,
        speedUps: [1, 1.9],
        spawnMs: 30,
        perTaskMs: 0.05,
        perMegabyteMs: 0.2,
        importMs: 100,
        threadBytes: 1e7,
        freeBytes: 1e9,
      },
      ...(price === undefined ? {} : { pricePerCpuSecond: price }),
    },
    predictions: [chosen],
    chosen,
    reason: { code: "declared" },
    predictedMs: chosen.wallMs,
    breakEven: [],
    expectedCacheHits: 0,
    expectedUnchanged: 0,
  };
}

export async function gathered<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}

/** All that can be read of a run; chunks by the values in them, since their numbers mean nothing. */
export async function stateOf(ledger: Ledger, run: RunId): Promise<unknown> {
  const { query } = ledger;
  const entities = await gathered(query.entities(run));
  const blocks = await query.blocks(entities.map(({ chunk }) => chunk));
  const results = await gathered(query.results(run));
  const attempts = await gathered(query.attempts(run));
  return {
    run: await query.run(run),
    entities: entities.map(({ chunk: _, ...entity }, i) => ({
      ...entity,
      block: blocks[i] && [...blocks[i]],
    })),
    results: results.map(({ chunk: _, ...result }) => [
      result.key,
      result.position,
      result.state,
      result.chunkRow,
    ]),
    attempts: attempts.sort((a, b) => a.position - b.position || a.attempt - b.attempt),
    problems: await gathered(query.problems(run)),
  };
}
