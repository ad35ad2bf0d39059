import { readFileSync } from "node:fs";
import { engineVersion, memoBytes } from "@reckon/engine";
import { type Canonical, encodeCanonical } from "@reckon/value";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PlainSettings } from "./api.ts";
import { CacheMisuse } from "./cache-misuse.ts";
import { environmentOf, presentVersions, storedKeyOf } from "./content-key.ts";
import { keyOf, rowOf } from "./fixtures/cells.ts";
import { hash64IfLoaded, loadHash64 } from "./hash64.ts";
import { settingsText } from "./plain-settings.ts";

const anyColumn = fc
  .array(fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(null, true, -0, "é")))
  .map((cells) => rowOf(...cells));

const contentOf = (value: Canonical): Uint8Array => memoBytes(keyOf("name", { part: value }));

describe("keys outside the process", () => {
  const versions = { engine: "1", v8: "2", format: "3" };
  const content = contentOf(1);

  it("[ME3] are others for another engine, V8, format, settings or content", () => {
    const keys = [
      storedKeyOf(environmentOf({ seed: 1 }, versions), content),
      storedKeyOf(environmentOf({ seed: 2 }, versions), content),
      storedKeyOf(environmentOf({ seed: 1 }, { ...versions, engine: "2" }), content),
      storedKeyOf(environmentOf({ seed: 1 }, { ...versions, v8: "3" }), content),
      storedKeyOf(environmentOf({ seed: 1 }, { ...versions, format: "4" }), content),
      storedKeyOf(environmentOf({ seed: 1 }, { engine: "2", v8: "1", format: "3" }), content),
      storedKeyOf(environmentOf({ seed: 1 }, versions), contentOf(2)),
    ];
    expect(new Set(keys.map(({ text }) => text)).size).toBe(keys.length);
  });

  it("[ME3] are the same for settings in another order", () => {
    const [a, b] = [
      { seed: 1, solver: { tolerance: 1e-9, method: "anderson" } },
      { solver: { method: "anderson", tolerance: 1e-9 }, seed: 1 },
    ].map((settings) => storedKeyOf(environmentOf(settings), content).text);
    expect(a).toBe(b);
  });

  it("[ME3] know the versions of what runs", () => {
    const { v8, engine } = presentVersions();
    expect(v8).toBe(`${process.versions.v8} ${process.arch}`);
    const manifest = JSON.parse(
      readFileSync(new URL("../../engine/package.json", import.meta.url), "utf8"),
    ) as { version: string };
    expect(engine).toBe(engineVersion);
    expect(engineVersion).toBe(manifest.version);
  });

  it("[ME3] are others as soon as a byte of what was read is", () => {
    const environment = environmentOf(null);
    fc.assert(
      fc.property(anyColumn, fc.nat(), fc.integer({ min: 1, max: 255 }), (column, place, change) => {
        const key = keyOf("n", { formula: "f", x: column });
        const bytes = memoBytes(key);
        const changed = bytes.slice();
        const at = place % bytes.length;
        changed[at] = (changed[at] as number) ^ change;
        expect(storedKeyOf(environment, changed).text).not.toBe(storedKeyOf(environment, bytes).text);
      }),
    );
  });
});

describe("settings", () => {
  it("[ME4] that JSON would merge with others are refused", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const wrong: unknown[] = [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      -0,
      undefined,
      1n,
      Symbol("s"),
      () => 1,
      new Map([[1, 2]]),
      new Set([1]),
      new Date(0),
      new Float64Array(2),
      Buffer.from("a"),
      /x/,
      { toJSON: () => 1 },
      { [Symbol("s")]: 1 },
      cyclic,
    ];
    for (const value of wrong) {
      for (const settings of [value, [value], { a: { b: value } }]) {
        expect(() => settingsText(settings as PlainSettings)).toThrow(CacheMisuse);
      }
    }
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    expect(() => settingsText([1, , 2] as unknown as PlainSettings)).toThrow(CacheMisuse);
  });

  it("[ME4] that differ have different texts", () => {
    const plain = fc.letrec<{ settings: PlainSettings }>((tie) => ({
      settings: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom(null, true, false, 0, 1, "", "0", "null", "\ud800", "\ufffd"),
        fc.array(tie("settings"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("a", "b", "0"), tie("settings"), { maxKeys: 3 }),
      ),
    })).settings;
    const sameMeaning = (a: PlainSettings, b: PlainSettings): boolean =>
      Buffer.compare(encodeCanonical(a), encodeCanonical(b)) === 0;
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        expect(settingsText(a) === settingsText(b)).toBe(sameMeaning(a, b));
      }),
    );
  });
});

it("[ME2] the hash of long bytes is that of their pieces in one", async () => {
  const hash = await loadHash64();
  expect(hash64IfLoaded()).toBe(hash);
  const empty = hash(new Uint8Array(0), 0n);
  // The published value of xxh64 of nothing.
  expect(empty).toBe(0xef46db3751d8e999n);
  const long = new Uint8Array(3_000_000).map((_, i) => i % 251);
  const other = long.slice();
  other[2_999_999] = 99;
  expect(hash(long, 0n)).not.toBe(hash(other, 0n));
  expect(hash(long, 0n)).not.toBe(hash(long, 1n));
  expect(hash(long.slice(), 0n)).toBe(hash(long, 0n));
});
