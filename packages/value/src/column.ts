/**
 * Column: the values of one attribute over its axes, as flat tables.
 *
 * Cells lie in row-major order with time innermost: the cell of outer member `m` (0 ≤ m < outer) and period `t`
 * (0 ≤ t < periods) is at `m * periods + t`. A scalar attribute is a column of one cell.
 *
 *   numbers  [ 1.5, 0,   0,    20, … ]   Float64Array; 0 where the cell is no number
 *   marks    [ 0,   8,   4,    0,  … ]   Int32Array or null; null means that every cell is a number
 *   texts    [     ,  , "EUR",    … ]    by cell, only where marks says text
 *
 * Marks: 0 number, 1 blank, 2 false, 3 true, 4 text, 8 + n the error with id n in the error table. So a numeric
 * column costs 8 bytes a cell, and kernels may read `numbers` straight when `marks` is null.
 *
 * Invariants: a NaN never stands in `numbers` (a non-finite result is an error); `numbers[i]` is 0 where
 * `marks[i]` is not 0. Errors are interned by code, origin and detail: equal marks are errors that read the same, and
 * marks of one identity are errors that are the same (code and origin).
 *
 * Details may hold whatever was typed, so their number has no bound of its own. Of one identity the last
 * `detailsMax` are kept apart (`looseDetailsMax` while an error has no origin yet); beyond that the oldest gives its id
 * to the newest, and a column that still holds that id tells the newer sentence.
 */
import { Attachments } from "./attachments.ts";
import { type ErrorValue, errorValue, isErrorValue } from "./error-value.ts";
import type { Scalar } from "./scalar.ts";

/** `outer` members × `periods`; both at least 1 (or 0 for an axis without members). */
export interface Shape {
  readonly outer: number;
  readonly periods: number;
}

export const markBlank = 1;
export const markFalse = 2;
export const markTrue = 3;
export const markText = 4;
export const markFirstError = 8;

const detailsMax = 16;
const looseDetailsMax = 4096;

/** Errors of one code and origin: their ids by detail, oldest first. */
interface ErrorIdentity {
  readonly number: number;
  /** Most errors have one detail: then there is no map. */
  readonly detail: string | undefined;
  readonly id: number;
  ids: Map<string | undefined, number> | null;
}

const errorsById: ErrorValue[] = [];
/** Per id the number of its identity. */
const identityById: number[] = [];
const identities = new Map<string, ErrorIdentity>();

/** The id of an error in the process-wide table; equal code, origin and detail give the same id. */
export function internError(error: ErrorValue): number {
  const { origin, detail } = error;
  const key = origin === undefined ? error.code : JSON.stringify([error.code, origin.attribute, origin.at]);
  const identity = identities.get(key);
  if (identity === undefined) {
    const id = errorsById.length;
    identities.set(key, { number: identities.size, detail, id, ids: null });
    return keepError(id, error, identities.size - 1);
  }
  if (identity.ids === null && identity.detail === detail) return identity.id;
  identity.ids ??= new Map([[identity.detail, identity.id]]);
  const { ids } = identity;
  const known = ids.get(detail);
  if (known !== undefined) return known;
  let id = errorsById.length;
  if (ids.size >= (origin === undefined ? looseDetailsMax : detailsMax)) {
    const [oldest] = ids.entries();
    id = (oldest as [string | undefined, number])[1];
    ids.delete((oldest as [string | undefined, number])[0]);
  }
  ids.set(detail, id);
  return keepError(id, error, identity.number);
}

/** How many errors the process keeps: every error of a column stays, though its column goes. */
export function keptErrors(): number {
  return errorsById.length;
}

function keepError(id: number, error: ErrorValue, identity: number): number {
  errorsById[id] = error;
  identityById[id] = identity;
  return id;
}

export class Column {
  readonly shape: Shape;
  readonly numbers: Float64Array;
  marks: Int32Array | null = null;
  texts: string[] | null = null;
  /** What is kept with the column until its cells change. */
  private kept: Attachments | null = null;

  /** A column of zeros, or of `numbers`, one for each cell, taken over. Cost: 8 bytes a cell. */
  constructor(shape: Shape, numbers: Float64Array = new Float64Array(shape.outer * shape.periods)) {
    this.shape = shape;
    this.numbers = numbers;
  }

  /** The number of cells. */
  get length(): number {
    return this.numbers.length;
  }

  /** The scalar at cell `index` (0-based, time innermost). */
  get(index: number): Scalar {
    const mark = this.marks === null ? 0 : (this.marks[index] as number);
    if (mark === 0) return this.numbers[index] as number;
    if (mark === markText) return (this.texts as string[])[index] as string;
    if (mark === markBlank) return null;
    if (mark === markFalse) return false;
    if (mark === markTrue) return true;
    return errorsById[mark - markFirstError] as ErrorValue;
  }

  /** Writes a scalar; a number that is not finite is written as the error `#NUM!`. */
  set(index: number, value: Scalar): void {
    if (this.kept !== null) this.kept.touched(index, index + 1);
    if (typeof value === "number") {
      if (Number.isFinite(value)) {
        this.numbers[index] = value;
        if (this.marks !== null) this.marks[index] = 0;
      } else this.mark(index, markFirstError + internError(errorValue("#NUM!")));
    } else if (typeof value === "string") {
      this.mark(index, markText);
      this.texts ??= [];
      this.texts[index] = value;
    } else if (value === null) this.mark(index, markBlank);
    else if (isErrorValue(value)) this.mark(index, markFirstError + internError(value));
    else this.mark(index, value ? markTrue : markFalse);
  }

  /** Whether cell `index` holds the same as cell `otherIndex` of `other`, in the sense of `sameScalar`. */
  sameCell(index: number, other: Column, otherIndex: number): boolean {
    const mark = this.marks === null ? 0 : (this.marks[index] as number);
    const otherMark = other.marks === null ? 0 : (other.marks[otherIndex] as number);
    if (mark !== otherMark) return isSameIdentity(mark, otherMark);
    if (mark === 0) return Object.is(this.numbers[index], other.numbers[otherIndex]);
    return mark !== markText || this.texts?.[index] === other.texts?.[otherIndex];
  }

  /** As `sameCell`, but errors must have the same detail as well: whether people are shown the same. */
  readsAlike(index: number, other: Column, otherIndex: number): boolean {
    const mark = this.marks === null ? 0 : (this.marks[index] as number);
    const otherMark = other.marks === null ? 0 : (other.marks[otherIndex] as number);
    return mark === otherMark && this.sameCell(index, other, otherIndex);
  }

  /** Copies cell `otherIndex` of `other` into cell `index`. */
  copyCell(index: number, other: Column, otherIndex: number): void {
    if (this.kept !== null) this.kept.touched(index, index + 1);
    const mark = other.marks === null ? 0 : (other.marks[otherIndex] as number);
    if (mark === 0) {
      this.numbers[index] = other.numbers[otherIndex] as number;
      if (this.marks !== null) this.marks[index] = 0;
      return;
    }
    this.mark(index, mark);
    if (mark === markText) {
      this.texts ??= [];
      this.texts[index] = (other.texts as string[])[otherIndex] as string;
    }
  }

  /**
   * To be called by whoever writes `numbers`, `marks` or `texts` of cells `from` ≤ i < `to` of a column that may have
   * been read before: what was worked out from them (partial sums, indexes) is forgotten. `set` and `copyCell` do it
   * themselves. Cost: constant while nothing is attached.
   */
  touched(from: number, to: number): void {
    if (this.kept !== null) this.kept.touched(from, to);
  }

  /** What is kept with the column: see attachments.ts. */
  attachments(): Attachments {
    this.kept ??= new Attachments();
    return this.kept;
  }

  /** A copy that shares nothing. Cost: the cells. */
  clone(): Column {
    const copy = new Column(this.shape);
    copy.numbers.set(this.numbers);
    copy.marks = this.marks === null ? null : this.marks.slice();
    copy.texts = this.texts === null ? null : this.texts.slice();
    return copy;
  }

  private mark(index: number, mark: number): void {
    this.marks ??= new Int32Array(this.numbers.length);
    this.marks[index] = mark;
    this.numbers[index] = 0;
  }
}

/** The error in cell `index` of a column, which must hold one. */
export function errorAt(column: Column, index: number): ErrorValue {
  return column.get(index) as ErrorValue;
}

function isSameIdentity(mark: number, otherMark: number): boolean {
  if (mark < markFirstError || otherMark < markFirstError) return false;
  return identityById[mark - markFirstError] === identityById[otherMark - markFirstError];
}

/** A column from scalars in cell order (`outer × periods`, time innermost). */
export function columnFrom(shape: Shape, cells: readonly Scalar[]): Column {
  const column = new Column(shape);
  for (let i = 0; i < cells.length; i++) column.set(i, cells[i] as Scalar);
  return column;
}

/** Whether two columns have the same shape and the same cells in the sense of `sameScalar`. Cost: the cells. */
export function sameColumn(a: Column, b: Column): boolean {
  if (a === b) return true;
  if (a.shape.outer !== b.shape.outer || a.shape.periods !== b.shape.periods) return false;
  for (let i = 0; i < a.length; i++) if (!a.sameCell(i, b, i)) return false;
  return true;
}
