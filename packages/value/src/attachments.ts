/**
 * What was worked out from the cells of a column and is kept with it: partial sums, indexes. Whoever writes cells
 * afterwards says so (`Column.touched`), and each attachment forgets what rests on them.
 */

/** Something kept with a column. */
export interface Attachment {
  /** Cells `from` ≤ i < `to` were written. Cheap: it forgets, and works nothing out. */
  readonly touched: (from: number, to: number) => void;
}

/** The attachments of one column, each under a key of its maker. */
export class Attachments {
  private readonly kept: Map<unknown, Attachment> = new Map();
  private lastKey: unknown;
  private last: Attachment | undefined;

  /** The attachment under `key`, if there is one. */
  find(key: unknown): Attachment | undefined {
    if (this.lastKey === key) return this.last;
    this.last = this.kept.get(key);
    this.lastKey = key;
    return this.last;
  }

  /** Keeps an attachment under `key`. */
  keep<A extends Attachment>(key: unknown, attachment: A): A {
    this.kept.set(key, attachment);
    this.lastKey = key;
    this.last = attachment;
    return attachment;
  }

  touched(from: number, to: number): void {
    for (const attachment of this.kept.values()) attachment.touched(from, to);
  }
}
