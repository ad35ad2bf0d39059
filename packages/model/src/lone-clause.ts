/**
 * A clause or a label on a line of its own: people who break long lines put `start 100` below its formula. The message
 * says behind what it belongs, with the line as it would be.
 */
import type { LineReader } from "./line-reader.ts";
import { formulaClauses, inputClauses, loopClauses, timeClauses } from "./read-clauses.ts";

const label = /"[^"]*"(?=\s*(?:$|#))/y;

/** Clauses of several kinds of lines are shown behind the first one that takes them. */
const places = [
  { clauses: formulaClauses, place: "a formula", line: "name = formula" },
  { clauses: inputClauses, place: "the value of an input", line: "input name = 20" },
  { clauses: loopClauses, place: "a loop", line: "loop name" },
  { clauses: timeClauses, place: "the time line", line: "time month 2026-01..2026-12" },
];
/** These have nothing behind them. */
const flags: readonly string[] = ["heavy", "light", "manual", "warm", "cold"];

/** Whether the line, which begins with this word, if with any, is nothing but a clause. A line with `=` is a formula. */
export function isLoneClause(reader: LineReader, word: string | undefined): boolean {
  if (word === undefined) return labelOf(reader) !== undefined;
  if (!places.some(({ clauses }) => clauses.allowed.includes(word))) return false;
  const behind = reader.text.slice(reader.position + word.length, reader.end).trimEnd();
  return flags.includes(word) ? behind === "" : /^\s+["\p{L}_\d(-][^=]*$/u.test(behind);
}

export function reportLoneClause(reader: LineReader, word: string | undefined): void {
  const start = reader.position;
  const what = word === undefined ? "a label" : `\`${word}\``;
  const { place, line } = places.find(
    ({ clauses }) => word !== undefined && clauses.allowed.includes(word),
  ) ?? {
    place: "the value, the formula or the name that it is about",
    line: "name = formula",
  };
  const text = word === undefined ? labelOf(reader) : reader.shownRest();
  const span = { start, end: start + (word ?? text ?? "").length };
  reader.report("model/lone-clause", span, { what, place, example: `${line}  ${text ?? `${word} …`}` });
  reader.position = reader.end;
}

function labelOf(reader: LineReader): string | undefined {
  label.lastIndex = reader.position;
  return label.exec(reader.text)?.[0];
}
