/**
 * Lines of a result file from rows of the ledger and the blocks that their values are in.
 *
 * Neighbours of one chunk are taken together, attribute by attribute, so that a cell costs a read of a typed array and a push. What has
 * not succeeded has blanks, whatever its block holds, and its message as the error. Of errors among the values, which stand in their
 * cells, `error` has the code of the first in the line.
 */
import { isErrorValue, type Scalar } from "@reckon/value";
import type { BlockColumn, ResultBlock } from "../evaluation/result-block.ts";
import type { ResultRow } from "../ledger.ts";
import type { WantedAttribute } from "../program.ts";
import type { ResultColumns } from "./result-columns.ts";

export class ResultLines {
  private readonly layout: ResultColumns;
  private readonly wanted: readonly WantedAttribute[];
  private columns: Scalar[][];

  constructor(layout: ResultColumns, wanted: readonly WantedAttribute[]) {
    this.layout = layout;
    this.wanted = wanted;
    this.columns = layout.names.map(() => []);
  }

  /** How many lines are there. */
  get count(): number {
    return (this.columns[0] as Scalar[]).length;
  }

  /** The lines so far, as columns; none are left. */
  take(): readonly (readonly Scalar[])[] {
    const taken = this.columns;
    this.columns = this.layout.names.map(() => []);
    return taken;
  }

  /** Rows of one chunk. Without a block nothing in it has values. */
  add(rows: readonly ResultRow[], block: ResultBlock | undefined): void {
    const { lines, labels } = this.layout;
    const keys = this.columns[0] as Scalar[];
    const first = keys.length;
    for (const { key } of rows) for (let line = 0; line < lines; line++) keys.push(key);
    for (const [i, names] of labels.entries()) {
      const column = this.columns[1 + i] as Scalar[];
      for (let row = 0; row < rows.length; row++) for (const name of names) column.push(name);
    }
    const errors = new Array<string | null>(rows.length * lines).fill(null);
    for (const [i, { id }] of this.wanted.entries()) this.addValues(i, id, rows, block, errors);
    const states = this.columns.at(-2) as Scalar[];
    const messages = this.columns.at(-1) as Scalar[];
    for (const [row, { state, errorMessage, errorCode }] of rows.entries()) {
      const hasValues = isComputed(state);
      for (let line = 0; line < lines; line++) {
        states.push(state);
        const own = errors[row * lines + line] as string | null;
        messages.push(hasValues ? own : (errorMessage ?? errorCode ?? null));
      }
    }
    if (keys.length - first !== rows.length * lines) throw new RangeError("lines of a result do not add up");
  }

  private addValues(
    attribute: number,
    id: string,
    rows: readonly ResultRow[],
    block: ResultBlock | undefined,
    errors: (string | null)[],
  ): void {
    const { lines, cells, labels } = this.layout;
    const column = this.columns[1 + labels.length + attribute] as Scalar[];
    const own = cells[attribute] as Int32Array;
    const values = block === undefined ? undefined : valuesOf(block, attribute, id);
    for (const [row, { state, chunkRow }] of rows.entries()) {
      if (values === undefined || !isComputed(state)) {
        for (let line = 0; line < lines; line++) column.push(null);
        continue;
      }
      const first = chunkRow * values.shape.periods;
      if (values.marks === null) {
        for (let line = 0; line < lines; line++)
          column.push(values.numbers[first + (own[line] as number)] as number);
        continue;
      }
      for (let line = 0; line < lines; line++) {
        const value = values.get(first + (own[line] as number));
        column.push(value);
        if (value !== null && isErrorValue(value)) errors[row * lines + line] ??= value.code;
      }
    }
  }
}

function isComputed(state: ResultRow["state"]): boolean {
  return state === "succeeded" || state === "skipped";
}

function valuesOf(block: ResultBlock, attribute: number, id: string): BlockColumn {
  if (block.attributes[attribute]?.id !== id)
    throw new RangeError(`a block has \`${block.attributes[attribute]?.id}\` in the place of \`${id}\``);
  return block.column(attribute);
}
