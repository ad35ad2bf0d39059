/**
 * CSV text that comes in pieces, split into blocks of rows.
 *
 *   1. As long as no quote has been seen, lines and cells are found by searching for their ends, and only cells of columns
 *      that are wanted are looked at: some 0.1 µs a cell.
 *   2. The piece with the first quote, and all behind it, go to `csv-parse`: some 0.6 µs a cell.
 *
 * Both give what `readCsv` gives for the whole text (csv-rows.test.ts compares them). What is no whole line yet is kept for the
 * next piece. Memory: a piece, the longest line (there is a limit), and the block that is being filled.
 */
import type { Scalar, Table } from "@reckon/value";
import { CsvError, Parser } from "csv-parse";
import { scalarIn, scalarOfCell, textIn } from "../cell-text.ts";
import { type CsvDelimiter, describeCsvError, problemOfHeader, RowLines, unevenRow } from "../csv-row.ts";
import { type TableProblem, tableProblem } from "../table-problem.ts";
import { OpenLine, rowUnitsMax } from "./open-line.ts";
import { RowTrouble } from "./row-trouble.ts";
import { slotsOf, TableBlocks } from "./table-blocks.ts";

export interface SplitOptions {
  readonly delimiter: CsvDelimiter;
  readonly rowsMax?: number;
  readonly columns?: readonly string[];
}

const quote = 34;
const lineFeed = 10;

export class CsvSplitter {
  /** Known once the first line has been read. */
  names: readonly string[] | undefined;
  private readonly source: string;
  private readonly options: SplitOptions;
  private blocks: TableBlocks;
  private slots: Int32Array = new Int32Array(0);
  /** The last line of what has come, as far as it is there. */
  private readonly rest: OpenLine;
  /** The 1-based line that `rest` begins on. */
  private line = 1;
  private parser: Parser | undefined;
  private readonly rowLines = new RowLines();

  constructor(source: string, options: SplitOptions) {
    this.source = source;
    this.options = options;
    this.rest = new OpenLine(source);
    this.blocks = new TableBlocks(source, []);
  }

  /** Splits what is complete. Throws `RowTrouble` for the first row that is wrong. */
  async write(piece: Buffer): Promise<void> {
    if (this.parser === undefined && !piece.includes(quote)) {
      const text = piece.toString("utf8");
      const isOpen = !/[\r\n]/.test(text) && !this.rest.endsInReturn;
      this.rest.add(isOpen ? text : this.split(this.rest.take() + text, false), this.line);
      return;
    }
    if (this.parser === undefined) {
      this.parser = this.openParser();
      await this.parse(Buffer.from(this.rest.take()));
    }
    await this.parse(piece);
  }

  /** What is left is the last row. */
  async end(): Promise<void> {
    if (this.parser === undefined) this.split(this.rest.take(), true);
    else await this.parse(undefined);
    this.blocks.close();
  }

  take(): readonly Table[] {
    return this.blocks.take();
  }

  /** All whole lines of the text; gives what is behind the last one. */
  private split(text: string, isLast: boolean): string {
    let at = 0;
    // The next end of each kind is searched for only when it has been passed, or a text without one would be searched a line.
    let feed = text.indexOf("\n");
    let back = text.indexOf("\r");
    const cells = new CellEnds(text, this.options.delimiter);
    while (at < text.length) {
      if (feed !== -1 && feed < at) feed = text.indexOf("\n", at);
      if (back !== -1 && back < at) back = text.indexOf("\r", at);
      let end = feed === -1 ? back : back === -1 ? feed : Math.min(feed, back);
      // A carriage return at the very end may be half of a line end.
      if (!isLast && (end === -1 || (end === back && end === text.length - 1))) break;
      if (end === -1) end = text.length;
      this.row(text, at, end, cells);
      this.line += 1;
      at = end === back && text.charCodeAt(end + 1) === lineFeed ? end + 2 : end + 1;
    }
    // Without this the whole piece would live as long as the short text cut from it.
    return at >= text.length ? "" : textIn(text, at, text.length);
  }

  private row(text: string, from: number, to: number, cells: CellEnds): void {
    if (cells.next(from) >= to && text.slice(from, to).trim() === "") return;
    if (this.names === undefined) {
      const names = text.slice(from, to).split(this.options.delimiter);
      this.begin(
        names.map((name) => name.trim()),
        this.line,
      );
      return;
    }
    const { slots } = this;
    const { columns } = this.blocks;
    let at = from;
    let cell = 0;
    for (; at <= to; cell++) {
      const end = Math.min(cells.next(at), to);
      const slot = slots[cell];
      if (slot !== undefined && slot !== -1) (columns[slot] as Scalar[]).push(scalarIn(text, at, end));
      at = end + 1;
    }
    if (cell !== this.names.length) throw this.trouble(unevenRow(this.source, cell, this.names, this.line));
    this.blocks.endRow(this.line);
  }

  private begin(names: readonly string[], line: number): void {
    const wrong = problemOfHeader(this.source, names, line);
    if (wrong !== undefined) throw this.trouble(wrong);
    const { columns, rowsMax } = this.options;
    this.slots = slotsOf(this.source, names, columns);
    this.blocks = new TableBlocks(this.source, columns ?? names, rowsMax);
    this.names = names;
  }

  private openParser(): Parser {
    const before = this.line - 1;
    const parser = new Parser({
      trim: true,
      delimiter: this.options.delimiter,
      relax_column_count: true,
      record_delimiter: ["\r\n", "\n", "\r"],
      max_record_size: rowUnitsMax,
      cast: (cell, context) => (this.names === undefined || context.quoting ? cell : scalarOfCell(cell)),
      on_record: (record: Scalar[], context) => {
        this.record(record, before + this.rowLines.beginOf(record, context.lines));
        return null;
      },
    });
    // Told by the callback of each write; without a listener it would end the process as well.
    parser.on("error", () => undefined);
    return parser;
  }

  private record(record: readonly Scalar[], line: number): void {
    const { names, slots } = this;
    if (record.length === 1 && (record[0] === null || (names === undefined && record[0] === ""))) return;
    if (names === undefined) {
      this.begin(record.map(String), line);
      return;
    }
    if (record.length !== names.length)
      throw this.trouble(unevenRow(this.source, record.length, names, line));
    for (const [cell, slot] of slots.entries())
      if (slot !== -1) (this.blocks.columns[slot] as Scalar[]).push(record[cell] as Scalar);
    this.blocks.endRow(line);
  }

  /** Gives bytes to the parser, or ends it. */
  private async parse(bytes: Buffer | undefined): Promise<void> {
    const parser = this.parser as Parser;
    const before = this.line - 1;
    try {
      await new Promise<void>((resolve, reject) => {
        const done = (error?: Error | null): void => {
          if (error === null || error === undefined) resolve();
          else reject(error);
        };
        if (bytes === undefined) parser.end(done);
        else parser.write(bytes, done);
      });
    } catch (cause) {
      if (!(cause instanceof CsvError)) throw cause;
      const line = this.rowLines.lineOf(cause);
      throw this.trouble(
        tableProblem(this.source, describeCsvError(cause), line === undefined ? undefined : before + line),
      );
    }
  }

  private trouble(problem: TableProblem): RowTrouble {
    return new RowTrouble("unreadable", problem);
  }
}

/** Where cells end. Asked from left to right; every character is looked at once. */
class CellEnds {
  private readonly text: string;
  private readonly delimiter: string;
  private found = -1;

  constructor(text: string, delimiter: string) {
    this.text = text;
    this.delimiter = delimiter;
  }

  /** The first separator at or behind `from`; the text's length where none is left. */
  next(from: number): number {
    if (this.found < from) {
      const at = this.text.indexOf(this.delimiter, from);
      this.found = at === -1 ? this.text.length : at;
    }
    return this.found;
  }
}
