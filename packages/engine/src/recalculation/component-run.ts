/** What the steps of a component share while it is stepped: its members, their drafts, and how one box is computed. */
import { type Column, errorValue } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import type { Pin } from "../overlays/override.ts";
import type { Clock } from "../ports.ts";
import type { BoxSet } from "../state/box-set.ts";
import { wholeBox } from "../state/boxes.ts";
import type { SavedCells } from "../state/saved-cells.ts";
import type { StateTable } from "../state/state-table.ts";
import type { Component, ComponentOrder } from "../structure/component.ts";
import type { Calls } from "./calls.ts";
import {
  applyPins,
  clearMarks,
  fillError,
  fillOrigins,
  isPinnedWhole,
  runKernel,
  touchBox,
} from "./column-step.ts";
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
  /** Of a stock or delay: fills a box of it, in place of the kernel. */
  integrate: ((box: Box) => void) | null;
  readonly outerFrom: number;
  readonly outerTo: number;
  readonly isDirty: Uint8Array;
  readonly isComputed: Uint8Array;
  readonly isChanged: Uint8Array;
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
  /** Of a component with stocks: which of them must move although nothing that they read has changed. */
  integration: { readonly needs: (index: number, step: number) => boolean } | null;
  /** While members are computed within a period, for steps finer than one: what is solved is not what will be shown. */
  isBetween: boolean;
}

/** The cells of a member that one step covers. */
export function boxAt(run: ComponentRun, member: Member, step: number): Box {
  if (run.order.direction === "whole") return wholeBox(member.out.shape);
  return { outerFrom: member.outerFrom, outerTo: member.outerTo, from: step, to: step + 1 };
}

/** Computes one box of a member into its draft, errors with origins and pins included. */
export function computeBox(run: ComponentRun, member: Member, box: Box): void {
  clearMarks(member.out, box);
  computeCleared(run, member, box);
}

/** As `computeBox`; but numbers in the box stay until the kernel writes them, for a member of a loop that reads itself. */
export function computeFrom(run: ComponentRun, member: Member, box: Box): void {
  const { marks, shape } = member.out;
  if (marks !== null) {
    for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
      marks.fill(0, outer * shape.periods + box.from, outer * shape.periods + box.to);
    }
  }
  computeCleared(run, member, box);
}

function computeCleared(run: ComponentRun, member: Member, box: Box): void {
  const { graph } = run;
  if (!isPinnedWhole(member.pin, box)) {
    const began = run.clock?.now() ?? 0;
    if (!run.calls.answer(graph, member, box)) {
      const work =
        member.integrate === null
          ? runKernel(graph, member.node, member.inputs, member.out, box)
          : member.integrate(box);
      if (run.clock !== null) member.costMs += Math.max(0, run.clock.now() - began);
      if (work instanceof Promise) run.calls.await(member, box, work);
    }
    fillOrigins(graph, member.node, member.out, box);
  }
  applyPins(member.out, member.pin, box);
  touchBox(member.out, box);
}

/** Fills one box of a member in a cycle that no declaration cuts; `path` tells it. Pinned cells keep their values. */
export function fillCycle(run: ComponentRun, member: Member, box: Box, path: string): void {
  clearMarks(member.out, box);
  fillError(run.graph, member.node, member.out, box, errorValue("#CYCLE!", path));
  applyPins(member.out, member.pin, box);
}
