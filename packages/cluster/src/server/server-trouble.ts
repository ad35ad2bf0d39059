/**
 * What is wrong with a queue's server, in a sentence for people, from what its client says. The clients' own words speak of
 * options that nobody here has set.
 */
import { BatchError } from "@reckon/batch";

type Words = readonly (readonly [RegExp, string])[];

const away: Words = [
  [
    /max retries per request|connection is closed|ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH/i,
    "cannot be reached",
  ],
  [/timed out|timeout|ETIMEDOUT|ECONNRESET|EPIPE|terminated|not queryable/i, "does not answer"],
  [/^LOADING /, "is reading what it had stored"],
];
/** The server answers, and does not do it. */
const refused: Words = [
  [/^OOM /, "has no memory left (maxmemory): give it more, or wait until others have taken their work out"],
  [/^READONLY /, "may only be read: it is a copy of another one"],
  [/^MISCONF /, "takes nothing: it cannot write its data to its disk"],
  [/^(?:NOPERM|NOAUTH|WRONGPASS) |permission denied/, "does not let this user do what a queue needs"],
];

/** A sentence without its full stop; `place`: the address as it is shown. */
export function troubleText(place: string, error: unknown): string {
  const reason = reasonOf(error);
  for (const [pattern, text] of [...away, ...refused])
    if (pattern.test(reason)) return `The queue at ${place} ${text}${detail(reason)}`;
  return `The queue at ${place} cannot be used: ${reason}`;
}

/** Whether it is the server that does not do what it is asked, and not a job that is another's meanwhile, or the way there. */
export function isRefused(error: unknown): boolean {
  const reason = reasonOf(error);
  return refused.some(([pattern]) => pattern.test(reason));
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
  return /^(?:connect |getaddrinfo |NOPERM|NOAUTH|WRONGPASS|permission)/.test(reason) ? ` (${reason})` : "";
}
