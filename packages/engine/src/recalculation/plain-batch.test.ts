/**
 * Cells in batches against the long way: the same layers and edits on an engine that batches, on one that traces and on
 * one that yields. After each edit every node has the same bits and revision, and every signal was told as often.
 */
import { effect } from "@preact/signals-core";
import { isErrorValue, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { CellFamily } from "../cell-node.ts";
import { createEngine } from "../engine.ts";
import type { NodeId } from "../formula-node.ts";
import { batchMin, batchWork, orderMin } from "./plain-batch.ts";

function familyOf(name: string, compute: (a: number, b: number, constant: number) => number): CellFamily {
  return {
    name,
    arity: 2,
    constantCount: 1,
    plain: (numbers, pool, at, constants, constantAt) =>
      compute(
        numbers[pool[at] as number] as number,
        numbers[pool[at + 1] as number] as number,
        constants[constantAt] as number,
      ),
    general: ([a, b], constants, constantAt): Scalar => {
      if (isErrorValue(a)) return a;
      if (isErrorValue(b)) return b;
      return compute(Number(a), Number(b), constants[constantAt] as number);
    },
  };
}

const families: readonly CellFamily[] = [
  familyOf("sum", (a, b, k) => a + b * k),
  familyOf("least", (a, b, k) => Math.min(a, b, k)),
  familyOf("quotient", (a, b, k) => (a + k) / (b - 3)),
  familyOf("sign", (a, b) => Math.sign(a - b) * 0),
  familyOf("refusing", (a, b, k) => {
    if (a > 40) throw new Error("too much");
    return a - b + k;
  }),
  { ...familyOf("general", (a, b, k) => a * 0.5 + b - k), plain: undefined } as unknown as CellFamily,
];

/** A small generator of our own, so that a seed means the same everywhere (mulberry32). */
function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

const width = 132;
const inputCount = 20;
const layerCount = 3;

function layered(seed: number, options: Parameters<typeof createEngine>[0] = {}) {
  const engine = createEngine({ isChecked: true, ...options });
  const random = randomOf(seed);
  const first = engine.addCellInputs({ values: Float64Array.from({ length: inputCount }, () => random(9)) });
  let from = first as number;
  let count = inputCount;
  for (let layer = 0; layer < layerCount; layer++) {
    let next = 0;
    const begin = from + count;
    engine.transaction(() => {
      for (const family of families) {
        const size = Math.floor(width / families.length);
        engine.addCells({
          family,
          count: size,
          precedents: Int32Array.from({ length: size * 2 }, () => from + random(count)),
          constants: Float64Array.from({ length: size }, () => random(7) - 2),
        });
        next += size;
      }
    });
    from = begin;
    count = next;
  }
  const end = from + count;
  // Node by node: which effect of a level runs first is nobody's business.
  const seen: Record<number, unknown[]> = {};
  for (let node = inputCount; node < end; node += 17) {
    const signal = engine.signalOf(node as NodeId);
    const told: unknown[] = [];
    seen[node] = told;
    effect(() => void told.push(signal.value.get(0)));
  }
  return { engine, seen, end };
}

type Layered = ReturnType<typeof layered>;

function shownBy({ engine, seen, end }: Layered) {
  const cells = Array.from({ length: end }, (_, node) => [
    engine.readCell(node as NodeId, 0),
    engine.changedAt(node as NodeId),
  ]);
  return { cells, seen };
}

function edit({ engine }: Layered, random: (limit: number) => number): void {
  const values = [0, -0, 1, 3, 5, 8, 50, 1e308, -1e308, 0.1];
  const one = (): void =>
    engine.setNumbers(random(inputCount) as NodeId, Float64Array.of(values[random(values.length)] as number));
  if (random(2) === 0) one();
  else engine.transaction(() => [one(), one(), one()]);
}

describe("cells in batches", () => {
  it("[CE12] have the bits, revisions and signals of the long way", () => {
    const before = { ...batchWork };
    for (let seed = 1; seed <= 4; seed++) {
      const batched = layered(seed);
      const noted = layered(seed);
      const changes: number[] = [];
      noted.engine.onChanges((list) => changes.push(list.count));
      const shadowed = layered(seed);
      const overlay = shadowed.engine.overlay("scenario");
      const measured = layered(seed, { clock: { now: () => performance.now() } });
      const traced = layered(seed);
      let traces = 0;
      traced.engine.subscribe(({ kind }) => {
        if (kind === "changed") traces++;
      });
      const all = [batched, noted, shadowed, measured, traced];
      const randoms = all.map(() => randomOf(seed + 1000));
      for (let step = 0; step < 15; step++) {
        traces = 0;
        changes.length = 0;
        for (const [i, one] of all.entries()) edit(one, randoms[i] as (limit: number) => number);
        const expected = shownBy(traced);
        for (const one of all) expect(shownBy(one)).toEqual(expected);
        expect(changes).toEqual(traces === 0 ? [] : [traces]);
        const last = (batched.end - 1) as NodeId;
        expect(overlay.readCell(last, 0)).toEqual(batched.engine.readCell(last, 0));
      }
    }
    expect(batchWork.cells).toBeGreaterThan(before.cells);
    expect(batchWork.ordered).toBeGreaterThan(before.ordered);
  });

  it("[CE12] a family's function may run another engine", () => {
    const inner = createEngine({ isChecked: true });
    const size = orderMin * 2;
    const source = inner.addCellInputs({ values: Float64Array.of(1) });
    const innerCells = inner.addCells({
      family: families[0] as CellFamily,
      count: size,
      precedents: new Int32Array(size * 2).fill(source),
      constants: Float64Array.from({ length: size }, (_, i) => i),
    });
    const outer = createEngine({ isChecked: true });
    const calls = familyOf("calling", (a, b, k) => {
      inner.setNumbers(source, Float64Array.of(a + k));
      return (inner.readCell((innerCells + 2) as NodeId, 0) as number) + b;
    });
    const input = outer.addCellInputs({ values: Float64Array.of(1) });
    const cells = outer.addCells({
      family: calls,
      count: size,
      precedents: new Int32Array(size * 2).fill(input),
      constants: Float64Array.from({ length: size }, (_, i) => i % 5),
    });
    outer.setNumbers(input, Float64Array.of(10));
    const got = new Float64Array(size);
    outer.readNumbers(cells, got);
    expect(Array.from(got)).toEqual(Array.from({ length: size }, (_, i) => (10 + (i % 5)) * 3 + 10));
  });

  it.each([batchMin - 1, batchMin, batchMin + 1, orderMin - 1, orderMin, 255, 256, 257, 1025])(
    "[CE12] a level of %i cells, in whatever order it is reached",
    (size) => {
      const engine = createEngine({ isChecked: true });
      const inputs = engine.addCellInputs({ values: new Float64Array(size) });
      const cells = engine.addCells({
        family: families[0] as CellFamily,
        count: size,
        precedents: Int32Array.from(
          { length: size * 2 },
          (_, i) => inputs + (i & 1 ? 0 : ((i >> 1) * 7919) % size),
        ),
        constants: new Float64Array(size).fill(2),
      });
      const ids = Int32Array.from({ length: size }, (_, i) => inputs + ((i * 31) % size)).sort(
        (a, b) => ((a * 17) % 101) - ((b * 17) % 101),
      );
      engine.setNumbers(
        ids,
        Float64Array.from(ids, (id) => id - inputs + 1),
      );
      const set = new Set(ids);
      const givenAt = (input: number): number => (set.has(input) ? input - inputs + 1 : 0);
      const got = new Float64Array(size);
      engine.readNumbers(cells, got);
      expect(Array.from(got)).toEqual(
        Array.from({ length: size }, (_, i) => givenAt(inputs + ((i * 7919) % size)) + 2 * givenAt(inputs)),
      );
    },
  );
});
