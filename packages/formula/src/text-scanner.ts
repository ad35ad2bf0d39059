/**
 * The pass over the characters of a formula text (see formula-texts.ts): it fills tables with the codes of the template, the
 * references and the numbers.
 *
 * What it reads, everything else is refused:
 *
 *   spaces, operators and brackets    each a code of its own, as it is
 *   TRUE, FALSE, names before `(`     their letters, in upper case
 *   texts                             their characters
 *   cells, with or without `$`        the slot of the cell; equal cells have one slot
 *   other names of ASCII letters      the slot of the name, whatever the case of letters
 *   numbers                           one code; with `%` right behind them the percentage
 *   numbers behind `^`                their characters: exponents are part of a template
 *
 * A number with a name behind it may have a unit, and one with a colon be a row: both are refused.
 */
import { percentOf } from "./percent.ts";

/** Code of a number. */
export const codeNumber = 0x7fff;
/** Codes of slots of cells and names: from here on. */
export const codeSlot = 0x8000;

/** As many references as a family has at most, and as many numbers. */
const slotsMax = 255;
const codesMax = 4_096;

const columnsMax = 16_384;
const rowsMax = 1_048_576;

export class TextScanner {
  /** Slots of references found. */
  referenceCount = 0;
  /** Per slot the column of a cell from 1, or 0 for a name. */
  readonly columns: Int32Array = new Int32Array(slotsMax);
  /** Per slot the row of a cell from 1. */
  readonly rows: Int32Array = new Int32Array(slotsMax);
  /** Per slot where its first reference stands in the text. */
  readonly starts: Int32Array = new Int32Array(slotsMax);
  readonly ends: Int32Array = new Int32Array(slotsMax);
  constantCount = 0;
  readonly constants: Float64Array = new Float64Array(slotsMax);
  protected hash = 0;
  protected codeCount = 0;
  protected readonly codes: Uint16Array = new Uint16Array(codesMax);
  /** References and numbers in the order written: code, start and end of each. Only while a probe needs them. */
  protected isRecording = false;
  protected pieceCount = 0;
  protected readonly pieceCodes: Uint16Array = new Uint16Array(codesMax);
  protected readonly pieceStarts: Int32Array = new Int32Array(codesMax);
  protected readonly pieceEnds: Int32Array = new Int32Array(codesMax);
  private at = 0;

  /** Scans a text; false when it is refused. */
  protected read(text: string): boolean {
    this.referenceCount = 0;
    this.constantCount = 0;
    this.codeCount = 0;
    this.pieceCount = 0;
    this.hash = 0;
    const { length } = text;
    if (length >= codesMax) return false;
    this.at = text.charCodeAt(0) === 61 ? 1 : 0;
    let isExponent = false;
    while (this.at < length) {
      const c = text.charCodeAt(this.at);
      if (isLetter(c) || c === dollar) {
        if (!this.word(text, c)) return false;
      } else if (isDigit(c) || (c === dot && isDigit(text.charCodeAt(this.at + 1)))) {
        if (!this.number(text, isExponent)) return false;
      } else if (c === quote) {
        if (!this.text(text)) return false;
      } else if (c < 128 && isPlain[c] === 1) {
        this.code(c);
        this.at++;
        if (c !== 32) isExponent = c === caret;
        continue;
      } else return false;
      isExponent = false;
    }
    return this.codeCount > 0;
  }

  private code(code: number): void {
    this.hash = (Math.imul(this.hash, 31) + code) | 0;
    this.codes[this.codeCount++] = code;
  }

  private characters(text: string, start: number, end: number): void {
    for (let i = start; i < end; i++) this.code(text.charCodeAt(i));
  }

  private piece(code: number, start: number, end: number): void {
    this.code(code);
    if (!this.isRecording) return;
    const i = this.pieceCount++;
    this.pieceCodes[i] = code;
    this.pieceStarts[i] = start;
    this.pieceEnds[i] = end;
  }

  /** A cell, a name, the name of a function, TRUE or FALSE. */
  private word(text: string, first: number): boolean {
    const start = this.at;
    let i = start;
    let c = first;
    let column = 0;
    if (c === dollar) c = text.charCodeAt(++i);
    const letters = i;
    for (; isAsciiLetter(c); c = text.charCodeAt(++i)) {
      if (i - letters < 3) column = column * 26 + (c & 31);
    }
    if (i > letters && i - letters <= 3) {
      const isMarked = c === dollar;
      if (isMarked) c = text.charCodeAt(++i);
      const digits = i;
      let row = 0;
      for (; isDigit(c); c = text.charCodeAt(++i)) if (i - digits < 8) row = row * 10 + c - 48;
      const isCell = i > digits && i - digits <= 7 && row >= 1 && row <= rowsMax && column <= columnsMax;
      if (isCell && !continuesName(c)) {
        if (isSpecialBehind(c)) return false;
        this.at = i;
        return this.reference(text, column, row, start, i);
      }
      if (isMarked) return false;
    }
    if (first === dollar) return false;
    return this.name(text, start, i);
  }

  /** A name that is no cell; `i` stands somewhere within it. */
  private name(text: string, start: number, within: number): boolean {
    let i = within;
    let c = text.charCodeAt(i);
    while (isNamePart(c) || (c === dot && isNamePart(text.charCodeAt(i + 1)))) c = text.charCodeAt(++i);
    // The prefixes of newer functions (`_xlfn.`) are for the parser.
    if (c >= 128 || c === dot || text.charCodeAt(start) === 95) return false;
    this.at = i;
    if (c === open || isTruth(text, start, i)) {
      for (let k = start; k < i; k++) this.code(upperOf(text.charCodeAt(k)));
      return true;
    }
    return isSpecialBehind(c) ? false : this.reference(text, 0, 0, start, i);
  }

  private reference(text: string, column: number, row: number, start: number, end: number): boolean {
    const { columns, rows, referenceCount } = this;
    let slot = 0;
    for (; slot < referenceCount; slot++) {
      if (columns[slot] !== column || rows[slot] !== row) continue;
      if (column > 0 || this.isSameName(text, slot, start, end)) break;
    }
    if (slot === referenceCount) {
      if (slot === slotsMax) return false;
      columns[slot] = column;
      rows[slot] = row;
      this.starts[slot] = start;
      this.ends[slot] = end;
      this.referenceCount++;
    }
    this.piece(codeSlot + slot, start, end);
    return true;
  }

  private isSameName(text: string, slot: number, start: number, end: number): boolean {
    const from = this.starts[slot] as number;
    if ((this.ends[slot] as number) - from !== end - start) return false;
    for (let i = start, k = from; i < end; i++, k++) {
      if (upperOf(text.charCodeAt(i)) !== upperOf(text.charCodeAt(k))) return false;
    }
    return true;
  }

  private number(text: string, isExponent: boolean): boolean {
    const start = this.at;
    let i = start;
    let value = 0;
    let digits = 0;
    let c = text.charCodeAt(i);
    for (; isDigit(c); c = text.charCodeAt(++i), digits++) value = value * 10 + c - 48;
    let scale = 0;
    if (c === dot) {
      c = text.charCodeAt(++i);
      if (!isDigit(c)) return false;
      for (; isDigit(c); c = text.charCodeAt(++i), digits++, scale++) value = value * 10 + c - 48;
    }
    let isShort = digits <= 15;
    if ((c | 32) === 101) {
      const sign = text.charCodeAt(i + 1);
      const first = sign === 43 || sign === 45 ? i + 2 : i + 1;
      if (!isDigit(text.charCodeAt(first))) return false;
      isShort = false;
      for (i = first, c = text.charCodeAt(i); isDigit(c); ) c = text.charCodeAt(++i);
    }
    const end = i;
    if (isShort) value = scale === 0 ? value : value / (powersOfTen[scale] as number);
    else value = Number(text.slice(start, end));
    let after = c;
    for (let k = i; after === 32; ) after = text.charCodeAt(++k);
    if (isLetter(after) || after >= 128 || (after === 37 && c === 32) || isAfterNumber(c)) return false;
    if (!Number.isFinite(value)) return false;
    if (c === 37) {
      i++;
      value = percentOf(value);
    }
    this.at = i;
    if (isExponent) {
      this.characters(text, start, i);
      return true;
    }
    if (this.constantCount === slotsMax) return false;
    this.constants[this.constantCount++] = value;
    this.piece(codeNumber, start, i);
    return true;
  }

  private text(text: string): boolean {
    const start = this.at;
    let i = start + 1;
    for (; i < text.length; i++) {
      if (text.charCodeAt(i) !== quote) continue;
      if (text.charCodeAt(i + 1) !== quote) break;
      i++;
    }
    if (i >= text.length) return false;
    // Characters stand apart from codes of other kinds.
    for (let k = start; k <= i; k++) if (text.charCodeAt(k) >= codeNumber) return false;
    this.characters(text, start, i + 1);
    this.at = i + 1;
    return true;
  }
}

const dollar = 36;
const open = 40;
const dot = 46;
const quote = 34;
const caret = 94;
const powersOfTen = Float64Array.from({ length: 16 }, (_, i) => Number(`1e${i}`));

/** Characters that are read as they are. */
const isPlain = new Uint8Array(128);
for (const character of " +-*/^&=<>(),%") isPlain[character.charCodeAt(0)] = 1;

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

function isAsciiLetter(c: number): boolean {
  const lower = c | 32;
  return lower >= 97 && lower <= 122;
}

function isLetter(c: number): boolean {
  return isAsciiLetter(c) || c === 95;
}

function isNamePart(c: number): boolean {
  return isLetter(c) || isDigit(c);
}

/** Whether a cell goes on as a longer name, or is called. */
function continuesName(c: number): boolean {
  return isNamePart(c) || c === dot || c === open || c >= 128;
}

/** What makes a name something else: an index, a sheet, a range, a spill, a `$`. */
function isSpecialBehind(c: number): boolean {
  return c === 91 || c === 33 || c === 58 || c === 35 || c === dollar;
}

/** What may not stand right behind a number. */
function isAfterNumber(c: number): boolean {
  return c === 58 || c === dot || c === 91 || c === dollar;
}

function upperOf(c: number): number {
  return c >= 97 && c <= 122 ? c - 32 : c;
}

function isTruth(text: string, start: number, end: number): boolean {
  const length = end - start;
  if (length !== 4 && length !== 5) return false;
  const word = text.slice(start, end).toUpperCase();
  return word === "TRUE" || word === "FALSE";
}
