/** Whole texts: letters, joining, splitting, codes, numbers written and read. */

import {
  type ArrayValue,
  arrayValue,
  type ErrorValue,
  errorValue,
  isArrayValue,
  isErrorValue,
  type Scalar,
} from "@reckon/value";
import { format, isValidFormat } from "numfmt";
import { toNumber, toText } from "./coerce.ts";
import { type FunctionDefinition, isLambda, type Value } from "./definition.ts";
import { cellsOf } from "./number-arguments.ts";
import { familyOf, logical, number, optional, optionalOrBlank, scalar, text, value } from "./parameter.ts";
import { textToNumber } from "./text-number.ts";
import { textUnitsMax } from "./text-parts.ts";

const whole = text("text", "the text");
const part = value("text", "a text, a number or an array of them");

export const textShapeFunctions: readonly FunctionDefinition[] = familyOf("text", [
  {
    name: "UPPER",
    parameters: [whole],
    doc: "A text in capital letters.",
    example: ['=UPPER("abc")', "ABC"],
    implement: (from: string) => from.toUpperCase(),
  },
  {
    name: "LOWER",
    parameters: [whole],
    doc: "A text in small letters.",
    example: ['=LOWER("ABC")', "abc"],
    implement: (from: string) => from.toLowerCase(),
  },
  {
    name: "PROPER",
    parameters: [whole],
    doc: "A text with a capital at the start of each word.",
    example: ['=PROPER("two words")', "Two Words"],
    implement: (from: string) =>
      from.toLowerCase().replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1)),
  },
  {
    name: "TRIM",
    parameters: [whole],
    doc: "A text without spaces around it, and with single ones inside.",
    example: ['=TRIM("  a  b ")', "a b"],
    implement: (from: string) => from.replace(/ +/g, " ").replace(/^ | $/g, ""),
  },
  {
    name: "CLEAN",
    parameters: [whole],
    doc: "A text without control characters.",
    example: ['=CLEAN("a"&CHAR(10)&"b")', "ab"],
    implement: (from: string) => [...from].filter((unit) => unit >= " ").join(""),
  },
  {
    name: "EXACT",
    parameters: [text("text1", "a text"), text("text2", "another")],
    doc: "Whether two texts are the same, letters in the same case.",
    example: ['=EXACT("a","A")', "FALSE"],
    implement: (a: string, b: string) => a === b,
  },
  {
    name: "CONCAT",
    parameters: [part],
    repeat: 1,
    reduces: true,
    doc: "All texts joined, those of arrays row by row.",
    example: ['=CONCAT("a",{"b","c"})', "abc"],
    implement: (...args: Value[]) => joined(args, () => "", false),
  },
  {
    name: "CONCATENATE",
    parameters: [text("text", "a text or number")],
    repeat: 1,
    doc: "All arguments joined.",
    example: ['=CONCATENATE("a",1)', "a1"],
    implement: (...parts: string[]) => limited(parts.join("")),
  },
  {
    name: "TEXTJOIN",
    parameters: [
      value("delimiter", "what to put between; an array is used in turn"),
      logical("ignore_empty", "TRUE leaves out empty texts and blanks"),
      part,
    ],
    repeat: 1,
    reduces: true,
    doc: "All texts joined with a delimiter between them.",
    example: ['=TEXTJOIN(", ",TRUE,{"a","","b"})', "a, b"],
    implement: (delimiter: Value, ignoresEmpty: boolean, ...args: Value[]) => {
      const delimiters = cellsOf(delimiter).map(toText);
      const wrong = delimiters.find(isErrorValue);
      if (wrong !== undefined) return wrong;
      return joined(args, (i) => delimiters[i % delimiters.length] as string, ignoresEmpty);
    },
  },
  {
    name: "TEXTSPLIT",
    parameters: [
      text("text", "the text to split"),
      optional(value("col_delimiter", "what separates columns; several in an array")),
      optional(value("row_delimiter", "what separates rows")),
      optional(logical("ignore_empty", "TRUE leaves out empty texts"), false),
      optional(number("match_mode", "1: delimiters in any case of letters"), 0),
      optional(scalar("pad_with", "what fills short rows; #N/A unless given")),
    ],
    doc: "The pieces of a text between delimiters, as an array.",
    example: ['=CONCAT(TEXTSPLIT("a,b,c",","))', "abc"],
    implement: textSplit,
  },
  {
    name: "CHAR",
    parameters: [number("number", "from 1 to 255")],
    doc: "The character with a code of the Windows character set.",
    example: ["=CHAR(65)", "A"],
    implement: (code: number) => {
      const whole = Math.trunc(code);
      return whole < 1 || whole > 255 ? errorValue("#VALUE!") : characterOf(whole);
    },
  },
  {
    name: "CODE",
    parameters: [whole],
    doc: "The code of the first character in the Windows character set.",
    example: ['=CODE("A")', "65"],
    implement: (from: string) =>
      from === "" ? errorValue("#VALUE!", "the text is empty") : codeOf(from.charAt(0)),
  },
  {
    name: "UNICHAR",
    parameters: [number("number", "a code point")],
    doc: "The character with a Unicode code point.",
    example: ["=UNICHAR(8364)", "€"],
    implement: (code: number) => {
      const point = Math.trunc(code);
      const isSurrogate = point >= 0xd800 && point <= 0xdfff;
      if (point < 1 || point > 0x10ffff) return errorValue("#VALUE!");
      return isSurrogate ? errorValue("#N/A") : String.fromCodePoint(point);
    },
  },
  {
    name: "UNICODE",
    parameters: [whole],
    doc: "The Unicode code point of the first character.",
    example: ['=UNICODE("€")', "8364"],
    implement: (from: string) => from.codePointAt(0) ?? errorValue("#VALUE!", "the text is empty"),
  },
  {
    name: "VALUE",
    parameters: [scalar("text", "a text that reads as a number, date, time or amount")],
    doc: "The number a text stands for.",
    example: ['=VALUE("1,250.5")', "1250.5"],
    implement: (from: Scalar) => (typeof from === "boolean" ? errorValue("#VALUE!") : toNumber(from)),
  },
  {
    name: "NUMBERVALUE",
    parameters: [
      text("text", "the number as text"),
      optional(text("decimal_separator", "one character"), "."),
      optional(text("group_separator", "one character"), ","),
    ],
    doc: "The number a text stands for, with separators named.",
    example: ['=NUMBERVALUE("1.250,5",",",".")', "1250.5"],
    implement: numberValue,
  },
  {
    name: "TEXT",
    parameters: [
      scalar("value", "a number, date or text"),
      text("format_text", 'a number format: "0.00", "yyyy-mm-dd"'),
    ],
    doc: "A value written in a number format.",
    example: ['=TEXT(1234.5,"#,##0.00")', "1,234.50"],
    implement: formatted,
  },
  {
    name: "FIXED",
    parameters: [
      number("number", "what to write"),
      optional(number("decimals", "places behind the point"), 2),
      optional(logical("no_commas", "TRUE leaves out the separators of thousands"), false),
    ],
    doc: "A number rounded and written with a fixed count of places.",
    example: ["=FIXED(1234.567,1)", "1,234.6"],
    implement: (x: number, decimals: number, isPlain: boolean) => fixed(x, Math.trunc(decimals), isPlain),
  },
  {
    name: "DOLLAR",
    parameters: [
      number("number", "what to write"),
      optionalOrBlank(number("decimals", "places behind the point"), 2),
    ],
    doc: "A number written as an amount of dollars.",
    example: ["=DOLLAR(-1234.567)", "($1,234.57)"],
    implement: (x: number, decimals: number) => {
      const amount = fixed(Math.abs(x), Math.trunc(decimals), false);
      if (typeof amount !== "string") return amount;
      return x < 0 ? `($${amount})` : `$${amount}`;
    },
  },
  {
    name: "VALUETOTEXT",
    parameters: [
      { name: "value", kind: "value", doc: "any value" },
      optional(number("format", "1: texts in quotes, as they would be typed"), 0),
    ],
    doc: "Any value as text, errors too.",
    example: ['=VALUETOTEXT("a",1)', '"a"'],
    implement: (from: Value, mode: number) => {
      if (mode !== 0 && mode !== 1) return errorValue("#VALUE!");
      const one = (cell: Scalar): string => shown(cell, mode === 1);
      if (isLambda(from)) return errorValue("#VALUE!");
      return isArrayValue(from) ? arrayValue(from.rows, from.columns, from.cells.map(one)) : one(from);
    },
  },
]);

function shown(cell: Scalar, isQuoted: boolean): string {
  if (isErrorValue(cell)) return cell.code;
  if (typeof cell === "string" && isQuoted) return `"${cell.replaceAll('"', '""')}"`;
  return toText(cell) as string;
}

function limited(from: string): string | ErrorValue {
  return from.length > textUnitsMax ? errorValue("#VALUE!", `longer than ${textUnitsMax} characters`) : from;
}

function joined(
  args: readonly (Value | undefined)[],
  delimiterAt: (index: number) => string,
  ignoresEmpty: boolean,
): string | ErrorValue {
  let result = "";
  let count = 0;
  for (const argument of args) {
    for (const cell of cellsOf(argument ?? null)) {
      const each = toText(cell);
      if (typeof each !== "string") return each;
      if (each === "" && ignoresEmpty) continue;
      result += count === 0 ? each : delimiterAt(count - 1) + each;
      count++;
      if (result.length > textUnitsMax) return limited(result);
    }
  }
  return result;
}

function textSplit(
  from: string,
  columnDelimiter: Value | undefined,
  rowDelimiter: Value | undefined,
  ignoresEmpty: boolean,
  mode: number,
  pad: Scalar | undefined,
): ArrayValue | ErrorValue {
  const between = delimitersOf(columnDelimiter);
  const below = delimitersOf(rowDelimiter);
  if (isErrorValue(between)) return between;
  if (isErrorValue(below)) return below;
  if (between.length + below.length === 0) return errorValue("#VALUE!", "a delimiter is needed");
  const keep = (piece: string): boolean => !ignoresEmpty || piece !== "";
  const rows = splitAt(from, below, mode === 1)
    .filter(keep)
    .map((row) => splitAt(row, between, mode === 1).filter(keep));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  if (columns === 0) return errorValue("#CALC!", "nothing is left");
  const filler = pad === undefined ? errorValue("#N/A") : pad;
  const cells = rows.flatMap((row) => Array.from({ length: columns }, (_, i): Scalar => row[i] ?? filler));
  return arrayValue(rows.length, columns, cells);
}

function delimitersOf(from: Value | undefined): string[] | ErrorValue {
  if (from === undefined || from === null) return [];
  const texts = cellsOf(from).map(toText);
  const wrong = texts.find(isErrorValue);
  if (wrong !== undefined) return wrong;
  return texts.includes("") ? errorValue("#VALUE!", "a delimiter is empty") : (texts as string[]);
}

/** The pieces of `from` between delimiters; where several begin at one place the longest counts. */
function splitAt(from: string, delimiters: readonly string[], inAnyCase: boolean): string[] {
  if (delimiters.length === 0) return [from];
  const text = inAnyCase ? from.toLowerCase() : from;
  const ordered = (inAnyCase ? delimiters.map((each) => each.toLowerCase()) : [...delimiters]).sort(
    (a, b) => b.length - a.length,
  );
  const pieces: string[] = [];
  let start = 0;
  let at = 0;
  while (at < text.length) {
    const found = ordered.find((each) => text.startsWith(each, at));
    if (found === undefined) {
      at++;
      continue;
    }
    pieces.push(from.slice(start, at));
    at += found.length;
    start = at;
  }
  pieces.push(from.slice(start));
  return pieces;
}

function numberValue(from: string, decimal: string, group: string): number | ErrorValue {
  if (decimal === "" || group === "") return errorValue("#VALUE!", "a separator is empty");
  const point = decimal.charAt(0);
  const separator = group.charAt(0);
  const compact = from.replace(/\s/g, "");
  if (compact === "") return 0;
  const [before = "", ...behind] = compact.split(point);
  if (behind.length > 1 || behind[0]?.includes(separator)) return errorValue("#VALUE!");
  const digits = before.replaceAll(separator, "") + (behind.length === 1 ? `.${behind[0]}` : "");
  const percents = /%*$/.exec(digits)?.[0].length ?? 0;
  const result = textToNumber(digits.slice(0, digits.length - percents));
  return result === undefined ? errorValue("#VALUE!", `"${from}" is not a number`) : result / 100 ** percents;
}

function formatted(from: Scalar, pattern: string): Scalar {
  if (typeof from === "boolean") return from ? "TRUE" : "FALSE";
  if (pattern === "") return "";
  const subject = from === null ? 0 : typeof from === "string" ? (textToNumber(from) ?? from) : from;
  if (!isValidFormat(pattern)) return errorValue("#VALUE!", `"${pattern}" is not a number format`);
  const result = format(pattern, subject, {
    dateErrorThrows: false,
    dateErrorNumber: false,
    dateSpanLarge: false,
    overflow: "",
  });
  return result === "" && typeof subject === "number" && subject < 0 ? errorValue("#VALUE!") : result;
}

function fixed(x: number, decimals: number, isPlain: boolean): string | ErrorValue {
  if (decimals > 127) return errorValue("#VALUE!", "too many places");
  const factor = 10 ** -Math.min(0, decimals);
  const rounded = decimals < 0 ? Math.round(x / factor) * factor : x;
  const places = Math.max(0, decimals);
  return format(`${isPlain ? "0" : "#,##0"}${places === 0 ? "" : `.${"0".repeat(places)}`}`, rounded);
}

/** The characters of Windows-1252 that differ from Latin-1, codes 128 to 159. */
const windowsCharacters = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ";

function characterOf(code: number): string {
  return code >= 128 && code < 160 ? windowsCharacters.charAt(code - 128) : String.fromCharCode(code);
}

function codeOf(character: string): number {
  const special = windowsCharacters.indexOf(character);
  if (special >= 0) return 128 + special;
  const unit = character.charCodeAt(0);
  return unit < 256 ? unit : 63;
}
