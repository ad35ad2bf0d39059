/** Names of runs: `20261121T143000-4f2a91`, the second it began in (UTC) and 24 bits of chance; they sort by time. */
import type { BatchClock, RandomSource } from "../batch-clock.ts";
import type { RunId } from "../entity.ts";

/**
 * A name for a run that begins now.
 *
 * @example
 * ```ts
 * newRunId({ date: () => Date.UTC(2026, 10, 21, 14, 30) }, seededRandom(1)); // "20261121T143000-a087ea"
 * ```
 */
export function newRunId(clock: Pick<BatchClock, "date">, random: RandomSource): RunId {
  const second = new Date(clock.date()).toISOString().slice(0, 19).replaceAll(/[-:]/g, "");
  const chance = Math.floor(random() * 0x1000000);
  return `${second}-${chance.toString(16).padStart(6, "0")}` as RunId;
}
