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

  putAll(words: Float64Array): void {
    if (this.at + words.length > this.words.length) this.grow(words.length);
    this.words.set(words, this.at);
    this.at += words.length;
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

  /** The next words, in an array of their own. */
  copyOf(count: number): Float64Array {
    const from = this.at;
    this.at += count;
    return this.words.slice(from, this.at);
  }

  /** A view of the next words. */
  nextAll(count: number): Float64Array {
    const from = this.at;
    this.at += count;
    return this.words.subarray(from, this.at);
  }
}
