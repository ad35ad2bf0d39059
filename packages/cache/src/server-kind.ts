/** Which client a URL asks for. */
import { CacheMisuse } from "./cache-misuse.ts";
import { connectPostgres } from "./postgres-client.ts";
import { connectRedis } from "./redis-client.ts";
import type { Connect } from "./server-client.ts";

const byProtocol: Readonly<Record<string, Connect>> = {
  "redis:": connectRedis,
  "rediss:": connectRedis,
  "postgres:": connectPostgres,
  "postgresql:": connectPostgres,
};

/** Throws `CacheMisuse` for a URL of another kind, or none. */
export function connectFor(url: string): Connect {
  const connect = URL.canParse(url) ? byProtocol[new URL(url).protocol] : undefined;
  // The URL may hold a password, so it is not repeated.
  if (connect === undefined) {
    throw new CacheMisuse("unknown-url", "a cache server is given as redis://…, rediss://… or postgres://…");
  }
  return connect;
}
