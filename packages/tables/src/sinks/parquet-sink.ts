/**
 * Rows as Parquet, a row group of 65,536 rows at a time.
 *
 * A column has one type in the whole file, and it is known only at the end: doubles where all cells are numbers or blank,
 * booleans likewise, else texts (numbers as they are written in CSV). So
 *
 *   1. a column begins as doubles;
 *   2. where a cell does not fit into its column, the type is widened: to booleans if nothing has stood in it, else to texts;
 *   3. if groups were written with the old type, they are read back and written again with the new one.
 *
 * 3 happens at most twice a column, and the bytes are those that would have been written with the last types from the start.
 * Errors are nulls, whatever the type. Doubles are written plainly, without a dictionary, which would take −0 for 0, and without
 * compression: what is computed hardly gets smaller.
 */
import { unlink } from "node:fs/promises";
import { isErrorValue, type Scalar } from "@reckon/value";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { RowSink } from "../api.ts";
import { numberField } from "../csv.ts";
import { openParquetRows } from "../rows/parquet-rows.ts";
import { WaitingFile } from "./waiting-file.ts";

type Kind = "doubles" | "booleans" | "texts";
type SchemaElement = ParquetWriter["schema"][number];

const groupRows = 65_536;

export async function openParquetSink(path: string, columns: readonly string[]): Promise<RowSink> {
  return new ParquetSink(path, columns, await WaitingFile.create(path));
}

class ParquetSink implements RowSink {
  private readonly path: string;
  private readonly names: readonly string[];
  private readonly kinds: Kind[];
  /** Whether a column has had a cell that is neither blank nor an error. */
  private readonly isUsed: boolean[];
  private file: WaitingFile;
  private writer: GroupWriter | undefined;
  /** Rows that are no group yet. */
  private held: Scalar[][];

  constructor(path: string, names: readonly string[], file: WaitingFile) {
    this.path = path;
    this.names = names;
    this.kinds = names.map(() => "doubles");
    this.isUsed = names.map(() => false);
    this.file = file;
    this.held = names.map(() => []);
  }

  async write(columns: readonly (readonly Scalar[])[]): Promise<void> {
    const rows = columns[0]?.length ?? 0;
    for (let from = 0; from < rows; ) {
      const room = groupRows - (this.held[0] as Scalar[]).length;
      const to = Math.min(rows, from + room);
      for (const [i, values] of columns.entries()) {
        const held = this.held[i] as Scalar[];
        for (let row = from; row < to; row++) held.push(values[row] as Scalar);
      }
      from = to;
      if ((this.held[0] as Scalar[]).length === groupRows) await this.writeGroup();
    }
  }

  async finish(): Promise<void> {
    if ((this.held[0] as Scalar[]).length > 0) await this.writeGroup();
    await this.opened().finish();
    await this.file.finish();
  }

  discard(): Promise<void> {
    return this.file.discard();
  }

  private opened(): GroupWriter {
    this.writer ??= new GroupWriter(this.file, this.names, this.kinds);
    return this.writer;
  }

  private async writeGroup(): Promise<void> {
    let isWidened = false;
    for (const [i, values] of this.held.entries()) isWidened = this.widen(i, values) || isWidened;
    if (isWidened && this.writer !== undefined) await this.writeAgain(this.writer);
    await this.opened().write(this.held);
    this.held = this.names.map(() => []);
  }

  /** Widens the type of a column until all of these cells fit; whether it is another one now. */
  private widen(column: number, values: readonly Scalar[]): boolean {
    const before = this.kinds[column] as Kind;
    for (const value of values) {
      if (value === null || this.kinds[column] === "texts" || isErrorValue(value)) continue;
      const kind: Kind =
        typeof value === "number" ? "doubles" : typeof value === "boolean" ? "booleans" : "texts";
      if (kind !== this.kinds[column]) this.kinds[column] = this.isUsed[column] ? "texts" : kind;
      this.isUsed[column] = true;
    }
    return this.kinds[column] !== before;
  }

  /** What has been written, once more with the types of now. */
  private async writeAgain(writer: GroupWriter): Promise<void> {
    await writer.finish();
    const before = `${this.file.waitingPath}.before`;
    await this.file.finish(before);
    this.file = await WaitingFile.create(this.path);
    this.writer = new GroupWriter(this.file, this.names, this.kinds);
    try {
      const rows = await openParquetRows({ path: before, name: this.path });
      if ("problem" in rows) throw new Error(rows.problem);
      for await (const { columns } of rows.blocks({ rowsMax: groupRows }))
        await this.writer.write(columns.map(({ values }) => values));
      await rows.close();
    } finally {
      await unlink(before);
    }
  }
}

/** Row groups as bytes, each handed on as soon as it is whole. */
class GroupWriter {
  private readonly file: WaitingFile;
  private readonly names: readonly string[];
  private readonly kinds: readonly Kind[];
  private readonly bytes = new ByteWriter(1 << 20);
  private readonly parquet: ParquetWriter;

  constructor(file: WaitingFile, names: readonly string[], kinds: readonly Kind[]) {
    this.file = file;
    this.names = names;
    this.kinds = [...kinds];
    const schema = [
      { name: "root", num_children: names.length },
      ...names.map((name, i) => elementOf(name, kinds[i] as Kind)),
    ];
    this.parquet = new ParquetWriter({ writer: this.bytes, schema, createdBy: "reckon" });
  }

  async write(columns: readonly (readonly Scalar[])[]): Promise<void> {
    const columnData = this.names.map((name, i) => {
      const kind = this.kinds[i] as Kind;
      const data = (columns[i] as readonly Scalar[]).map((value) => cellAs(kind, value));
      return kind === "doubles"
        ? { name, data, encoding: "PLAIN" as const, codec: "UNCOMPRESSED" as const }
        : { name, data };
    });
    await this.parquet.write({ columnData, rowGroupSize: groupRows });
    await this.flush();
  }

  async finish(): Promise<void> {
    await this.parquet.finish();
    await this.flush();
  }

  private async flush(): Promise<void> {
    await this.file.write(this.bytes.getBytes());
    this.bytes.index = 0;
  }
}

function elementOf(name: string, kind: Kind): SchemaElement {
  switch (kind) {
    case "doubles":
      return { name, type: "DOUBLE", repetition_type: "OPTIONAL" };
    case "booleans":
      return { name, type: "BOOLEAN", repetition_type: "OPTIONAL" };
    case "texts":
      return {
        name,
        type: "BYTE_ARRAY",
        converted_type: "UTF8",
        logical_type: { type: "STRING" },
        repetition_type: "OPTIONAL",
      };
  }
}

function cellAs(kind: Kind, value: Scalar): number | boolean | string | null {
  if (value === null || isErrorValue(value)) return null;
  if (kind !== "texts" || typeof value === "string") return value;
  return typeof value === "number" ? numberField(value) : value ? "TRUE" : "FALSE";
}
