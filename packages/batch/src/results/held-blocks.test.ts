import { columnFrom } from "@reckon/value";
import { expect, it } from "vitest";
import { encodeBlock } from "../evaluation/result-block.ts";
import { HeldBlocks } from "./held-blocks.ts";

const entities = 500;
const months = 120;
const labels = Array.from({ length: months }, (_, i) => `${i}`);

/** Equal numbers for all of its entities: some bytes in the ledger, a megabyte when they are read. */
function constantBlock(chunk: number): Uint8Array {
  const cells = entities * months;
  const column = columnFrom({ outer: entities, periods: months }, new Array<number>(cells).fill(chunk));
  const axes = [{ name: "month", labels }];
  return encodeBlock(
    entities,
    [
      { id: "game.a", axes },
      { id: "game.b", axes },
    ],
    [column, column],
  );
}

it("[BA12] blocks are held by what they take in memory, equal numbers as well", async () => {
  expect(constantBlock(1).length).toBeLessThan(2_000);
  const asked: (readonly number[])[] = [];
  const held = new HeldBlocks({
    blocks: async (chunks) => {
      asked.push(chunks);
      return chunks.map(constantBlock);
    },
  });
  const all = Array.from({ length: 150 }, (_, chunk) => chunk);
  for (const chunk of all) expect((await held.block(chunk, all.slice(chunk)))?.get(0, 1, 1)).toBe(chunk);
  // 64 MB hold 69 of them, and 16 MB are fetched at once.
  for (const fetched of asked) expect(fetched.length).toBeLessThanOrEqual(17);
  asked.length = 0;
  for (const chunk of all.toReversed()) await held.block(chunk, []);
  const again = asked.flat();
  expect(again.length).toBeGreaterThanOrEqual(150 - 70);
  expect(again.length).toBeLessThan(150);
});
