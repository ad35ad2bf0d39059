import fc from "fast-check";
import { expect, it } from "vitest";
import { KnownEntities, type KnownEntity } from "./known-entities.ts";

it("[BA23] [BA12] every key is found that was ever put in, also when few of them are in memory", () => {
  const key = (n: number): string => n.toString(16).padStart(32, "0");
  const put = fc.record({ n: fc.integer({ min: 0, max: 60 }), isOwn: fc.boolean() });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 200 }), (puts) => {
      const known = new KnownEntities({ recentMax: 7 });
      const expected = new Map<number, KnownEntity>();
      for (const [i, { n, isOwn }] of puts.entries()) {
        const what = isOwn ? "own" : { chunk: i, chunkRow: n, checksFailed: i % 3 };
        known.put(key(n), what);
        // What came first holds, but that nobody takes from it holds for good.
        if (isOwn || !expected.has(n)) expected.set(n, expected.get(n) === "own" ? "own" : what);
      }
      for (let n = 0; n <= 60; n++) expect(known.find(key(n))).toEqual(expected.get(n));
      known.close();
      expect(known.find(key(1))).toBeUndefined();
    }),
    { seed: 20, numRuns: 60 },
  );
});
