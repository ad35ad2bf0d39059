/** The engine's stocks and delays against a naive simulation, on random models under random edits, to the bit. */
import { type Box, createEngine, type Engine, type NodeId, type Overlay, type State } from "@reckon/engine";
import { Column, errorValue, isErrorValue, type Scalar, sameScalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import { Draws } from "./engine-pair.ts";
import {
  type Cell,
  columnOf,
  definitionOf,
  drawReads,
  periods,
  Simulation,
  type World,
  type WorldState,
} from "./stock-world.ts";

const amounts = [0, 1, -1.5, 0.25, 2, 3.1, 0.7] as const;
/** What is pinned may be no number. */
const pinnable: readonly Scalar[] = [...amounts, ...amounts, errorValue("#N/A"), null];

interface Play {
  readonly engine: Engine;
  readonly world: World;
  readonly ids: NodeId[];
  readonly states: { readonly state: State; readonly naive: WorldState }[];
}

function blank(draws: Draws, play: Play, isAhead: boolean): Cell {
  const outer = 1 + draws.below(2);
  return {
    kind: "input",
    name: `n${play.world.length}`,
    outer,
    isAhead,
    cells: Array.from({ length: outer * periods }, () => draws.pick(amounts)),
    reads: [],
    factor: draws.below(7),
    initial: -1,
    time: -1,
    method: "euler",
    steps: 1,
  };
}

function live({ world }: Play, accept: (cell: Cell, node: number) => boolean): number[] {
  return [...world.keys()].filter((node) => {
    const cell = world[node];
    return cell !== null && cell !== undefined && accept(cell, node);
  });
}

/** Makes a formula, stock or delay of the node, with reads of its own kind. */
function redraw(draws: Draws, play: Play, index: number): void {
  const own = play.world[index] as Cell;
  own.factor = draws.below(7);
  own.steps = draws.pick([1, 1, 2, 3]);
  own.method = draws.pick(["euler", "rk4"]);
  own.reads = drawReads(draws, play.world, index);
}

function addNode(draws: Draws, play: Play): void {
  const isAhead =
    live(play, ({ isAhead }) => isAhead).length > 0 || (play.world.length > 8 && draws.below(3) === 2);
  const own = blank(draws, play, isAhead);
  const index = play.world.length;
  play.world.push(own);
  const shape = { outer: own.outer, periods };
  play.ids.push(play.engine.addInput({ name: own.name, shape, column: columnOf(own) }));
  const inputs = live(play, ({ kind }, node) => kind === "input" && node < index);
  const kind = draws.pick(["input", "formula", "formula", "stock", "stock", "stock", "delay"] as const);
  if (kind === "input" || inputs.length === 0) return;
  const sources = live(play, ({ kind: one }, node) => (one === "input" || one === "formula") && node < index);
  own.initial = draws.pick(draws.below(3) === 0 ? sources : inputs);
  own.time = draws.pick(inputs);
  (own as { kind: Cell["kind"] }).kind = kind;
  redraw(draws, play, index);
  play.engine.replace(play.ids[index] as NodeId, definitionOf(play.world, index, play.ids));
}

function drawBox(draws: Draws, { outer }: Cell): Box {
  const outerFrom = draws.below(outer);
  const from = draws.below(periods);
  return {
    outerFrom,
    outerTo: outerFrom + 1 + draws.below(outer - outerFrom),
    from,
    to: from + 1 + draws.below(periods - from),
  };
}

function filled(box: Box, value: Scalar): Column {
  const column = new Column({ outer: box.outerTo - box.outerFrom, periods: box.to - box.from });
  for (let cell = 0; cell < column.length; cell++) column.set(cell, value);
  return column;
}

function setCells(draws: Draws, play: Play): void {
  const inputs = live(play, ({ kind }) => kind === "input");
  const { state, naive } = draws.pick(play.states);
  const node = draws.pick(inputs);
  const own = play.world[node] as Cell;
  const box = drawBox(draws, own);
  const value = draws.pick(amounts);
  if (naive.parent === null) {
    for (let m = box.outerFrom; m < box.outerTo; m++)
      own.cells.fill(value, m * periods + box.from, m * periods + box.to);
  } else naive.overrides.push({ node, box, value });
  state.setCells(play.ids[node] as NodeId, box, filled(box, value));
}

function replaceNode(draws: Draws, play: Play): void {
  const formulas = live(play, ({ kind }) => kind !== "input");
  if (formulas.length === 0) return;
  const node = draws.pick(formulas);
  redraw(draws, play, node);
  play.engine.replace(play.ids[node] as NodeId, definitionOf(play.world, node, play.ids));
}

function removeNode(draws: Draws, play: Play): void {
  const isRead = (node: number): boolean =>
    live(play, (cell, i) => {
      if (i === node) return false;
      const isFirst = cell.kind === "stock" || cell.kind === "delay";
      return (
        cell.reads.some((read) => read.node === node) ||
        (isFirst && (cell.initial === node || (cell.kind === "delay" && cell.time === node)))
      );
    }).length > 0;
  const formulas = live(play, ({ kind }) => kind !== "input").filter((node) => !isRead(node));
  if (formulas.length === 0) return;
  const node = draws.pick(formulas);
  play.engine.remove(play.ids[node] as NodeId);
  play.world[node] = null;
  for (const { naive } of play.states) dropNode(naive, node);
}

function dropNode({ pins, overrides }: WorldState, node: number): void {
  for (const list of [pins, overrides])
    for (let i = list.length - 1; i >= 0; i--) if (list[i]?.node === node) list.splice(i, 1);
}

function openOverlay(draws: Draws, play: Play): void {
  if (play.states.length > 3) return;
  const parent = draws.pick(play.states);
  const state = play.engine.overlay(`overlay ${play.states.length}`, parent.state);
  play.states.push({ state, naive: { parent: parent.naive, overrides: [], pins: [] } });
}

function pin(draws: Draws, play: Play): void {
  const formulas = live(play, ({ kind }) => kind !== "input");
  if (play.states.length === 1 || formulas.length === 0) return;
  const { state, naive } = draws.pick(play.states.slice(1));
  const node = draws.pick(formulas);
  if (draws.below(3) === 2 && naive.pins.some((one) => one.node === node)) {
    for (let i = naive.pins.length - 1; i >= 0; i--)
      if (naive.pins[i]?.node === node) naive.pins.splice(i, 1);
    (state as Overlay).unpin(play.ids[node] as NodeId);
    return;
  }
  const box = drawBox(draws, play.world[node] as Cell);
  const value = draws.pick(pinnable);
  naive.pins.push({ node, box, value });
  (state as Overlay).pin(play.ids[node] as NodeId, box, filled(box, value));
}

function together(draws: Draws, play: Play): void {
  play.engine.transaction(() => {
    for (let count = 1 + draws.below(3); count > 0; count--)
      draws.pick([addNode, replaceNode, setCells])(draws, play);
  });
}

const edits = [
  setCells,
  setCells,
  setCells,
  setCells,
  addNode,
  replaceNode,
  removeNode,
  openOverlay,
  pin,
  pin,
  together,
];

const shown = (value: Scalar): unknown =>
  isErrorValue(value) ? `${value.code} from ${value.origin?.attribute}` : value;

function compare(play: Play): void {
  for (const { state, naive } of play.states) {
    const simulation = new Simulation(play.world, naive);
    for (const node of live(play, () => true)) {
      const { outer, name } = play.world[node] as Cell;
      const column = state.view(play.ids[node] as NodeId);
      const expected: Scalar[] = [];
      for (let m = 0; m < outer; m++)
        for (let t = 0; t < periods; t++) expected.push(simulation.valueAt(node, m, t));
      if (expected.every((value, cell) => sameScalar(value, column.get(cell)))) continue;
      const actual = expected.map((_, cell) => shown(column.get(cell)));
      expect({ node: name, state: state.name, cells: actual }).toEqual({
        node: name,
        state: state.name,
        cells: expected.map(shown),
      });
    }
  }
}

function playOut(numbers: readonly number[]): void {
  const draws = new Draws(numbers);
  // Some engines yield: what waits for a slice is computed before the next edit is compared.
  const slices: (() => void)[] = [];
  const defer = (resume: () => void): void => void slices.push(resume);
  let ms = 0;
  const yielding = { clock: { now: () => ms++ }, yielding: { budgetMs: 2, defer } };
  const engine = createEngine({ isChecked: true, ...(draws.below(3) === 2 ? yielding : {}) });
  const runSlices = (): void => {
    for (let resume = slices.shift(); resume !== undefined; resume = slices.shift()) resume();
  };
  const play: Play = {
    engine,
    world: [],
    ids: [],
    states: [{ state: engine, naive: { parent: null, overrides: [], pins: [] } }],
  };
  if (draws.below(2) === 1) engine.subscribe(() => undefined);
  for (let i = 0; i < 7; i++) addNode(draws, play);
  runSlices();
  compare(play);
  for (let i = 0; i < 20 && !draws.isUsedUp; i++) {
    draws.pick(edits)(draws, play);
    if (draws.below(2) === 1) continue;
    runSlices();
    compare(play);
  }
  runSlices();
  compare(play);
}

it("[IN1] [IN2] [IN3] [IN7] stocks and delays are those of a naive simulation after every edit, to the bit", () => {
  const someNumbers = fc.array(fc.nat(2 ** 20), { minLength: 60, maxLength: 500, size: "max" });
  fc.assert(fc.property(someNumbers, playOut), cases(150));
});
