/**
 * Rows of a Parquet file, with `hyparquet`.
 *
 * Columns of the top level only. Whole numbers of 64 bits that a double does not hold exactly are texts, as long rows of digits are
 * in CSV; dates are texts as in `2026-01-31`, times as in `2026-01-31T10:00:00.000Z`; a number that is not finite is `#NUM!`. A row's line
 * is its number, from 1.
 *
 * What the reader throws for a damaged file is told as trouble. Not all damage is found: pages have no checksum here, and counts in
 * one that are far too large keep the reader busy for minutes.
 *
 * Memory: the columns wanted of 65,536 rows where the file says where its pages are, else of a row group.
 */
import { type FileHandle, open } from "node:fs/promises";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { errorValue, type Scalar, type Table } from "@reckon/value";
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetScan,
  parquetSchema,
} from "hyparquet";
import type { RowBlockOptions, RowSource } from "../api.ts";
import { problemOfNames, type TableProblem, tableProblem } from "../table-problem.ts";
import { type FilePlace, sizeOfFile } from "./file-bytes.ts";
import { RowTrouble, systemReason } from "./row-trouble.ts";
import { slotsOf, TableBlocks } from "./table-blocks.ts";

const stepRows = 65_536;

/** Beside Snappy, which `hyparquet` has itself. */
const compressors = {
  GZIP: (bytes: Uint8Array): Uint8Array => gunzipSync(bytes),
  BROTLI: (bytes: Uint8Array): Uint8Array => brotliDecompressSync(bytes),
  ZSTD: (bytes: Uint8Array): Uint8Array => zstdDecompressSync(bytes),
};

const parsers = {
  dateFromDays: (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10),
  timestampFromMilliseconds: (ms: bigint): string => new Date(Number(ms)).toISOString(),
  timestampFromMicroseconds: (us: bigint): string => new Date(Number(us / 1000n)).toISOString(),
  timestampFromNanoseconds: (ns: bigint): string => new Date(Number(ns / 1_000_000n)).toISOString(),
};

/** Reads the file's description. The file stays open until the source is closed. */
export async function openParquetRows(place: FilePlace): Promise<RowSource | TableProblem> {
  const bytes = await sizeOfFile(place);
  if (typeof bytes !== "number") return bytes;
  let handle: FileHandle | undefined;
  try {
    handle = await open(place.path);
    const file = bufferOf(handle, bytes);
    const metadata = await parquetMetadataAsync(file, { parsers });
    const names = parquetSchema(metadata).children.map(({ element }) => element.name);
    const wrong = problemOfNames(place.name, names);
    if (wrong !== undefined) {
      await handle.close();
      return wrong;
    }
    const opened = handle;
    return {
      name: place.name,
      columns: names,
      rows: Number(metadata.num_rows),
      rowsEstimate: Number(metadata.num_rows),
      blocks: (options) => parquetBlocks(place.name, file, metadata, names, options),
      close: () => opened.close(),
    };
  } catch (cause) {
    await handle?.close();
    return tableProblem(place.name, `not Parquet that can be read: ${systemReason(cause)}`);
  }
}

async function* parquetBlocks(
  name: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  names: readonly string[],
  { rowsMax, columns }: RowBlockOptions = {},
): AsyncGenerator<Table, void> {
  const wanted = columns ?? names;
  slotsOf(name, names, wanted);
  const blocks = new TableBlocks(name, wanted, rowsMax);
  const scan = await told(name, () =>
    parquetScan({ file, metadata, columns: [...wanted], compressors, parsers }),
  );
  for (const { rowStart, rowEnd } of stepsOf(metadata)) {
    const read: (readonly Scalar[])[] = [];
    for (const column of wanted) {
      const cells = await told(name, () => scan.readColumn({ column, rowStart, rowEnd }));
      if (cells.length !== rowEnd - rowStart)
        throw damaged(name, `\`${column}\` has ${cells.length} cells in ${rowEnd - rowStart} rows`);
      read.push(Array.from(cells as ArrayLike<unknown>, (cell) => scalarOfParquet(cell, name, column)));
    }
    for (let row = 0; row < rowEnd - rowStart; row++) {
      for (const [i, cells] of read.entries()) (blocks.columns[i] as Scalar[]).push(cells[row] as Scalar);
      blocks.endRow(rowStart + row + 1);
    }
    yield* blocks.take();
  }
  blocks.close();
  yield* blocks.take();
}

/** What the reader of the format gives; whatever it throws is trouble with the file. */
async function told<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw damaged(name, systemReason(cause), cause);
  }
}

function damaged(name: string, reason: string, cause?: unknown): RowTrouble {
  return new RowTrouble("unreadable", tableProblem(name, `not Parquet that can be read: ${reason}`), cause);
}

/** Row groups, in parts where only the pages of a part have to be read. */
function stepsOf(metadata: FileMetaData): { readonly rowStart: number; readonly rowEnd: number }[] {
  const steps: { readonly rowStart: number; readonly rowEnd: number }[] = [];
  let first = 0;
  for (const { num_rows, columns } of metadata.row_groups) {
    const end = first + Number(num_rows);
    const isPaged = columns.every(({ offset_index_offset }) => offset_index_offset !== undefined);
    const step = isPaged ? stepRows : Math.max(1, end - first);
    for (let rowStart = first; rowStart < end; rowStart += step)
      steps.push({ rowStart, rowEnd: Math.min(end, rowStart + step) });
    first = end;
  }
  return steps;
}

function scalarOfParquet(cell: unknown, name: string, column: string): Scalar {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === "number") return Number.isFinite(cell) ? cell : errorValue("#NUM!");
  if (typeof cell === "string" || typeof cell === "boolean") return cell;
  if (typeof cell === "bigint") {
    const value = Number(cell);
    return Number.isSafeInteger(value) ? value : String(cell);
  }
  throw new RowTrouble(
    "unreadable",
    tableProblem(name, `the cells of \`${column}\` are neither numbers, texts, booleans nor dates`),
  );
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    slice: async (start, end = byteLength) => {
      const bytes = new Uint8Array(Math.max(0, end - start));
      let done = 0;
      while (done < bytes.length) {
        const { bytesRead } = await handle.read(bytes, done, bytes.length - done, start + done);
        if (bytesRead === 0) throw new Error("the file is shorter than it says");
        done += bytesRead;
      }
      return bytes.buffer;
    },
  };
}
