/**
 * The profiler: listens to an engine and to the phases around it, and makes a profile of what it heard.
 *
 * An engine that nobody profiles pays nothing; one that is profiled computes the same values, with its short ways
 * for plain numbers switched off, since these tell nobody what they do. Cost while it listens: some readings of the
 * clock a computed node, which are taken out of the figures again.
 */
import type { Column } from "@reckon/value";
import type { Engine, State } from "../api.ts";
import type { NodeId } from "../formula-node.ts";
import type { Clock } from "../ports.ts";
import { EngineRecording } from "./engine-recording.ts";
import type { Profile } from "./profile.ts";
import { SpanRecorder } from "./span-recorder.ts";

/** What a profiler may use, and how much it may keep. */
export interface ProfilerOptions {
  /**
   * Bytes in use now. Asked at the ends of phases, and its own time does not count, so it may collect garbage first;
   * but not when it is hurried, since then an answer is awaited, which it would delay. Without it the profile knows
   * only what columns take.
   */
  readonly memory?: (isHurried: boolean) => number;
  /** How many spans are kept; 200,000 when absent. Sums count everything. */
  readonly spansMax?: number;
}

/** A profile that is being taken. */
export interface Profiler {
  /** Opens a phase, inside the one that is open: `begin("parse", "saas.reckon")`. Each needs its `end`. */
  readonly begin: (phase: string, subject?: string) => void;
  readonly end: () => void;
  /** As `begin` and `end`, for the generating of code, which is counted apart from what it interrupts. */
  readonly beginCode: () => void;
  readonly endCode: () => void;
  /**
   * Listens to an engine from now on. `stateOf` gives its overlays by their number, so that the profile can name
   * them and knows what they hold.
   */
  readonly follow: (engine: Engine, stateOf?: (id: number) => State | undefined) => void;
  /** Called when the profile is at its end, for whoever listens elsewhere for it. */
  readonly whenStopped: (stop: () => void) => void;
  /** Ends the profile and gives it; the same one when it is called again. */
  readonly stop: () => Profile;
}

const spansMaxDefault = 200_000;

/**
 * A profiler that follows nothing yet.
 *
 * @example
 * ```ts
 * let ms = 0;
 * const profiler = createProfiler({ now: () => ms });
 * profiler.begin("read", "prices.csv");
 * ms += 4;
 * profiler.end();
 * profiler.stop().phases; // [{ name: "read", subject: "prices.csv", count: 1, ms: 4 }]
 * ```
 */
export function createProfiler(clock: Clock, options: ProfilerOptions = {}): Profiler {
  return new RunningProfiler(clock, options);
}

/**
 * Takes a profile of an engine from now on, until `stop` is called.
 *
 * @example
 * ```ts
 * let ms = 0;
 * const engine = createEngine();
 * const price = engine.input(10, { name: "price" });
 * engine.computed([price], (p) => { ms += 3; return p * 1.2; }, { name: "gross" });
 * const profiler = profileOf(engine, { now: () => ms });
 * price.set(20);
 * const { nodes } = profiler.stop();
 * nodes.map(({ name, computations, ms }) => `${name} ${computations} ${ms}`); // ["gross 1 3"]
 * ```
 */
export function profileOf(engine: Engine, clock: Clock, options: ProfilerOptions = {}): Profiler {
  const profiler = createProfiler(clock, options);
  profiler.follow(engine);
  return profiler;
}

class RunningProfiler implements Profiler {
  private readonly recorder: SpanRecorder;
  private readonly recordings: EngineRecording[] = [];
  private readonly stops: (() => void)[] = [];
  private opened = 0;
  private profile: Profile | undefined;

  constructor(clock: Clock, options: ProfilerOptions) {
    this.recorder = new SpanRecorder(clock, options.memory, options.spansMax ?? spansMaxDefault);
  }

  readonly begin = (phase: string, subject = ""): void => {
    if (this.profile !== undefined) return;
    const time = this.recorder.enter();
    for (const recording of this.recordings) recording.endIdle(time);
    this.recorder.beginPhase(phase, subject, true);
    this.opened++;
    this.recorder.leave();
  };

  readonly end = (): void => {
    if (this.profile !== undefined || this.opened === 0) return;
    this.recorder.enter();
    this.recorder.end();
    this.opened--;
    for (const recording of this.recordings) recording.noteIdle();
    this.recorder.leave();
  };

  readonly beginCode = (): void => {
    if (this.profile !== undefined) return;
    this.recorder.enter();
    this.recorder.beginCode();
    this.recorder.leave();
  };

  readonly endCode = (): void => {
    if (this.profile !== undefined) return;
    this.recorder.enter();
    this.recorder.endCode();
    this.recorder.leave();
  };

  readonly follow = (engine: Engine, stateOf?: (id: number) => State | undefined): void => {
    const recording = new EngineRecording(this.recorder, {
      nameOf: engine.nameOf,
      levelOf: engine.levelOf,
      stateOf: (id) => (id === 0 ? engine : stateOf?.(id)),
    });
    this.recordings.push(recording);
    const clock = this.recorder.kernelClock;
    this.whenStopped(engine.subscribe(recording.listen, { clock }));
  };

  readonly whenStopped = (stop: () => void): void => {
    if (this.profile === undefined) this.stops.push(stop);
    else stop();
  };

  readonly stop = (): Profile => {
    if (this.profile !== undefined) return this.profile;
    const time = this.recorder.enter();
    for (const recording of this.recordings) recording.close(time);
    while (this.recorder.depth > 0) this.recorder.end();
    this.recorder.leave();
    for (const stop of this.stops.splice(0)) stop();
    this.profile = profileFrom(this.recorder, this.recordings);
    return this.profile;
  };
}

function profileFrom(recorder: SpanRecorder, recordings: readonly EngineRecording[]): Profile {
  const longestFirst = (a: { readonly ms: number }, b: { readonly ms: number }): number => b.ms - a.ms;
  return {
    ms: recorder.rootMs,
    ownMs: recorder.ownMs,
    frames: recorder.frames,
    spans: recorder.spans,
    spansLeftOut: recorder.spansLeftOut,
    phases: recorder.finishedPhases(),
    levels: recordings.flatMap((recording) => recording.profiledLevels()),
    loops: recordings.flatMap((recording) => recording.profiledLoops()).sort(longestFirst),
    nodes: recordings.flatMap((recording) => recording.profiledNodes(bytesIn)).sort(longestFirst),
  };
}

/** What a node's column takes in a state; 0 of a node or state that is not there any more. */
function bytesIn(state: State | undefined, node: NodeId): number {
  if (state === undefined) return 0;
  try {
    // A column that is handed out is copied by the next edit, which the next profile would show.
    return bytesOfColumn(state.statusOf(node) === "fresh" ? state.view(node) : state.peek(node));
  } catch {
    // Removed while the profile was taken.
    return 0;
  }
}

/**
 * The bytes of a column: 8 a cell, 4 more a cell where some are no numbers, and 2 a character of texts.
 *
 * @example
 * ```ts
 * bytesOfColumn(columnFrom({ outer: 1, periods: 3 }, [1, 2, 3])); // 24
 * ```
 */
export function bytesOfColumn(column: Column): number {
  let bytes = column.numbers.byteLength + (column.marks?.byteLength ?? 0);
  for (const text of column.texts ?? []) bytes += 2 * (text?.length ?? 0);
  return bytes;
}
