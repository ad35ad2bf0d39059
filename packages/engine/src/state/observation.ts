import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Status } from "../api.ts";

/**
 * The signals of one node in one state, made when first asked for.
 *
 * `valueVersion` and `statusVersion` are counters that the engine bumps; the face's `computed`s read them and then
 * pull from the engine. The counters are separate because a value that is NaN never equals itself: it must be
 * evaluated again only when the engine says that it changed.
 */
export interface Observation {
  readonly node: number;
  readonly valueVersion: Signal<number>;
  readonly statusVersion: Signal<number>;
  value: ReadonlySignal<unknown> | null;
  column: ReadonlySignal<unknown> | null;
  status: ReadonlySignal<Status> | null;
  /** How many of the two value signals are watched. */
  watchers: number;
  isValueQueued: boolean;
  isStatusQueued: boolean;
}

export function createObservation(node: number): Observation {
  return {
    node,
    valueVersion: signal(0),
    statusVersion: signal(0),
    value: null,
    column: null,
    status: null,
    watchers: 0,
    isValueQueued: false,
    isStatusQueued: false,
  };
}
