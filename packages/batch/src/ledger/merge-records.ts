/**
 * What records change, given what a run has of their entities: pure, for both databases alike.
 *
 * An entity that a record is about is in one of these cases:
 *
 *   the run has            the record                      then
 *   nothing                ended, or failed once           a row
 *   an open row            an attempt it has not had       the row is as the record says
 *   an open row            an attempt it has had           repeated: nothing
 *   an ended row           whatever                        repeated: nothing
 *   the key, later row     whatever                        the row that comes first in the source stands: it takes the place
 *   the key, earlier row   whatever                        a row problem: nothing else
 *
 * The last two make the result independent of which of two equal keys was computed first. Every case is decided one entity after
 * another, so what one record changes is what the next one finds.
 */
import type { EntityOutcome, RowProblem } from "../entity.ts";
import type { ChunkRecord, EntityState, FinishedEntity, RecordOutcome, RunCounts } from "../ledger.ts";

export interface KnownEntity {
  readonly position: number;
  readonly state: EntityState | "open";
  readonly attempts: number;
  readonly checksFailed: number;
}

/** A row of `entities` to be written; `chunk` counts the chunks that are kept. */
export interface EntityChange {
  readonly key: string;
  readonly position: number;
  readonly state: EntityState | "open";
  readonly attempts: number;
  readonly deepKey: string;
  readonly chunk: number;
  readonly chunkRow: number;
  readonly durationMs: number;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly errorAttribute: string | null;
  readonly checksFailed: number;
}

export interface AttemptChange {
  readonly key: string;
  readonly attempt: number;
  readonly outcome: "succeeded" | "failed" | "timed-out" | "lost";
  readonly record: ChunkRecord;
  readonly durationMs: number;
  readonly errorCode: string | null;
  readonly errorAttribute: string | null;
  readonly message: string | null;
}

export interface KeptChunk {
  /** The record's, or one beside it where the run has that name: values are never lost to a name. */
  readonly name: string;
  readonly record: ChunkRecord;
  readonly entities: number;
}

export type CountChanges = { -readonly [K in keyof RunCounts]: number } & { checksFailed: number };

export interface MergedRecords {
  readonly outcomes: readonly RecordOutcome[];
  /** By record the place of its chunk among `chunks`. */
  readonly places: readonly (number | undefined)[];
  readonly entities: readonly EntityChange[];
  readonly attempts: readonly AttemptChange[];
  readonly chunks: readonly KeptChunk[];
  readonly problems: readonly RowProblem[];
  /** Keys whose rows were those of a later row of the source: their attempts go. */
  readonly displaced: readonly string[];
  readonly counts: CountChanges;
}

/** `known`: of all keys of the records what the run has. `names`: of its chunks those that have the records' names. */
export function mergeRecords(
  records: readonly ChunkRecord[],
  known: ReadonlyMap<string, KnownEntity>,
  names: ReadonlySet<string>,
): MergedRecords {
  const merging = new Merging(known, names);
  const places: (number | undefined)[] = [];
  const outcomes = records.map((record) => {
    const before = merging.chunks.length;
    const outcome = merging.add(record);
    places.push(merging.chunks.length > before ? before : undefined);
    return outcome;
  });
  return {
    outcomes,
    places,
    entities: [...merging.entities.values()],
    attempts: merging.attempts,
    chunks: merging.chunks,
    problems: outcomes.flatMap(({ problems }) => problems),
    displaced: merging.displaced,
    counts: merging.counts,
  };
}

/** The same for entities whose values the ledger has, unless they have ended. `chunk` of a change is its place in `taken`. */
export function mergeTaken(
  taken: readonly FinishedEntity[],
  known: ReadonlyMap<string, KnownEntity>,
  state: "skipped" | "succeeded",
): Omit<MergedRecords, "outcomes" | "places" | "chunks" | "attempts"> {
  const merging = new Merging(known, new Set());
  const problems = taken.flatMap((entity, i) => merging.take(entity, i, state));
  const { displaced, counts } = merging;
  return { entities: [...merging.entities.values()], problems, displaced, counts };
}

function noChanges(): CountChanges {
  return {
    entities: 0,
    succeeded: 0,
    failed: 0,
    invalid: 0,
    skipped: 0,
    retried: 0,
    attempts: 0,
    checksFailed: 0,
  };
}

class Merging {
  /** By key: what is written is how an entity is after the last record. */
  readonly entities = new Map<string, EntityChange>();
  attempts: AttemptChange[] = [];
  readonly chunks: KeptChunk[] = [];
  readonly displaced: string[] = [];
  readonly counts: CountChanges = noChanges();
  private readonly known: ReadonlyMap<string, KnownEntity>;
  private readonly names: Set<string>;

  constructor(known: ReadonlyMap<string, KnownEntity>, names: ReadonlySet<string>) {
    this.known = known;
    this.names = new Set(names);
  }

  add(record: ChunkRecord): RecordOutcome {
    const chunk = this.chunks.length;
    const problems: RowProblem[] = [];
    const open: { row: number; attempts: number }[] = [];
    const displaced: EntityState[] = [];
    let [accepted, repeated, changed] = [0, 0, 0];
    for (const [row, key] of record.keys.entries()) {
      const before = this.entities.get(key) ?? this.known.get(key);
      const position = record.positions[row] as number;
      if (before !== undefined && before.position !== position) {
        problems.push(problemOf(key, before.position, position, record.lines?.[row]));
        if (before.position < position) continue;
        this.displace(key);
        if (before.state !== "open" && !record.positions.includes(before.position))
          displaced.push(before.state);
      } else if (before !== undefined && (before.state !== "open" || record.attempt <= before.attempts)) {
        repeated++;
        if (before.state === "open" && record.ended[row] !== undefined)
          open.push({ row, attempts: before.attempts });
        continue;
      }
      this.put(record, row, chunk, before);
      changed++;
      if (record.ended[row] !== undefined) accepted++;
    }
    // Of no entity: what was spent on a chunk that came to nothing. Its name is given once.
    const isSpent = record.keys.length === 0 && !this.names.has(record.chunk);
    if (changed > 0 || isSpent)
      this.chunks.push({ name: this.freeName(record.chunk), record, entities: changed });
    const told = displaced.length === 0 ? {} : { displaced };
    return { accepted, repeated, problems, ...told, ...(open.length === 0 ? {} : { open }) };
  }

  take(entity: FinishedEntity, chunk: number, state: "skipped" | "succeeded"): RowProblem[] {
    const { key, position, deepKey, chunkRow, checksFailed = 0 } = entity;
    const before = this.entities.get(key) ?? this.known.get(key);
    const problems: RowProblem[] = [];
    if (before !== undefined && before.position !== position) {
      problems.push(problemOf(key, before.position, position, entity.line));
      if (before.position < position) return problems;
      this.displace(key);
    } else if (before !== undefined && before.state !== "open") return problems;
    const attempts = before?.position === position ? before.attempts : 0;
    const rest = { errorCode: null, errorMessage: null, errorAttribute: null, checksFailed };
    const change = { key, position, state, attempts, deepKey, chunk, chunkRow, durationMs: 0, ...rest };
    this.entities.set(key, change);
    this.count(before, change);
    return problems;
  }

  private put(record: ChunkRecord, row: number, chunk: number, before: KnownEntity | undefined): void {
    const key = record.keys[row] as string;
    const outcome = record.outcomes[row] as EntityOutcome;
    const durationMs = record.figures.durationMs / record.keys.length;
    const failure = failureIn(outcome);
    const change: EntityChange = {
      key,
      position: record.positions[row] as number,
      state: record.ended[row] ?? "open",
      attempts: record.attempt,
      deepKey: record.deepKeys[row] ?? "",
      chunk,
      chunkRow: row,
      durationMs,
      errorCode: failure?.code ?? null,
      errorMessage: failure?.message ?? null,
      errorAttribute: failure?.attribute ?? null,
      checksFailed: outcome.kind === "succeeded" ? outcome.checksFailed : 0,
    };
    this.entities.set(key, change);
    this.count(before, change);
    const isOwn = before?.position === change.position;
    if (!isOwn && outcome.kind !== "failed") return;
    this.attempts.push({
      key,
      attempt: record.attempt,
      outcome: attemptOutcome(outcome),
      record,
      durationMs,
      errorCode: change.errorCode,
      errorAttribute: change.errorAttribute,
      message: change.errorMessage,
    });
  }

  private count(before: KnownEntity | undefined, after: KnownEntity): void {
    const { counts } = this;
    if (before !== undefined && before.state !== "open") {
      counts.entities--;
      counts[before.state]--;
    }
    if (after.state !== "open") {
      counts.entities++;
      counts[after.state]++;
    }
    counts.attempts += after.attempts - (before?.attempts ?? 0);
    counts.retried += Number(after.attempts > 1) - Number((before?.attempts ?? 0) > 1);
    counts.checksFailed += after.checksFailed - (before?.checksFailed ?? 0);
  }

  private displace(key: string): void {
    this.displaced.push(key);
    this.attempts = this.attempts.filter((attempt) => attempt.key !== key);
  }

  private freeName(name: string): string {
    let free = name;
    for (let i = 2; this.names.has(free); i++) free = `${name}.${i}`;
    this.names.add(free);
    return free;
  }
}

function failureIn(
  outcome: EntityOutcome,
): { readonly code: string; readonly message: string; readonly attribute?: string } | undefined {
  return outcome.kind === "succeeded" ? undefined : outcome;
}

function attemptOutcome(outcome: EntityOutcome): AttemptChange["outcome"] {
  if (outcome.kind === "succeeded") return "succeeded";
  return outcome.code === "timed-out" || outcome.code === "lost" ? outcome.code : "failed";
}

/** Of two rows with one key the later one is the problem; `line` is that of `other`. */
export function problemOf(key: string, one: number, other: number, line = 0): RowProblem {
  const [first, later] = one < other ? [one, other] : [other, one];
  return {
    position: later,
    line: later === other ? line : 0,
    message: `The key "${key}" is that of row ${first + 1} already.`,
  };
}
