/**
 * A runner whose entities do what a script says: for tests of whatever has to cope with failing, hanging and crashing ones.
 *
 * The entities of a chunk are gone through in order, each takes its time, and what the first bad one does is the outcome of
 * the chunk, as with a real sheet on a thread: a crash takes the chunk with it, a failure only its entity.
 */
import { columnFrom, type Scalar } from "@reckon/value";
import type { BatchClock } from "../batch-clock.ts";
import type { ChunkRunner, ChunkRunOptions } from "../chunk-runner.ts";
import type { ChunkOutcome, EntityChunk, EntityOutcome } from "../entity.ts";
import { encodeBlock } from "../evaluation/result-block.ts";
import type { WantedAttribute } from "../program.ts";

/** What one try of an entity does, after `ms` (absent: as the runner's `entityMs`). */
export type ScriptedTry = { readonly ms?: number } & (
  | { readonly kind: "succeed"; readonly value?: Scalar; readonly checksFailed?: number }
  /** A call in it fails. */
  | { readonly kind: "fail"; readonly message?: string }
  /** Its row does not fit the model: alone it is invalid, among others the chunk is refused. */
  | { readonly kind: "refuse" }
  /** Throws where nothing may throw. */
  | { readonly kind: "throw" }
  /** Ends the thread, or uses up its memory. */
  | { readonly kind: "crash" | "memory" }
  /** Never ends. */
  | { readonly kind: "hang" }
);

export interface ScriptedRunnerOptions {
  readonly clock: BatchClock;
  /** Absent: everything succeeds. */
  readonly script?: (key: string, attempt: number, chunk: EntityChunk) => ScriptedTry;
  /** Absent: 1. */
  readonly concurrency?: number;
  /** Absent: 1. */
  readonly entityMs?: number;
  /** Of a chunk, beside its entities; absent: 0. */
  readonly chunkMs?: number;
  /** Named in the figures; absent: `scripted`. */
  readonly worker?: string;
}

export interface ScriptedRunner extends ChunkRunner {
  /** What was begun, in order. */
  readonly begun: readonly BegunChunk[];
  /** How many chunks it has had in hand at the same time. */
  readonly activeMax: () => number;
}

export interface BegunChunk {
  readonly id: string;
  readonly keys: readonly string[];
  readonly attempt: number;
  readonly atMs: number;
}

/** What a scripted entity has: one number. */
export const scriptedAttributes: readonly WantedAttribute[] = [{ id: "scripted.value", axes: [] }];

/**
 * A runner that follows a script. Its entities have one attribute, `scripted.value`, by default the length of their keys.
 *
 * @example
 * ```ts
 * const script = (key: string, attempt: number) => ({ kind: key === "p2" && attempt === 1 ? "fail" : "succeed" }) as const;
 * const runner = createScriptedRunner({ clock: createSimulatedClock(), script });
 * runner.begun; // []
 * ```
 */
export function createScriptedRunner(options: ScriptedRunnerOptions): ScriptedRunner {
  const { clock, concurrency = 1 } = options;
  const begun: BegunChunk[] = [];
  let active = 0;
  let activeMax = 0;
  return {
    concurrency,
    begun,
    activeMax: () => activeMax,
    run: async (chunk, runOptions) => {
      begun.push({ id: chunk.id, keys: chunk.keys, attempt: chunk.attempt, atMs: clock.now() });
      activeMax = Math.max(activeMax, ++active);
      const startedAtMs = clock.date();
      const { outcome, ms } = outcomeOf(chunk, options, startedAtMs);
      const ended = await timePasses(clock, ms, runOptions);
      active--;
      if (ended === "cancelled") return { kind: "cancelled", message: "the run was cancelled" };
      if (ended === "timed-out")
        return { kind: "timed-out", message: `took longer than ${runOptions.timeoutMs} ms` };
      return outcome;
    },
    close: () => Promise.resolve(),
  };
}

/** Waits so long, or until the timeout or the signal. */
function timePasses(
  clock: BatchClock,
  ms: number,
  { signal, timeoutMs = Number.POSITIVE_INFINITY }: ChunkRunOptions,
): Promise<"ended" | "timed-out" | "cancelled"> {
  return new Promise((resolve) => {
    let takeBack = (): void => undefined;
    const end = (how: "ended" | "timed-out" | "cancelled"): void => {
      takeBack();
      signal.removeEventListener("abort", cancelled);
      resolve(how);
    };
    const cancelled = (): void => end("cancelled");
    if (signal.aborted) return end("cancelled");
    signal.addEventListener("abort", cancelled);
    const least = Math.min(ms, timeoutMs);
    if (least < Number.POSITIVE_INFINITY)
      takeBack = clock.after(least, () => end(ms <= timeoutMs ? "ended" : "timed-out"));
  });
}

/** What comes of a chunk, and after how long: for ever where an entity hangs. */
function outcomeOf(
  chunk: EntityChunk,
  { script, entityMs = 1, chunkMs = 0, worker = "scripted" }: ScriptedRunnerOptions,
  startedAtMs: number,
): { readonly outcome: ChunkOutcome; readonly ms: number } {
  const entities: EntityOutcome[] = [];
  const values: Scalar[] = [];
  let ms = chunkMs;
  for (const key of chunk.keys) {
    const step: ScriptedTry = script?.(key, chunk.attempt, chunk) ?? { kind: "succeed" };
    ms += step.ms ?? entityMs;
    const ended = wholeOutcome(step, key);
    if (step.kind === "hang") return { outcome: lost("hangs"), ms: Number.POSITIVE_INFINITY };
    if (ended !== undefined) return { outcome: ended, ms };
    const isGood = step.kind === "succeed";
    values.push(isGood ? (step.value ?? key.length) : null);
    entities.push(
      isGood
        ? { kind: "succeeded", checksFailed: step.checksFailed ?? 0 }
        : { kind: "failed", code: "failed", message: messageOf(step, key), attribute: "scripted.value" },
    );
  }
  const column = columnFrom({ outer: chunk.keys.length, periods: 1 }, values);
  const figures = {
    worker,
    startedAtMs,
    durationMs: ms,
    cpuMs: ms,
    memoryPeakBytes: 0,
    cacheHits: 0,
    cacheLookUps: 0,
  };
  const block = encodeBlock(chunk.keys.length, scriptedAttributes, [column]);
  return { outcome: { kind: "done", entities, block, figures }, ms };
}

/** The outcome of the whole chunk, where one entity decides it. */
function wholeOutcome(step: ScriptedTry, key: string): ChunkOutcome | undefined {
  switch (step.kind) {
    case "succeed":
    case "fail":
    case "hang":
      return undefined;
    case "refuse":
      return { kind: "refused", code: "scripted/refused", message: `the row of ${key} does not fit` };
    case "throw":
      return { kind: "failed", message: `${key} has thrown` };
    case "crash":
      return lost(`${key} has ended the thread`);
    case "memory":
      return lost(`${key} has used up the memory of the thread`);
  }
}

function lost(message: string): ChunkOutcome {
  return { kind: "lost", message };
}

function messageOf(step: ScriptedTry, key: string): string {
  return (step.kind === "fail" ? step.message : undefined) ?? `${key} has failed`;
}
