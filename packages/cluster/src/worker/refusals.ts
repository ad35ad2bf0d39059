/**
 * The bundles that a worker refuses, and what becomes of their jobs. A refusal says something of the worker, not of entities: a
 * key that is missing here may be there. So a job of such a bundle is passed on, and the more often that happens in a row the
 * longer its place rests: whoever does not compute must not empty the queue, and may compute for others on it.
 *
 *   refused ─→ others at the queue do not refuse it, or have not for long ─→ passed on
 *          └─→ all that are there have refused it for the length of a lease ─→ its entities fail
 *
 * Others are known by their signs. Cost: a look at all signs, once a second at most.
 */
import type { BatchClock, PassedOn } from "@reckon/batch";
import type { BundleRefusal } from "../bundle/manifest.ts";
import type { RefusedBundle, ServerStore } from "../server/server-store.ts";

const lookEveryMs = 1_000;
const restMsMin = 250;
const restMsMax = 8_000;
/** A sign says only so many, the ones refused last. */
const toldMax = 20;

export interface RefusalParts {
  readonly store: Pick<ServerStore, "workers">;
  readonly clock: BatchClock;
  readonly queue: string;
  readonly worker: string;
  /** So long all have to refuse a bundle before its entities fail. */
  readonly boundMs: number;
}

interface Refused {
  readonly refusal: BundleRefusal;
  lookedAtMs: number;
  /** Since when nobody is there who does not refuse it, as far as was seen. */
  byAllSinceMs: number | undefined;
}

export class Refusals {
  private readonly parts: RefusalParts;
  /** By address. */
  private readonly refused = new Map<string, Refused>();
  /** Passed on since something was computed. */
  private inRow = 0;

  constructor(parts: RefusalParts) {
    this.parts = parts;
  }

  get told(): readonly RefusedBundle[] {
    return [...this.refused]
      .slice(-toldMax)
      .map(([address, { refusal }]) => ({ address, reason: refusal.message }));
  }

  has(address: string): boolean {
    return this.refused.has(address);
  }

  add(address: string, refusal: BundleRefusal): void {
    if (this.has(address)) return;
    this.refused.set(address, { refusal, lookedAtMs: Number.NEGATIVE_INFINITY, byAllSinceMs: undefined });
  }

  /** Where the job of a refused bundle goes: to others, or nowhere any more. */
  async judge(address: string): Promise<PassedOn | "by-all"> {
    const { clock, boundMs } = this.parts;
    const refused = this.refused.get(address);
    if (refused !== undefined) {
      await this.look(address, refused);
      const { byAllSinceMs } = refused;
      if (byAllSinceMs !== undefined && clock.now() - byAllSinceMs >= boundMs) return "by-all";
    }
    const restMs = Math.min(restMsMax, boundMs / 4, restMsMin * 2 ** this.inRow);
    this.inRow += 1;
    return { restMs };
  }

  /** There are jobs that this worker computes. */
  computed(): void {
    this.inRow = 0;
  }

  private async look(address: string, refused: Refused): Promise<void> {
    const { store, clock, queue, worker } = this.parts;
    const now = clock.now();
    if (now - refused.lookedAtMs < lookEveryMs) return;
    refused.lookedAtMs = now;
    // While the server is away nobody knows.
    const signs = await store.workers().catch(() => undefined);
    const isByAll = signs?.every(
      (sign) =>
        sign.queue !== queue ||
        sign.worker === worker ||
        sign.refuses?.some((other) => other.address === address) === true,
    );
    refused.byAllSinceMs = isByAll === true ? (refused.byAllSinceMs ?? now) : undefined;
  }
}
