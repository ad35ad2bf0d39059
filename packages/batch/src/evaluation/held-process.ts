/**
 * Keeps this process, or the thread that imports this, alive while functions of modules run in it: what they leave behind, a timer that throws or a promise that nobody
 * looks after, or a call of `process.exit`, would end all that is computed and recorded here.
 *
 *   run(work)   whatever comes out of `work` is known to be its own, however late (AsyncLocalStorage)
 *               it comes while the work is under way   → the work has failed, and is given up
 *               it comes behind its end                → it is told, and changes nothing
 *   `process.exit` and `process.abort` in it throw; everybody else's end the process as ever
 *
 * Errors of nobody's work go where they would have gone: to those who listen, or to Node. What ends a process from below (a crash
 * in native code, a heap that is full, a signal) is not kept from doing so: that is what threads are for.
 *
 * Cost: some microseconds and a turn of the event loop a chunk.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";
import type { ChunkOutcome } from "../entity.ts";
import { giveWay } from "../scheduling/give-way.ts";

interface Origin {
  readonly tell: (message: string) => void;
}

const origins = new AsyncLocalStorage<Origin>();
let holders = 0;
let letGo: () => void = () => undefined;

/** Holds the process until what it returns is called: also for what comes late, so for longer than the work. */
export function holdProcess(): () => void {
  if (holders++ === 0) letGo = hold();
  let isHeld = true;
  return () => {
    if (!isHeld) return;
    isHeld = false;
    if (--holders === 0) letGo();
  };
}

/**
 * Computes a chunk in a process that is held. `onLate` is told what its functions have left behind when it comes after the outcome.
 * Rejects as the work does.
 */
export async function runHeld(
  work: (signal: AbortSignal) => Promise<ChunkOutcome>,
  signal: AbortSignal,
  onLate: (message: string) => void,
): Promise<ChunkOutcome> {
  const givenUp = new AbortController();
  const giveUp = (): void => givenUp.abort();
  let isOpen = true;
  let fail: (outcome: ChunkOutcome) => void = () => undefined;
  const failed = new Promise<ChunkOutcome>((resolve) => {
    fail = resolve;
  });
  const origin: Origin = {
    tell: (message) => {
      if (!isOpen) return onLate(message);
      fail({ kind: "failed", message: `what it left behind threw: ${message}` });
      giveUp();
    },
  };
  if (signal.aborted) giveUp();
  else signal.addEventListener("abort", giveUp, { once: true });
  const computed = origins.run(origin, async () => {
    const outcome = await work(givenUp.signal);
    // Node looks at promises that nobody looks after behind the last microtask of a turn.
    await giveWay();
    return outcome;
  });
  try {
    return await Promise.race([failed, computed]);
  } finally {
    isOpen = false;
    // A run has one signal for all of its chunks.
    signal.removeEventListener("abort", giveUp);
  }
}

function hold(): () => void {
  const { exit, abort } = process;
  const kept =
    (name: string, real: (code?: never) => never) =>
    (code?: never): never => {
      if (origins.getStore() === undefined) return real.call(process, code);
      throw new Error(`it called process.${name}(${code ?? ""})`);
    };
  Object.assign(process, { exit: kept("exit", exit), abort: kept("abort", abort) });
  // `import { exit } from "node:process"` has it as well.
  syncBuiltinESMExports();
  // There can be one of them: somebody else's stays.
  const isMine = !process.hasUncaughtExceptionCaptureCallback();
  if (isMine) process.setUncaughtExceptionCaptureCallback(take);
  return () => {
    Object.assign(process, { exit, abort });
    syncBuiltinESMExports();
    if (isMine) process.setUncaughtExceptionCaptureCallback(null);
  };
}

function take(error: unknown): void {
  const origin = origins.getStore();
  if (origin !== undefined) {
    origin.tell(messageOf(error));
    return;
  }
  if (process.listenerCount("uncaughtException") > 0) {
    (process as NodeJS.EventEmitter).emit("uncaughtException", error, "uncaughtException");
    return;
  }
  // Node prints it and ends the process, as if nobody had been here.
  process.setUncaughtExceptionCaptureCallback(null);
  setImmediate(() => {
    throw error;
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
