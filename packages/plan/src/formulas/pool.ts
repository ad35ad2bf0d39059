/** Growing tables of numbers; `taken` gives what was put in and lets the room behind it go. */
export class NumberPool {
  length = 0;
  private table: Float64Array<ArrayBuffer>;

  constructor(room = 64) {
    this.table = new Float64Array(room);
  }

  push(value: number): void {
    if (this.length === this.table.length) {
      const grown = new Float64Array(2 * this.length);
      grown.set(this.table);
      this.table = grown;
    }
    this.table[this.length++] = value;
  }

  taken(): Float64Array<ArrayBuffer> {
    const taken = this.table.subarray(0, this.length);
    this.table = new Float64Array(64);
    this.length = 0;
    return taken;
  }
}

/** As `NumberPool`, of whole numbers. */
export class EntryPool {
  length = 0;
  private table: Int32Array<ArrayBuffer>;

  constructor(room = 64) {
    this.table = new Int32Array(room);
  }

  push(value: number): void {
    if (this.length === this.table.length) {
      const grown = new Int32Array(2 * this.length);
      grown.set(this.table);
      this.table = grown;
    }
    this.table[this.length++] = value;
  }

  taken(): Int32Array<ArrayBuffer> {
    const taken = this.table.subarray(0, this.length);
    this.table = new Int32Array(64);
    this.length = 0;
    return taken;
  }
}
