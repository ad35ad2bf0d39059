/** A description as spreadsheet text: the address of every node, and what a user would have typed there. */
import { addressOf } from "./address.ts";
import { type Description, nodeCountOf } from "./description.ts";
import { operations } from "./operations.ts";

export interface Texts {
  readonly names: readonly string[];
  readonly texts: readonly string[];
  /** So many of them, the first, are numbers. */
  readonly inputCount: number;
}

export function textsOf(description: Description): Texts {
  const names = Array.from({ length: nodeCountOf(description) }, (_, node) => addressOf(node));
  const texts = Array.from(description.inputs, (value) => String(value));
  for (const { operation, count, reads, constants } of description.batches) {
    const { arity, constantCount, text } = operations[operation];
    for (let i = 0; i < count; i++) {
      const read = Array.from(
        reads.subarray(i * arity, (i + 1) * arity),
        (precedent) => names[precedent] as string,
      );
      texts.push(text(read, [...constants.subarray(i * constantCount, (i + 1) * constantCount)]));
    }
  }
  return { names, texts, inputCount: description.inputs.length };
}
