/** What the steps of a component share while it is stepped: its members, their drafts, and how one box is computed. */
import type { Column } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import type { Pin } from "../overlays/override.ts";
import type { Clock } from "../ports.ts";
import type { BoxSet } from "../state/box-set.ts";
import { wholeBox } from "../state/boxes.ts";
import type { SavedCells } from "../state/saved-cells.ts";
import type { StateTable } from "../state/state-table.ts";
import type { Component, ComponentOrder } from "../structure/component.ts";
import type { Calls } from "./calls.ts";
import type { Flight } from "./flight.ts";
import type { Graph } from "./graph.ts";

/** One member of a component while it is stepped. Steps are periods, or the single step 0 over all of them. */
export interface Member {
  readonly node: number;
  /** Whether there are former values to compare with. */
  readonly hasValue: boolean;
  /** The node's own column where the engine owns it, else what will take its place. */
  readonly out: Column;
  /** The old cells of the box that is computed at present. */
  readonly saved: SavedCells;
  readonly changed: BoxSet;
  inputs: readonly Column[];
  readonly pin: Pin | undefined;
  /** Whether its kernel runs as tasks of the executor. */
  readonly isSent: boolean;
  /** Of a stock or delay: fills a box of it, in place of the kernel. */
  integrate: ((box: Box) => void) | null;
  readonly outerFrom: number;
  readonly outerTo: number;
  isDirty: Uint8Array;
  isComputed: Uint8Array;
  isChanged: Uint8Array;
  /** Milliseconds of its kernel so far, if this run has a clock. */
  costMs: number;
  /** Whether any of its steps was. */
  wasComputed: boolean;
}

export interface ComponentRun {
  readonly graph: Graph;
  readonly state: StateTable;
  readonly component: Component;
  readonly order: ComponentOrder;
  readonly members: readonly Member[];
  readonly stepCount: number;
  /** The dirty steps of all members lie from here … */
  readonly dirtyFrom: number;
  /** … to before here; no more than that: there are none. */
  readonly dirtyTo: number;
  /** Steps were looked at from here … */
  walkedFrom: number;
  /** … to before here. */
  walkedTo: number;
  /** Whether the costs of the members hear of this run. */
  readonly isMeasured: boolean;
  /** What the kernels are timed by; `null`: they are not. */
  readonly clock: Clock | null;
  /** Calls of kernels that answer later. */
  readonly calls: Calls;
  /** Whether the published columns are left alone, since some member is expected to answer later. */
  readonly isAside: boolean;
  /** Aborts the tasks of the run. */
  readonly controller: AbortController;
  /** Of a run that was suspended: a flight a member. */
  flights: readonly Flight[] | null;
  /** Of a run aside: what is recorded once it is published. */
  readonly told: (() => void)[];
  /** The dirty boxes that it was begun for, per member. */
  readonly dirty: readonly (readonly Box[])[];
  /** Goes through the steps, or on from where that was suspended; gives the boxes of members where only it knows them. */
  resume: (() => readonly Box[][] | null) | null;
  /** Of a component with stocks: which of them must move although nothing that they read has changed. */
  integration: {
    readonly needs: (index: number, step: number) => boolean;
    readonly release: () => void;
  } | null;
  /** While members are computed within a period, for steps finer than one: what is solved is not what will be shown. */
  isBetween: boolean;
}

/** The cells of a member that one step covers. */
export function boxAt(run: ComponentRun, member: Member, step: number): Box {
  if (run.order.direction === "whole") return wholeBox(member.out.shape);
  return { outerFrom: member.outerFrom, outerTo: member.outerTo, from: step, to: step + 1 };
}
