/**
 * The goals, and whether they are met. A goal is for the full size. Times in ms, memory in MB; `peer` is how many
 * times faster than the best peer, `floor` how many times the floor's time.
 */
import { medianOf } from "../timing.ts";
import { type Ratios, ratiosOf } from "./ratios.ts";
import { type FigureResult, labelOf, type Result } from "./result.ts";

export interface Goal {
  readonly label: string;
  readonly engine: string;
  readonly ms?: number;
  readonly heapMb?: number;
  readonly peer?: number;
  readonly floor?: number;
  readonly memoryToPeer?: number;
  /** How many times faster than what its workload compares with in one process, at the median. */
  readonly against?: number;
}

export const goals: readonly Goal[] = [
  { label: "W1-text", engine: "reckon", ms: 1000, heapMb: 120, peer: 10, memoryToPeer: 6.5, floor: 2 },
  { label: "W1", engine: "reckon", ms: 100, heapMb: 64, peer: 9, floor: 6 },
  { label: "W1", engine: "reckon-family", heapMb: 40 },
  { label: "W2", engine: "reckon", ms: 35, peer: 2.7, floor: 2 },
  { label: "W2", engine: "reckon-family", ms: 4, peer: 24, floor: 5 },
  { label: "W3", engine: "reckon", ms: 25, peer: 1.3, floor: 2 },
  { label: "W3", engine: "reckon-family", ms: 5, peer: 6, floor: 3 },
  { label: "W4", engine: "reckon", ms: 100, peer: 3.5, floor: 1.8 },
  { label: "W4", engine: "reckon-family", ms: 12, peer: 29, floor: 4 },
  { label: "W5.p50", engine: "reckon", ms: 0.0015, peer: 2, floor: 2.6 },
  { label: "W5.p99", engine: "reckon", ms: 0.004 },
  { label: "W5.max", engine: "reckon", ms: 1 },
  { label: "W6", engine: "reckon", ms: 0.001, peer: 4 },
  { label: "W7.first", engine: "reckon-family", ms: 0.05, peer: 89_000, floor: 4 },
  { label: "W7.last", engine: "reckon-family", ms: 0.004, peer: 1900, floor: 4 },
  { label: "W7b", engine: "reckon-family", ms: 1, peer: 590, floor: 6 },
  ...["10us", "100us", "1ms", "10ms"].map((measure) => ({
    label: `heavy.${measure}`,
    engine: "reckon-threads",
    against: 1.85,
  })),
  { label: "sweep.least", engine: "reckon-threads", against: 0.95 },
  { label: "dispatch.p50", engine: "reckon-threads", ms: 0.025 },
  { label: "kept.second", engine: "reckon-threads", against: 50 },
  { label: "light.open", engine: "reckon-threads", against: 0.97 },
  { label: "light.edit", engine: "reckon-threads", against: 0.97 },
  { label: "batch-light", engine: "reckon-threads", ms: 2000 },
  { label: "batch-heavy", engine: "reckon-threads", against: 1.85 },
  { label: "batch-queue.each", engine: "reckon-threads", ms: 0.3 },
  { label: "W8.cold", engine: "reckon-family", ms: 0.5, floor: 8 },
  { label: "W8.edit", engine: "reckon-family", ms: 0.01 },
  { label: "debt.cold", engine: "reckon-family", ms: 5 },
  { label: "debt.edit", engine: "reckon-family", ms: 0.05 },
];

export interface Judged {
  readonly goal: Goal;
  readonly figure: FigureResult;
  readonly ratios: Ratios;
  /** What the goal asks for and what was missed of it, in words; empty when all is reached. */
  readonly missed: readonly string[];
}

export function judge(goal: Goal, results: readonly Result[]): Judged | undefined {
  const figure = results.find(
    (result): result is FigureResult =>
      result.kind === "figure" && labelOf(result) === goal.label && result.engine === goal.engine,
  );
  if (figure === undefined) return undefined;
  const ratios = ratiosOf(figure, results);
  const missed = [
    goal.ms !== undefined && figure.ms > goal.ms ? "time" : "",
    goal.heapMb !== undefined && (figure.heapMb ?? 0) > goal.heapMb ? "memory" : "",
    goal.peer !== undefined && (ratios.toBestPeer ?? Number.POSITIVE_INFINITY) < goal.peer ? "peer" : "",
    goal.memoryToPeer !== undefined &&
    (ratios.memoryToBestPeer ?? Number.POSITIVE_INFINITY) < goal.memoryToPeer
      ? "memory of the peer"
      : "",
    goal.against !== undefined && medianOf(figure.ratios ?? []) < goal.against ? "ratio" : "",
    goal.floor !== undefined && (ratios.toFloor ?? 0) > goal.floor ? "floor" : "",
  ];
  return { goal, figure, ratios, missed: missed.filter((word) => word !== "") };
}
