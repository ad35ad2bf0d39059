/**
 * One scalar node: call its function with the values of its precedents and settle the result.
 *
 * - The first error value among the arguments, in order, is the result; the function is not called.
 * - A thrown exception becomes `#VALUE!` with the exception's message and the node as origin.
 * - A promise puts the node in flight.
 *
 * Arguments are passed one by one up to three: spreading an array costs about as much as the rest of the step
 * (benchmark W2).
 */
import { type ErrorValue, errorValue, isErrorValue, sameError, withOrigin } from "@reckon/value";
import { computeCell } from "../cells/compute-cell.ts";
import { EngineError } from "../engine-error.ts";
import { flagHasValue, flagOther, type StateTable } from "../state/state-table.ts";
import { kindCell, kindScalarFormula, traitOwnEquality } from "../structure/structure.ts";
import type { Graph } from "./graph.ts";
import { thrownText } from "./thrown-text.ts";

type Compute = (...values: unknown[]) => unknown;

export function computeScalar(graph: Graph, state: StateTable, node: number): unknown {
  const { structure } = graph;
  if (structure.kindOf(node) === kindCell) return computeCell(graph, state, node);
  const { edges } = structure;
  const compute = structure.workOf(node) as Compute;
  const first = edges.firstPrecedentOf(node);
  const count = edges.precedentCountOf(node);
  const pool = edges.poolNode;
  try {
    if (count === 1) {
      const a = state.valueOf(pool[first] as number);
      return isError(a) ? a : compute(a);
    }
    if (count === 2) {
      const a = state.valueOf(pool[first] as number);
      if (isError(a)) return a;
      const b = state.valueOf(pool[first + 1] as number);
      return isError(b) ? b : compute(a, b);
    }
    if (count === 3) {
      const a = state.valueOf(pool[first] as number);
      if (isError(a)) return a;
      const b = state.valueOf(pool[first + 1] as number);
      if (isError(b)) return b;
      const c = state.valueOf(pool[first + 2] as number);
      return isError(c) ? c : compute(a, b, c);
    }
    const values: unknown[] = new Array(count);
    for (let i = 0; i < count; i++) {
      const value = state.valueOf(pool[first + i] as number);
      if (isError(value)) return value;
      values[i] = value;
    }
    return compute(...values);
  } catch (error) {
    return thrownValue(graph, node, error);
  }
}

/** The error value for what a formula threw (or a promise was rejected with). */
export function thrownValue(graph: Graph, node: number, thrown: unknown): ErrorValue {
  if (thrown instanceof EngineError) graph.raise(thrown);
  return withOrigin(errorValue("#VALUE!", thrownText(thrown)), {
    attribute: graph.structure.nameOf(node),
    at: [],
  });
}

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" && value !== null && typeof (value as PromiseLike<unknown>).then === "function"
  );
}

/** Writes `value` unless it counts as equal to the present one; whether it was written. */
export function writeScalar(
  graph: Graph,
  state: StateTable,
  node: number,
  slot: number,
  value: unknown,
): boolean {
  const flags = state.flags[slot] as number;
  if ((flags & flagHasValue) !== 0) {
    const before = (flags & flagOther) === 0 ? state.numbers[slot] : state.others[slot];
    if (isEqual(graph, node, before, value)) return false;
  }
  const written = isError(value) ? fillOrigin(graph, node, value) : value;
  state.write(slot, written);
  state.changedAt[slot] = graph.revision;
  return true;
}

/** Nodes of the model face have got theirs where the value was made. */
function fillOrigin(graph: Graph, node: number, error: ErrorValue): ErrorValue {
  if (graph.structure.kindOf(node) > kindScalarFormula) return error;
  return withOrigin(error, { attribute: graph.structure.nameOf(node), at: [] });
}

function isEqual(graph: Graph, node: number, before: unknown, after: unknown): boolean {
  const { structure } = graph;
  if ((structure.traitsOf(node) & traitOwnEquality) !== 0) {
    if (!isError(before) && !isError(after)) return isEqualByOwn(graph, node, before, after);
  }
  if (Object.is(before, after)) return true;
  if (!isError(before) || !isError(after) || before.detail !== after.detail) return false;
  return sameError(before, fillOrigin(graph, node, after));
}

/** An equality that throws is misuse: the values count as different, and the caller of the edit hears of it. */
function isEqualByOwn(graph: Graph, node: number, before: unknown, after: unknown): boolean {
  const own = graph.structure.equalities.get(node) as (a: unknown, b: unknown) => boolean;
  try {
    return own(before, after);
  } catch (error) {
    graph.raise(error);
    return false;
  }
}

function isError(value: unknown): value is ErrorValue {
  return typeof value === "object" && isErrorValue(value);
}
