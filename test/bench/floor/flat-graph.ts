/**
 * The floor of the general graph: as little as a graph of scalars can do in JavaScript and still be one.
 *
 * Flat tables, no names, no errors, numbers only, no scenarios, no edits of formulas. Building copies what formulas
 * read and computes in the given order; what an edit
 * needs (levels, dependents) is made by `link`, at the latest at the first edit.
 *
 * An edit goes through buckets by level: a node is queued when something that it reads changed, and queues its
 * dependents when its own value changed. So it does exactly the necessary work, with nothing recursive:
 *
 *   heads[level] → node → node → −1     a list a level, linked through `next` (−2: not queued)
 */
import type { Graph, Scenario } from "../engine.ts";
import { type Description, nodeCountOf } from "../graph/description.ts";
import { type Operation, operations } from "../graph/operations.ts";

const codes: readonly Operation[] = [
  "multiplyAdd",
  "affine",
  "increment",
  "sum2",
  "mean2",
  "mean3",
  "mean4",
  "isPositive",
];
const arities = Uint8Array.from(codes, (operation) => operations[operation].arity);
const inputCode = 255;
const notQueued = -2;

export class FlatGraph implements Graph {
  readonly #inputCount: number;
  readonly #values: Float64Array;
  readonly #codeOf: Uint8Array;
  /** Where the reads and the constants of a node begin. */
  readonly #readsAt: Int32Array;
  readonly #constantsAt: Int32Array;
  readonly #reads: Int32Array;
  readonly #constants: Float64Array;
  #levels: Int32Array | undefined;
  #dependentsAt: Int32Array = new Int32Array(0);
  #dependents: Int32Array = new Int32Array(0);
  #heads: Int32Array = new Int32Array(0);
  #next: Int32Array = new Int32Array(0);
  #queuedCount = 0;
  #changed: Int32Array | undefined;
  #changedCount = 0;

  constructor(description: Description) {
    const count = nodeCountOf(description);
    this.#inputCount = description.inputs.length;
    this.#values = new Float64Array(count);
    this.#values.set(description.inputs);
    this.#codeOf = new Uint8Array(count).fill(inputCode, 0, this.#inputCount);
    this.#readsAt = new Int32Array(count);
    this.#constantsAt = new Int32Array(count);
    const { batches } = description;
    this.#reads = new Int32Array(batches.reduce((sum, { reads }) => sum + reads.length, 0));
    this.#constants = new Float64Array(batches.reduce((sum, { constants }) => sum + constants.length, 0));
    this.#fill(description);
  }

  #fill({ batches }: Description): void {
    let node = this.#inputCount;
    let readsAt = 0;
    let constantsAt = 0;
    for (const { operation, count, reads, constants } of batches) {
      const { arity, constantCount } = operations[operation];
      this.#reads.set(reads, readsAt);
      this.#constants.set(constants, constantsAt);
      this.#codeOf.fill(codes.indexOf(operation), node, node + count);
      for (let i = 0; i < count; i++, node++) {
        this.#readsAt[node] = readsAt + i * arity;
        this.#constantsAt[node] = constantsAt + i * constantCount;
        this.#values[node] = this.#compute(node, this.#values);
      }
      readsAt += reads.length;
      constantsAt += constants.length;
    }
  }

  #compute(node: number, v: Float64Array): number {
    const r = this.#reads;
    const at = this.#readsAt[node]!;
    switch (this.#codeOf[node]) {
      case 0:
        return v[r[at]!]! * v[r[at + 1]!]! + v[r[at + 2]!]!;
      case 1: {
        const from = this.#constantsAt[node]!;
        return v[r[at]!]! * this.#constants[from]! + this.#constants[from + 1]!;
      }
      case 2:
        return v[r[at]!]! + 1;
      case 3:
        return v[r[at]!]! + v[r[at + 1]!]!;
      case 4:
        return (v[r[at]!]! + v[r[at + 1]!]!) / 2;
      case 5:
        return (v[r[at]!]! + v[r[at + 1]!]! + v[r[at + 2]!]!) / 3;
      case 6:
        return (v[r[at]!]! + v[r[at + 1]!]! + v[r[at + 2]!]! + v[r[at + 3]!]!) / 4;
      default:
        return v[r[at]!]! > 0 ? 1 : 0;
    }
  }

  /** Makes levels and dependents from what the nodes read. */
  link(): Int32Array {
    const count = this.#values.length;
    const levels = new Int32Array(count);
    const starts = new Int32Array(count + 1);
    let deepest = 0;
    for (let node = this.#inputCount; node < count; node++) {
      const at = this.#readsAt[node]!;
      let level = 0;
      for (let k = arities[this.#codeOf[node]!]! - 1; k >= 0; k--) {
        const read = this.#reads[at + k]!;
        starts[read + 1]!++;
        if (levels[read]! > level) level = levels[read]!;
      }
      levels[node] = level + 1;
      if (level + 1 > deepest) deepest = level + 1;
    }
    for (let node = 0; node < count; node++) starts[node + 1]! += starts[node]!;
    const dependents = new Int32Array(this.#reads.length);
    const fill = starts.slice();
    for (let node = this.#inputCount; node < count; node++) {
      const at = this.#readsAt[node]!;
      for (let k = arities[this.#codeOf[node]!]! - 1; k >= 0; k--) {
        dependents[fill[this.#reads[at + k]!]!++] = node;
      }
    }
    this.#dependentsAt = starts;
    this.#dependents = dependents;
    this.#heads = new Int32Array(deepest + 1).fill(-1);
    this.#next = new Int32Array(count).fill(notQueued);
    this.#levels = levels;
    return levels;
  }

  set(input: number, value: number): void {
    const levels = this.#levels ?? this.link();
    const values = this.#values;
    this.#changedCount = 0;
    if (values[input] === value) return;
    values[input] = value;
    this.#note(input);
    this.#queueDependents(input, levels);
    const heads = this.#heads;
    const next = this.#next;
    for (let level = 1; this.#queuedCount > 0; level++) {
      let node = heads[level]!;
      if (node < 0) continue;
      heads[level] = -1;
      do {
        const following = next[node]!;
        next[node] = notQueued;
        this.#queuedCount--;
        const result = this.#compute(node, values);
        if (result !== values[node]) {
          values[node] = result;
          this.#note(node);
          this.#queueDependents(node, levels);
        }
        node = following;
      } while (node >= 0);
    }
  }

  #note(node: number): void {
    if (this.#changed !== undefined) this.#changed[this.#changedCount++] = node;
  }

  #queueDependents(node: number, levels: Int32Array): void {
    const heads = this.#heads;
    const next = this.#next;
    const to = this.#dependentsAt[node + 1]!;
    for (let i = this.#dependentsAt[node]!; i < to; i++) {
      const dependent = this.#dependents[i]!;
      if (next[dependent] !== notQueued) continue;
      const level = levels[dependent]!;
      next[dependent] = heads[level]!;
      heads[level] = dependent;
      this.#queuedCount++;
    }
  }

  read(node: number): number {
    return this.#values[node]!;
  }

  readRange(first: number, out: Float64Array): void {
    // A loop beats a view for the few nodes of a small edit.
    if (out.length > 64) out.set(this.#values.subarray(first, first + out.length));
    else for (let i = 0; i < out.length; i++) out[i] = this.#values[first + i]!;
  }

  countChanges(): () => number {
    this.#changed = new Int32Array(this.#values.length);
    return () => this.#changedCount;
  }

  /** A map of what differs; dependents in the order of their numbers, which is an order of computing. */
  scenario(input: number, value: number): Scenario {
    if (this.#levels === undefined) this.link();
    const own = new Map([[input, value]]);
    const waiting = [input];
    const view = this.#values;
    for (let i = 0; i < waiting.length; i++) {
      const node = waiting[i]!;
      for (let k = this.#dependentsAt[node]!; k < this.#dependentsAt[node + 1]!; k++) {
        const dependent = this.#dependents[k]!;
        if (own.has(dependent)) continue;
        own.set(dependent, this.#computeOver(dependent, own));
        waiting.push(dependent);
      }
    }
    return { read: (node) => own.get(node) ?? view[node]! };
  }

  /** Puts the scenario's values in for the moment of one computation. */
  #computeOver(node: number, own: ReadonlyMap<number, number>): number {
    const values = this.#values;
    const at = this.#readsAt[node]!;
    const count = arities[this.#codeOf[node]!]!;
    const kept: number[] = [];
    for (let k = 0; k < count; k++) {
      const read = this.#reads[at + k]!;
      kept.push(values[read]!);
      values[read] = own.get(read) ?? values[read]!;
    }
    const result = this.#compute(node, values);
    for (let k = count - 1; k >= 0; k--) values[this.#reads[at + k]!] = kept[k]!;
    return result;
  }

  dispose(): void {
    this.#levels = undefined;
  }
}
