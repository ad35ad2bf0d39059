/**
 * What the cache offers and what it tells.
 *
 * A store has up to three tiers, asked in the order memory, disk, shared. Each may be missing, and each may break on
 * its own: a tier in trouble is a miss, is told once by `onNotice`, and never stops a calculation.
 */
import type { MemoKey, MemoStore } from "@reckon/engine";
import type { Column } from "@reckon/value";

export type TierName = "memory" | "disk" | "shared";

/** Plain configuration: finite numbers (no −0), texts, booleans, `null`, lists and plain records of them. */
export type PlainSettings =
  | string
  | number
  | boolean
  | null
  | readonly PlainSettings[]
  | { readonly [name: string]: PlainSettings };

export interface MemoryOptions {
  /** What the entries may hold in bytes, their keys counted. */
  readonly bytesMax: number;
}

export interface DiskOptions {
  /** The file; it and its folder are made when something is first looked up. */
  readonly path: string;
  /** What the entries may take in bytes; beyond it those go that were not used for longest. */
  readonly bytesMax: number;
  /** A hard limit of the file, in pages of 4,096 bytes. Default: the disk's. */
  readonly pagesMax?: number;
}

export interface SharedOptions {
  /** `redis://`, `rediss://`, `postgres://` or `postgresql://`. */
  readonly url: string;
  /** With it every entry is signed, and what is not signed with it is a miss. */
  readonly secret?: string;
  /** Default 2,000. */
  readonly connectTimeoutMs?: number;
  /** Default 2,000. */
  readonly commandTimeoutMs?: number;
}

export interface MemoStoreOptions {
  readonly memory?: MemoryOptions;
  readonly disk?: DiskOptions;
  readonly shared?: SharedOptions;
  /** From 0 to 1: this share of the answers is withheld, and what is computed instead compared with them. */
  readonly verifyShare?: number;
  /** What every kept result depends on besides its key: the solver's settings, the seed. */
  readonly settings: PlainSettings;
  readonly onNotice?: (notice: CacheNotice) => void;
  /** Milliseconds since 1970, with fractions. Used for costs and the order of use, never for values. */
  readonly now?: () => number;
}

export type NoticeCode =
  | "full"
  | "read-only"
  | "locked"
  | "damaged"
  | "foreign"
  | "later-version"
  | "unusable"
  | "unreachable"
  | "refused"
  | "untrusted"
  | "mismatch";

/** One sentence for the user: what happened, what it means, what to do. Each is told once. */
export interface CacheNotice {
  readonly tier: TierName;
  readonly code: NoticeCode;
  readonly message: string;
}

export interface TierStats {
  /** `undefined` before `survey` has counted them; memory always knows. */
  readonly entries: number | undefined;
  readonly bytes: number | undefined;
  readonly hits: number;
  readonly misses: number;
  readonly puts: number;
  readonly evictions: number;
  /** Entries whose bytes were damaged: they were removed, and answered nothing. */
  readonly corrupt: number;
  /** Entries without the right signature: they answered nothing. */
  readonly refused: number;
  /** What was not computed because of the hits, in ms. */
  readonly savedMs: number;
  /** What one look-up takes at the moment, in ms. */
  readonly lookUpMs: number;
  /** `waiting`: in trouble, and tried again later. */
  readonly state: "on" | "waiting" | "off";
}

export interface CacheStats {
  readonly memory: TierStats | undefined;
  readonly disk: TierStats | undefined;
  readonly shared: TierStats | undefined;
  /** Answers withheld to be compared, those that agreed, and those that did not. */
  readonly verified: { readonly withheld: number; readonly agreed: number; readonly mismatches: number };
}

/** The sums of all runs with this file. */
export interface LifetimeCounts {
  readonly hits: number;
  readonly misses: number;
  readonly puts: number;
  readonly evictions: number;
  readonly corrupt: number;
  readonly savedMs: number;
}

export interface CacheSurvey extends CacheStats {
  readonly lifetime: LifetimeCounts | undefined;
}

/** Why nothing was kept of a name. */
export type NotKeptReason = "too-cheap" | "errors" | "volatile" | "mismatch";

/** Why a look-up found nothing. */
export type MissReason =
  /** Parts of the key are others than when a result was kept. */
  | { readonly kind: "differs"; readonly parts: readonly string[] }
  /** No result of this name was ever kept, and why, if that is known. */
  | { readonly kind: "never-kept"; readonly because: NotKeptReason | undefined }
  /** The very result was kept, and is gone: evicted, cleared, removed as damaged, or for the reason given. */
  | { readonly kind: "gone"; readonly because: NotKeptReason | undefined };

export interface MissRecord {
  readonly name: string;
  /** When it was looked up, in ms since 1970. */
  readonly at: number;
  readonly reason: MissReason;
  /** Whether the result has been kept since, so that the next run finds it. */
  readonly isKeptNow: boolean;
  /** One sentence. */
  readonly text: string;
}

export interface VerifyCount {
  readonly checked: number;
  /** Entries that could not be read; they are removed. */
  readonly damaged: number;
}

type Found = Column | undefined;

/** A memo store of tiers. */
export interface CacheStore extends MemoStore {
  /** Answers in the order of the keys; at once if no server had to be asked. */
  readonly getMany: (keys: readonly MemoKey[]) => readonly Found[] | Promise<readonly Found[]>;
  readonly putMany: (entries: readonly { key: MemoKey; column: Column; costMs: number }[]) => void;
  /** The fastest tier's; infinite when there is none, or all are off. */
  readonly lookUpMs: () => number;
  /** Remembers for `whyMiss` why a result is not given to `put`. */
  readonly notKept: (name: string, reason: NotKeptReason) => void;
  /** What happened in this process. Cost: constant. */
  readonly stats: () => CacheStats;
  /** As `stats`, with the entries and bytes of every tier counted, and the sums of all runs. */
  readonly survey: () => Promise<CacheSurvey>;
  /** The last look-up of `name` that found nothing; `undefined` if there was none. */
  readonly whyMiss: (name: string) => MissRecord | undefined;
  /** The last `n` names whose last look-up found nothing, the latest first. */
  readonly misses: (n: number) => readonly MissRecord[];
  /** Reads up to `n` kept entries and checks their bytes. */
  readonly verify: (n: number) => Promise<VerifyCount>;
  /** Forgets everything, or one tier; answers how many entries there were. */
  readonly clear: (tier?: TierName) => Promise<number>;
  /** What was put is written. */
  readonly flush: () => Promise<void>;
  /** Writes what is left and lets go. Afterwards every look-up is a miss. */
  readonly close: () => Promise<void>;
}
