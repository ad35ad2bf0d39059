/** What a document's block sees while it runs: a console that remembers, and `shown`, which collects what it shows. */
import { type Shown, shownValue } from "./typescript-block.ts";

let printed: string[] = [];
let collected: Shown[] = [];

function print(...values: unknown[]): void {
  printed.push(values.map((value) => (typeof value === "string" ? value : shownValue(value))).join(" "));
}

/** @public Imported by the modules that are made from blocks. */
export const console: { readonly log: typeof print; readonly error: typeof print } = {
  log: print,
  error: print,
};

/**
 * Takes down what the page shows at `line` and what came out: the lines printed, or else the value.
 * @public Called by the modules that are made from blocks.
 */
export function shown(line: number, expected: string, value: unknown): void {
  const actual = printed.length > 0 ? printed.join(", ") : shownValue(value);
  collected.push({ line, expected, actual });
  printed = [];
}

/** Everything shown since the last call. */
export function takeShown(): readonly Shown[] {
  const taken = collected;
  collected = [];
  printed = [];
  return taken;
}
