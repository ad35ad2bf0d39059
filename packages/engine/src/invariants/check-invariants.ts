/** Checks the whole engine field by field and throws `EngineError` for the first thing that is wrong. For tests. */
import { Column } from "@reckon/value";
import { EngineError } from "../engine-error.ts";
import type { Graph } from "../recalculation/graph.ts";
import { contains, wholeBox } from "../state/boxes.ts";
import {
  flagCheck,
  flagDirty,
  flagHasValue,
  flagInFlight,
  flagOther,
  flagQueued,
  flagsUnresolved,
  flagWhole,
  type StateTable,
} from "../state/state-table.ts";
import { kindFree } from "../structure/structure.ts";

export function checkInvariants(graph: Graph): void {
  graph.yielding?.finishAll();
  checkEdges(graph);
  checkReaders(graph);
  checkLevels(graph);
  checkComponents(graph);
  expect(graph.queue.size === 0, "an empty queue between recalculations", `${graph.queue.size} queued nodes`);
  let inFlight = 0;
  for (const state of graph.states) {
    checkState(graph, state);
    checkOwnership(graph, state);
    inFlight += state.flights.size;
  }
  expect(inFlight === graph.inFlightCount, `${graph.inFlightCount} nodes in flight`, `${inFlight}`);
}

/** Every edge stands on both sides, equally often. */
function checkEdges(graph: Graph): void {
  const { structure } = graph;
  const readers = new Map<string, number>();
  let edgeCount = 0;
  for (const node of live(graph)) {
    for (const precedent of structure.precedentsOf(node)) {
      expect(structure.isLive(precedent), `live precedents of ${structure.nameOf(node)}`, `${precedent}`);
      const key = `${precedent} ${node}`;
      readers.set(key, (readers.get(key) ?? 0) + 1);
      edgeCount++;
    }
  }
  for (const node of live(graph)) {
    for (const dependent of structure.dependentsOf(node)) {
      const key = `${node} ${dependent}`;
      const count = readers.get(key) ?? 0;
      expect(count > 0, `an edge ${key} on the precedent side`, "none");
      readers.set(key, count - 1);
    }
  }
  for (const [key, count] of readers) expect(count === 0, `edge ${key} on the dependent side`, "none");
  expect(structure.edges.edgeCount === edgeCount, `${edgeCount} edges`, `${structure.edges.edgeCount}`);
}

/** The indexes over readers by ranges hold each dependent of their node, as often as it reads it. */
function checkReaders({ structure }: Graph): void {
  for (const [node, readers] of structure.edges.readers) {
    if (readers === null) continue;
    const indexed = [...readers.own.values(), ...readers.fixed.values()].flatMap(({ index }) => [
      ...index.nodes,
    ]);
    const found = [...indexed, ...readers.others].sort((a, b) => a - b).join(" ");
    const expected = structure.dependentsOf(node).sort((a, b) => a - b);
    expect(expected.join(" ") === found, `the readers ${expected.join(" ")} of ${node}`, found);
  }
}

function checkLevels(graph: Graph): void {
  const { structure } = graph;
  for (const node of live(graph)) {
    const isOther = structure.isWide(node) || structure.componentIdOf(node) !== 0;
    const isOdd = ((structure.rowTable.ranks[node] as number) & 1) === 1;
    expect(
      isOther === isOdd,
      `the rank of ${structure.nameOf(node)} ${isOther ? "odd" : "even"}`,
      "otherwise",
    );
    const level = structure.levelOf(node);
    for (const precedent of structure.precedentsOf(node)) {
      if (precedent === node || structure.isSameComponent(precedent, node)) continue;
      const before = structure.levelOf(precedent);
      expect(before < level, `level of ${structure.nameOf(node)} above ${before}`, `${level}`);
    }
  }
}

function checkComponents(graph: Graph): void {
  const { structure } = graph;
  for (const component of structure.componentList) {
    if (component === undefined) continue;
    const level = structure.levelOf(component.members[0] as number);
    for (const member of component.members) {
      expect(structure.isLive(member), "live members of a component", `${member}`);
      expect(
        structure.componentOf(member) === component,
        `component ${component.id} of ${member}`,
        "another",
      );
      expect(structure.levelOf(member) === level, `one level in component ${component.id}`, "several");
    }
  }
}

function checkState(graph: Graph, state: StateTable): void {
  const { structure } = graph;
  for (const node of live(graph)) {
    const slot = state.slotOf(node);
    if (slot < 0) continue;
    const name = `${structure.nameOf(node)} in ${state.name}`;
    const flags = state.flags[slot] as number;
    expect((flags & flagQueued) === 0, `${name} out of the queue`, "the queued flag");
    expect(
      ((flags & flagInFlight) !== 0) === state.flights.has(node),
      `a flight of ${name} with its flag`,
      "one alone",
    );
    expect(
      (flags & flagWhole) === 0 || (flags & flagDirty) !== 0,
      `${name} dirty where it is wholly so`,
      "clean",
    );
    const boxes = state.boxesOf(node);
    expect(boxes.length === 0 || (flags & flagDirty) !== 0, `${name} dirty where it has boxes`, "clean");
    for (const box of boxes) {
      expect(
        contains(wholeBox(structure.shapeOf(node)), box),
        `boxes of ${name} within its shape`,
        JSON.stringify(box),
      );
    }
    if ((flags & flagHasValue) !== 0) checkValue(graph, state, node, name);
    else expect((flags & flagsUnresolved) !== 0, `a value, or a reason for none, of ${name}`, "neither");
    expect((state.changedAt[slot] as number) <= graph.revision, `${name} changed by now`, "later");
    checkWaiting(graph, state, node, name);
  }
}

function checkValue(graph: Graph, state: StateTable, node: number, name: string): void {
  const slot = state.slotOf(node);
  if (!graph.structure.isColumn(node)) return;
  const column = state.valueOf(node);
  if (!graph.structure.isWide(node)) {
    expect(!(column instanceof Column) && !Number.isNaN(column), `a scalar of ${name}`, String(column));
    return;
  }
  expect(((state.flags[slot] as number) & flagOther) !== 0, `the column of ${name} in its slot`, "a number");
  if (!(column instanceof Column)) throw broken(`a column of ${name}`, String(column));
  const shape = graph.structure.shapeOf(node);
  expect(
    column.shape.outer === shape.outer && column.shape.periods === shape.periods,
    `the shape of ${name}`,
    JSON.stringify(column.shape),
  );
  expect(!column.numbers.some(Number.isNaN), `no NaN in ${name}`, "NaN");
}

/** What reads something unresolved is marked `check`, and nothing else is. */
function checkWaiting(graph: Graph, state: StateTable, node: number, name: string): void {
  const { structure } = graph;
  const isWaiting = ((state.flags[state.slotOf(node)] as number) & flagCheck) !== 0;
  let hasReason = false;
  for (const member of structure.unitMembers(node)) {
    for (const precedent of structure.precedentsOf(member)) {
      if (precedent === member || structure.isSameComponent(precedent, member)) continue;
      hasReason ||= (state.flagsOf(precedent) & flagsUnresolved) !== 0;
    }
  }
  expect(hasReason === isWaiting, `${name} ${hasReason ? "waiting" : "not waiting"}`, "the opposite");
}

/** What reads an owned node is owned, and a component is owned as a whole. */
function checkOwnership(graph: Graph, state: StateTable): void {
  if (state.parent === null) return;
  const { structure } = graph;
  for (const node of state.ownedNodes()) {
    expect(structure.isLive(node), `live nodes in ${state.name}`, `${node}`);
    for (const next of [...structure.dependentsOf(node), ...structure.unitMembers(node)]) {
      expect(state.slotOf(next) >= 0, `${structure.nameOf(next)} owned by ${state.name}`, "not owned");
    }
  }
}

function* live(graph: Graph): Iterable<number> {
  for (let node = 0; node < graph.structure.rows; node++) {
    if (graph.structure.kindOf(node) !== kindFree) yield node;
  }
}

function expect(isTrue: boolean, expected: string, found: string): void {
  if (!isTrue) throw broken(expected, found);
}

function broken(expected: string, found: string): EngineError {
  return new EngineError("engine/broken-invariant", {
    expected,
    found,
    remedy: "report this as a defect, with the edits that led to it",
  });
}
