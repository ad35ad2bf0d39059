/** Rows are packed: whatever order they are written in, and however often, each says what its last solve told. */
import { describe, expect, it } from "vitest";
import type { LoopRecord, NodeId } from "../formula-node.ts";
import { LoopTable, type Outcome } from "./loop-table.ts";
import { residualsKept, Trail } from "./trail.ts";

const nodes = [3, 5] as readonly number[] as readonly NodeId[];
const verdicts = ["converged", "limit", "oscillating", "diverging", "switching", "error"] as const;
const methods = ["plain", "damped", "aitken", "anderson", "newton"] as const;

function outcomeOf(seed: number, count: number): { outcome: Outcome; residuals: number[] } {
  const trail = new Trail();
  const residuals = Array.from({ length: count }, (_, i) => seed + i / 64);
  for (const residual of residuals) trail.note(residual);
  const outcome: Outcome = {
    verdict: verdicts[seed % 6]!,
    methodTaken: methods[seed % 5]!,
    ratio: seed % 7 === 0 ? Number.NaN : seed / 8,
    iterations: 1_000_000 + seed,
    sweeps: 2_000_000 + seed,
    settled: seed % 4,
    trail,
  };
  return { outcome, residuals };
}

/** What a table should say of a row, from what was written. */
function expected(seed: number, count: number, isWarm: boolean): Partial<LoopRecord> {
  const { outcome, residuals } = outcomeOf(seed, count);
  const first = residuals.slice(0, residualsKept);
  const last = residuals.slice(Math.max(residualsKept, count - residualsKept));
  return {
    verdict: outcome.verdict,
    method: outcome.methodTaken,
    iterations: outcome.iterations,
    sweeps: outcome.sweeps,
    residuals: [...first, ...last],
    lastDelta: residuals.at(-1) ?? 0,
    start: isWarm ? "warm" : "cold",
    ...(Number.isNaN(outcome.ratio) ? {} : { ratio: outcome.ratio }),
  };
}

describe("a table of records", () => {
  it("keeps what the last solve of each row told, in any order of rows and lengths", () => {
    const table = new LoopTable("loop", nodes, 3);
    const said = new Map<number, Partial<LoopRecord>>();
    // Rows in a scattered order, the lowest neither first nor last; counts around the short list, the long one and its turn.
    for (let step = 0; step < 400; step++) {
      const row = 4 + ((step * 29) % 61);
      const count = (step * 7) % 23;
      const isWarm = step % 3 === 0;
      table.write(row, outcomeOf(step, count).outcome, isWarm);
      said.set(row, expected(step, count, isWarm));
    }
    expect([...table.records()]).toHaveLength(61);
    for (const [row, record] of said) {
      expect(table.record(row)).toMatchObject(record);
      expect("ratio" in table.record(row)).toBe("ratio" in record);
      expect(table.deltaOf(row)).toBe(record.lastDelta);
      expect(table.isConverged(row)).toBe(record.verdict === "converged");
    }
    const failed = [...said.values()].filter(({ verdict }) => verdict !== "converged");
    expect(table.unconvergedCount).toBe(failed.length);
  });

  it("says nothing of rows that were not written, below and above", () => {
    const table = new LoopTable("loop", nodes, 1);
    expect([table.has(2), table.isConverged(2)]).toEqual([false, false]);
    table.write(2, outcomeOf(0, 3).outcome, false);
    expect([0, 1, 2, 3, 99].map((row) => table.has(row))).toEqual([false, false, true, false, false]);
    expect([0, 1, 2, 3, 99].map((row) => table.isConverged(row))).toEqual([false, false, true, false, false]);
    table.write(0, outcomeOf(1, 3).outcome, false);
    expect([...table.records()].map(({ verdict }) => verdict)).toEqual(["limit", "converged"]);
  });

  it("is copied whole: what is written to one is not in the other", () => {
    const table = new LoopTable("loop", nodes, 2);
    table.reserve(4);
    table.write(table.rowOf(1, 0), outcomeOf(6, 12).outcome, true);
    const copy = table.clone();
    table.write(table.rowOf(1, 0), outcomeOf(7, 12).outcome, false);
    table.write(table.rowOf(2, 1), outcomeOf(8, 2).outcome, false);
    expect([...copy.records()]).toHaveLength(1);
    expect(copy.record(copy.rowOf(1, 0))).toMatchObject(expected(6, 12, true));
    expect(table.record(table.rowOf(1, 0))).toMatchObject(expected(7, 12, false));
  });
});
