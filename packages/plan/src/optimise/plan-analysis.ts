/** What the analysis of a plan says, as plain data. */
import type { Rewrite } from "./rewrite.ts";

export interface PlannedUnit {
  /** `block.attribute`; hidden units have a space in their name. */
  readonly name: string;
  readonly kind: "input" | "formula" | "check" | "guess" | "piece";
  readonly level: number;
  readonly cells: number;
  readonly predictedMs: number;
  /** It calls a module, so what was measured stands for the prediction. */
  readonly isUnpredictable?: boolean;
  /** Absent where the engine has not measured it. */
  readonly measuredMs?: number;
  /** Measured where it was, predicted otherwise. */
  readonly ms: number;
  /** Whether it runs as one loop over numbers, as far as can be told; absent for inputs. */
  readonly isFused?: boolean;
  readonly copyOf?: string;
}

export interface PlanLevel {
  readonly level: number;
  readonly units: number;
  readonly ms: number;
}

export interface ThreadsTime {
  readonly threads: number;
  /** Best possible: nothing but the work and what waits for what. */
  readonly idealMs: number;
  readonly idealSpeedUp: number;
  /** With what it costs to hand a task to a thread. Formulas do not run on threads yet. */
  readonly predictedMs: number;
}

export interface PlanAnalysis {
  readonly units: readonly PlannedUnit[];
  readonly references: number;
  readonly cells: number;
  readonly levels: readonly PlanLevel[];
  readonly criticalPath: { readonly steps: readonly PlannedUnit[]; readonly ms: number };
  /** All work, one after another. */
  readonly workMs: number;
  /** The part of it that was measured rather than predicted. */
  readonly measuredShare: number;
  /** Work over critical path: no number of threads gives more. */
  readonly speedUpMax: number;
  readonly threads: readonly ThreadsTime[];
  readonly memory: { readonly columnBytes: number; readonly tableBytes: number };
  readonly prediction: {
    readonly sequentialMs: number;
    /** What making code takes besides, the first time. */
    readonly codeMs: number;
    readonly isCalibrated: boolean;
    /** What was measured, and what had been predicted for the same units, over it; 1 is right. Without calls of modules. */
    readonly measuredMs?: number;
    readonly ratio?: number;
  };
  readonly rewrites: readonly Rewrite[];
  readonly recommendations: readonly Recommendation[];
}

export interface Recommendation {
  readonly kind: "sequential" | "threads" | "heavy" | "quadratic" | "cells" | "manual" | "axes" | "dominant";
  /** The attribute it is about, where it is about one. */
  readonly attribute?: string;
  readonly text: string;
  /** What it would save each time everything is computed. */
  readonly gainMs?: number;
  readonly gainBytes?: number;
}
