/**
 * How a thread says at once that it begins a chunk, and whether it still may: a flag that both sides see, and a time on a clock that
 * all threads of a process have in common.
 */
export interface BeginMark {
  readonly flag: Int32Array<SharedArrayBuffer>;
  /** Of `processMs`. */
  readonly untilMs: number;
}

/** `performance.now()` counts from when its own thread began. */
function processMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}

/** A mark, whom to tell when a thread has passed it, and how to say that none will any more. */
export function beginMark(
  withinMs: number,
  onPassed: () => void,
): { readonly mark: BeginMark; readonly release: () => void } {
  const flag = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  void Promise.resolve(Atomics.waitAsync(flag, 0, 0).value).then(() => {
    if (Atomics.load(flag, 0) === 1) onPassed();
  });
  return {
    mark: { flag, untilMs: processMs() + withinMs },
    release: () => void Atomics.notify(flag, 0),
  };
}

/** Whether the chunk may begin still. */
export function isInTime({ untilMs }: BeginMark): boolean {
  return processMs() <= untilMs;
}

export function passMark({ flag }: BeginMark): void {
  Atomics.store(flag, 0, 1);
  Atomics.notify(flag, 0);
}
