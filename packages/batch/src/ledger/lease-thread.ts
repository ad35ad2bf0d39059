/**
 * What the thread runs that keeps a lease (`lease-guard.ts`). Nothing is opened before the lease has to be kept for the first time: most
 * runs have ended by then. What cannot be written is tried again the next time.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { GuardedLease } from "./lease-guard.ts";
import type { LedgerDatabase, Statement } from "./ledger-database.ts";

const { place, run, owner, forMs, everyMs, aheadMs } = workerData as GuardedLease;

// Wall time is left to who conducts: where that ends in the middle, nobody knows how long it was at it.
const keepText = `UPDATE runs SET owner_until_ms = :until
  WHERE run_id = :run AND owner = :owner AND owner_until_ms < :until`;
const keep: Statement = { sqlite: keepText, postgres: keepText };

let database: LedgerDatabase | undefined;
let last: Promise<void> = Promise.resolve();

const timer = setInterval(() => {
  last = last.then(renew).catch(leave);
}, everyMs);

parentPort?.once("message", () => {
  clearInterval(timer);
  void last.then(leave);
});

async function renew(): Promise<void> {
  database ??= await open();
  await database.run(keep, { run, owner, until: Math.round(Date.now() + aheadMs + forMs) });
}

async function open(): Promise<LedgerDatabase> {
  if (place.kind === "file") return (await import("./sqlite-database.ts")).openSqlite({ path: place.path });
  const { connectPostgres } = await import("./postgres-database.ts");
  return await connectPostgres(place.url, { isReadOnly: false, patience: undefined });
}

/** Opened anew where it is wanted again. */
async function leave(): Promise<void> {
  const left = database;
  database = undefined;
  await left?.close();
}
