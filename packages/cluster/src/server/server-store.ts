/** Port: what the queue's server keeps beside the jobs, for both sides: blobs, and which workers there are. */
import type { BlobStore, RateLimit } from "@reckon/batch";

export interface ServerStore extends BlobStore {
  /** Lets a blob live so long from now; whether it is there. */
  readonly touch: (name: string, liveMs: number) => Promise<boolean>;
  /**
   * Says that a worker is alive, and for how long that may be believed without another sign. The server's time in ms since
   * 1970, where leases run by the clocks of the workers' machines; else `undefined`.
   */
  readonly beat: (worker: WorkerSign, liveMs: number) => Promise<number | undefined>;
  readonly leave: (worker: string) => Promise<void>;
  readonly workers: () => Promise<readonly WorkerSign[]>;
  /**
   * Takes slots of a run's rate, if there are enough: `0`. Else how long it takes until there are, in ms, as far as that is known;
   * `undefined`: some are held by what has not begun. They count for `holdMs`, or until `keepSlots` says otherwise; taken again
   * under the same name they are the same ones. Cost: a round trip.
   */
  readonly takeSlots: (request: SlotRequest) => Promise<number | undefined>;
  /** Slots that were taken count for so long from now, and no longer. */
  readonly keepSlots: (slots: Slots, liveMs: number) => Promise<void>;
  /** Which life of the server this is: another one after it was started again, with or without what it held. */
  readonly life: () => Promise<string>;
}

/** Of a run's rate, held by a job under a name of its own. */
export interface Slots {
  readonly run: string;
  readonly name: string;
  /** How many: at most `jobsMax` of the rate. */
  readonly count: number;
}

export interface SlotRequest extends Slots {
  readonly rate: RateLimit;
  readonly holdMs: number;
}

/** What a worker says of itself. */
export interface WorkerSign {
  readonly worker: string;
  /** Of its versions, see queue-name. */
  readonly queue: string;
  readonly engine: string;
  readonly v8: string;
  readonly threads: number;
  readonly startedAtMs: number;
  readonly chunks: number;
  readonly entities: number;
  /** Bundles that it does not compute; absent: none. */
  readonly refuses?: readonly RefusedBundle[];
}

export interface RefusedBundle {
  readonly address: string;
  readonly reason: string;
}

/** How long a server may take to answer before it counts as away. */
export const connectTimeoutMs = 5_000;
export const commandTimeoutMs = 20_000;
