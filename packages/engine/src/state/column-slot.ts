/**
 * What a state holds for one wide node (more than one cell): its column, whose it is, and its dirty boxes.
 *
 *   owned    only the engine knows the column: it is written in place, in the dirty boxes alone
 *   shared   somebody else may hold it (it was read, sent to an executor, given by a caller, or is the value of
 *            another state as well): it is never written again; the next edit puts a copy in its place, once
 *
 * Whoever hands a column out sets `isShared` before.
 */
import type { Column } from "@reckon/value";
import type { BoxSet } from "./box-set.ts";

export class ColumnSlot {
  /** `null` before the first value. */
  column: Column | null = null;
  isShared = false;
  /** Dirty cells, unless the node is dirty as a whole; made when first needed. */
  dirty: BoxSet | null = null;
}
