/**
 * Chunks in this process as long as few errors are kept, and then on a thread: a process keeps every error value with an origin that there
 * ever was, some 400 bytes each, and a run may have one for each of its entities (BA12). A thread is replaced when it keeps too many.
 *
 * The values are the same. Cost: nothing; behind the change what a chunk costs to be sent.
 */
import { keptErrors } from "@reckon/value";
import type { ChunkRunner } from "../chunk-runner.ts";

export interface SparingOptions {
  /** Errors that are kept for the chunks of this runner before it goes over. */
  readonly errorsMax: number;
}

/** `makeOther` is asked once, when the first runner has been closed. */
export function createSparingRunner(
  inPlace: ChunkRunner,
  makeOther: () => ChunkRunner,
  { errorsMax }: SparingOptions,
): ChunkRunner {
  const before = keptErrors();
  let current = inPlace;
  return {
    concurrency: inPlace.concurrency,
    run: async (chunk, options) => {
      if (current === inPlace && keptErrors() - before > errorsMax) {
        await inPlace.close();
        current = makeOther();
      }
      return await current.run(chunk, options);
    },
    close: () => current.close(),
  };
}
