/**
 * What a component of formulas that read each other looks like to the fuser of loops (loop-code.ts), and what it gives
 * back. Indexes instead of names; formulas as the opaque `part` that their kernels carry.
 */
import type { Shape } from "@reckon/value";

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
  /** Members that are stocks: their formulas say what flows. The first period is left to the kernels. */
  readonly groups?: readonly LoopGroup[];
}

/** Stocks that move together within a period (see the engine's integration). */
export interface LoopGroup {
  readonly stocks: readonly number[];
  /** By stock: moves by the stages of Runge and Kutta, otherwise by Euler. */
  readonly isStaged: readonly boolean[];
  /** Members that are computed anew in each step, in this order. */
  readonly between: readonly number[];
  readonly steps: number;
}

export interface LoopMember {
  /** What `loopPartOf` gave for its formula. */
  readonly part: unknown;
  /** Per slot: the index of a member, or −1 − the index of a column outside. */
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

/** What the function works on; `Settings` is the solver's. Tables of bits have `words` numbers a period, `padding` periods before and behind. */
export interface LoopTables<Settings> {
  /** Numbers of the members' columns, then of those outside. */
  readonly columns: readonly Float64Array[];
  /** Per period which members must be computed for reasons outside. */
  readonly dirty: Int32Array;
  /** Which members' cells differ now; of the outer member that is walked. */
  readonly changed: Int32Array;
  /** Which members were computed. */
  readonly done: Int32Array;
  /** Which members have no former values: whatever they become is a change. */
  readonly fresh: Int32Array;
  /** No period at or after it is dirty (before it, where the walk goes backward). */
  readonly dirtyTo: number;
  /** The block that could not be done, where that is how the walk ended. */
  block: number;
  /** Per loop. */
  readonly settings: readonly Settings[];
  /** Per loop where its former solutions are found; `null`: they do not count. */
  readonly warm: readonly (FormerSolutions | null)[];
  /** Told once a loop is solved; not where the solution that it started from stands. */
  readonly record: (loop: number, outer: number, period: number, isWarm: boolean) => void;
}

interface FormerSolutions {
  /** Whether what stands at a cell is one; then `delta` and `ratio` are its. */
  readonly find: (outer: number, period: number) => boolean;
  readonly delta: number;
  readonly ratio: number;
}

/** The solver of one unknown, as generated code drives it. */
export interface LoopIteration<Settings> {
  /** Where to sweep; after the end the value of the unknown. */
  readonly x: number;
  /** Whether `excess` will be looked at. */
  readonly isProof: boolean;
  /** By what a member's move counts more for `excess`. */
  readonly reach: number;
  readonly verdict: string;
  /** The start was a solution, and is: so does its record. */
  readonly isKept: boolean;
  /** From a former solution with its residual and ratio; else −1 and NaN. */
  readonly begin: (start: number, settings: Settings, deltaBefore: number, ratioBefore: number) => void;
  /**
   * Takes what the sweep at `x` made of the unknown, and by how much the member that moved most since the sweep before
   * went beyond the tolerance. False: it is over, and the other members stay as this sweep left them.
   */
  readonly advance: (result: number, excess: number) => boolean;
}

/**
 * Walks the periods of outer member `outer` from `from` on, until nothing changes any more or all are through. Gives the
 * period that it cannot do, from `tables.block` on, or `walkedTo` as a negative number: −1 − the period after the last walked.
 */
export type LoopFunction = <Settings>(
  tables: LoopTables<Settings>,
  iteration: LoopIteration<Settings>,
  outer: number,
  from: number,
) => number;

export interface FusedLoop {
  /** Members that are TRUE or FALSE: in their columns stand 1 and 0. */
  readonly booleans: readonly number[];
  readonly run: LoopFunction;
  /** Numbers a period in the tables of bits, `bitsAWord` members in each. */
  readonly words: number;
  readonly padding: number;
}

/** Members in one number of the tables of bits. */
export const bitsAWord = 31;
