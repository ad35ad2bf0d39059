/**
 * Cell shapes: what formulas over single values have in common when they are alike but for what they read and for
 * the numbers written in them.
 *
 *   price * 1.2 + fee      "#0*?+#1"   constants 1.2
 *   units * 3   + freight  "#0*?+#1"   constants 3
 *
 * The shape is a text without ambiguity: slots are `#` and their number, lifted numbers `?` in the order written, and
 * brackets stand wherever the tree needs them. A number stays part of the shape where it decides what is computed rather than
 * what it is computed from: the exponent of a power (squares are worth code of their own), the condition of an IF.
 *
 * Operator chains are walked in a loop; everything else nests as deep as the parser allows. Cost: the tree.
 */
import { isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import type { BoundExpression } from "./bound.ts";

export interface CellShape {
  readonly text: string;
  /** The lifted numbers, in the order written. */
  readonly constants: readonly number[];
}

type Binary = Extract<BoundExpression, { kind: "binary" }>;
type Call = Extract<BoundExpression, { kind: "call" }>;

/** The shape of an expression over single values; nothing for what depends on more than its references. */
export function cellShapeOf(root: BoundExpression): CellShape | undefined {
  const shaping = new Shaping(true);
  shaping.add(root, 0);
  return shaping.isFit ? { text: shaping.parts.join(""), constants: shaping.constants } : undefined;
}

/** The whole of an expression as a text, its numbers too; nothing for one that calls a module. */
export function exactTextOf(root: BoundExpression): string | undefined {
  const shaping = new Shaping(false);
  shaping.add(root, 0);
  return shaping.isFit ? shaping.parts.join("") : undefined;
}

/** How tight operators bind; what binds looser than its surroundings gets brackets. */
const tightness: Readonly<Record<string, number>> = {
  "=": 1,
  "<>": 1,
  "<": 1,
  "<=": 1,
  ">": 1,
  ">=": 1,
  "&": 2,
  "+": 3,
  "-": 3,
  "*": 4,
  "/": 4,
  "^": 5,
};
const tightnessOfSigns = 6;

class Shaping {
  readonly parts: string[] = [];
  readonly constants: number[] = [];
  isFit = true;
  private readonly isLifting: boolean;

  constructor(isLifting: boolean) {
    this.isLifting = isLifting;
  }

  /** Adds the text of a node that stands where only operators of `tight` or more may stand without brackets. */
  add(node: BoundExpression, tight: number): void {
    switch (node.kind) {
      case "literal":
        if (this.isLifting && isLifted(node)) {
          this.constants.push(node.value);
          this.parts.push("?");
        } else this.parts.push(literalText(node.value));
        return;
      case "missing":
        this.parts.push("_");
        return;
      case "read":
        this.parts.push(`#${node.slot}`);
        return;
      case "local":
        this.parts.push(localText(node.name));
        return;
      case "unary":
        this.parts.push(`(${node.operator}`);
        this.add(node.operand, tightnessOfSigns);
        this.parts.push(")");
        return;
      case "percent":
        this.parts.push("(");
        this.add(node.operand, tightnessOfSigns);
        this.parts.push("%)");
        return;
      case "binary":
        this.addBinary(node, tight);
        return;
      case "call":
        this.addCall(node);
        return;
      case "array":
        this.addArray(node.rows);
        return;
      case "let":
        node.values.forEach((value, i) => {
          this.parts.push(i === 0 ? "LET(" : ",", `${localText(node.names[i] as string)}=`);
          this.add(value, 0);
        });
        this.close(node.body, ",");
        return;
      case "lambda":
        this.parts.push(`LAMBDA(${node.parameters.map(localText).join(",")}`);
        this.close(node.body, ":");
        return;
      case "apply":
        this.parts.push("(");
        this.add(node.callee, 0);
        this.parts.push(")(");
        this.addList(node.arguments);
        return;
      case "current":
        if (this.isLifting) this.isFit = false;
        this.parts.push(`@${node.fact} ${node.axis}`);
        return;
      case "module-call":
        this.isFit = false;
    }
  }

  private close(body: BoundExpression, separator: string): void {
    this.parts.push(separator);
    this.add(body, 0);
    this.parts.push(")");
  }

  private addBinary(node: Binary, tight: number): void {
    const chain: Binary[] = [];
    const isBracketed: boolean[] = [];
    let around = tight;
    let first: BoundExpression = node;
    while (first.kind === "binary") {
      const own: number = tightness[first.operator] as number;
      if (own < around) this.parts.push("(");
      chain.push(first);
      isBracketed.push(own < around);
      around = own;
      first = first.left;
    }
    this.add(first, around);
    for (let i = chain.length - 1; i >= 0; i--) {
      const { operator, right } = chain[i] as Binary;
      this.parts.push(operator);
      if (operator === "^" && right.kind === "literal") this.parts.push(literalText(right.value));
      else this.add(right, (tightness[operator] as number) + 1);
      if (isBracketed[i] === true) this.parts.push(")");
    }
  }

  private addCall({ definition, arguments: list }: Call): void {
    if (definition.isVolatile === true && this.isLifting) this.isFit = false;
    this.parts.push(`${definition.name}(`);
    const condition = definition.name === "IF" ? list[0] : undefined;
    if (condition?.kind === "literal") {
      this.parts.push(literalText(condition.value), list.length > 1 ? "," : "");
      this.addList(list.slice(1));
    } else this.addList(list);
  }

  /** Arguments, and the bracket behind them. */
  private addList(list: readonly BoundExpression[]): void {
    list.forEach((one, i) => {
      if (i > 0) this.parts.push(",");
      this.add(one, 0);
    });
    this.parts.push(")");
  }

  private addArray(rows: readonly (readonly BoundExpression[])[]): void {
    rows.forEach((row, i) => {
      this.parts.push(i === 0 ? "{" : ";");
      row.forEach((cell, k) => {
        if (k > 0) this.parts.push(",");
        this.add(cell, 0);
      });
    });
    this.parts.push("}");
  }
}

/** A local by its number: what it was called makes no difference. */
function localText(unique: string): string {
  return `~${unique.slice(unique.lastIndexOf("#") + 1)}`;
}

function isLifted(node: BoundExpression): node is { readonly kind: "literal"; readonly value: number } {
  return node.kind === "literal" && typeof node.value === "number" && Number.isFinite(node.value);
}

/**
 * The expression with its lifted numbers replaced by reads of the slots from `firstSlot` on, in the order of
 * `constants`.
 */
export function withLiftedNumbers(root: BoundExpression, firstSlot: number): BoundExpression {
  let slot = firstSlot;
  const lift = (node: BoundExpression): BoundExpression => {
    switch (node.kind) {
      case "literal":
        return isLifted(node) ? { kind: "read", slot: slot++ } : node;
      case "unary":
      case "percent":
        return { ...node, operand: lift(node.operand) };
      case "binary":
        return liftBinary(node);
      case "call": {
        const isFixed = node.definition.name === "IF" && node.arguments[0]?.kind === "literal";
        return { ...node, arguments: node.arguments.map((one, i) => (isFixed && i === 0 ? one : lift(one))) };
      }
      case "array":
        return { ...node, rows: node.rows.map((row) => row.map(lift)) };
      case "let":
        return { ...node, values: node.values.map(lift), body: lift(node.body) };
      case "lambda":
        return { ...node, body: lift(node.body) };
      case "apply":
        return { ...node, callee: lift(node.callee), arguments: node.arguments.map(lift) };
      default:
        return node;
    }
  };
  const liftBinary = (node: Binary): BoundExpression => {
    const chain: Binary[] = [];
    let first: BoundExpression = node;
    while (first.kind === "binary") {
      chain.push(first);
      first = first.left;
    }
    let left = lift(first);
    for (let i = chain.length - 1; i >= 0; i--) {
      const { operator, right } = chain[i] as Binary;
      const isFixed = operator === "^" && right.kind === "literal";
      left = { kind: "binary", operator, left, right: isFixed ? right : lift(right) };
    }
    return left;
  };
  return lift(root);
}

function literalText(value: unknown): string {
  if (!isArrayValue(value)) return scalarText(value as Scalar);
  const cells = value.cells.map(scalarText).join(",");
  return `{${value.rows}x${value.columns}${value.isRange ? "r" : ""}@${value.firstPosition ?? 0}:${cells}}`;
}

function scalarText(value: Scalar): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (isErrorValue(value)) return JSON.stringify([value.code, value.origin, value.detail]);
  return typeof value === "string" ? JSON.stringify(value) : value === null ? "blank" : String(value);
}
