/** One line of JSON a figure, for machines: the shape is part of the interface of `npm run bench -- --json`. */

import { quantileOf } from "../timing.ts";
import { ratiosOf } from "./ratios.ts";
import { labelOf, type Result } from "./result.ts";

export interface JsonLine {
  readonly workload: string;
  readonly size: number;
  readonly engine: string;
  readonly ms: number;
  /** Null where the workload does not measure it. */
  readonly heapMb: number | null;
  /** The best peer's time divided by this one. */
  readonly ratioToBestPeer?: number;
  /** This time divided by the floor's. */
  readonly ratioToFloor?: number;
  /** The other way's time (of one thread, mostly) divided by this one, pair by pair: tenth percentile, median, ninetieth. */
  readonly ratioWithin?: readonly [number, number, number];
}

export function jsonLinesOf(results: readonly Result[]): JsonLine[] {
  return results.flatMap((result) => {
    if (result.kind !== "figure") return [];
    const { toBestPeer, toFloor } = ratiosOf(result, results);
    const { ratios } = result;
    const line: JsonLine = {
      workload: labelOf(result),
      size: result.size,
      engine: result.engine,
      ms: result.ms,
      heapMb: result.heapMb ?? null,
      ...(toBestPeer === undefined ? {} : { ratioToBestPeer: toBestPeer }),
      ...(toFloor === undefined ? {} : { ratioToFloor: toFloor }),
      ...(ratios === undefined ? {} : { ratioWithin: threeOf(ratios) }),
    };
    return [line];
  });
}

function threeOf(ratios: readonly number[]): [number, number, number] {
  return [quantileOf(ratios, 0.1), quantileOf(ratios, 0.5), quantileOf(ratios, 0.9)];
}
