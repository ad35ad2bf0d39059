/** Opens a ledger: a SQLite file, memory, or PostgreSQL by its address. */
import type { BatchClock } from "../batch-clock.ts";
import type { RunId } from "../entity.ts";
import type { Ledger, LedgerQueries } from "../ledger.ts";
import { queryCompare } from "./compare-queries.ts";
import { attemptsHad, finishedEntities, unchangedEntities } from "./ended-entities.ts";
import { queryFailures } from "./failure-queries.ts";
import { forgetRuns } from "./forget-runs.ts";
import { guardLease, type LedgerPlace } from "./lease-guard.ts";
import type { LedgerDatabase } from "./ledger-database.ts";
import { measuresOf, putMeasures } from "./measures.ts";
import { migrate, requireNewest } from "./migrate.ts";
import type { PatienceOptions } from "./patience.ts";
import { connectPostgres } from "./postgres-database.ts";
import { dropProblems, type Recording, recordChunks, recordProblems, recordTaken } from "./record-chunks.ts";
import { attemptsOf, blocksOf, entitiesOf, problemsOf, resultsOf } from "./result-stream.ts";
import { queryRun, queryRuns, unfinishedRun } from "./run-queries.ts";
import {
  recordBegin,
  recordCorrected,
  recordEnd,
  recordHold,
  recordPlan,
  recordReopened,
} from "./run-record.ts";
import { openSqlite } from "./sqlite-database.ts";

export interface LedgerOptions {
  readonly clock: Pick<BatchClock, "date">;
  /** Nothing is made, migrated or written; what is not there, or of an older version, is refused. */
  readonly isReadOnly?: boolean;
  /**
   * A server that goes away after entities were computed is waited for, a minute at most, and that is told. Absent: what cannot
   * be read or written fails at once.
   */
  readonly patience?: PatienceOptions;
}

/**
 * The ledger at `place`: the path of a SQLite file, `memory`, or `postgres://…`. Made, or brought to the newest version,
 * unless it is only read. Rejects with `BatchError` (`ledger`, `ledger-newer`); so does whatever is done with it.
 *
 * @example
 * ```ts
 * const ledger = await openLedger("memory", { clock: { date: Date.now } });
 * await ledger.query.runs({ limit: 10 }); // []
 * await ledger.close();
 * ```
 */
export async function openLedger(
  place: string,
  { clock, isReadOnly = false, patience }: LedgerOptions,
): Promise<Ledger> {
  const isServer = /^postgres(ql)?:\/\//.test(place);
  const database = isServer
    ? await connectPostgres(place, { isReadOnly, patience })
    : openSqlite({ path: place === "memory" ? ":memory:" : place, isReadOnly });
  try {
    if (isReadOnly) await requireNewest(database);
    else await migrate(database, { now: Math.round(clock.date()) });
    const aheadMs = await database.aheadMs(clock);
    const ledger = ledgerOver(database, clock, aheadMs);
    if (place === "memory" || isReadOnly) return ledger;
    const where: LedgerPlace = isServer ? { kind: "postgres", url: place } : { kind: "file", path: place };
    const guardRun: Ledger["guardRun"] = (run, owner, forMs, everyMs) =>
      guardLease({
        ...{ place: where, run, owner, forMs, everyMs },
        aheadMs: clock.date() + aheadMs - Date.now(),
      });
    return { ...ledger, guardRun };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** A ledger over a database that has the tables. `aheadMs`: what the time that leases go by is ahead of the clock. */
export function ledgerOver(database: LedgerDatabase, clock: Pick<BatchClock, "date">, aheadMs = 0): Ledger {
  const now = (): number => Math.round(clock.date());
  const leaseNow = (): number => Math.round(clock.date() + aheadMs);
  const at = (run: RunId, writer?: string): Recording => ({ run, now: now(), writer });
  // A transaction, so that the time is told anew when it is done again.
  const hold = (run: RunId, owner: string, forMs: number, isTaken: boolean): Promise<boolean> =>
    database.transaction((connection) =>
      recordHold(connection, { ...at(run), leaseNow: leaseNow() }, owner, forMs, isTaken),
    );
  return {
    name: database.name,
    beginRun: (start, owner) =>
      database.transaction((connection) => recordBegin(connection, start, now(), owner)),
    unfinishedRun: (what) => unfinishedRun(database, what, leaseNow()),
    holdRun: (run, owner, forMs) => hold(run, owner, forMs, true),
    keepRun: (run, owner, forMs) => hold(run, owner, forMs, false),
    recordPlan: (run, plan, owner) =>
      database.transaction((connection) => recordPlan(connection, at(run, owner), plan)),
    record: (run, records, owner) => {
      // Entities were computed: from here on there is something to lose.
      database.holdOut();
      return recordChunks(database, () => at(run, owner), records);
    },
    recordProblems: (run, problems, owner) =>
      database.transaction((connection) => recordProblems(connection, at(run, owner), problems)),
    forgetProblems: (run, positions, owner) =>
      database.transaction((connection) => dropProblems(connection, at(run, owner), positions)),
    finished: (run, keys) => finishedEntities(database, run, keys),
    attempts: (run, keys) => attemptsHad(database, run, keys),
    unchanged: (run, entities) => unchangedEntities(database, run, entities),
    recordUnchanged: async (run, entities, owner) => {
      await database.transaction((connection) =>
        recordTaken(connection, at(run, owner), entities, "skipped"),
      );
    },
    recordEqual: (run, entities, owner) =>
      database.transaction((connection) => recordTaken(connection, at(run, owner), entities, "succeeded")),
    reopenFailed: (run, owner) =>
      database.transaction((connection) => recordReopened(connection, at(run, owner))),
    reopenInvalid: (run, keys, owner) =>
      database.transaction((connection) => recordCorrected(connection, at(run, owner), keys)),
    endRun: (run, state, summary, owner) =>
      database.transaction((connection) => recordEnd(connection, at(run, owner), state, summary)),
    measures: (machine) => measuresOf(database, machine),
    recordMeasures: (machine, values) => putMeasures(database, machine, values, now()),
    forget: async (which) => {
      const outcome = await database.transaction((connection) => forgetRuns(connection, which, leaseNow()));
      if (outcome.forgotten.length > 0) await database.shrink();
      return outcome;
    },
    query: queriesOver(database, leaseNow),
    close: () => database.close(),
  };
}

function queriesOver(database: LedgerDatabase, now: () => number): LedgerQueries {
  return {
    runs: (filter) => queryRuns(database, filter, now()),
    run: (run) => database.snapshot((connection) => queryRun(connection, run, now())),
    compare: (filter) => queryCompare(database, filter),
    failures: (filter) => queryFailures(database, filter),
    results: (run, from = 0) => resultsOf(database, run, from),
    problems: (run, from = 0) => problemsOf(database, run, from),
    entities: (run) => entitiesOf(database, run),
    attempts: (run) => attemptsOf(database, run),
    blocks: (chunks) => blocksOf(database, chunks),
  };
}
