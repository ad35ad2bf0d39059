/**
 * The optimiser: which units are laid in another way than the model writes them.
 *
 * It keeps the units whose work could be worth a rewrite (candidates), decides anew about all of them whenever the
 * structure changes, and hands back the units that do not stand in the engine as decided. So a formula edited later
 * leaves its merge, and a source that goes away is followed by another, by the same comparison that lays everything.
 *
 *   units of the model ─► fold ─► merge ─► share, hoist ─► compared with what is laid ─► units to lay
 *
 * Invariants:
 * - the cells of every attribute and check are those of the model as written, in every state, errors with origin and
 *   detail included;
 * - a decision depends on the model, the pins and the switches only, except for which of equal units is the source.
 *
 * Values never matter: an edit of an input does not come here. Cost: the candidates, for each change of the
 * structure; nothing when there are none. A formula of one cell that reads single cells is no candidate.
 */
import type { BoundFormula } from "@reckon/formula";
import type { CheckedModel } from "@reckon/model";
import { type Unit, unitOf, unitsOf } from "../unit.ts";
import { Upstream } from "./components.ts";
import { constantOf, type Folded, foldConstants } from "./constants.ts";
import { extractPieces, partsOfGainMax } from "./extractions.ts";
import { findMerges, mergeRewrites } from "./merges.ts";
import { pieceName } from "./piece-name.ts";
import type { Rewrite } from "./rewrite.ts";
import type { Switches } from "./switches.ts";
import { ValueNumbers } from "./value-numbers.ts";
import { formulaNs, readCells } from "./work-estimate.ts";

/** What is to be laid, and which hidden units are to go. */
export interface Laying {
  readonly changed: readonly Unit[];
  readonly removed: readonly string[];
}

interface Decision {
  /** Candidates that are laid otherwise than written, by key. */
  readonly units: ReadonlyMap<string, Unit>;
  readonly hidden: ReadonlyMap<string, Unit>;
  readonly rewrites: readonly Rewrite[];
  /** Per constant the units that hold its number. */
  readonly folded: ReadonlyMap<string, readonly string[]>;
  /** Keys that were looked at as constants of constants. */
  readonly followed: ReadonlySet<string>;
}

const nothingFolded: Folded = { formulas: new Map(), readers: new Map(), followed: new Set() };
const nothingDecided: Decision = {
  units: new Map(),
  hidden: new Map(),
  rewrites: [],
  folded: new Map(),
  followed: new Set(),
};

/** What folding one read saves at each cell. */
const foldedReadNs = 0.3;

export class Optimiser {
  readonly #switches: Switches;
  readonly #laid: (key: string) => Unit | undefined;
  /** As the model writes them. */
  readonly #candidates: Map<string, Unit> = new Map();
  readonly #constants: Map<string, number> = new Map();
  /** Hidden units by the text of what they compute. */
  readonly #hidden: Map<string, Unit> = new Map();
  #hiddenCount = 0;
  #pinned: ReadonlySet<string> = new Set();
  #isReset = false;
  #decision: Decision = nothingDecided;
  /** What the last decision knew to be equal. */
  #numbers: ValueNumbers | undefined;
  /** Keys that may stand otherwise than written, those of failed updates included. */
  readonly #rewritten: Set<string> = new Set();

  constructor(switches: Switches, laid: (key: string) => Unit | undefined) {
    this.#switches = switches;
    this.#laid = laid;
  }

  get rewrites(): readonly Rewrite[] {
    return this.#decision.rewrites;
  }

  /** The units that hold the number of a constant and do not read it any more. */
  foldedInto(key: string): readonly string[] {
    return this.#decision.folded.get(key) ?? [];
  }

  /** Takes note of what scenarios pin; whether that may change a decision. */
  setPinned(pinned: ReadonlySet<string>): boolean {
    const before = this.#pinned;
    const isSame = before.size === pinned.size && [...pinned].every((id) => before.has(id));
    this.#pinned = pinned;
    const concerns = (id: string) =>
      this.#candidates.has(id) ||
      this.#constants.has(id) ||
      this.#decision.followed.has(id) ||
      this.#numbers?.hasSeen(id) === true;
    return !isSame && [...before, ...pinned].some(concerns);
  }

  /** An update failed: what was noted of it is forgotten, and the next one looks at every unit. */
  reset(): void {
    this.#candidates.clear();
    this.#constants.clear();
    this.#isReset = true;
  }

  /** How the model is to be laid after `changed` (as written) and without `removed`. */
  follow(model: CheckedModel, changed: readonly Unit[], removed: readonly string[]): Laying {
    for (const key of removed) this.#forget(key);
    for (const unit of this.#isReset ? unitsOf(model) : changed) this.#note(unit);
    this.#isReset = false;
    if (this.#candidates.size === 0 && this.#rewritten.size === 0) return { changed, removed: [] };
    const decision = this.#candidates.size === 0 ? nothingDecided : this.#decide(model);
    this.#decision = decision;
    const laying = new Map(changed.map((unit) => [unit.key, decision.units.get(unit.key) ?? unit]));
    for (const unit of [...decision.units.values(), ...decision.hidden.values()])
      if (!stands(unit, this.#laid(unit.key))) laying.set(unit.key, unit);
    const gone: string[] = [];
    for (const key of this.#rewritten) {
      if (decision.units.has(key) || decision.hidden.has(key)) continue;
      const laid = this.#laid(key);
      const written = this.#candidates.get(key);
      if (laid?.isTransparent === true) gone.push(key);
      else if (laid !== undefined && written !== undefined && !stands(written, laid))
        laying.set(key, written);
      if (laid === undefined || stands(laid, written)) this.#rewritten.delete(key);
    }
    for (const key of [...decision.units.keys(), ...decision.hidden.keys()]) this.#rewritten.add(key);
    return { changed: [...laying.values()], removed: gone };
  }

  #forget(key: string): void {
    this.#candidates.delete(key);
    this.#constants.delete(key);
  }

  #note(unit: Unit): void {
    this.#forget(unit.key);
    if (unit.formula === undefined || isStock(unit.formula)) return;
    if (this.#switches.fold && unit.formula.references.length === 0) {
      const value = constantOf(unit);
      if (value !== undefined) this.#constants.set(unit.key, value);
    }
    if (this.#isCandidate(unit.formula)) this.#candidates.set(unit.key, unit);
  }

  #isCandidate(formula: BoundFormula): boolean {
    const nsMin = this.#switches.gainNsMin / partsOfGainMax;
    const isSmall = formula.axes.length === 0 && formula.references.every((one) => readCells(one) === 1);
    return (nsMin < 0 || !isSmall) && formulaNs(formula) >= nsMin;
  }

  #decide(model: CheckedModel): Decision {
    const { gainNsMin, fold, merge, share, hoist } = this.#switches;
    const upstream = new Upstream(model);
    const isPinned = (key: string): boolean => this.#pinned.has(key);
    const rewrites: Rewrite[] = [];
    const units = new Map<string, Unit>();
    const now = (unit: Unit): Unit => units.get(unit.key) ?? unit;
    const written = [...this.#candidates.values()];
    const folded = fold ? this.#fold(written, model) : nothingFolded;
    for (const [key, formula] of folded.formulas)
      units.set(key, { ...(this.#candidates.get(key) as Unit), formula });
    rewrites.push(...this.#foldRewrites(folded));
    if (merge) {
      const merged = this.#decision.rewrites.filter(({ kind }) => kind === "merge");
      const before = new Set(merged.map(({ work }) => work));
      const isSource = (key: string): boolean => before.has(key);
      const numbers = new ValueNumbers({
        unitOf: (key) => units.get(key) ?? this.#candidates.get(key) ?? unitUnder(key, model),
        isOwn: (key) => isPinned(key) || upstream.isInLoop(key),
      });
      this.#numbers = numbers;
      const sources = findMerges({ units: written.map(now), gainNsMin, numbers, isSource });
      rewrites.push(...mergeRewrites(sources, (key) => units.get(key) ?? this.#candidates.get(key)));
      for (const [key, copyOf] of sources)
        units.set(key, { ...now(this.#candidates.get(key) as Unit), copyOf });
    }
    const hidden = new Map<string, Unit>();
    if (share || hoist) {
      const extracted = extractPieces({
        units: written.map(now).filter(isOpen),
        gainNsMin,
        isShared: share,
        isHoisted: hoist,
        upstream,
        hiddenFor: this.#hiddenFor,
      });
      for (const [key, formula] of extracted.formulas)
        units.set(key, { ...now(this.#candidates.get(key) as Unit), formula });
      for (const unit of extracted.hidden) hidden.set(unit.key, unit);
      rewrites.push(...extracted.rewrites);
    }
    this.#dropHidden(hidden);
    return { units, hidden, rewrites, folded: folded.readers, followed: folded.followed };
  }

  #fold(written: readonly Unit[], model: CheckedModel): Folded {
    const free = new Map([...this.#constants].filter(([key]) => !this.#pinned.has(key)));
    if (free.size === 0) return nothingFolded;
    const pays = (unit: Unit, reads: number): boolean =>
      cellsOf(unit) * reads * foldedReadNs >= this.#switches.gainNsMin;
    return foldConstants(written, free, pays, {
      unitOf: (key) => this.#candidates.get(key) ?? unitUnder(key, model),
      isPinned: (key) => this.#pinned.has(key),
    });
  }

  #foldRewrites({ readers }: Folded): Rewrite[] {
    return [...readers].map(([work, units]) => ({
      kind: "fold",
      work,
      units,
      savedNs: units.reduce((sum, key) => sum + cellsOf(this.#candidates.get(key)) * foldedReadNs, 0),
    }));
  }

  /** A hidden unit keeps its key, and its node, while what it computes stands. */
  readonly #hiddenFor = (text: string, formula: BoundFormula): Unit => {
    const known = this.#hidden.get(text);
    const knownFormula = known?.identity as BoundFormula | undefined;
    if (known !== undefined && knownFormula !== undefined && readAlike(knownFormula, formula)) return known;
    // The space makes it the key of no attribute.
    const key = known?.key ?? `shared ${pieceName(formula)} #${++this.#hiddenCount}`;
    const unit: Unit = { key, axes: formula.axes, identity: formula, formula, isTransparent: true };
    this.#hidden.set(text, unit);
    return unit;
  };

  /** Forgets the pieces that nobody took. */
  #dropHidden(taken: ReadonlyMap<string, Unit>): void {
    for (const [text, { key }] of this.#hidden) if (!taken.has(key)) this.#hidden.delete(text);
  }
}

/** Whether its cells are not those of its formula's root. */
function isStock({ integral, delay }: BoundFormula): boolean {
  return integral !== undefined || delay !== undefined;
}

function unitUnder(key: string, model: CheckedModel): Unit | undefined {
  const attribute = model.attributes.get(key);
  return attribute === undefined ? undefined : unitOf(attribute);
}

function stands(unit: Unit, laid: Unit | undefined): boolean {
  return (
    laid !== undefined &&
    laid.identity === unit.identity &&
    laid.formula === unit.formula &&
    laid.copyOf === unit.copyOf
  );
}

/** Whether pieces may be taken out of the unit: it is computed when anything it reads changes, and by itself. */
function isOpen({ attribute, copyOf }: Unit): boolean {
  if (copyOf !== undefined) return false;
  return attribute?.kind !== "formula" || (!attribute.isManual && attribute.weight !== "heavy");
}

function cellsOf(unit: Unit | undefined): number {
  return unit?.axes.reduce((product, axis) => product * axis.labels.length, 1) ?? 0;
}

/** Equal texts mean equal work; labels count too, and those are the axes'. */
function readAlike(a: BoundFormula, b: BoundFormula): boolean {
  return (
    a === b ||
    (a.axes.every((axis, i) => axis === b.axes[i]) &&
      a.references.every((one, i) => one.axes.every((axis, k) => axis === b.references[i]?.axes[k])))
  );
}
