/**
 * Reading: many names and texts to tables of inputs and of cells by family, ready to be laid into an engine in bulk.
 *
 *   1. Every name gets its place. So formulas may read what is written behind them.
 *   2. Every text is an input or a formula. Formulas are scanned (FormulaTexts in the formula package); what the
 *      scanner does not take goes to the parser and the checker, whose diagnostics are kept.
 *   3. References become entries. A cell of the worksheet where nothing stands is a blank input of its own.
 *
 * Formulas are grouped by family: references and numbers of all lie in one pool in the order read, and which group each
 * belongs to beside it. Cost: a pass over the characters of names and texts; for each formula 4 bytes and 4 a
 * reference, until they are laid.
 */
import {
  type BoundFormula,
  type CellFamily,
  type CellsRead,
  cellFamilyOf,
  cellRange,
  checkFormula,
  type Diagnostic,
  type FormulaTemplate,
  FormulaTexts,
  nearestName,
  parseFormula,
  type Scope,
  textToNumber,
} from "@reckon/formula";
import { errorValue, type Scalar } from "@reckon/value";
import { readRange } from "./areas.ts";
import { Places } from "./places.ts";
import { EntryPool, NumberPool } from "./pool.ts";

/** What was typed: a text as into a cell of a worksheet, or a value as it is. */
export type Typed = string | number | boolean | null;

/** A problem with one of the texts or names. */
export interface FormulaDiagnostic {
  /** Which one, from 0. */
  readonly index: number;
  readonly name: string;
  readonly diagnostic: Diagnostic;
}

/** Cells of one family. */
interface Group {
  readonly family: CellFamily;
  readonly number: number;
  count: number;
}

/** Entries that are inputs. */
export const inputGroup = -1;

/** A formula that reads ranges. */
export interface RangeFormula {
  readonly entry: number;
  readonly name: string;
  readonly text: string;
  readonly bound: BoundFormula;
}

export class Reading {
  readonly places: Places = new Places();
  readonly groups: Group[] = [];
  readonly diagnostics: FormulaDiagnostic[] = [];
  /** Per entry its group, or `inputGroup`. */
  groupOf: Int32Array;
  /** Values of inputs that are no numbers, and numbers of those that are, by entry. */
  readonly others: Map<number, Scalar> = new Map();
  readonly numbers: NumberPool = new NumberPool();
  /** Entries read by the formulas, formula by formula. */
  readonly reads: EntryPool;
  readonly constants: NumberPool = new NumberPool();
  count: number;
  /** How many of them were given; the others are blank cells that are read. */
  readonly textCount: number;
  /** Formulas that read ranges: inputs as far as the tables go. */
  readonly ranged: RangeFormula[] = [];
  private readonly texts = new FormulaTexts();
  private readonly groupByTemplate: Group[] = [];
  private readonly groupByFamily = new Map<CellFamily, Group>();
  private readonly scope: Scope;

  constructor(count: number) {
    this.count = count;
    this.textCount = count;
    // Room for what most formulas read: a pool that grows is copied.
    this.reads = new EntryPool(64 + 3 * count);
    this.groupOf = new Int32Array(count + 16).fill(inputGroup);
    this.scope = this.makeScope();
  }

  /** Gives every name its place. */
  readNames(names: readonly string[]): void {
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      if (!this.places.put(name, i)) {
        this.report(i, name, "plan/duplicate-name", `\`${name}\` is written twice`);
      }
    }
  }

  /** Reads what was typed for entry `index`. */
  readText(index: number, name: string, typed: Typed): void {
    if (typeof typed === "string" && typed.charCodeAt(0) === 61) this.readFormula(index, name, typed);
    else this.addInput(index, typeof typed === "string" ? valueTyped(typed) : typed);
  }

  private addInput(index: number, value: Scalar): void {
    if (typeof value === "number" && Number.isFinite(value)) this.numbers.push(value);
    else {
      this.numbers.push(0);
      this.others.set(index, typeof value === "number" ? errorValue("#NUM!") : value);
    }
  }

  private readFormula(index: number, name: string, text: string): void {
    const { texts } = this;
    const template = texts.scan(text);
    if (template === undefined || !this.readReferences(text, template)) {
      this.readByParser(index, name, text);
      return;
    }
    for (let i = 0; i < template.constantCount; i++) this.constants.push(texts.constants[i] as number);
    let group = this.groupByTemplate[template.index];
    if (group === undefined) {
      group = this.groupFor(template.family);
      this.groupByTemplate[template.index] = group;
    }
    this.enter(index, group);
  }

  private enter(index: number, group: Group): void {
    this.groupOf[index] = group.number;
    group.count++;
  }

  /** Puts the entries that the scanned text reads into the pool; false when a name stands nowhere. */
  private readReferences(text: string, { referenceCount }: FormulaTemplate): boolean {
    const { texts, places, reads } = this;
    const start = reads.length;
    for (let slot = 0; slot < referenceCount; slot++) {
      const column = texts.columns[slot] as number;
      let entry: number;
      if (column > 0) {
        entry = this.entryAt(column, texts.rows[slot] as number);
      } else {
        entry = places.name(text.slice(texts.starts[slot], texts.ends[slot]));
        if (entry < 0) {
          reads.length = start;
          return false;
        }
      }
      reads.push(entry);
    }
    return true;
  }

  /** An entry for a cell where nothing stands. */
  addBlank(): number {
    const entry = this.count++;
    if (entry >= this.groupOf.length && this.groupOf.length > 0) {
      const grown = new Int32Array(2 * this.groupOf.length).fill(inputGroup);
      grown.set(this.groupOf);
      this.groupOf = grown;
    }
    this.others.set(entry, null);
    return entry;
  }

  /** The entry of a cell that is read; a blank one where nothing stands. */
  private entryAt(column: number, row: number): number {
    const known = this.places.cell(column, row);
    if (known >= 0) return known;
    const entry = this.addBlank();
    this.places.putCell(column, row, entry);
    return entry;
  }

  private readByParser(index: number, name: string, text: string): void {
    const { bound, diagnostics } = this.bind(name, text);
    for (const diagnostic of diagnostics) this.diagnostics.push({ index, name, diagnostic });
    const member = bound && cellFamilyOf(bound);
    if (bound === undefined || member === undefined) {
      if (bound !== undefined) this.ranged.push({ entry: index, name, text, bound });
      this.addInput(index, bound === undefined ? errorValue("#NAME?", "the formula has a mistake") : 0);
      return;
    }
    for (const { attribute } of bound.references) this.reads.push(Number(attribute));
    for (const constant of member.constants) this.constants.push(constant);
    this.enter(index, this.groupFor(member.family));
  }

  /** Parses and checks one text. */
  bind(name: string, text: string): { bound: BoundFormula | undefined; diagnostics: readonly Diagnostic[] } {
    const { expression, diagnostics } = parseFormula(text, { source: name });
    if (diagnostics.length > 0) return { bound: undefined, diagnostics };
    const checked = checkFormula(expression, this.scope, { source: name });
    return { bound: checked.formula, diagnostics: checked.diagnostics };
  }

  /** What was needed for laying only. */
  forgetGroups(): void {
    this.groupOf = new Int32Array(0);
    this.others.clear();
  }

  private groupFor(family: CellFamily): Group {
    let group = this.groupByFamily.get(family);
    if (group === undefined) {
      group = { family, number: this.groups.length, count: 0 };
      this.groups.push(group);
      this.groupByFamily.set(family, group);
    }
    return group;
  }

  private report(index: number, name: string, code: string, message: string): void {
    const diagnostic: Diagnostic = {
      code,
      severity: "error",
      source: name,
      span: { start: 0, end: 0 },
      message,
    };
    this.diagnostics.push({ index, name, diagnostic });
  }

  /** One cell as its entry, a range as cells of its area. */
  private readCells(reference: string, sheet: string | undefined): CellsRead | undefined {
    const range = sheet === undefined ? cellRange(reference) : undefined;
    if (range === undefined) return undefined;
    if (!reference.includes(":")) {
      const entry = this.entryAt(range.fromColumn, range.fromRow);
      return { attribute: String(entry), axes: [], access: [] };
    }
    return readRange(range, this.places.rowMax);
  }

  private makeScope(): Scope {
    const { places } = this;
    const attribute = (entry: number) => ({ kind: "attribute", id: String(entry), axes: [] }) as const;
    const cell = (text: string) => {
      if (!places.readAddress(text)) return undefined;
      return attribute(this.entryAt(places.column, places.row));
    };
    return {
      resolve: (path) => {
        const name = path.join(".");
        const entry = places.name(name);
        return entry >= 0 ? attribute(entry) : cell(name);
      },
      readA1: (reference, sheet) => this.readCells(reference, sheet),
      suggest: (path) => nearestName(path.join("."), places.allNames()),
      currentAxes: [],
      allowA1: true,
      isStrict: false,
    };
  }
}

/** What typing a text into a cell gives: a number or date, TRUE or FALSE, nothing, or the text itself. */
export function valueTyped(text: string): Scalar {
  const number = textToNumber(text);
  if (number !== undefined) return number;
  const upper = text.length <= 5 ? text.toUpperCase() : "";
  if (upper === "TRUE" || upper === "FALSE") return upper === "TRUE";
  return text === "" ? null : text;
}
