/**
 * Checked attributes over plain lines: what is kept of each is a row in the tables of its pool; everything else is made
 * from the line when somebody asks.
 *
 *   reads      [ 12, 13 | 12, 40, 7 | … ]   numbers of the attributes read, line after line
 *   constants  [ 20.5 | 1.05 | … ]          the numbers written
 *
 * A formula's meaning was checked once for all lines of its template that read attributes of the same kinds
 * (`LineMeaning`). Its tree, when somebody wants it, is bound from its own text, so what it shows is its own.
 */
import {
  type BoundFormula,
  type CellFamily,
  type CheckOptions,
  checkFormula,
  type Reference,
  type Resolution,
} from "@reckon/formula";
import { type Axis, Column } from "@reckon/value";
import { shapeOf } from "./cell-grid.ts";
import type { AttributeType, CheckedFormula, CheckedInput, FormulaDeclaration } from "./declarations.ts";
import type { FormulaPattern } from "./formula-pattern.ts";
import type { LineItem } from "./line-template.ts";

/** The tables of the lines that were checked together. */
export class LinePool {
  reads: Int32Array = new Int32Array(1_024);
  readCount = 0;
  constants: Float64Array = new Float64Array(1_024);
  constantCount = 0;
  /** Names of attributes by number. */
  readonly names: readonly string[];

  constructor(names: readonly string[]) {
    this.names = names;
  }

  addRead(number: number): void {
    if (this.readCount === this.reads.length)
      this.reads = enlarged(this.reads, new Int32Array(2 * this.readCount));
    this.reads[this.readCount++] = number;
  }

  addConstant(value: number): void {
    if (this.constantCount === this.constants.length)
      this.constants = enlarged(this.constants, new Float64Array(2 * this.constantCount));
    this.constants[this.constantCount++] = value;
  }

  /** Takes the room away that nobody needs any more. */
  trim(): void {
    this.reads = this.reads.slice(0, this.readCount);
    this.constants = this.constants.slice(0, this.constantCount);
  }
}

function enlarged<T extends Int32Array | Float64Array>(table: T, larger: T): T {
  larger.set(table);
  return larger;
}

/** What a template means where its names are attributes of certain kinds. */
export interface LineMeaning {
  /** Axes and type of what each name means; `id` is that of the line that was checked. */
  readonly slots: readonly Extract<Resolution, { kind: "attribute" }>[];
  readonly axes: readonly Axis[];
  /** What computes such a line from its reads and its constants, if it is a cell. */
  readonly family: CellFamily | undefined;
  readonly constantCount: number;
  /** How each reference of the formula reads, in their order, and the slot of its attribute. */
  readonly references: readonly Reference[];
  readonly slotOf: readonly number[];
  /** Makes the formula of a line that is not bound itself; absent where it has to be. */
  readonly pattern?: FormulaPattern;
}

/** Parts that both kinds have. */
export abstract class CheckedLine {
  readonly id: string;
  readonly block: string;
  readonly axes: readonly Axis[];
  readonly line: LineItem;
  protected readonly pool: LinePool;
  protected readonly constantsAt: number;

  constructor(line: LineItem, id: string, place: LinePlace) {
    this.id = id;
    this.block = line.block;
    this.axes = place.axes;
    this.line = line;
    this.pool = place.pool;
    this.constantsAt = place.constantsAt;
  }

  get name(): string {
    return this.id.slice(this.block.length + 1);
  }

  get item(): number {
    return this.line.id;
  }

  get type(): AttributeType | undefined {
    return this.line.template.typeText !== undefined ? this.line.declaration.type : undefined;
  }

  get label(): string | undefined {
    return this.line.template.textCount > 0 ? this.line.declaration.label : undefined;
  }

  get format(): string | undefined {
    return this.line.template.textCount > 0 ? this.line.declaration.format : undefined;
  }

  /** As the data that an attribute of any other line is. */
  toJSON(): object {
    const { id, block, name, axes, type, label, format, item, span } = this;
    return { id, block, name, axes, type, label, format, item, span };
  }

  get span(): { readonly start: number; readonly end: number } {
    return this.line.declaration.name.span;
  }
}

export interface LinePlace {
  readonly axes: readonly Axis[];
  readonly pool: LinePool;
  readonly constantsAt: number;
}

/** An input of one number for all its cells. */
export class LineInput extends CheckedLine {
  readonly kind = "input";
  #column: Column | undefined;

  /** `column` stands for other values than the line has. */
  constructor(line: LineItem, id: string, place: LinePlace, column?: Column) {
    super(line, id, place);
    this.#column = column;
  }

  /** The number in all its cells; undefined where it has others. */
  get number(): number | undefined {
    const column = this.#column;
    if (column === undefined) return this.pool.constants[this.constantsAt];
    return column.length === 1 && column.marks === null ? column.numbers[0] : undefined;
  }

  /** Whether all its cells hold a number. Cost: the cells, where they were set one by one. */
  isAll(number: number): boolean {
    const column = this.#column;
    if (column === undefined) return Object.is(this.pool.constants[this.constantsAt], number);
    return column.marks === null && column.numbers.every((value) => Object.is(value, number));
  }

  /** The same input with other values. */
  with(column: Column): LineInput {
    const { axes, pool, constantsAt } = this;
    return new LineInput(this.line, this.id, { axes, pool, constantsAt }, column);
  }

  get isReadOnly(): boolean {
    return false;
  }

  get min(): undefined {
    return undefined;
  }

  get max(): undefined {
    return undefined;
  }

  override toJSON(): object {
    const { kind, column, isReadOnly } = this;
    return { kind, ...super.toJSON(), column, isReadOnly };
  }

  get column(): Column {
    if (this.#column === undefined) {
      this.#column = new Column(shapeOf(this.axes));
      this.#column.numbers.fill(this.pool.constants[this.constantsAt] as number);
    }
    return this.#column;
  }
}

export class LineFormula extends CheckedLine {
  readonly kind = "formula";
  readonly meaning: LineMeaning;
  readonly #readsAt: number;
  #formula: BoundFormula | undefined;

  constructor(
    line: LineItem,
    id: string,
    place: LinePlace & { readonly readsAt: number; readonly meaning: LineMeaning },
  ) {
    super(line, id, place);
    this.meaning = place.meaning;
    this.#readsAt = place.readsAt;
  }

  get readCount(): number {
    return this.meaning.slots.length;
  }

  /** The attribute that slot `slot` reads. */
  readAt(slot: number): string {
    return this.pool.names[this.readNumberAt(slot)] as string;
  }

  /** Its number in the table that was checked with it. */
  readNumberAt(slot: number): number {
    return this.pool.reads[this.#readsAt + slot] as number;
  }

  /** Whether numbers of `names` are the numbers of its reads. */
  sharesNames(names: readonly string[]): boolean {
    return this.pool.names === names;
  }

  constantAt(index: number): number {
    return this.pool.constants[this.constantsAt + index] as number;
  }

  get text(): string {
    const { valueSpan } = this.line.declaration;
    return this.line.text.slice(valueSpan.start, valueSpan.end);
  }

  get isManual(): boolean {
    return false;
  }

  get weight(): undefined {
    return undefined;
  }

  get timeoutMs(): undefined {
    return undefined;
  }

  get retries(): undefined {
    return undefined;
  }

  override toJSON(): object {
    const { kind, formula, text, isManual } = this;
    return { kind, ...super.toJSON(), formula, text, isManual };
  }

  get formula(): BoundFormula {
    this.#formula ??= this.#bind();
    return this.#formula;
  }

  #bind(): BoundFormula {
    const { pattern, slotOf } = this.meaning;
    if (pattern !== undefined) {
      const formula = pattern.formulaOf(this.line, {
        constantAt: (index) => this.constantAt(index),
        readAt: (reference) => this.readAt(slotOf[reference] as number),
      });
      if (formula !== undefined) return formula;
    }
    const declaration = this.line.declaration as FormulaDeclaration;
    const { slots, axes } = this.meaning;
    // Names are numbered in the order in which they are first read, as in the template.
    const bySlot = new Map<string, Resolution>();
    const resolve = (path: readonly string[]): Resolution | undefined => {
      const id = path.length === 1 ? `${this.block}.${path[0]}` : path.join(".");
      const known = bySlot.get(id);
      if (known !== undefined) return known;
      for (let slot = 0; slot < slots.length; slot++) {
        if (this.readAt(slot) !== id) continue;
        const resolution: Resolution = { ...(slots[slot] as Extract<Resolution, { kind: "attribute" }>), id };
        bySlot.set(id, resolution);
        return resolution;
      }
      const axis =
        path.length === 1
          ? slots.flatMap((slot) => slot.axes).find(({ name }) => name === id.slice(this.block.length + 1))
          : undefined;
      return axis === undefined ? undefined : { kind: "axis", axis };
    };
    const scope = { resolve, suggest: () => undefined, currentAxes: axes, allowA1: false, isStrict: true };
    const { formula } = checkFormula(
      declaration.expression,
      scope,
      checkOptionsOf(declaration, this.line.file.source),
    );
    if (formula === undefined) throw new Error(`\`${this.id}\` does not check as its template does`);
    return formula;
  }
}

/** Where a formula stands and what its clauses say. */
export function checkOptionsOf({ start, end }: FormulaDeclaration, source: string): CheckOptions {
  const options = start === undefined ? { source } : { source, start };
  return end === undefined ? options : { ...options, end };
}

/** The same input with other values. */
export function inputWith(input: CheckedInput, column: Column): CheckedInput {
  if (!(input instanceof LineInput)) return { ...input, column };
  const line: LineInput = input;
  return line.with(column) as unknown as CheckedInput;
}

/** How many different reads a formula has, and the attribute of each: without making its tree where it is a plain line. */
export function readsOf(formula: CheckedFormula): readonly string[] {
  if (formula instanceof LineFormula) {
    const reads = new Array<string>(formula.readCount);
    for (let slot = 0; slot < reads.length; slot++) reads[slot] = formula.readAt(slot);
    return reads;
  }
  const { formula: bound } = formula;
  const reads = bound.references.map(({ attribute }) => attribute);
  for (const first of firstValuesOf(bound)) reads.push(...first.references.map(({ attribute }) => attribute));
  return reads;
}

/** What a stock or a delay reads in the first period only; empty for other formulas. */
export function firstValuesOf({ integral, delay }: BoundFormula): readonly BoundFormula[] {
  if (integral !== undefined) return [integral.initial];
  return delay === undefined ? [] : [delay.time, delay.initial];
}
