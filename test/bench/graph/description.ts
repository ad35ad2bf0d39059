/**
 * A graph of scalars as plain tables: what a workload gives to every engine.
 *
 * Nodes are numbered: first the inputs, then the formulas batch by batch. A batch is `count` formulas of one operation;
 * formula i of it reads `reads[i * arity …]`, always nodes with smaller numbers, and has the constants
 * `constants[i * constantCount …]`. So the numbers are an order in which everything can be computed.
 */
import { type Operation, operations } from "./operations.ts";

export interface Batch {
  readonly operation: Operation;
  readonly count: number;
  readonly reads: Int32Array;
  readonly constants: Float64Array;
}

export interface Description {
  readonly inputs: Float64Array;
  readonly batches: readonly Batch[];
}

export function nodeCountOf(description: Description): number {
  return description.batches.reduce((sum, batch) => sum + batch.count, description.inputs.length);
}

export function batchOf(
  operation: Operation,
  count: number,
  read: (formula: number, slot: number) => number,
  constant: (formula: number, slot: number) => number = () => 0,
): Batch {
  const { arity, constantCount } = operations[operation];
  const reads = new Int32Array(count * arity);
  for (let i = 0; i < count; i++) for (let k = 0; k < arity; k++) reads[i * arity + k] = read(i, k);
  const constants = new Float64Array(count * constantCount);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < constantCount; k++) constants[i * constantCount + k] = constant(i, k);
  }
  return { operation, count, reads, constants };
}

/** The value of every node, recomputed from the inputs without any cleverness. */
export function naiveValues(
  description: Description,
  inputs: Float64Array = description.inputs,
): Float64Array {
  const values = new Float64Array(nodeCountOf(description));
  values.set(inputs);
  let node = inputs.length;
  for (const { operation, count, reads, constants } of description.batches) {
    const { arity, constantCount, apply } = operations[operation];
    for (let i = 0; i < count; i++)
      values[node++] = apply(values, reads, i * arity, constants, i * constantCount);
  }
  return values;
}

/** How many formulas lie behind an input: what a change that nothing stops recomputes. */
export function reachedFrom(description: Description, input: number): number {
  const reached = new Uint8Array(nodeCountOf(description));
  reached[input] = 1;
  let node = description.inputs.length;
  let count = 0;
  for (const { operation, count: formulas, reads } of description.batches) {
    const { arity } = operations[operation];
    for (let i = 0; i < formulas; i++, node++) {
      for (let k = 0; k < arity; k++) {
        if (reached[reads[i * arity + k] as number] !== 1) continue;
        reached[node] = 1;
        count++;
        break;
      }
    }
  }
  return count;
}
