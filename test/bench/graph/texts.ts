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

const made = new WeakMap<Description, Texts>();

/** Made once for each description. */
export function textsOf(description: Description): Texts {
  let texts = made.get(description);
  if (texts === undefined) {
    texts = makeTexts(description);
    made.set(description, texts);
  }
  return texts;
}

function makeTexts(description: Description): Texts {
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
  return { names: flat(names), texts: flat(texts), inputCount: description.inputs.length };
}

/** Strings put together from parts take up room until somebody reads them; as from a file they are in one piece. */
function flat(strings: readonly string[]): readonly string[] {
  return JSON.parse(JSON.stringify(strings)) as readonly string[];
}
