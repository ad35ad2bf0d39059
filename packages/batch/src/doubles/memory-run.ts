/** A run as the ledger in memory keeps it: entities by key, attempts of those that failed, problems, workers. */
import type { BatchPlan, StrategyName } from "../batch-plan.ts";
import type { EntityOutcome, RowProblem } from "../entity.ts";
import type {
  AttemptRow,
  ChunkRecord,
  EntityRow,
  EntityState,
  FinishedEntity,
  RecordOutcome,
  RunCounts,
  RunStart,
  RunState,
  WorkerRow,
} from "../ledger.ts";
import type { BatchSummary } from "../summary.ts";

export interface MemoryRun {
  start: RunStart;
  state: RunState;
  owner: string | undefined;
  ownerUntilMs: number;
  strategy: StrategyName | undefined;
  plan: BatchPlan | undefined;
  summary: BatchSummary | undefined;
  sessions: number;
  endedAtMs: number | undefined;
  wallMs: number;
  sessionBeganAtMs: number;
  readonly entities: Map<string, EntityRow>;
  readonly attempts: Map<string, AttemptRow[]>;
  /** Those that an entity had had when it was reopened. */
  readonly attemptsBefore: Map<string, number>;
  readonly problems: Map<number, RowProblem>;
  readonly workers: Map<string, WorkerRow>;
}

/** A chunk that is kept for the values in it. Its number is its place, from 1. */
export interface MemoryChunk {
  readonly run: string;
  readonly name: string;
  readonly block: Uint8Array | undefined;
}

/** A run in its first session. */
export function memoryRunOf(start: RunStart, nowMs: number): MemoryRun {
  return {
    start,
    state: "running",
    owner: undefined,
    ownerUntilMs: 0,
    strategy: undefined,
    plan: undefined,
    summary: undefined,
    sessions: 1,
    endedAtMs: undefined,
    wallMs: 0,
    sessionBeganAtMs: nowMs,
    entities: new Map(),
    attempts: new Map(),
    attemptsBefore: new Map(),
    problems: new Map(),
    workers: new Map(),
  };
}

/** Puts a record into the run and the chunk among `chunks`; what has ended, or had this attempt, stays. */
export function recordInto(run: MemoryRun, chunks: MemoryChunk[], record: ChunkRecord): RecordOutcome {
  const number = chunks.length + 1;
  const problems: RowProblem[] = [];
  const open: { row: number; attempts: number }[] = [];
  const displaced: EntityState[] = [];
  let accepted = 0;
  let repeated = 0;
  let changed = 0;
  for (const [row, key] of record.keys.entries()) {
    const position = record.positions[row] as number;
    const before = run.entities.get(key);
    if (before !== undefined && before.position !== position) {
      const problem = duplicateOf(before, position, record.lines?.[row]);
      problems.push(problem);
      if (!run.problems.has(problem.position)) run.problems.set(problem.position, problem);
      if (before.position < position) continue;
      run.attempts.delete(key);
      run.attemptsBefore.delete(key);
      if (before.state !== "open" && !record.positions.includes(before.position))
        displaced.push(before.state);
    } else if (before !== undefined && (before.state !== "open" || before.attempts >= record.attempt)) {
      repeated++;
      if (before.state === "open" && record.ended[row] !== undefined)
        open.push({ row, attempts: before.attempts });
      continue;
    }
    const outcome = record.outcomes[row] as EntityOutcome;
    const entity = entityOf(record, row, number);
    run.entities.set(key, entity);
    noteAttempt(run, record, entity, outcome);
    changed++;
    if (entity.state !== "open") accepted++;
  }
  const { run: own } = run.start;
  const isSpent =
    record.keys.length === 0 && !chunks.some((each) => each.run === own && each.name === record.chunk);
  if (changed > 0 || isSpent) {
    chunks.push({ run: run.start.run, name: record.chunk, block: record.block });
    noteWorker(run, record, changed);
  }
  const told = {
    ...(displaced.length === 0 ? {} : { displaced }),
    ...(open.length === 0 ? {} : { open }),
  };
  return { accepted, repeated, problems, ...told, ...(changed > 0 ? { chunk: number } : {}) };
}

/** Of two rows with one key the later one is the problem, whichever was computed first; `line` is that of `other`. */
function duplicateOf({ key, position: one }: EntityRow, other: number, line = 0): RowProblem {
  const first = Math.min(one, other) + 1;
  return {
    position: Math.max(one, other),
    line: other > one ? line : 0,
    message: `The key "${key}" is that of row ${first} already.`,
  };
}

function entityOf(record: ChunkRecord, row: number, chunk: number): EntityRow {
  const outcome = record.outcomes[row] as ChunkRecord["outcomes"][number];
  const { figures } = record;
  return {
    key: record.keys[row] as string,
    position: record.positions[row] as number,
    state: record.ended[row] ?? "open",
    attempts: record.attempt,
    deepKey: record.deepKeys[row] as string,
    chunk,
    chunkRow: row,
    durationMs: figures.durationMs / record.keys.length,
    errorCode: outcome.kind === "succeeded" ? undefined : outcome.code,
    errorMessage: outcome.kind === "succeeded" ? undefined : outcome.message,
    errorAttribute: outcome.kind === "failed" ? outcome.attribute : undefined,
    checksFailed: outcome.kind === "succeeded" ? outcome.checksFailed : 0,
    worker: figures.worker,
    startedAtMs: figures.startedAtMs,
    waitMs: record.waitMs,
    cacheHits: figures.cacheHits,
  };
}

function noteAttempt(run: MemoryRun, record: ChunkRecord, entity: EntityRow, { kind }: EntityOutcome): void {
  const before = run.attempts.get(entity.key);
  if (before === undefined && kind !== "failed") return;
  const { errorCode: code } = entity;
  const row: AttemptRow = {
    key: entity.key,
    position: entity.position,
    attempt: record.attempt,
    outcome: kind === "succeeded" ? kind : code === "timed-out" || code === "lost" ? code : "failed",
    worker: entity.worker,
    startedAtMs: entity.startedAtMs,
    durationMs: entity.durationMs,
    waitMs: entity.waitMs,
    errorCode: code,
    errorAttribute: entity.errorAttribute,
    message: entity.errorMessage,
  };
  if (before === undefined) run.attempts.set(entity.key, [row]);
  else before.push(row);
}

function noteWorker(run: MemoryRun, { figures }: ChunkRecord, changed: number): void {
  const before = run.workers.get(figures.worker);
  run.workers.set(figures.worker, {
    worker: figures.worker,
    chunks: (before?.chunks ?? 0) + 1,
    entities: (before?.entities ?? 0) + changed,
    cpuMs: (before?.cpuMs ?? 0) + figures.cpuMs,
    memoryPeakBytes: Math.max(before?.memoryPeakBytes ?? 0, figures.memoryPeakBytes),
    lastSeenAtMs: Math.max(before?.lastSeenAtMs ?? 0, figures.startedAtMs + figures.durationMs),
  });
}

/** Puts entities whose values the ledger has into the run: of an earlier run, or of an equal entity. */
export function recordTakenInto(
  run: MemoryRun,
  entities: readonly FinishedEntity[],
  state: "skipped" | "succeeded",
  from: MemoryRun[],
): readonly RowProblem[] {
  const problems: RowProblem[] = [];
  for (const entity of entities) {
    const before = run.entities.get(entity.key);
    if (before !== undefined && before.position !== entity.position) {
      const problem = duplicateOf(before, entity.position, entity.line);
      problems.push(problem);
      if (!run.problems.has(problem.position)) run.problems.set(problem.position, problem);
      if (before.position < entity.position) continue;
      run.attempts.delete(entity.key);
      run.attemptsBefore.delete(entity.key);
    } else if (before !== undefined && before.state !== "open") continue;
    const computed = computedIn(from, entity);
    run.entities.set(entity.key, {
      ...entity,
      state,
      attempts: before?.position === entity.position ? before.attempts : 0,
      durationMs: 0,
      errorCode: undefined,
      errorMessage: undefined,
      errorAttribute: undefined,
      checksFailed: entity.checksFailed ?? computed?.checksFailed ?? 0,
      worker: computed?.worker ?? "",
      startedAtMs: computed?.startedAtMs ?? 0,
      waitMs: 0,
      cacheHits: 0,
    });
  }
  return problems;
}

/** The entity whose values these are: that of the same name in an earlier run, or an equal one of this run. */
function computedIn(
  from: readonly MemoryRun[],
  { key, chunk, chunkRow }: FinishedEntity,
): EntityRow | undefined {
  for (const { entities } of from) {
    const same = entities.get(key);
    if (same?.chunk === chunk) return same;
    for (const other of entities.values())
      if (other.chunk === chunk && other.chunkRow === chunkRow) return other;
  }
  return undefined;
}

/** The counts, from the entities as they are. Cost: the entities. */
export function countsOf(run: MemoryRun): RunCounts {
  const counts = { entities: 0, succeeded: 0, failed: 0, invalid: 0, skipped: 0, retried: 0, attempts: 0 };
  for (const { state, attempts } of run.entities.values()) {
    if (state !== "open") {
      counts.entities++;
      counts[state]++;
    }
    counts.attempts += attempts;
    if (attempts > 1) counts.retried++;
  }
  return counts;
}
