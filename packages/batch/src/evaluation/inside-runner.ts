/** Chunks on this thread, one after another; what is heavy in them goes to the runtime's threads and into its cache. */
import type { Runtime } from "@reckon/host";
import type { ChunkRunner } from "../chunk-runner.ts";
import type { BatchProgram } from "../program.ts";
import { runnerInPlace } from "./inline-runner.ts";
import { partsOf } from "./sheet-parts.ts";

/** A runner for `inside`. The runtime is not closed with it; its threads count as CPU time of this process. */
export function createInsideRunner(
  program: BatchProgram,
  runtime: Runtime,
  onLate?: (message: string) => void,
): ChunkRunner {
  return runnerInPlace(
    program,
    (module) => partsOf(runtime, { module, worker: "main", cpuMs: processCpuMs }),
    onLate,
  );
}

function processCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
