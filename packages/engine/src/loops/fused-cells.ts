/**
 * Loops of cells, family by family: the members' functions are called on the table of numbers itself, one after another,
 * without an object for a call. For loops with one unknown among cells of the base; everything else, and whatever is about
 * to become anything but a number, goes through columns (component-step.ts), from the beginning and with the same bits.
 *
 *   1. What the members read from outside are finite numbers, or it is left alone.
 *   2. Sweeps write the members' numbers where they stand; what stood there is kept aside.
 *   3. In the end what stood there is put back, and each member is settled with its result like any cell.
 *
 * Cost: a call a member and sweep.
 */
import type { CellFamily } from "../cell-node.ts";
import type { LoopDeclaration, NodeId } from "../formula-node.ts";
import { isRangeFamily } from "../ranges/range-family.ts";
import { takeBoxes } from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import { settleCell } from "../recalculation/settle.ts";
import { BoxSet } from "../state/box-set.ts";
import { flagHasValue, flagOther, type StateTable } from "../state/state-table.ts";
import type { Block, ComponentOrder } from "../structure/component.ts";
import { kindCell } from "../structure/structure.ts";
import { unknownOf } from "./fused-component.ts";
import { tableOf } from "./loop-table.ts";
import { OneUnknown } from "./one-unknown.ts";
import { type LoopSettings, makeSettings } from "./settings.ts";

const iteration: OneUnknown = new OneUnknown();

/** A component of cells that is one loop. */
interface CellLoop {
  readonly block: Block;
  readonly loop: LoopDeclaration;
  /** In the order of a sweep. */
  readonly nodes: Int32Array;
  readonly ids: readonly NodeId[];
  readonly families: readonly CellFamily[];
  readonly unknown: number;
  readonly guess: number;
  /** The nodes outside that are read. */
  readonly outside: Int32Array;
  readonly settings: LoopSettings;
  /** May start from what stands there. */
  readonly isWarm: boolean;
}

/** Solves a component of cells in the base; false: nothing was done, it is none, or one for columns. */
export function solveCells(graph: Graph, state: StateTable, order: ComponentOrder): boolean {
  if (state.parent !== null || !graph.joinsCells) return false;
  const { made } = order;
  if (made.cellLoop === undefined) made.cellLoop = cellLoopOf(graph, order);
  const cells = made.cellLoop as CellLoop | null;
  if (cells === null || !hasNumbersOutside(state, cells)) return false;
  return solve(graph, state, cells);
}

function cellLoopOf(graph: Graph, order: ComponentOrder): CellLoop | null {
  const { structure } = graph;
  const [block, ...more] = order.blocks;
  if (block === undefined || more.length > 0 || block.loop === null || block.undeclared !== null) return null;
  const families: CellFamily[] = [];
  const nodes = block.members.map((member) => order.members[member] as number);
  for (const node of nodes) {
    if (structure.kindOf(node) !== kindCell) return null;
    const family = structure.familyOf(node);
    if (isRangeFamily(family) || family.plain === undefined) return null;
    families.push(family);
  }
  const unknown = unknownOf(order, block);
  if (unknown === undefined) return null;
  const { loop } = block;
  const inside = new Set(nodes);
  const outside = new Set<number>();
  const { edges } = structure;
  nodes.forEach((node, i) => {
    const at = edges.firstPrecedentOf(node);
    for (let k = at; k < at + (families[i] as CellFamily).arity; k++) {
      const precedent = edges.poolNode[k] as number;
      if (!inside.has(precedent)) outside.add(precedent);
    }
  });
  const node = order.members[unknown] as number;
  // Of several cuts the others are computed from it. One that is cut twice starts as the last cut says.
  const guess = loop.cuts.findLast((cut) => cut.node === node)?.guess ?? -1;
  const isDiscrete = families.some((family) => family.isDiscrete === true);
  return {
    block,
    loop,
    nodes: Int32Array.from(nodes),
    ids: nodes as NodeId[],
    families,
    unknown: node,
    // A guess that the loop itself computes has no value yet.
    guess: inside.has(guess) ? -1 : guess,
    outside: Int32Array.from(outside),
    settings: makeSettings(loop, isDiscrete),
    isWarm: !isDiscrete && (loop.start ?? graph.loopStart) === "warm",
  };
}

function hasNumbersOutside(state: StateTable, { outside }: CellLoop): boolean {
  for (let i = 0; i < outside.length; i++) if (!isNumber(state, outside[i] as number)) return false;
  return true;
}

function isNumber(state: StateTable, node: number): boolean {
  const flags = state.flags[node] as number;
  return (flags & (flagHasValue | flagOther)) === flagHasValue && Number.isFinite(state.numbers[node]);
}

/** What stood at the members, and what they became: one loop is solved after another. */
let before: Float64Array = new Float64Array(64);
let results: Float64Array = new Float64Array(64);

function solve(graph: Graph, state: StateTable, cells: CellLoop): boolean {
  const { nodes } = cells;
  if (before.length < nodes.length) {
    before = new Float64Array(2 * nodes.length);
    results = new Float64Array(2 * nodes.length);
  }
  const { numbers } = state;
  const table = tableOf(state.records, cells.loop.name, cells.ids, 1);
  const row = table.rowOf(0, -1);
  const isWarm = cells.isWarm && table.isConverged(row) && nodes.every((node) => isNumber(state, node));
  const start = isWarm ? (numbers[cells.unknown] as number) : startOf(state, cells);
  if (Number.isNaN(start)) return false;
  for (let i = 0; i < nodes.length; i++) before[i] = numbers[nodes[i] as number] as number;
  if (isWarm) iteration.begin(start, cells.settings, table.deltaOf(row), table.ratioAt(row));
  else iteration.begin(start, cells.settings);
  const isNumeric = sweepToTheEnd(graph, state, cells);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as number;
    results[i] = node === cells.unknown ? iteration.x : (numbers[node] as number);
    numbers[node] = before[i] as number;
  }
  if (!isNumeric) return false;
  if (!iteration.isKept) {
    table.write(row, iteration, isWarm);
    table.nameNodes(row, table.listOf(cells.ids));
    if (graph.trace !== null) graph.emit({ kind: "iterated", state: state.id, record: table.record(row) });
  }
  for (let i = 0; i < nodes.length; i++) settleMember(graph, state, nodes[i] as number, results[i] as number);
  return true;
}

/** False: there is something to say that columns must say. */
function sweepToTheEnd(graph: Graph, state: StateTable, cells: CellLoop): boolean {
  try {
    do if (!sweep(graph, state, cells, iteration.isProof)) return false;
    while (iteration.advance(result, excess));
  } catch {
    // What a function throws is caught, and told, where it is called for columns.
    return false;
  }
  return iteration.verdict !== "diverging" && iteration.verdict !== "error";
}

/** Where the first sweep starts; NaN: that is no matter for numbers. */
function startOf(state: StateTable, { guess }: CellLoop): number {
  if (guess < 0) return 0;
  if (isNumber(state, guess)) return state.numbers[guess] as number;
  return state.valueOf(guess) === null ? 0 : Number.NaN;
}

/** What the last sweep made of the unknown, and how far a member went beyond the tolerance. */
let result = 0.5;
let excess = 0.5;
/** Computes the members, in a proof also how far they went beyond the tolerance. False: one is no finite number. */
function sweep({ structure }: Graph, { numbers }: StateTable, cells: CellLoop, isProof: boolean): boolean {
  const { nodes, families, unknown, settings } = cells;
  const { edges } = structure;
  const { poolNode } = edges;
  const { constants } = structure.cells;
  numbers[unknown] = iteration.x;
  excess = 0;
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as number;
    const family = families[i] as CellFamily;
    const at = edges.firstPrecedentOf(node);
    const constantAt = structure.cells.constantAt(node);
    let value = (family.plain as NonNullable<CellFamily["plain"]>)(
      numbers,
      poolNode,
      at,
      constants.table,
      constantAt,
    );
    if (value - value !== 0) {
      value = generally(family, numbers, poolNode, at, constants.table, constantAt);
      if (value - value !== 0) return false;
    }
    if (isProof) {
      const old = numbers[node] as number;
      const size = Math.max(Math.abs(value), Math.abs(old));
      const move = iteration.reach * Math.abs(value - old);
      excess = Math.max(excess, move - (settings.absolute + settings.relative * size));
    }
    numbers[node] = value;
  }
  result = numbers[unknown] as number;
  return true;
}

/** By the family's general function; NaN for anything but a number. */
function generally(
  family: CellFamily,
  numbers: Float64Array,
  pool: Int32Array,
  at: number,
  constants: Float64Array,
  constantAt: number,
): number {
  const values: number[] = [];
  for (let i = 0; i < family.arity; i++) values.push(numbers[pool[at + i] as number] as number);
  const value = family.general(values, constants, constantAt);
  return typeof value === "number" ? value : Number.NaN;
}

const taken: BoxSet = new BoxSet();

function settleMember(graph: Graph, state: StateTable, node: number, value: number): void {
  takeBoxes(graph, state, node, node, taken);
  graph.computedCount++;
  if (graph.trace !== null) graph.emitBoxes("started", state, node, null);
  settleCell(graph, state, node, node, value);
}
