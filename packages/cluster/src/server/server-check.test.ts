import { describe, expect, it } from "vitest";
import { refusePostgres, refuseRedis } from "./server-check.ts";

const info = (version: string, policy?: string): string =>
  [
    `# Server`,
    `redis_version:${version}`,
    "",
    ...(policy === undefined ? [] : [`maxmemory_policy:${policy}`]),
  ].join("\r\n");

describe("a server", () => {
  it.each(["6.2.0", "7.4.1", "8.0.0"])("[QU21] that is new enough is taken: Redis %s", (version) => {
    expect(refuseRedis(info(version, "noeviction"))).toBeUndefined();
    expect(refuseRedis(info(version))).toBeUndefined();
  });

  it.each(["5.0.14", "6.0.9", ""])("[QU21] that is too old is refused: Redis %s", (version) => {
    expect(refuseRedis(info(version, "noeviction"))).toContain("at least 6.2 is needed");
  });

  it.each(["allkeys-lru", "volatile-ttl"])("[QU21] that throws keys away is refused: %s", (policy) => {
    expect(refuseRedis(info("7.4.1", policy))).toContain("Set it to noeviction");
  });

  it("[QU21] of PostgreSQL is new enough from 13 on", () => {
    expect(refusePostgres(130_000)).toBeUndefined();
    expect(refusePostgres(170_002)).toBeUndefined();
    expect(refusePostgres(120_017)).toContain("PostgreSQL 12: at least 13");
  });
});
