/** What a server has to do for the shared tier. Each call is one round trip or a few, and rejects in trouble. */
import type { StoredKey } from "./content-key.ts";
import type { Frames, Sampled, Sizes, StoredFrame } from "./persisted-tier.ts";

export interface ServerClient {
  readonly getMany: (keys: readonly StoredKey[]) => Promise<Frames>;
  /** The keys are different ones. */
  readonly setMany: (entries: readonly StoredFrame[]) => Promise<void>;
  readonly removeMany: (keys: readonly StoredKey[]) => Promise<void>;
  readonly survey: () => Promise<Sizes>;
  readonly sample: (n: number) => Promise<readonly Sampled[]>;
  readonly clear: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface ServerLimits {
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
}

/** Connects; rejects if there is no server, or it does not let us in. */
export type Connect = (url: string, limits: ServerLimits) => Promise<ServerClient>;
