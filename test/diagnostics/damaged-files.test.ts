/**
 * Damaged files: the wrong files beside this test and a right one, with characters and lines dropped, doubled, swapped
 * and cut off. Nothing throws, every diagnostic points into the file, the text is kept, and the number of problems is
 * bounded by the text. The seed is in each title; `RECKON_SEED` and `RECKON_CASES` play others.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  checkModel,
  checkScenario,
  formatDocument,
  parseModel,
  parseScenario,
  printDocument,
} from "@reckon/model";
import { expect, it } from "vitest";

const folder = join(import.meta.dirname, "cases");
const right = `model shop  "Tea and coffee"
time month 2026-01..2026-06  dt 0.5  method rk4
axis product = tea, coffee
use "./rates.ts" as rates

block sales by product, month
  input price: EUR = { tea: 3, coffee: [1, 2, 3, 4, 5, 6] }  min 0  "List"
  input units = table("units.csv", by product, value units)
  revenue: EUR = price * units
  mean = AVERAGE(revenue[t-2..t clip])  format "0.0"
  grown = grown[t-1] * 1.01 + rates.extra(price)  start 10  heavy  timeout 5s

block debt by month
  interest = (opening + closing) / 2 * 1%
  opening = closing[t-1]  start 1_000
  closing = opening + interest - 20
  loop closing  start opening  tolerance 0.01  limit 20  method damped  damping 0.5  warm

block shelf by product, month
  curve served = (0, 0) (0.5, 80%), (1, 1e0)  "Of the demand"
  stock: box = integral(arrivals - sales)  start 3 * sales.units
  sales = sales.units * served(stock / sales.units)
  arrivals = DELAY3(SMOOTH(sales, 4, 10), 2) + DELAY_FIXED(stock, 1, 0)

check debt.closing >= 0  "Never negative"
`;
const texts = [
  right,
  ...readdirSync(folder)
    .filter((name) => !name.endsWith(".txt"))
    .map((name) => readFileSync(join(folder, name), "utf8")),
];
const table = () => ({
  source: "units.csv",
  rows: 2,
  lines: [2, 3],
  columns: [
    { name: "product", values: ["tea", "coffee"] },
    { name: "units", values: [1, 2] },
  ],
});
const shop = checkModel(parseModel("shop.reckon", right), table).value;

/** A small generator with a printable seed (Lehmer). */
function generator(seed: number): (below: number) => number {
  let state = (seed % 2_147_483_646) + 1;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return below === 0 ? 0 : state % below;
  };
}

const pieces = [
  '"',
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  "=",
  ",",
  ":",
  "..",
  "#",
  " # ",
  "\r",
  "\n",
  "\t",
  "\uFEFF",
  "\uD800",
  "t-1",
  "input ",
  "block ",
  "start ",
  "over ",
  "é",
  "\u0000",
  "*=",
  "%",
];

function damaged(text: string, random: (below: number) => number): string {
  let result = text;
  for (let i = 1 + random(6); i > 0; i--) {
    const at = random(result.length + 1);
    const length = random(8) === 0 ? random(result.length) : random(4);
    switch (random(5)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length);
        break;
      case 1:
        result = result.slice(0, at) + (pieces[random(pieces.length)] as string) + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at) + result.slice(at, at + length) + result.slice(at);
        break;
      case 3: {
        const lines = result.split("\n");
        const line = lines.splice(random(lines.length), 1);
        lines.splice(random(lines.length + 1), 0, ...line);
        result = lines.join("\n");
        break;
      }
      default:
        result = result.slice(0, at);
    }
  }
  return result;
}

function play(text: string): void {
  const model = parseModel("shop.reckon", text);
  const checked = checkModel(model, table);
  const scenarios = ["s.reckon", "s.json", "s.yaml"].map((name) => parseScenario(name, text));
  const found = [...checked.diagnostics];
  if (shop !== undefined)
    for (const document of scenarios) found.push(...checkScenario(document, shop).diagnostics);
  for (const { span, notes } of found) {
    for (const one of [span, ...(notes ?? []).flatMap((note) => note.span ?? [])]) {
      expect(one.start).toBeGreaterThanOrEqual(0);
      expect(one.end).toBeGreaterThanOrEqual(one.start);
      expect(one.end).toBeLessThanOrEqual(text.length);
    }
  }
  expect(found.length).toBeLessThan(200 + 4 * text.length);
  for (const document of [model, ...scenarios]) expect(printDocument(document)).toBe(text);
  const formatted = printDocument(formatDocument(model));
  expect(printDocument(formatDocument(parseModel("shop.reckon", formatted)))).toBe(formatted);
}

it("the right file is right", () => {
  expect(shop?.name).toBe("shop");
});

const first = Number(process.env.RECKON_SEED ?? 1);
const count = Number(process.env.RECKON_CASES ?? 40);
for (let seed = first; seed < first + 5; seed++) {
  it(`[LA11] damaged files, seed ${seed}`, () => {
    const random = generator(seed * 7919);
    for (let i = 0; i < count; i++) {
      const text = damaged(texts[random(3) === 0 ? 0 : random(texts.length)] as string, random);
      try {
        play(text);
      } catch (error) {
        throw new Error(`seed ${seed}, case ${i}:\n${text}`, { cause: error });
      }
    }
  });
}
