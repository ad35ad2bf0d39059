/** What a run gives: figures, sizes that failed, and workloads that an engine does not do. */
import type { Form, Role } from "../engine.ts";

export interface FigureResult {
  readonly kind: "figure";
  readonly workload: string;
  /** Empty where the workload has one measure. */
  readonly measure: string;
  readonly engine: string;
  readonly role: Role;
  readonly form: Form;
  readonly size: number;
  readonly ms: number;
  readonly heapMb?: number;
  /** (largest − smallest) / median: of the processes, or of the samples where there was one process. */
  readonly spread: number;
  readonly runs: number;
  /** How many times faster than the other way, pair by pair. */
  readonly ratios?: readonly number[];
}

export type Result =
  | FigureResult
  | {
      readonly kind: "failure";
      readonly workload: string;
      readonly engine: string;
      readonly size: number;
      readonly reason: string;
    }
  | { readonly kind: "refusal"; readonly workload: string; readonly engine: string; readonly reason: string };

/** `W5.p50`, or `W2` where there is one measure. */
export function labelOf({
  workload,
  measure,
}: {
  readonly workload: string;
  readonly measure: string;
}): string {
  return measure === "" ? workload : `${workload}.${measure}`;
}
