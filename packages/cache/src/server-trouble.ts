/** What went wrong with a server, from what the clients say. */
import type { CacheNotice, NoticeCode } from "./api.ts";

export type ServerTroubleCode = Extract<
  NoticeCode,
  "unreachable" | "refused" | "untrusted" | "full" | "read-only" | "unusable"
>;

/** Codes of TLS, and classes and codes of PostgreSQL's errors. */
const byState: readonly [RegExp, ServerTroubleCode][] = [
  [/^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(?:GET|VERIFY)_|ERR_TLS_CERT_)/, "untrusted"],
  [/^(?:28|3D|42501)/, "refused"],
  [/^53[12]00/, "full"],
  [/^25006/, "read-only"],
  // On the way out, starting, too many connections, cut off, out of time.
  [/^(?:57|08|53300)/, "unreachable"],
  [/^[0-9][0-9A-Z]{4}$/, "unusable"],
];

const byMessage: readonly [RegExp, ServerTroubleCode][] = [
  [
    /\b(?:NOAUTH|WRONGPASS|NOPERM)\b|invalid password|without any password|password must be a string/i,
    "refused",
  ],
  [/^OOM\b/, "full"],
  [/^READONLY\b/, "read-only"],
  [/^(?:LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN)\b/, "unreachable"],
  [/^[A-Z]{3,} /, "unusable"],
];

export function serverTroubleOf(error: unknown): ServerTroubleCode {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const [state, text] = [String(code ?? ""), String(message ?? "")];
  for (const [pattern, trouble] of byState) if (pattern.test(state)) return trouble;
  for (const [pattern, trouble] of byMessage) if (pattern.test(text)) return trouble;
  return "unreachable";
}

/** What the user is told. `place`: host and port; never the whole URL, which may hold a password. */
export function serverNotice(place: string, code: ServerTroubleCode): CacheNotice {
  return { tier: "shared", code, message: `The cache server ${place} ${texts[code]}` };
}

const texts: Readonly<Record<ServerTroubleCode, string>> = {
  unreachable:
    "does not answer: results are computed here, and it is tried again from time to time. Check that it runs and can be reached.",
  refused:
    "does not let us in: results are computed here, and the shared cache is off. Check user, password and database in its URL, and what this user may do there.",
  untrusted:
    "has a certificate that is not trusted: results are computed here, and the shared cache is off. Name its authority's file in NODE_EXTRA_CA_CERTS.",
  unusable:
    "answers with errors: results are computed here, and it is tried again from time to time. Check that its URL leads to a PostgreSQL, or to a Redis that is no cluster.",
  full: "has no room: what is computed now is not shared. Let it evict what is old (Redis: maxmemory-policy allkeys-lru), or give it more room.",
  "read-only":
    "may only be read: what is computed now is not shared. Give the URL of a server that takes writes.",
};
