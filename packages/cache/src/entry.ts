/**
 * What stands in a file or on a server for one result.
 *
 *   frame  "RKM", format (1 byte) · length of the frame (4) · what computing it cost in ms (8)
 *          · length of the name (2), the name of the node in UTF-8 · the column (column-codec.ts) · checksum (8)
 *   seal   HMAC-SHA-256 of the key and the frame (32), only where there is a secret
 *
 * The checksum is the xxh64 of all before it, seeded with the key's first bytes, so a frame under another key is as
 * wrong as a damaged one. Reading never throws: what is not whole is `undefined`, and so a miss.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Column } from "@reckon/value";
import { decodeColumn, encodeColumn } from "./column-codec.ts";
import { entryFormat, type StoredKey } from "./content-key.ts";
import type { Hash64 } from "./hash64.ts";

const headBytes = 18;
const checksumBytes = 8;
const sealBytes = 32;
const nameBytesMax = 1000;

export interface Entry {
  readonly name: string;
  readonly column: Column;
  readonly costMs: number;
}

/** The frame of an entry; `undefined` if it holds an error. Cost: the column. */
export function encodeEntry(hash: Hash64, key: StoredKey, entry: Entry): Uint8Array | undefined {
  const column = encodeColumn(entry.column);
  if (column === undefined) return undefined;
  const name = Buffer.from(entry.name, "utf8").subarray(0, nameBytesMax);
  const bytes = new Uint8Array(headBytes + name.length + column.length + checksumBytes);
  const view = new DataView(bytes.buffer);
  bytes.set([0x52, 0x4b, 0x4d, entryFormat]);
  view.setUint32(4, bytes.length, true);
  view.setFloat64(8, entry.costMs, true);
  view.setUint16(16, name.length, true);
  bytes.set(name, headBytes);
  bytes.set(column, headBytes + name.length);
  const end = bytes.length - checksumBytes;
  view.setBigUint64(end, hash(bytes.subarray(0, end), seedOf(key)), true);
  return bytes;
}

/** The entry of a frame (a seal behind it is ignored); `undefined` if it is damaged or of another key. */
export function decodeEntry(hash: Hash64, key: StoredKey, stored: Uint8Array): Entry | undefined {
  const bytes = frameOf(stored);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - checksumBytes;
  if (view.getBigUint64(end, true) !== hash(bytes.subarray(0, end), seedOf(key))) return undefined;
  const costMs = view.getFloat64(8, true);
  const nameEnd = headBytes + view.getUint16(16, true);
  if (nameEnd > end || !(costMs >= 0)) return undefined;
  const column = decodeColumn(bytes.subarray(nameEnd, end));
  if (column === undefined) return undefined;
  const name = Buffer.from(bytes.buffer, bytes.byteOffset + headBytes, nameEnd - headBytes).toString("utf8");
  return { name, column, costMs };
}

/** The frame and its seal. */
export function sealFrame(secret: string, key: StoredKey, frame: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(frame.length + sealBytes);
  sealed.set(frame);
  sealed.set(sealOf(secret, key, frame), frame.length);
  return sealed;
}

/** The frame, if the seal behind it was made with this secret for this key. */
export function unsealFrame(secret: string, key: StoredKey, stored: Uint8Array): Uint8Array | undefined {
  const frame = frameOf(stored);
  if (frame === undefined || stored.length !== frame.length + sealBytes) return undefined;
  const isRight = timingSafeEqual(stored.subarray(frame.length), sealOf(secret, key, frame));
  return isRight ? frame : undefined;
}

function sealOf(secret: string, key: StoredKey, frame: Uint8Array): Uint8Array {
  return createHmac("sha256", secret).update(key.bytes).update(frame).digest();
}

function frameOf(stored: Uint8Array): Uint8Array | undefined {
  if (stored.length < headBytes + checksumBytes) return undefined;
  if (stored[0] !== 0x52 || stored[1] !== 0x4b || stored[2] !== 0x4d || stored[3] !== entryFormat)
    return undefined;
  const length = new DataView(stored.buffer, stored.byteOffset, stored.byteLength).getUint32(4, true);
  const rest = stored.length - length;
  if (length < headBytes + checksumBytes || (rest !== 0 && rest !== sealBytes)) return undefined;
  return stored.subarray(0, length);
}

function seedOf(key: StoredKey): bigint {
  return new DataView(key.bytes.buffer, key.bytes.byteOffset, 8).getBigUint64(0, true);
}
