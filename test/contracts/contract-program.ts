/** The kernels of the executor contract, for whatever thread computes them. */
import type { Box, Kernel, RemoteWork } from "@reckon/engine";
import { type Column, errorValue } from "@reckon/value";

export type ContractKernel = "thirds" | "copies" | "adds" | "marks" | "throws" | "rejects" | "later";

const works: Record<ContractKernel, Kernel["compute"]> = {
  /** Third roots and thirds: bits that differ if anything is computed another way. */
  thirds([read], out, box) {
    for (let member = box.outerFrom; member < box.outerTo; member++) {
      for (let period = box.from; period < box.to; period++) {
        const cell = member * 3 + period;
        out.set(cell, Math.cbrt((read as Column).get(cell) as number) / 3);
      }
    }
  },
  /** What is read, whatever it is. */
  copies([read], out, box) {
    eachCell(box, (cell) => out.copyCell(cell, read as Column, cell));
  },
  /** To what the draft holds: a kernel that reads itself. */
  adds([self, read], out, box) {
    eachCell(box, (cell) => {
      const before = (self as Column).get(cell) as number;
      out.set(cell, before + ((read as Column).get(cell) as number));
    });
  },
  marks(_, out, box) {
    const origin = { attribute: "b.x", at: ["here"] };
    eachCell(box, (cell) => out.set(cell, { ...errorValue("#N/A", `cell ${cell}`), origin }));
  },
  async later(inputs, out, box) {
    await Promise.resolve();
    await works.thirds(inputs, out, box);
  },
  throws() {
    throw new Error("no luck");
  },
  rejects: () => Promise.reject(new Error("no luck")),
};

function eachCell(box: Box, visit: (cell: number) => void): void {
  for (let member = box.outerFrom; member < box.outerTo; member++)
    for (let period = box.from; period < box.to; period++) visit(member * 3 + period);
}

export function kernelOf(payload: ContractKernel): Kernel {
  return { compute: works[payload] };
}

/** Kernels that say how another thread makes them; one without, to compute in place. */
export function remoteKernel(payload: ContractKernel): Kernel {
  const remote: RemoteWork = { program: import.meta.url, key: payload, payload };
  return { ...kernelOf(payload), remote };
}
