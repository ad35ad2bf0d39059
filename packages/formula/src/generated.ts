/**
 * Functions made of generated source, and what cell code calls. Equal sources share one function. Where code may not be
 * generated (a page's policy) there is none, and callers interpret.
 */
import { arrayValue, type Scalar } from "@reckon/value";
import { arrayCell, referencedCell } from "./evaluate.ts";
import type { Value } from "./functions/definition.ts";
import { invoke } from "./functions/invoke.ts";
import { applyBinary, applyPercent, applyUnary } from "./functions/operators.ts";
import { reduceSpan } from "./span-reduction.ts";

interface CellOperations {
  readonly binary: typeof applyBinary;
  readonly unary: typeof applyUnary;
  readonly percent: typeof applyPercent;
  readonly invoke: typeof invoke;
  readonly referenced: typeof referencedCell;
  readonly cell: typeof arrayCell;
  readonly array: (rows: number, columns: number, cells: readonly Scalar[]) => Value;
  readonly reduceSpan: typeof reduceSpan;
}

/** What cell code calls `ops`. */
export const operations: CellOperations = {
  binary: applyBinary,
  unary: applyUnary,
  percent: applyPercent,
  invoke,
  referenced: referencedCell,
  cell: arrayCell,
  array: (rows, columns, cells) => arrayValue(rows, columns, cells),
  reduceSpan,
};

/** Functions by source; formulas alike but for what they read share one. */
const functions = new Map<string, unknown>();
const functionsMax = 10_000;

/** The function of a source, or nothing where code may not be generated. */
export function functionOf(parameters: readonly string[], source: string): unknown {
  const known = functions.get(source);
  if (known !== undefined) return known;
  let made: unknown;
  try {
    made = new Function(...parameters, source);
  } catch (problem) {
    // A page whose policy forbids generated code says so with an EvalError; anything else is a mistake of ours.
    if (problem instanceof EvalError) return undefined;
    throw problem;
  }
  if (functions.size >= functionsMax) functions.clear();
  functions.set(source, made);
  return made;
}

/** Told when code begins and ends to be made. */
export interface GenerationListener {
  readonly began: () => void;
  readonly ended: () => void;
}

/** Generated functions belong to all sheets of a process, and so does listening to their making. */
const generationListeners = new Set<GenerationListener>();

/**
 * Listens to the making of code, which happens while kernels run; gives back the way to stop. Profiles use it to tell
 * compiling from computing.
 *
 * @example
 * ```ts
 * let made = 0;
 * const stop = onGeneration({ began: () => {}, ended: () => made++ });
 * const { formula } = checkFormula(parseFormula("6 * 7").expression, worksheetScope(new Map()));
 * if (formula) compileKernel(formula).path; // "fused"
 * made; // 1
 * stop();
 * ```
 */
export function onGeneration(listener: GenerationListener): () => void {
  generationListeners.add(listener);
  return () => void generationListeners.delete(listener);
}

/** Makes code, and tells those who listen. */
export function generating<Code>(make: () => Code): Code {
  if (generationListeners.size === 0) return make();
  for (const listener of generationListeners) listener.began();
  try {
    return make();
  } finally {
    for (const listener of generationListeners) listener.ended();
  }
}
