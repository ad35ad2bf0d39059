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
  given: Partial<Ledger> = {},
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
    ledger: { ...plain, unchanged, ...given },
    run,
    isResumed: Object.keys(given).length > 0,
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

it("[BA60] chunks behind a sample are whole ones, over all pages", async () => {
  const { pages } = await pagesBut(() => true);
  expect((await pages.takeSample(10))?.rows.keys).toHaveLength(10);
  const sizes: number[] = [];
  for (let portion = await pages.take(64); portion !== undefined; portion = await pages.take(64))
    sizes.push(portion.rows.keys.length);
  expect(sizes).toEqual([54, ...new Array<number>(311).fill(64), 32]);
});

it("[BA31] [BA35] what has ended in the run is taken out by key and position; what was tried goes on alone, whatever earlier runs have", async () => {
  const ended = (key: string, position: number): [string, FinishedEntity] => [
    key,
    { key, position, state: "succeeded", deepKey: "", chunk: 1, chunkRow: 0 },
  ];
  const { pages } = await pagesBut((n) => n !== 3 && n < 6, {
    // Another row has the key of row 2.
    finished: async () => new Map([ended("1", 1), ended("2", 19_000)]),
    attempts: async (_, keys) => new Map(keys.includes("3") ? [["3", { all: 2, before: 0 }]] : []),
  });
  const portions: [readonly string[], number][] = [];
  for (let portion = await pages.take(64); portion !== undefined; portion = await pages.take(64))
    portions.push([portion.rows.keys, portion.attempt]);
  expect(portions).toEqual([
    [["0", "2", "4", "5"], 1],
    [["3"], 3],
  ]);
});
