/** What is told when nobody is there to compute, and who else waits on the same server. */
import type { ComputingVersions } from "../bundle/queue-name.ts";
import type { WorkerSign } from "../server/server-store.ts";

export interface Absence {
  /** Of the server. */
  readonly place: string;
  readonly queue: string;
  readonly versions: ComputingVersions;
  readonly workers: readonly WorkerSign[];
}

/** `undefined`: there are workers of these versions. */
export function absenceText({ place, queue, versions, workers }: Absence): string | undefined {
  if (workers.some((worker) => worker.queue === queue)) return undefined;
  const { engine, v8 } = versions;
  const none = `No worker for engine ${engine} and V8 ${v8} is at ${place}; the run waits for one.`;
  const kinds = new Map<string, number>();
  for (const other of workers) {
    const kind = `engine ${other.engine} and V8 ${other.v8}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  if (kinds.size === 0) return `${none} Start one with: reckon worker --queue URL`;
  const others = [...kinds].sort().map(([kind, count]) => `${count} for ${kind}`);
  return `${none} There are workers of other versions: ${others.join(", ")}. They compute other bits; use the same version of Node and reckon.`;
}
