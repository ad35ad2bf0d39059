/**
 * Sharing and hoisting: pieces of formulas that get a node of their own.
 *
 *   share   the same piece stands in several formulas, or several times in one: it is worked out once
 *   hoist   a piece does not vary along an axis of its attribute: it is worked out once for all members
 *
 *   1. All pieces of the candidates are gathered by what they compute and read.
 *   2. From the largest down: the occurrences that no larger piece has taken are counted, and the piece is taken if
 *      that saves enough.
 *   3. Where it is taken, formulas read the new node instead. Then the same again for the formulas of the new nodes.
 *
 * The new node is transparent: an error that begins in it gets its origin where it is read, as if the piece still
 * stood there. Nothing is taken out of a circle: neither a piece that reads what depends on the attribute, nor one of
 * a manual attribute (it would be computed though nobody asked).
 *
 * Cost: the pieces of the candidates that are dear enough, a text for each.
 */
import { type BoundExpression, type BoundFormula, partsOf, type Reference } from "@reckon/formula";
import { boundText } from "../bound-text.ts";
import { shapeOf, timeOf } from "../cells.ts";
import type { Unit } from "../unit.ts";
import type { Upstream } from "./components.ts";
import { type Piece, piecesOf } from "./pieces.ts";
import { rebuild } from "./rebuild.ts";
import type { Rewrite } from "./rewrite.ts";
import { copyNs, estimateWork, nodeNs } from "./work-estimate.ts";

const roundsMax = 3;
/** A saving of so many small parts is not looked for. */
export const partsOfGainMax = 8;

export interface ExtractionQuestion {
  readonly units: readonly Unit[];
  readonly gainNsMin: number;
  readonly isShared: boolean;
  readonly isHoisted: boolean;
  readonly upstream: Upstream;
  /** The hidden unit for a piece with this text, over that formula or an equal one: the same each time. */
  readonly hiddenFor: (text: string, piece: BoundFormula) => Unit;
}

export interface Extracted {
  /** Formulas that read hidden units, by unit. */
  readonly formulas: ReadonlyMap<string, BoundFormula>;
  readonly hidden: readonly Unit[];
  readonly rewrites: readonly Rewrite[];
}

interface Occurrence {
  readonly unit: Unit;
  readonly formula: BoundFormula;
  readonly piece: Piece;
}

/** A piece as a formula over the axes it varies along, with everywhere it stands. */
interface Repeated {
  readonly text: string;
  readonly formula: BoundFormula;
  readonly ns: number;
  readonly nodes: number;
  readonly occurrences: Occurrence[];
}

export function extractPieces(question: ExtractionQuestion): Extracted {
  const formulas = new Map<string, BoundFormula>();
  const hidden = new Map<string, Unit>();
  const rewrites = new Map<string, Rewrite>();
  /** What the hidden units compute. */
  const texts = new Set<string>();
  let units = question.units;
  for (let round = 0; round < roundsMax && units.length > 0; round++) {
    const taken = takeRound(question, units, texts);
    const added: Unit[] = [];
    for (const { unit, rewrite, text } of taken.hidden) {
      texts.add(text);
      const before = rewrites.get(unit.key);
      rewrites.set(unit.key, before === undefined ? rewrite : together(before, rewrite));
      if (before === undefined) added.push(unit);
    }
    for (const unit of added) hidden.set(unit.key, unit);
    for (const [key, formula] of taken.formulas) {
      const own = hidden.get(key);
      if (own === undefined) formulas.set(key, formula);
      else hidden.set(key, { ...own, formula });
    }
    units = added;
  }
  return { formulas, hidden: [...hidden.values()], rewrites: [...rewrites.values()] };
}

function together(one: Rewrite, other: Rewrite): Rewrite {
  const units = [...new Set([...one.units, ...other.units])];
  return { ...one, kind: "share", units, savedNs: one.savedNs + other.savedNs };
}

interface Taken {
  readonly formulas: ReadonlyMap<string, BoundFormula>;
  readonly hidden: readonly { readonly unit: Unit; readonly rewrite: Rewrite; readonly text: string }[];
}

function takeRound(
  question: ExtractionQuestion,
  units: readonly Unit[],
  standing: ReadonlySet<string>,
): Taken {
  const replaced = new Replaced();
  const hidden: { unit: Unit; rewrite: Rewrite; text: string }[] = [];
  const repeated = [...gather(question, units).values()].toSorted((a, b) => b.nodes - a.nodes);
  for (const one of repeated) {
    const free = one.occurrences.filter((occurrence) => replaced.isFree(occurrence));
    const outside = outsideCircles(one, free, question.upstream);
    if (outside.length === 0) continue;
    const stands = standing.has(one.text);
    const savedNs = gainNs(one, outside, stands);
    if (!(stands || isWanted(question, outside)) || savedNs < question.gainNsMin) continue;
    const unit = question.hiddenFor(one.text, one.formula);
    hidden.push({ unit, text: one.text, rewrite: rewriteOf(unit.key, outside, savedNs) });
    for (const occurrence of outside) replaced.add(occurrence, unit);
  }
  return { formulas: replaced.formulas(), hidden };
}

/** What is read from hidden units in one round. */
class Replaced {
  readonly #pieces: Map<Unit, Map<BoundExpression, Reference>> = new Map();
  readonly #covered: Map<Unit, Set<BoundExpression>> = new Map();

  isFree({ unit, piece }: Occurrence): boolean {
    return this.#covered.get(unit)?.has(piece.node) !== true;
  }

  add({ unit, piece }: Occurrence, hidden: Unit): void {
    const covered = this.#covered.get(unit) ?? new Set();
    this.#covered.set(unit, covered);
    coverTree(piece.node, covered);
    const pieces = this.#pieces.get(unit) ?? new Map();
    this.#pieces.set(unit, pieces);
    pieces.set(piece.node, readOf(hidden, unit.formula as BoundFormula));
  }

  formulas(): ReadonlyMap<string, BoundFormula> {
    const formulas = new Map<string, BoundFormula>();
    for (const [unit, pieces] of this.#pieces)
      formulas.set(unit.key, rebuiltWith(unit.formula as BoundFormula, pieces));
    return formulas;
  }
}

const rebuiltFormulas = new WeakMap<
  BoundFormula,
  { readonly pieces: ReadonlyMap<BoundExpression, Reference>; readonly made: BoundFormula }
>();

/** The formula reading hidden units in place of pieces; the same object as last time if these are the same. */
function rebuiltWith(formula: BoundFormula, pieces: ReadonlyMap<BoundExpression, Reference>): BoundFormula {
  const last = rebuiltFormulas.get(formula);
  if (last !== undefined && areSameReads(last.pieces, pieces)) return last.made;
  const made =
    rebuild(formula, (node) => {
      const reference = pieces.get(node);
      return reference === undefined ? undefined : { kind: "read-of", reference };
    }) ?? formula;
  rebuiltFormulas.set(formula, { pieces, made });
  return made;
}

function areSameReads(
  a: ReadonlyMap<BoundExpression, Reference>,
  b: ReadonlyMap<BoundExpression, Reference>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [node, reference] of a) {
    const other = b.get(node);
    if (other?.attribute !== reference.attribute) return false;
    if (!reference.axes.every((axis, i) => axis === other.axes[i])) return false;
  }
  return true;
}

/** The pieces worth a look, by what they compute. */
function gather(question: ExtractionQuestion, units: readonly Unit[]): ReadonlyMap<string, Repeated> {
  const repeated = new Map<string, Repeated>();
  const nsMin = question.gainNsMin / partsOfGainMax;
  for (const unit of units) {
    const formula = unit.formula as BoundFormula;
    const cells = cellsOf(formula);
    for (const piece of piecesOf(formula)) {
      // The whole work of a unit is a matter of merging; a hidden unit is its own piece.
      const isWhole = piece.isRoot && piece.axes.length === formula.axes.length;
      if (cells * piece.ns < nsMin || (isWhole && unit.isTransparent === true)) continue;
      const own = pieceFormula(formula, piece);
      const text = textOf(own, question.isShared ? "" : unit.key);
      if (text === undefined) continue;
      const known = repeated.get(text);
      const occurrence = { unit, formula, piece };
      if (known === undefined)
        repeated.set(text, {
          text,
          formula: own,
          ns: piece.ns,
          nodes: piece.nodes,
          occurrences: [occurrence],
        });
      else known.occurrences.push(occurrence);
    }
  }
  return repeated;
}

function cellsOf(formula: BoundFormula): number {
  const { outer, periods } = shapeOf(formula.axes);
  return outer * periods;
}

const formulasOfPieces = new WeakMap<Piece, BoundFormula>();

/** The piece as a formula of its own; the same object each time. */
function pieceFormula(formula: BoundFormula, piece: Piece): BoundFormula {
  let own = formulasOfPieces.get(piece);
  if (own === undefined) {
    const { references, start, end } = formula;
    const clauses = {
      ...(piece.reachesOutside && start !== undefined ? { start } : {}),
      ...(piece.reachesOutside && end !== undefined ? { end } : {}),
    };
    const whole = { root: piece.node, references, axes: piece.axes, callsModule: false, ...clauses };
    own = rebuild(whole, () => undefined) ?? whole;
    formulasOfPieces.set(piece, own);
  }
  return own;
}

const texts = new WeakMap<BoundFormula, string | null>();

function textOf(formula: BoundFormula, place: string): string | undefined {
  let text = texts.get(formula);
  if (text === undefined) {
    const bound = boundText(formula);
    const names = [
      formula.axes.map(({ name }) => name),
      formula.references.map((reference) => [reference.attribute, ...reference.axes.map(({ name }) => name)]),
    ];
    text = bound === undefined ? null : JSON.stringify([names, bound]);
    texts.set(formula, text);
  }
  return text === null ? undefined : `${place} ${text}`;
}

/** The occurrences in attributes that nothing the piece reads depends on. */
function outsideCircles(
  { formula }: Repeated,
  occurrences: readonly Occurrence[],
  upstream: Upstream,
): readonly Occurrence[] {
  if (occurrences.length === 0) return occurrences;
  const above = upstream.of(formula.references.map(({ attribute }) => attribute));
  return above === undefined ? [] : occurrences.filter(({ unit }) => !above.has(unit.key));
}

function gainNs({ formula, ns }: Repeated, occurrences: readonly Occurrence[], stands: boolean): number {
  const cells = cellsOf(formula);
  const inKernels = new Map<string, number>();
  let worked = 0;
  let reading = 0;
  for (const { unit, formula: own, piece } of occurrences) {
    const count = evaluationsOf(own, piece);
    // In a loop, equal parts of one formula are worked out once anyway.
    const before = estimateWork(own).isFused ? (inKernels.get(unit.key) ?? 0) : 0;
    inKernels.set(unit.key, count);
    worked += before > 0 ? 0 : count;
    reading += before > 0 ? 0 : cellsOf(own);
  }
  const saved = worked * ns - reading * copyNs;
  return stands ? saved : saved - cells * (ns + 2 * copyNs) - nodeNs;
}

/** How often a kernel works the piece out: a loop does what no period changes once a member. */
function evaluationsOf(formula: BoundFormula, piece: Piece): number {
  const time = timeOf(formula.axes);
  const isHoisted = time !== undefined && !piece.axes.includes(time) && estimateWork(formula).isFused;
  return isHoisted ? shapeOf(formula.axes).outer : cellsOf(formula);
}

/** Whether one of the rewrites that are on is what this would be. */
function isWanted({ isShared, isHoisted }: ExtractionQuestion, occurrences: readonly Occurrence[]): boolean {
  // Whole formulas that are equal are merged, where they may be.
  if (occurrences.every((one) => one.piece.isRoot && !variesLess(one))) return false;
  return (isShared && occurrences.length > 1) || (isHoisted && occurrences.some(variesLess));
}

function variesLess({ piece, formula }: Occurrence): boolean {
  return piece.axes.length < formula.axes.length;
}

function rewriteOf(key: string, occurrences: readonly Occurrence[], savedNs: number): Rewrite {
  const units = [...new Set(occurrences.map(({ unit }) => unit.key))];
  const along = new Set(
    occurrences.flatMap(({ piece, formula }) =>
      formula.axes.filter((axis) => !piece.axes.includes(axis)).map(({ name }) => name),
    ),
  );
  return {
    kind: occurrences.length > 1 ? "share" : "hoist",
    work: key,
    units,
    ...(along.size === 0 ? {} : { along: [...along] }),
    savedNs,
  };
}

/** How a formula reads the hidden unit: at the current cell. */
function readOf({ key, axes }: Unit, formula: BoundFormula): Reference {
  const span = formula.references[0]?.span ?? { source: "", start: 0, end: 0 };
  return { attribute: key, axes, access: axes.map(() => ({ kind: "current", offset: 0 })), span };
}

/** Notes a piece and all parts of it. Trees with pieces are bounded. */
function coverTree(node: BoundExpression, covered: Set<BoundExpression>): void {
  covered.add(node);
  for (const part of partsOf(node)) coverTree(part, covered);
}
