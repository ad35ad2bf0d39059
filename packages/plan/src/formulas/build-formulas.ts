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
import { type BoundFormula, cellFamilyOf, type Diagnostic } from "@reckon/formula";
import { columnFrom, type Scalar } from "@reckon/value";
import { layCells } from "./lay.ts";
import { type FormulaDiagnostic, inputGroup, Reading, type Typed, valueTyped } from "./reading.ts";

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
const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };

class Formulas implements LiveFormulas {
  readonly diagnostics: readonly FormulaDiagnostic[];
  readonly familyCount: number;
  readonly #engine: Engine;
  readonly #reading: Reading;
  #nodes: Int32Array;
  #isFormula: Uint8Array;
  readonly #one: Float64Array<ArrayBuffer> = new Float64Array(1);

  constructor(engine: Engine, reading: Reading) {
    this.#engine = engine;
    this.#reading = reading;
    this.diagnostics = [...reading.diagnostics];
    this.familyCount = reading.groups.length;
    this.#nodes = layCells(engine, reading).nodes;
    this.#isFormula = new Uint8Array(reading.count);
    for (let i = 0; i < reading.count; i++) this.#isFormula[i] = reading.groupOf[i] === inputGroup ? 0 : 1;
    reading.forgetGroups();
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
      if (this.#isFormula[entry] === 1) {
        this.#isFormula[entry] = 0;
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
      this.#replace(entry, name, bound);
    });
    return [];
  };

  #replace(entry: number, name: string, bound: BoundFormula): void {
    const member = cellFamilyOf(bound);
    if (member === undefined) return;
    const precedents = bound.references.map(({ attribute }) => this.#nodes[Number(attribute)] as NodeId);
    const { family, constants } = member;
    this.#engine.replace(this.#nodes[entry] as NodeId, { name, family, precedents, constants });
    this.#isFormula[entry] = 1;
  }

  /** The entry under a name; a new blank input where there is none. */
  #entryFor(name: string): number {
    const { places } = this.#reading;
    const known = places.find(name);
    if (known >= 0) return known;
    const entry = this.#reading.addBlank();
    places.put(name, entry);
    this.#addRead();
    return entry;
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
