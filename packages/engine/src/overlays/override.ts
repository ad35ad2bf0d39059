/** What overlays write over the cells of their parent as data, and copying cells by boxes. */
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
  if (column.marks === null && cells.marks === null) {
    const width = box.to - box.from;
    for (let member = box.outerFrom; member < box.outerTo; member++, from += width) {
      const start = member * periods + box.from;
      for (let i = 0; i < width; i++) column.numbers[start + i] = cells.numbers[from + i] as number;
    }
    return;
  }
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
  const isPlain = column.marks === null && part.cells.marks === null;
  for (let member = Math.max(box.outerFrom, part.box.outerFrom); member < outerTo; member++) {
    for (let period = Math.max(box.from, part.box.from); period < to; period++) {
      const from = (member - part.box.outerFrom) * width + (period - part.box.from);
      if (isPlain) {
        column.numbers[member * periods + period] = part.cells.numbers[from] as number;
        continue;
      }
      column.copyCell(member * periods + period, part.cells, from);
    }
  }
}
