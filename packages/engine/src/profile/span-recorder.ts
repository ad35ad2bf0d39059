/**
 * The spans of a profile while they come: a stack of what is open, and the list of what was.
 *
 *   real time      |--work--|listener|--work--|listener|
 *   profile time   |--work--|--work--|                      what the listener takes is cut out
 *
 * `enter` and `leave` enclose everything that the profile itself does; the time between them does not count. Times
 * never go back, whatever the clock does.
 *
 * At most `spansMax` spans are kept, so a profile of any length fits into memory; sums go on being right behind that.
 * Cost: two readings of the clock a call from outside.
 */
import type { Clock } from "../ports.ts";
import type { FrameKind, ProfiledPhase, ProfileFrame, ProfileSpan } from "./profile.ts";

interface OpenSpan {
  readonly from: number;
  /** Index into the spans; -1: left out. */
  readonly at: number;
  /** Its row among the phases, if it is one that is summed. */
  readonly phase: PhaseSum | undefined;
  readonly memory: number | undefined;
  /** What the spans inside take, and of that what the phases inside take. */
  innerMs: number;
  innerPhaseMs: number;
  innerGrown: number;
}

interface PhaseSum {
  readonly name: string;
  readonly subject: string;
  count: number;
  ms: number;
  grownBytes: number | undefined;
}

type Span = { -readonly [K in keyof ProfileSpan]: ProfileSpan[K] };

/** How long a span was, with and without the spans inside it. */
interface EndedSpan {
  readonly ms: number;
  readonly ownMs: number;
}

const negligibleMs = 0.05;

export class SpanRecorder {
  readonly frames: ProfileFrame[] = [];
  /** In the order in which they began. */
  readonly spans: Span[] = [];
  spansLeftOut = 0;
  /** What taking the profile took. */
  ownMs = 0;
  /** What the outermost spans take. */
  rootMs = 0;
  private readonly clock: Clock;
  private readonly memory: ((isHurried: boolean) => number) | undefined;
  private readonly spansMax: number;
  private readonly origin: number;
  private readonly frameIds = new Map<string, number>();
  private readonly sums = new Map<string, PhaseSum>();
  private readonly stack: OpenSpan[] = [];
  /** Set while code that is generated is not to be a span of its own, but to be summed here. */
  folded: { ms: number; count: number } | null = null;
  /** Whether an answer is awaited. */
  isHurried = false;
  /** The memory at the end of the last phase, and when that was. */
  private lastWeight: { readonly bytes: number | undefined; readonly at: number } | null = null;
  private entered = 0;
  private present = 0;
  private codeMs = 0;
  private codeSince = 0;

  constructor(clock: Clock, memory: ((isHurried: boolean) => number) | undefined, spansMax: number) {
    this.clock = clock;
    this.memory = memory;
    this.spansMax = spansMax;
    this.origin = clock.now();
  }

  get depth(): number {
    return this.stack.length;
  }

  /** The profile's time now; from here on time does not count. */
  enter(): number {
    this.entered = this.clock.now();
    this.present = Math.max(this.present, this.entered - this.origin - this.ownMs);
    return this.present;
  }

  /** From here on time counts again. */
  leave(): void {
    this.ownMs += Math.max(0, this.clock.now() - this.entered);
  }

  /** The time of the last `enter`. */
  get time(): number {
    return this.present;
  }

  /** What time went on while no code was generated: for the kernels of a component, in which it may be. */
  readonly kernelClock: Clock = {
    now: () => this.clock.now() - this.origin - this.ownMs - this.codeMs,
  };

  frameOf(kind: FrameKind, name: string): number {
    const key = `${kind} ${name}`;
    let frame = this.frameIds.get(key);
    if (frame === undefined) {
      frame = this.frames.length;
      this.frames.push({ kind, name });
      this.frameIds.set(key, frame);
    }
    return frame;
  }

  /** Opens a phase; with `isWeighed` it is told how memory grows, which may take a while. */
  beginPhase(name: string, subject: string, isWeighed: boolean): void {
    const frame = this.frameOf("phase", subject === "" ? name : `${name} ${subject}`);
    const key = `${name}\n${subject}`;
    let phase = this.sums.get(key);
    if (phase === undefined) {
      phase = { name, subject, count: 0, ms: 0, grownBytes: undefined };
      this.sums.set(key, phase);
    }
    this.push(frame, phase, isWeighed ? this.weighed(true) : undefined);
  }

  /** Weighing takes long, so a phase that begins where another ends takes over what was weighed there. */
  private weighed(isBegin: boolean): number | undefined {
    const last = this.lastWeight;
    const isSame = isBegin && last !== null && this.present - last.at < negligibleMs;
    const bytes = isSame ? last.bytes : this.memory?.(this.isHurried);
    this.lastWeight = isBegin ? null : { bytes, at: this.present };
    return bytes;
  }

  begin(frame: number): void {
    this.push(frame, undefined, undefined);
  }

  private push(frame: number, phase: PhaseSum | undefined, memory: number | undefined): void {
    const at = this.keep(frame, this.stack.length, this.present, this.present);
    this.stack.push({
      from: this.present,
      at,
      phase,
      memory,
      innerMs: 0,
      innerPhaseMs: 0,
      innerGrown: 0,
    });
  }

  /** Ends the innermost span. */
  end(): EndedSpan {
    const open = this.stack.pop() as OpenSpan;
    const ms = this.present - open.from;
    const span = this.spans[open.at];
    if (span !== undefined) span.to = this.present;
    const above = this.stack.at(-1);
    if (above === undefined) this.rootMs += ms;
    else above.innerMs += ms;
    let phaseMs = open.innerPhaseMs;
    let grown = open.innerGrown;
    if (open.phase !== undefined) {
      open.phase.count++;
      open.phase.ms += ms - open.innerPhaseMs;
      phaseMs = ms;
      if (open.memory !== undefined && this.memory !== undefined) {
        const total = (this.weighed(false) ?? 0) - open.memory;
        open.phase.grownBytes = (open.phase.grownBytes ?? 0) + total - open.innerGrown;
        grown = total;
      }
    }
    if (above !== undefined) {
      above.innerPhaseMs += phaseMs;
      above.innerGrown += grown;
    }
    return { ms, ownMs: ms - open.innerMs };
  }

  /** Code begins to be generated. */
  beginCode(): void {
    this.codeSince = this.present;
    if (this.folded === null) this.beginPhase("compile", "", false);
  }

  endCode(): void {
    const ms = this.present - this.codeSince;
    this.codeMs += ms;
    if (this.folded === null) this.end();
    else {
      this.folded.ms += ms;
      this.folded.count++;
    }
  }

  /** Adds a span inside the innermost one, from `from` on; gives its end. Time inside is not handed up again. */
  addInside(frame: number, from: number, ms: number): number {
    const outer = this.stack.at(-1);
    const to = Math.min(from + ms, this.present);
    this.keep(frame, this.stack.length, from, to);
    if (outer !== undefined) outer.innerMs += to - from;
    return to;
  }

  /** Adds an outermost span that has ended already. */
  addOutermost(kind: FrameKind, name: string, from: number, to: number): void {
    this.keep(this.frameOf(kind, name), 0, from, to);
    this.rootMs += to - from;
  }

  /** Adds to a phase what was measured otherwise, `count` times of it. */
  addToPhase(name: string, ms: number, count = 1): void {
    let phase = this.sums.get(`${name}\n`);
    if (phase === undefined) {
      phase = { name, subject: "", count: 0, ms: 0, grownBytes: undefined };
      this.sums.set(`${name}\n`, phase);
    }
    phase.count += count;
    phase.ms += ms;
    const outer = this.stack.at(-1);
    if (outer !== undefined) outer.innerPhaseMs += ms;
  }

  private keep(frame: number, depth: number, from: number, to: number): number {
    if (this.spans.length >= this.spansMax) {
      this.spansLeftOut++;
      return -1;
    }
    return this.spans.push({ frame, depth, from, to }) - 1;
  }

  finishedPhases(): readonly ProfiledPhase[] {
    return [...this.sums.values()].map(({ grownBytes, ...phase }) => ({
      ...phase,
      ...(grownBytes === undefined ? {} : { grownBytes }),
    }));
  }
}
