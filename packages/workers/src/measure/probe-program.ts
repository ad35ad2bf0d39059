/** The program with which sending is measured: its kernel copies its input, or does nothing. */
import type { Box, Kernel } from "@reckon/engine";
import type { Column } from "@reckon/value";

export function kernelOf(): Kernel {
  return {
    compute([read]: readonly Column[], out: Column, box: Box): void {
      const { periods } = out.shape;
      for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
        for (let cell = outer * periods + box.from; cell < outer * periods + box.to; cell++) {
          out.numbers[cell] = read?.numbers[cell] ?? 0;
        }
      }
    },
  };
}
