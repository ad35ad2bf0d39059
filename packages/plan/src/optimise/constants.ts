/**
 * Folding: a formula that reads nothing gives one number; where others read it, the number is put in.
 *
 *   1. A unit without references is a constant if its formula depends on nothing but its text and gives a number.
 *   2. In a candidate every read of one cell of a constant becomes a literal. A candidate that reads nothing any more may be a constant
 *      itself: the round is repeated until nothing changes, at most `roundsMax` times.
 *
 * The constant's own node stays: it can be read, edited and pinned like any other. Once pinned, or no constant any
 * more, the numbers go out again. Only numbers are put in: an error must begin in the attribute that made it, and
 * what a text or a truth value counts as depends on how it is read.
 *
 * Cost: the candidates' formulas that read a constant.
 */
import {
  type BoundExpression,
  type BoundFormula,
  cellValue,
  evaluateConstant,
  type Reference,
} from "@reckon/formula";
import { boundText } from "../bound-text.ts";
import type { Unit } from "../unit.ts";
import { partsOf } from "./expression-parts.ts";
import { rebuild, treeNodesMax, treeSize } from "./rebuild.ts";

const roundsMax = 16;

/** The number that a unit always gives, if it does. */
export function constantOf(unit: Unit): number | undefined {
  const { formula, attribute } = unit;
  if (formula === undefined || formula.references.length > 0 || formula.callsModule) return undefined;
  if (attribute?.kind !== "formula" || attribute.isManual || attribute.weight === "heavy") return undefined;
  if (treeSize(formula.root) > treeNodesMax || readsCell(formula.root)) return undefined;
  if (boundText(formula) === undefined) return undefined;
  const value = cellValue(evaluateConstant(formula));
  return typeof value === "number" ? value : undefined;
}

/** Whether the result depends on which cell it is for. */
function readsCell(root: BoundExpression): boolean {
  const stack = [root];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === "current") return true;
    for (const part of partsOf(node)) stack.push(part);
  }
  return false;
}

export interface Folded {
  /** Formulas with numbers in place of reads, by unit. */
  readonly formulas: ReadonlyMap<string, BoundFormula>;
  /** Per constant the units it was put into. */
  readonly readers: ReadonlyMap<string, readonly string[]>;
}

/** Puts constants into the candidates. `constants` holds those among all units. */
export function foldConstants(
  units: readonly Unit[],
  constants: ReadonlyMap<string, number>,
  paysFor: (unit: Unit, reads: number) => boolean,
  isPinned: (key: string) => boolean,
): Folded {
  const formulas = new Map<string, BoundFormula>();
  const readers = new Map<string, string[]>();
  const known = new Map(constants);
  for (let round = 0; round < roundsMax; round++) {
    const size = known.size;
    let hasChanged = false;
    for (const unit of units) {
      const formula = formulas.get(unit.key) ?? unit.formula;
      if (formula === undefined || !isFoldable(unit)) continue;
      const put = constantSlots(formula, known);
      if (put.size === 0 || !paysFor(unit, put.size)) continue;
      const folded = withNumbers(formula, put);
      if (folded === formula) continue;
      formulas.set(unit.key, folded);
      hasChanged = true;
      for (const slot of put.keys()) {
        const { attribute } = formula.references[slot] as Reference;
        const list = readers.get(attribute);
        if (list === undefined) readers.set(attribute, [unit.key]);
        else if (!list.includes(unit.key)) list.push(unit.key);
      }
      const value = isPinned(unit.key) ? undefined : constantOf({ ...unit, formula: folded });
      if (value !== undefined) known.set(unit.key, value);
    }
    if (!hasChanged || known.size === size) break;
  }
  return { formulas, readers };
}

function isFoldable({ attribute, formula }: Unit): boolean {
  if (attribute?.kind === "formula" && attribute.isManual) return false;
  return formula !== undefined && !formula.callsModule;
}

/** The slots that read one cell of a constant. */
function constantSlots(
  formula: BoundFormula,
  constants: ReadonlyMap<string, number>,
): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  formula.references.forEach(({ attribute, access }, slot) => {
    const value = constants.get(attribute);
    if (value === undefined) return;
    const isOneCell = access.every(
      (one) => one.kind === "fixed" || (one.kind === "current" && one.offset === 0),
    );
    if (isOneCell) found.set(slot, value);
  });
  return found;
}

const foldedFormulas = new WeakMap<BoundFormula, { readonly text: string; readonly made: BoundFormula }>();

/** The formula with numbers in place of those slots; the same object as last time if these are the same. */
function withNumbers(formula: BoundFormula, put: ReadonlyMap<number, number>): BoundFormula {
  const text = [...put].map(([slot, value]) => `${slot}=${Object.is(value, -0) ? "-0" : value}`).join();
  const last = foldedFormulas.get(formula);
  if (last?.text === text) return last.made;
  const folded = rebuild(formula, (node) => {
    const value = node.kind === "read" ? put.get(node.slot) : undefined;
    return value === undefined ? undefined : { kind: "literal", value };
  });
  const made = folded ?? formula;
  foldedFormulas.set(formula, { text, made });
  return made;
}
