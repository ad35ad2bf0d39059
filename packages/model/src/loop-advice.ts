/**
 * The two ways out of an undeclared loop, in the user's own names: declare it, or break it by reading the last period.
 *
 * If an attribute that the formula reads already is "the last period's value" (`opening = closing[t-1]`), the formula is
 * shown with that one in place: `(opening + closing) / 2 * rate / 12` becomes `opening * rate / 12`.
 */
import { type Expression, parseFormula, printExpression } from "@reckon/formula";
import { readsCurrent } from "./cycles.ts";
import type { CheckedFormula } from "./declarations.ts";

/** A formula longer than this is not shown whole. */
const formulaLengthMax = 60;

/** What stands around a loop. */
export interface LoopSurroundings {
  readonly formulaOf: (id: string) => CheckedFormula | undefined;
  /** Steps of the stocks around, where they are finer than a period; else 1. */
  readonly stepsPerPeriod: number;
  /** Whether stocks around move within a period: then all members move together, and none is told from another. */
  readonly areMembersTogether: boolean;
}

export function waysOut(
  from: CheckedFormula,
  to: CheckedFormula,
  { formulaOf, stepsPerPeriod, areMembersTogether }: LoopSurroundings,
): string {
  const where = from.block === to.block ? "" : ` in block \`${to.block}\``;
  const declare = `declare it (\`loop ${to.name} start …\`${where})`;
  const member = memberOfItself(from, to);
  if (member !== undefined && !areMembersTogether) {
    const { axis, label } = member;
    const condition = `IF(MEMBER(${axis}) = "${label}", …, ${to.name}[${label}])`;
    return `${declare} or break it (a condition on the member does: \`${condition}\`)`;
  }
  const hasTime =
    to.axes.some((axis) => axis.time !== undefined) && from.axes.some((axis) => axis.time !== undefined);
  const read = from.id === to.id ? "itself" : `\`${to.id}\``;
  if (!hasTime) return `${declare} or break it (let \`${from.id}\` not read ${read})`;
  // The period before is far away where stocks move within a period: the step before is meant.
  if (stepsPerPeriod > 1) {
    const step = 1 / stepsPerPeriod;
    const written = String(step).length > 6 ? `1/${stepsPerPeriod}` : String(step);
    return `${declare} or break it (\`SMOOTH(${nameFrom(from, to)}${index(member?.label)}, ${written}, first value)\` in \`${from.id}\` reads the step before)`;
  }
  const instead = lastPeriodOf(from, to, formulaOf);
  const rewritten = instead === undefined ? undefined : rewrite(from, to, instead);
  if (rewritten !== undefined) return `${declare} or break it (\`${rewritten}\`)`;
  const start = from.formula.start === undefined ? ", with a `start`" : "";
  return `${declare} or break it (\`${nameFrom(from, to)}${index(member?.label, "t-1")}\` in \`${from.id}\`${start})`;
}

function index(...parts: readonly (string | undefined)[]): string {
  const written = parts.filter((part) => part !== undefined);
  return written.length === 0 ? "" : `[${written.join(", ")}]`;
}

function nameFrom(from: CheckedFormula, to: CheckedFormula): string {
  return from.block === to.block ? to.name : to.id;
}

/** The member, if the formula reads its own attribute at a fixed one in the same period. */
function memberOfItself(
  from: CheckedFormula,
  to: CheckedFormula,
): { readonly axis: string; readonly label: string } | undefined {
  if (from.id !== to.id) return undefined;
  for (const reference of from.formula.references) {
    if (reference.attribute !== to.id || !readsCurrent(reference, true)) continue;
    for (const [i, access] of reference.access.entries()) {
      const axis = reference.axes[i];
      if (access.kind !== "fixed" || axis === undefined || axis.time !== undefined) continue;
      return { axis: axis.name, label: axis.labels[access.position] as string };
    }
  }
  return undefined;
}

/** The name of an attribute read by `from` whose formula is nothing but `to[t-1]`. */
function lastPeriodOf(
  from: CheckedFormula,
  to: CheckedFormula,
  formulaOf: (id: string) => CheckedFormula | undefined,
): string | undefined {
  for (const reference of from.formula.references) {
    const read = formulaOf(reference.attribute);
    const only = read?.formula.references[0];
    if (read === undefined || only?.attribute !== to.id || read.formula.root.kind !== "read") continue;
    const at = only.axes.findIndex((axis) => axis.time !== undefined);
    const access = only.access[at];
    if (access?.kind === "current" && access.offset === -1)
      return read.block === from.block ? read.name : read.id;
  }
  return undefined;
}

function rewrite(from: CheckedFormula, to: CheckedFormula, instead: string): string | undefined {
  const reads = from.formula.references.filter(
    (reference) => reference.attribute === to.id && readsCurrent(reference, true),
  );
  const base = from.text;
  const first = reads[0];
  if (first === undefined) return undefined;
  // Spans are offsets into the line; the formula's own text begins where the line says so.
  const written = first.span.end - first.span.start;
  const name = base.includes(to.id) ? to.id : to.name;
  if (written !== name.length) return undefined;
  const replaced = base.replace(
    new RegExp(`(?<![\\p{L}\\p{N}_.])${name.replace(".", "\\.")}(?![\\p{L}\\p{N}_.[(])`, "gu"),
    instead,
  );
  const parsed = parseFormula(replaced);
  if (parsed.diagnostics.length > 0) return undefined;
  const printed = printExpression(simplified(parsed.expression, 0));
  return printed.length > formulaLengthMax ? undefined : printed;
}

/** `(x + x) / 2` is `x`; everything else stays. */
function simplified(expression: Expression, depth: number): Expression {
  if (expression.kind !== "binary" || depth > 50) return expression;
  const left = simplified(expression.left, depth + 1);
  const sum = left.kind === "parenthesised" ? left.inner : left;
  const { right } = expression;
  if (
    expression.operator === "/" &&
    right.kind === "number" &&
    right.value === 2 &&
    sum.kind === "binary" &&
    sum.operator === "+"
  ) {
    const summand = printExpression(sum.left);
    if (summand === printExpression(sum.right)) return sum.left;
  }
  return { ...expression, left };
}
