/**
 * Many formulas given as texts, as cells of a worksheet or under names, laid into an engine and kept live.
 *
 * A text that begins with `=` is a formula; any other is read as typing it into a cell would be. Formulas alike but for
 * their references and numbers share one family, so there is no object for a cell. Texts with mistakes are reported all at once;
 * their cells hold `#NAME?` until they are written right.
 *
 * Cost: some hundred ns a text; in memory what the engine keeps for the cells, and 9 bytes each for finding them.
 */
import type { Engine, NodeId } from "@reckon/engine";
import { type BoundFormula, cellFamilyOf, compileKernel, type Diagnostic } from "@reckon/formula";
import { columnFrom, type Scalar } from "@reckon/value";
import { Areas } from "./areas.ts";
import { layCells } from "./lay.ts";
import { rangeOf } from "./range-of.ts";
import {
  type FormulaDiagnostic,
  inputGroup,
  type RangeFormula,
  Reading,
  type Typed,
  valueTyped,
} from "./reading.ts";

export interface FormulaTable {
  /** An A1 address (`B2`) or a name for each text; neither distinguishes the case of letters. */
  readonly names: readonly string[];
  /** What was typed there: `=A1*2`, `12.5`, `2026-01-31`, `EUR`, or a value. */
  readonly texts: readonly Typed[];
}

/** Formulas that were built from texts, in their engine. */
export interface LiveFormulas {
  /** What was wrong with the texts, all of it. */
  readonly diagnostics: readonly FormulaDiagnostic[];
  /** How many families the formulas have. */
  readonly familyCount: number;
  readonly nodeOf: (name: string) => NodeId | undefined;
  /** The value under an address or name; a cell where nothing was written is blank. */
  readonly get: (name: string) => Scalar;
  /** Writes a value, over a formula too. What stood nowhere is added. */
  readonly set: (name: string, value: Scalar) => void;
  /** Writes what was typed, a formula or a value. A text with mistakes changes nothing; they are given back. */
  readonly setFormula: (name: string, text: string) => readonly Diagnostic[];
}

/**
 * Builds cells from texts, as one transaction of the engine.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const formulas = buildFormulas(engine, { names: ["A1", "A2", "total"], texts: ["3", "=A1*2", "=A1+A2"] });
 * formulas.get("total"); // 9
 * formulas.set("A1", 10);
 * formulas.get("total"); // 30
 * ```
 */
export function buildFormulas(engine: Engine, { names, texts }: FormulaTable): LiveFormulas {
  const reading = new Reading(names.length);
  reading.readNames(names);
  for (let i = 0; i < names.length; i++) reading.readText(i, names[i] as string, texts[i] ?? null);
  reading.places.trim();
  return new Formulas(engine, reading);
}

const single = { outer: 1, periods: 1 };
const whole = { kind: "all" } as const;
const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };

/** `A:A`, `$B:D`, `1:3` somewhere in a text. */
const wholeColumns = /(?:^|[^\w$])\$?(?:[A-Za-z]{1,3}:\$?[A-Za-z]{1,3}|\d+:\$?\d+)(?!\w)/;

class Formulas implements LiveFormulas {
  readonly diagnostics: readonly FormulaDiagnostic[];
  readonly familyCount: number;
  readonly #engine: Engine;
  readonly #reading: Reading;
  #nodes: Int32Array;
  #isFormula: Uint8Array;
  readonly #areas: Areas;
  /** By entry the formulas that read whole columns or rows. */
  readonly #wholes: Map<number, RangeFormula> = new Map();
  readonly #one: Float64Array<ArrayBuffer> = new Float64Array(1);

  constructor(engine: Engine, reading: Reading) {
    this.#engine = engine;
    this.#reading = reading;
    this.diagnostics = [...reading.diagnostics];
    this.familyCount = reading.groups.length;
    this.#nodes = layCells(engine, reading).nodes;
    this.#isFormula = new Uint8Array(reading.count);
    for (let i = 0; i < reading.count; i++) this.#isFormula[i] = reading.groupOf[i] === inputGroup ? 0 : 1;
    this.#areas = new Areas(engine, {
      places: reading.places,
      nodeOf: (entry) => this.#nodes[entry] as NodeId,
      isFormula: (entry) => this.#isFormula[entry] === 1,
      valueOf: (entry) => engine.read(this.#nodes[entry] as NodeId).get(0),
    });
    reading.forgetGroups();
    if (reading.ranged.length > 0) engine.transaction(() => this.#layRanged(reading.ranged));
  }

  /** Formulas that read ranges; all are formulas before the first area is made. */
  #layRanged(ranged: readonly RangeFormula[]): void {
    for (const { entry } of ranged) this.#isFormula[entry] = 1;
    for (const formula of ranged) this.#replaceRanged(formula);
    this.#reading.ranged.length = 0;
  }

  readonly nodeOf = (name: string): NodeId | undefined => {
    const entry = this.#reading.places.find(name);
    return entry < 0 ? undefined : (this.#nodes[entry] as NodeId);
  };

  readonly get = (name: string): Scalar => {
    const node = this.nodeOf(name);
    return node === undefined ? null : this.#engine.read(node).get(0);
  };

  readonly set = (name: string, value: Scalar): void => {
    this.#engine.transaction(() => {
      const entry = this.#entryFor(name);
      const node = this.#nodes[entry] as NodeId;
      if (this.#reading.places.readAddress(name)) {
        const { column, row } = this.#reading.places;
        this.#areas.written(column, row, value);
      }
      if (this.#isFormula[entry] === 1) {
        this.#isFormula[entry] = 0;
        this.#wholes.delete(entry);
        this.#engine.replace(node, { name, shape: single, column: columnFrom(single, [value]) });
      } else if (typeof value === "number") {
        this.#one[0] = value;
        this.#engine.setNumbers(node, this.#one);
      } else this.#engine.setCells(node, cell, columnFrom(single, [value]));
    });
  };

  readonly setFormula = (name: string, text: string): readonly Diagnostic[] => {
    if (text.charCodeAt(0) !== 61) {
      this.set(name, valueTyped(text));
      return [];
    }
    const { bound, diagnostics } = this.#reading.bind(name, text);
    if (bound === undefined || diagnostics.length > 0) {
      this.#addRead();
      return diagnostics;
    }
    this.#engine.transaction(() => {
      const entry = this.#entryFor(name);
      this.#addRead();
      this.#isFormula[entry] = 1;
      this.#tellAreas(name);
      this.#replaceRanged({ entry, name, text, bound });
    });
    return [];
  };

  /** Lays a formula and remembers it if it reads whole columns, which grow. */
  #replaceRanged(formula: RangeFormula): void {
    if (wholeColumns.test(formula.text)) this.#wholes.set(formula.entry, formula);
    else this.#wholes.delete(formula.entry);
    this.#replace(formula.entry, formula.name, formula.bound);
  }

  /** A row was added: whole columns reach farther. */
  #grow(): void {
    for (const formula of [...this.#wholes.values()]) {
      const { bound } = this.#reading.bind(formula.name, formula.text);
      if (bound !== undefined) this.#replaceRanged({ ...formula, bound });
    }
  }

  #replace(entry: number, name: string, bound: BoundFormula): void {
    const node = this.#nodes[entry] as NodeId;
    const member = cellFamilyOf(bound);
    if (member !== undefined) {
      const precedents = bound.references.map(({ attribute }) => this.#nodes[Number(attribute)] as NodeId);
      const { family, constants } = member;
      this.#engine.replace(node, { name, family, precedents, constants });
      return;
    }
    const range = rangeOf(bound);
    if (range !== undefined) {
      const of = this.#areas.precedent(range.reference).node;
      this.#engine.replace(node, { name, of, from: range.from, to: range.to, aggregate: range.aggregate });
      return;
    }
    const precedents = bound.references.map((reference) =>
      reference.axes.length > 0
        ? this.#areas.precedent(reference)
        : { node: this.#nodes[Number(reference.attribute)] as NodeId, time: whole, outer: whole },
    );
    const originOf = () => ({ attribute: name, at: [] });
    const { compute } = compileKernel(bound, { originOf, interpretedCells: 0 });
    this.#engine.replace(node, { name, shape: single, precedents, kernel: { compute } });
  }

  /** The entry under a name; a new blank input where there is none. */
  #entryFor(name: string): number {
    const { places } = this.#reading;
    const known = places.find(name);
    if (known >= 0) return known;
    const entry = this.#reading.addBlank();
    const { rowMax } = places;
    places.put(name, entry);
    this.#addRead();
    this.#tellAreas(name);
    if (places.rowMax > rowMax) this.#grow();
    return entry;
  }

  /** A cell became a formula, or is new. */
  #tellAreas(name: string): void {
    const { places } = this.#reading;
    if (!places.readAddress(name)) return;
    const { column, row } = places;
    this.#areas.changed(column, row, this.#isFormula[places.cell(column, row)] === 1);
  }

  /** Nodes for the entries that reading has added. */
  #addRead(): void {
    const from = this.#nodes.length;
    const { count } = this.#reading;
    if (from === count) return;
    const nodes = new Int32Array(count);
    nodes.set(this.#nodes);
    const isFormula = new Uint8Array(count);
    isFormula.set(this.#isFormula);
    const names = this.#reading.places.byEntry(count);
    for (let entry = from; entry < count; entry++) {
      const column = columnFrom(single, [null]);
      nodes[entry] = this.#engine.addInput({ name: names[entry] ?? "", shape: single, column });
    }
    this.#nodes = nodes;
    this.#isFormula = isFormula;
  }
}
