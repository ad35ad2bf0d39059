/**
 * Cells code: a bound formula as JavaScript source that computes one cell, whatever the cells it reads hold.
 *
 * Operators and functions are called through the same tables as in the interpreter; what is saved is walking the tree.
 * Everything is emitted as flat statements; lazy arguments become arrow functions. Formulas with LAMBDA or module
 * calls are left to the interpreter. Cost: linear in the formula.
 */
import type { BoundExpression, BoundFormula } from "./bound.ts";
import type { FunctionDefinition } from "./functions/definition.ts";
import { parameterAt } from "./functions/signature.ts";
import { timeSpanOf } from "./read-slot.ts";
import { isReducing } from "./reducing.ts";
import { type FormulaPlan, planOf, type SlotPlan } from "./slot-plan.ts";
import { isSpanReduction } from "./span-reduction.ts";

export interface CellsCode {
  /** Body of a function of `(env, ops, at, inputs, m, t)` that returns the value of the root: see `compile.ts`. */
  readonly source: string;
  readonly environment: readonly unknown[];
}

const statementsMax = 2_000;
const thunksDeepMax = 32;

/** The code of a formula, or nothing when it must be interpreted. `readCode`: how a slot is read, if not from columns. */
export function cellsCode(formula: BoundFormula, readCode?: (slot: number) => string): CellsCode | undefined {
  const writer = new CellsWriter(formula, readCode);
  const root = writer.compile(formula.root);
  if (root === undefined || writer.isTooLarge()) return undefined;
  return { source: [...writer.lines, `return ${root};`].join("\n"), environment: writer.environment };
}

class CellsWriter {
  lines: string[] = [];
  readonly environment: unknown[] = [];
  private readonly plan: FormulaPlan;
  private readonly locals = new Map<string, string>();
  private count = 0;
  private thunksDeep = 0;

  private readonly readCode: ((slot: number) => string) | undefined;

  constructor(formula: BoundFormula, readCode: ((slot: number) => string) | undefined) {
    this.plan = planOf(formula);
    this.readCode = readCode;
  }

  isTooLarge(): boolean {
    return this.count > statementsMax;
  }

  /** Emits what gives the node's value and answers the name that holds it. */
  compile(node: BoundExpression): string | undefined {
    if (this.isTooLarge()) return undefined;
    switch (node.kind) {
      case "literal":
        return literalCode(node.value) ?? this.constant(node.value);
      case "missing":
        return "null";
      case "read":
        return this.read(node.slot);
      case "local":
        return this.locals.get(node.name);
      case "unary": {
        const operand = this.compile(node.operand);
        return operand && this.let(`ops.unary("${node.operator}", ${operand})`);
      }
      case "percent": {
        const operand = this.compile(node.operand);
        return operand && this.let(`ops.percent(${operand})`);
      }
      case "binary":
        return this.binary(node);
      case "call":
        return this.call(node.definition, node.arguments);
      case "array":
        return this.array(node.rows);
      case "let":
        return this.bindNames(node);
      case "current":
        return this.let(`at.fact(${this.constant(node)})`);
      case "lambda":
      case "apply":
      case "module-call":
        return undefined;
    }
  }

  private let(code: string): string {
    const name = `v${this.count++}`;
    this.lines.push(`const ${name} = ${code};`);
    return name;
  }

  private constant(value: unknown): string {
    return `env[${this.environment.push(value) - 1}]`;
  }

  private read(index: number): string {
    if (this.readCode !== undefined) return this.readCode(index);
    const slot = this.plan.slots[index] as SlotPlan;
    const isPlain =
      !slot.isArray &&
      !slot.hasKey &&
      slot.axes.every(
        ({ access, target }) =>
          access.kind === "fixed" ||
          (access.kind === "current" && (access.offset === 0 || target === this.plan.outerAxes.length)),
      );
    if (!isPlain) return this.let(`at.read(${index})`);
    const { index: code, inside } = this.indexOf(slot);
    const column = `inputs[${index}]`;
    const cell = `${column}.marks === null ? ${column}.numbers[${code}] : ${column}.get(${code})`;
    return this.let(inside === "" ? cell : `${inside} ? (${cell}) : at.read(${index})`);
  }

  private indexOf(slot: SlotPlan): { readonly index: string; readonly inside: string } {
    const parts: string[] = [];
    let fixed = 0;
    let inside = "";
    for (const { access, stride, size, target } of slot.axes) {
      if (access.kind === "fixed") fixed += access.position * stride;
      else if (access.kind === "current") {
        const outer = this.plan.outerAxes[target];
        if (outer !== undefined) {
          const position =
            this.plan.outerAxes.length === 1 ? "m" : `Math.floor(m / ${outer.stride}) % ${outer.size}`;
          parts.push(`(${position}) * ${stride}`);
          continue;
        }
        parts.push(`t * ${stride}`);
        fixed += access.offset * stride;
        if (access.offset < 0) inside = `t >= ${-access.offset}`;
        else if (access.offset > 0) inside = `t < ${size - access.offset}`;
      }
    }
    return { index: [...parts, fixed].join(" + "), inside };
  }

  private binary(node: Extract<BoundExpression, { kind: "binary" }>): string | undefined {
    const chain: (typeof node)[] = [];
    let first: BoundExpression = node;
    while (first.kind === "binary") {
      chain.push(first);
      first = first.left;
      if (chain.length > statementsMax) return undefined;
    }
    let left = this.compile(first);
    for (let i = chain.length - 1; i >= 0 && left !== undefined; i--) {
      const { operator, right } = chain[i] as typeof node;
      const other = this.compile(right);
      left = other && this.let(`ops.binary("${operator}", ${left}, ${other})`);
    }
    return left;
  }

  private call(definition: FunctionDefinition, list: readonly BoundExpression[]): string | undefined {
    const only = list.length === 1 ? list[0] : undefined;
    if (only?.kind === "read" && isSpanReduction(definition) && this.isTimeSpan(only.slot)) {
      return this.let(`ops.reduceSpan(${this.constant(definition)}, at, ${only.slot})`);
    }
    const isRangeTaking = isReducing(definition);
    const args: string[] = [];
    for (let i = 0; i < list.length; i++) {
      const argument = list[i] as BoundExpression;
      let code: string | undefined;
      if (argument.kind === "missing") code = "undefined";
      else if (parameterAt(definition, i)?.kind === "lazy") code = this.thunk(argument);
      else {
        code = this.compile(argument);
        if (isRangeTaking && argument.kind === "read") code = code && `ops.referenced(${code})`;
      }
      if (code === undefined) return undefined;
      args.push(code);
    }
    return this.let(`ops.invoke(${this.constant(definition)}, [${args.join(", ")}])`);
  }

  private isTimeSpan(slot: number): boolean {
    const plan = this.plan.slots[slot];
    return plan !== undefined && timeSpanOf(plan) !== undefined;
  }

  private thunk(argument: BoundExpression): string | undefined {
    if (this.thunksDeep >= thunksDeepMax) return undefined;
    const outside = this.lines;
    this.lines = [];
    this.thunksDeep++;
    const result = this.compile(argument);
    this.thunksDeep--;
    const body = this.lines;
    this.lines = outside;
    return result && `() => { ${body.join(" ")} return ${result}; }`;
  }

  private array(rows: readonly (readonly BoundExpression[])[]): string | undefined {
    const cells: string[] = [];
    for (const cell of rows.flat()) {
      const code = this.compile(cell);
      if (code === undefined) return undefined;
      cells.push(`ops.cell(${code})`);
    }
    return this.let(`ops.array(${rows.length}, ${rows[0]?.length ?? 0}, [${cells.join(", ")}])`);
  }

  private bindNames(node: Extract<BoundExpression, { kind: "let" }>): string | undefined {
    for (let i = 0; i < node.names.length; i++) {
      const value = this.compile(node.values[i] as BoundExpression);
      if (value === undefined) return undefined;
      this.locals.set(node.names[i] as string, value);
    }
    return this.compile(node.body);
  }
}

function literalCode(value: unknown): string | undefined {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return JSON.stringify(value).replace(/[\u2028\u2029]/g, escapeLine);
  if (typeof value === "number" && Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return undefined;
}

function escapeLine(character: string): string {
  return character === "\u2028" ? "\\u2028" : "\\u2029";
}
