/** Names that mean something in formulas or begin a line: nothing that is declared may have one. */
import type { Name } from "./declarations.ts";
import type { LineReader } from "./line-reader.ts";
import { keywords } from "./logical-line.ts";

/** Names that mean something in formulas or begin a line; no attribute, block or axis may have one. */
export const reservedWords: readonly string[] = [...keywords, "over", "true", "false"];

/** Reports a name that is being declared if it is a reserved word; `use` is what it would name. */
export function reportReserved(reader: LineReader, name: Name, use: string): void {
  if (reservedWords.includes(name.text.toLowerCase()))
    reader.report("model/reserved-word", name.span, { word: name.text, use });
}
