/**
 * The attributes of a model by name: a map whose versions share what did not change.
 *
 * Every name has a number. Numbers are handed out once and shared by all versions; a version is a tree over the
 * numbers, three levels of 256 entries, of which an edit copies the three on its way:
 *
 *   numbers   "b.x" → 70,000            root → [1] → [17] → [112] → the attribute
 *
 * The order is the file's: the columns of table axes, then each block's attributes. Two versions are compared by what
 * they do not share. So an edit in a model of a million attributes copies some kilobytes and compares some hundred
 * entries. Cost: a look-up is one look-up in a map and three steps.
 */
import type { CheckedAttribute } from "./declarations.ts";

type Leaf = readonly (CheckedAttribute | undefined)[];
type Branch = readonly (Leaf | undefined)[];
type Root = readonly (Branch | undefined)[];

const bits = 8;
const mask = (1 << bits) - 1;
const none: readonly undefined[] = [];

/** The numbers of names. A name that goes keeps its number, until the table is made anew. */
export interface AttributeNumbers {
  readonly byName: Map<string, number>;
  readonly names: string[];
}

export class AttributeTable implements ReadonlyMap<string, CheckedAttribute> {
  readonly #numbers: AttributeNumbers;
  #root: Root;
  #size: number;
  #order: readonly (readonly string[])[];

  private constructor(
    numbers: AttributeNumbers,
    root: Root,
    size: number,
    order: readonly (readonly string[])[],
  ) {
    this.#numbers = numbers;
    this.#root = root;
    this.#size = size;
    this.#order = order;
  }

  /** Numbers for a table that is to be compared with `like`; fresh ones where most names of that are gone. */
  static numbersLike(like?: AttributeTable): AttributeNumbers {
    return like === undefined || like.#isSparse() ? { byName: new Map(), names: [] } : like.#numbers;
  }

  /** A table of `attributes` in the order given by lists of their names. Cost: the attributes. */
  static of(
    attributes: Iterable<CheckedAttribute>,
    order: readonly (readonly string[])[],
    numbers: AttributeNumbers,
  ): AttributeTable {
    const table = new AttributeTable(numbers, none, 0, order);
    const leaves: (CheckedAttribute | undefined)[][] = [];
    for (const attribute of attributes) {
      const number = numberFor(numbers, attribute.id);
      let leaf = leaves[number >> bits];
      if (leaf === undefined) {
        leaf = [];
        leaves[number >> bits] = leaf;
      }
      if (leaf[number & mask] === undefined) table.#size++;
      for (let i = leaf.length; i < (number & mask); i++) leaf.push(undefined);
      leaf[number & mask] = attribute;
    }
    const root: Branch[] = [];
    for (let from = 0; from < leaves.length; from += mask + 1) root.push(leaves.slice(from, from + mask + 1));
    table.#root = root;
    return table;
  }

  /** `attributes` as a table that shares numbers with `like`. Cost: nothing when it is one. */
  static from(attributes: ReadonlyMap<string, CheckedAttribute>, like?: AttributeTable): AttributeTable {
    if (attributes instanceof AttributeTable) return attributes;
    return AttributeTable.of(attributes.values(), [[...attributes.keys()]], AttributeTable.numbersLike(like));
  }

  get size(): number {
    return this.#size;
  }

  /** Numbers are less than this. */
  get numberCount(): number {
    return this.#numbers.names.length;
  }

  /** The names by number. */
  get names(): readonly string[] {
    return this.#numbers.names;
  }

  numberOf(name: string): number | undefined {
    return this.#numbers.byName.get(name);
  }

  nameOf(number: number): string {
    return this.#numbers.names[number] as string;
  }

  at(number: number): CheckedAttribute | undefined {
    return this.#root[number >> (2 * bits)]?.[(number >> bits) & mask]?.[number & mask];
  }

  get(name: string): CheckedAttribute | undefined {
    const number = this.#numbers.byName.get(name);
    return number === undefined ? undefined : this.at(number);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** A version of its own, at no cost; writing to it leaves this one as it is. */
  fork(): AttributeTable {
    return new AttributeTable(this.#numbers, this.#root, this.#size, this.#order);
  }

  /** This version in the order of other lists of the blocks' names; made anew when most of its names are gone. */
  reordered(blocks: readonly { readonly attributes: readonly string[] }[]): AttributeTable {
    const order = [this.#order[0] ?? [], ...blocks.map(({ attributes }) => attributes)];
    const table = new AttributeTable(this.#numbers, this.#root, this.#size, order);
    if (!this.#isSparse()) return table;
    return AttributeTable.of(table.values(), order, AttributeTable.numbersLike(table));
  }

  /** Writes an attribute, or takes one away. Only for who made this version. */
  put(name: string, attribute: CheckedAttribute | undefined): void {
    const number = numberFor(this.#numbers, name);
    const root = this.#root.slice() as (Branch | undefined)[];
    const branch = (root[number >> (2 * bits)] ?? none).slice() as (Leaf | undefined)[];
    const leaf = (branch[(number >> bits) & mask] ?? none).slice() as (CheckedAttribute | undefined)[];
    const before = leaf[number & mask];
    this.#size += Number(attribute !== undefined) - Number(before !== undefined);
    for (let i = leaf.length; i < (number & mask); i++) leaf.push(undefined);
    leaf[number & mask] = attribute;
    branch[(number >> bits) & mask] = leaf;
    root[number >> (2 * bits)] = branch;
    this.#root = root;
  }

  /**
   * The numbers under which this version and an earlier one hold different attributes; undefined when they do not share
   * their numbers. Cost: what they do not share.
   */
  differsFrom(other: AttributeTable): number[] | undefined {
    if (other.#numbers !== this.#numbers) return undefined;
    const found: number[] = [];
    const roots = Math.max(this.#root.length, other.#root.length);
    for (let r = 0; r < roots; r++) {
      const left = this.#root[r] ?? none;
      const right = other.#root[r] ?? none;
      if (left === right) continue;
      const branches = Math.max(left.length, right.length);
      for (let b = 0; b < branches; b++) {
        const mine = left[b] ?? none;
        const theirs = right[b] ?? none;
        if (mine === theirs) continue;
        const leaves = Math.max(mine.length, theirs.length);
        for (let i = 0; i < leaves; i++)
          if (mine[i] !== theirs[i]) found.push((((r << bits) + b) << bits) + i);
      }
    }
    return found;
  }

  sharesNumbersWith(other: AttributeTable): boolean {
    return other.#numbers === this.#numbers;
  }

  /** An empty version. */
  emptied(): AttributeTable {
    return new AttributeTable(this.#numbers, none, 0, []);
  }

  /** All attributes with their numbers, in the order of those; also such as are in no list of names. */
  *byNumber(): Generator<[number, CheckedAttribute]> {
    for (let number = 0; number < this.numberCount; number++) {
      const attribute = this.at(number);
      if (attribute !== undefined) yield [number, attribute];
    }
  }

  *keys(): MapIterator<string> {
    for (const names of this.#order) for (const name of names) if (this.has(name)) yield name;
  }

  *values(): MapIterator<CheckedAttribute> {
    for (const names of this.#order) {
      for (const name of names) {
        const attribute = this.get(name);
        if (attribute !== undefined) yield attribute;
      }
    }
  }

  *entries(): MapIterator<[string, CheckedAttribute]> {
    for (const attribute of this.values()) yield [attribute.id, attribute];
  }

  [Symbol.iterator](): MapIterator<[string, CheckedAttribute]> {
    return this.entries();
  }

  forEach(
    visit: (attribute: CheckedAttribute, name: string, map: ReadonlyMap<string, CheckedAttribute>) => void,
  ): void {
    for (const attribute of this.values()) visit(attribute, attribute.id, this);
  }

  #isSparse(): boolean {
    return this.#numbers.names.length > 2 * this.#size + 1_000;
  }
}

/** The number of a name, which is handed out at the first call. */
export function numberFor(numbers: AttributeNumbers, name: string): number {
  let number = numbers.byName.get(name);
  if (number === undefined) {
    number = numbers.names.length;
    numbers.names.push(name);
    numbers.byName.set(name, number);
  }
  return number;
}
