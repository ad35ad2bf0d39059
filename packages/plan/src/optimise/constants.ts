/**
 * Folding: a formula that reads nothing gives one number; where others read it, the number is put in.
 *
 *   1. A unit without references is a constant if its formula depends on nothing but its text and gives a number.
 *   2. A unit that reads nothing but constants is one too, if it gives a number with theirs put in; whether putting them
 *      in would pay there does not matter.
 *   3. In a candidate every read of one cell of a constant becomes a literal.
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
  partsOf,
  type Reference,
} from "@reckon/formula";
import { boundText } from "../bound-text.ts";
import type { Unit } from "../unit.ts";
import { rebuild, treeNodesMax, treeSize } from "./rebuild.ts";

/** Constants of constants are followed this far. */
const depthMax = 16;
/** A unit that reads more than this is not looked at as a constant. */
const referencesMax = 32;

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
  /** What was looked at as a constant that follows from others: a pin on one of them may change what is put in. */
  readonly followed: ReadonlySet<string>;
}

/** Puts constants into the candidates. `constants` holds those among all units that read nothing. */
export function foldConstants(
  units: readonly Unit[],
  constants: ReadonlyMap<string, number>,
  paysFor: (unit: Unit, reads: number) => boolean,
  surroundings: {
    readonly unitOf: (key: string) => Unit | undefined;
    readonly isPinned: (key: string) => boolean;
  },
): Folded {
  const formulas = new Map<string, BoundFormula>();
  const readers = new Map<string, string[]>();
  const values = new ConstantValues(constants, surroundings.unitOf, surroundings.isPinned);
  for (const unit of units) {
    const { formula } = unit;
    if (formula === undefined || !isFoldable(unit)) continue;
    const put = constantSlots(formula, values);
    if (put.size === 0 || !paysFor(unit, put.size)) continue;
    const folded = withNumbers(formula, put);
    if (folded === formula) continue;
    formulas.set(unit.key, folded);
    for (const slot of put.keys()) {
      const { attribute } = formula.references[slot] as Reference;
      const list = readers.get(attribute);
      if (list === undefined) readers.set(attribute, [unit.key]);
      else if (!list.includes(unit.key)) list.push(unit.key);
    }
  }
  const followed = [...values.seen.keys()].filter((key) => !constants.has(key));
  return { formulas, readers, followed: new Set(followed) };
}

/** The number of a key, if it is a constant: one of `constants`, or a unit that reads nothing but constants. */
class ConstantValues {
  /** Of what was looked at; `undefined`: no constant. */
  readonly seen: Map<string, number | undefined>;
  readonly #unitOf: (key: string) => Unit | undefined;
  readonly #isPinned: (key: string) => boolean;

  constructor(
    constants: ReadonlyMap<string, number>,
    unitOf: (key: string) => Unit | undefined,
    isPinned: (key: string) => boolean,
  ) {
    this.seen = new Map(constants);
    this.#unitOf = unitOf;
    this.#isPinned = isPinned;
  }

  of(key: string, depth = 0): number | undefined {
    if (this.seen.has(key)) return this.seen.get(key);
    // What reads itself is no constant, and what is too deep is taken for none.
    if (depth > depthMax) return undefined;
    this.seen.set(key, undefined);
    const value = this.#isPinned(key) ? undefined : this.#follow(this.#unitOf(key), depth);
    this.seen.set(key, value);
    return value;
  }

  #follow(unit: Unit | undefined, depth: number): number | undefined {
    const formula = unit?.formula;
    if (unit === undefined || formula === undefined || !isFoldable(unit)) return undefined;
    const { references } = formula;
    if (references.length === 0 || references.length > referencesMax) return undefined;
    const put = new Map<number, number>();
    for (const [slot, reference] of references.entries()) {
      const value = readsOneCell(reference) ? this.of(reference.attribute, depth + 1) : undefined;
      if (value === undefined) return undefined;
      put.set(slot, value);
    }
    return constantOf({ ...unit, formula: withNumbers(formula, put) });
  }
}

function isFoldable({ attribute, formula }: Unit): boolean {
  if (attribute?.kind === "formula" && attribute.isManual) return false;
  if (formula?.integral !== undefined || formula?.delay !== undefined) return false;
  return formula !== undefined && !formula.callsModule;
}

/** The slots that read one cell of a constant. */
function constantSlots(formula: BoundFormula, constants: ConstantValues): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  formula.references.forEach((reference, slot) => {
    const value = readsOneCell(reference) ? constants.of(reference.attribute) : undefined;
    if (value !== undefined) found.set(slot, value);
  });
  return found;
}

function readsOneCell({ access }: Reference): boolean {
  return access.every((one) => one.kind === "fixed" || (one.kind === "current" && one.offset === 0));
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
