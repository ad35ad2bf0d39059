import fc from "fast-check";
import { expect, it } from "vitest";
import { createRecordSource, type EntityRecord } from "../doubles/record-source.ts";
import type { EntityRows } from "./entity-rows.ts";
import { openWindow, type WindowOptions } from "./entity-window.ts";

interface Taken {
  readonly keys: readonly string[];
  readonly cells: readonly unknown[];
  readonly ordinals: readonly number[];
  readonly lines: readonly number[];
}

async function takeAll(
  records: readonly EntityRecord[],
  sizes: readonly number[],
  options: WindowOptions & { readonly hasPriority: boolean; readonly putsBack?: boolean },
): Promise<Taken> {
  const source = createRecordSource(records, options.hasPriority ? { priority: "rank" } : {});
  const window = openWindow(source, options);
  const parts: EntityRows[] = [];
  for (let i = 0; ; i++) {
    const rows = await window.take(sizes[i % sizes.length] as number);
    if (rows === undefined) break;
    if (options.putsBack === true && i % 3 === 1) window.putBack(rows);
    else parts.push(rows);
  }
  await window.close();
  return {
    keys: parts.flatMap(({ keys }) => keys),
    cells: parts.flatMap(({ table }) => table.columns[0]?.values ?? []),
    ordinals: parts.flatMap(({ ordinals }) => ordinals),
    lines: parts.flatMap(({ table }) => table.lines),
  };
}

it("[BA20] [BA60] the order is the same however many are taken at a time, put back or not", async () => {
  const rank = fc.option(fc.integer({ min: -3, max: 9 }));
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(rank, { maxLength: 200 }),
      sizes,
      fc.boolean(),
      async (ranks, taken, hasPriority) => {
        const records = ranks.map((each, i) => ({ id: `p${i}`, rank: each }));
        const small = { hasPriority, windowRows: 32, blockRows: 8 };
        const single = await takeAll(records, [1], small);
        expect(await takeAll(records, taken, small)).toEqual(single);
        expect(await takeAll(records, taken, { ...small, putsBack: true })).toEqual(single);
        expect([...single.keys].sort()).toEqual(records.map(({ id }) => id).sort());
        expect(single.cells).toEqual(single.keys);
        expect(single.ordinals).toEqual(records.map((_, i) => i));
        expect(single.lines).toEqual(single.keys.map((key) => Number(key.slice(1)) + 2));
      },
    ),
    { seed: 173205080, numRuns: 60 },
  );
});

it("[BA20] of 65,536 rows that have been read and not begun the lowest begins", async () => {
  const count = 70_000;
  const records = Array.from({ length: count }, (_, i) => ({ id: `p${i}`, rank: count - i }));
  const window = openWindow(createRecordSource(records, { priority: "rank" }));
  const first = (await window.take(1))?.positions[0] as number;
  // Whole blocks of 4,096 rows, and none that would not fit any more.
  expect(first).toBe(65_536 - 1);
  const second = (await window.take(1))?.positions[0] as number;
  expect(second).toBe(65_536 - 2);
  const next = (await window.take(4096))?.positions as readonly number[];
  // A block fits again when 4,096 have begun.
  expect(next.slice(-3)).toEqual([61_440, 69_632 - 1, 69_632 - 2]);
  await window.close();
});
