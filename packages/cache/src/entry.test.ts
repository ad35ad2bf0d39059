import { sameColumn } from "@reckon/value";
import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { environmentOf, type StoredKey, storedKeyOf } from "./content-key.ts";
import { decodeEntry, encodeEntry, sealFrame, unsealFrame } from "./entry.ts";
import { rowOf } from "./fixtures/cells.ts";
import { type Hash64, loadHash64 } from "./hash64.ts";

let hash: Hash64;
beforeAll(async () => {
  hash = await loadHash64();
});

const keyOf = (text: string): StoredKey => storedKeyOf(environmentOf(null), Buffer.from(text));
const key = keyOf("key");
const frameOf = (...cells: number[]): Uint8Array =>
  encodeEntry(hash, key, { name: "a.b", column: rowOf(...cells), costMs: 12.5 }) as Uint8Array;

const anyColumn = fc
  .array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(null, true, -0, "é")))
  .map((cells) => rowOf(...cells));

it("[ME5] an entry comes back with its name, its cost and its column", () => {
  fc.assert(
    fc.property(anyColumn, fc.string(), fc.double({ min: 0, noNaN: true }), (column, name, costMs) => {
      const frame = encodeEntry(hash, key, { name, column, costMs }) as Uint8Array;
      const entry = decodeEntry(hash, key, frame);
      expect(entry?.costMs).toBe(costMs);
      expect(entry?.name).toBe(Buffer.from(name, "utf8").toString("utf8"));
      expect(entry !== undefined && sameColumn(entry.column, column)).toBe(true);
    }),
  );
});

it("[ME6] an entry with any bit turned is nothing", () => {
  const frame = frameOf(1, 2, 3);
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const damaged = frame.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(decodeEntry(hash, key, damaged)).toBeUndefined();
  }
});

it("[ME6] an entry cut short, or of another key, is nothing", () => {
  const frame = frameOf(1, 2, 3);
  for (let length = 0; length < frame.length; length++) {
    expect(decodeEntry(hash, key, frame.subarray(0, length))).toBeUndefined();
  }
  expect(decodeEntry(hash, keyOf("other"), frame)).toBeUndefined();
});

it("[ME25] a seal is right for one secret, one key and one frame, to the bit", () => {
  const frame = frameOf(1);
  const sealed = sealFrame("secret", key, frame);
  expect(unsealFrame("secret", key, sealed)).toEqual(frame);
  expect(unsealFrame("other", key, sealed)).toBeUndefined();
  expect(unsealFrame("secret", keyOf("other"), sealed)).toBeUndefined();
  expect(unsealFrame("secret", key, frame)).toBeUndefined();
  for (let i = 0; i < sealed.length; i++) {
    const damaged = sealed.slice();
    damaged[i] = (damaged[i] as number) ^ 1;
    expect(unsealFrame("secret", key, damaged)).toBeUndefined();
  }
});

it("[ME25] without a secret a sealed entry is read as well", () => {
  expect(decodeEntry(hash, key, sealFrame("secret", key, frameOf(5)))?.column.get(0)).toBe(5);
});
