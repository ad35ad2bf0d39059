/**
 * Plays random edits on an engine and on its naive stand-in. After each edit: what is fresh has the naive value, in
 * every state; the invariants hold (`isChecked`); nothing ran twice, and nothing ran whose precedents were unchanged.
 */
import type { Box, FormulaNode, NodeId, Overlay, RangeNode } from "@reckon/engine";
import { Column, isErrorValue, type Scalar, type Shape, sameScalar } from "@reckon/value";
import { expect } from "vitest";
import { blankNode, Draws, oneCell, Pair, type Surroundings, shapes } from "./engine-pair.ts";
import {
  definitionOf,
  type NaiveNode,
  type NaiveRead,
  type NaiveState,
  pairReach,
  recomputeAll,
} from "./naive-graph.ts";
import { drawRange, type NaiveRange, readOfRange } from "./naive-range.ts";

function drawBox(draws: Draws, shape: Shape): Box {
  const outerFrom = draws.below(shape.outer);
  const from = draws.below(shape.periods);
  const outerTo = outerFrom + 1 + draws.below(shape.outer - outerFrom);
  return { outerFrom, outerTo, from, to: from + 1 + draws.below(shape.periods - from) };
}

function filled(box: Box, value: number): Column {
  const column = new Column({ outer: box.outerTo - box.outerFrom, periods: box.to - box.from });
  column.numbers.fill(value);
  return column;
}

function drawRead(draws: Draws, pair: Pair, shape: Shape): NaiveRead | null {
  const candidates = pair.live(() => true);
  if (candidates.length === 0) return null;
  const node = draws.pick(candidates);
  const other = (pair.nodes[node] as NaiveNode).shape;
  const outers: NaiveRead["outer"][] = [{ kind: "all" }];
  if (other.outer === shape.outer) outers.unshift({ kind: "same" });
  if (other.outer === shape.outer * 2) outers.push(pairReach);
  const times: NaiveRead["time"][] = [{ kind: "all" }];
  if (other.periods > 1) times.push({ kind: "range", from: 0, to: 1 + draws.below(2) });
  if (other.periods === shape.periods && shape.periods > 1) {
    const lag = 1 + draws.below(2);
    times.unshift(
      { kind: "window", from: 0, to: 0 },
      { kind: "window", from: -lag, to: -lag },
      { kind: "window", from: -lag, to: -1 },
      { kind: "window", from: -lag, to: 0 },
      { kind: "window", from: lag, to: lag },
      { kind: "span", from: { scale: 0, offset: 0 }, to: { scale: 1, offset: draws.below(2) } },
    );
  }
  if (other.periods > 1) times.push(drawSpan(draws), drawGather(draws, shape, other));
  return { node, time: draws.pick(times), outer: draws.pick(outers) };
}

function drawSpan(draws: Draws): NaiveRead["time"] {
  const bound = () => ({ scale: draws.below(5) - 2, offset: draws.below(7) - 2 });
  return { kind: "span", from: bound(), to: bound() };
}

function drawGather(draws: Draws, shape: Shape, other: Shape): NaiveRead["time"] {
  const first = new Int32Array(shape.periods + 1);
  const positions: number[] = [];
  for (let t = 0; t < shape.periods; t++) {
    for (let count = draws.below(3); count > 0; count--) positions.push(draws.below(other.periods));
    first[t + 1] = positions.length;
  }
  return { kind: "gather", first, positions: Int32Array.from(positions) };
}

function drawFormula(draws: Draws, pair: Pair, node: NaiveNode): void {
  const count = 1 + draws.below(3);
  const reads: NaiveRead[] = [];
  for (let i = 0; i < count; i++) {
    const read = drawRead(draws, pair, node.shape);
    if (read !== null) reads.push(read);
  }
  node.cells = null;
  node.range = undefined;
  node.reads = reads;
  node.factor = draws.below(7);
}

/** A range of any node, itself too. */
function drawRangeNode(draws: Draws, pair: Pair, node: NaiveNode): void {
  const of = draws.pick(pair.live(() => true));
  setRange(node, of, drawRange(draws, (pair.nodes[of] as NaiveNode).shape));
}

function setRange(node: NaiveNode, of: number, range: NaiveRange): void {
  node.cells = null;
  node.range = range;
  node.reads = [readOfRange(of, range)];
}

const isOneCell = ({ shape }: NaiveNode): boolean => shape.outer * shape.periods === 1;

function addRange(draws: Draws, pair: Pair): void {
  if (pair.live(() => true).length === 0) return;
  const node = blankNode(pair, oneCell);
  drawRangeNode(draws, pair, node);
  node.isManual = draws.below(6) === 5;
  pair.ids.push(pair.engine.addRange(definitionOf(node, pair.ids, pair.shapesOf()) as RangeNode));
  pair.nodes.push(node);
  pair.isStructural = true;
}

/** So many ranges of one node that their readers are found by an index. */
function addRanges(draws: Draws, pair: Pair): void {
  const live = pair.live(() => true);
  if (pair.nodes.length > 60 || live.length === 0) return;
  const of = draws.pick(live);
  const aggregate = draws.pick(["sum", "count", "average"] as const);
  const ranges = Array.from({ length: 16 + draws.below(4) }, () => ({
    ...drawRange(draws, (pair.nodes[of] as NaiveNode).shape),
    aggregate,
  }));
  const at = pair.nodes.length;
  const first = pair.engine.addRanges({
    of: pair.ids[of] as NodeId,
    row: Int32Array.from(ranges, ({ row }) => row),
    from: Int32Array.from(ranges, ({ from }) => from),
    to: Int32Array.from(ranges, ({ to }) => to),
    aggregate,
    nameAt: (index) => `n${at + index}`,
  });
  ranges.forEach((range, i) => {
    const node = blankNode(pair, oneCell);
    setRange(node, of, range);
    pair.ids.push((first + i) as NodeId);
    pair.nodes.push(node);
  });
  pair.isStructural = true;
}

function addNode(draws: Draws, pair: Pair): void {
  const shape = draws.pick(shapes);
  const node = blankNode(pair, shape);
  node.cells = Array.from({ length: shape.outer * shape.periods }, () => draws.below(7));
  if (draws.below(3) > 0) {
    drawFormula(draws, pair, node);
    node.isManual = draws.below(6) === 5;
    node.isHeavy = pair.mayBeHeavy && draws.below(2) === 1;
    const formula = definitionOf(node, pair.ids, pair.shapesOf()) as FormulaNode;
    pair.ids.push(pair.engine.addFormula(pair.dress(formula)));
  } else pair.ids.push(pair.engine.addInput({ name: node.name, shape, column: columnOf(node) }));
  pair.nodes.push(node);
  pair.isStructural = true;
}

function columnOf(node: NaiveNode): Column {
  const column = new Column(node.shape);
  node.cells?.forEach((value, cell) => {
    column.numbers[cell] = value;
  });
  return column;
}

function setCells(draws: Draws, pair: Pair): void {
  const inputs = pair.live((node) => node.cells !== null);
  if (inputs.length === 0) return;
  const index = draws.pick(inputs);
  const node = pair.nodes[index] as NaiveNode;
  const box = drawBox(draws, node.shape);
  const value = draws.below(7);
  const { state, naive } = draws.pick(pair.states);
  pair.edited.add(index);
  if (naive.parent === null) {
    for (let m = box.outerFrom; m < box.outerTo; m++)
      for (let t = box.from; t < box.to; t++) (node.cells as number[])[m * node.shape.periods + t] = value;
    state.setCells(pair.ids[index] as NodeId, box, filled(box, value));
    return;
  }
  const isRelative = draws.below(3) === 2;
  naive.overrides.push({ node: index, box, value, isRelative });
  if (!isRelative) state.setCells(pair.ids[index] as NodeId, box, filled(box, value));
  else {
    (state as Overlay).relate(pair.ids[index] as NodeId, box, (inherited, out, part) => {
      for (let m = part.outerFrom; m < part.outerTo; m++)
        for (let t = part.from; t < part.to; t++) {
          const cell = m * node.shape.periods + t;
          out.set(cell, (inherited.get(cell) as number) + value);
        }
    });
  }
}

function replaceNode(draws: Draws, pair: Pair): void {
  const candidates = pair.live(() => true);
  if (candidates.length === 0) return;
  const index = draws.pick(candidates);
  const node = pair.nodes[index] as NaiveNode;
  pair.isStructural = true;
  if (draws.below(4) === 3) {
    node.cells = Array.from({ length: node.shape.outer * node.shape.periods }, () => draws.below(7));
    node.reads = [];
    node.range = undefined;
    node.isManual = false;
    pair.engine.replace(pair.ids[index] as NodeId, {
      name: node.name,
      shape: node.shape,
      column: columnOf(node),
    });
    return;
  }
  if (isOneCell(node) && draws.below(2) === 1) drawRangeNode(draws, pair, node);
  else drawFormula(draws, pair, node);
  const definition = definitionOf(node, pair.ids, pair.shapesOf());
  pair.engine.replace(
    pair.ids[index] as NodeId,
    "kernel" in definition ? pair.dress(definition) : definition,
  );
}

/** What a node has become in the end decides: only inputs are overridden, only formulas pinned. */
function dropUnfitting(pair: Pair): void {
  pair.nodes.forEach((node, index) => {
    for (const { naive } of pair.states) {
      if (node?.cells === null) drop(naive.overrides, index);
      else drop(naive.pins, index);
    }
  });
}

function drop(entries: { node: number }[], index: number): void {
  for (let i = entries.length - 1; i >= 0; i--) if (entries[i]?.node === index) entries.splice(i, 1);
}

function removeNode(draws: Draws, pair: Pair): void {
  const isRead = (index: number): boolean =>
    pair.nodes.some((node, i) => i !== index && node?.reads.some((read) => read.node === index) === true);
  const candidates = pair.live(() => true).filter((index) => !isRead(index));
  if (candidates.length === 0) return;
  const index = draws.pick(candidates);
  pair.engine.remove(pair.ids[index] as NodeId);
  pair.nodes[index] = null;
  pair.isStructural = true;
  for (const { naive } of pair.states) {
    drop(naive.overrides, index);
    drop(naive.pins, index);
  }
}

function openOverlay(draws: Draws, pair: Pair): void {
  if (pair.states.length > 4) return;
  const parent = draws.pick(pair.states);
  const state = pair.engine.overlay(`overlay ${pair.states.length}`, parent.state);
  pair.states.push({ state, naive: { parent: parent.naive, overrides: [], pins: [] } });
}

function editOverlay(draws: Draws, pair: Pair): void {
  if (pair.states.length === 1) return;
  const chosen = pair.states[1 + draws.below(pair.states.length - 1)] as (typeof pair.states)[number];
  const overlay = chosen.state as Overlay;
  const { naive } = chosen;
  const action = draws.below(4);
  if (action === 0 && naive.overrides.length > 0) {
    const { node } = draws.pick(naive.overrides);
    drop(naive.overrides, node);
    pair.edited.add(node);
    overlay.clearOverride(pair.ids[node] as NodeId);
  } else if (action === 1 && naive.pins.length > 0) {
    const { node } = draws.pick(naive.pins);
    drop(naive.pins, node);
    pair.edited.add(node);
    overlay.unpin(pair.ids[node] as NodeId);
  } else if (action === 2) {
    const formulas = pair.live((node) => node.cells === null);
    if (formulas.length === 0) return;
    const node = draws.pick(formulas);
    const box = drawBox(draws, (pair.nodes[node] as NaiveNode).shape);
    const value = draws.below(7);
    naive.pins.push({ node, box, value });
    pair.edited.add(node);
    overlay.pin(pair.ids[node] as NodeId, box, filled(box, value));
  } else if (action === 3) {
    overlay.close();
    const gone = new Set<NaiveState>([naive]);
    for (const { naive: one } of pair.states) if (one.parent !== null && gone.has(one.parent)) gone.add(one);
    for (let i = pair.states.length - 1; i > 0; i--)
      if (gone.has((pair.states[i] as { naive: NaiveState }).naive)) pair.states.splice(i, 1);
  }
}

/** Edits, then throws: nothing may have happened. */
function failingTransaction(draws: Draws, pair: Pair): void {
  const node = draws.pick(pair.live((one) => one.cells !== null));
  const count = pair.engine.nodeCount;
  expect(() =>
    pair.engine.transaction(() => {
      if (node !== undefined) {
        const { shape } = pair.nodes[node] as NaiveNode;
        const box = { outerFrom: 0, outerTo: shape.outer, from: 0, to: shape.periods };
        pair.engine.setCells(pair.ids[node] as NodeId, box, filled(box, 99));
        pair.engine.addFormula({ name: "gone", shape, precedents: [], kernel: { compute: () => undefined } });
        pair.engine.replace(pair.ids[node] as NodeId, { name: "gone", shape, column: new Column(shape) });
      }
      throw new Error("on purpose");
    }),
  ).toThrow("on purpose");
  expect(pair.engine.nodeCount).toBe(count);
}

const edits = [
  setCells,
  setCells,
  setCells,
  addNode,
  addRange,
  addRanges,
  replaceNode,
  removeNode,
  openOverlay,
  editOverlay,
  editOverlay,
  failingTransaction,
];

function playEdit(draws: Draws, pair: Pair): void {
  pair.events.length = 0;
  pair.edited.clear();
  pair.isStructural = false;
  if (draws.below(4) === 3) {
    pair.engine.transaction(() => {
      draws.pick([setCells, replaceNode, addNode, addRange])(draws, pair);
      draws.pick([setCells, replaceNode, addNode, addRange])(draws, pair);
    });
  } else draws.pick(edits)(draws, pair);
  dropUnfitting(pair);
}

function compare(pair: Pair, isEverythingRead: boolean, draws: Draws): void {
  for (const { column, cells } of pair.held) {
    const isAsItWas = cells.every((value, cell) => sameScalar(value, column.get(cell)));
    expect(isAsItWas, "a column that was handed out is as it was").toBe(true);
  }
  for (const { state, naive } of pair.states) {
    const values = recomputeAll(pair.nodes, naive);
    pair.nodes.forEach((node, i) => {
      if (node === null) return;
      const id = pair.ids[i] as NodeId;
      if (!isEverythingRead && state.statusOf(id) !== "fresh") return;
      const isHeld = draws.below(pair.looksPerHold) === 0;
      const look = isHeld ? (isEverythingRead ? state.read : state.peek) : state.view;
      const column = look(id);
      const actual = cellsOf(column);
      if (isHeld) pair.held.push({ column, cells: actual });
      const expected = values[i] as Scalar[];
      if (actual.every((value, cell) => sameScalar(value, expected[cell] as Scalar))) return;
      expect({ node: node.name, state: state.name, cells: actual.map(shown) }).toEqual({
        node: node.name,
        state: state.name,
        cells: expected.map(shown),
      });
    });
  }
}

function cellsOf(column: Column): Scalar[] {
  return Array.from({ length: column.length }, (_, cell) => column.get(cell));
}

function shown(value: Scalar): Scalar {
  return isErrorValue(value) ? `${value.code} from ${value.origin?.attribute}` : value;
}

/** Each recalculation computes a node at most once, and only if something it reads changed or it was edited itself. */
function checkWork(pair: Pair): void {
  const changed = new Set(pair.events.flatMap((event) => (event.kind === "changed" ? [event.node] : [])));
  const edited = new Set([...pair.edited].map((index) => pair.ids[index] as NodeId));
  let started = new Set<NodeId>();
  for (const event of pair.events) {
    if (event.kind === "recalculation-started") started = new Set();
    else if (event.kind === "started") {
      expect(started.has(event.node), `node ${event.node} ran twice`).toBe(false);
      started.add(event.node);
      if (pair.isStructural || edited.has(event.node)) continue;
      const hasReason = pair.engine.precedentsOf(event.node).some((node) => changed.has(node));
      expect(hasReason, `node ${event.node} ran for a reason`).toBe(true);
    }
  }
}

const hasManual = (pair: Pair): boolean => pair.nodes.some((node) => node?.isManual === true);

/** Plays up to `editCount` edits drawn from `numbers`; throws where the two differ. */
export function play(numbers: readonly number[], editCount: number): void {
  const draws = new Draws(numbers);
  const pair = new Pair(draws);
  for (let i = 0; i < 4; i++) addNode(draws, pair);
  for (let i = 0; i < editCount && !draws.isUsedUp; i++) {
    playEdit(draws, pair);
    if (pair.isTraced && !hasManual(pair)) checkWork(pair);
    compare(pair, draws.below(3) === 0, draws);
  }
  compare(pair, true, draws);
}

/** As `play`, with an engine that yields: what is fresh between two slices has the naive value, too. */
export function playYielding(numbers: readonly number[], editCount: number): void {
  const draws = new Draws(numbers);
  const pair = new Pair(draws, { isYielding: true });
  const slices = pair.slices as (() => void)[];
  for (let i = 0; i < 4; i++) addNode(draws, pair);
  for (let i = 0; i < editCount && !draws.isUsedUp; i++) {
    playEdit(draws, pair);
    for (let count = draws.below(3); count > 0; count--) slices.shift()?.();
    compare(pair, draws.below(4) === 0, draws);
  }
  for (let resume = slices.shift(); resume !== undefined; resume = slices.shift()) resume();
  compare(pair, true, draws);
}

/** As `play`, with an executor that answers late and out of order. */
export async function playHeavy(numbers: readonly number[], editCount: number): Promise<void> {
  const draws = new Draws(numbers);
  const pair = new Pair(draws, { isHeavy: true });
  const tasks = pair.tasks as (() => void)[];
  for (let i = 0; i < 4; i++) addNode(draws, pair);
  for (let i = 0; i < editCount && !draws.isUsedUp; i++) {
    playEdit(draws, pair);
    compare(pair, false, draws);
    for (let answers = draws.below(3); answers > 0 && tasks.length > 0; answers--) {
      tasks.splice(draws.below(tasks.length), 1)[0]?.();
      await arrivals();
      compare(pair, false, draws);
    }
  }
  for (let round = 0; round < 20; round++) {
    for (const { state } of pair.states) state.refresh();
    for (const answer of tasks.splice(0)) answer();
    await arrivals();
  }
  await pair.engine.settled();
  compare(pair, true, draws);
}

/** What may happen between two edits; false: nothing is on its way. */
export interface Meanwhile {
  readonly surroundings: Surroundings;
  readonly step: () => Promise<boolean>;
}

/** As `play`, in surroundings that decide by cost what is sent. */
export async function playDispatched(
  numbers: readonly number[],
  editCount: number,
  surround: (draws: Draws) => Meanwhile,
): Promise<Pair> {
  const draws = new Draws(numbers);
  const { surroundings, step } = surround(draws);
  const pair = new Pair(draws, { surroundings });
  for (let i = 0; i < 4; i++) addNode(draws, pair);
  for (let i = 0; i < editCount && !draws.isUsedUp; i++) {
    playEdit(draws, pair);
    compare(pair, false, draws);
    for (let steps = draws.below(4); steps > 0; steps--) {
      await step();
      compare(pair, false, draws);
    }
  }
  for (let round = 0; round < 20; round++) {
    for (const { state } of pair.states) state.refresh();
    while (await step()) compare(pair, false, draws);
  }
  await pair.engine.settled();
  compare(pair, true, draws);
  return pair;
}

/** Lets every answered promise arrive. */
async function arrivals(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}
