/**
 * The structure: which nodes there are, what each is, who reads whom, levels and components. One structure serves
 * all states; it holds no values.
 *
 * Every fact of a node is an entry of a flat table at the node's id. Ids are dense and used again after removal.
 *
 *   kinds       free, scalar input, scalar formula, column input, column formula
 *   traits      bits: manual, own equality, heavy
 *   levels      see levels.ts
 *   components  0, or 1 + index into `componentList`
 *   works       scalar formula: its function; column nodes: their `FormulaNode` or `InputNode`
 *   generations how often the row was freed; a handle made for an earlier node of the row is known by it
 *
 * A scalar node has no object of its own here. Runs, families and range nodes have their place as further kinds: what
 * the scheduler asks of a node is its kind, its level and its rows of edges.
 */
import type { Shape } from "@reckon/value";
import type { FormulaNode, InputNode, NodeId } from "../formula-node.ts";
import type { Component } from "./component.ts";
import { Edges } from "./edges.ts";
import { grownInt32, grownUint8 } from "./growth.ts";
import { ReachTable } from "./reach.ts";

export const kindFree = 0;
export const kindScalarInput = 1;
export const kindScalarFormula = 2;
export const kindColumnInput = 3;
export const kindColumnFormula = 4;

export const traitManual = 1;
export const traitOwnEquality = 2;
export const traitHeavy = 4;

const scalarShape: Shape = { outer: 1, periods: 1 };

export class Structure {
  readonly edges: Edges = new Edges();
  readonly reaches: ReachTable = new ReachTable();
  kinds: Uint8Array = new Uint8Array(0);
  traits: Uint8Array = new Uint8Array(0);
  levels: Int32Array = new Int32Array(0);
  components: Int32Array = new Int32Array(0);
  generations: Int32Array = new Int32Array(0);
  readonly works: unknown[] = [];
  readonly names: Map<number, string> = new Map();
  readonly equalities: Map<number, (a: unknown, b: unknown) => boolean> = new Map();
  readonly componentList: (Component | undefined)[] = [];
  /** Scratch for region searches: a node is in the region when its stamp equals `epoch`. */
  stamps: Int32Array = new Int32Array(0);
  epoch = 0;
  /** Rows ever used; ids are below it. */
  rows = 0;
  nodeCount = 0;
  private readonly freeRows: number[] = [];
  private readonly freeComponents: number[] = [];

  allocate(kind: number, work: unknown): NodeId {
    const node = this.freeRows.pop() ?? this.rows++;
    if (node >= this.kinds.length) this.grow(node + 1);
    this.kinds[node] = kind;
    this.works[node] = work;
    this.nodeCount++;
    return node as NodeId;
  }

  /** Frees a row whose edges are unlinked on both sides. */
  free(node: number): void {
    this.edges.setPrecedents(node, []);
    this.kinds[node] = kindFree;
    this.traits[node] = 0;
    this.levels[node] = 0;
    this.works[node] = undefined;
    this.generations[node] = (this.generations[node] as number) + 1;
    this.names.delete(node);
    this.equalities.delete(node);
    this.freeRows.push(node);
    this.nodeCount--;
  }

  isLive(node: number): boolean {
    return Number.isInteger(node) && node >= 0 && node < this.rows && this.kinds[node] !== kindFree;
  }

  isColumn(node: number): boolean {
    return (this.kinds[node] as number) >= kindColumnInput;
  }

  isFormula(node: number): boolean {
    const kind = this.kinds[node];
    return kind === kindScalarFormula || kind === kindColumnFormula;
  }

  shapeOf(node: number): Shape {
    return this.isColumn(node) ? (this.works[node] as FormulaNode | InputNode).shape : scalarShape;
  }

  nameOf(node: number): string {
    if (this.isColumn(node)) return (this.works[node] as FormulaNode | InputNode).name;
    return this.names.get(node) ?? `node ${node}`;
  }

  componentOf(node: number): Component | undefined {
    const id = this.components[node] as number;
    return id === 0 ? undefined : this.componentList[id - 1];
  }

  /** The node that stands for `node` in queues: itself, or the first member of its component. */
  unitOf(node: number): number {
    const id = this.components[node] as number;
    return id === 0 ? node : ((this.componentList[id - 1] as Component).members[0] as number);
  }

  /** All nodes that are computed as one with `node`. */
  unitMembers(node: number): readonly number[] {
    return this.componentOf(node)?.members ?? [node];
  }

  isSameComponent(a: number, b: number): boolean {
    const id = this.components[a] as number;
    return id !== 0 && id === this.components[b];
  }

  addComponent(members: readonly number[]): void {
    const id = this.freeComponents.pop() ?? this.componentList.length;
    this.componentList[id] = { id, members, order: null };
    for (const member of members) this.components[member] = id + 1;
  }

  dissolveComponent(component: Component): void {
    for (const member of component.members) this.components[member] = 0;
    this.componentList[component.id] = undefined;
    this.freeComponents.push(component.id);
  }

  /** Dependents in no particular order; one entry an edge. Cost: their number. */
  dependentsOf(node: number): number[] {
    const { edges } = this;
    const found: number[] = [];
    const first = edges.firstDependent[node] as number;
    const end = first + (edges.dependentCount[node] as number);
    for (let i = first; i < end; i++) found.push(edges.packedNode[i] as number);
    for (let at = edges.chainHead[node] as number; at !== 0; at = edges.chainNext[at - 1] as number) {
      found.push(edges.chainNode[at - 1] as number);
    }
    return found;
  }

  precedentsOf(node: number): number[] {
    const first = this.edges.firstPrecedent[node] as number;
    const count = this.edges.precedentCount[node] as number;
    return Array.from(this.edges.poolNode.subarray(first, first + count));
  }

  /** After edges were linked: packs them now and then, and forgets reaches that none has any more. */
  tidy(): void {
    if (!this.edges.tidy(this.rows)) return;
    const isUsed = new Uint8Array(this.reaches.idLimit);
    for (const reach of this.edges.packedReach) isUsed[reach] = 1;
    this.reaches.keep(isUsed);
  }

  hasDependents(node: number): boolean {
    return this.edges.dependentCount[node] !== 0 || this.edges.chainHead[node] !== 0;
  }

  private grow(rows: number): void {
    this.kinds = grownUint8(this.kinds, rows);
    this.traits = grownUint8(this.traits, rows);
    this.levels = grownInt32(this.levels, rows);
    this.components = grownInt32(this.components, rows);
    this.generations = grownInt32(this.generations, rows);
    this.edges.ensureRows(rows);
  }
}
