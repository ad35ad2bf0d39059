/** The kernels of the executor contract, for whatever thread computes them. */
import type { Kernel, RemoteWork } from "@reckon/engine";
import type { Column } from "@reckon/value";

export type ContractKernel = "thirds" | "throws" | "rejects";

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
  throws() {
    throw new Error("no luck");
  },
  rejects: () => Promise.reject(new Error("no luck")),
};

export function kernelOf(payload: ContractKernel): Kernel {
  return { compute: works[payload] };
}

/** Kernels that say how another thread makes them; one without, to compute in place. */
export function remoteKernel(payload: ContractKernel): Kernel {
  const remote: RemoteWork = { program: import.meta.url, key: payload, payload };
  return { ...kernelOf(payload), remote };
}
