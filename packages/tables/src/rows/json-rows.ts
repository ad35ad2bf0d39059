/** Rows of a `.json` file, which is read whole: what is too large for that is written as `.jsonl`. */
import { readFile } from "node:fs/promises";
import type { RowSource } from "../api.ts";
import { readJson } from "../json.ts";
import { type TableProblem, tableProblem } from "../table-problem.ts";
import { type FilePlace, sizeOfFile } from "./file-bytes.ts";
import { systemReason } from "./row-trouble.ts";
import { blocksOf } from "./table-blocks.ts";

const bytesMax = 256 * 1024 * 1024;

export async function openJsonRows(place: FilePlace): Promise<RowSource | TableProblem> {
  const bytes = await sizeOfFile(place);
  if (typeof bytes !== "number") return bytes;
  if (bytes > bytesMax)
    return tableProblem(
      place.name,
      `has ${bytes} bytes, and \`.json\` is read whole: write it as \`.jsonl\``,
    );
  const text = await textOf(place);
  if (typeof text !== "string") return text;
  const table = readJson(text, place.name);
  if ("problem" in table) return table;
  return {
    name: place.name,
    columns: table.columns.map(({ name }) => name),
    rows: table.rows,
    rowsEstimate: table.rows,
    blocks: async function* (options) {
      yield* blocksOf(table, options);
    },
    close: async () => undefined,
  };
}

async function textOf({ path, name }: FilePlace): Promise<string | TableProblem> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    const isText = !(cause instanceof TypeError);
    return tableProblem(name, isText ? systemReason(cause) : "not UTF-8 text");
  }
}
