import { describe, expect, it } from "vitest";
import { arrayValue } from "./array-value.ts";
import { errorValue } from "./error-value.ts";
import { blockSum, sumBlockCells, sumOfRange } from "./sum.ts";

const values = Float64Array.from({ length: 1000 }, (_, i) => (i % 7) * 1e8 + 0.1 * i + 1e-7 / (i + 1));

describe("the order of a sum", () => {
  it("[VA10] is head, whole blocks, tail, each left to right", () => {
    const plain = (from: number, to: number): number => values.slice(from, to).reduce((sum, x) => sum + x, 0);
    expect(blockSum(values, 100, 900)).toBe(
      0 + plain(100, 356) + plain(356, 612) + plain(612, 868) + plain(868, 900),
    );
    const aligned = 0 + plain(100, 256) + plain(256, 512) + plain(512, 768) + plain(768, 900);
    expect(blockSum(values, 100, 900, 100)).toBe(aligned);
    expect(aligned).not.toBe(plain(100, 900));
  });

  it("[VA10] lets partial sums of blocks be used again", () => {
    const blocks = [0, 256, 512].map((from) => blockSum(values, from, from + sumBlockCells, from));
    const tail = blockSum(values, 768, 1000, 768);
    expect(blocks.reduce((sum, x) => sum + x, 0) + tail).toBe(blockSum(values, 0, 1000, 0));
  });

  it("[VA10] is the same over an array, whose cells that are no numbers count for nothing", () => {
    const cells = [...values].slice(100, 900);
    const range = arrayValue(1, 800, cells, { isRange: true, firstPosition: 100 });
    expect(sumOfRange(range)).toBe(blockSum(values, 100, 900, 100));
    expect(sumOfRange(arrayValue(1, 4, [1, "2", true, null], { isRange: true }))).toBe(1);
    expect(sumOfRange(arrayValue(1, 3, [1, errorValue("#N/A"), errorValue("#NUM!")]))).toEqual(
      errorValue("#N/A"),
    );
    expect(blockSum(values, 5, 5)).toBe(0);
    expect(blockSum([1, 2, 3], 0, 3, -2)).toBe(6);
  });
});
