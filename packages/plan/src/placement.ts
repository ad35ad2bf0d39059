/**
 * The placement: which unit stands at which node of the engine.
 *
 * An attribute laid as the model writes it has no object here: its node stands in a table under the attribute's number
 * (see `AttributeTable`), and its unit is made when somebody asks. Units of their own are kept only for what the model
 * does not say: checks, first guesses, pieces, and attributes that a rewrite lays otherwise.
 *
 *   nodes     by number of the attribute    [ 12, 13, -1, 40, … ]      -1: not laid
 *   owners    by node                       [ …, 0, 1, … ]             -1: nobody, -2: a unit of its own
 *   attributes                              the table as it is laid
 *
 * Two versions of a model are compared by what their tables do not share, so an update looks at what changed only.
 *
 * Invariants: `owners` and `nodes` are the inverse of each other; `attributes` holds exactly the attributes laid. Cost:
 * constant for each call but `values`, `nodes` and `changedFrom` over tables that share no numbers.
 */
import type { NodeId } from "@reckon/engine";
import { AttributeTable, type CheckedAttribute } from "@reckon/model";
import { isAsWritten, type Unit, unitOf } from "./unit.ts";

/** A unit with the node it has in the engine. */
export interface LaidUnit {
  readonly unit: Unit;
  readonly node: NodeId;
}

const nobody = -1;
const special = -2;

export class Placement {
  #attributes: AttributeTable = AttributeTable.from(new Map());
  #nodes: Int32Array = new Int32Array(0);
  #owners: Int32Array = new Int32Array(0);
  /** Units of their own, by key. */
  readonly #units: Map<string, LaidUnit> = new Map();
  readonly #keys: Map<NodeId, string> = new Map();

  get isEmpty(): boolean {
    return this.#attributes.size === 0 && this.#units.size === 0;
  }

  nodeOf(key: string): NodeId | undefined {
    const number = this.#attributes.numberOf(key);
    const node = number === undefined ? nobody : (this.#nodes[number] ?? nobody);
    return node === nobody ? this.#units.get(key)?.node : (node as NodeId);
  }

  keyOf(node: NodeId): string | undefined {
    const owner = this.#owners[node] ?? nobody;
    if (owner === nobody) return undefined;
    return owner === special ? this.#keys.get(node) : this.#attributes.nameOf(owner);
  }

  get(key: string): LaidUnit | undefined {
    const own = this.#units.get(key);
    if (own !== undefined) return own;
    const attribute = this.#attributes.get(key);
    const node = attribute === undefined ? undefined : this.nodeOf(key);
    return attribute === undefined || node === undefined ? undefined : { unit: unitOf(attribute), node };
  }

  has(key: string): boolean {
    return this.nodeOf(key) !== undefined;
  }

  *values(): Generator<LaidUnit> {
    for (const [number, attribute] of this.#attributes.byNumber()) {
      const own = this.#units.size === 0 ? undefined : this.#units.get(attribute.id);
      yield own ?? { unit: unitOf(attribute), node: this.#nodes[number] as NodeId };
    }
    for (const [key, placed] of this.#units) if (!this.#attributes.has(key)) yield placed;
  }

  /** The key of every unit with its node, for who needs no units. */
  *nodes(): Generator<readonly [string, NodeId]> {
    for (const [number, { id }] of this.#attributes.byNumber()) yield [id, this.#nodes[number] as NodeId];
    for (const { unit, node } of this.hidden()) yield [unit.key, node];
  }

  /** Those units that are not attributes of the model. */
  *hidden(): Generator<LaidUnit> {
    for (const [key, placed] of this.#units) if (!this.#attributes.has(key)) yield placed;
  }

  set({ unit, node }: LaidUnit): void {
    this.delete(unit.key);
    const { key, attribute } = unit;
    const isPlain = attribute !== undefined && isAsWritten(unit);
    if (attribute !== undefined) {
      this.#attributes.put(key, attribute);
      this.#own(this.#attributes.numberOf(key) as number, node);
    } else {
      this.#setOwner(node, special);
      this.#keys.set(node, key);
    }
    if (!isPlain) this.#units.set(key, { unit, node });
  }

  delete(key: string): void {
    const node = this.nodeOf(key);
    if (node === undefined) return;
    this.#units.delete(key);
    this.#keys.delete(node);
    this.#setOwner(node, nobody);
    const number = this.#attributes.numberOf(key);
    if (number === undefined || !this.#attributes.has(key)) return;
    this.#nodes[number] = nobody;
    this.#attributes.put(key, undefined);
  }

  /** A table of nodes by number for `adopt`, filled with what is laid. */
  nodesFor(table: AttributeTable): Int32Array {
    const nodes = new Int32Array(table.numberCount).fill(nobody);
    nodes.set(this.#nodes.subarray(0, nodes.length));
    return nodes;
  }

  /**
   * Takes over attributes of `table` as they are written at the nodes of their numbers, where nothing is laid yet but other
   * attributes of that table. Attributes without a node are not laid.
   */
  adopt(table: AttributeTable, groups: Iterable<readonly number[]>, nodes: Int32Array): void {
    this.#attributes = table.fork();
    for (const numbers of groups) for (const number of numbers) this.#own(number, nodes[number] as NodeId);
  }

  /** Forgets everything. */
  clear(): void {
    this.#attributes = AttributeTable.from(new Map());
    this.#nodes = new Int32Array(0);
    this.#owners = new Int32Array(0);
    this.#units.clear();
    this.#keys.clear();
  }

  /** Replaces an attribute by one that its node stands for already. */
  note(attribute: CheckedAttribute): void {
    const own = this.#units.get(attribute.id);
    if (own !== undefined)
      this.#units.set(attribute.id, { ...own, unit: { ...own.unit, identity: attribute, attribute } });
    this.#attributes.put(attribute.id, attribute);
  }

  /**
   * The numbers of `table` under which it holds other attributes than those laid, and the keys of attributes that it does
   * not hold any more.
   */
  changedFrom(model: ReadonlyMap<string, CheckedAttribute>): {
    readonly table: AttributeTable;
    readonly changed: readonly number[];
    readonly missing: readonly string[];
  } {
    const table = AttributeTable.from(model, this.#attributes);
    this.#follow(table);
    const changed: number[] = [];
    const missing: string[] = [];
    for (const number of table.differsFrom(this.#attributes) ?? [])
      if (table.at(number) === undefined) missing.push(table.nameOf(number));
      else changed.push(number);
    return { table, changed, missing };
  }

  /** Shares what is laid with the model's table, where all of that is laid, so that the next comparison is short. */
  settle(table: AttributeTable): void {
    if (table.size === this.#attributes.size) this.#attributes = table.fork();
  }

  /** Numbers everything like `table`, if that has other numbers. Cost then: all that is laid. */
  #follow(table: AttributeTable): void {
    if (this.#attributes.sharesNumbersWith(table)) return;
    const laid = this.#attributes;
    const nodes = this.#nodes;
    this.#attributes = table.emptied();
    this.#nodes = new Int32Array(table.numberCount).fill(nobody);
    for (const [number, attribute] of laid.byNumber()) {
      this.#attributes.put(attribute.id, attribute);
      this.#own(this.#attributes.numberOf(attribute.id) as number, nodes[number] as NodeId);
    }
  }

  #own(number: number, node: NodeId): void {
    if (number >= this.#nodes.length) this.#nodes = grown(this.#nodes, number);
    this.#nodes[number] = node;
    this.#setOwner(node, number);
  }

  #setOwner(node: NodeId, owner: number): void {
    if (node >= this.#owners.length) this.#owners = grown(this.#owners, node);
    this.#owners[node] = owner;
  }
}

function grown(table: Int32Array, index: number): Int32Array {
  const larger = new Int32Array(Math.max(64, 2 * index)).fill(nobody);
  larger.set(table);
  return larger;
}
