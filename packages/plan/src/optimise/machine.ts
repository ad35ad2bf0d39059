/** What a calibration says of a machine, and what it says of the one that the estimates were made on. */
import { nodeNs } from "./work-estimate.ts";

export interface Calibration {
  /** Measured over estimated. */
  readonly fused: number;
  readonly ranges: number;
  readonly cells: number;
  readonly interpreted: number;
  readonly interpretedRanges: number;
  /** Nanoseconds each. */
  readonly nodeNs: number;
  readonly columnNs: number;
  readonly singleNs: number;
  readonly loneNs: number;
  readonly stepNs: number;
  readonly sweepNs: number;
  /** Making the code of a formula. */
  readonly codeNs: number;
}

/** The machine that the estimates were made on. */
export const uncalibrated: Calibration = {
  fused: 1,
  ranges: 1,
  cells: 1,
  interpreted: 1,
  interpretedRanges: 1,
  nodeNs,
  columnNs: 4 * nodeNs,
  singleNs: 150,
  loneNs: 5_000,
  stepNs: 400,
  sweepNs: 500,
  codeNs: 150_000,
};
