/**
 * One pass over a line that declares an input or a formula in the plainest way, straight in the file's text:
 *
 *     input price = 20.5            mrr: USD = seats * price * (1 - 5%)
 *
 * It finds where the line ends, its name, the names it reads and its numbers, and what is left without these: the
 * template. Lines of one template differ in nothing else.
 *
 *     mrr: USD = seats * price * (1 - 5%)        : USD = ⓪ * ① * (1 - #)
 *
 * What it reads, everything else is refused and left to the parser: letters of ASCII; no text, comment, index, list or
 * clause; a number without a unit; a line that does not go on in the next one. Words with a meaning of their own are
 * found by hash, so a name may be refused for nothing, which only costs time.
 *
 * Cost: a pass over the characters. Nothing is allocated; the tables are valid until the next line.
 */
import { percentOf } from "@reckon/formula";
import { clauseWords } from "./line-reader.ts";
import { keywords } from "./logical-line.ts";

const slotsMax = 64;
const codesMax = 1_024;
const digitsMax = 15;
const codeNumber = 0x7fff;
const codeSlot = 0x8000;

export class LineScanner {
  isInput = false;
  /** Behind the end of the line. */
  end = 0;
  contentStart = 0;
  contentEnd = 0;
  nameStart = 0;
  nameEnd = 0;
  valueStart = 0;
  /** The names read, each once. */
  slotCount = 0;
  readonly slotStarts: Int32Array = new Int32Array(slotsMax);
  readonly slotEnds: Int32Array = new Int32Array(slotsMax);
  readonly #slotHashes: Int32Array = new Int32Array(slotsMax);
  numberCount = 0;
  readonly numbers: Float64Array = new Float64Array(slotsMax);
  readonly numberStarts: Int32Array = new Int32Array(slotsMax);
  readonly numberEnds: Int32Array = new Int32Array(slotsMax);
  /** The template, as codes with their hash. */
  hash = 0;
  codeCount = 0;
  readonly codes: Uint16Array = new Uint16Array(codesMax);
  #at = 0;
  #wordHash = 0;

  /** Reads the line that begins at `start`; false when it is for the parser. */
  scan(text: string, start: number): boolean {
    this.slotCount = 0;
    this.numberCount = 0;
    this.hash = 0;
    this.codeCount = 0;
    let i = skipSpaces(text, start);
    this.contentStart = i;
    if (!this.#head(text, i)) return false;
    i = this.#at;
    if (text.charCodeAt(i) === colon && !this.#type(text)) return false;
    i = this.#at;
    if (text.charCodeAt(i) !== equals || text.charCodeAt(i + 1) === equals) return false;
    this.#code(equals);
    this.#at = skipSpaces(text, i + 1);
    this.valueStart = this.#at;
    return this.#value(text) && this.#lineEnd(text);
  }

  #code(code: number): void {
    this.hash = (Math.imul(this.hash, 31) + code) | 0;
    this.codes[this.codeCount++] = code;
  }

  /** `input name` or `name`; stands at `:` or `=` then. */
  #head(text: string, start: number): boolean {
    let nameStart = start;
    let i = this.#word(text, start);
    if (i === start) return false;
    this.isInput =
      this.#wordHash === inputHash && text.startsWith("input", start) && isSpace(text.charCodeAt(i));
    if (this.isInput) {
      nameStart = skipSpaces(text, i);
      i = this.#word(text, nameStart);
    }
    if (i === nameStart || meanings.has(this.#wordHash)) return false;
    this.nameStart = nameStart;
    this.nameEnd = i;
    this.#code(this.isInput ? 1 : 2);
    this.#at = skipSpaces(text, i);
    return true;
  }

  /** A unit or type, as it is written. */
  #type(text: string): boolean {
    let i = this.#at;
    for (let c = text.charCodeAt(i); c !== equals; c = text.charCodeAt(++i)) {
      if (!isNamePart(c) && !isSpace(c) && c !== slash && c !== star && c !== caret && c !== colon)
        return false;
      if (this.codeCount >= codesMax - 8) return false;
      const next = isSpace(c) ? skipSpaces(text, i) : i;
      if (next === i) this.#code(c);
      else if (isNamePart(text.charCodeAt(i - 1)) && isNamePart(text.charCodeAt(next))) this.#code(space);
      if (next > i) i = next - 1;
    }
    this.#at = i;
    return true;
  }

  /** The end of a word of ASCII letters, digits and `_` at `start`, whose hash is then known; `start` where none begins. */
  #word(text: string, start: number): number {
    let i = start;
    let hash = 0;
    let c = text.charCodeAt(i);
    if (!isLetter(c)) return start;
    for (; isNamePart(c); c = text.charCodeAt(++i)) hash = (Math.imul(hash, 31) + (c | 32)) | 0;
    this.#wordHash = hash;
    return c >= 128 ? start : i;
  }

  #value(text: string): boolean {
    let depth = 0;
    let isSpaced = false;
    let isExponent = false;
    let last = 0;
    let i = this.#at;
    for (;;) {
      const c = text.charCodeAt(i);
      if (isSpace(c)) {
        isSpaced = true;
        i++;
        continue;
      }
      if (c === newline || c === carriage || i >= text.length) break;
      if (this.codeCount >= codesMax - 8) return false;
      if (isSpaced && last !== 0) this.#code(space);
      isSpaced = false;
      this.#at = i;
      if (isLetter(c)) {
        if (!this.#name(text)) return false;
      } else if (isDigit(c) || c === dot) {
        if (!this.#number(text, isExponent)) return false;
      } else if (c < 128 && isPlain[c] === 1) {
        if (c === open) depth++;
        else if (c === close && --depth < 0) return false;
        this.#code(c);
        this.#at = i + 1;
      } else return false;
      isExponent = c === caret;
      last = c;
      i = this.#at;
      this.contentEnd = i;
    }
    this.#at = i;
    return depth === 0 && last !== 0 && !(last < 128 && goesOn[last] === 1);
  }

  #lineEnd(text: string): boolean {
    let i = this.#at;
    if (text.charCodeAt(i) === carriage) i++;
    if (text.charCodeAt(i) === newline) i++;
    this.end = i;
    return true;
  }

  /** The name of a function, or one that is read. */
  #name(text: string): boolean {
    const start = this.#at;
    let i = this.#word(text, start);
    if (i === start) return false;
    let hash = this.#wordHash;
    const c = text.charCodeAt(i);
    if (c === open) {
      // Its letters are part of the template, so a word such as `min` is judged by the parser.
      for (let k = start; k < i; k++) this.#code(text.charCodeAt(k));
      this.#at = i;
      return this.codeCount < codesMax - 8;
    }
    if (meanings.has(hash)) return false;
    if (c === dot) {
      const second = i + 1;
      i = this.#word(text, second);
      if (i === second || meanings.has(this.#wordHash)) return false;
      hash = (Math.imul(hash, 31) + this.#wordHash) | 0;
    }
    const next = text.charCodeAt(skipSpaces(text, i));
    if (next === open || text.charCodeAt(i) === dot) return false;
    this.#at = i;
    return this.#slot(text, start, i, hash);
  }

  #slot(text: string, start: number, end: number, hash: number): boolean {
    let slot = 0;
    for (; slot < this.slotCount; slot++)
      if (this.#slotHashes[slot] === hash && this.#isSame(text, slot, start, end)) break;
    if (slot === this.slotCount) {
      if (slot === slotsMax) return false;
      this.#slotHashes[slot] = hash;
      this.slotStarts[slot] = start;
      this.slotEnds[slot] = end;
      this.slotCount++;
    }
    this.#code(codeSlot + slot);
    return true;
  }

  #isSame(text: string, slot: number, start: number, end: number): boolean {
    const from = this.slotStarts[slot] as number;
    if ((this.slotEnds[slot] as number) - from !== end - start) return false;
    for (let i = start, k = from; i < end; i++, k++)
      if (text.charCodeAt(i) !== text.charCodeAt(k)) return false;
    return true;
  }

  #number(text: string, isExponent: boolean): boolean {
    const start = this.#at;
    let i = start;
    let value = 0;
    let c = text.charCodeAt(i);
    for (; isDigit(c); c = text.charCodeAt(++i)) value = value * 10 + c - 48;
    let scale = 0;
    if (c === dot) {
      const first = ++i;
      for (c = text.charCodeAt(i); isDigit(c); c = text.charCodeAt(++i)) value = value * 10 + c - 48;
      scale = i - first;
      if (scale === 0) return false;
    }
    if (i - start > digitsMax || this.numberCount === slotsMax) return false;
    if (scale > 0) value /= powersOfTen[scale] as number;
    const next = text.charCodeAt(skipSpaces(text, i));
    // A unit, an exponent, a range, a second point; and a percent sign that stands apart.
    if (isLetter(next) || next >= 128 || next === dot || (next === percent && c !== percent)) return false;
    if (c === percent) {
      value = percentOf(value);
      i++;
    }
    this.#at = i;
    if (isExponent) for (let k = start; k < i; k++) this.#code(text.charCodeAt(k));
    else {
      const at = this.numberCount++;
      this.numbers[at] = value;
      this.numberStarts[at] = start;
      this.numberEnds[at] = i;
      this.#code(codeNumber);
    }
    return true;
  }
}

const newline = 10;
const carriage = 13;
const space = 32;
const percent = 37;
const open = 40;
const close = 41;
const star = 42;
const dot = 46;
const slash = 47;
const colon = 58;
const equals = 61;
const caret = 94;
const powersOfTen = Float64Array.from({ length: 17 }, (_, i) => Number(`1e${i}`));

/** Characters that are read as they are; and those behind which a line goes on. */
const isPlain = new Uint8Array(128);
for (const character of "+-*/^&=<>(),%") isPlain[character.charCodeAt(0)] = 1;
const goesOn = new Uint8Array(128);
for (const character of ",+-*/^&=<>") goesOn[character.charCodeAt(0)] = 1;

function hashOf(word: string): number {
  let hash = 0;
  for (let i = 0; i < word.length; i++) hash = (Math.imul(hash, 31) + (word.charCodeAt(i) | 32)) | 0;
  return hash;
}

const inputHash = hashOf("input");
/** Words that are no names, in any case of letters. */
const meanings: ReadonlySet<number> = new Set(
  [...keywords, ...clauseWords, "over", "true", "false"].map((word) => hashOf(word)),
);

function isSpace(c: number): boolean {
  return c === space || c === 9;
}

function skipSpaces(text: string, start: number): number {
  let i = start;
  while (isSpace(text.charCodeAt(i))) i++;
  return i;
}

function isDigit(c: number): boolean {
  return c >= 48 && c <= 57;
}

function isLetter(c: number): boolean {
  const lower = c | 32;
  return (lower >= 97 && lower <= 122) || c === 95;
}

function isNamePart(c: number): boolean {
  return isLetter(c) || isDigit(c);
}
