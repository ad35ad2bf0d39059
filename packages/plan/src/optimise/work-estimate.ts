/**
 * What a formula costs, guessed from its text: nanoseconds a cell on the machine the figures were taken on.
 *
 * The guess follows the way the kernel goes: arithmetic on single cells, IF, functions of numbers and reductions of
 * one axis run as a fused loop; everything else cell by cell, some thirty times as dear. It need only be right within
 * a factor of two or three: it decides whether a rewrite pays, and it is scaled by a measurement (calibration.ts) and
 * replaced by the measured cost wherever there is one.
 *
 * The walk has a stack of its own. Cost: the formula, once; later questions are a look-up.
 */
import {
  type AxisAccess,
  type BoundExpression,
  type BoundFormula,
  partsOf,
  type Reference,
} from "@reckon/formula";
import { shapeOf } from "../cells.ts";

export interface WorkEstimate {
  readonly nsPerCell: number;
  /** The part of it that goes into the cells of ranges. */
  readonly rangeNs: number;
  /** Whether it runs as one loop over numbers, as far as can be told. */
  readonly isFused: boolean;
  /** Slots whose ranges are gone through cell by cell, rather than taken from partial sums. */
  readonly scanned: ReadonlySet<number>;
}

/** What copying a cell of another column costs. */
export const copyNs = 2.5;
/** What a node costs each time it is recalculated, besides its cells. */
export const nodeNs = 1_500;

interface Rates {
  readonly cell: number;
  readonly read: number;
  /** A cell of a range. */
  readonly element: number;
  readonly operator: number;
  readonly call: number;
}

// A cell's own share in a loop is mostly the engine's: the column written, and compared with the one before.
const fusedRates: Rates = { cell: 5, read: 0.2, element: 1, operator: 0.4, call: 12 };
const slowRates: Rates = { cell: 60, read: 8, element: 6, operator: 12, call: 70 };
const walkedRates: Rates = { cell: 150, read: 60, element: 20, operator: 60, call: 150 };
const powerNs = 20;
const moduleCallNs = 1_000;

const fusedCalls = new Set(["IF", "AND", "OR", "NOT", "SUM", "MIN", "MAX", "COUNT", "AVERAGE"]);

const estimates = new WeakMap<BoundFormula, WorkEstimate>();

/** The estimate of a whole formula. */
export function estimateWork(formula: BoundFormula): WorkEstimate {
  let estimate = estimates.get(formula);
  if (estimate === undefined) {
    const isFused = looksFused(formula);
    const { ns, rangeNs, scanned } = walk(formula.root, formula, isFused);
    const nsPerCell = (isFused ? fusedRates : slowRates).cell + ns;
    estimate = { nsPerCell, rangeNs, isFused, scanned };
    estimates.set(formula, estimate);
  }
  return estimate;
}

/** Whether a formula runs as one loop, for who needs no more of its estimate. */
export function isFusedFormula(formula: BoundFormula): boolean {
  return estimates.get(formula)?.isFused ?? looksFused(formula);
}

/** What all cells of a formula cost together. */
export function formulaNs(formula: BoundFormula): number {
  const { outer, periods } = shapeOf(formula.axes);
  return outer * periods * estimateWork(formula).nsPerCell;
}

/** Of a formula no code is made before so many cells of it were worked out by walking its expression. */
export const interpretedCells = 48;

/** What such a cell costs, and the part of it that goes into the cells of ranges. */
export function interpretedNs(formula: BoundFormula): { readonly ns: number; readonly rangeNs: number } {
  let costs = interpretedCosts.get(formula);
  if (costs === undefined) {
    const { ns, rangeNs } = walk(formula.root, formula, false, walkedRates);
    costs = { ns: walkedRates.cell + ns, rangeNs };
    interpretedCosts.set(formula, costs);
  }
  return costs;
}

const interpretedCosts = new WeakMap<BoundFormula, { readonly ns: number; readonly rangeNs: number }>();

/** What one evaluation of a part of a formula costs. */
export function expressionNs(root: BoundExpression, formula: BoundFormula, isFused: boolean): number {
  return walk(root, formula, isFused).ns;
}

function walk(
  root: BoundExpression,
  formula: BoundFormula,
  isFused: boolean,
  rates: Rates = isFused ? fusedRates : slowRates,
): { readonly ns: number; readonly rangeNs: number; readonly scanned: ReadonlySet<number> } {
  let ns = 0;
  let rangeNs = 0;
  const scanned = new Set<number>();
  const stack: { readonly node: BoundExpression; readonly isSummed: boolean }[] = [
    { node: root, isSummed: false },
  ];
  for (let one = stack.pop(); one !== undefined; one = stack.pop()) {
    const { node, isSummed } = one;
    ns += nodeCost(node, rates);
    if (node.kind === "read") {
      const reference = formula.references[node.slot] as Reference;
      const cells = readCells(reference);
      if (cells > 1 && !(isSummed && isSeries(reference) && cells > partialSumCells)) {
        ns += cells * rates.element;
        rangeNs += cells * rates.element;
        scanned.add(node.slot);
      } else if (cells > 1) ns += partialSumNs;
    }
    const isSum = node.kind === "call" && summing.has(node.definition.name);
    for (const part of partsOf(node)) stack.push({ node: part, isSummed: isSum });
  }
  return { ns, rangeNs, scanned };
}

/** Functions that take long stretches of time from a column's partial sums. */
const summing = new Set(["SUM", "AVERAGE", "COUNT"]);
const partialSumNs = 30;
const partialSumCells = 64;

/** Whether only consecutive periods of one row are read. */
function isSeries({ axes, access }: Reference): boolean {
  return access.every(
    ({ kind }, i) => (kind !== "range" && kind !== "window") || axes[i]?.time !== undefined,
  );
}

function nodeCost(node: BoundExpression, rates: Rates): number {
  switch (node.kind) {
    case "read":
      return rates.read;
    case "unary":
    case "percent":
    case "current":
      return rates.operator;
    case "binary":
      return node.operator === "^" ? powerNs : rates.operator;
    case "call":
      return fusedCalls.has(node.definition.name) ? rates.operator + rates.call / 10 : rates.call;
    case "lambda":
    case "apply":
    case "array":
      return slowRates.call;
    case "module-call":
      return moduleCallNs;
    case "literal":
    case "missing":
    case "local":
    case "let":
      return 0;
  }
}

/** How many cells a reference gives at one cell. */
export function readCells(reference: Reference): number {
  return reference.access.reduce((product, access, i) => product * positionsOf(access, reference, i), 1);
}

function positionsOf(access: AxisAccess, reference: Reference, index: number): number {
  if (access.kind === "range") return Math.max(0, access.to - access.from);
  if (access.kind !== "window") return 1;
  return Math.min(access.to - access.from + 1, reference.axes[index]?.labels.length ?? 1);
}

/** Whether only what a fused loop knows is in the formula. */
function looksFused(formula: BoundFormula): boolean {
  if (formula.callsModule || formula.references.some(isBeyondLoops)) return false;
  const stack: BoundExpression[] = [formula.root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (!isFusedNode(node)) return false;
    for (const part of partsOf(node)) stack.push(part);
  }
  return true;
}

function isBeyondLoops({ access }: Reference): boolean {
  const ranged = access.filter(({ kind }) => kind === "range" || kind === "window").length;
  return ranged > 1 || access.some(({ kind }) => kind === "key");
}

function isFusedNode(node: BoundExpression): boolean {
  switch (node.kind) {
    case "read":
    case "unary":
    case "percent":
      return true;
    case "literal":
      return typeof node.value === "number" || typeof node.value === "boolean";
    case "binary":
      return node.operator !== "&";
    case "call":
      return (
        fusedCalls.has(node.definition.name) ||
        node.definition.parameters.every(({ kind }) => kind === "number")
      );
    case "current":
      return node.fact !== "label";
    default:
      return false;
  }
}
