/**
 * A text file as checked pieces: UTF-8, cut between characters, without a byte order mark. A piece is a fresh buffer of some
 * 256 KB, so memory does not depend on the file. Only ordinary files: rows are read more than once.
 */
import { isUtf8 } from "node:buffer";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { type TableProblem, tableProblem } from "../table-problem.ts";
import { RowTrouble, systemReason } from "./row-trouble.ts";

/** Where a file is, and what it is called in messages. */
export interface FilePlace {
  readonly path: string;
  readonly name: string;
}

const pieceBytes = 256 * 1024;

/** The size of an ordinary file, or why it is none. */
export async function sizeOfFile({ path, name }: FilePlace): Promise<number | TableProblem> {
  try {
    const found = await stat(path);
    if (found.isFile()) return found.size;
    return tableProblem(name, found.isDirectory() ? "is a folder, not a file" : "is no ordinary file");
  } catch (cause) {
    return tableProblem(name, systemReason(cause));
  }
}

/** About how many lines a file has, by the first of its pieces; exactly, but for empty lines, if that is all of it. */
export async function estimateLines(place: FilePlace, bytes: number): Promise<number> {
  for await (const piece of piecesOf(place)) {
    const feeds = countOf(piece, 10);
    const lines = feeds === 0 ? countOf(piece, 13) : feeds;
    const isOpen = piece.at(-1) !== 10 && piece.at(-1) !== 13;
    if (piece.length >= bytes - 3) return lines + (isOpen ? 1 : 0);
    return Math.round((bytes / piece.length) * Math.max(1, lines));
  }
  return 0;
}

function countOf(bytes: Buffer, byte: number): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) count += 1;
  return count;
}

export async function* piecesOf(place: FilePlace): AsyncGenerator<Buffer, void> {
  let held: Buffer = Buffer.alloc(0);
  let isFirst = true;
  for await (const read of bytesOf(place)) {
    let bytes = held.length === 0 ? read : Buffer.concat([held, read]);
    if (isFirst && bytes.length < 3) {
      held = bytes;
      continue;
    }
    if (isFirst) bytes = withoutMark(bytes);
    isFirst = false;
    const end = endOfCharacters(bytes);
    held = bytes.subarray(end);
    if (end > 0) yield checked(bytes.subarray(0, end), place);
  }
  if (held.length > 0) yield checked(isFirst ? withoutMark(held) : held, place);
}

async function* bytesOf({ path, name }: FilePlace): AsyncGenerator<Buffer, void> {
  const stream = createReadStream(path, { highWaterMark: pieceBytes });
  try {
    for await (const bytes of stream) yield bytes as Buffer;
  } catch (cause) {
    throw new RowTrouble("unreadable", tableProblem(name, systemReason(cause)), cause);
  } finally {
    stream.destroy();
  }
}

function checked(bytes: Buffer, { name }: FilePlace): Buffer {
  if (isUtf8(bytes)) return bytes;
  throw new RowTrouble("unreadable", tableProblem(name, "not UTF-8 text"));
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

/** Where the last whole character ends: a character has at most 4 bytes, those behind its first begin with the bits 10. */
function endOfCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
