/** A small ledger for the guide: three runs of four shops, always the same; and rows as the guide prints them. */
import {
  type BatchPlan,
  type ChunkId,
  type ChunkRecord,
  type EntityOutcome,
  encodeBlock,
  type Ledger,
  openLedger,
  type RunId,
  type RunState,
  type StrategyName,
  unmeasuredMachine,
} from "@reckon/batch";
import { columnFrom } from "@reckon/value";

const dayMs = 24 * 3_600_000;
const begin = Date.UTC(2026, 10, 21, 14, 30);
const keys = ["harbour", "market", "station", "hill"];

interface SmallRun {
  readonly run: string;
  readonly strategy: StrategyName;
  readonly concurrency: number;
  readonly wallMs: number;
  readonly failed?: string;
}

const runs: readonly SmallRun[] = [
  { run: "20261121T143000-4f2a91", strategy: "sequential", concurrency: 1, wallMs: 400 },
  { run: "20261122T143000-08c5d3", strategy: "threads", concurrency: 2, wallMs: 220 },
  { run: "20261123T143000-b71e60", strategy: "sequential", concurrency: 1, wallMs: 410, failed: "market" },
];
/** Behind all of them: nobody holds a lease any more. */
export const smallNow: number = begin + 3 * dayMs;

/** Fills a ledger at a path. */
export async function fillSmallLedger(path: string): Promise<void> {
  let now = begin;
  const ledger = await openLedger(path, { clock: { date: () => now } });
  for (const [i, each] of runs.entries()) {
    now = begin + i * dayMs;
    await fillRun(ledger, each, now, (ms) => {
      now += ms;
    });
  }
  await ledger.close();
}

async function fillRun(
  ledger: Ledger,
  { run: name, strategy, concurrency, wallMs, failed }: SmallRun,
  startedAtMs: number,
  pass: (ms: number) => void,
): Promise<void> {
  const run = name as RunId;
  await ledger.beginRun({
    run,
    model: "shops",
    modelPath: "/models/shops.reckon",
    scenario: "base",
    axis: "shop",
    source: "shops.csv",
    programKey: "5e".repeat(32),
    policy: { retry: { attemptsMax: 1, firstMs: 1, factor: 1, longestMs: 1, jitter: 0 } },
    startedAtMs,
    versions: { reckon: "0.1.0", engine: "0.1.0", node: "24.21.0", v8: "13.6" },
    machine: "linux x64, 2 cores",
  });
  await ledger.recordPlan(run, planOf(strategy, concurrency, wallMs * 0.9));
  const records = [keys.slice(0, 2), keys.slice(2)].map((part, i) =>
    recordOf(part, i, startedAtMs + i * 100, failed, i === 1 && concurrency > 1 ? "thread 2" : "thread 1"),
  );
  await ledger.record(run, records);
  pass(wallMs);
  const state: RunState = failed === undefined ? "succeeded" : "failed";
  const failures = failed === undefined ? 0 : 1;
  await ledger.endRun(run, state, {
    run,
    state,
    entities: keys.length,
    succeeded: keys.length - failures,
    failed: failures,
    invalid: 0,
    retried: 0,
    skipped: 0,
    deduplicated: 0,
    strategy,
    concurrency,
    predictedMs: wallMs * 0.9,
    actualMs: wallMs,
    cpuMs: 390,
    cost: 0.0039,
    sessions: 1,
    sessionMs: wallMs,
    sessionEntities: keys.length,
    checksFailed: 0,
  });
}

function planOf(strategy: StrategyName, concurrency: number, predictedMs: number): BatchPlan {
  const chosen = {
    strategy,
    concurrency,
    chunkEntities: 2,
    wallMs: predictedMs,
    wallMsLow: predictedMs,
    wallMsHigh: predictedMs,
    cpuMs: 390,
    memoryBytes: 0,
    cost: 0.0039,
  };
  const sample = {
    entities: 2,
    chunks: 1,
    wallMs: 190,
    chunkMs: 1,
    entityMs: 95,
    entityMsMax: 100,
    entityMsSpread: 5,
    entityMsError: 5,
    saturation: 1,
    heavyShare: 0,
    callsAtOnce: 1,
    rowMs: 0.01,
    bytesPerEntity: 16,
    memoryPeakBytes: 80_000_000,
    cacheHitShare: 0,
    unchangedShare: 0,
  };
  return {
    measures: {
      entities: keys.length,
      isEstimated: false,
      sample,
      machine: unmeasuredMachine,
      pricePerCpuSecond: 0.01,
    },
    predictions: [chosen],
    chosen,
    reason: { code: "declared" },
    predictedMs,
    breakEven: [],
    expectedCacheHits: 0,
    expectedUnchanged: 0,
  };
}

function recordOf(
  own: readonly string[],
  i: number,
  startedAtMs: number,
  failed: string | undefined,
  worker: string,
): ChunkRecord {
  const outcomes = own.map(
    (key): EntityOutcome =>
      key === failed
        ? { kind: "failed", code: "call-failed", message: "no figures for market", attribute: "day.visitors" }
        : { kind: "succeeded", checksFailed: 0 },
  );
  const values = own.map((key) => (key === failed ? null : 100 * key.length));
  const column = columnFrom({ outer: own.length, periods: 1 }, values);
  return {
    chunk: `c${i}-a1` as ChunkId,
    attempt: 1,
    keys: own,
    positions: own.map((_, row) => 2 * i + row),
    deepKeys: own.map((_, row) => String(2 * i + row).padStart(32, "0")),
    ended: outcomes.map(({ kind }) => kind),
    outcomes,
    block: encodeBlock(own.length, [{ id: "day.visitors", axes: [] }], [column]),
    figures: {
      worker,
      startedAtMs,
      durationMs: 190 + 10 * i,
      cpuMs: 185 + 10 * i,
      memoryPeakBytes: 80_000_000,
      cacheHits: 0,
      cacheLookUps: 0,
    },
    waitMs: 2 + i,
  };
}

const cellMax = 24;

/** Rows side by side, a line a column of theirs. */
export function rowsText(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = names.map((name) => [name, ...rows.map((row) => cellText(row[name]))]);
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map((line) => (line[i] ?? "").length)));
  return cells
    .map((line) =>
      line
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  const text =
    value instanceof Uint8Array
      ? Buffer.from(value).toString("hex")
      : typeof value === "number" && !Number.isInteger(value)
        ? String(Number(value.toPrecision(6)))
        : String(value);
  return text.length > cellMax ? `${text.slice(0, cellMax - 1)}…` : text;
}
