import type { Box } from "@reckon/engine";

/** The box of a node with one cell. */
export const wholeCell: Box = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
