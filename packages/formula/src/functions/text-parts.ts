/** Parts of texts: lengths, pieces, searches, replacements. Positions count from 1, in UTF-16 units as in Excel. */
import { type ErrorValue, errorValue } from "@reckon/value";
import type { FunctionDefinition, Value } from "./definition.ts";
import { familyOf, lazy, number, optional, optionalOrBlank, text } from "./parameter.ts";
import { findWildcard, readWildcard } from "./wildcard.ts";

/** The longest text a cell holds, as in Excel. */
export const textUnitsMax = 32_767;

const whole = text("text", "the text");
const startAt = optionalOrBlank(number("start_num", "where to begin, from 1"), 1);

export const textPartFunctions: readonly FunctionDefinition[] = familyOf("text", [
  {
    name: "LEN",
    aliases: ["LENB"],
    parameters: [whole],
    doc: "How many characters a text has.",
    example: ['=LEN("abc")', "3"],
    implement: (from: string) => from.length,
  },
  {
    name: "LEFT",
    aliases: ["LEFTB"],
    parameters: [whole, optionalOrBlank(number("num_chars", "how many, at least 0"), 1)],
    doc: "The first characters of a text.",
    example: ['=LEFT("abc",2)', "ab"],
    implement: (from: string, count: number) =>
      count < 0 ? negativeCount() : from.slice(0, Math.trunc(count)),
  },
  {
    name: "RIGHT",
    aliases: ["RIGHTB"],
    parameters: [whole, optionalOrBlank(number("num_chars", "how many, at least 0"), 1)],
    doc: "The last characters of a text.",
    example: ['=RIGHT("abc",2)', "bc"],
    implement: (from: string, count: number) =>
      count < 0 ? negativeCount() : from.slice(Math.max(0, from.length - Math.trunc(count))),
  },
  {
    name: "MID",
    aliases: ["MIDB"],
    parameters: [
      whole,
      number("start_num", "where to begin, from 1"),
      number("num_chars", "how many, at least 0"),
    ],
    doc: "Characters from the middle of a text.",
    example: ['=MID("abcde",2,3)', "bcd"],
    implement: (from: string, start: number, count: number) => {
      const first = Math.trunc(start) - 1;
      if (first < 0 || count < 0) return errorValue("#VALUE!", "start is below 1 or the count is negative");
      return from.slice(first, first + Math.trunc(count));
    },
  },
  {
    name: "FIND",
    aliases: ["FINDB"],
    parameters: [text("find_text", "what to find"), text("within_text", "where to look"), startAt],
    doc: "Where a text first occurs in another, in this case of letters.",
    example: ['=FIND("c","abcabc",4)', "6"],
    implement: (wanted: string, within: string, start: number) =>
      position(within, start, (from) => within.indexOf(wanted, from)),
  },
  {
    name: "SEARCH",
    aliases: ["SEARCHB"],
    parameters: [
      text("find_text", "what to find; ? and * are wildcards"),
      text("within_text", "where to look"),
      startAt,
    ],
    doc: "Where a text first occurs in another, in any case of letters.",
    example: ['=SEARCH("B*d","abcd")', "2"],
    implement: (wanted: string, within: string, start: number) =>
      position(within, start, (from) => findWildcard(readWildcard(wanted), within, from)),
  },
  {
    name: "SUBSTITUTE",
    parameters: [
      whole,
      text("old_text", "what to replace, in this case of letters"),
      text("new_text", "what to put there"),
      optional(number("instance_num", "which occurrence; all unless given")),
    ],
    doc: "A text with another one put in place of a part.",
    example: ['=SUBSTITUTE("a-b-c","-","+",2)', "a-b+c"],
    implement: substitute,
  },
  {
    name: "REPLACE",
    aliases: ["REPLACEB"],
    parameters: [
      text("old_text", "the text"),
      number("start_num", "where to begin, from 1"),
      number("num_chars", "how many characters go"),
      text("new_text", "what comes in their place"),
    ],
    doc: "A text with characters at a place replaced.",
    example: ['=REPLACE("abcdef",2,3,"-")', "a-ef"],
    implement: (from: string, start: number, count: number, put: string) => {
      const first = Math.trunc(start) - 1;
      if (first < 0 || count < 0) return errorValue("#VALUE!", "start is below 1 or the count is negative");
      return from.slice(0, first) + put + from.slice(first + Math.trunc(count));
    },
  },
  {
    name: "REPT",
    parameters: [whole, number("number_times", "at least 0")],
    doc: "A text repeated.",
    example: ['=REPT("ab",3)', "ababab"],
    implement: (from: string, times: number) => {
      const count = Math.trunc(times);
      if (count < 0 || from.length * count > textUnitsMax)
        return errorValue("#VALUE!", "the text would be too long");
      return from.repeat(count);
    },
  },
  {
    name: "TEXTBEFORE",
    parameters: splitParameters("before the delimiter"),
    doc: "What stands before a delimiter.",
    example: ['=TEXTBEFORE("a-b-c","-",2)', "a-b"],
    implement: (from: string, ...options: SplitOptions) => cut(from, options, "before"),
  },
  {
    name: "TEXTAFTER",
    parameters: splitParameters("after the delimiter"),
    doc: "What stands after a delimiter.",
    example: ['=TEXTAFTER("a-b-c","-")', "b-c"],
    implement: (from: string, ...options: SplitOptions) => cut(from, options, "after"),
  },
]);

type SplitOptions = [
  delimiter: string,
  instance: number | undefined,
  matchMode: number,
  matchEnd: number,
  ifNotFound: (() => Value) | undefined,
];

function splitParameters(what: string): FunctionDefinition["parameters"] {
  return [
    text("text", `the text that holds what is wanted ${what}`),
    text("delimiter", "what to look for"),
    optional(number("instance_num", "which occurrence, 1 unless given; negative: counted from the end")),
    optional(number("match_mode", "1: in any case of letters"), 0),
    optional(number("match_end", "1: the end of the text counts as a delimiter"), 0),
    optional(lazy("if_not_found", "the result when there is none; #N/A unless given")),
  ];
}

function cut(from: string, options: SplitOptions, side: "before" | "after"): Value {
  const [delimiter, instance, mode, end, ifNotFound] = options;
  const which = Math.floor(instance ?? 1);
  if (which === 0) return errorValue("#VALUE!", "the instance is 0");
  if ((mode !== 0 && mode !== 1) || (end !== 0 && end !== 1))
    return errorValue("#VALUE!", "a mode is neither 0 nor 1");
  if (instance !== undefined && delimiter.length > from.length) {
    return errorValue("#VALUE!", "the delimiter is longer than the text");
  }
  const isForward = which > 0;
  if (delimiter === "") return (side === "before") === isForward ? "" : from;
  const places = occurrences(from, delimiter, mode !== 0);
  const atEnd = isForward ? from.length : -delimiter.length;
  const wanted = isForward ? which - 1 : places.length + which;
  const isAtEnd = end !== 0 && wanted === (isForward ? places.length : -1);
  const place = isAtEnd ? atEnd : places[wanted];
  if (place === undefined) {
    return ifNotFound === undefined ? errorValue("#N/A", "there is no such delimiter") : (ifNotFound() ?? "");
  }
  if (side === "before") return from.slice(0, Math.max(0, place));
  return from.slice(Math.min(from.length, place + delimiter.length));
}

/** Where `wanted` occurs in `within`, occurrences not overlapping. */
function occurrences(within: string, wanted: string, inAnyCase: boolean): number[] {
  const text = inAnyCase ? within.toLowerCase() : within;
  const part = inAnyCase ? wanted.toLowerCase() : wanted;
  const places: number[] = [];
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) places.push(at);
  return places;
}

function substitute(
  from: string,
  old: string,
  put: string,
  instance: number | undefined,
): string | ErrorValue {
  if (instance !== undefined && Math.trunc(instance) < 1)
    return errorValue("#VALUE!", "the instance is below 1");
  if (old === "") return from;
  if (instance === undefined) return from.replaceAll(old, () => put);
  const place = occurrences(from, old, false)[Math.trunc(instance) - 1];
  return place === undefined ? from : from.slice(0, place) + put + from.slice(place + old.length);
}

function position(within: string, start: number, find: (from: number) => number): number | ErrorValue {
  const from = Math.trunc(start) - 1;
  if (from < 0 || from > within.length) return errorValue("#VALUE!", "start lies outside the text");
  const at = find(from);
  return at < 0 ? errorValue("#VALUE!", "the text does not occur") : at + 1;
}

function negativeCount(): ErrorValue {
  return errorValue("#VALUE!", "the count of characters is negative");
}
