/**
 * How the rate of a run holds over all workers: a chunk takes as many slots as it has entities, on the queue's server, just
 * before it begins.
 *
 *   asks ──→ taken: held ──→ begun: counts for `perMs` from when the server hears of it
 *     ↑ waits      │  └────→ not begun within 9 s: taken anew
 *     └────────────┘ there are none: until there are
 *
 *   1. Slots are held longer than a thread has for beginning, by clocks that nobody compares: the server's for the one, this
 *      process's for the other. So what begins has its slots, and they are there until `perMs` after it has begun.
 *   2. An entity begins when it calls its first function of a module. Of several one begins behind the other, nobody knows when:
 *      their slots are held until the chunk has ended.
 *   3. A worker that is lost leaves its slots held for 10 s more than the stretch of the rate; then they run out.
 *
 * While it waits the chunk is the worker's, as its lease is renewed; when the job is aborted it waits no longer.
 * Cost: two round trips a chunk, of which it waits for one.
 */
import type { ActiveJob, BatchClock, ChunkBeginning } from "@reckon/batch";
import type { ServerStore, Slots } from "../server/server-store.ts";
import type { ChunkJob } from "../wire/wire.ts";

/** So long slots are held without another word. */
const heldMs = 10_000;
const beginWithinMs = 9_000;
const holdAgainMs = 3_000;
/** Where nobody knows when there are some: at first, and at most. */
const lookAgainMs = 10;
const lookAgainMsMax = 250;
const serverAwayMs = 500;

export interface SlotTaker {
  readonly store: Pick<ServerStore, "takeSlots" | "keepSlots">;
  readonly clock: BatchClock;
  /** The server does not answer; it is asked again. */
  readonly onTrouble: (error: unknown) => void;
}

/** What is to be said of a chunk under a rate: to its threads, and when they have done with it. */
export interface SlottedChunk {
  readonly beginning: ChunkBeginning;
  readonly end: () => void;
}

/** `undefined`: the chunk's run has no rate. */
export function slotsOf(
  taker: SlotTaker,
  { id, delivery, signal }: Pick<ActiveJob, "id" | "delivery" | "signal">,
  { run, rate }: Pick<ChunkJob, "run" | "rate">,
  entities: number,
): SlottedChunk | undefined {
  if (rate === undefined || !(rate.jobsMax > 0) || !(rate.perMs > 0)) return undefined;
  const { store, clock, onTrouble } = taker;
  // The conductor makes no chunk that is larger than the rate; one that came from elsewhere must not wait for ever.
  const count = Math.max(1, Math.min(entities, Math.floor(rate.jobsMax)));
  const slots: Slots = { run, name: `${id}-${delivery}`, count };
  // The server counts whole ms.
  const countsMs = rate.perMs + 1;
  const holdMs = countsMs + heldMs;
  let isTaken = false;
  let stopHolding: () => void = () => undefined;

  // One behind the other, as they may go by several connections. What the server does not hear of counts for as long as it is held.
  let said: Promise<void> = Promise.resolve();
  const keep = (liveMs: number): void => {
    said = said.then(() => store.keepSlots(slots, liveMs)).catch(onTrouble);
  };
  const hold = (): void => {
    stopHolding = clock.after(holdAgainMs, () => {
      keep(holdMs);
      hold();
    });
  };
  const letGo = (liveMs: number): void => {
    if (!isTaken) return;
    isTaken = false;
    stopHolding();
    keep(liveMs);
  };

  const enter = async (): Promise<number | undefined> => {
    for (let tries = 0; !signal.aborted; tries += 1) {
      const askedMs = clock.now();
      const waitMs = await store
        .takeSlots({ ...slots, rate: { ...rate, jobsMax: Math.max(rate.jobsMax, count) }, holdMs })
        .catch((error: unknown) => {
          onTrouble(error);
          return serverAwayMs;
        });
      if (waitMs === 0) {
        if (!isTaken) hold();
        isTaken = true;
        const leftMs = beginWithinMs - (clock.now() - askedMs);
        if (!signal.aborted && leftMs > 0) return leftMs;
      } else {
        const lookMs = Math.min(lookAgainMsMax, lookAgainMs * 2 ** Math.min(tries, 10));
        await pause(clock, waitMs ?? lookMs, signal);
      }
    }
    // Nothing has begun.
    letGo(0);
    return undefined;
  };
  const begun = (): void => {
    if (entities === 1) letGo(countsMs);
  };
  return { beginning: { enter, begun }, end: () => letGo(countsMs) };
}

/** So long, or until the job is aborted. */
function pause(clock: BatchClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = clock.after(ms, end);
    function end(): void {
      stop();
      signal.removeEventListener("abort", end);
      resolve();
    }
    signal.addEventListener("abort", end);
  });
}
