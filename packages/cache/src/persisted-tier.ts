/** What a tier outside this process does: it keeps frames (entry.ts) under 32-byte keys, and knows nothing of columns. */
import type { TierName, TierStats } from "./api.ts";
import type { StoredKey } from "./content-key.ts";
import type { TierCounts } from "./tier-counts.ts";

export interface StoredFrame {
  readonly key: StoredKey;
  readonly name: string;
  readonly costMs: number;
  readonly frame: Uint8Array;
}

export type Frames = readonly (Uint8Array | undefined)[];

export interface Sizes {
  readonly entries: number;
  readonly bytes: number;
}

export interface PersistedTier {
  readonly name: Exclude<TierName, "memory">;
  readonly counts: TierCounts;
  readonly state: TierStats["state"];
  /** In the order of the keys. Trouble is `undefined`, never an exception. */
  readonly read: (keys: readonly StoredKey[]) => Frames | Promise<Frames>;
  /** Taken in at once, written later; found by `read` from now on. `isCopy`: a tier behind this one has it, too. */
  readonly write: (entry: StoredFrame, isCopy?: boolean) => void;
  readonly remove: (key: StoredKey) => void;
  readonly survey: () => Sizes | undefined | Promise<Sizes | undefined>;
  /** Up to `n` entries. */
  readonly sample: (n: number) => readonly Sampled[] | Promise<readonly Sampled[]>;
  readonly clear: () => number | Promise<number>;
  readonly flush: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface Sampled {
  readonly key: StoredKey;
  readonly frame: Uint8Array;
}
