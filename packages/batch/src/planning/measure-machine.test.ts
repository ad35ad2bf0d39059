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

const cores = availableParallelism();
const invented = {
  spawnMs: 1,
  importMs: 2,
  perTaskMs: 3,
  perMegabyteMs: 4,
  threadBytes: 5,
  speedUps: Array.from({ length: cores }, (_, i) => 1 + i / 2),
};

describe("measureMachine", () => {
  it("[BA61] measures threads by what they do", async () => {
    const { ledger } = notes(0);
    const machine = await measureMachine(ledger, 0);
    expect(machine.cores).toBe(cores);
    expect(machine.speedUps).toHaveLength(cores);
    for (const [i, speedUp] of machine.speedUps.entries()) {
      expect(speedUp).toBeGreaterThanOrEqual(1);
      expect(speedUp).toBeLessThanOrEqual(i + 1);
    }
    expect(machine.spawnMs).toBeGreaterThan(0);
    expect(machine.importMs).toBeGreaterThan(0);
    expect(machine.perTaskMs).toBeGreaterThan(0);
    expect(machine.freeBytes).toBeGreaterThan(0);
  });

  it("[BA61] keeps it for 30 days, by machine, cores and Node", async () => {
    const { ledger, kept, records } = notes(0, { load: 0 });
    const measure = async () => invented;
    const first = await measureMachine(ledger, 0, measure);
    expect(first).toMatchObject({ ...invented, cores });
    expect([...kept.keys()]).toEqual([machineName(cores)]);
    expect(machineName(cores)).toContain(`${cores} cores, node ${process.versions.node}`);
    expect(await measureMachine(ledger, 29 * day, measure)).toMatchObject(invented);
    expect(records()).toBe(1);
    await measureMachine(ledger, 31 * day, measure);
    expect(records()).toBe(2);
  });

  it("[BA61] measures again after an hour what it measured on a busy machine", async () => {
    const { ledger, records } = notes(0, { load: 0.9 });
    const measure = async () => invented;
    for (const [atMs, count] of [
      [0, 1],
      [3_000_000, 1],
      [4_000_000, 2],
    ] as const) {
      await measureMachine(ledger, atMs, measure);
      expect(records()).toBe(count);
    }
  });

  it("[BA61] of speed-ups on a busy machine the better ones are kept, others make them less", async () => {
    const { ledger } = notes(0, {});
    let last = 1.2;
    const measure = async () => ({
      ...invented,
      speedUps: invented.speedUps.map((_, i) => 1 + i * (last - 1)),
    });
    const measured = async (atMs: number, speedUp: number, load: number): Promise<number> => {
      last = speedUp;
      const { speedUps } = await measureMachine(ledger, atMs, measure, undefined, () => load * cores);
      return Number(((speedUps[1] ?? speedUp) - 1).toFixed(6));
    };
    const hour = 4_000_000;
    expect(await measured(0, 1.2, 0.9)).toBe(0.2);
    expect(await measured(hour, 1.8, 0.9)).toBe(0.8);
    expect(await measured(2 * hour, 1.1, 0.9)).toBe(0.8);
    // A quiet one is as it is.
    expect(await measured(3 * hour, 1.5, 0.1)).toBe(0.5);
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
