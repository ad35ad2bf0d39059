/**
 * What a cell of a stock, or of a formula that stands on hidden stocks, is said to be made of.
 *
 *   a stock in the first period    its first value, and what that read
 *   a stock later                  what it was a period ago, and the flow of that period: `100 + integral(12 - 9)`
 *   SMOOTH(x, 5), DELAY1 …         the call as one value, then what is read inside it
 *
 * A period of several steps reads its flow several times; what is shown is the flow at its beginning.
 */
import type { State } from "@reckon/engine";
import type { CheckedFormula } from "@reckon/model";
import { type Plan, timeOf } from "@reckon/plan";
import type { Scalar } from "@reckon/value";
import { type ReadAt, readsAt } from "./read-at.ts";
import {
  type FormulaText,
  type Substitution,
  substituted,
  valueText,
  type WrittenRead,
} from "./substitution.ts";

interface Place {
  readonly plan: Plan;
  readonly state: State;
  readonly attribute: CheckedFormula;
  readonly cell: number;
}

/** The formula with the values put in, and what was read. */
export function readingAt(place: Place, formula: FormulaText): Substitution {
  const { plan, state, attribute, cell } = place;
  if (attribute.formula.integral !== undefined) return stockAt(place, formula);
  const reads = readsAt(plan, state, attribute.formula, cell);
  const hidden = attribute.hidden ?? [];
  if (hidden.length === 0) return substituted(formula, reads);
  const calls = new Map(hidden.map(({ id, text }) => [id, text]));
  const shown = substituted({ ...formula, calls }, reads);
  return { text: shown.text, reads: [...shown.reads, ...insideOf(place, hidden, shown.reads)] };
}

function stockAt({ plan, state, attribute, cell }: Place, formula: FormulaText): Substitution {
  const { axes, formula: bound } = attribute;
  const periods = timeOf(axes)?.labels.length ?? 1;
  if (cell % periods === 0) {
    const reads = bound.integral === undefined ? [] : readsAt(plan, state, bound.integral.initial, cell);
    return { text: `start ${valueText(formula.value, formula)}`, reads: named(reads, attribute) };
  }
  const before = cell - 1;
  const node = plan.nodeOf(attribute.id);
  const value: Scalar = node === undefined ? null : state.readCell(node, before);
  const flow = substituted(formula, readsAt(plan, state, bound, before));
  const own: WrittenRead = {
    reference: { attribute: attribute.id, axes, access: axes.map(() => current), span: attribute.span },
    cells: [before],
    at: labelsOf(attribute, before),
    value,
    written: `${attribute.name}[t-1]`,
  };
  return { text: `${valueText(value, formula)} + ${flow.text}`, reads: [own, ...flow.reads] };
}

const current = { kind: "current", offset: 0 } as const;

function labelsOf({ axes }: CheckedFormula, cell: number): string[] {
  let rest = cell;
  return axes
    .toReversed()
    .map((axis) => {
      const position = rest % axis.labels.length;
      rest = Math.floor(rest / axis.labels.length);
      return axis.labels[position] as string;
    })
    .toReversed();
}

/** What the hidden stocks read that is an attribute and not among `shown`. */
function insideOf(
  { plan, state, attribute, cell }: Place,
  hidden: readonly CheckedFormula[],
  shown: readonly ReadAt[],
): readonly WrittenRead[] {
  const seen = new Set(shown.map(keyOf));
  const inside: ReadAt[] = [];
  for (const { formula } of hidden)
    for (const read of readsAt(plan, state, formula, cell)) {
      if (read.reference.attribute.includes(" ") || seen.has(keyOf(read))) continue;
      seen.add(keyOf(read));
      inside.push(read);
    }
  return named(inside, attribute);
}

function keyOf({ reference, cells }: ReadAt): string {
  return `${reference.attribute} ${cells.join()}`;
}

/** Under the names that the formula's block has for them. */
function named(reads: readonly ReadAt[], { block }: CheckedFormula): readonly WrittenRead[] {
  return reads.map((read) => {
    const { attribute } = read.reference;
    const isOwn = attribute.startsWith(`${block}.`);
    return { ...read, written: isOwn ? attribute.slice(block.length + 1) : attribute };
  });
}
