/** Loops and stocks with heavy formulas on real threads, and from a cache, against the same model in place: bits and records. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { loopSeed, randomLoop } from "../arbitraries/loop.ts";
import { loopText } from "../arbitraries/loop-case.ts";
import { tableLoop, tableSeed } from "../arbitraries/loop-table.ts";
import { stockModelText, stockSeed } from "../arbitraries/stock-model.ts";
import { cases } from "./cases.ts";
import { type HeavyModule, openWith, unlike, type Way, wayOf } from "./heavy-world.ts";
import { emptyHost } from "./open-text.ts";

const folder = mkdtempSync(join(tmpdir(), "reckon-loops-"));
const none: HeavyModule = { functions: {}, atOnce: {} };
const disk = { path: join(folder, "reckon-loops.sqlite"), bytesMax: 1e9 };
const ways: readonly Way[] = [
  wayOf("threads", none, { threads: 2 }),
  wayOf("a cache", none, { tiers: { memory: { bytesMax: 1e7 }, disk } }),
  wayOf("threads and a cache", none, { threads: 1, tiers: { memory: { bytesMax: 1e6 } } }),
];
afterAll(async () => {
  for (const { close } of ways) await close();
  rmSync(folder, { recursive: true, force: true });
});

/** The model with formulas heavy, those of the names that are given. */
function weighed(text: string, names: readonly string[]): string {
  if (names.length === 0) return text;
  return text.replace(new RegExp(`^( *(?:${names.join("|")}) = .*)$`, "gm"), "$1 heavy");
}

interface Played {
  readonly text: string;
  readonly input: string;
  readonly values: readonly number[];
}

/** The same after each edit; every other one comes while the one before is under way. */
async function agree({ text, input, values }: Played): Promise<void> {
  const model = { text, scenarios: [] };
  const plain = openWith(model, emptyHost);
  const sheets = ways.map(({ host }) => openWith(model, host));
  for (const [i, value] of [...values, 1].entries()) {
    for (const sheet of [plain, ...sheets]) sheet.set(input, value);
    if (i % 2 === 0 && i < values.length) continue;
    for (const [k, sheet] of sheets.entries()) {
      await sheet.settled();
      expect(unlike(sheet, plain), `${ways[k]?.name}: ${text}`).toEqual([]);
      expect(sheet.loops(), `${ways[k]?.name}: ${text}`).toEqual(plain.loops());
    }
  }
  for (const sheet of [plain, ...sheets]) sheet.dispose();
}

const some = fc.array(fc.boolean(), { minLength: 9, maxLength: 9 });
const values = fc.array(
  fc.nat(200).map((edit) => 0.5 + edit / 64),
  { maxLength: 3 },
);

it("[EX11] [WK1] loops have the bits and records of computing in place", async () => {
  await fc.assert(
    fc.asyncProperty(loopSeed, some, values, async (seed, which, edits) => {
      const of = randomLoop(seed);
      const names = Object.keys(of.formulas).filter((_, i) => which[i % which.length]);
      await agree({ text: weighed(loopText(of), names), input: "ring.ok", values: edits });
    }),
    cases(12),
  );
  const sent = ways.map(({ executor }) => executor?.counts().done ?? 0);
  expect(sent[0]).toBeGreaterThan(100);
});

it("[EX11] [WK1] so have loops over an axis and time", async () => {
  await fc.assert(
    fc.asyncProperty(tableSeed, some, values, async (seed, which, edits) => {
      const of = tableLoop(seed);
      const names = of.unknowns.filter((_, i) => which[i % which.length]);
      const text = weighed(of.text, names);
      const input = `${/^block (\w+)/m.exec(text)?.[1]}.ok`;
      await agree({ text, input, values: edits });
    }),
    cases(8),
  );
});

it("[EX11] [PL8] so have stocks, and no stock is taken for another", async () => {
  await fc.assert(
    fc.asyncProperty(stockSeed, some, values, async (seed, which, edits) => {
      const { text } = stockModelText(seed);
      const names = [...text.matchAll(/^ {2}(\w+) = /gm)].map(([, name]) => name as string);
      const heavy = names.filter((_, i) => which[i % which.length]);
      await agree({ text: weighed(text, heavy), input: "world.input_0", values: edits });
    }),
    cases(10),
  );
});
