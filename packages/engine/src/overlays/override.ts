import type { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";

/** Computes the cells of `box` in `out` from the column of the parent state. */
type Relation = (inherited: Column, out: Column, box: Box) => void;

/** The parts of an input that an overlay overrides, in the order they were written: later parts win. */
export interface Override {
  readonly parts: OverridePart[];
}

export type OverridePart =
  | { readonly kind: "cells"; readonly box: Box; readonly cells: Column }
  | { readonly kind: "relation"; readonly box: Box; readonly relation: Relation };

/** Cells of a formula that an overlay holds fixed, in the order they were written. */
export interface Pin {
  readonly parts: { readonly box: Box; readonly cells: Column }[];
}

/** Writes `cells` (laid out like `box`) into `column`. */
export function copyBox(column: Column, box: Box, cells: Column): void {
  const { periods } = column.shape;
  let from = 0;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    for (let period = box.from; period < box.to; period++) {
      column.copyCell(member * periods + period, cells, from++);
    }
  }
}

/** Writes the parts of `cells` that lie in `box` of the node, and nothing else. */
export function copyOverlap(
  column: Column,
  box: Box,
  part: { readonly box: Box; readonly cells: Column },
): void {
  const { periods } = column.shape;
  const width = part.box.to - part.box.from;
  const outerTo = Math.min(box.outerTo, part.box.outerTo);
  const to = Math.min(box.to, part.box.to);
  for (let member = Math.max(box.outerFrom, part.box.outerFrom); member < outerTo; member++) {
    for (let period = Math.max(box.from, part.box.from); period < to; period++) {
      const from = (member - part.box.outerFrom) * width + (period - part.box.from);
      column.copyCell(member * periods + period, part.cells, from);
    }
  }
}
