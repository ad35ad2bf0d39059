/** A profile as plain data: what ran when, how often and for how long, and what it keeps in memory. */

/**
 * What a frame stands for: a phase (of opening, editing or calculating), a level, a loop or recurrence, a node, or
 * time in which everybody waited for answers.
 */
export type FrameKind = "phase" | "level" | "loop" | "recurrence" | "node" | "waiting";

/** A name that spans have. Several spans share one frame. */
export interface ProfileFrame {
  readonly kind: FrameKind;
  readonly name: string;
}

/**
 * Something that went on from `from` to `to` (ms since the profile began). Spans are in the order in which they
 * began, so the spans inside one stand behind it with a greater depth.
 */
export interface ProfileSpan {
  /** An index into the profile's frames. */
  readonly frame: number;
  readonly depth: number;
  readonly from: number;
  readonly to: number;
}

/** All spans of one phase together, without the phases inside them. */
export interface ProfiledPhase {
  readonly name: string;
  /** What it was about: a file, a state; empty where there is nothing to tell apart. */
  readonly subject: string;
  readonly count: number;
  readonly ms: number;
  /** By how much the memory in use has grown, in bytes; absent where nobody measured it. */
  readonly grownBytes?: number;
}

/** Levels `from` ≤ level < `to` of one state: neighbours are put together where there are very many. */
export interface ProfiledLevel {
  readonly state: string;
  readonly from: number;
  readonly to: number;
  readonly computations: number;
  readonly ms: number;
}

/** A component: attributes that read each other, stepped through time or solved as a loop. */
export interface ProfiledLoop {
  readonly kind: "loop" | "recurrence";
  /** The name of the loop; that of its first node for a recurrence. */
  readonly name: string;
  readonly state: string;
  readonly nodes: readonly string[];
  readonly computations: number;
  /** How often it was solved: once a period, and a member that is solved by itself; 0 for a recurrence, as all below. */
  readonly solves: number;
  /** Steps of all solves together. */
  readonly iterations: number;
  /** How often its members were computed for them. */
  readonly sweeps: number;
  /** How many solves did not converge. */
  readonly unconverged: number;
  readonly ms: number;
}

/** One node in one state. */
export interface ProfiledNode {
  readonly name: string;
  readonly state: string;
  readonly level: number;
  /** How often it was computed, and how many cells that were. */
  readonly computations: number;
  readonly cells: number;
  /** How many computations came out different from before. */
  readonly changes: number;
  /** Computing, comparing and publishing it; what it waited for is not in it. */
  readonly ms: number;
  /** From the end of its own work to the answer, where it awaited one. Waits of several nodes overlap. */
  readonly waitedMs: number;
  /** What its column takes now. */
  readonly bytes: number;
}

/** What `Profiler.stop` gives. */
export interface Profile {
  /** What the outermost spans take together. */
  readonly ms: number;
  /** What taking the profile took; it is in no other figure. */
  readonly ownMs: number;
  readonly frames: readonly ProfileFrame[];
  readonly spans: readonly ProfileSpan[];
  /** Spans that were counted but not kept, because there were more than the profile may hold. */
  readonly spansLeftOut: number;
  /** In the order in which they first began. */
  readonly phases: readonly ProfiledPhase[];
  readonly levels: readonly ProfiledLevel[];
  /** The longest first. */
  readonly loops: readonly ProfiledLoop[];
  /** The longest first. */
  readonly nodes: readonly ProfiledNode[];
}
