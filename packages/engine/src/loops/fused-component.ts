/**
 * The joint function of a component, with the tables it works on: made once for an order, when the component has been
 * computed in earnest, and kept with it.
 *
 * What can be joined: members of one shape that read each other at equal outer members, in one direction of time; every
 * kernel with a part; every loop declared, with one value that a sweep starts from. Everything else is stepped kernel by
 * kernel (component-step.ts).
 */
import type { FormulaNode, LoopDeclaration, NodeId } from "../formula-node.ts";
import { formulaOf } from "../recalculation/column-step.ts";
import type { Graph } from "../recalculation/graph.ts";
import type { Block, ComponentOrder, StockGroup } from "../structure/component.ts";
import {
  bitsAWord,
  type FusedLoop,
  type LoopBlock,
  type LoopGroup,
  type LoopGuess,
  type LoopMember,
  type LoopTables,
} from "./loop-fuser.ts";
import { relativeOf, settingsOf } from "./settings.ts";

export interface FusedComponent {
  readonly order: ComponentOrder;
  readonly fused: FusedLoop;
  readonly tables: LoopTables;
  /** Where each column outside stands: the member and the slot that reads it. */
  readonly outside: readonly OutsideColumn[];
  readonly loops: readonly FusedBlock[];
  /** What stands for columns of TRUE and FALSE, by member. */
  readonly booleanTables: Map<number, Float64Array>;
}

interface OutsideColumn {
  readonly node: number;
  /** −1: none, a loop starts there. */
  readonly member: number;
  readonly slot: number;
}

/** A loop of the component. */
interface FusedBlock {
  readonly block: Block;
  readonly loop: LoopDeclaration;
  /** The member whose value a sweep starts from. */
  readonly unknown: number;
  readonly nodes: readonly NodeId[];
  readonly isDiscrete: boolean;
}

/** So many cells are computed kernel by kernel before a function is made: it costs as much as some hundreds of them. */
const cellsBefore = 256;

interface Trial {
  cells: number;
  /** `null`: cannot be joined. */
  made: FusedComponent | null | undefined;
}

/**
 * The joint function of an order whose members are about to compute `cells` cells at most; `null`: kernel by kernel, this
 * time or always.
 */
export function fusedComponentOf(graph: Graph, order: ComponentOrder, cells: number): FusedComponent | null {
  order.made.jointTrial ??= { cells: 0, made: undefined } satisfies Trial;
  const trial = order.made.jointTrial as Trial;
  const { made } = trial;
  // A formula that is replaced dissolves its component: the order is another one then.
  if (made !== undefined) return made;
  trial.cells += cells;
  if (trial.cells < cellsBefore) return null;
  trial.made = makeFused(graph, order);
  return trial.made;
}

function makeFused(graph: Graph, order: ComponentOrder): FusedComponent | null {
  const { structure, fuse } = graph;
  if (fuse === null || !isJoinable(order)) return null;
  const shape = structure.shapeOf(order.members[0] as number);
  const formulas = order.members.map((node) => formulaOf(graph, node));
  for (const { kernel, shape: own } of formulas) {
    if (kernel.part === undefined || own.outer !== shape.outer || own.periods !== shape.periods) return null;
  }
  const outside = new OutsideColumns(graph, order);
  const members = formulas.map(
    (formula, member): LoopMember => ({
      part: formula.kernel.part,
      inputs: formula.precedents.map(({ node }, slot) => outside.indexOf(node, member, slot)),
      // What a stock starts with counts in the first period, which the kernels compute.
      edges: (order.inner[member] ?? []).filter(({ isFirst }) => isFirst !== true),
    }),
  );
  const loops: FusedBlock[] = [];
  const blocks: LoopBlock[] = [];
  for (const block of order.blocks) {
    if (block.loop === null) {
      blocks.push({ members: block.members });
      continue;
    }
    const unknown = unknownOf(order, block);
    if (unknown === undefined) return null;
    const { loop } = block;
    const index = loops.length;
    const guess = guessOf(outside, order, block, loop, unknown);
    const { toleranceAbsolute } = loop;
    const given = { unknown, index, toleranceAbsolute, toleranceRelative: relativeOf(loop) };
    blocks.push({ members: block.members, loop: guess === undefined ? given : { ...given, guess } });
    const isDiscrete = block.members.some((member) => formulas[member]?.kernel.isDiscrete === true);
    const nodes = block.members.map((member) => order.members[member] as NodeId);
    loops.push({ block, loop, unknown, nodes, isDiscrete });
  }
  const isBackward = order.direction === "backward";
  const { distanceMax } = order;
  const groups = (order.stocks?.groups ?? []).map((group) => groupFrom(group, formulas));
  const fused = fuse({ shape, isBackward, members, blocks, distanceMax, groups });
  if (fused === undefined) return null;
  const tables = makeTables(fused, shape.periods, loops);
  return {
    order,
    fused,
    tables,
    outside: outside.list,
    loops,
    booleanTables: new Map(),
  };
}

function isJoinable(order: ComponentOrder): boolean {
  return (
    (order.direction === "forward" || order.direction === "backward") &&
    order.isOuterSame &&
    (order.stocks?.groups.every(isJoinableGroup) ?? true) &&
    order.blocks.every((block) => block.undeclared === null)
  );
}

/** Delays keep what went in, and loops between stocks are solved, by the engine alone. */
function isJoinableGroup({ between, hasDelay }: StockGroup): boolean {
  return !hasDelay && between.every(({ loop, undeclared }) => loop === null && undeclared === null);
}

function groupFrom(group: StockGroup, formulas: readonly FormulaNode[]): LoopGroup {
  const { stocks, between, stepsPerPeriod: steps } = group;
  return {
    stocks,
    isStaged: stocks.map((index) => formulas[index]?.stock?.method === "rk4"),
    between: between.flatMap(({ members }) => members),
    steps,
  };
}

/** The only member of a loop that is read before a sweep has computed it; undefined where there are more. */
export function unknownOf(order: ComponentOrder, { members, loop }: Block): number | undefined {
  const place = new Map(members.map((member, i) => [member, i]));
  const read = new Set<number>();
  members.forEach((member, i) => {
    for (const { precedent, from, to } of order.inner[member] as ComponentOrder["inner"][number]) {
      const at = place.get(precedent);
      if (at !== undefined && at >= i && from <= 0 && to >= 0) read.add(precedent);
    }
  });
  const [unknown] = read;
  const isCut = loop?.cuts.some((cut) => cut.node === order.members[unknown ?? -1]) === true;
  return read.size === 1 && isCut ? unknown : undefined;
}

function guessOf(
  outside: OutsideColumns,
  order: ComponentOrder,
  block: Block,
  loop: LoopDeclaration,
  unknown: number,
): LoopGuess | undefined {
  const nodes = new Set(block.members.map((member) => order.members[member]));
  // Of several cuts the others are computed from it. One that is cut twice starts as the last cut says.
  const node = loop.cuts.findLast((cut) => cut.node === order.members[unknown])?.guess;
  // A guess that the loop itself computes has no value yet.
  if (node === undefined || nodes.has(node)) return undefined;
  const { outer, periods } = outside.graph.structure.shapeOf(node);
  return { source: outside.indexOf(node, -1, 0), isOuterWide: outer !== 1, isTimeWide: periods !== 1 };
}

/** The columns outside the component, each once. */
class OutsideColumns {
  readonly list: OutsideColumn[] = [];
  readonly graph: Graph;
  private readonly places: Map<number, number>;

  constructor(graph: Graph, order: ComponentOrder) {
    this.graph = graph;
    this.places = new Map(order.members.map((node, member) => [node, member]));
  }

  /** The index of a member, or −1 − that of a column outside. */
  indexOf(node: number, member: number, slot: number): number {
    const known = this.places.get(node);
    if (known !== undefined) return known;
    const place = -this.list.push({ node, member, slot });
    this.places.set(node, place);
    return place;
  }
}

function makeTables(
  { words, padding }: FusedLoop,
  periods: number,
  loops: readonly FusedBlock[],
): LoopTables {
  const table = (): Int32Array => new Int32Array((periods + 2 * padding) * words);
  return {
    columns: [],
    dirty: table(),
    changed: table(),
    done: table(),
    fresh: new Int32Array(words),
    dirtyTo: 0,
    block: 0,
    settings: loops.map(({ loop, isDiscrete }) => settingsOf(loop, isDiscrete)),
    warm: loops.map(() => null),
    record: () => undefined,
  };
}

/** Where the bit of a member stands: its word, and its mask in it. */
export function bitOf(member: number): { readonly word: number; readonly mask: number } {
  return { word: Math.floor(member / bitsAWord), mask: 1 << (member % bitsAWord) };
}
