import type { FunctionDefinition } from "./functions/definition.ts";

/** Functions that make one value of several without being reductions that take `over`. */
const reducingToo = new Set(["AND", "OR", "XOR", "CONCAT", "CONCATENATE", "TEXTJOIN"]);

/**
 * Whether a function takes a reference to a single cell as a range of one cell, so that `SUM` ignores a text in it,
 * and whether it makes one value of an array.
 */
export function isReducing(definition: FunctionDefinition): boolean {
  return definition.reduces === true || reducingToo.has(definition.name);
}
