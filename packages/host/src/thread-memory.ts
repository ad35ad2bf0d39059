/**
 * How much memory a thread may use for its heap.
 *
 * Without a limit of ours each thread may grow as far as Node lets the whole process grow, so a few functions that never stop
 * collecting take the machine. All threads together get half of the memory that the process may have, each of
 * them at least `memoryMbMin` (a function must be able to do something) and at most `memoryMbMax`.
 */
import { availableParallelism, totalmem } from "node:os";

const memoryMbMin = 512;
const memoryMbMax = 2048;

/** In MB. `undefined` where Node was told how large heaps may be: it takes that for threads, too, whatever they are given. */
export function threadMemoryMb(threads: number = availableParallelism()): number | undefined {
  const told = [...process.execArgv, process.env.NODE_OPTIONS ?? ""].join(" ");
  if (/--max[-_]old[-_]space[-_]size/.test(told)) return undefined;
  const constrained = process.constrainedMemory();
  const bytes = Math.min(totalmem(), constrained > 0 ? constrained : Number.POSITIVE_INFINITY);
  return shareOfMemory(bytes, threads);
}

/** The share of one of so many threads, in MB: of a machine, or a container, with so much memory. */
export function shareOfMemory(bytes: number, threads: number): number {
  const share = Math.floor(bytes / 2 / 2 ** 20 / Math.max(1, threads));
  return Math.min(memoryMbMax, Math.max(memoryMbMin, share));
}
