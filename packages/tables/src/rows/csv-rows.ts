/** Rows of a `.csv` or `.tsv` file, block by block: the rules of `csv.ts`, without holding the file. */
import type { Table } from "@reckon/value";
import type { RowBlockOptions, RowSource } from "../api.ts";
import { type CsvDelimiter, emptyFile } from "../csv-row.ts";
import { type TableProblem, tableProblem } from "../table-problem.ts";
import { CsvSplitter } from "./csv-splitter.ts";
import { estimateLines, type FilePlace, piecesOf, sizeOfFile } from "./file-bytes.ts";
import { RowTrouble } from "./row-trouble.ts";

/** Reads as far as the first line; what is wrong so far is a problem. */
export async function openCsvRows(
  place: FilePlace,
  delimiter: CsvDelimiter,
): Promise<RowSource | TableProblem> {
  const bytes = await sizeOfFile(place);
  if (typeof bytes !== "number") return bytes;
  const splitter = new CsvSplitter(place.name, { delimiter });
  try {
    for await (const piece of piecesOf(place)) {
      await splitter.write(piece);
      if (splitter.names !== undefined) break;
    }
    if (splitter.names === undefined) await splitter.end();
  } catch (cause) {
    if (cause instanceof RowTrouble) return { problem: cause.message, ...lineOf(cause) };
    throw cause;
  }
  const { names } = splitter;
  if (names === undefined) return emptyFile(place.name);
  const lines = await estimateLines(place, bytes);
  return {
    name: place.name,
    columns: names,
    rows: undefined,
    rowsEstimate: Math.max(0, lines - 1),
    blocks: (options) => csvBlocks(place, names, delimiter, options),
    close: async () => undefined,
  };
}

async function* csvBlocks(
  place: FilePlace,
  names: readonly string[],
  delimiter: CsvDelimiter,
  options: RowBlockOptions = {},
): AsyncGenerator<Table, void> {
  const splitter = new CsvSplitter(place.name, { delimiter, ...options });
  for await (const piece of piecesOf(place)) {
    await splitter.write(piece);
    if (splitter.names !== undefined && splitter.names.join("\n") !== names.join("\n"))
      throw new RowTrouble(
        "unreadable",
        tableProblem(place.name, "has other columns than when it was opened"),
      );
    yield* splitter.take();
  }
  await splitter.end();
  yield* splitter.take();
}

function lineOf({ line }: RowTrouble): { readonly line?: number } {
  return line === undefined ? {} : { line };
}
