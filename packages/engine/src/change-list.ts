import type { StateId } from "./events.ts";
import type { Box, NodeId } from "./formula-node.ts";

/**
 * What one recalculation changed in one state, in the order it was found. The list is used again: it is valid during
 * the call that hands it over. Nodes that an overlay reads through stand in its parent's list alone.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const a = engine.input(1);
 * const b = engine.computed([a], (value) => 2 * value);
 * let changed: number[] = [];
 * engine.onChanges((changes) => {
 *   changed = Array.from(changes.nodes.subarray(0, changes.count));
 * });
 * a.set(2);
 * changed; // [0, 1]
 * ```
 */
export interface ChangeList {
  readonly state: StateId;
  readonly revision: number;
  /** How many entries there are. A node that changed several times (loops, awaited results) may have several. */
  readonly count: number;
  /** The node of entry i, for 0 ≤ i < `count`; what stands behind is left over. */
  readonly nodes: Int32Array;
  /** The box around the cells of entry i that changed. Nodes of one cell: that cell. */
  readonly boxAt: (index: number) => Box;
  /** The nodes once each, as ascending ranges `[first, end)` of ids. Cost: sorting the entries. */
  readonly ranges: () => readonly (readonly [first: NodeId, end: NodeId])[];
}

/** Called after a recalculation, before signals: it may read, not edit. What it throws reaches the caller of the edit. */
export type ChangeListener = (changes: ChangeList) => void;
