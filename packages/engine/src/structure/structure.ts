/**
 * The structure: which nodes there are, what each is, who reads whom, levels and components. One structure serves
 * all states; it holds no values.
 *
 * Every fact of a node is an entry of a flat table at the node's id. Ids are dense and used again after removal.
 *
 *   rows         kind, traits, level, edges and work of each node, side by side: node-rows.ts
 *   works        scalar formula: its function; cell: its family; column nodes: their `FormulaNode` or `InputNode`
 *   cells        constants and labels of cells
 *   components   0, or 1 + index into `componentList`; made with the first component
 *   generations  how often the row was freed; a handle made for an earlier node of the row is known by it
 *
 * Scalar nodes and cells have no object of their own here.
 */
import type { Shape } from "@reckon/value";
import type { CellFamily } from "../cell-node.ts";
import { CellTables } from "../cells/cell-tables.ts";
import type { FormulaNode, InputNode, NodeId } from "../formula-node.ts";
import { isRangeFamily, spanOf } from "../ranges/range-family.ts";
import type { Component } from "./component.ts";
import { Edges } from "./edges.ts";
import { FreeRows } from "./free-rows.ts";
import { grownInt32 } from "./growth.ts";
import { Names } from "./names.ts";
import { atDependentCount, atWork, NodeRows, type rowWords } from "./node-rows.ts";
import { type Reach, ReachTable, reachOfRanges, spanReach } from "./reach.ts";
import { SearchScratch } from "./strong-components.ts";
import { SweepOrders } from "./sweep-order.ts";
import { Works } from "./works.ts";

/** Formulas have even kinds, inputs odd ones. */
export const kindFree = 0;
export const kindScalarInput = 1;
export const kindScalarFormula = 2;
export const kindCellInput = 3;
export const kindCell = 4;
export const kindColumnInput = 5;
export const kindColumnFormula = 6;

export const traitManual = 1;
export const traitOwnEquality = 2;
export const traitHeavy = 4;
/** Its kernel has given a promise before: it is never run in place. */
export const traitAsynchronous = 8;
/** A column node of more or fewer cells than one. */
export const traitWide = 16;
/** A member of a component. Set by the structure alone, as the next. */
export const traitComponent = 32;
/** Has chained dependents (edges.ts). */
export const traitChained = 64;
/** Known to cost more than is done without being asked (`EngineOptions.lazyAboveMs`). */
export const traitCostly = 128;
const traitsOfStructure = traitComponent | traitChained;

export function wideTrait(shape: Shape): number {
  return shape.outer === 1 && shape.periods === 1 ? 0 : traitWide;
}

export const scalarShape: Shape = { outer: 1, periods: 1 };

// Literals for the loop over a range: imported constants are loaded and checked at each use.
const rowSize = 5 satisfies typeof rowWords;
const workWord = 4 satisfies typeof atWork;

export class Structure {
  readonly rowTable: NodeRows = new NodeRows();
  readonly edges: Edges = new Edges(this.rowTable);
  readonly reaches: ReachTable = new ReachTable();
  readonly works: Works = new Works();
  readonly cells: CellTables = new CellTables();
  readonly names: Names = new Names();
  readonly equalities: Map<number, (a: unknown, b: unknown) => boolean> = new Map();
  readonly componentList: (Component | undefined)[] = [];
  /** Scratch for region searches: a node is in the region when its stamp equals `epoch`. */
  stamps: Int32Array = new Int32Array(0);
  epoch = 0;
  /** Of searches for components: kept, so that one among few nodes costs nothing for the others. */
  readonly searchScratch: SearchScratch = new SearchScratch();
  /** Thousands of loops may be of one kind. */
  readonly sweepOrders: SweepOrders = new SweepOrders();
  /** Rows ever used; ids are below it. */
  rows = 0;
  nodeCount = 0;
  private components: Int32Array = new Int32Array(0);
  private generations: Int32Array = new Int32Array(0);
  private readonly freeRows = new FreeRows();
  private readonly freeComponents: number[] = [];

  allocate(kind: number, work: unknown): NodeId {
    const node = this.freeRows.pop() ?? this.rows++;
    this.rowTable.ensureRows(node + 1);
    this.define(node, kind, work);
    this.nodeCount++;
    return node as NodeId;
  }

  /**
   * The first of `count` consecutive rows of one kind; a family's cells all have it as their work. They go on behind the
   * last row, unless `mayReuse`: then they may be rows of removed nodes.
   */
  allocateRange(kind: number, count: number, family?: CellFamily, mayReuse = false): NodeId {
    const hole = mayReuse ? this.freeRows.take(count, this.rows) : -1;
    const first = hole < 0 ? this.rows : hole;
    const end = first + count;
    this.rows = Math.max(this.rows, end);
    this.rowTable.ensureRows(this.rows);
    const work = family === undefined || count === 0 ? 0 : this.works.addFamily(family, count);
    const { words } = this.rowTable;
    for (let node = first; node < end; node++) {
      words[node * rowSize] = kind;
      words[node * rowSize + workWord] = work;
    }
    this.nodeCount += count;
    return first as NodeId;
  }

  /** Makes a row that of another node. Its level, edges and component stay. */
  define(node: number, kind: number, work: unknown): void {
    const { rowTable, works } = this;
    works.release(rowTable.get(node, atWork));
    rowTable.setKind(node, kind);
    rowTable.set(node, atWork, kind === kindCell ? works.addFamily(work as CellFamily, 1) : works.add(work));
    this.setTraits(node, kind >= kindColumnInput ? wideTrait((work as FormulaNode | InputNode).shape) : 0);
  }

  /** Frees a row whose edges are unlinked on both sides. */
  free(node: number): void {
    this.dropCell(node);
    this.edges.setPrecedents(node, []);
    this.define(node, kindFree, undefined);
    this.setLevel(node, 0);
    this.generations = grownInt32(this.generations, node + 1);
    this.generations[node] = (this.generations[node] as number) + 1;
    this.names.delete(node);
    this.equalities.delete(node);
    this.freeRows.push(node);
    this.nodeCount--;
  }

  /** Gives the rows freed last back, as far as they are the last rows of all: ids go on from there. */
  giveBackLast(): void {
    const rows = this.freeRows.giveBackLast(this.rows);
    if (rows === this.rows) return;
    this.rows = rows;
    this.names.compact(rows);
  }

  /** Forgets what only a cell has; before the node becomes another one. */
  dropCell(node: number): void {
    if (this.kindOf(node) === kindCell) this.cells.drop(node, this.familyOf(node).constantCount);
  }

  isLive(node: number): boolean {
    return Number.isInteger(node) && node >= 0 && node < this.rows && this.kindOf(node) !== kindFree;
  }

  kindOf(node: number): number {
    return this.rowTable.kindOf(node);
  }

  /** Those of the definition and those of the structure. */
  traitsOf(node: number): number {
    return this.rowTable.traitsOf(node);
  }

  /** Sets the traits of the definition. */
  setTraits(node: number, traits: number): void {
    this.rowTable.setTraits(node, (this.rowTable.traitsOf(node) & traitsOfStructure) | traits);
  }

  addTrait(node: number, trait: number): void {
    this.rowTable.setTraits(node, this.rowTable.traitsOf(node) | trait);
  }

  removeTrait(node: number, trait: number): void {
    this.rowTable.setTraits(node, this.rowTable.traitsOf(node) & ~trait);
  }

  levelOf(node: number): number {
    return this.rowTable.levelOf(node);
  }

  setLevel(node: number, level: number): void {
    this.rowTable.setLevel(node, level);
  }

  workOf(node: number): unknown {
    return this.works.list[this.rowTable.get(node, atWork)];
  }

  /** The number of the node's work; the cells of a family share one. */
  workNumberOf(node: number): number {
    return this.rowTable.get(node, atWork);
  }

  familyOf(cell: number): CellFamily {
    return this.workOf(cell) as CellFamily;
  }

  generationOf(node: number): number {
    return node < this.generations.length ? (this.generations[node] as number) : 0;
  }

  /** Whether the node has a definition of its own: `FormulaNode` or `InputNode`. */
  isColumn(node: number): boolean {
    return this.kindOf(node) >= kindColumnInput;
  }

  /** Whether the node's value is a column, not a scalar. */
  isWide(node: number): boolean {
    return (this.traitsOf(node) & traitWide) !== 0;
  }

  /** Whether there is such a node, and it has one cell. */
  isOneCell(node: number): boolean {
    if (node < 0 || node >= this.rows) return false;
    const { rowTable } = this;
    return rowTable.kindOf(node) !== kindFree && (rowTable.traitsOf(node) & traitWide) === 0;
  }

  isInputOfOneCell(node: number): boolean {
    return this.isOneCell(node) && (this.kindOf(node) & 1) === 1;
  }

  isFormula(node: number): boolean {
    const kind = this.kindOf(node);
    return kind !== kindFree && (kind & 1) === 0;
  }

  shapeOf(node: number): Shape {
    return this.isColumn(node) ? (this.workOf(node) as FormulaNode | InputNode).shape : scalarShape;
  }

  nameOf(node: number): string {
    if (this.isColumn(node)) return (this.workOf(node) as FormulaNode | InputNode).name;
    return this.names.get(node) ?? `node ${node}`;
  }

  /** 0, or 1 + the index of the node's component. */
  componentIdOf(node: number): number {
    return (this.traitsOf(node) & traitComponent) === 0 ? 0 : (this.components[node] as number);
  }

  componentOf(node: number): Component | undefined {
    const id = this.componentIdOf(node);
    return id === 0 ? undefined : this.componentList[id - 1];
  }

  /** The node that stands for `node` in queues: itself, or the first member of its component. */
  unitOf(node: number): number {
    return this.componentOf(node)?.members[0] ?? node;
  }

  /** All nodes that are computed as one with `node`. */
  unitMembers(node: number): readonly number[] {
    return this.componentOf(node)?.members ?? [node];
  }

  isSameComponent(a: number, b: number): boolean {
    const id = this.componentIdOf(a);
    return id !== 0 && id === this.componentIdOf(b);
  }

  addComponent(members: readonly number[]): void {
    const id = this.freeComponents.pop() ?? this.componentList.length;
    this.componentList[id] = { id, members, order: null };
    this.components = grownInt32(this.components, this.rows);
    for (const member of members) {
      this.components[member] = id + 1;
      this.addTrait(member, traitComponent);
    }
  }

  dissolveComponent(component: Component): void {
    for (const member of component.members) {
      this.components[member] = 0;
      this.rowTable.setTraits(member, this.traitsOf(member) & ~traitComponent);
    }
    this.componentList[component.id] = undefined;
    this.freeComponents.push(component.id);
  }

  /** How dirt travels along an edge of a dependent; range nodes say it themselves. */
  reachOf(dependent: number, reachId: number): Reach {
    if (reachId !== reachOfRanges || !this.isRange(dependent)) return this.reaches.get(reachId);
    return spanReach(spanOf(this.cells, dependent));
  }

  isRange(node: number): boolean {
    return this.kindOf(node) === kindCell && isRangeFamily(this.familyOf(node));
  }

  /** Dependents in no particular order; one entry an edge. Cost: their number. */
  dependentsOf(node: number): number[] {
    const found: number[] = [];
    this.edges.eachDependent(node, (dependent) => found.push(dependent));
    return found;
  }

  precedentsOf(node: number): number[] {
    const first = this.edges.firstPrecedentOf(node);
    return Array.from(this.edges.poolNode.subarray(first, first + this.rowTable.countOf(node)));
  }

  /** After edges were linked: packs them now and then, and forgets reaches that none has any more. */
  tidy(): void {
    if (this.edges.tidy(this.rows)) this.keepReaches();
  }

  keepReaches(): void {
    const isUsed = new Uint8Array(this.reaches.idLimit);
    for (const reach of this.edges.packedReach) isUsed[reach] = 1;
    this.reaches.keep(isUsed);
  }

  /**
   * Gives tables back that removals and replacements have left mostly empty. Ids stay; rows at the end that are free go,
   * so a later node may get their ids. Cost: constant when there is little waste, otherwise the rows and edges.
   */
  compact(): void {
    if (this.edges.compact(this.rows)) this.keepReaches();
    this.cells.compact(this.rows, (node) => this.familyOf(node).constantCount);
    if (!this.freeRows.areMost(this.rows)) return;
    let rows = this.rows;
    while (rows > 0 && this.kindOf(rows - 1) === kindFree) rows--;
    if (rows * 2 > this.rows) return;
    this.rows = rows;
    this.freeRows.keepBelow(rows);
    this.rowTable.shrink(rows);
    this.works.compact();
    this.names.compact(rows);
    this.stamps = new Int32Array(0);
    this.components = this.components.slice(0, rows);
    this.searchScratch.shrink();
    if (this.edges.compact(this.rows)) this.keepReaches();
  }

  hasDependents(node: number): boolean {
    return this.rowTable.get(node, atDependentCount) !== 0 || (this.traitsOf(node) & traitChained) !== 0;
  }
}
