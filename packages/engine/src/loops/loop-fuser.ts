/**
 * What the engine asks of whoever can make one function of the kernels of a component (`EngineOptions.loops.fuse`): the
 * engine knows no formulas, so kernels carry theirs as an opaque `part`. Indexes instead of nodes. The formula package
 * says the same in its own words (loop-request.ts), since neither imports the other; where both are joined the compiler
 * holds the two alike.
 *
 * The function walks one outer member through its periods and solves the loops on the way, on plain numbers; see
 * fused-run.ts for what the engine does around it.
 */
import type { Shape } from "@reckon/value";
import type { LoopSettings } from "./settings.ts";

/** Nothing where a kernel cannot be joined. */
export type LoopFuser = (request: LoopRequest) => FusedLoop | undefined;

export interface LoopRequest {
  /** The same for all members. */
  readonly shape: Shape;
  /** Periods are walked from the last to the first. */
  readonly isBackward: boolean;
  readonly members: readonly LoopMember[];
  /** In the order of a period. */
  readonly blocks: readonly LoopBlock[];
  /** The largest distance in periods that an edge inside bridges. */
  readonly distanceMax: number;
  /** Members that are stocks: their parts say what flows. The first period is left to the kernels. */
  readonly groups?: readonly LoopGroup[];
}

/** Stocks that move together within a period, as integration/integration.ts has it. */
export interface LoopGroup {
  readonly stocks: readonly number[];
  /** By stock: moves by the stages of Runge and Kutta, otherwise by Euler. */
  readonly isStaged: readonly boolean[];
  /** Members that are computed anew in each step, in this order. */
  readonly between: readonly number[];
  readonly steps: number;
}

export interface LoopMember {
  /** That of its kernel. */
  readonly part: unknown;
  /** Per precedent: the index of a member, or −1 − the index of a column outside. */
  readonly inputs: readonly number[];
  /** The members that it reads, at the periods from `t + from` to `t + to`. */
  readonly edges: readonly { readonly precedent: number; readonly from: number; readonly to: number }[];
}

export interface LoopBlock {
  /** In the order of a sweep. */
  readonly members: readonly number[];
  /** Absent: one member, which does not read itself in the same period. */
  readonly loop?: {
    /** The member whose value a sweep starts from. */
    readonly unknown: number;
    /** Where the first sweep starts; absent: at 0. */
    readonly guess?: LoopGuess;
    readonly toleranceAbsolute: number;
    readonly toleranceRelative: number;
    /** Which entry of `settings` and `warm` is its. */
    readonly index: number;
  };
}

export interface LoopGuess {
  /** The index of a member, or −1 − the index of a column outside. */
  readonly source: number;
  /** Whether it has an outer member for each of the loop's, and a period for each. */
  readonly isOuterWide: boolean;
  readonly isTimeWide: boolean;
}

/** What the function works on. Tables of bits have `words` numbers a period, `padding` periods before and behind. */
export interface LoopTables {
  /** Numbers of the members' columns, then of those outside. */
  columns: readonly Float64Array[];
  /** Per period which members must be computed for reasons outside. */
  readonly dirty: Int32Array;
  /** Which members' cells differ now; of the outer member that is walked. */
  readonly changed: Int32Array;
  /** Which members were computed. */
  readonly done: Int32Array;
  /** Which members have no former values: whatever they become is a change. */
  readonly fresh: Int32Array;
  /** No period at or after it is dirty (before it, where the walk goes backward). */
  dirtyTo: number;
  /** The block that could not be done, where that is how the walk ended. */
  block: number;
  /** Per loop. */
  readonly settings: readonly LoopSettings[];
  /** Per loop where its former solutions are found; `null`: they do not count. */
  warm: readonly (FormerSolutions | null)[];
  /** Told once a loop is solved; not where the solution that it started from stands. */
  record: (loop: number, outer: number, period: number, isWarm: boolean) => void;
}

export interface FormerSolutions {
  /** Whether what stands at a cell is one; then `delta` and `ratio` are its. */
  readonly find: (outer: number, period: number) => boolean;
  delta: number;
  ratio: number;
}

/** The solver of one unknown, as the function drives it. */
interface LoopIteration {
  readonly x: number;
  readonly isProof: boolean;
  /** By what a member's move counts more for `excess`. */
  readonly reach: number;
  readonly verdict: string;
  /** The start was a solution, and is: so does its record. */
  readonly isKept: boolean;
  /** From a former solution with its residual and ratio; else −1 and NaN. */
  readonly begin: (start: number, settings: LoopSettings, deltaBefore: number, ratioBefore: number) => void;
  readonly advance: (result: number, excess: number) => boolean;
}

export interface FusedLoop {
  /** Members that are TRUE or FALSE: in the columns that the function works on stand 1 and 0. */
  readonly booleans: readonly number[];
  /**
   * Walks the periods of an outer member from `from` on, until nothing changes any more or all are through. Gives the
   * period that it cannot do, from `tables.block` on; or −1 − the last period walked, one further where it goes forward.
   */
  readonly run: (tables: LoopTables, iteration: LoopIteration, outer: number, from: number) => number;
  /** Numbers a period in the tables of bits, `bitsAWord` members in each. */
  readonly words: number;
  readonly padding: number;
}

/** Members in one number of the tables of bits. */
export const bitsAWord = 31;
