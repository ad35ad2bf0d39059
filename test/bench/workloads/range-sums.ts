/** W7 and W7b: sums over the beginnings of one long column. */
import type { BenchEngine, RangeSums } from "../engine.ts";
import { type Figure, figureOf, heapMb, perCallMs } from "../timing.ts";
import { type Effort, expectEqual, type Workload } from "../workload.ts";

/** Whole numbers, so that every order of adding them gives the same bits. */
function cellsOf(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => (i * 7919) % 1000);
}

/** Ends spread evenly, the last at the last cell. */
function endsOf(size: number, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => Math.floor(((i + 1) * size) / count) - 1);
}

async function sumsOf(engine: BenchEngine, cells: Float64Array, ends: Int32Array): Promise<RangeSums> {
  if (engine.rangeSums === undefined) throw new TypeError(`${engine.name} has no sums over ranges`);
  return await engine.rangeSums(cells, ends);
}

function expectSums(engine: BenchEngine, sums: RangeSums, cells: Float64Array, ends: Int32Array): void {
  const out = new Float64Array(ends.length);
  sums.readSums(out);
  let running = 0;
  let next = 0;
  for (let sum = 0; sum < ends.length; sum++) {
    const end = ends[sum] as number;
    while (next <= end) running += cells[next++] as number;
    expectEqual(engine, `the sum up to cell ${end}`, out[sum] as number, running);
  }
}

async function measureEdits(
  engine: BenchEngine,
  size: number,
  count: number,
  effort: Effort,
  isBoth: boolean,
): Promise<Figure[]> {
  const cells = cellsOf(size);
  const ends = endsOf(size, count);
  const before = heapMb();
  const sums = await sumsOf(engine, cells.slice(), ends);
  const kept = heapMb() - before;
  expectSums(engine, sums, cells, ends);
  const edit = (cell: number, value: number) => {
    cells[cell] = value;
    sums.setCell(cell, value);
  };
  for (const cell of [0, size - 1, Math.floor(size / 2), 0]) {
    edit(cell, 12_345 + cell);
    expectSums(engine, sums, cells, ends);
  }
  const timed = (cell: number) =>
    perCallMs(effort, (i) => {
      edit(cell, 1 + (i % 100));
      sums.readSum(count - 1);
    });
  const figures = [figureOf(isBoth ? "first" : "", timed(0), kept)];
  if (isBoth) figures.push(figureOf("last", timed(size - 1)));
  expectSums(engine, sums, cells, ends);
  return figures;
}

export const rangeSums: Workload = {
  id: "W7",
  title: "running sums, edit the first or the last cell",
  about:
    "1,000 sums over the first 100, 200 … 100,000 cells of a column; the first or the last cell changes and the last sum is read. Whole numbers, so all sums have one right answer.",
  face: "rangeSums",
  patience: 3,
  sizes: { full: 100_000, quick: 5000, tiny: 600 },
  measures: { first: "first cell", last: "last cell" },
  run: (engine, size, effort) => measureEdits(engine, size, Math.min(1000, size / 5), effort, true),
};

export const runningSums: Workload = {
  id: "W7b",
  title: "a running sum at every cell, edit the first",
  about:
    "100,000 cells and 100,000 sums, sum i over the cells up to i; the first cell changes and the last sum is read. Whole numbers, so all sums have one right answer.",
  face: "rangeSums",
  sizes: { full: 100_000, quick: 2000, tiny: 600 },
  measures: { "": "edit" },
  run: (engine, size, effort) => measureEdits(engine, size, size, effort, false),
};
