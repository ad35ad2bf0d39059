/**
 * Cuts a file into logical lines, before anything is parsed.
 *
 * A logical line is one declaration: it goes on over the end of a line while a bracket is open or when an operator
 * stands last. Stretches of blank lines and comments between declarations are pieces too, so that the pieces'
 * texts concatenate to the file.
 *
 * An unclosed bracket must not swallow the declarations behind it, so a continued line ends early before a line that
 * can only be a declaration:
 *   1. one that begins with a keyword and a name (`input price`), which no formula can contain, or
 *   2. one that is indented no deeper than the first line and begins with `name =`, `name: unit =`, `name *=`.
 * So every decision looks at one line, and the whole is one pass. Cost: linear in the text.
 */

import { isCommentStart } from "@reckon/formula";

export interface LogicalLine {
  readonly start: number;
  /** Behind the line terminator. */
  readonly end: number;
  readonly kind: "declaration" | "trivia";
  /** Where the declaration's first and last characters are: without indentation, comment and terminator. */
  readonly contentStart: number;
  readonly contentEnd: number;
}

/** Words that begin a declaration; no attribute, block or axis may have one as its name. */
export const keywords = [
  "model",
  "use",
  "time",
  "axis",
  "block",
  "input",
  "curve",
  "loop",
  "check",
  "scenario",
  "pin",
] as const;

export type Keyword = (typeof keywords)[number];

const keywordLine = new RegExp(
  `(?:(?:${keywords.join("|")})[ \\t]+[\\p{L}_"\\d]|check[ \\t]+[^\\s=:,)\\]}])`,
  "uy",
);
const declarationLine =
  /[\p{L}_][\p{L}\p{N}_.]*[ \t]*(?:\[[^\]\r\n]*\][ \t]*)?(?::[^=:,{}()\r\n]*)?(?:[-+*/]?=)(?![=])/uy;

export function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  for (let at = 0; at < text.length; ) {
    const line = logicalLineAt(text, at);
    lines.push(line);
    at = line.end;
  }
  return lines;
}

/** The logical line that begins at `start`. */
export function logicalLineAt(text: string, start: number): LogicalLine {
  const content = skipIndentation(text, start);
  if (!isLineBlank(text, content))
    return { start, kind: "declaration", contentStart: content, ...scanDeclaration(text, start, content) };
  let end = endOfLine(text, content);
  while (end < text.length && isLineBlank(text, skipIndentation(text, end))) end = endOfLine(text, end);
  return { start, end, kind: "trivia", contentStart: content, contentEnd: content };
}

function scanDeclaration(
  text: string,
  lineStart: number,
  contentStart: number,
): { end: number; contentEnd: number } {
  const indentation = contentStart - lineStart;
  let depth = 0;
  let last = contentStart; // the last character that is neither space nor comment
  let i = contentStart;
  while (i < text.length) {
    const character = text[i] as string;
    if (isLineEnd(character)) {
      const next = endOfLine(text, i);
      const isContinued = depth > 0 || isOperatorAt(text, last, contentStart);
      if (!isContinued || next >= text.length || endsBefore(text, next, indentation, depth > 0)) {
        return { end: next, contentEnd: last + 1 };
      }
      i = next;
      continue;
    }
    if (character === '"') {
      i = endOfText(text, i);
      last = i - 1;
      continue;
    }
    if (isCommentAt(text, i)) {
      i = endOfComment(text, i);
      continue;
    }
    if (character === "(" || character === "[" || character === "{") depth += 1;
    else if (character === ")" || character === "]" || character === "}") depth = Math.max(0, depth - 1);
    if (character !== " " && character !== "\t") last = i;
    i += 1;
  }
  return { end: text.length, contentEnd: last + 1 };
}

/** Whether a continued declaration ends before the line at `lineStart`. */
function endsBefore(text: string, lineStart: number, indentation: number, isInBracket: boolean): boolean {
  const content = skipIndentation(text, lineStart);
  if (isLineBlank(text, content)) {
    // Inside brackets blank lines and comments are allowed; behind an operator the next line must go on.
    return !isInBracket && !isCommentAt(text, content);
  }
  keywordLine.lastIndex = content;
  if (keywordLine.test(text)) return true;
  declarationLine.lastIndex = content;
  return content - lineStart <= indentation && declarationLine.test(text);
}

function isOperatorAt(text: string, offset: number, contentStart: number): boolean {
  const character = text[offset] as string;
  if (character === ",") return true;
  if (!"+-*/^&=<>".includes(character)) return false;
  return offset > contentStart;
}

function skipIndentation(text: string, offset: number): number {
  let i = offset;
  while (text[i] === " " || text[i] === "\t" || text[i] === "\uFEFF") i += 1;
  return i;
}

/** Whether there is nothing but a comment from `offset` to the end of its line. */
function isLineBlank(text: string, offset: number): boolean {
  const character = text[offset];
  return character === undefined || isLineEnd(character) || isCommentAt(text, offset);
}

function isCommentAt(text: string, offset: number): boolean {
  return text[offset] === "#" && isCommentStart(text, offset, text.length);
}

function isLineEnd(character: string): boolean {
  return character === "\n" || character === "\r";
}

/** The offset behind the terminator of the line that `offset` is on: `\n`, `\r\n` or `\r`. */
function endOfLine(text: string, offset: number): number {
  let i = endOfComment(text, offset);
  if (text[i] === "\r") i += 1;
  if (text[i] === "\n") i += 1;
  return i;
}

function endOfComment(text: string, offset: number): number {
  let i = offset;
  while (i < text.length && !isLineEnd(text[i] as string)) i += 1;
  return i;
}

/** Behind the closing quote of the text that begins at `offset`; a text ends with its line at the latest. */
export function endOfText(text: string, offset: number): number {
  let i = offset + 1;
  while (i < text.length) {
    const character = text[i] as string;
    if (isLineEnd(character)) return i;
    if (character === '"') {
      if (text[i + 1] !== '"') return i + 1;
      i += 1;
    }
    i += 1;
  }
  return i;
}
