import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, it, vi } from "vitest";
import type { CacheNotice, DiskOptions } from "./api.ts";
import type { StoredKey } from "./content-key.ts";
import { migrate, schemaVersion, versionOf } from "./disk-schema.ts";
import { DiskTier } from "./disk-tier.ts";
import { temporaryFolder } from "./fixtures/folder.ts";
import { Notices } from "./notices.ts";

const folder = temporaryFolder(afterAll);
let files = 0;
const freshPath = (name = "reckon"): string => join(folder, `${name}-${++files}.sqlite`);

interface Opened {
  readonly tier: DiskTier;
  readonly notices: CacheNotice[];
  readonly clock: { ms: number };
}

function open(path: string, options: Partial<DiskOptions> = {}, busyMs = 5000): Opened {
  const notices: CacheNotice[] = [];
  const clock = { ms: 1_700_000_000_000 };
  const tier = new DiskTier(
    { path, bytesMax: 1e9, ...options },
    () => clock.ms,
    new Notices((notice) => notices.push(notice)),
    busyMs,
  );
  return { tier, notices, clock };
}

function keyOf(i: number | string): StoredKey {
  const bytes = createHash("sha256").update(String(i)).digest();
  return { bytes, text: bytes.toString("hex") };
}

function write(tier: DiskTier, i: number | string, size = 10, costMs = 0, isCopy = false): void {
  const frame = new Uint8Array(size).fill(Number(i) || 1);
  tier.write({ key: keyOf(i), name: `n${i}`, costMs, frame }, isCopy);
}

const has = (tier: DiskTier, i: number | string): boolean => tier.read([keyOf(i)])[0] !== undefined;

describe("the file", () => {
  it("[ME12] is made with its folder at the first look-up, for its owner alone", async () => {
    const path = join(folder, "deep", "er", "reckon.sqlite");
    const { tier } = open(path);
    expect(existsSync(join(folder, "deep"))).toBe(false);
    expect(has(tier, 1)).toBe(false);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "deep", "er")).mode & 0o777).toBe(0o700);
    write(tier, 1);
    await tier.flush();
    expect(statSync(`${path}-wal`).mode & 0o777).toBe(0o600);
    await tier.close();
  });

  it("[ME11] what was put is found before it is written, and by others afterwards", async () => {
    const path = freshPath();
    const { tier } = open(path);
    const other = open(path).tier;
    write(tier, 1);
    expect([has(tier, 1), has(other, 1)]).toEqual([true, false]);
    await tier.flush();
    expect([has(tier, 1), has(other, 1)]).toEqual([true, true]);
    tier.remove(keyOf(1));
    expect(has(tier, 1)).toBe(false);
    await tier.close();
    expect(has(other, 1)).toBe(false);
    await other.close();
  });

  it("[ME11] much is written at once, without waiting", () => {
    const path = freshPath();
    const { tier } = open(path);
    const other = open(path).tier;
    for (let i = 0; i < 1000; i++) write(tier, i);
    expect(has(other, 999)).toBe(true);
    write(tier, "large", 5 << 20);
    expect(has(other, "large")).toBe(true);
  });

  it("[ME11] what took a tenth of a second to compute is written at once, also in several results", () => {
    const path = freshPath();
    const { tier, clock } = open(path);
    const other = open(path).tier;
    write(tier, "dear", 10, 100);
    expect(has(other, "dear")).toBe(true);
    write(tier, 1, 10, 60);
    expect(has(other, 1)).toBe(false);
    write(tier, 2, 10, 60);
    expect([has(other, 1), has(other, 2)]).toEqual([true, true]);
    // What a server has as well is not lost.
    write(tier, "copy", 10, 1000, true);
    expect(has(other, "copy")).toBe(false);
    // No timer could run meanwhile.
    clock.ms += 200;
    write(tier, 3);
    expect([has(other, "copy"), has(other, 3)]).toEqual([true, true]);
  });

  it("[ME9] holds a bound by what was not used for longest, also across openings", async () => {
    const path = freshPath();
    const first = open(path, { bytesMax: 100_000 });
    for (let i = 0; i < 9; i++) {
      write(first.tier, i, 10_000);
      first.clock.ms += 120_000;
      await first.tier.flush();
    }
    expect(has(first.tier, 0)).toBe(true);
    await first.tier.close();
    const second = open(path, { bytesMax: 100_000 });
    second.clock.ms = first.clock.ms + 120_000;
    write(second.tier, "more", 20_000);
    await second.tier.flush();
    const kept = Array.from({ length: 9 }, (_, i) => i).filter((i) => has(second.tier, i));
    expect(kept).toEqual([0, 4, 5, 6, 7, 8]);
    expect(second.tier.counts.evictions).toBe(3);
    expect((second.tier.survey()?.bytes ?? 1e9) <= 90_000).toBe(true);
    await second.tier.close();
  });

  it("[ME9] what alone is larger than the bound is not kept, and puts nothing else out", async () => {
    const { tier } = open(freshPath(), { bytesMax: 10_000 });
    write(tier, "small", 5000);
    write(tier, "large", 10_000);
    await tier.flush();
    expect([has(tier, "small"), has(tier, "large")]).toEqual([true, false]);
    await tier.close();
  });

  it("[ME22] sums what all runs did, and counts what it holds", async () => {
    const path = freshPath();
    for (let run = 0; run < 2; run++) {
      const { tier } = open(path);
      write(tier, run);
      tier.counts.hit(500);
      await tier.close();
    }
    const { tier } = open(path);
    expect(tier.survey()).toMatchObject({ entries: 2 });
    expect(tier.lifetime()).toMatchObject({ hits: 2, puts: 2, corrupt: 0 });
    expect(Math.round(tier.lifetime()?.savedMs ?? 0)).toBe(1000);
    expect(tier.clear()).toBe(2);
    expect(tier.survey()).toEqual({ entries: 0, bytes: 0 });
    await tier.close();
  });
});

describe("versions", () => {
  it("[ME13] a file of an earlier version is brought up to date and keeps its entries", () => {
    const path = freshPath();
    const before = new DatabaseSync(path);
    migrate(before, 1);
    before
      .prepare("INSERT INTO entries VALUES (1, ?, 1, 1, 1, 1, 'n', ?)")
      .run(keyOf(1).bytes, new Uint8Array(3));
    expect(versionOf(before)).toBe(1);
    before.close();
    const { tier, notices } = open(path);
    expect(has(tier, 1)).toBe(true);
    tier.writeName("n", () => "record");
    expect(tier.lifetime()).toMatchObject({ hits: 0 });
    expect(tier.readName("n")).toBe("record");
    expect(notices).toEqual([]);
    const after = new DatabaseSync(path);
    expect(versionOf(after)).toBe(schemaVersion);
    after.close();
  });

  it("[ME13] a file of a later version is left alone, told once, and the tier is off", () => {
    const path = freshPath();
    const later = new DatabaseSync(path);
    migrate(later);
    later.exec(`PRAGMA user_version = ${schemaVersion + 1}`);
    later.close();
    const bytes = readFileSync(path);
    const { tier, notices } = open(path);
    expect([has(tier, 1), has(tier, 2), tier.state]).toEqual([false, false, "off"]);
    write(tier, 1);
    expect(notices).toMatchObject([{ tier: "disk", code: "later-version" }]);
    expect(notices[0]?.message).toContain(path);
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });
});

describe("a file in trouble", () => {
  const brokenOf = (path: string): string[] =>
    readdirSync(folder).filter((name) => name.startsWith(`${path.slice(folder.length + 1)}.broken-`));

  it("[ME14] ours by name and damaged: put aside, told once, and begun anew", async () => {
    const path = freshPath();
    writeFileSync(path, "no database at all");
    const { tier, notices } = open(path);
    expect(has(tier, 1)).toBe(false);
    write(tier, 1);
    await tier.flush();
    expect([has(tier, 1), tier.state]).toEqual([true, "on"]);
    expect(notices).toMatchObject([{ code: "damaged" }]);
    expect(brokenOf(path)).toHaveLength(1);
    expect(readFileSync(join(folder, brokenOf(path)[0] as string), "utf8")).toBe("no database at all");
    await tier.close();
  });

  it.each([
    ["in its middle", (path: string) => writeFileSync(path, overwritten(readFileSync(path)))],
    ["cut short", (path: string) => truncateSync(path, 5000)],
  ])("[ME14] damaged %s: found while it is read, put aside, and begun anew", async (_, damage) => {
    const path = freshPath();
    const before = open(path).tier;
    for (let i = 0; i < 300; i++) write(before, i, 500);
    await before.close();
    damage(path);
    const { tier, notices } = open(path);
    for (let i = 0; i < 300; i++) tier.read([keyOf(i)]);
    write(tier, "again");
    await tier.flush();
    expect([has(tier, "again"), tier.state]).toEqual([true, "on"]);
    expect(notices.map(({ code }) => code)).toEqual(["damaged"]);
    expect(brokenOf(path)).toHaveLength(1);
    await tier.close();
  });

  it("[ME14] damaged once more in the same run: it stays where it is, and is done without", async () => {
    const path = freshPath();
    writeFileSync(path, "no database at all");
    const { tier, notices } = open(path);
    expect(has(tier, 0)).toBe(false);
    for (let i = 0; i < 300; i++) write(tier, i, 500);
    await tier.flush();
    expect([has(tier, 0), tier.state]).toEqual([true, "on"]);
    // What the tier holds of it is out of date once somebody else has written.
    const other = new DatabaseSync(path);
    other.exec("DELETE FROM names");
    other.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
    other.close();
    writeFileSync(path, overwritten(readFileSync(path)));
    for (let i = 0; i < 300; i++) tier.read([keyOf(i)]);
    write(tier, "again");
    expect([has(tier, "again"), tier.state, brokenOf(path).length]).toEqual([false, "off", 1]);
    expect(notices).toMatchObject([{ code: "damaged" }]);
    await tier.close();
  });

  it("[ME14] another program's database is left as it is, whatever its name", () => {
    const path = freshPath("reckon-prices");
    const theirs = new DatabaseSync(path);
    theirs.exec("PRAGMA journal_mode = WAL; CREATE TABLE prices (id INTEGER); INSERT INTO prices VALUES (7)");
    const { tier, notices } = open(path);
    write(tier, 1);
    expect([has(tier, 2), tier.state, brokenOf(path)]).toEqual([false, "off", []]);
    expect(notices).toMatchObject([{ code: "foreign" }]);
    expect(theirs.prepare("SELECT id FROM prices").get()).toEqual({ id: 7 });
    theirs.close();
  });

  it("[ME14] what is put aside takes its log with it", () => {
    const path = freshPath();
    writeFileSync(path, "no database at all");
    writeFileSync(`${path}-wal`, "its log");
    const { tier } = open(path);
    expect(has(tier, 1)).toBe(false);
    const [aside, log] = brokenOf(path).sort();
    expect([log, readFileSync(join(folder, log as string), "utf8")]).toEqual([`${aside}-wal`, "its log"]);
  });

  it("[ME14] not ours by name: left as it is, and the tier is off", () => {
    const text = freshPath("letters");
    writeFileSync(text, "Dear Ada");
    const foreign = freshPath("ledger");
    const database = new DatabaseSync(foreign);
    database.exec("CREATE TABLE accounts (id INTEGER)");
    database.close();
    for (const path of [text, foreign]) {
      const bytes = readFileSync(path);
      const { tier, notices } = open(path);
      write(tier, 1);
      expect([has(tier, 2), tier.state]).toEqual([false, "off"]);
      expect(notices).toMatchObject([{ code: "foreign" }]);
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(brokenOf(path)).toEqual([]);
    }
  });

  it("[ME15] full: told once, read on, and tried again later", async () => {
    const path = freshPath();
    const { tier, notices, clock } = open(path, { pagesMax: 40 });
    write(tier, "first", 1000);
    await tier.flush();
    for (let i = 0; i < 5; i++) write(tier, i, 100_000);
    await tier.flush();
    expect(notices).toMatchObject([{ code: "full" }]);
    expect([tier.state, has(tier, "first"), has(tier, 0)]).toEqual(["waiting", true, false]);
    write(tier, "unwritten", 10);
    expect(has(tier, "unwritten")).toBe(false);
    clock.ms += 1000;
    expect(tier.state).toBe("on");
    write(tier, "later", 10);
    await tier.flush();
    expect([has(tier, "later"), notices.length]).toEqual([true, 1]);
    await tier.close();
  });

  it("[ME16] a folder that is a file: told once, and the tier is off", () => {
    const file = freshPath("plain");
    writeFileSync(file, "");
    const { tier, notices } = open(join(file, "reckon.sqlite"));
    write(tier, 1);
    expect([has(tier, 1), has(tier, 2), tier.state]).toEqual([true, false, "off"]);
    expect(notices).toMatchObject([{ code: "unusable" }]);
  });

  it("[ME17] locked: told once, read on without what could not be written, and written when it is free", async () => {
    const path = freshPath();
    const { tier, notices, clock } = open(path, {}, 1);
    write(tier, "first");
    await tier.flush();
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    write(tier, 1);
    await tier.flush();
    expect(notices).toMatchObject([{ code: "locked" }]);
    expect([has(tier, "first"), has(tier, 1), tier.state]).toEqual([true, false, "waiting"]);
    other.exec("COMMIT");
    other.close();
    clock.ms += 1000;
    write(tier, 2);
    await tier.flush();
    expect([has(tier, 2), notices.length]).toEqual([true, 1]);
    await tier.close();
  });

  it("[ME17] after a lock was waited for in vain others are not, until something was written", async () => {
    const path = freshPath();
    const waits = vi.spyOn(DatabaseSync.prototype, "exec");
    const timeouts = (): unknown[] =>
      waits.mock.calls.flat().filter((sql) => String(sql).startsWith("PRAGMA busy_timeout"));
    const { tier, clock } = open(path, {}, 120);
    write(tier, 1);
    await tier.flush();
    const other = new DatabaseSync(path);
    for (const round of [1, 2]) {
      other.exec("BEGIN IMMEDIATE");
      write(tier, 10 + round);
      await tier.flush();
      other.exec("COMMIT");
      clock.ms += 60_000;
      write(tier, 20 + round);
      await tier.flush();
      expect([has(tier, 10 + round), has(tier, 20 + round), tier.state]).toEqual([false, true, "on"]);
    }
    expect(timeouts()).toEqual([50, 120, 50, 120].map((ms) => `PRAGMA busy_timeout = ${ms}`));
    waits.mockRestore();
    other.close();
    await tier.close();
  });
});

describe("what is removed", () => {
  it("[ME6] [ME19] stays a miss while the file cannot be written, and goes then", async () => {
    const path = freshPath();
    const { tier, clock } = open(path, {}, 1);
    write(tier, 1);
    await tier.flush();
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    tier.remove(keyOf(1));
    await tier.flush();
    expect([tier.state, has(tier, 1)]).toEqual(["waiting", false]);
    clock.ms += 1000;
    write(tier, 1);
    expect(has(tier, 1)).toBe(true);
    await tier.flush();
    expect([tier.state, has(tier, 1)]).toEqual(["waiting", false]);
    other.exec("COMMIT");
    other.close();
    clock.ms += 60_000;
    await tier.flush();
    await tier.close();
    expect(has(open(path).tier, 1)).toBe(false);
  });
});

it("[ME17] a file that another program holds while it is opened is waited for once, and not at every attempt", () => {
  const path = freshPath();
  const other = new DatabaseSync(path);
  other.exec("CREATE TABLE t (x); DROP TABLE t; BEGIN; SELECT count(*) FROM sqlite_master");
  const pauses = vi.spyOn(Atomics, "wait");
  const { tier, notices } = open(path, {}, 50);
  expect([has(tier, 1), tier.state]).toEqual([false, "waiting"]);
  expect(notices).toMatchObject([{ code: "locked" }]);
  expect(pauses.mock.calls.length).toBeLessThan(5);
  pauses.mockRestore();
  other.close();
});

/** The pages from the third on hold what no database holds. */
function overwritten(bytes: Buffer): Buffer {
  return bytes.fill(0xa5, 8192);
}

it("[ME12] a folder that is there keeps its rights", async () => {
  const there = join(folder, "there");
  mkdirSync(there, { mode: 0o755 });
  const { tier } = open(join(there, "reckon.sqlite"));
  has(tier, 1);
  expect(statSync(there).mode & 0o777).toBe(0o755);
  await tier.close();
});
