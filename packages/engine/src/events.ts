/** The typed trace of what the engine did: tests assert on it, `why` and profiles are made from it. */
import type { Box, LoopRecord, NodeId } from "./formula-node.ts";

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
