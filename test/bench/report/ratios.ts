/**
 * Ratios, always between figures of the same run, workload, measure and size.
 *
 * To the best peer: its time divided by the engine's, so more than 1 is faster than every peer. To the floor: the
 * engine's time divided by the floor's of its form, so 1 would be the floor itself. A best peer that could not do the
 * size gives no ratio. Where memory is what a workload is about, megabytes take the place of milliseconds; what is left of
 * a closed model is compiled code, and not compared.
 */
import type { FigureResult, Result } from "./result.ts";

export interface Ratios {
  readonly bestPeer?: string;
  readonly toBestPeer?: number;
  readonly toFloor?: number;
  /** The best peer's memory divided by the engine's. */
  readonly memoryToBestPeer?: number;
}

export function ratiosOf(figure: FigureResult, results: readonly Result[]): Ratios {
  if (figure.workload === memoryWorkload && figure.measure === closedMeasure) return {};
  const others = results.filter(
    (other): other is FigureResult =>
      other.kind === "figure" &&
      other.workload === figure.workload &&
      other.measure === figure.measure &&
      other.size === figure.size &&
      other.engine !== figure.engine,
  );
  const own = costOf(figure);
  const peer = cheapest(others.filter(({ role }) => role === "peer"));
  const floors = others.filter(({ role }) => role === "floor");
  const floor = floors.find(({ form }) => form === figure.form) ?? floors[0];
  return {
    ...(peer === undefined ? {} : { bestPeer: peer.engine, toBestPeer: costOf(peer) / own }),
    ...(peer?.heapMb === undefined || figure.heapMb === undefined || figure.heapMb <= 0
      ? {}
      : { memoryToBestPeer: peer.heapMb / figure.heapMb }),
    ...(floor === undefined || figure.role === "floor" ? {} : { toFloor: own / costOf(floor) }),
  };
}

const memoryWorkload = "memory";
const closedMeasure = "closed";

function costOf({ workload, ms, heapMb }: FigureResult): number {
  return workload === memoryWorkload ? (heapMb ?? ms) : ms;
}

function cheapest(figures: readonly FigureResult[]): FigureResult | undefined {
  return figures.reduce<FigureResult | undefined>(
    (best, figure) => (best === undefined || costOf(figure) < costOf(best) ? figure : best),
    undefined,
  );
}
