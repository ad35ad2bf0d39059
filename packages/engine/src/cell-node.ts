/**
 * Cells: scalar formulas alike but for what they read and a few numbers, so that one function serves all of them.
 *
 * A cell has no object of its own: the engine keeps its family's number, the ids that it reads and its constants in
 * flat tables. To everything else it is a node of one cell (1 × 1) like any other.
 */
import type { Scalar } from "@reckon/value";
import type { NodeId } from "./formula-node.ts";

/**
 * What the cells of one family have in common. Cells share a family only if they are given the same object.
 *
 * @example
 * ```ts
 * const product: CellFamily = {
 *   name: "#0*#1",
 *   arity: 2,
 *   constantCount: 0,
 *   plain: (numbers, pool, at) => numbers[pool[at]] * numbers[pool[at + 1]],
 *   general: ([a, b]) => (typeof a === "number" && typeof b === "number" ? a * b : null),
 * };
 * ```
 */
export interface CellFamily {
  /** For events and profiles, e.g. `#0*#1+#2`. */
  readonly name: string;
  /** How many precedents each cell has: 0 … 255. */
  readonly arity: number;
  /** How many numbers differ from cell to cell. */
  readonly constantCount: number;
  /**
   * The value where all arguments are finite numbers: argument i is `numbers[pool[at + i]]`, constant i is
   * `constants[constantAt + i]`. A result that is not finite is worked out again by `general`. Absent: always `general`.
   * It is read from the object each time, so a family may put a better one in its place.
   */
  readonly plain?: (
    numbers: Float64Array,
    pool: Int32Array,
    at: number,
    constants: Float64Array,
    constantAt: number,
  ) => number;
  /** The value whatever the arguments are, errors too. It never throws for data, and agrees with `plain` to the bit. */
  readonly general: (values: readonly Scalar[], constants: Float64Array, constantAt: number) => Scalar;
  /** As `Kernel.version`. */
  readonly version?: string;
  /** As `Kernel.isDiscrete`. */
  readonly isDiscrete?: boolean;
}

/** One cell. What it reads are nodes of one cell each, of any kind. */
export interface CellNode {
  readonly name: string;
  readonly family: CellFamily;
  readonly precedents: readonly NodeId[];
  /** As many as the family wants; absent: none. */
  readonly constants?: readonly number[];
  /** Recomputed only when read, watched or refreshed explicitly. */
  readonly isManual?: boolean;
  /** The labels of the cell, for the origin of errors that begin in it; absent: the origin has no labels. */
  readonly labelsAt?: (outer: number, period: number) => readonly string[];
}

/**
 * Many cells of one family at once. Inside a transaction `precedents` may name nodes that the same transaction adds
 * later: ids given out inside one go up by one from the first.
 */
export interface CellTable {
  readonly family: CellFamily;
  readonly count: number;
  /** `count × arity` ids, cell by cell; copied. */
  readonly precedents: ArrayLike<number>;
  /** `count × constantCount` numbers, cell by cell; copied. */
  readonly constants?: Float64Array;
  /** The name of cell i; asked when a name is needed. */
  readonly nameAt?: (index: number) => string;
}

/** Many inputs of one number each. */
export interface CellInputTable {
  /** Their values; copied. A number that is not finite is the error `#NUM!`. */
  readonly values: Float64Array;
  /** The name of input i; asked when a name is needed. */
  readonly nameAt?: (index: number) => string;
}
