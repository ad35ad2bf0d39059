/**
 * Closing what is connected to a server that may be away: good-byes wait for an answer, and would wait for ever. After a while
 * the connection is dropped without one; nothing waits for that either.
 */
import type { BatchClock } from "@reckon/batch";

/** For saying good-bye. */
export const closingMsMax: number = 2_000;

export interface Closable {
  readonly close: () => Promise<unknown>;
  readonly drop: () => Promise<unknown>;
}

/** Never rejects: what cannot be closed is given up. */
export async function closeWithin(clock: BatchClock, ms: number, { close, drop }: Closable): Promise<void> {
  const isClosed = await within(clock, ms, close());
  if (!isClosed) drop().catch(() => undefined);
}

/** Whether it settled in that time. */
export async function within(clock: BatchClock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const stopTimer = clock.after(ms, () => late.resolve(false));
  const settled = work.then(
    () => true,
    () => true,
  );
  const isSettled = await Promise.race([settled, late.promise]);
  stopTimer();
  return isSettled;
}
