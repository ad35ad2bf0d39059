/**
 * Results on a Redis server: one string a result, under `reckon:memo:` and the key. How long they stay, and which go
 * when memory is short, is the server's business (`maxmemory-policy allkeys-lru` is a good one).
 *
 * The client neither reconnects nor queues by itself: the tier does, with its own patience.
 */
import type { Redis } from "ioredis";
import type { StoredKey } from "./content-key.ts";
import type { Frames, Sampled, Sizes, StoredFrame } from "./persisted-tier.ts";
import type { ServerClient, ServerLimits } from "./server-client.ts";

const prefix = "reckon:memo:";
const scannedAtOnce = 1000;

export async function connectRedis(url: string, limits: ServerLimits): Promise<ServerClient> {
  const { Redis: Client } = await import("ioredis");
  const redis = new Client(url, {
    lazyConnect: true,
    protocol: 2,
    connectTimeout: limits.connectTimeoutMs,
    commandTimeout: limits.commandTimeoutMs,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableReadyCheck: false,
    enableOfflineQueue: false,
  });
  let reason: unknown;
  // Without a listener ioredis prints; what matters reaches the caller as a rejected command.
  redis.on("error", (error: unknown) => {
    reason = error;
  });
  try {
    await redis.connect();
    // A server that wants a password says so only now.
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    throw reason ?? error;
  }
  return new RedisClient(redis);
}

class RedisClient implements ServerClient {
  private readonly redis: Redis;

  constructor(redis: Redis) {
    this.redis = redis;
  }

  async getMany(keys: readonly StoredKey[]): Promise<Frames> {
    const values = await this.redis.mgetBuffer(keys.map(({ text }) => prefix + text));
    return values.map((value) => value ?? undefined);
  }

  async setMany(entries: readonly StoredFrame[]): Promise<void> {
    const pipeline = this.redis.pipeline();
    for (const { key, frame } of entries) {
      pipeline.set(prefix + key.text, Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength));
    }
    const answers = (await pipeline.exec()) ?? [];
    for (const [error] of answers) if (error !== null) throw error;
  }

  async removeMany(keys: readonly StoredKey[]): Promise<void> {
    await this.redis.unlink(keys.map(({ text }) => prefix + text));
  }

  async survey(): Promise<Sizes> {
    let entries = 0;
    let bytes = 0;
    await this.scan(async (names) => {
      const pipeline = this.redis.pipeline();
      for (const name of names) pipeline.strlen(name);
      entries += names.length;
      for (const [, length] of (await pipeline.exec()) ?? []) bytes += Number(length ?? 0);
      return true;
    });
    return { entries, bytes };
  }

  async sample(n: number): Promise<readonly Sampled[]> {
    const found: Sampled[] = [];
    await this.scan(async (names) => {
      const wanted = names.slice(0, n - found.length);
      if (wanted.length === 0) return found.length < n;
      const values = await this.redis.mgetBuffer(wanted);
      wanted.forEach((name, i) => {
        const text = name.slice(prefix.length);
        const frame = values[i];
        if (frame) found.push({ key: { text, bytes: Buffer.from(text, "hex") }, frame });
      });
      return found.length < n;
    });
    return found;
  }

  async clear(): Promise<number> {
    let count = 0;
    await this.scan(async (names) => {
      count += names.length === 0 ? 0 : await this.redis.unlink(names);
      return true;
    });
    return count;
  }

  async close(): Promise<void> {
    // What was sent has been answered: the tier waits for it.
    this.redis.disconnect();
  }

  /** Gives all names of ours in groups, until `take` says that it has enough. A name may come twice. */
  private async scan(take: (names: string[]) => Promise<boolean>): Promise<void> {
    const seen = new Set<string>();
    let cursor = "0";
    do {
      const [next, names] = await this.redis.scan(cursor, "MATCH", `${prefix}*`, "COUNT", scannedAtOnce);
      const fresh = names.filter((name) => seen.size !== seen.add(name).size);
      if (!(await take(fresh))) return;
      cursor = next;
    } while (cursor !== "0");
  }
}
