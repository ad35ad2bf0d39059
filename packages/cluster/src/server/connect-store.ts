/** The store of a server of either kind. */
import { connectPostgresStore } from "./postgres-store.ts";
import { connectRedisStore } from "./redis-store.ts";
import type { ServerAddress } from "./server-address.ts";
import type { ServerStore } from "./server-store.ts";

export function connectStore(address: ServerAddress, name: string): Promise<ServerStore> {
  return address.kind === "redis" ? connectRedisStore(address, name) : connectPostgresStore(address, name);
}
