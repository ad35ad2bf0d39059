/**
 * Calls in fused code (see fused-code.ts): IF and the logical functions as expressions, MIN, MAX and SUM of single
 * values inline, reductions of a span as an inner loop, and any library function whose parameters are all numbers by
 * calling its implementation. Each repeats exactly what the library does with finite numbers; the differential test
 * holds them equal bit for bit.
 */
import { sumBlockCells } from "@reckon/value";
import type { BoundExpression } from "./bound.ts";
import { exactTextOf } from "./cell-shape.ts";
import type { FunctionDefinition } from "./functions/definition.ts";
import { parameterAt } from "./functions/signature.ts";
import { fuseSum } from "./fused-sums.ts";
import { type Atom, asNumber, type FusedWriter } from "./fused-writer.ts";
import { originalOf } from "./lift.ts";
import { isReducing } from "./reducing.ts";

/** Emits a call; `undefined` when it cannot be fused. */
export function fuseCall(
  writer: FusedWriter,
  definition: FunctionDefinition,
  list: readonly BoundExpression[],
): Atom | undefined {
  if (definition.isVolatile === true || list.some(({ kind }) => kind === "missing")) return undefined;
  const original = originalOf(definition);
  const { name } = original ?? definition;
  // In a reduction's loop a function that reduces the whole array again is no matter of single elements.
  const isWhole = original === undefined && isReducing(definition);
  if (writer.span !== undefined && isWhole && list.some((one) => readsSpan(writer, one))) return undefined;
  switch (name) {
    case "IF":
      return fuseIf(writer, list);
    case "AND":
    case "OR":
      return fuseTruths(writer, list, name === "AND" ? "&&" : "||");
    case "NOT": {
      const operand = list.length === 1 ? writer.compile(list[0] as BoundExpression) : undefined;
      return operand && writer.let(`!(${truth(writer, operand)})`, true, "boolean");
    }
    case "SUM":
    case "MIN":
    case "MAX":
    case "COUNT":
    case "AVERAGE":
      return fuseReduction(writer, name, list);
    default:
      return original === undefined ? fuseNumeric(writer, definition, list) : undefined;
  }
}

/** The code of an atom as a condition; an error on its way gives the cell up. */
function truth(writer: FusedWriter, atom: Atom): string {
  if (atom.type === "boolean") return atom.code;
  writer.guard(atom);
  return `${atom.code} !== 0`;
}

function fuseIf(writer: FusedWriter, list: readonly BoundExpression[]): Atom | undefined {
  const [condition, then, otherwise] = list;
  if (condition === undefined || then === undefined || list.length > 3) return undefined;
  if (condition.kind === "literal" && typeof condition.value !== "object") {
    if (typeof condition.value === "string") return undefined;
    const live = condition.value === false || condition.value === 0 ? otherwise : then;
    return live === undefined ? undefined : writer.compile(live);
  }
  const chosen = writer.compile(condition);
  if (chosen === undefined || otherwise === undefined) return undefined;
  const test = truth(writer, chosen);
  // Both branches are computed: an error of the one not taken is a number that nobody looks at.
  const yes = writer.compile(then);
  const no = yes && writer.compile(otherwise);
  if (no === undefined || yes === undefined || no.type !== yes.type) return undefined;
  return writer.let(`${test} ? ${yes.code} : ${no.code}`, yes.isFinite && no.isFinite, yes.type);
}

function fuseTruths(
  writer: FusedWriter,
  list: readonly BoundExpression[],
  joint: "&&" | "||",
): Atom | undefined {
  const parts: string[] = [];
  for (const one of list) {
    const atom = writer.compile(one);
    if (atom === undefined) return undefined;
    parts.push(`(${truth(writer, atom)})`);
  }
  return parts.length === 0 ? undefined : writer.let(parts.join(` ${joint} `), true, "boolean");
}

type Reduction = "SUM" | "MIN" | "MAX" | "COUNT" | "AVERAGE";

function fuseReduction(
  writer: FusedWriter,
  name: Reduction,
  list: readonly BoundExpression[],
): Atom | undefined {
  if (list.length === 1 && writer.span === undefined && readsSpan(writer, list[0] as BoundExpression)) {
    return fuseSpan(writer, name, list[0] as BoundExpression);
  }
  if (name === "COUNT" || name === "AVERAGE") return undefined;
  const atoms: Atom[] = [];
  for (const one of list) {
    const atom = writer.compile(one);
    if (atom === undefined) return undefined;
    if (name !== "SUM") writer.guard(atom);
    atoms.push(atom);
  }
  const [first, ...rest] = atoms;
  if (first === undefined) return undefined;
  if (name === "SUM") return writer.let(["0", ...atoms.map(asNumber)].join(" + "), false);
  let best: Atom = first.type === "number" ? first : writer.let(asNumber(first), true);
  for (const atom of rest) {
    const other = asNumber(atom);
    best = writer.let(`${other} ${name === "MIN" ? "<" : ">"} ${best.code} ? ${other} : ${best.code}`, true);
  }
  return { ...best, isFinite: true };
}

/** Whether an expression reads a span anywhere. */
function readsSpan(writer: FusedWriter, node: BoundExpression): boolean {
  const pending = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === "read" && writer.plan.slots[next.slot]?.isArray) return true;
    if (next.kind === "binary") pending.push(next.left, next.right);
    else if (next.kind === "unary" || next.kind === "percent") pending.push(next.operand);
    else if (next.kind === "call") pending.push(...next.arguments);
  }
  return false;
}

/** `sum(price * units over segment)`: an inner loop over the positions, adding in the documented order. */
function fuseSpan(writer: FusedWriter, name: Reduction, node: BoundExpression): Atom | undefined {
  if (node.kind === "read" && (name === "SUM" || name === "AVERAGE")) {
    const sum = fuseSum(writer, name, node.slot);
    if (sum !== undefined) return sum;
  }
  return writer.once(spanKey(name, node), () => writeReduction(writer, name, node));
}

function spanKey(name: Reduction, node: BoundExpression): string | undefined {
  const text = exactTextOf(node);
  return text && `${name} over ${text}`;
}

function writeReduction(writer: FusedWriter, name: Reduction, node: BoundExpression): Atom | undefined {
  const variable = writer.name();
  const span = { variable, key: undefined, reads: [] as number[] };
  writer.span = span;
  const { result: element, lines: body } = writer.apart(() => writer.compile(node));
  writer.span = undefined;
  const read = span.reads[0];
  if (element === undefined || element.type !== "number" || read === undefined) return undefined;
  const bounds = writer.spanBounds(read);
  return writeSpan(writer, { name, variable, body, element, bounds, isRead: node.kind === "read" });
}

interface SpanLoop {
  readonly name: Reduction;
  readonly variable: string;
  readonly body: readonly string[];
  readonly element: Atom;
  readonly bounds: { readonly from: string; readonly to: string };
  /** Whether the element is a plain read: then blocks are cut by axis position, else by place in the array. */
  readonly isRead: boolean;
}

function writeSpan(writer: FusedWriter, loop: SpanLoop): Atom {
  const { name, variable: k, element } = loop;
  const [from, to, total, part] = [writer.name(), writer.name(), writer.name(), writer.name()];
  const isSeen = element.isFinite;
  const test = isSeen ? [] : [`if (!(${element.code} - ${element.code} === 0)) { ${writer.giveUp()} }`];
  const step: Readonly<Record<Reduction, string>> = {
    SUM: `${part} += ${element.code};`,
    AVERAGE: `${part} += ${element.code};`,
    COUNT: "",
    MIN: `if (${element.code} < ${part} || ${k} === ${from}) ${part} = ${element.code};`,
    MAX: `if (${element.code} > ${part} || ${k} === ${from}) ${part} = ${element.code};`,
  };
  const isChanging = [loop.bounds.from, loop.bounds.to, ...loop.body].some((code) => writer.changes(code));
  if (isChanging) for (const one of [from, to, total, part]) writer.addChanging(one);
  const lines = writer.place(isChanging);
  lines.push(
    `const ${from} = ${loop.bounds.from}, ${to} = ${loop.bounds.to};`,
    `let ${total} = 0, ${part} = 0;`,
    `for (let ${k} = ${from}; ${k} < ${to}; ${k}++) {`,
  );
  if (name === "SUM" || name === "AVERAGE") {
    const place = loop.isRead ? k : `(${k} - ${from})`;
    lines.push(
      `if (${place} % ${sumBlockCells} === 0 && ${k} !== ${from}) { ${total} += ${part}; ${part} = 0; }`,
    );
  }
  lines.push(...loop.body, ...test, step[name], "}");
  if (name === "COUNT") return writer.let(`Math.max(0, ${to} - ${from})`, true);
  if (name === "AVERAGE") {
    writer.guardThat(`${to} > ${from}`);
    return writer.let(`(${total} + ${part}) / (${to} - ${from})`, false);
  }
  if (name === "SUM") return writer.let(`0 + (${total} + ${part})`, false);
  return { code: part, type: "number", isFinite: true };
}

/** A library function of numbers: its implementation is called with what `invoke` would hand it. */
function fuseNumeric(
  writer: FusedWriter,
  definition: FunctionDefinition,
  list: readonly BoundExpression[],
): Atom | undefined {
  const args: string[] = [];
  const count = Math.max(list.length, definition.parameters.length);
  for (let i = 0; i < count; i++) {
    const parameter = parameterAt(definition, i);
    if (parameter?.kind !== "number") return undefined;
    const written = list[i];
    if (written === undefined) {
      const { fallback } = parameter;
      if (fallback !== undefined && typeof fallback !== "number") return undefined;
      args.push(String(fallback));
      continue;
    }
    const atom = writer.compile(written);
    if (atom === undefined) return undefined;
    writer.guard(atom);
    args.push(asNumber(atom));
  }
  const result = writer.let(`${writer.constant(definition.implement)}(${args.join(", ")})`, false);
  // An error value or a boolean is left to the slow way; a number that is not finite is found later.
  writer.guardThat(`typeof ${result.code} === "number"`);
  return result;
}
