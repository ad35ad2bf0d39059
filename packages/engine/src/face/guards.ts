/** Checks of what callers hand in; each failure says what was expected, what was found, and what to do. */
import type { Column, Shape } from "@reckon/value";
import type { CellFamily, CellNode } from "../cell-node.ts";
import { EngineError } from "../engine-error.ts";
import type { Box, FormulaNode, InputNode, Stock, TimeReach } from "../formula-node.ts";
import { type CellSpan, isRangeFamily } from "../ranges/range-family.ts";
import type { Graph } from "../recalculation/graph.ts";
import { cellCount } from "../state/boxes.ts";
import type { StateTable } from "../state/state-table.ts";
import { kindCellInput } from "../structure/structure.ts";
import { isInputNode, type Replacements, shapeOfDefinition } from "../transactions/edit.ts";

const arityMax = 255;

export function guardNode(graph: Graph, node: number): void {
  if (graph.structure.isLive(node)) return;
  throw new EngineError("engine/unknown-node", {
    expected: "the id of a node of this engine",
    found: String(node),
    remedy: "use ids returned by this engine, and none of a removed node",
  });
}

export function guardOpen(state: StateTable): void {
  if (!state.isClosed) return;
  throw new EngineError("engine/closed", {
    expected: "an open state",
    found: `${state.name}, which was closed`,
    remedy: "open another overlay",
  });
}

export function guardBox(
  graph: Graph,
  transaction: Replacements,
  node: number,
  box: Box,
  cells: Column,
): void {
  const shape = shapeAfter(graph, transaction, node);
  if (isWithin(shape, box) && cells.length === cellCount(box)) return;
  const { outerFrom, outerTo, from, to } = box;
  throw new EngineError("engine/bad-box", {
    expected: `a box within ${shape.outer} × ${shape.periods} and as many cells`,
    found: `members ${outerFrom}..${outerTo}, periods ${from}..${to} with ${cells.length} cells`,
    remedy: "give half-open ranges and one cell for each position, time innermost",
  });
}

/** A box of the node as it will be, whatever will fill it. */
export function guardPart(graph: Graph, transaction: Replacements, node: number, box: Box): void {
  const shape = shapeAfter(graph, transaction, node);
  if (isWithin(shape, box)) return;
  const { outerFrom, outerTo, from, to } = box;
  throw new EngineError("engine/bad-box", {
    expected: `a box within ${shape.outer} × ${shape.periods}`,
    found: `members ${outerFrom}..${outerTo}, periods ${from}..${to}`,
    remedy: "give half-open ranges of whole numbers",
  });
}

function isWithin(shape: Shape, box: Box): boolean {
  const { outerFrom, outerTo, from, to } = box;
  if (!(outerFrom >= 0 && outerFrom <= outerTo && outerTo <= shape.outer)) return false;
  if (!(from >= 0 && from <= to && to <= shape.periods)) return false;
  return (
    Number.isInteger(outerFrom) && Number.isInteger(outerTo) && Number.isInteger(from) && Number.isInteger(to)
  );
}

/** A box of the node as it is, and room for its cells. */
export function guardRead(graph: Graph, node: number, box: Box, out: Float64Array): void {
  const shape = graph.structure.shapeOf(node);
  if (isWithin(shape, box) && out.length >= cellCount(box)) return;
  const { outerFrom, outerTo, from, to } = box;
  throw new EngineError("engine/bad-box", {
    expected: `a box within ${shape.outer} × ${shape.periods}, and room for its cells`,
    found: `members ${outerFrom}..${outerTo}, periods ${from}..${to} with room for ${out.length} cells`,
    remedy: "give half-open ranges and an array of at least as many numbers",
  });
}

/** Counts a replacement that the open transaction has staged. */
export function guardKind(graph: Graph, transaction: Replacements, node: number, isFormula: boolean): void {
  guardNode(graph, node);
  const replacement = transaction.replacementOf(node);
  const isNow = replacement === undefined ? graph.structure.isFormula(node) : !isInputNode(replacement);
  if (isNow === isFormula) return;
  throw new EngineError("engine/wrong-kind", {
    expected: isFormula ? "a formula" : "an input",
    found: `${graph.structure.nameOf(node)}, which is ${isFormula ? "an input" : "a formula"}`,
    remedy: isFormula ? "set or override inputs" : "pin the formula in an overlay, or replace it",
  });
}

export function guardColumnNode(graph: Graph, node: number): void {
  guardNode(graph, node);
  if (graph.structure.kindOf(node) >= kindCellInput) return;
  throw new EngineError("engine/wrong-kind", {
    expected: "an input, formula or cell of the model face",
    found: `${graph.structure.nameOf(node)}, a scalar attribute`,
    remedy: "make another computed attribute instead of replacing this one",
  });
}

export function guardInputNode(node: InputNode): void {
  const { shape, column } = node;
  if (column.shape.outer === shape.outer && column.shape.periods === shape.periods) return;
  throw new EngineError("engine/wrong-shape", {
    expected: `a column of ${shape.outer} × ${shape.periods} for ${node.name}`,
    found: `${column.shape.outer} × ${column.shape.periods}`,
    remedy: "give the column the node's shape",
  });
}

/** As it will be when the open transaction ends. */
function shapeAfter(graph: Graph, transaction: Replacements, node: number): Shape {
  const replacement = transaction.replacementOf(node);
  return replacement === undefined ? graph.structure.shapeOf(node) : shapeOfDefinition(replacement);
}

/** A cell must fit its family; what it reads is checked by `guardCellPrecedent`. */
export function guardCell(cell: CellNode): void {
  const { family, precedents, constants = [] } = cell;
  guardFamily(family);
  guardIds(precedents);
  if (precedents.length === family.arity && constants.length === family.constantCount) return;
  throw new EngineError("engine/wrong-kind", {
    expected: `${family.arity} precedents and ${family.constantCount} constants for ${family.name}`,
    found: `${precedents.length} and ${constants.length} at ${cell.name}`,
    remedy: "give a cell as many of both as its family says",
  });
}

/** Ids that a table of them can hold; whether there are such nodes is seen when the transaction ends. */
export function guardIds(ids: ArrayLike<number>): void {
  if (ids instanceof Int32Array) return;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    if (Number.isInteger(id) && (id | 0) === id) continue;
    throw new EngineError("engine/unknown-node", {
      expected: "ids of nodes of this engine",
      found: String(id),
      remedy: "use ids returned by this engine",
    });
  }
}

export function guardFamily(family: CellFamily): void {
  const { name, arity, constantCount, general } = family;
  if (!Number.isInteger(constantCount) || constantCount < 0 || typeof general !== "function") {
    throw new EngineError("engine/wrong-kind", {
      expected: "a family with a whole number of constants and a function `general`",
      found: `${constantCount} constants and ${typeof general} at ${name}`,
      remedy: "complete the family; `plain` alone may be left out",
    });
  }
  if (Number.isInteger(arity) && arity >= 0 && arity <= arityMax) return;
  throw new EngineError("engine/wrong-kind", {
    expected: `a family of at most ${arityMax} precedents`,
    found: `${arity} at ${name}`,
    remedy: "read ranges by a formula over columns instead",
  });
}

/** What a cell reads must be of one cell when the transaction ends. */
export function guardCellPrecedent(graph: Graph, transaction: Replacements, node: number): void {
  guardNode(graph, node);
  const { outer, periods } = shapeAfter(graph, transaction, node);
  if (outer === 1 && periods === 1) return;
  throw new EngineError("engine/wrong-shape", {
    expected: "nodes of one cell as what a cell reads",
    found: `${graph.structure.nameOf(node)} of ${outer} × ${periods}`,
    remedy: "read it by a formula over columns",
  });
}

export function guardPrecedents(graph: Graph, node: FormulaNode): void {
  for (const precedent of node.precedents) {
    guardNode(graph, precedent.node);
    guardReach(node, precedent.time);
  }
  if (node.stock !== undefined || node.delay !== undefined) guardIntegrated(graph, node);
}

function guardIntegrated(graph: Graph, { name, stock, delay }: FormulaNode): void {
  for (const read of [stock?.initial, delay?.initial, delay?.time]) {
    if (read !== undefined) guardNode(graph, read);
  }
  const { stepsPerPeriod } = (stock ?? delay) as Pick<Stock, "stepsPerPeriod">;
  const isCount = Number.isInteger(stepsPerPeriod) && stepsPerPeriod >= 1;
  if (isCount && (stock === undefined || delay === undefined)) return;
  throw new EngineError("engine/wrong-kind", {
    expected: "a stock or a delay, not both, with a whole number of steps a period from 1 on",
    found: isCount ? `both at ${name}` : `${stepsPerPeriod} steps at ${name}`,
    remedy: "give one of the two, and steps as the number that a period is divided by",
  });
}

/** The tables of a gather are read by every edit: they must be whole. */
function guardReach({ name, shape }: FormulaNode, time: TimeReach): void {
  if (time.kind !== "gather") return;
  const { first, positions } = time;
  const isWhole = first.length === shape.periods + 1 && first.every((at, t) => at >= (first[t - 1] ?? 0));
  if (isWhole && (first.at(-1) as number) <= positions.length) return;
  throw new EngineError("engine/bad-box", {
    expected: `${shape.periods + 1} ascending starts within ${positions.length} positions for ${name}`,
    found: `${first.length} starts that end at ${first.at(-1)}`,
    remedy: "give `first` one entry more than the formula has periods, the last one the number of positions",
  });
}

/** The cells of a range node must be there when the transaction ends. */
export function guardRange(graph: Graph, transaction: Replacements, of: number, span: CellSpan): void {
  guardNode(graph, of);
  const { outer, periods } = shapeAfter(graph, transaction, of);
  const { row, from, to } = span;
  if (row < outer && to <= periods && row >= 0 && from >= 0 && from <= to && isWhole(span)) return;
  throw new EngineError("engine/bad-box", {
    expected: `a row and a range within ${outer} × ${periods}`,
    found: `row ${row}, positions ${from}..${to} of ${graph.structure.nameOf(of)}`,
    remedy: "give whole numbers, and the end of the range behind its last position",
  });
}

function isWhole({ row, from, to }: CellSpan): boolean {
  return Number.isInteger(row) && Number.isInteger(from) && Number.isInteger(to);
}

/** What a cell will read is what its family can read. */
export function guardCellDefinition(graph: Graph, transaction: Replacements, cell: CellNode): void {
  const { family, precedents, constants = [] } = cell;
  if (isRangeFamily(family)) {
    const [row = 0, from = 0, to = 0] = constants;
    guardRange(graph, transaction, precedents[0] as number, { row, from, to });
  } else for (const node of precedents) guardCellPrecedent(graph, transaction, node);
}
