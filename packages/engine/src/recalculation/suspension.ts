/**
 * Components with members that answer later.
 *
 *   walk ──► a kernel gives a promise ──► the walk is abandoned, the component is in flight
 *     ▲                                                  │ the answers are there
 *     └───── walked again, calls answered ◄──────────────┘
 *
 * A walk depends on nothing but the inputs, so its calls come in the same order each time: answers are kept by the number
 * of the call, and a walk that is made again gets each of them at once, as far as the last one ended. What a kernel gives
 * for several boxes in one sweep (outer members that still iterate) is awaited together. An edit meanwhile drops the
 * answers with the flight.
 *
 * Such a component is walked on copies, and its loops start cold. Only when a kernel gives its first promise after it
 * had answered at once before, the walk may have written into published columns: these are told as changed everywhere.
 *
 * Cost: calls answered later × the walk up to there.
 */
import { type Column, type ErrorValue, errorValue } from "@reckon/value";
import type { Box, NodeId } from "../formula-node.ts";
import { nodesByDefinition } from "../integration/stock-row.ts";
import type { StateTable } from "../state/state-table.ts";
import { flagDirty } from "../state/state-table.ts";
import { traitAsynchronous } from "../structure/structure.ts";
import { type Answer, cellsOf } from "./calls.ts";
import { columnOf, formulaOf, sharedColumn } from "./column-step.ts";
import type { ComponentRun } from "./component-run.ts";
import { beginFlight, endFlight, giveUpFlight } from "./departure.ts";
import type { Flight } from "./flight.ts";
import type { Graph } from "./graph.ts";
import { markCells, markUnresolved } from "./marking.ts";
import { enqueue } from "./push.ts";
import { thrownText } from "./thrown-text.ts";

/** Answers for the next walk of a component, and what they stand for. */
interface Replay {
  readonly order: ComponentRun["order"];
  readonly read: readonly number[];
  readonly answers: Map<number, Answer>;
}

const replays = new WeakMap<StateTable, Map<number, Replay>>();
const touched = new WeakMap<StateTable, Set<number>>();

export function hasAsynchronous(graph: Graph, nodes: readonly number[]): boolean {
  return nodes.some((node) => (graph.structure.traitsOf(node) & traitAsynchronous) !== 0);
}

/** The answers that walks before this one got, if they still hold. */
export function takeAnswers(
  graph: Graph,
  state: StateTable,
  order: ComponentRun["order"],
): Map<number, Answer> {
  const first = order.members[0] as number;
  const replay = replays.get(state)?.get(first);
  if (replay === undefined) return new Map();
  replays.get(state)?.delete(first);
  const read = readRevisions(graph, state, order.members);
  const isSame = replay.order === order && replay.read.every((revision, i) => revision === read[i]);
  return isSame ? replay.answers : new Map();
}

/** When the values last changed that are read from outside. */
function readRevisions(graph: Graph, state: StateTable, members: readonly number[]): number[] {
  const inside = new Set(members);
  return members.flatMap((member) =>
    nodesByDefinition(formulaOf(graph, member)).map((node) => {
      if (inside.has(node)) return 0;
      const owner = state.ownerOf(node);
      return owner.changedAt[owner.slotOf(node)] as number;
    }),
  );
}

/** Puts the component of an abandoned walk in flight; false: it has to be walked again first. */
export function suspend(run: ComponentRun, dirty: readonly (readonly Box[])[]): boolean {
  const { graph, state, order } = run;
  const isAside = hasAsynchronous(graph, order.members) || run.members.every((member) => !member.hasValue);
  for (const { member } of run.calls.waiting) graph.structure.addTrait(member.node, traitAsynchronous);
  if (!isAside) {
    for (const { work } of run.calls.waiting) work.catch(() => undefined);
    for (const { node, hasValue } of run.members) if (hasValue) noteTouched(state, node);
    order.members.forEach((node, i) => {
      for (const box of dirty[i] as readonly Box[]) markCells(graph, state, node, box);
    });
    return false;
  }
  for (const { node } of run.members) {
    for (const precedent of formulaOf(graph, node).precedents) sharedColumn(graph, state, precedent.node);
  }
  depart(run, dirty);
  return true;
}

/** The published column of the node was written into, and nobody told. */
export function noteTouched(state: StateTable, node: number): void {
  const nodes = touched.get(state) ?? new Set();
  touched.set(state, nodes);
  nodes.add(node);
}

/** Whether the node's cells may differ from what was told of them; asked once. */
export function takeTouched(state: StateTable, node: number): boolean {
  return touched.get(state)?.delete(node) === true;
}

function depart(run: ComponentRun, dirty: readonly (readonly Box[])[]): void {
  const { graph, state, order, calls } = run;
  const nodes = order.members;
  const flights = nodes.map((node, i) => beginFlight(graph, state, node, dirty[i] as readonly Box[]));
  const replay: Replay = { order, read: readRevisions(graph, state, nodes), answers: calls.answers };
  for (const node of nodes) {
    if (graph.trace !== null) graph.emitNode("pending", state, node);
    graph.announceStatus(state, node, state.slotOf(node));
    markUnresolved(graph, state, node);
  }
  const { waiting } = calls;
  const all = waiting.map(({ work }) =>
    work.then(
      () => null,
      (reason: unknown) => errorValue("#VALUE!", thrownText(reason)),
    ),
  );
  void Promise.all(all).then((errors) => {
    waiting.forEach(({ call, member, box }, i) => {
      replay.answers.set(call, { cells: cellsOf(member.out, box), error: errors[i] as ErrorValue | null });
    });
    land(graph, state, nodes, flights[0] as Flight, dirty, replay);
  });
}

/** The answers are there: the component is dirty again, and walked in a recalculation of its own. */
function land(
  graph: Graph,
  state: StateTable,
  nodes: readonly number[],
  flight: Flight,
  dirty: readonly (readonly Box[])[],
  replay: Replay,
): void {
  const first = nodes[0] as number;
  if (state.flights.get(first) !== flight) return;
  if (nodes.some((node) => ((state.flags[state.slotOf(node)] as number) & flagDirty) !== 0)) {
    for (const node of nodes) giveUpFlight(graph, state, node, "a value that it reads changed");
    graph.wakeWaiters();
    return;
  }
  state.edits.push(() => {
    nodes.forEach((node, i) => {
      endFlight(graph, state, node);
      for (const box of dirty[i] as readonly Box[]) markCells(graph, state, node, box);
    });
    const known = replays.get(state) ?? new Map<number, Replay>();
    replays.set(state, known);
    known.set(first, replay);
    enqueue(graph, state, first as NodeId);
  });
  graph.recalculate(graph);
}

/** The column that a member reads from outside, for a kernel that may keep it. */
export function outsideColumn(
  run: Pick<ComponentRun, "graph" | "state">,
  node: number,
  isAside: boolean,
): Column {
  return isAside ? sharedColumn(run.graph, run.state, node) : columnOf(run.graph, run.state, node);
}
