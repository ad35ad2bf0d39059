/** The typed trace of what the engine did: tests assert on it, `why` and profiles are made from it. */
import type { Box, LoopRecord, NodeId } from "./formula-node.ts";
import type { Clock, TaskOutcome } from "./ports.ts";

/** Which state table the event happened in: 0 is the base, others are overlays. */
export type StateId = number;

/**
 * One thing that happened. Boxes are half open; those of `started` are exactly what was computed.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const a = engine.input(1);
 * engine.computed([a], (value) => Math.min(value, 1));
 * const kinds: string[] = [];
 * const stop = engine.subscribe((event) => kinds.push(event.kind));
 * a.set(2);
 * stop();
 * kinds.includes("cut-off"); // true
 * ```
 */
export type EngineEvent =
  | { readonly kind: "recalculation-started"; readonly state: StateId; readonly revision: number }
  | {
      readonly kind: "marked";
      readonly state: StateId;
      readonly node: NodeId;
      readonly flag: "dirty" | "check";
      readonly by: NodeId;
    }
  | {
      readonly kind: "started";
      readonly state: StateId;
      readonly node: NodeId;
      readonly boxes: readonly Box[];
    }
  | {
      readonly kind: "changed";
      readonly state: StateId;
      readonly node: NodeId;
      readonly boxes: readonly Box[];
    }
  | { readonly kind: "cut-off"; readonly state: StateId; readonly node: NodeId }
  | { readonly kind: "reused"; readonly state: StateId; readonly node: NodeId }
  | { readonly kind: "pending"; readonly state: StateId; readonly node: NodeId }
  | { readonly kind: "dropped"; readonly state: StateId; readonly node: NodeId; readonly reason: string }
  | {
      /** A task of the node was given to the executor, which has not answered at once. */
      readonly kind: "sent";
      readonly state: StateId;
      readonly node: NodeId;
      readonly task: number;
      readonly box: Box;
    }
  | {
      /** Its answer has come, and counts. Those of tasks that were given up are not told. */
      readonly kind: "answered";
      readonly state: StateId;
      readonly node: NodeId;
      readonly task: number;
      readonly box: Box;
      readonly outcome: TaskOutcome["kind"];
      /** What it took and who did it, where the executor says so. */
      readonly ms?: number;
      readonly worker?: number;
    }
  | {
      /** A recurrence or loop is stepped; the `started` of its members come once they are computed. */
      readonly kind: "component-started";
      readonly state: StateId;
      readonly nodes: readonly NodeId[];
      /** The name of the loop that is solved, if one is declared in it. */
      readonly loop?: string;
    }
  | {
      readonly kind: "component-finished";
      readonly state: StateId;
      readonly nodes: readonly NodeId[];
      /** What the kernels of the nodes took, in their order; absent where no clock measured it. */
      readonly ms?: readonly number[];
    }
  | { readonly kind: "iterated"; readonly state: StateId; readonly record: LoopRecord }
  | {
      readonly kind: "recalculation-finished";
      readonly state: StateId;
      readonly revision: number;
      readonly computed: number;
      readonly changed: number;
    };

/** Called while the engine computes: it may read, not edit. What it throws reaches the caller of the edit. */
export type EventListener = (event: EngineEvent) => void;

/** How somebody listens. */
export interface ListenOptions {
  /** Measures what the members of recurrences and loops take (`component-finished`), one reading a kernel call. */
  readonly clock?: Clock;
}
