/**
 * What is wrong with a queue's server, in a sentence for people, from what its client says. The clients' own words speak of
 * options that nobody here has set.
 */
import { BatchError } from "@reckon/batch";

const away: readonly (readonly [RegExp, string])[] = [
  [
    /max retries per request|connection is closed|ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH/i,
    "cannot be reached",
  ],
  [/timed out|timeout|ETIMEDOUT|ECONNRESET|EPIPE|terminated|not queryable/i, "does not answer"],
];
const words: readonly (readonly [RegExp, string])[] = [
  ...away,
  [/^OOM /, "has no memory left (maxmemory): give it more, or wait until others have taken their work out"],
  [/^LOADING /, "is reading what it had stored"],
  [/^READONLY /, "may only be read: it is a copy of another one"],
  [/^(?:NOPERM|NOAUTH|WRONGPASS) /, "does not let this user do what a queue needs"],
];

/** A sentence without its full stop; `place`: the address as it is shown. */
export function troubleText(place: string, error: unknown): string {
  const reason = reasonOf(error);
  for (const [pattern, text] of words)
    if (pattern.test(reason)) return `The queue at ${place} ${text}${detail(reason)}`;
  return `The queue at ${place} cannot be used: ${reason}`;
}

/** Whether the way to the server is what is wrong; that mends itself. */
export function isAway(error: unknown): boolean {
  const reason = reasonOf(error);
  return away.some(([pattern]) => pattern.test(reason));
}

export function queueError(place: string, error: unknown): BatchError {
  return error instanceof BatchError ? error : new BatchError("queue", troubleText(place, error), error);
}

/** Of a host that has several addresses there is an error for each, and none of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { readonly code?: unknown };
  return error.message === "" && code !== undefined ? String(code) : error.message;
}

/** What helps to find out why, where the client has said so. */
function detail(reason: string): string {
  return /^(?:connect |getaddrinfo |NOPERM|NOAUTH|WRONGPASS)/.test(reason) ? ` (${reason})` : "";
}
