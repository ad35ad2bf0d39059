/**
 * Where in its files a module failed to load. Node prints that for a program that ends, and keeps it out of messages:
 *
 *   1. What it could not read as TypeScript, `require` or link it says at the head of the stack: file and line, the text, and
 *      signs below the place.
 *   2. Of plain JavaScript it says nothing. It reads a file as soon as it has loaded it, so it is the last one; the place is where
 *      reading it as TypeScript fails as well. Where that finds nothing there is the file.
 *   3. What a file throws while it runs has the frame of that file.
 */
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

/** Of a tab in what Node shows of TypeScript. */
const tabWidth = 4;

export interface LoadPlace {
  /** Absolute. */
  readonly path: string;
  /** Both from 1 on. */
  readonly line?: number;
  readonly column?: number;
}

/** A file that was loaded, with its text. */
export interface LoadedText {
  readonly path: string;
  readonly text: string;
}

/** The place; `undefined` where nobody knows, and where the message says it. `isLoaded`: whether a file is one of the load. */
export function placeOfFailure(
  cause: unknown,
  last: LoadedText | undefined,
  isLoaded: (path: string) => boolean,
): LoadPlace | undefined {
  if (!(cause instanceof Error)) return undefined;
  const stack = String(cause.stack ?? "");
  const place = placeAtHead(stack) ?? placeInFrames(stack, isLoaded);
  if (place !== undefined || cause.name !== "SyntaxError" || last === undefined) return place;
  if (cause.message.includes(last.path)) return undefined;
  return { path: last.path, ...placeInText(last) };
}

/** `/m/deep.ts:4`, lines of text, and below the last of them `^^^`. */
function placeAtHead(stack: string): LoadPlace | undefined {
  const [head = "", ...lines] = stack.split("\n");
  const [, address, line] = /^((?:file:\/|\/|[A-Za-z]:\\).*):(\d+)$/.exec(head) ?? [];
  const path = address === undefined ? undefined : pathOf(address);
  if (path === undefined) return undefined;
  const below = lines.findIndex((each) => /^\s*\^+\s*$/.test(each));
  if (below < 0) return { path, line: Number(line) };
  const shown = (lines[below] as string).indexOf("^");
  const isExpanded = !lines.slice(0, below).join("").includes("\t");
  const written = isExpanded ? lineOf(path, Number(line)) : undefined;
  return {
    path,
    line: Number(line),
    column: 1 + (written === undefined ? shown : unexpanded(written, shown)),
  };
}

function lineOf(path: string, line: number): string | undefined {
  try {
    return readFileSync(path, "utf8").split("\n")[line - 1];
  } catch {
    // Gone meanwhile: then the sign stands where it was shown.
    return undefined;
  }
}

/** Where in a line something is that was shown at `shown` with spaces for tabs. */
function unexpanded(line: string, shown: number): number {
  let at = 0;
  for (let width = 0; width < shown && at < line.length; at++) width += line[at] === "\t" ? tabWidth : 1;
  return at;
}

function placeInFrames(stack: string, isLoaded: (path: string) => boolean): LoadPlace | undefined {
  for (const frame of stack.split("\n")) {
    const [, address = "", line, column] =
      /^\s+at (?:.*\()?((?:file:\/|\/|[A-Za-z]:\\).*?):(\d+):(\d+)\)?$/.exec(frame) ?? [];
    const path = pathOf(address);
    if (path !== undefined && isLoaded(path)) return { path, line: Number(line), column: Number(column) };
  }
  return undefined;
}

function pathOf(address: string): string | undefined {
  if (!address.startsWith("file:")) return address === "" ? undefined : address;
  return URL.canParse(address) ? fileURLToPath(address) : undefined;
}

function placeInText({ path, text }: LoadedText): Omit<LoadPlace, "path"> {
  const { emitWarning } = process;
  try {
    // Node tells that this way of reading is new to whoever runs the program: not theirs to know.
    process.emitWarning = () => undefined;
    stripTypeScriptTypes(text, { sourceUrl: path });
    return {};
  } catch (problem) {
    const { path: _, ...place } = placeAtHead(String((problem as Error).stack)) ?? { path };
    return place;
  } finally {
    process.emitWarning = emitWarning;
  }
}
