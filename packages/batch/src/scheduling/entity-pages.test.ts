import { expect, it } from "vitest";
import { createMemoryLedger } from "../doubles/memory-ledger.ts";
import { createRecordSource } from "../doubles/record-source.ts";
import { createSimulatedClock } from "../doubles/simulated-clock.ts";
import type { RunId } from "../entity.ts";
import type { FinishedEntity, Ledger, RunStart } from "../ledger.ts";
import { EntityPages } from "./entity-pages.ts";

const run = "20261121T143000-4f2a91" as RunId;
const entities = 20_000;

/** Pages over entities of which an earlier run has all but some; and how often it was asked for them. */
async function pagesBut(
  isFresh: (n: number) => boolean,
): Promise<{ pages: EntityPages; looks: () => number }> {
  const plain = createMemoryLedger({ clock: createSimulatedClock() });
  await plain.beginRun({ run, model: "m", modelPath: "m", policy: {} } as unknown as RunStart);
  let looks = 0;
  const unchanged: Ledger["unchanged"] = async (_, asked) => {
    looks++;
    const known = asked.filter(({ key }) => !isFresh(Number(key)));
    return new Map(
      known.map(({ key, deepKey }): [string, FinishedEntity] => [
        key,
        { key, position: 0, state: "succeeded", deepKey, chunk: 1, chunkRow: 0 },
      ]),
    );
  };
  const rows = Array.from({ length: entities }, (_, i) => ({ id: String(i) }));
  const pages = new EntityPages({
    source: createRecordSource(rows, { key: "id" }),
    ledger: { ...plain, unchanged },
    run,
    isResumed: false,
    skipsUnchanged: true,
    onSkipped: () => undefined,
  });
  return { pages, looks: () => looks };
}

it("[BA35] where nothing is left to be computed it is found in few looks, each larger than the last", async () => {
  const { pages, looks } = await pagesBut(() => false);
  expect(await pages.takeSample(10)).toBeUndefined();
  expect(looks()).toBeLessThan(20);
  expect(await pages.take(64)).toBeUndefined();
});

it("[BA35] what a look finds beyond the sample is computed next, once, in chunks that end where they always do", async () => {
  const isFresh = (n: number): boolean => n >= 5000 && n % 3 === 0;
  const { pages } = await pagesBut(isFresh);
  const sample = (await pages.takeSample(10))?.rows.keys ?? [];
  expect(sample).toEqual(["5001", "5004", "5007", "5010", "5013", "5016", "5019", "5022", "5025", "5028"]);
  const rest: string[] = [];
  for (let portion = await pages.take(64); portion !== undefined; portion = await pages.take(64)) {
    const places = new Set(portion.rows.ordinals.map((ordinal) => Math.floor(ordinal / 64)));
    expect(places.size).toBe(1);
    rest.push(...portion.rows.keys);
  }
  const all = Array.from({ length: entities }, (_, n) => n).filter(isFresh);
  expect([...sample, ...rest]).toEqual(all.map(String));
});
