import type { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";

/** What one column formula computes into a draft: its dirty boxes. */
export interface ColumnWork {
  readonly boxes: readonly Box[];
  readonly out: Column;
}
