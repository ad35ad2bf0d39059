/**
 * The kernel of a unit whose work another unit does: it takes the other's cells.
 *
 *   1. Where the source holds no marks in the box its numbers are copied in one move a member.
 *   2. A cell that is an error is computed by the unit's own formula instead, so that an error that begins in it says
 *      so; everything else is copied as it is.
 *
 * Errors aside, both formulas read the same cells, so the cells are the same bits. Where the formula reads its own
 * earlier periods, cells are written in ascending order, as by its own kernel.
 *
 * Inputs: the columns of the formula's references, then the source's. Cost: about half a nanosecond a cell.
 */
import type { Box, Kernel } from "@reckon/engine";
import { type Column, markFirstError } from "@reckon/value";

export function copyKernel(own: Kernel): Kernel {
  return {
    // Copying is light, whatever the formula is.
    weight: "light",
    isCellwise: true,
    compute: (inputs, out, box) => {
      const source = inputs.at(-1) as Column;
      if (source.marks === null) copyNumbers(source, out, box);
      else copyCells(source, out, box, (cell) => own.compute(inputs.slice(0, -1), out, cell));
    },
  };
}

function copyNumbers(source: Column, out: Column, box: Box): void {
  const { periods } = out.shape;
  const isWhole = box.from === 0 && box.to === periods;
  if (isWhole) copyRun(source, out, box.outerFrom * periods, box.outerTo * periods);
  else
    for (let member = box.outerFrom; member < box.outerTo; member++)
      copyRun(source, out, member * periods + box.from, member * periods + box.to);
}

function copyRun(source: Column, out: Column, from: number, to: number): void {
  out.numbers.set(source.numbers.subarray(from, to), from);
  if (out.marks !== null) out.marks.fill(0, from, to);
}

function copyCells(source: Column, out: Column, box: Box, compute: (errors: Box) => unknown): void {
  const { periods } = out.shape;
  const marks = source.marks as Int32Array;
  for (let member = box.outerFrom; member < box.outerTo; member++) {
    const start = member * periods;
    for (let period = box.from; period < box.to; period++) {
      if ((marks[start + period] as number) < markFirstError) {
        out.copyCell(start + period, source, start + period);
        continue;
      }
      const from = period;
      while (period + 1 < box.to && (marks[start + period + 1] as number) >= markFirstError) period++;
      compute({ outerFrom: member, outerTo: member + 1, from, to: period + 1 });
    }
  }
}
