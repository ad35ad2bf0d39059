/**
 * One pass over a line that declares an input or a formula in the plainest way, straight in the file's text:
 *
 *     input price = 20.5            mrr: USD = seats * price * (1 - 5%)
 *
 * It finds where the line ends, its name, the names it reads and its numbers, and what is left without these: the
 * template. Lines of one template differ in nothing else.
 *
 *     mrr: USD = seats * price * (1 - 5%)        : USD = ⓪ * ① * (1 - #)
 *     left = left[t-1] - sum(sold over segment) start 5 "In stock"  # pieces
 *                                                = ⓪[t-1] - sum(① over segment) start # "…"
 *
 * Lags and the names of axes stay in the template. The text of a label or format is none of its business, nor is a comment.
 *
 * What it reads, everything else is refused and left to the parser: letters of ASCII; a comment behind a space; `[t-1]` as
 * the only index; `start`, `end`, `format` and a label as the only clauses; no text in a value, no list; a number without
 * a unit; a line that does not go on in the next one. Words with a meaning of their own are
 * found by hash, so a name may be refused for nothing, which only costs time.
 *
 * Cost: a pass over the characters. Nothing is allocated; the tables are valid until the next line.
 */
import { percentOf } from "@reckon/formula";
import { clauseWords } from "./line-reader.ts";
import { endOfText, keywords } from "./logical-line.ts";

const slotsMax = 64;
const codesMax = 1_024;
const readsMax = 256;
const oversMax = 8;
const digitsMax = 15;
const codeNumber = 0x7fff;
const codeText = 0x7ffe;
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
  /** Where the value ends and the clauses begin, in the text and in the template. */
  valueEnd = 0;
  valueCodeCount = 0;
  /** Labels and formats. */
  textCount = 0;
  /** Names behind `over`. */
  overCount = 0;
  readonly overStarts: Int32Array = new Int32Array(oversMax);
  readonly overEnds: Int32Array = new Int32Array(oversMax);
  /** The names read, each once. */
  slotCount = 0;
  readonly slotStarts: Int32Array = new Int32Array(slotsMax);
  readonly slotEnds: Int32Array = new Int32Array(slotsMax);
  readonly #slotHashes: Int32Array = new Int32Array(slotsMax);
  /** Where names are read, with their lags, from the first to the last. */
  readCount = 0;
  readonly readStarts: Int32Array = new Int32Array(readsMax);
  readonly readEnds: Int32Array = new Int32Array(readsMax);
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
  #isOver = false;

  /** Reads the line that begins at `start`; false when it is for the parser. */
  scan(text: string, start: number): boolean {
    this.slotCount = 0;
    this.readCount = 0;
    this.numberCount = 0;
    this.hash = 0;
    this.codeCount = 0;
    this.valueEnd = 0;
    this.textCount = 0;
    this.overCount = 0;
    this.#isOver = false;
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
      if (c === hash && isSpaced && isComment(text, i)) {
        i = endOfLine(text, i);
        break;
      }
      if (this.codeCount >= codesMax - 8) return false;
      const isApart = isSpaced && last !== 0;
      const codeCount = this.codeCount;
      if (isApart) this.#code(space);
      isSpaced = false;
      this.#at = i;
      const isBehind = isApart && depth === 0 && endsOperand(last);
      if ((isBehind && isLetter(c)) || c === quote) {
        if (!isBehind) return false;
        if (this.valueEnd === 0) this.#endValue(codeCount);
        if (!(c === quote ? this.#text(text) : this.#clause(text))) return false;
      } else if (!this.#part(text, c, isExponent)) return false;
      if (c === open) depth++;
      else if (c === close) {
        if (--depth < 0) return false;
        this.#isOver = false;
      }
      isExponent = c === caret;
      // Behind `start` and `end` something must follow, behind `format` a text.
      last = isBehind && isLetter(c) && text.charCodeAt(i) !== letterF ? 1 : c;
      i = this.#at;
      this.contentEnd = i;
    }
    if (this.valueEnd === 0) this.#endValue(this.codeCount);
    this.#at = i;
    return depth === 0 && last > 1 && !(last < 128 && goesOn[last] === 1);
  }

  #endValue(codeCount: number): void {
    this.valueEnd = this.contentEnd;
    this.valueCodeCount = codeCount;
  }

  /** A name, a number, or a symbol. */
  #part(text: string, c: number, isExponent: boolean): boolean {
    if (isLetter(c)) return this.#isOver ? this.#over(text) : this.#name(text);
    if (isDigit(c) || c === dot) return this.#number(text, isExponent);
    if (c >= 128 || isPlain[c] !== 1) return false;
    this.#code(c);
    this.#at++;
    return true;
  }

  /** The word that begins a clause, as it is written. */
  #clause(text: string): boolean {
    const start = this.#at;
    const length = clauseLength(text, start);
    if (length === 0) return false;
    for (let i = start; i < start + length; i++) this.#code(text.charCodeAt(i));
    this.#at = start + length;
    return true;
  }

  /** A label or format, whatever it says. */
  #text(text: string): boolean {
    const end = endOfText(text, this.#at);
    if (end < this.#at + 2 || text.charCodeAt(end - 1) !== quote) return false;
    this.textCount++;
    this.#code(codeText);
    this.#at = end;
    return true;
  }

  /** An axis behind `over`, as it is written. */
  #over(text: string): boolean {
    const start = this.#at;
    const end = this.#word(text, start);
    if (end === start || end - start > 64 || this.overCount === oversMax) return false;
    if (meanings.has(this.#wordHash) || this.codeCount + end - start > codesMax - 8) return false;
    const next = text.charCodeAt(end);
    if (next === open || next === dot || next === bracket) return false;
    for (let k = start; k < end; k++) this.#code(text.charCodeAt(k));
    this.overStarts[this.overCount] = start;
    this.overEnds[this.overCount++] = end;
    this.#at = end;
    return true;
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
    if (meanings.has(hash)) {
      if (hash !== overHash || i - start !== 4 || !text.startsWith("over", start)) return false;
      for (let k = start; k < i; k++) this.#code(text.charCodeAt(k));
      this.#isOver = true;
      this.#at = i;
      return true;
    }
    if (c === dot) {
      const second = i + 1;
      i = this.#word(text, second);
      if (i === second || meanings.has(this.#wordHash)) return false;
      hash = (Math.imul(hash, 31) + this.#wordHash) | 0;
    }
    const next = text.charCodeAt(skipSpaces(text, i));
    if (next === open || text.charCodeAt(i) === dot) return false;
    this.#at = i;
    if (this.readCount === readsMax || !this.#slot(text, start, i, hash)) return false;
    if (text.charCodeAt(i) === bracket && !this.#lag(text)) return false;
    this.readStarts[this.readCount] = start;
    this.readEnds[this.readCount++] = this.#at;
    return true;
  }

  /** `[t-1]`, as it is written. */
  #lag(text: string): boolean {
    const start = this.#at;
    const sign = text.charCodeAt(start + 2);
    if (text.charCodeAt(start + 1) !== letterT || (sign !== plus && sign !== minus)) return false;
    let i = start + 3;
    while (isDigit(text.charCodeAt(i))) i++;
    if (i === start + 3 || i > start + 7 || text.charCodeAt(i) !== bracketEnd) return false;
    for (let k = start; k <= i; k++) this.#code(text.charCodeAt(k));
    this.#at = i + 1;
    return this.codeCount < codesMax - 8;
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
    const behind = skipSpaces(text, i);
    const next = text.charCodeAt(behind);
    // A unit, an exponent, a range, a second point; and a percent sign that stands apart.
    if (isLetter(next) && (behind === i || clauseLength(text, behind) === 0)) return false;
    if (next >= 128 || next === dot || (next === percent && c !== percent)) return false;
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
const quote = 34;
const hash = 35;
const percent = 37;
const open = 40;
const close = 41;
const star = 42;
const plus = 43;
const minus = 45;
const dot = 46;
const slash = 47;
const colon = 58;
const equals = 61;
const bracket = 91;
const bracketEnd = 93;
const caret = 94;
const letterF = 102;
const letterT = 116;
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
const overHash = hashOf("over");
/** Words that are no names, in any case of letters. */
const meanings: ReadonlySet<number> = new Set(
  [...keywords, ...clauseWords, "over", "true", "false"].map((word) => hashOf(word)),
);

/** How long the word is that begins a clause at `start`; 0 where none does that is known here. */
function clauseLength(text: string, start: number): number {
  for (const word of clauses)
    if (text.startsWith(word, start)) {
      const c = text.charCodeAt(start + word.length);
      return isNamePart(c) || c >= 128 ? 0 : word.length;
    }
  return 0;
}

const clauses = ["start", "end", "format"];

/** Whether a token that begins so may stand last in a value. */
function endsOperand(c: number): boolean {
  return isNamePart(c) || c === dot || c === close || c === percent || c === quote;
}

/** Whether the `#` behind a space begins a comment: one that something follows at once may be an error value. */
function isComment(text: string, at: number): boolean {
  const c = text.charCodeAt(at + 1);
  return isSpace(c) || c === newline || c === carriage || at + 1 >= text.length;
}

function endOfLine(text: string, start: number): number {
  let i = start;
  for (let c = text.charCodeAt(i); i < text.length && c !== newline && c !== carriage; )
    c = text.charCodeAt(++i);
  return i;
}

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
