/**
 * What the engine is told about a node: its shape, its precedents and its kernel.
 *
 * A node is one attribute over its block's axes: `outer` members × `periods`. The engine knows nothing of names,
 * axes or formulas; how dirt travels along an edge is given as data.
 */
import type { Column, Shape } from "@reckon/value";

declare const nodeIdBrand: unique symbol;
/** Index of a node in the flat tables; dense, reused after removal. */
export type NodeId = number & { readonly [nodeIdBrand]: true };

/** Outer members `outerFrom` ≤ m < `outerTo`, periods `from` ≤ t < `to`. */
export interface Box {
  readonly outerFrom: number;
  readonly outerTo: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Which periods of the precedent the dependent's period t reads.
 * - `window`: t + from … t + to, both included: the current one is 0..0, a lag of one is −1..−1.
 * - `range`: fixed positions from ≤ p < to, whatever t.
 * - `all`: every period (also where the precedent has no time axis, or the dependent has none).
 * - `span`: positions from ≤ p < to whose bounds move with t: `scale × t + offset`, both whole numbers. A running sum
 *   reads from 0 × t + 0 to 1 × t + 1; a sum of the first 100·t periods reads from 0 to 100 × t.
 * - `gather`: period t reads positions[first[t]] … positions[first[t + 1] − 1]; `first` has one entry more than the
 *   dependent has periods. Both arrays are kept, and must not be written any more.
 */
export type TimeReach =
  | { readonly kind: "window"; readonly from: number; readonly to: number }
  | { readonly kind: "range"; readonly from: number; readonly to: number }
  | { readonly kind: "all" }
  | { readonly kind: "span"; readonly from: AffineBound; readonly to: AffineBound }
  | { readonly kind: "gather"; readonly first: Int32Array; readonly positions: Int32Array };

/** `scale × t + offset` for period t. */
export interface AffineBound {
  readonly scale: number;
  readonly offset: number;
}

/**
 * Which outer members of the dependent read a given outer member of the precedent.
 * - `same`: member m reads member m (equal outer axes).
 * - `all`: any member may read any.
 * - `map`: a function from precedent members [from, to) to the covering dependent members [from, to).
 */
export type OuterReach =
  | { readonly kind: "same" }
  | { readonly kind: "all" }
  | { readonly kind: "map"; readonly dependents: (from: number, to: number) => readonly [number, number] };

export interface Precedent {
  readonly node: NodeId;
  readonly time: TimeReach;
  readonly outer: OuterReach;
  /**
   * Visits exactly the cells of the precedent that the dependent's cell may read; absent: all that the reaches name. Asked
   * only where a cycle has to be looked at cell by cell. Dirt travels by the reaches.
   */
  readonly eachRead?: (outer: number, period: number, visit: (outer: number, period: number) => void) => void;
}

/** How another thread makes a kernel that computes the same bits. */
export interface RemoteWork {
  /** Absolute `file:` address of a module whose `kernelOf(payload)` gives the kernel, or a promise of it. */
  readonly program: string;
  /** Equal keys of one program have equal payloads: a thread makes the kernel once, and need not be sent the payload again. */
  readonly key: string;
  /** Anything that structured cloning takes. Asked for when it is sent. */
  readonly payload: unknown;
}

/**
 * A promise of a kernel that can be taken back. `cancel` is called once nobody waits for it any more: what has not begun
 * need not begin, and the promise is kept all the same.
 */
export interface LaterWork extends Promise<void> {
  readonly cancel?: () => void;
  /** What the work took in ms, wherever it was done; asked once the promise is kept. */
  readonly spentMs?: () => number;
}

/**
 * The work of a formula. `compute` fills the cells of `box` in `out` from `inputs` (one column per precedent, in
 * order; where the node reads itself that column is `out`), periods in ascending order within each outer member.
 * It never throws for data: errors are values. A promise means that the result comes later (the node is pending); it may
 * be a `LaterWork`.
 * It must depend on nothing but its inputs.
 */
export interface Kernel {
  readonly compute: (inputs: readonly Column[], out: Column, box: Box) => void | Promise<void>;
  /** Sends the kernel to the executor; without it the engine measures and decides. */
  readonly weight?: "heavy" | "light";
  /**
   * Never gives a promise, and works nothing out once a call that is worth a loop over all cells: a large box may be
   * given in parts at no extra cost.
   */
  readonly isCellwise?: boolean;
  /**
   * Makes steps: a condition, a rounding, a look-up … by which a small change of an input may move the result by a jump.
   * Loops with such a member start cold.
   */
  readonly isDiscrete?: boolean;
  /** Identity of the work for merging and caching; equal versions compute equal bits. */
  readonly version?: string | undefined;
  /** How the same work is done outside this thread; absent: it is not. */
  readonly remote?: RemoteWork | undefined;
  /** What `EngineOptions.loops.fuse` needs to join it with others; the engine does not look inside. */
  readonly part?: unknown;
}

/**
 * A formula over columns.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const shape = { outer: 1, periods: 3 };
 * const a = engine.addInput({ name: "a", shape, column: columnFrom(shape, [1, 2, 3]) });
 * const doubled = engine.addFormula({
 *   name: "doubled",
 *   shape,
 *   precedents: [{ node: a, time: { kind: "window", from: 0, to: 0 }, outer: { kind: "same" } }],
 *   kernel: {
 *     compute([read], out, box) {
 *       for (let t = box.from; t < box.to; t++) out.set(t, 2 * (read?.numbers[t] ?? 0));
 *     },
 *   },
 * });
 * engine.read(doubled).get(2); // 6
 * ```
 */
export interface FormulaNode {
  readonly name: string;
  readonly shape: Shape;
  readonly precedents: readonly Precedent[];
  readonly kernel: Kernel;
  /** Recomputed only when read, watched or refreshed explicitly. */
  readonly isManual?: boolean;
  /**
   * A piece of other formulas' work: an error that begins in it stays without an origin, and begins for everybody in
   * the node that reads it.
   */
  readonly isTransparent?: boolean;
  /** The labels of a cell, for the origin of errors that begin in it; absent: the origin has no labels. */
  readonly labelsAt?: (outer: number, period: number) => readonly string[];
  /** Makes the node a stock: the kernel computes what flows into it, and the engine adds it up. */
  readonly stock?: Stock;
  /** Makes the node a delay: the kernel computes what goes into it, which comes out later. */
  readonly delay?: Delay;
}

/**
 * A value that is what it was plus what has flowed into it. The kernel gives the *net flow per period* at (outer, t)
 * from its precedents at t, itself among them where the flow depends on the stock (then that column holds the stock,
 * and is not `out`). The value at t + 1 follows from the value at t by `stepsPerPeriod` steps, in which everything
 * between stocks is computed anew from the stocks of the moment. The value at t is that at the beginning of period t.
 *
 * Stocks with equal `stepsPerPeriod` that read each other, however indirectly, move together.
 */
export interface Stock {
  /** Of the stock's shape; its cells in period 0 are the stock's. */
  readonly initial: NodeId;
  readonly method: "euler" | "rk4";
  /** A whole number from 1 on. */
  readonly stepsPerPeriod: number;
}

/**
 * A value that comes out as it went in, later. The kernel gives the input at (outer, t). It goes in at the beginning of
 * every step, and comes out after `time`; what comes out before that is `initial`.
 */
export interface Delay {
  /** In periods, rounded to steps and at least one; of the delay's shape, its cells in period 0 count. */
  readonly time: NodeId;
  /** Of the delay's shape, its cells in period 0 count. */
  readonly initial: NodeId;
  /** A whole number from 1 on. */
  readonly stepsPerPeriod: number;
}

/** A column of values set from outside. */
export interface InputNode {
  readonly name: string;
  readonly shape: Shape;
  /** Taken over, not copied. */
  readonly column: Column;
}

/**
 * How the next guess of a loop is made from the sweeps so far.
 * - `plain`: the sweep's own result.
 * - `damped`: a part of the way to it.
 * - `aitken`: the secant through the last two sweeps, one unknown at a time.
 * - `anderson`: the combination of the last few sweeps with the smallest residual.
 * - `newton`: a numeric Jacobian of the unknowns; without a matrix where they are many.
 * - `auto`: plain while that is quick, then what the measured ratios ask for.
 */
export type LoopMethod = "auto" | "plain" | "damped" | "aitken" | "anderson" | "newton";

/** How a zero-lag loop is solved: iterate its members, each from its guess, until it stands still. */
export interface LoopDeclaration {
  readonly name: string;
  /** The attributes the loop is cut at, each with the node that gives its first guess (absent: 0). */
  readonly cuts: readonly { readonly node: NodeId; readonly guess?: NodeId }[];
  /** |new − old| ≤ absolute + relative × max(|new|, |old|), for every member. */
  readonly toleranceAbsolute: number;
  readonly toleranceRelative: number;
  readonly iterationsMax: number;
  /** Absent: `auto`. */
  readonly method?: LoopMethod;
  /** The part of a sweep's move that is taken, above 0 and at most 1; for `damped`, and where `auto` damps. */
  readonly damping?: number;
  /** Where a solve starts that had a solution before; absent: as the engine is set (`EngineOptions.loops`). */
  readonly start?: LoopStart;
}

/** `cold`: from the declared guesses. `warm`: from the last solution, if there is one. */
export type LoopStart = "cold" | "warm";

/**
 * How a solve ended. Only `converged` is a solution. `limit`: it was on its way; `oscillating`, `diverging`: it was
 * not; `switching`: it goes round between branches of a condition or steps of a rounding; `error`: an error value.
 */
export type LoopVerdict = "converged" | "limit" | "oscillating" | "diverging" | "switching" | "error";

/** How one loop ended in one period, for one outer member or all of them together. */
export interface LoopRecord {
  readonly loop: string;
  readonly nodes: readonly NodeId[];
  /** −1: solved over all periods at once. */
  readonly period: number;
  /** −1: all outer members were solved together, or there is only one. */
  readonly outer: number;
  /** Where not all cells of the nodes in that period and member are in the loop: those that are. */
  readonly cells?: readonly { readonly node: NodeId; readonly box: Box }[];
  /** Steps of the method; each has a residual. */
  readonly iterations: number;
  /** How often the members were computed, those for a Jacobian and the proof included. */
  readonly sweeps: number;
  /** Largest |new − old| over the unknowns in each iteration, oldest first; of long histories the first and the last 8. */
  readonly residuals: readonly number[];
  /** The last of them. */
  readonly lastDelta: number;
  /** By how much a plain sweep multiplies the distance to the solution, with its sign; absent where too few were made. */
  readonly ratio?: number;
  readonly verdict: LoopVerdict;
  /** The one taken last; never `auto`. */
  readonly method: Exclude<LoopMethod, "auto">;
  readonly start: LoopStart;
  /** The damping that would help a plain iteration … */
  readonly damping?: number;
  /** … and the ratio that it would have. */
  readonly dampedRatio?: number;
  /** Where it could not be solved: by which rule the values were chosen that stand. */
  readonly settledBy?: string;
}
