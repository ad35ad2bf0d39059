/** Which servers are refused, and what to do about it. Each answer goes on a sentence that begins with the server. */

const redisMin = [6, 2] as const;
const postgresMin = 13;

/** `info`: what Redis answers to INFO. */
export function refuseRedis(info: string): string | undefined {
  const version = fieldOf(info, "redis_version") ?? "";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < redisMin[0] || (major === redisMin[0] && minor < redisMin[1])) {
    return `is Redis ${version}: at least ${redisMin.join(".")} is needed. Take a newer one, or PostgreSQL ${postgresMin} or newer.`;
  }
  const policy = fieldOf(info, "maxmemory_policy");
  if (policy === undefined || policy === "noeviction") return undefined;
  return `throws keys away when its memory is full (maxmemory-policy ${policy}), and jobs with them. Set it to noeviction, and keep a cache on another server.`;
}

/** `version`: `server_version_num`, 150004 for 15.4. */
export function refusePostgres(version: number): string | undefined {
  const major = Math.floor(version / 10_000);
  if (major >= postgresMin) return undefined;
  return `is PostgreSQL ${major}: at least ${postgresMin} is needed. Take a newer one, or Redis ${redisMin.join(".")} or newer.`;
}

/** A field of what Redis answers to INFO. */
export function fieldOf(info: string, name: string): string | undefined {
  const line = info.split(/\r?\n/).find((text) => text.startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}
