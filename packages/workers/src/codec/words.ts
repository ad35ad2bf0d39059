/** Numbers in a row, written and read from front to back. */

export class WordWriter {
  private words: Float64Array<ArrayBuffer> = new Float64Array(256);
  private at = 0;

  get length(): number {
    return this.at;
  }

  put(word: number): void {
    if (this.at === this.words.length) this.grow(1);
    this.words[this.at++] = word;
  }

  /** Overwrites a word that was put before. */
  replace(index: number, word: number): void {
    this.words[index] = word;
  }

  /** Puts `words` from `from` to before `to`. */
  putRange(words: Float64Array, from: number, to: number): void {
    const count = to - from;
    if (this.at + count > this.words.length) this.grow(count);
    copyWords(this.words, this.at, words, from, count);
    this.at += count;
  }

  /** Takes back everything behind the first `length` words. */
  cut(length: number): void {
    this.at = length;
  }

  /** The words so far, in an array of their own; the writer is empty afterwards. */
  take(): Float64Array<ArrayBuffer> {
    const taken = this.words.slice(0, this.at);
    this.at = 0;
    return taken;
  }

  private grow(by: number): void {
    const grown = new Float64Array(Math.max(this.at + by, 2 * this.words.length));
    grown.set(this.words.subarray(0, this.at));
    this.words = grown;
  }
}

export class WordReader {
  private readonly words: Float64Array;
  private at = 0;

  constructor(words: Float64Array) {
    this.words = words;
  }

  get isAtEnd(): boolean {
    return this.at >= this.words.length;
  }

  next(): number {
    return this.words[this.at++] as number;
  }

  /** Puts the next words into `target`. */
  read(target: Float64Array, at: number, count: number): void {
    copyWords(target, at, this.words, this.at, count);
    this.at += count;
  }

  skip(count: number): void {
    this.at += count;
  }
}

/** Up to here a loop is quicker than the view that `set` needs. */
const loopedMax = 32;

/** Copies `count` numbers. */
export function copyWords(
  target: Float64Array,
  at: number,
  source: Float64Array,
  from: number,
  count: number,
): void {
  if (count > loopedMax) target.set(source.subarray(from, from + count), at);
  else for (let i = 0; i < count; i++) target[at + i] = source[from + i] as number;
}
