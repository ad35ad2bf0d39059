/** What the ledger in memory answers: the same as the statements of the others, by plain loops. */
import type { BatchClock } from "../batch-clock.ts";
import type { StrategyName } from "../batch-plan.ts";
import type {
  AttemptRow,
  FailureRow,
  LedgerQueries,
  Quantiles,
  ResultRow,
  RunDetails,
  RunFilter,
  RunRow,
  StrategyRow,
} from "../ledger.ts";
import { countsOf, type MemoryChunk, type MemoryRun } from "./memory-run.ts";

interface Kept {
  readonly runs: ReadonlyMap<string, MemoryRun>;
  readonly chunks: readonly MemoryChunk[];
}

const pageRows = 4096;

export function memoryQueries(kept: Kept, clock: Pick<BatchClock, "date">): LedgerQueries {
  const runOf = (id: string): MemoryRun | undefined =>
    id === "last" ? chosenRuns(kept, { limit: 1 })[0] : kept.runs.get(id);
  return {
    runs: async (filter) => chosenRuns(kept, filter).map((run) => rowOf(run, clock.date())),
    run: async (id) => {
      const run = runOf(id);
      return run === undefined ? undefined : detailsOf(run, clock.date());
    },
    compare: async (filter) => compared(chosenRuns(kept, filter), clock.date()),
    failures: async (filter) => {
      const { limit, ...which } = filter;
      return failuresOf(chosenRuns(kept, which)).slice(0, limit);
    },
    results: (id, fromPosition = 0) =>
      paged(() => {
        const ended = [...(runOf(id)?.entities.values() ?? [])].filter(
          ({ state, position }) => state !== "open" && position >= fromPosition,
        );
        return byPosition(ended) as unknown as ResultRow[];
      }),
    problems: (id, fromPosition = 0) =>
      paged(() =>
        byPosition(
          [...(runOf(id)?.problems.values() ?? [])].filter(({ position }) => position >= fromPosition),
        ),
      ),
    entities: (id) => paged(() => byPosition([...(runOf(id)?.entities.values() ?? [])])),
    attempts: (id) => paged(() => byKey(runOf(id)?.attempts ?? new Map())),
    blocks: async (chunks) => chunks.map((number) => kept.chunks[number - 1]?.block),
  };
}

async function* paged<Row>(rows: () => readonly Row[]): AsyncGenerator<readonly Row[]> {
  const all = rows();
  for (let from = 0; from < all.length; from += pageRows) yield all.slice(from, from + pageRows);
}

function byPosition<Row extends { readonly position: number }>(rows: readonly Row[]): Row[] {
  return [...rows].sort((a, b) => a.position - b.position);
}

/** Of one entity in their order. */
function byKey(attempts: ReadonlyMap<string, readonly AttemptRow[]>): AttemptRow[] {
  return [...attempts].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, own]) => own);
}

function chosenRuns(kept: Kept, filter: RunFilter): MemoryRun[] {
  return [...kept.runs.values()]
    .filter(
      ({ start }) =>
        (filter.model === undefined || filter.model === start.model || filter.model === start.modelPath) &&
        (filter.axis === undefined || filter.axis === start.axis) &&
        (filter.sinceMs === undefined || start.startedAtMs >= filter.sinceMs) &&
        (filter.runs === undefined || filter.runs.includes(start.run)),
    )
    .sort((a, b) => (a.start.run < b.start.run ? 1 : -1))
    .slice(0, filter.limit);
}

/** The run as lists show it. */
export function rowOf(run: MemoryRun, now: number): RunRow {
  const isHeld = run.owner !== undefined && now <= run.ownerUntilMs;
  const { start } = run;
  const workers = [...run.workers.values()];
  const entities = [...run.entities.values()];
  return {
    run: start.run,
    model: start.model,
    modelPath: start.modelPath,
    scenario: start.scenario,
    axis: start.axis,
    source: start.source,
    programKey: start.programKey,
    startedAtMs: start.startedAtMs,
    state: run.state === "running" && !isHeld ? "interrupted" : run.state,
    owner: isHeld ? run.owner : undefined,
    sessions: run.sessions,
    strategy: run.strategy,
    concurrency: run.plan?.chosen.concurrency ?? 1,
    chunkEntities: run.plan?.chosen.chunkEntities ?? 0,
    endedAtMs: run.endedAtMs,
    wallMs: run.wallMs,
    predictedMs: run.plan?.predictedMs,
    cpuMs: workers.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    memoryPeakBytes: workers.reduce((most, { memoryPeakBytes }) => Math.max(most, memoryPeakBytes), 0),
    cost: run.summary?.cost,
    counts: countsOf(run),
    checksFailed: entities.reduce((sum, { checksFailed }) => sum + checksFailed, 0),
  };
}

function detailsOf(run: MemoryRun, now: number): RunDetails {
  const row = rowOf(run, now);
  const { succeeded, failed, invalid, skipped } = row.counts;
  const computed = [...run.entities.values()].filter(
    ({ state, attempts }) => (state === "succeeded" || state === "failed") && attempts > 0,
  );
  return {
    ...row,
    durationMs: quantilesOf(computed.map(({ durationMs }) => durationMs)),
    waitMs: quantilesOf(computed.map(({ waitMs }) => waitMs)),
    failureShare: shareOf(failed, succeeded + failed + invalid + skipped),
    utilisation: shareOf(row.cpuMs, row.wallMs * row.concurrency),
    workers: [...run.workers.values()].sort((a, b) => (a.worker < b.worker ? -1 : 1)),
    plan: run.plan,
    summary: run.summary,
  };
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Between two values in proportion. */
function quantilesOf(values: readonly number[]): Quantiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    if (sorted.length === 0) return 0;
    const place = share * (sorted.length - 1);
    const low = sorted[Math.floor(place)] as number;
    return low + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] as number) - low);
  };
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function compared(runs: readonly MemoryRun[], now: number): readonly StrategyRow[] {
  const ended = runs
    .map((each) => detailsOf(each, now))
    .filter(({ strategy, state }) => strategy !== undefined && (state === "succeeded" || state === "failed"));
  const matters = Map.groupBy(ended, ({ modelPath, axis }) => JSON.stringify([modelPath, axis]));
  return [...matters.values()].flatMap(comparedAlike).sort(byMatter);
}

/** The strategies of one model and axis. */
function comparedAlike(runs: readonly RunDetails[]): readonly StrategyRow[] {
  const groups = Map.groupBy(runs, ({ strategy, concurrency }) => `${strategy} ${concurrency}`);
  const oneByOne = runs.filter(({ strategy }) => strategy === "sequential");
  const plain = oneByOne.length === 0 ? undefined : strategyRow(oneByOne).wallMsPerEntity;
  return [...groups.values()].map(strategyRow).map((row) => ({
    ...row,
    speedUp: plain === undefined || row.wallMsPerEntity === 0 ? undefined : plain / row.wallMsPerEntity,
  }));
}

function byMatter(a: StrategyRow, b: StrategyRow): number {
  for (const name of ["modelPath", "axis", "strategy"] as const)
    if (a[name] !== b[name]) return a[name] < b[name] ? -1 : 1;
  return a.concurrency - b.concurrency;
}

function strategyRow(runs: readonly RunDetails[]): StrategyRow {
  const sum = (of: (run: RunDetails) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const ended = sum(({ durationMs }) => durationMs.count);
  const predicted = runs.filter(({ predictedMs }) => predictedMs !== undefined);
  const costs = runs.filter(({ cost }) => cost !== undefined);
  const error = sum(({ predictedMs, wallMs }) =>
    predictedMs === undefined ? 0 : Math.abs(shareOf(wallMs - predictedMs, wallMs)),
  );
  return {
    model: runs[0]?.model as string,
    modelPath: runs[0]?.modelPath as string,
    axis: runs[0]?.axis as string,
    strategy: runs[0]?.strategy as StrategyName,
    concurrency: runs[0]?.concurrency as number,
    runs: runs.length,
    entityMsP50: quantilesOf(runs.map(({ durationMs }) => durationMs.p50)).p50,
    wallMsPerEntity: shareOf(
      sum(({ wallMs }) => wallMs),
      ended,
    ),
    failureShare: shareOf(
      sum(({ counts }) => counts.failed),
      sum(({ counts }) => counts.entities),
    ),
    speedUp: undefined,
    predictionErrorShare: predicted.length === 0 ? undefined : error / predicted.length,
    costPerEntity:
      costs.length === 0
        ? undefined
        : shareOf(
            sum(({ cost }) => cost ?? 0),
            costs.reduce((total, { durationMs }) => total + durationMs.count, 0),
          ),
  };
}

/** From attempts, so that entities that succeeded in the end count; what was said last is that of the latest one. */
function failuresOf(runs: readonly MemoryRun[]): readonly FailureRow[] {
  const failed = runs.flatMap(({ start, attempts }) =>
    [...attempts.values()]
      .flat()
      .filter(({ outcome }) => outcome !== "succeeded")
      .map((attempt) => ({ ...attempt, run: start.run })),
  );
  const rows = [...Map.groupBy(failed, ({ key }) => key)].map(([key, attempts]): FailureRow => {
    const latest = attempts.reduce((a, b) => (isBefore(a, b) ? b : a));
    return {
      key,
      failures: attempts.length,
      runs: new Set(attempts.map(({ run }) => run)).size,
      code: latest.errorCode ?? "",
      message: latest.message ?? "",
      attribute: latest.errorAttribute,
      lastAtMs: latest.startedAtMs,
    };
  });
  return rows.sort((a, b) => b.failures - a.failures || b.lastAtMs - a.lastAtMs || (a.key < b.key ? -1 : 1));
}

type Failed = Pick<AttemptRow, "startedAtMs" | "attempt"> & { readonly run: string };

function isBefore(a: Failed, b: Failed): boolean {
  if (a.startedAtMs !== b.startedAtMs) return a.startedAtMs < b.startedAtMs;
  return a.run === b.run ? a.attempt < b.attempt : a.run < b.run;
}
