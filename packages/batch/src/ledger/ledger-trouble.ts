/** What went wrong with a ledger, in words, from what SQLite, PostgreSQL and the file system say. */
import { BatchError } from "../batch-error.ts";

const unopened = "cannot be opened; check the path, and who may write there";
const notAnswering = "does not answer; check that it runs and can be reached";

/** SQLite's codes; the extended ones hold the plain one in their last byte. */
const bySqlite = new Map<number, string>([
  [5, "is locked by another program for more than 5 seconds; close that program, or choose another file"],
  [6, "is locked by another program for more than 5 seconds; close that program, or choose another file"],
  [8, "may not be written; allow writing, or choose another file"],
  [10, "cannot be read or written: its disk fails"],
  [11, "is damaged; move it away or restore it, and another one is begun"],
  [13, "cannot grow: its disk is full, or its size limited; make room, or choose another file"],
  [14, unopened],
  [26, "is no database; choose another file"],
]);

const byState: readonly [RegExp, string][] = [
  [
    /^(?:28|3D|42501)/,
    "does not let us in; check user, password and database, and what this user may do there",
  ],
  [/^(?:53[12]00)/, "has no room; give it more"],
  [/^25006/, "may only be read; give the address of one that takes writes"],
  [
    /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/,
    "has a certificate that is not trusted; name its authority's file in NODE_EXTRA_CA_CERTS",
  ],
  [/^(?:EACCES|EPERM|EROFS)$/, "may not be written; allow writing, or choose another place"],
  [
    /^(?:ENOSPC|EDQUOT|EFBIG)$/,
    "cannot grow: its disk is full, or its size limited; make room, or choose another place",
  ],
  [/^(?:57|08|53300)/, notAnswering],
  [/^E(?:CONN|PIPE|TIMEDOUT|HOST|NET|NOTFOUND|AI_)/, notAnswering],
  [/^E[A-Z]+$/, unopened],
];

/** Shutting down, crashed or starting; a connection that broke, or that there are none left of; a host that is not reached. */
const awayCodes =
  /^(?:57P0[1-3]|08\w{3}|53300|ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN)$/;

/** Whether an error of PostgreSQL says that the server is away, and may be there again. */
export function isAway(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (code !== undefined && awayCodes.test(String(code))) return true;
  if (code !== undefined || error instanceof BatchError) return false;
  return /timeout|terminated|not queryable/i.test(String(message));
}

/** An error of the ledger for people; what is one already stays. `place` has no password in it. */
export function ledgerError(place: string, error: unknown): BatchError {
  if (error instanceof BatchError) return error;
  return new BatchError("ledger", `The ledger ${place} ${troubleText(error)}.`, error);
}

function troubleText(error: unknown): string {
  const { code, errcode, message } = error as { code?: unknown; errcode?: unknown; message?: unknown };
  if (typeof errcode === "number") {
    const text = bySqlite.get(errcode & 0xff);
    if (text !== undefined) return text;
  }
  for (const [pattern, text] of byState) if (pattern.test(String(code ?? ""))) return text;
  if (/timeout|terminated|ended/i.test(String(message))) return notAnswering;
  return `cannot be used: ${String(message ?? error)}`;
}
