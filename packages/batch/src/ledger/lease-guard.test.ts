import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, it } from "vitest";
import { sampleStart } from "../fixtures/sample-start.ts";
import { systemClock } from "../system-clock.ts";
import { openLedger } from "./open-ledger.ts";

const { run } = sampleStart;
const folder = mkdtempSync(join(tmpdir(), "reckon-lease-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** This thread hears nothing meanwhile: neither timers nor answers. */
function stand(until: () => boolean): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  while (!until()) Atomics.wait(cell, 0, 0, 5);
}

it("[LE30] a lease is kept while the thread that conducts the run stands still", async () => {
  const path = join(folder, "ledger.sqlite");
  const ledger = await openLedger(path, { clock: systemClock });
  await ledger.beginRun(sampleStart);
  expect(await ledger.holdRun(run, "one", 60_000)).toBe(true);
  const other = new DatabaseSync(path, { timeout: 5_000 });
  const untilMs = (): number => Number(other.prepare("SELECT owner_until_ms AS ms FROM runs").get()?.ms);
  const first = untilMs();
  const stop = ledger.guardRun?.(run, "one", 60_000, 10);
  stand(() => untilMs() > first);
  const second = untilMs();
  stand(() => untilMs() > second);
  stop?.();
  expect(await ledger.holdRun(run, "two", 60_000)).toBe(false);
  other.close();
  await ledger.close();
});

it("[LE30] a ledger that nobody else sees keeps its leases without a thread", async () => {
  const ledger = await openLedger("memory", { clock: systemClock });
  expect(ledger.guardRun).toBeUndefined();
  await ledger.close();
});
