/** One box of a member of a component: computed by its kernel (answered before, at once, or later), or filled. */
import { type Column, errorValue } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { contains } from "../state/boxes.ts";
import { traitAsynchronous } from "../structure/structure.ts";
import { type Answer, type Calls, cellsOf, putAnswer } from "./calls.ts";
import {
  applyPins,
  clearMarks,
  fillError,
  fillOrigins,
  isPinnedWhole,
  runKernel,
  touchBox,
} from "./column-step.ts";
import type { ComponentRun, Member } from "./component-run.ts";
import { cancelWith } from "./flight.ts";
import { sendBox } from "./sent-box.ts";
import { thrownText } from "./thrown-text.ts";

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
    if (member.integrate === null) callMember(run, member, member.out, box);
    else member.integrate(box);
    if (run.clock !== null) member.costMs += Math.max(0, run.clock.now() - began);
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

/** Fills a box of `out` by the member's kernel, now or when the walk goes on. */
export function callMember(run: ComponentRun, member: Member, out: Column, box: Box): void {
  const { graph, calls } = run;
  const { node } = member;
  const { place } = calls;
  const answer = (calls.next() as Answer | undefined) ?? givenTo(calls, box);
  if (answer !== undefined) {
    putAnswer(graph, node, out, box, answer);
    return;
  }
  const work = member.isSent
    ? sendBox(run, member, out, box)
    : runKernel(graph, node, member.inputs, out, box);
  if (!(work instanceof Promise)) {
    if (calls.isKept) calls.keep(place, { cells: cellsOf(out, box) });
    return;
  }
  if (member.isSent) calls.await(work as Promise<Answer>);
  else {
    graph.structure.addTrait(node, traitAsynchronous);
    cancelWith(run.controller.signal, work as Promise<void>);
    calls.await(answerLater(work as Promise<void>, out, box));
  }
}

/** What a kernel wrote into a box when its promise is kept. */
export function answerLater(work: Promise<void>, out: Column, box: Box): Promise<Answer> {
  return work.then(
    (): Answer => ({ cells: cellsOf(out, box) }),
    (reason: unknown): Answer => ({ error: errorValue("#VALUE!", thrownText(reason)) }),
  );
}

/** The part of what was answered for a larger box. */
function givenTo({ given }: Calls, box: Box): Answer | undefined {
  if (given?.answer == null || !contains(given.box, box)) return undefined;
  const { answer } = given;
  if ("error" in answer) return answer;
  const { outerFrom, from } = given.box;
  return {
    cells: cellsOf(answer.cells, {
      outerFrom: box.outerFrom - outerFrom,
      outerTo: box.outerTo - outerFrom,
      from: box.from - from,
      to: box.to - from,
    }),
  };
}
