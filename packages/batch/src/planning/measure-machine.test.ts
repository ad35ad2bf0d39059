import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import type { Measure } from "../ledger.ts";
import { type MachineLedger, machineName, measureMachine, spreadOut } from "./measure-machine.ts";

const day = 24 * 3_600_000;

/** A ledger's measures, and how often they were recorded. */
function notes(nowMs: number, changes: Readonly<Record<string, number>> = {}) {
  const kept = new Map<string, Map<string, Measure>>();
  let records = 0;
  const ledger: MachineLedger = {
    measures: async (machine) => kept.get(machine) ?? new Map(),
    recordMeasures: async (machine, values) => {
      records++;
      const entries = Object.entries({ ...values, ...changes });
      kept.set(machine, new Map(entries.map(([name, value]) => [name, { value, measuredAtMs: nowMs }])));
    },
  };
  return { ledger, kept, records: () => records };
}

describe("measureMachine", () => {
  it("[BA61] measures threads once, and keeps it by machine, cores and Node", async () => {
    const { ledger, kept, records } = notes(0, { load: 0 });
    const first = await measureMachine(ledger, 0);
    const cores = availableParallelism();
    expect(first.cores).toBe(cores);
    expect(first.speedUps).toHaveLength(cores);
    for (const [i, speedUp] of first.speedUps.entries()) {
      expect(speedUp).toBeGreaterThanOrEqual(1);
      expect(speedUp).toBeLessThanOrEqual(i + 1);
    }
    expect(first.spawnMs).toBeGreaterThan(0);
    expect(first.importMs).toBeGreaterThan(0);
    expect(first.freeBytes).toBeGreaterThan(0);
    expect([...kept.keys()]).toEqual([machineName(cores)]);
    expect(machineName(cores)).toContain(process.versions.node);
    const second = await measureMachine(ledger, 29 * day);
    expect(records()).toBe(1);
    expect({ ...second, freeBytes: 0 }).toEqual({ ...first, freeBytes: 0 });
    await measureMachine(ledger, 31 * day);
    expect(records()).toBe(2);
  });

  it("[BA61] measures again after an hour what it measured on a busy machine", async () => {
    const { ledger, records } = notes(0, { load: 0.9 });
    await measureMachine(ledger, 0);
    await measureMachine(ledger, 3_000_000);
    expect(records()).toBe(1);
    await measureMachine(ledger, 4_000_000);
    expect(records()).toBe(2);
  });
});

describe("spreadOut", () => {
  it("fills what is between two measured numbers in proportion, and never falls", () => {
    const all = spreadOut(
      new Map([
        [1, 1],
        [2, 1.9],
        [4, 3.1],
        [6, 3],
      ]),
      7,
    );
    expect(all.map((each) => Number(each.toFixed(3)))).toEqual([1, 1.9, 2.5, 3.1, 3.1, 3.1, 3.1]);
  });
});
