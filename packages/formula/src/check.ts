/**
 * Checking: a syntax tree and a scope to a bound formula, or to what is wrong with it.
 *
 * Every name is resolved, every reference gets one access per axis of the attribute it reads, every call a
 * definition. All problems of a formula are told together. The rules are in docs/spec/formulas.md.
 *
 *   1. `bindExpression` walks the tree; the left sides of long operator chains in a loop, the rest by recursion (the
 *      parser bounds how deep that is).
 *   2. Names and indexes: check-references.ts, check-indexes.ts. Calls, `over`, LET, LAMBDA: check-calls.ts.
 *   3. `start` and `end` clauses are bound first, so that a lag knows whether one is there.
 *   4. A result that is surely an array or a function is reported.
 *
 * Cost: linear in the tree, plus the scope's look-ups.
 */
import { type ArrayValue, errorValue, isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import { cellRange } from "./a1.ts";
import { Binding, localNamed, type Place } from "./binding.ts";
import type { BoundExpression, BoundFormula } from "./bound.ts";
import { bindCall, isBoundCell, markBoundCell } from "./check-calls.ts";
import { bindCells, bindReference } from "./check-references.ts";
import { bindIntegral, integralCall } from "./check-stocks.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { functionByName } from "./functions/registry.ts";
import type { HiddenStock } from "./hidden-stocks.ts";
import { percentOf } from "./percent.ts";
import type { Scope } from "./scope.ts";
import type {
  A1Expression,
  BinaryExpression,
  CallExpression,
  Expression,
  NameExpression,
  UnaryExpression,
} from "./syntax.ts";

export interface CheckOptions {
  /** Name of the text in diagnostics; `formula` when absent. */
  readonly source?: string;
  /** The clauses behind the formula: what references before the first and after the last period give. */
  readonly start?: Expression;
  readonly end?: Expression;
}

export interface CheckedExpression {
  /** Present when no diagnostic is an error. */
  readonly formula?: BoundFormula;
  readonly diagnostics: readonly Diagnostic[];
  /** The stocks that it stands on without naming them, what is read before what reads it; absent: none. */
  readonly hidden?: readonly HiddenStock[];
}

/**
 * Checks and binds an expression in a scope. Diagnostics of parsing are not repeated: a broken node is passed over.
 *
 * @example
 * ```ts
 * const scope = { resolve: () => undefined, suggest: () => undefined, currentAxes: [], allowA1: false, isStrict: true };
 * checkFormula(parseFormula("rte * 2").expression, scope).diagnostics[0]?.code; // "formula/unknown-name"
 * ```
 */
export function checkFormula(
  expression: Expression,
  scope: Scope,
  options: CheckOptions = {},
): CheckedExpression {
  const binding = new Binding(scope, options.source ?? "formula", bindExpression);
  const place: Place = { frame: undefined, locals: undefined };
  const stock = integralCall(binding, expression);
  if (stock !== undefined) return checkStock(binding, stock, options);
  const clauses: { start?: BoundExpression; end?: BoundExpression } = {};
  for (const clause of ["start", "end"] as const) {
    const written = options[clause];
    if (written === undefined) continue;
    binding.clause = clause;
    clauses[clause] = bindExpression(binding, written, place);
    reportResult(binding, written, clauses[clause]);
  }
  binding.clause = undefined;
  binding.hasStart = options.start !== undefined;
  binding.hasEnd = options.end !== undefined;
  const root = bindExpression(binding, expression, place);
  reportResult(binding, expression, root);
  const diagnostics = binding.diagnostics;
  if (diagnostics.length > 0 && diagnostics.some(({ severity }) => severity === "error"))
    return { diagnostics };
  // A list that was pushed to has room for many more; formulas are kept, so it is copied.
  const references = binding.references.slice();
  const { callsModule } = binding;
  const formula: BoundFormula = { root, references, axes: scope.currentAxes, callsModule };
  const { start, end } = clauses;
  if (start === undefined && end === undefined) return checkedWith(binding, formula);
  return checkedWith(binding, {
    ...formula,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  });
}

function checkedWith({ diagnostics, hidden }: Binding, formula: BoundFormula): CheckedExpression {
  return hidden.list.length === 0 ? { formula, diagnostics } : { formula, diagnostics, hidden: hidden.list };
}

/** `integral(flow)  start first`: the whole formula. */
function checkStock(
  binding: Binding,
  call: CallExpression,
  { start, end }: Pick<CheckOptions, "start" | "end">,
): CheckedExpression {
  const { root, initial } = bindIntegral(binding, call, { start, end });
  if (call.arguments[0] !== undefined) reportResult(binding, call.arguments[0], root);
  if (start !== undefined && initial !== undefined) reportResult(binding, start, initial.root);
  const { diagnostics, callsModule } = binding;
  if (initial === undefined || diagnostics.some(({ severity }) => severity === "error"))
    return { diagnostics };
  const references = binding.references.slice();
  const axes = binding.scope.currentAxes;
  return checkedWith(binding, { root, references, axes, callsModule, integral: { initial } });
}

function bindExpression(binding: Binding, expression: Expression, place: Place): BoundExpression {
  switch (expression.kind) {
    case "number":
    case "text":
    case "boolean":
      return { kind: "literal", value: expression.value };
    case "error":
      return { kind: "literal", value: errorValue(expression.code) };
    case "missing":
      return { kind: "missing" };
    case "broken":
      return broken();
    case "name":
      return bindName(binding, expression, place);
    case "a1":
      return bindA1(binding, expression);
    case "unary":
      return bindUnary(binding, expression, place);
    case "percent": {
      if (expression.operand.kind === "number") {
        return { kind: "literal", value: percentOf(expression.operand.value) };
      }
      const operand = bindExpression(binding, expression.operand, place);
      checkText(binding, "%", expression.operand, operand);
      return { kind: "percent", operand };
    }
    case "binary":
      return bindBinary(binding, expression, place);
    case "call":
      return bindCall(binding, expression, place);
    case "array":
      return bindArray(binding, expression.rows, place);
    case "parenthesised":
      return expression.more === undefined
        ? bindExpression(binding, expression.inner, place)
        : bindUnion(binding, expression, place);
  }
}

/** Stands where an error has been reported; such a formula is never evaluated. */
function broken(): BoundExpression {
  return { kind: "literal", value: errorValue("#NAME?") };
}

function bindBinary(binding: Binding, expression: BinaryExpression, place: Place): BoundExpression {
  const chain: BinaryExpression[] = [];
  let first: Expression = expression;
  while (first.kind === "binary") {
    chain.push(first);
    first = first.left;
  }
  let left = bindExpression(binding, first, place);
  for (let i = chain.length - 1; i >= 0; i--) {
    const { operator, left: leftWritten, right: rightWritten } = chain[i] as BinaryExpression;
    const right = bindExpression(binding, rightWritten, place);
    if ("+-*/^".includes(operator)) {
      checkText(binding, operator, leftWritten, left);
      checkText(binding, operator, rightWritten, right);
    }
    left = { kind: "binary", operator, left, right };
  }
  return left;
}

/** In models: a literal text, or an attribute of texts, under an arithmetic operator. */
function checkText(binding: Binding, operator: string, written: Expression, bound: BoundExpression): void {
  if (!binding.scope.isStrict) return;
  const isText =
    bound.kind === "literal"
      ? typeof bound.value === "string"
      : bound.kind === "read" && binding.resolutions[bound.slot]?.valueType === "text";
  if (!isText) return;
  const operand =
    bound.kind === "literal"
      ? JSON.stringify(bound.value)
      : written.kind === "name"
        ? `\`${written.path.join(".")}\``
        : "this";
  binding.report("formula/text-arithmetic", written.span, { operator, operand });
}

/** `(A1:B2, C3)`: the cells of all areas as one column, which is how reducing functions see them. */
function bindUnion(
  binding: Binding,
  expression: Extract<Expression, { kind: "parenthesised" }>,
  place: Place,
): BoundExpression {
  const cells: Scalar[] = [];
  for (const area of [expression.inner, ...(expression.more ?? [])]) {
    const bound = bindExpression(binding, area, place);
    if (bound.kind !== "literal" || !isBoundCell(bound)) {
      binding.report("formula/union", expression.span, {});
      return broken();
    }
    if (isArrayValue(bound.value)) cells.push(...bound.value.cells);
    else cells.push(bound.value);
  }
  return markBoundCell({
    kind: "literal",
    value: { kind: "array", rows: cells.length, columns: 1, cells, isRange: true },
  });
}

function bindUnary(binding: Binding, expression: UnaryExpression, place: Place): BoundExpression {
  const operand = bindExpression(binding, expression.operand, place);
  if (expression.operator !== "@") {
    if (expression.operator === "-") checkText(binding, "-", expression.operand, operand);
    return { kind: "unary", operator: expression.operator, operand };
  }
  // `@` takes one value of several: the first. What is one value already stays as it is.
  const pick = functionByName("INDEX");
  if (pick === undefined || (operand.kind === "literal" && !isArrayValue(operand.value))) return operand;
  const one: BoundExpression = { kind: "literal", value: 1 };
  return { kind: "call", definition: pick, arguments: [operand, one, one] };
}

function bindArray(
  binding: Binding,
  rows: readonly (readonly Expression[])[],
  place: Place,
): BoundExpression {
  const bound = rows.map((row) => row.map((cell) => bindExpression(binding, cell, place)));
  const cells: Scalar[] = [];
  for (const row of bound) {
    for (const cell of row) {
      const value = constantCell(cell);
      if (value === undefined) return { kind: "array", rows: bound };
      cells.push(value);
    }
  }
  const columns = bound[0]?.length ?? 0;
  const value: ArrayValue = { kind: "array", rows: bound.length, columns, cells, isRange: false };
  return { kind: "literal", value };
}

function constantCell(cell: BoundExpression): Scalar | undefined {
  if (cell.kind === "literal") return isArrayValue(cell.value) ? undefined : cell.value;
  if (cell.kind !== "unary" || cell.operand.kind !== "literal") return undefined;
  const { value } = cell.operand;
  if (typeof value !== "number") return undefined;
  return cell.operator === "-" ? -value : value;
}

function bindName(binding: Binding, expression: NameExpression, place: Place): BoundExpression {
  const { path, span } = expression;
  const name = path.join(".");
  const local = path.length === 1 ? localNamed(place.locals, name) : undefined;
  const resolution = local === undefined ? binding.scope.resolve(path) : undefined;
  if (resolution?.kind === "attribute") return bindReference(binding, expression, resolution, place);
  if (expression.index !== undefined && (local !== undefined || resolution !== undefined)) {
    binding.report("formula/not-indexable", span, { name });
    return broken();
  }
  if (local !== undefined) {
    if (local.isFramed) binding.frameRanges++;
    return { kind: "local", name: local.unique };
  }
  switch (resolution?.kind) {
    case "value":
      return markBoundCell({ kind: "literal", value: asRange(resolution.value) });
    case "axis":
      binding.report("formula/axis-as-value", span, {
        axis: name,
        isTime: resolution.axis.time !== undefined,
      });
      return broken();
    case "module-function":
    case "curve":
      binding.report("formula/function-as-value", span, { name });
      return broken();
    case undefined:
      return bindUnknown(binding, expression, name);
  }
}

function bindUnknown(binding: Binding, expression: NameExpression, name: string): BoundExpression {
  const { scope } = binding;
  const { span } = expression;
  const isCell = expression.path.length === 1 && !name.includes(":") && cellRange(name) !== undefined;
  if (isCell && scope.allowA1 && expression.index === undefined) {
    return readCells(binding, { kind: "a1", reference: name.toUpperCase(), span });
  }
  const suggestion = scope.suggest(expression.path);
  if (suggestion === undefined && isCell && name === name.toUpperCase()) {
    binding.report("formula/a1-in-model", span, { reference: name });
    return broken();
  }
  const severity = scope.isStrict ? "error" : "warning";
  if (suggestion === undefined && functionByName(name) !== undefined) {
    binding.report("formula/function-as-value", span, { name }, severity);
  } else {
    binding.report("formula/unknown-name", span, { name, suggestion, isModel: scope.isStrict }, severity);
  }
  return broken();
}

function bindA1(binding: Binding, expression: A1Expression): BoundExpression {
  if (binding.scope.allowA1) return readCells(binding, expression);
  const reference =
    expression.sheet === undefined ? expression.reference : `${expression.sheet}!${expression.reference}`;
  binding.report("formula/a1-in-model", expression.span, { reference });
  return broken();
}

function readCells(binding: Binding, { reference, sheet, span }: A1Expression): BoundExpression {
  const read = binding.scope.readA1?.(reference, sheet);
  if (read !== undefined) return bindCells(binding, read, span);
  const value = binding.scope.resolveA1?.(reference, sheet);
  if (value !== undefined) return markBoundCell({ kind: "literal", value: asRange(value) });
  const written = sheet === undefined ? reference : `${sheet}!${reference}`;
  binding.report("formula/unbound-reference", span, { reference: written });
  return broken();
}

function asRange(value: Scalar | ArrayValue): Scalar | ArrayValue {
  return isArrayValue(value) && !value.isRange ? { ...value, isRange: true } : value;
}

/** Reports a result that can be no cell's value, as far as that is sure without evaluating. */
function reportResult(binding: Binding, written: Expression, root: BoundExpression): void {
  if (!binding.scope.isStrict) return;
  if (root.kind === "lambda") binding.report("formula/lambda-result", written.span, {});
  else if (isSurelyArray(binding, root)) {
    const reference = root.kind === "read" ? binding.references[root.slot] : undefined;
    const ranged = reference?.axes.find((_, i) => isRangeAccess(reference.access[i]?.kind));
    binding.report("formula/array-result", written.span, { axis: ranged?.name });
  }
}

function isRangeAccess(kind: string | undefined): boolean {
  return kind === "window" || kind === "range";
}

function isSurelyArray(binding: Binding, root: BoundExpression): boolean {
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    switch (node.kind) {
      case "literal":
        if (isArrayValue(node.value) && node.value.cells.length > 1 && !isErrorValue(node.value)) return true;
        break;
      case "read":
        if (binding.references[node.slot]?.access.some(({ kind }) => isRangeAccess(kind))) return true;
        break;
      case "array":
        return true;
      case "unary":
      case "percent":
        pending.push(node.operand);
        break;
      case "binary":
        pending.push(node.left, node.right);
        break;
      default:
    }
  }
  return false;
}
