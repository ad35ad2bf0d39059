/**
 * Blobs, signs of workers and slots of rates on Redis. Blobs are keys `<name>:blob:…` with an expiry. Signs are two keys, so that nobody has to
 * look through all of the server's: `<name>:workers` (a hash of what they say) and `<name>:workers:until` (until when that
 * holds). The slots of a run's rate are a sorted set `<name>:slots:<run>` of `<count>:<name>` by the time until which they count;
 * it is gone with the last of them. All times are the server's own, so the clocks of the machines play no part.
 */
import { BatchError } from "@reckon/batch";
import { Redis } from "ioredis";
import { type ServerAddress, urlParts } from "./server-address.ts";
import { fieldOf, refuseRedis } from "./server-check.ts";
import {
  commandTimeoutMs,
  connectTimeoutMs,
  type ServerStore,
  type SlotRequest,
  type Slots,
  type WorkerSign,
} from "./server-store.ts";
import { queueError } from "./server-trouble.ts";

const clock = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000) ";

const beatScript = `${clock}
  redis.call('ZADD', KEYS[2], now + ARGV[3], ARGV[1])
  return redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])`;

const workersScript = `${clock}
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
    redis.call('ZREM', KEYS[2], gone)
    redis.call('HDEL', KEYS[1], gone)
  end
  return redis.call('HVALS', KEYS[1])`;

// KEYS: the set. ARGV: member, count, how many there are, how long they count, how long held ones do.
const takeScript = `${clock}
  local count, max, per, hold = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  local held = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
  local sum = count
  for i = 1, #held, 2 do sum = sum + tonumber(string.match(held[i], '^%d+')) end
  for i = 1, #held, 2 do
    if sum <= max then break end
    sum = sum - tonumber(string.match(held[i], '^%d+'))
    if sum <= max then
      local wait = held[i + 1] - now
      if wait > per then return -1 end
      return math.ceil(wait)
    end
  end
  redis.call('ZADD', KEYS[1], now + hold, ARGV[1])
  if redis.call('PTTL', KEYS[1]) < hold then redis.call('PEXPIRE', KEYS[1], hold) end
  return 0`;

// KEYS: the set. ARGV: member, how long it counts.
const keepScript = `${clock}
  local live = tonumber(ARGV[2])
  if live <= 0 then return redis.call('ZREM', KEYS[1], ARGV[1]) end
  redis.call('ZADD', KEYS[1], now + live, ARGV[1])
  if redis.call('PTTL', KEYS[1]) < live then redis.call('PEXPIRE', KEYS[1], live) end
  return 1`;

/** Rejects with `BatchError` when the server cannot be reached or used. */
export async function connectRedisStore(address: ServerAddress, name: string): Promise<ServerStore> {
  const redis = new Redis({
    ...urlParts(address.url),
    lazyConnect: true,
    protocol: 2,
    connectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 1,
    retryStrategy: (times) => Math.min(100 * times, 1_000),
  });
  let reason: unknown;
  // Without a listener ioredis prints; what matters reaches the caller as a rejected command.
  redis.on("error", (error: unknown) => {
    reason = error;
  });
  try {
    await redis.connect();
    const refusal = refuseRedis(await redis.info());
    if (refusal !== undefined) throw new BatchError("queue", `The queue at ${address.shown} ${refusal}`);
    return new RedisStore(redis, name);
  } catch (error) {
    redis.disconnect();
    throw queueError(address.shown, error instanceof BatchError ? error : (reason ?? error));
  }
}

class RedisStore implements ServerStore {
  private readonly redis: Redis;
  private readonly name: string;

  constructor(redis: Redis, name: string) {
    this.redis = redis;
    this.name = name;
  }

  async put(name: string, bytes: Uint8Array, liveMs: number): Promise<void> {
    const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    await this.redis.set(this.blob(name), value, "PX", Math.ceil(liveMs));
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    return (await this.redis.getBuffer(this.blob(name))) ?? undefined;
  }

  async touch(name: string, liveMs: number): Promise<boolean> {
    return (await this.redis.pexpire(this.blob(name), Math.ceil(liveMs))) === 1;
  }

  async drop(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.redis.unlink(names.map((name) => this.blob(name)));
  }

  async beat(sign: WorkerSign, liveMs: number): Promise<undefined> {
    const values = [sign.worker, JSON.stringify(sign), String(liveMs)];
    await this.redis.eval(beatScript, 2, ...this.workerKeys(), ...values);
  }

  async leave(worker: string): Promise<void> {
    const [signs, until] = this.workerKeys();
    await this.redis.multi().hdel(signs, worker).zrem(until, worker).exec();
  }

  async workers(): Promise<readonly WorkerSign[]> {
    const signs = (await this.redis.eval(workersScript, 2, ...this.workerKeys())) as string[];
    return signs.map((sign) => JSON.parse(sign) as WorkerSign);
  }

  async takeSlots({ rate, holdMs, ...slots }: SlotRequest): Promise<number | undefined> {
    const [key, member] = this.slotKeys(slots);
    const numbers = [slots.count, rate.jobsMax, Math.ceil(rate.perMs), Math.ceil(holdMs)];
    const waitMs = await this.redis.eval(takeScript, 1, key, member, ...numbers);
    return waitMs === -1 ? undefined : Number(waitMs);
  }

  async keepSlots(slots: Slots, liveMs: number): Promise<void> {
    await this.redis.eval(keepScript, 1, ...this.slotKeys(slots), Math.ceil(liveMs));
  }

  async life(): Promise<string> {
    return fieldOf(await this.redis.info("server"), "run_id") ?? "";
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }

  private blob(name: string): string {
    return `${this.name}:blob:${name}`;
  }

  private slotKeys({ run, name, count }: Slots): [string, string] {
    return [`${this.name}:slots:${run}`, `${count}:${name}`];
  }

  private workerKeys(): [string, string] {
    return [`${this.name}:workers`, `${this.name}:workers:until`];
  }
}
