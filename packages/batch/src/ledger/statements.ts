/** The statements behind `reckon runs`, by name, for people who ask the ledger themselves. Parameters are `:name`. */
import { strategyRows } from "./compare-queries.ts";
import { failureRows } from "./failure-queries.ts";
import type { Statement } from "./ledger-database.ts";
import { attemptRows, entityRows, problemRows, resultRows } from "./result-stream.ts";
import { lastRun, runDetails, runList, runWorkers } from "./run-queries.ts";
import { runTimes } from "./run-times.ts";

/**
 * In the words of SQLite and of PostgreSQL, whose tables are in the schema `reckon`.
 *
 * @example
 * ```ts
 * statements.runTimes.sqlite.slice(0, 27); // "SELECT count(*) AS computed"
 * ```
 */
export const statements: Readonly<
  Record<
    | "runList"
    | "lastRun"
    | "runDetails"
    | "runTimes"
    | "runWorkers"
    | "strategyRows"
    | "failureRows"
    | "resultRows"
    | "problemRows"
    | "entityRows"
    | "attemptRows",
    Statement
  >
> = {
  runList,
  lastRun,
  runDetails,
  runTimes,
  runWorkers,
  strategyRows,
  failureRows,
  resultRows,
  problemRows,
  entityRows,
  attemptRows,
};
