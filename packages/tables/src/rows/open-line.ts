/**
 * The beginning of a line that has not ended yet, as the pieces in which it comes: they are joined once, when it ends. A file without
 * line ends is no file of rows, and is told before it fills the memory.
 */
import { tableProblem } from "../table-problem.ts";
import { RowTrouble } from "./row-trouble.ts";

/** No row is longer, in UTF-16 units: 16 MB of plain letters. */
export const rowUnitsMax: number = 16 * 1024 * 1024;

export class OpenLine {
  private readonly source: string;
  private pieces: string[] = [];
  private units = 0;

  constructor(source: string) {
    this.source = source;
  }

  /** Throws `RowTrouble` where the line, which is the `line`th of the file, is too long. */
  add(text: string, line: number): void {
    this.units += text.length;
    if (this.units > rowUnitsMax)
      throw new RowTrouble("unreadable", tableProblem(this.source, tooLong, line));
    if (text !== "") this.pieces.push(text);
  }

  /** What has come of it; from now on it is another line. */
  take(): string {
    const text = this.pieces.join("");
    this.pieces = [];
    this.units = 0;
    return text;
  }

  /** Whether the last that has come is a carriage return, which may be half of a line end. */
  get endsInReturn(): boolean {
    return this.pieces.at(-1)?.endsWith("\r") ?? false;
  }
}

/** What is said of a row that is too long. */
export const tooLong: string = `longer than ${rowUnitsMax / (1024 * 1024)} MB, which no row is: a line end or a closing quote may be missing`;
