/**
 * What a workload is, and the check that stands before every measurement: a result that is not the naive one is an
 * error, not a figure.
 */
import type { BenchEngine, Graph } from "./engine.ts";
import { type Description, naiveValues } from "./graph/description.ts";
import { type Figure, heapMb, type Sampling } from "./timing.ts";

/** The faces of an engine that a workload can need. */
type Face =
  | "graph"
  | "texts"
  | "rangeSums"
  | "loops"
  | "debts"
  | "model"
  | "heavy"
  | "trips"
  | "keepsResults"
  | "opensLight"
  | "runsBatches";

export interface Workload {
  readonly id: string;
  readonly title: string;
  /** What is built, what is measured, how the result is checked. */
  readonly about: string;
  readonly face: Face;
  /** Why engines without that face leave it, where one reason holds for all of them. */
  readonly whyNot?: string;
  /** What its ratios are to, where that is not one thread: how the table calls them. */
  readonly against?: string;
  readonly sizes: { readonly full: number; readonly quick: number; readonly tiny: number };
  /** How many times the usual limit a process may take; 1 when absent. */
  readonly patience?: number;
  /** The figures it gives: how each is called in the table. The key is empty where there is only one. */
  readonly measures: Readonly<Record<string, string>>;
  readonly run: (engine: BenchEngine, size: number, effort: Effort) => Promise<readonly Figure[]>;
}

/** How much is measured inside one process. */
export interface Effort extends Sampling {
  /** Edits that are timed one by one, where the slow ones matter as well. */
  readonly singleEdits: number;
}

export const fullEffort: Effort = {
  edits: 9,
  warmMsMin: 1000,
  warmMsMax: 4000,
  batchMs: 50,
  samplesMsMax: 2500,
  singleEdits: 40_000,
};
export const quickEffort: Effort = {
  edits: 3,
  warmMsMin: 5,
  warmMsMax: 40,
  batchMs: 5,
  samplesMsMax: 200,
  singleEdits: 1000,
};
/** Enough to see that results are right. */
export const tinyEffort: Effort = {
  edits: 1,
  warmMsMin: 0,
  warmMsMax: 0,
  batchMs: 0,
  samplesMsMax: 0,
  singleEdits: 20,
};

export class WrongResult extends Error {
  override readonly name = "WrongResult";
}

/** Throws when a result differs from the expected one by more than the engine's tolerance allows. */
export function expectEqual(engine: BenchEngine, what: string, actual: number, expected: number): void {
  const tolerance = engine.tolerance ?? 0;
  const isEqual =
    Object.is(actual, expected) ||
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected), Math.abs(actual));
  if (!isEqual) throw new WrongResult(`${what} is ${actual} where ${expected} is right`);
}

/** Compares all formulas of a graph with the naive values. */
export function expectValues(
  engine: BenchEngine,
  graph: Graph,
  description: Description,
  inputs?: Float64Array,
): void {
  const expected = naiveValues(description, inputs);
  const first = description.inputs.length;
  const actual = new Float64Array(expected.length - first);
  graph.readRange(first, actual);
  for (let i = 0; i < actual.length; i++) {
    expectEqual(engine, `node ${first + i}`, actual[i] as number, expected[first + i] as number);
  }
}

/** The inputs of a description with one of them changed. */
export function changedInputs(description: Description, input: number, value: number): Float64Array {
  const inputs = description.inputs.slice();
  inputs[input] = value;
  return inputs;
}

export interface Built {
  readonly graph: Graph;
  readonly buildMs: number;
  /** What the graph keeps; the description and the results are not counted. */
  readonly heapMb: number;
}

/** Builds a graph, checks all its values, and edits input 0 and checks them again; then puts the input back. */
export async function buildChecked(
  engine: BenchEngine,
  workload: string,
  description: Description,
): Promise<Built> {
  engine.prepare?.(description);
  const before = heapMb();
  const start = performance.now();
  const graph = await graphOf(engine, workload, description);
  const buildMs = performance.now() - start;
  const kept = heapMb() - before;
  expectValues(engine, graph, description);
  const old = description.inputs[0] as number;
  graph.set(0, old + 1);
  expectValues(engine, graph, description, changedInputs(description, 0, old + 1));
  graph.set(0, old);
  expectValues(engine, graph, description);
  return { graph, buildMs, heapMb: kept };
}

export async function graphOf(
  engine: BenchEngine,
  workload: string,
  description: Description,
): Promise<Graph> {
  if (engine.graph === undefined) throw new TypeError(`${engine.name} builds no graphs`);
  return await engine.graph(description, workload);
}
