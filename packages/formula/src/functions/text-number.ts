/**
 * Texts read as numbers, as typing them into a cell would: `12`, `-1.5e3`, `1,234.5`, `50%`, `$3`, `(12)`,
 * `2026-01-31`, `31-Jan-2026`, `13:30`. Dates give serial days, times fractions of a day.
 *
 * Plain numbers, the usual case, are read here; everything else goes to `numfmt`, which knows the formats.
 */
import { parseDate, parseNumber, parseTime } from "numfmt";

const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** `5-Jan` takes the year of the clock; a formula must not depend on the day it runs, so such a text is no date. */
const formatWithoutYear = 16;
/** Longer texts are never numbers; keeps hostile texts away from the pattern matching of the format library. */
const numberCharactersMax = 100;

/** The number that `text` stands for, or undefined. Cost: the length of the text. */
export function textToNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === "" || trimmed.length > numberCharactersMax) return undefined;
  if (plainNumber.test(trimmed)) return finite(Number(trimmed));
  return finite(parseNumber(trimmed)?.value) ?? textToDate(text);
}

/** The serial of a text that is a date, a time or both, or undefined: plain numbers and amounts do not count. */
export function textToDate(text: string): number | undefined {
  // Spaces around a number do no harm in Excel, around a date they do.
  if (text === "" || text.length > numberCharactersMax || text.trim() !== text) return undefined;
  const date = parseDate(text);
  if (date !== undefined && date.formatId !== formatWithoutYear) return finite(date.value);
  return finite(parseTime(text)?.value);
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
