/**
 * Two ways of the same work, in turns in one process: each pair of samples gives a ratio, so that a slow minute of the
 * machine meets both. Warm by the rule of all others (warm-up.ts), each way for itself.
 */
import type { Sampling } from "../timing.ts";
import { WarmUp } from "../warm-up.ts";

export type Way = (i: number) => Promise<unknown>;

export interface Paired {
  readonly ms: number[];
  /** Of each pair the time of the other way divided by this one's: above 1 this one is faster. */
  readonly ratios: number[];
}

/** Calls so short that a sample holds many. */
const sampleMs = 1;
const pairsMin = 5;

export async function paired(sampling: Sampling, way: Way, other: Way): Promise<Paired> {
  const { edits, batchMs, samplesMsMax } = sampling;
  const warmth = [await warm(sampling, way), await warm(sampling, other)] as const;
  const calls = Math.max(1, Math.ceil(sampleMs / Math.max(1e-4, warmth[0].ms, warmth[1].ms)));
  let next = Math.max(warmth[0].calls, warmth[1].calls);
  const result: Paired = { ms: [], ratios: [] };
  const begin = performance.now();
  for (let together = 0; result.ms.length < edits || together < batchMs; next += calls) {
    // Each goes first as often as the other.
    const isFirst = result.ms.length % 2 === 0;
    const before = isFirst ? 0 : await timed(next, calls, other);
    const own = await timed(next, calls, way);
    const others = isFirst ? await timed(next, calls, other) : before;
    result.ms.push(own / calls);
    result.ratios.push(others / own);
    together += own;
    if (result.ms.length >= Math.min(edits, pairsMin) && performance.now() - begin > samplesMsMax) break;
  }
  return result;
}

async function warm(sampling: Sampling, way: Way): Promise<WarmUp> {
  const begin = performance.now();
  const warming = new WarmUp(sampling);
  while (!warming.isOver) {
    const ms = await timed(warming.calls, warming.wanted, way);
    warming.note(ms, performance.now() - begin);
  }
  return warming;
}

async function timed(first: number, calls: number, way: Way): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < calls; i++) await way(first + i);
  return performance.now() - start;
}
