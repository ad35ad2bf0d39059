/**
 * `reckon eval --jsonl`: answers line by line, in order, while reading. Answers to one piece of input are written as
 * one piece, and reading waits while the reader of the answers is slow, so memory stays bounded.
 *
 * A line longer than the limit is answered as malformed and skipped to its end.
 */

import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { evaluateLine } from "./eval-case.ts";

const lineLengthMax = 64 * 1024 * 1024;

/** Answers every line of `input` on `output`; resolves at the end of the input. */
export async function evalLines(input: Readable, output: Writable): Promise<void> {
  const decoder = new StringDecoder("utf8");
  let lineNumber = 0;
  let rest = "";
  let isSkipping = false;
  const write = async (answers: string) => {
    if (answers !== "" && !output.write(answers)) {
      await new Promise((resolve) => output.once("drain", () => resolve(undefined)));
    }
  };
  const answer = (text: string): string => {
    lineNumber++;
    return answerTo(text, lineNumber);
  };
  for await (const piece of input as AsyncIterable<Buffer>) {
    const lines = (rest + decoder.write(piece)).split("\n");
    rest = lines.pop() ?? "";
    if (isSkipping && lines.length > 0) {
      lines.shift();
      isSkipping = false;
    }
    await write(lines.map(answer).join(""));
    if (isSkipping) rest = "";
    else if (rest.length > lineLengthMax) {
      await write(answer(`"${lineLengthMax} characters are the limit of a line"`));
      rest = "";
      isSkipping = true;
    }
  }
  await write(isSkipping ? "" : answer(rest + decoder.end()));
}

/** The answer with its line end; nothing for an empty line. */
function answerTo(line: string, lineNumber: number): string {
  return line.trim() === "" ? "" : `${JSON.stringify(evaluateLine(line, lineNumber))}\n`;
}
