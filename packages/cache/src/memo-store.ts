/**
 * The tiers as one store.
 *
 *   get   memory → disk → shared, and what is found is put into the faster tiers before it. Memory and disk answer at
 *         once; only where a server has to be asked the answer is a promise. Before the hash is compiled, which is at
 *         the first look-up of the process, answers are promises too.
 *   put   into every tier for which the result is worth it: that took longer to compute than a look-up there takes.
 *         A server is not asked for names whose results are all known to be cheaper.
 *
 * Results with errors are refused. Whatever is doubtful (damaged, unsigned, of another key) is a miss. A share of the
 * answers may be withheld: what is computed instead is compared bit for bit, and an entry that differs is removed
 * everywhere.
 */
import { type MemoKey, memoBytes } from "@reckon/engine";
import { type Column, markFirstError, sameColumn } from "@reckon/value";
import type {
  CacheStats,
  CacheStore,
  CacheSurvey,
  MemoStoreOptions,
  MissRecord,
  NotKeptReason,
  TierName,
  VerifyCount,
} from "./api.ts";
import { type Environment, environmentOf, type StoredKey, storedKeyOf } from "./content-key.ts";
import { DiskTier } from "./disk-tier.ts";
import { decodeEntry, encodeEntry } from "./entry.ts";
import { type Hash64, hash64IfLoaded, loadHash64 } from "./hash64.ts";
import { KnownCosts } from "./known-costs.ts";
import { MemoryTier } from "./memory-tier.ts";
import { MissLog } from "./miss-log.ts";
import { Notices } from "./notices.ts";
import type { Frames, PersistedTier } from "./persisted-tier.ts";
import { connectFor } from "./server-kind.ts";
import { SharedTier } from "./shared-tier.ts";
import { TierCounts } from "./tier-counts.ts";
import { Withheld } from "./withheld.ts";

const memoryLookUpMs = 0.002;
const useNotedMs = 600_000;

type Found = Column | undefined;

/** A key, with what has been worked out of it. */
class Asked {
  readonly key: MemoKey;
  readonly content: Uint8Array;
  readonly hash: bigint;
  private readonly environment: Environment;
  private storedKey: StoredKey | undefined;

  constructor(key: MemoKey, hash: Hash64, environment: Environment) {
    this.key = key;
    this.content = memoBytes(key);
    this.hash = hash(this.content, 0n);
    this.environment = environment;
  }

  get stored(): StoredKey {
    this.storedKey ??= storedKeyOf(this.environment, this.content);
    return this.storedKey;
  }
}

/**
 * A memo store of up to three tiers. Nothing is opened before the first look-up, and no tier in trouble stops anything.
 * Throws `CacheMisuse` for settings that are not plain, and for a URL of an unknown kind.
 *
 * @example
 * ```ts
 * const store = createMemoStore({ memory: { bytesMax: 64e6 }, settings: { seed: 1 } });
 * const engine = createEngine({ memoStore: store });
 * ```
 */
export function createMemoStore(options: MemoStoreOptions): CacheStore {
  return new TieredStore(options);
}

class TieredStore implements CacheStore {
  private readonly environment: Environment;
  private readonly now: () => number;
  private readonly notices: Notices;
  private readonly memory: MemoryTier | undefined;
  private readonly memoryCounts = new TierCounts(memoryLookUpMs);
  private readonly disk: DiskTier | undefined;
  private readonly persisted: readonly PersistedTier[];
  private readonly log: MissLog;
  private readonly costs = new KnownCosts();
  private readonly withheld: Withheld;
  private isClosed = false;

  constructor(options: MemoStoreOptions) {
    const { memory, disk, shared, settings, onNotice, verifyShare = 0 } = options;
    this.now = options.now ?? (() => performance.timeOrigin + performance.now());
    this.environment = environmentOf(settings);
    this.notices = new Notices(onNotice);
    this.memory =
      memory === undefined ? undefined : new MemoryTier(memory.bytesMax, () => this.memoryCounts.evictions++);
    this.disk = disk === undefined ? undefined : new DiskTier(disk, this.now, this.notices);
    const server = shared && new SharedTier(shared, connectFor(shared.url), this.now, this.notices);
    this.persisted = [this.disk, server].filter((tier) => tier !== undefined);
    const records = this.disk;
    this.log = new MissLog(
      this.environment,
      this.now,
      records && {
        read: (name) => records.readName(name),
        write: (name, record) => records.writeName(name, record),
        names: (n) => records.recentNames(n),
      },
    );
    this.withheld = new Withheld(verifyShare);
  }

  readonly get = (key: MemoKey): Found | Promise<Found> => {
    const found = this.getMany([key]);
    return found instanceof Promise ? found.then(([column]) => column) : found[0];
  };

  readonly getMany = (keys: readonly MemoKey[]): readonly Found[] | Promise<readonly Found[]> => {
    const hash = hash64IfLoaded();
    return hash === undefined
      ? loadHash64().then((loaded) => this.find(loaded, keys))
      : this.find(hash, keys);
  };

  readonly put = (key: MemoKey, column: Column, costMs: number): void | Promise<void> => {
    const hash = hash64IfLoaded();
    if (hash !== undefined) return this.keep(hash, key, column, costMs);
    return loadHash64().then(
      (loaded) => this.keep(loaded, key, column, costMs),
      () => undefined,
    );
  };

  readonly putMany = (entries: readonly { key: MemoKey; column: Column; costMs: number }[]): void => {
    for (const { key, column, costMs } of entries) void this.put(key, column, costMs);
  };

  readonly lookUpMs = (): number => {
    const counts = this.persisted.filter(({ state }) => state !== "off").map((tier) => tier.counts.lookUpMs);
    if (this.memory !== undefined) counts.push(this.memoryCounts.lookUpMs);
    return Math.min(...counts);
  };

  readonly notKept = (name: string, reason: NotKeptReason): void => this.log.notKept(name, reason);

  readonly stats = (): CacheStats => this.statsWith(() => undefined);

  readonly survey = async (): Promise<CacheSurvey> => {
    const sizes = new Map(
      await Promise.all(this.persisted.map(async (tier) => [tier, await tier.survey()] as const)),
    );
    return { ...this.statsWith((tier) => sizes.get(tier)), lifetime: this.disk?.lifetime() };
  };

  readonly whyMiss = (name: string): ReturnType<CacheStore["whyMiss"]> =>
    this.log.why(name, (key) => this.disk !== undefined && this.disk.read([key])[0] !== undefined);

  readonly misses = (n: number): readonly MissRecord[] =>
    this.log
      .names(n)
      .map((name) => this.whyMiss(name))
      .filter((record) => record !== undefined);

  readonly verify = async (n: number): Promise<VerifyCount> => {
    const hash = await loadHash64();
    let checked = 0;
    let damaged = 0;
    for (const tier of this.persisted) {
      for (const { key, frame } of await tier.sample(n)) {
        checked++;
        if (decodeEntry(hash, key, frame) !== undefined) continue;
        damaged++;
        tier.counts.corrupt++;
        tier.remove(key);
      }
    }
    await this.flush();
    return { checked, damaged };
  };

  readonly clear = async (tier?: TierName): Promise<number> => {
    let count = 0;
    if (tier === undefined || tier === "memory") count += this.memory?.clear() ?? 0;
    for (const persisted of this.persisted) {
      if (tier === undefined || tier === persisted.name) count += await persisted.clear();
    }
    if (tier !== "memory") this.log.clear();
    return count;
  };

  readonly flush = async (): Promise<void> => {
    await Promise.all(this.persisted.map((tier) => tier.flush()));
  };

  readonly close = async (): Promise<void> => {
    this.isClosed = true;
    await Promise.all(this.persisted.map((tier) => tier.close()));
    this.memory?.clear();
  };

  private find(hash: Hash64, keys: readonly MemoKey[]): readonly Found[] | Promise<readonly Found[]> {
    if (this.isClosed) return keys.map(() => undefined);
    const asked = keys.map((key) => new Asked(key, hash, this.environment));
    const found = asked.map((one) => this.findInMemory(one));
    const open = asked.map((_, i) => i).filter((i) => found[i] === undefined);
    const rest = this.findInTiers(hash, asked, found, open, 0);
    const answers = (): readonly Found[] => asked.map((one, i) => this.answer(hash, one, found[i]));
    return rest instanceof Promise ? rest.then(answers) : answers();
  }

  private findInMemory(asked: Asked): Hit | undefined {
    if (this.memory === undefined) return undefined;
    const began = performance.now();
    const kept = this.memory.get(asked.hash, asked.content);
    this.memoryCounts.measured(performance.now() - began);
    if (kept === undefined) this.memoryCounts.misses++;
    else if (this.disk !== undefined && this.now() - kept.notedAt >= useNotedMs) {
      // Else what is used most would look unused on the disk, and go first.
      kept.notedAt = this.now();
      this.disk.use(asked.stored);
    }
    return kept && { column: kept.column, costMs: kept.costMs, counts: this.memoryCounts };
  }

  /** Asks the tiers from number `at` on for what is still open. */
  private findInTiers(
    hash: Hash64,
    asked: readonly Asked[],
    found: (Hit | undefined)[],
    open: readonly number[],
    at: number,
  ): void | Promise<void> {
    const tier = this.persisted[at];
    if (tier === undefined || open.length === 0) return;
    const worth = open.filter((i) => {
      if (tier.name === "disk") return true;
      const cost = this.costs.of((asked[i] as Asked).key.name);
      return cost === undefined || tier.counts.isWorth(cost);
    });
    const began = performance.now();
    const frames = worth.length === 0 ? [] : tier.read(worth.map((i) => (asked[i] as Asked).stored));
    const take = (got: Frames): readonly number[] => {
      worth.forEach((i, n) => {
        found[i] = this.taken(hash, tier, asked[i] as Asked, got[n], at);
      });
      return open.filter((i) => found[i] === undefined);
    };
    if (frames instanceof Promise) {
      return frames.then((got) => this.findInTiers(hash, asked, found, take(got), at + 1));
    }
    const stillOpen = take(frames);
    // A tier that has to be waited for measures itself: here others would be measured with it.
    if (tier.name === "disk" && worth.length > 0) {
      tier.counts.measured((performance.now() - began) / worth.length);
    }
    return this.findInTiers(hash, asked, found, stillOpen, at + 1);
  }

  /** What a frame says, put into the faster tiers. */
  private taken(
    hash: Hash64,
    tier: PersistedTier,
    asked: Asked,
    frame: Uint8Array | undefined,
    at: number,
  ): Hit | undefined {
    const entry = frame && decodeEntry(hash, asked.stored, frame);
    if (entry === undefined || frame === undefined) {
      tier.counts.misses++;
      if (frame !== undefined) {
        tier.counts.corrupt++;
        tier.remove(asked.stored);
      }
      return undefined;
    }
    const { column, costMs } = entry;
    this.costs.add(asked.key.name, costMs);
    this.memory?.put(asked.hash, asked.content, column, costMs, this.now());
    for (const faster of this.persisted.slice(0, at)) {
      if (faster.counts.isWorth(costMs))
        faster.write({ key: asked.stored, name: entry.name, costMs, frame }, true);
    }
    return { column, costMs, counts: tier.counts };
  }

  private answer(hash: Hash64, asked: Asked, hit: Hit | undefined): Found {
    if (hit === undefined) {
      if (!this.isClosed) this.log.missed(hash, asked.key, asked.stored);
      return undefined;
    }
    if (this.withheld.takes(() => asked.stored.text, hit.column)) return undefined;
    hit.counts.hit(hit.costMs);
    return hit.column;
  }

  private keep(hash: Hash64, key: MemoKey, column: Column, costMs: number): void {
    if (this.isClosed) return;
    if (column.marks?.some((mark) => mark >= markFirstError)) {
      this.log.notKept(key.name, "errors");
      return;
    }
    this.costs.add(key.name, costMs);
    const asked = new Asked(key, hash, this.environment);
    if (!this.agrees(asked, column)) return;
    const isInMemory =
      this.memoryCounts.isWorth(costMs) &&
      this.memory?.put(asked.hash, asked.content, column, costMs, this.now()) === true;
    if (isInMemory) this.memoryCounts.puts++;
    const tiers = this.persisted.filter((tier) => tier.state === "on" && tier.counts.isWorth(costMs));
    const frame = tiers.length > 0 && encodeEntry(hash, asked.stored, { name: key.name, column, costMs });
    if (frame) for (const tier of tiers) tier.write({ key: asked.stored, name: key.name, costMs, frame });
    // What is in memory alone is gone with the process: for the next one it was not kept.
    const isKept = tiers.length > 0 || (isInMemory && this.persisted.length === 0);
    const isTooCheap = this.persisted.some((tier) => !tier.counts.isWorth(costMs));
    if (isKept) this.log.kept(hash, key, asked.stored);
    else if (isTooCheap) this.log.notKept(key.name, "too-cheap");
  }

  /** Compares with an answer that was withheld. */
  private agrees(asked: Asked, column: Column): boolean {
    if (this.withheld.isEmpty) return true;
    const before = this.withheld.returned(asked.stored.text);
    if (before === undefined) return true;
    if (sameColumn(before, column)) {
      this.withheld.agreed++;
      return true;
    }
    this.withheld.mismatches++;
    this.memory?.remove(asked.hash);
    for (const tier of this.persisted) tier.remove(asked.stored);
    this.log.notKept(asked.key.name, "mismatch");
    this.notices.tell({
      tier: "memory",
      code: "mismatch",
      message:
        `${asked.key.name} was computed again and came out different from what was kept: the kept result was removed. ` +
        "Its formula or a function it calls depends on more than what it reads.",
    });
    return false;
  }

  private statsWith(
    sizesOf: (tier: PersistedTier) => { entries: number; bytes: number } | undefined,
  ): CacheStats {
    const of = (name: TierName): ReturnType<TierCounts["stats"]> | undefined => {
      const tier = this.persisted.find((one) => one.name === name);
      return tier?.counts.stats(tier.state, sizesOf(tier));
    };
    const { withheld, agreed, mismatches } = this.withheld;
    return {
      memory: this.memory && this.memoryCounts.stats("on", this.memory.sizes),
      disk: of("disk"),
      shared: of("shared"),
      verified: { withheld, agreed, mismatches },
    };
  }
}

interface Hit {
  readonly column: Column;
  readonly costMs: number;
  readonly counts: TierCounts;
}
