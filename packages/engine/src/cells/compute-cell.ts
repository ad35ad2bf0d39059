/**
 * One cell on the long way: its arguments as scalars, the plain function if all are numbers, otherwise the general one.
 *
 * - A number that is not finite becomes `#NUM!`, as in a column.
 * - An error that begins here gets the cell as its origin.
 * - A function that throws leaves `#VALUE!` with the exception's message.
 */
import { type ErrorValue, errorValue, isErrorValue, type Scalar, withOrigin } from "@reckon/value";
import type { CellFamily } from "../cell-node.ts";
import { EngineError } from "../engine-error.ts";
import { computeRange } from "../ranges/compute-range.ts";
import { isRangeFamily } from "../ranges/range-family.ts";
import type { Graph } from "../recalculation/graph.ts";
import { thrownText } from "../recalculation/thrown-text.ts";
import type { StateTable } from "../state/state-table.ts";

const scratchNumbers = new Float64Array(256);
const scratchPool: Int32Array = Int32Array.from({ length: 256 }, (_, i) => i);

export function computeCell(graph: Graph, state: StateTable, node: number): Scalar {
  const { structure } = graph;
  const { edges, cells } = structure;
  const family = structure.familyOf(node);
  if (isRangeFamily(family)) return settled(graph, node, computeRange(graph, state, node));
  const { arity } = family;
  const at = edges.firstPrecedentOf(node);
  let isPlain = true;
  for (let i = 0; i < arity && isPlain; i++) {
    const value = state.valueOf(edges.poolNode[at + i] as number);
    if (typeof value === "number" && Number.isFinite(value)) scratchNumbers[i] = value;
    else isPlain = false;
  }
  const constantAt = cells.constantAt(node);
  const { table } = cells.constants;
  let value: Scalar;
  try {
    if (isPlain && family.plain !== undefined) {
      const result = family.plain(scratchNumbers, scratchPool, 0, table, constantAt);
      if (Number.isFinite(result)) return result;
    }
    value = family.general(argumentsOf(graph, state, family, at), table, constantAt);
  } catch (error) {
    if (error instanceof EngineError) graph.raise(error);
    value = errorValue("#VALUE!", thrownText(error));
  }
  return settled(graph, node, value);
}

/** As a cell holds it; an error that begins here gets the cell as its origin. */
export function settled(graph: Graph, node: number, value: Scalar): Scalar {
  const scalar = cellScalar(value);
  return isError(scalar) ? fillCellOrigin(graph, node, scalar) : scalar;
}

function argumentsOf(graph: Graph, state: StateTable, family: CellFamily, at: number): Scalar[] {
  const { poolNode } = graph.structure.edges;
  const values: Scalar[] = new Array(family.arity);
  for (let i = 0; i < values.length; i++) values[i] = cellScalar(state.valueOf(poolNode[at + i] as number));
  return values;
}

/** Any JavaScript value as a cell holds it; what no cell can hold is `#VALUE!`. */
export function cellScalar(value: unknown): Scalar {
  if (typeof value === "number") return Number.isFinite(value) ? value : errorValue("#NUM!");
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (value === undefined || value === null) return null;
  if (isErrorValue(value as ErrorValue)) return value as ErrorValue;
  return errorValue("#VALUE!", "expected a number, a text, a boolean or a blank");
}

function isError(value: Scalar): value is ErrorValue {
  return typeof value === "object" && value !== null;
}

/** Gives an error without an origin this cell as its. */
function fillCellOrigin(graph: Graph, node: number, error: ErrorValue): ErrorValue {
  if (error.origin !== undefined) return error;
  const { structure } = graph;
  const attribute = structure.nameOf(node);
  const labelsAt = structure.cells.labels.get(node);
  if (labelsAt === undefined) return withOrigin(error, { attribute, at: [] });
  try {
    return withOrigin(error, { attribute, at: labelsAt(0, 0) });
  } catch (thrown) {
    graph.raise(thrown);
    return withOrigin(error, { attribute, at: [] });
  }
}
