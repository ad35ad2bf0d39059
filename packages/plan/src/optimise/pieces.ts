/**
 * Pieces: the subexpressions of a formula that could be worked out in a node of their own.
 *
 * Reading a cell is not the same as having an expression in that place, so not every subexpression is one:
 *
 * - Its value must be what a cell can hold, as it is: never a blank, an array or a function. So a piece is an operation on
 *   single values, a function of numbers, or a reduction; a plain read, `IF` or a look-up can be inside a piece but is none.
 * - What stands around it must not care whether it is a read: operators and parameters that take one number, text or
 *   truth value do not; `SUM` does (it leaves out the texts of cells), so its arguments stay.
 * - It must depend on nothing but its cell: no names of LET or LAMBDA, no module, no volatile function.
 * - Outside the time axis `start` and `end` of the formula count, so where it may reach there they must be plain numbers, and
 *   go along.
 * - In the branch of an IF that is not taken it costs nothing; so lazy arguments have no pieces of their own.
 *
 * A piece varies along those axes of the formula along which it reads or asks for the period; over these it becomes
 * a formula. Cost: the formula, once.
 */
import {
  type AxisAccess,
  type BoundExpression,
  type BoundFormula,
  partsOf,
  type Reference,
} from "@reckon/formula";
import type { Axis } from "@reckon/value";
import { treeNodesMax, treeSize } from "./rebuild.ts";
import { estimateWork, expressionNs } from "./work-estimate.ts";

export interface Piece {
  readonly node: BoundExpression;
  /** The axes of the formula along which it varies, in the formula's order. */
  readonly axes: readonly Axis[];
  /** What evaluating it once costs, by estimate. */
  readonly ns: number;
  readonly nodes: number;
  readonly isRoot: boolean;
  /** Whether it may reach outside the time axis. */
  readonly reachesOutside: boolean;
}

const found = new WeakMap<BoundFormula, readonly Piece[]>();

/** The pieces of a formula, larger ones before those inside them. */
export function piecesOf(formula: BoundFormula): readonly Piece[] {
  let pieces = found.get(formula);
  if (pieces === undefined) {
    const isWalkable = !formula.callsModule && treeSize(formula.root) <= treeNodesMax;
    pieces = isWalkable ? new PieceSearch(formula).search() : [];
    found.set(formula, pieces);
  }
  return pieces;
}

/** What is known of an expression. */
interface Facts {
  /** Gives one scalar, though perhaps a blank. */
  readonly isScalar: boolean;
  /** Never a blank. */
  readonly isSolid: boolean;
  readonly isClosed: boolean;
  readonly nodes: number;
  readonly axes: ReadonlySet<string>;
  readonly reachesOutside: boolean;
}

const nothing: ReadonlySet<string> = new Set();
const leaf: Facts = {
  isScalar: true,
  isSolid: false,
  isClosed: true,
  nodes: 1,
  axes: nothing,
  reachesOutside: false,
};

class PieceSearch {
  readonly #formula: BoundFormula;
  readonly #isFused: boolean;
  readonly #pieces: Piece[] = [];

  constructor(formula: BoundFormula) {
    this.#formula = formula;
    this.#isFused = estimateWork(formula).isFused;
  }

  search(): readonly Piece[] {
    this.#visit(this.#formula.root, true, true);
    return this.#pieces.toSorted((a, b) => b.nodes - a.nodes);
  }

  /**
   * The facts of `node`. Notes it and the pieces inside it; `isReplaceable` says that a read may stand in its place,
   * `isEager` that it is evaluated whatever the values are.
   */
  #visit(node: BoundExpression, isReplaceable: boolean, isEager: boolean): Facts {
    const facts = partsOf(node).map((part, i) => {
      const isCertain = isEager && node.kind !== "lambda" && argumentKind(node, i) !== "lazy";
      return this.#visit(part, takesRead(node, i), isCertain);
    });
    const own = this.#factsOf(node, facts);
    if (isReplaceable && isEager && own.isSolid && own.isScalar && own.isClosed) this.#note(node, own);
    return own;
  }

  #note(node: BoundExpression, facts: Facts): void {
    const { axes, start, end } = this.#formula;
    const isPlain = [start, end].every((clause) => clause === undefined || clause.kind === "literal");
    if (facts.reachesOutside && !isPlain) return;
    this.#pieces.push({
      node,
      axes: axes.filter(({ name }) => facts.axes.has(name)),
      ns: expressionNs(node, this.#formula, this.#isFused),
      nodes: facts.nodes,
      isRoot: node === this.#formula.root,
      reachesOutside: facts.reachesOutside,
    });
  }

  #factsOf(node: BoundExpression, parts: readonly Facts[]): Facts {
    const together: Facts = {
      isScalar: parts.every(({ isScalar }) => isScalar),
      isSolid: false,
      isClosed: parts.every(({ isClosed }) => isClosed),
      nodes: parts.reduce((sum, { nodes }) => sum + nodes, 1),
      axes: parts.length === 1 ? (parts[0] as Facts).axes : new Set(parts.flatMap(({ axes }) => [...axes])),
      reachesOutside: parts.some(({ reachesOutside }) => reachesOutside),
    };
    switch (node.kind) {
      case "read":
        return readFacts(this.#formula.references[node.slot] as Reference);
      case "literal":
        return { ...leaf, isScalar: node.value === null || typeof node.value !== "object" };
      case "current":
        return { ...leaf, axes: new Set([node.axis]) };
      case "unary":
        return { ...together, isSolid: node.operator === "-" };
      case "percent":
      case "binary":
        return { ...together, isSolid: true };
      case "call":
        return { ...together, ...callFacts(node, together) };
      case "missing":
        return leaf;
      case "array":
        return { ...together, isScalar: false };
      case "let":
      case "lambda":
      case "apply":
      case "local":
      case "module-call":
        return { ...together, isScalar: false, isClosed: false };
    }
  }
}

/** Whether the part of that index may be a read as well as anything else. */
function takesRead(node: BoundExpression, index: number): boolean {
  switch (node.kind) {
    case "unary":
    case "percent":
    case "binary":
    case "let":
      return true;
    case "call": {
      const kind = argumentKind(node, index);
      return kind === "number" || kind === "text" || kind === "logical";
    }
    default:
      return false;
  }
}

/** How a call takes the argument of that index. */
function argumentKind(node: BoundExpression, index: number): string | undefined {
  if (node.kind !== "call") return undefined;
  const { parameters, repeat = 0 } = node.definition;
  const first = parameters.length - repeat;
  const at = index < parameters.length || repeat === 0 ? index : first + ((index - first) % repeat);
  return parameters[at]?.kind;
}

function readFacts({ access, axes }: Reference): Facts {
  const varying = axes.filter((_, i) => {
    const { kind } = access[i] as AxisAccess;
    return kind === "current" || kind === "window";
  });
  return {
    ...leaf,
    isScalar: !access.some(({ kind }) => kind === "window" || kind === "range"),
    isClosed: !access.some(({ kind }) => kind === "key"),
    axes: new Set(varying.map(({ name }) => name)),
    reachesOutside: access.some(
      (one) =>
        (one.kind === "current" && one.offset !== 0) ||
        (one.kind === "window" && !one.clip && (one.from < 0 || one.to > 0)),
    ),
  };
}

/** Functions that choose between their arguments: a scalar if those are, and a blank if the chosen one is. */
const choosing = new Set(["IF", "IFERROR", "IFNA"]);

function callFacts(
  node: Extract<BoundExpression, { kind: "call" }>,
  { isScalar, isClosed }: Facts,
): Pick<Facts, "isScalar" | "isSolid" | "isClosed"> {
  const { definition } = node;
  if (definition.isVolatile === true || definition.isSpecialForm === true)
    return { isScalar: false, isSolid: false, isClosed: false };
  if (definition.reduces === true) return { isScalar: true, isSolid: true, isClosed };
  if (choosing.has(definition.name)) return { isScalar, isSolid: false, isClosed };
  const { parameters } = definition;
  const isOfNumbers =
    definition.family === "math" &&
    parameters.length > 0 &&
    parameters.every(({ kind }) => kind === "number");
  return { isScalar: isScalar && isOfNumbers, isSolid: isScalar && isOfNumbers, isClosed };
}
