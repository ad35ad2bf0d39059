/**
 * Range nodes: scalar nodes that sum, count or average consecutive cells of one row of another node.
 *
 * They have no object of their own, and an edit of a cell finds those that read it without looking at the others. To
 * everything else they are nodes of one cell (1 × 1) like any other.
 */
import type { NodeId } from "./formula-node.ts";

/**
 * What is made of the cells. Of all three only numbers count; an error among the cells is the sum and the average, and is
 * skipped by the count. The average of no numbers is `#DIV/0!`.
 */
export type RangeAggregate = "sum" | "count" | "average";

/** One range node. */
export interface RangeNode {
  readonly name: string;
  /** Whose cells are read. */
  readonly of: NodeId;
  /** The outer member; 0 where it is left out. */
  readonly row?: number;
  /** Positions `from` ≤ p < `to` along the row. */
  readonly from: number;
  readonly to: number;
  readonly aggregate: RangeAggregate;
  /** Recomputed only when read, watched or refreshed explicitly. */
  readonly isManual?: boolean;
  /** The labels of the cell, for the origin of errors that begin in it; absent: the origin has no labels. */
  readonly labelsAt?: (outer: number, period: number) => readonly string[];
}

/** Many range nodes over one node at once. */
export interface RangeTable {
  readonly of: NodeId;
  /** The outer member of all of them, or of each; 0 where it is left out. */
  readonly row?: number | Int32Array;
  /** Positions `from[i]` ≤ p < `to[i]` along the row; copied. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly aggregate: RangeAggregate;
  /** The name of range node i; asked when a name is needed. */
  readonly nameAt?: (index: number) => string;
}
