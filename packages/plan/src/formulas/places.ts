/**
 * Places: which entry stands under an A1 address or a name. Entries are numbers from 0, in the order they came.
 *
 * Addresses are kept by column, each column a table by row, so a million cells in a column cost 4 bytes each and no
 * text. Rows far behind the others of their column go to a map. Names are kept without regard to case, as in worksheets; a
 * name that reads as an address is that cell.
 */

const columnsMax = 16_384;
const rowsMax = 1_048_576;
/** A row may be this much behind twice the cells of its column before it goes to the map. */
const roomInRows = 4_096;

interface ColumnRows {
  /** By row, entry + 1; 0 for none. */
  dense: Int32Array;
  count: number;
  far: Map<number, number> | undefined;
}

export class Places {
  private readonly columns: (ColumnRows | undefined)[] = [];
  private readonly names = new Map<string, number>();
  /** The cell that `readAddress` read last. */
  column = 0;
  row = 0;
  /** The last row in which anything stands. */
  rowMax = 1;

  /** Reads an A1 address, `$` allowed, into `column` and `row`; false when the text is none. */
  readAddress(text: string): boolean {
    let i = text.charCodeAt(0) === 36 ? 1 : 0;
    const letters = i;
    let column = 0;
    let c = text.charCodeAt(i);
    for (; (c | 32) >= 97 && (c | 32) <= 122; c = text.charCodeAt(++i)) column = column * 26 + (c & 31);
    if (i === letters || i - letters > 3 || column > columnsMax) return false;
    if (c === 36) c = text.charCodeAt(++i);
    const digits = i;
    let row = 0;
    for (; c >= 48 && c <= 57; c = text.charCodeAt(++i)) row = row * 10 + c - 48;
    if (i === digits || i - digits > 7 || i !== text.length || row < 1 || row > rowsMax) return false;
    this.column = column;
    this.row = row;
    return true;
  }

  /** The entry under an address or name; −1 for none. */
  find(text: string): number {
    if (this.readAddress(text)) return this.cell(this.column, this.row);
    return this.name(text);
  }

  name(text: string): number {
    return this.names.get(text.toLowerCase()) ?? -1;
  }

  cell(column: number, row: number): number {
    const rows = this.columns[column];
    if (rows === undefined) return -1;
    const entry = row < rows.dense.length ? (rows.dense[row] as number) : 0;
    return entry !== 0 ? entry - 1 : (rows.far?.get(row) ?? -1);
  }

  /** Puts an entry under a text; false when one stands there already. */
  put(text: string, entry: number): boolean {
    if (this.readAddress(text)) return this.putCell(this.column, this.row, entry);
    const key = text.toLowerCase();
    if (this.names.has(key)) return false;
    this.names.set(key, entry);
    return true;
  }

  putCell(column: number, row: number, entry: number): boolean {
    if (this.cell(column, row) >= 0) return false;
    if (row > this.rowMax) this.rowMax = row;
    let rows = this.columns[column];
    if (rows === undefined) {
      rows = { dense: new Int32Array(64), count: 0, far: undefined };
      this.columns[column] = rows;
    }
    rows.count++;
    if (row >= rows.dense.length) {
      if (row > 2 * rows.count + roomInRows) {
        rows.far ??= new Map();
        rows.far.set(row, entry);
        return true;
      }
      const grown = new Int32Array(Math.min(rowsMax + 1, Math.max(2 * rows.dense.length, row + 1)));
      grown.set(rows.dense);
      rows.dense = grown;
    }
    rows.dense[row] = entry + 1;
    return true;
  }

  /** All names that are no addresses. */
  allNames(): Iterable<string> {
    return this.names.keys();
  }

  /** Addresses and names by entry, for entries below `count`. Cost: all of them. */
  byEntry(count: number): readonly string[] {
    const texts = new Array<string>(count);
    this.columns.forEach((rows, column) => {
      const letters = lettersOf(column);
      rows?.dense.forEach((entry, row) => {
        if (entry !== 0) texts[entry - 1] = `${letters}${row}`;
      });
      rows?.far?.forEach((entry, row) => {
        texts[entry] = `${letters}${row}`;
      });
    });
    for (const [name, entry] of this.names) texts[entry] = name;
    return texts;
  }

  /** Takes the room away that columns have grown into. */
  trim(): void {
    for (const rows of this.columns) {
      if (rows === undefined) continue;
      let end = rows.dense.length;
      while (end > 1 && rows.dense[end - 1] === 0) end--;
      if (end < rows.dense.length) rows.dense = rows.dense.slice(0, end);
    }
  }
}

function lettersOf(column: number): string {
  let letters = "";
  for (let rest = column; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}
