import { expect, it } from "vitest";
import { createMemoryLedger } from "../doubles/memory-ledger.ts";
import { createSimulatedClock, type SimulatedClock } from "../doubles/simulated-clock.ts";
import { sampleStart } from "../fixtures/sample-start.ts";
import type { Ledger } from "../ledger.ts";
import { RunLease } from "./run-lease.ts";

const { run } = sampleStart;

/** A ledger that notes who guards its runs. */
async function guardedLedger(): Promise<{ ledger: Ledger; guards: string[]; clock: SimulatedClock }> {
  const clock = createSimulatedClock();
  const guards: string[] = [];
  const memory = createMemoryLedger({ clock });
  await memory.beginRun(sampleStart);
  const guardRun: Ledger["guardRun"] = (_, owner, forMs, everyMs) => {
    guards.push(`${owner} ${forMs} ${everyMs}`);
    return () => void guards.push(`${owner} no longer`);
  };
  return { ledger: { ...memory, guardRun }, guards, clock };
}
it("[BA34] a lease is guarded from when it is taken until it is stopped", async () => {
  const { ledger, guards, clock } = await guardedLedger();
  const lease = await RunLease.take(ledger, run, clock, () => undefined);
  expect(guards).toEqual([`${lease.owner} 30000 10000`]);
  lease.stop();
  expect(guards.at(-1)).toBe(`${lease.owner} no longer`);
});

it("[BA34] nobody guards a lease that was lost, or was not had", async () => {
  const { ledger, guards, clock } = await guardedLedger();
  const lost: string[] = [];
  const lease = await RunLease.take(ledger, run, clock, ({ code }) => void lost.push(code));
  await ledger.keepRun(run, lease.owner, -1);
  await clock.advance(1);
  await ledger.holdRun(run, "another", 60_000);
  await expect(RunLease.take(ledger, run, clock, () => undefined)).rejects.toThrow("is conducted by another");
  await clock.advance(10_000);
  expect(lost).toEqual(["taken-over"]);
  expect(guards).toEqual([`${lease.owner} 30000 10000`, `${lease.owner} no longer`]);
});
