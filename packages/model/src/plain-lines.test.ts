import { expect, it } from "vitest";
import { checkModel } from "./check-model.ts";
import { LineFormula, LineInput } from "./checked-line.ts";
import type { CheckedModel } from "./declarations.ts";
import { parseModel, printDocument } from "./document.ts";
import { LineItem } from "./line-template.ts";

const none = () => ({ problem: "none" });

/** The same lines with a comment each, which sends them to the parser and means nothing. */
function commented(text: string): string {
  return text.replace(/(?<=\S)[ \t]*(?=\r?\n)/g, "  # as before");
}

function shown(text: string): { readonly attributes: object; readonly problems: readonly string[] } {
  const { value, diagnostics } = checkModel(parseModel("m.reckon", text), none);
  const attributes = [...(value?.attributes.values() ?? [])].map((one) => [one.id, one]);
  return {
    // A span that reaches the end of its line is the same with and without the comment.
    attributes: JSON.parse(
      JSON.stringify(Object.fromEntries(attributes), (_, value: unknown) =>
        Object.is(value, -0) ? "-0" : value,
      ),
    ) as object,
    problems: diagnostics.map(({ code, message }) => `${code}: ${message}`),
  };
}

function plainCount(text: string): { readonly items: number; readonly attributes: number } {
  const document = parseModel("m.reckon", text);
  const { value } = checkModel(document, none);
  const attributes = [...(value?.attributes.values() ?? [])];
  return {
    items: document.items.filter((item) => item instanceof LineItem).length,
    attributes: attributes.filter((one) => one instanceof LineFormula || one instanceof LineInput).length,
  };
}

const head =
  "model m\naxis s = A, B\nblock a\n  input x = 2\n  input y: USD = 3.25\n  e5 = x\n  input max2 = 1\nblock b by s\n  input w = 4\n";
const lines = [
  "x1 = a.x + a.y",
  "x1 = a.x*a.x - a.y ^ 2 ^ 2",
  "x1 = -a.x + -(2 - 1)%",
  "x1 = IF(a.x >= 2, a.y, 0)",
  "x1 = IF(1, a.x, a.y)",
  "x1 = IF(0, a.x, a.y + a.x)",
  "x1 = IF(0, a.x, a.x * 3)",
  "x1 = MAX(a.x, MIN(a.y, 5%), 1.50)",
  "x1: USD/seat = w * 2",
  "x1 :USD = w*2",
  "x1: number = w <> 3",
  "x1 = w & a.x",
  "x1 = a.e5 + 1",
  "x1 = b.w + w",
  "x1 = w + w",
  "x1 = w < = 3",
  "x1 = w < 3",
  "x1 = a.nothing + 1",
  "x1 = s + 1",
  "x1 = max + 1",
  "x1 = start + 1",
  "x1 = w max 3",
  "x1 = 5 USD + 1",
  "x1 = 5 * 1e3",
  "x1 = 5.5.5",
  "x1 = 1 2",
  "x1 = (w",
  "x1 = w)",
  "x1 = LET(w, 2, w + 1)",
  "x1 = NOW() + w",
  "x1 = x1 + 1",
  "x1 = w = 3",
  "x1 == w",
  "x1 =",
  "true = 3",
  "over = 3",
  "Input = 3",
  "x1 = TRUE",
  "x1 = w + true",
  "x1 = 1.",
  "x1 = .5 * w",
  "x1 = 12345678901234567 * w",
  "x1 = 5 %",
  "x1 = 50%%",
  "x1 = SUM(w, 2)",
  "x1 = ROUND(w, 2)",
  "x1 = a.x.y",
  "x1 = w +",
  "input x1 = 5",
  "input x1 = -0",
  "input x1 = -12.5%",
  "input x1: USD = 7",
  "input x1: text = 7",
  "input x1: date = 7",
  "input x1: boolean = 7",
  "input x1 = w",
  "input x1 = 2 * 3",
  "input x1 = ",
  "input w = 5",
  "loop x1 = 3",
  "x1 = DATE(2026, 1, 1) + w",
];

it("[LA60] a plain line reads and checks as it does with a comment behind it, which only the parser takes", () => {
  for (const line of lines)
    for (const end of ["\n", "\r\n"]) {
      const text = `${head}  ${line}\n  last = x1 + 1\n`.replaceAll("\n", end);
      const left = shown(text);
      const right = shown(commented(text));
      expect([line, left]).toEqual([line, right]);
      expect(printDocument(parseModel("m.reckon", text))).toBe(text);
    }
});

it("[LA60] plain lines are not read by the parser again, others are", () => {
  const text = `${head}  x1: USD = w * a.x + 5%\n  x2 = x1 * w * 0.5\n`;
  expect(plainCount(text)).toEqual({ items: 7, attributes: 7 });
  expect(plainCount(commented(text))).toEqual({ items: 0, attributes: 0 });
  // Two names for one attribute, and a number that decides what is read.
  expect(plainCount(`${head}  x1 = b.w + w\n  x2 = IF(1, w, a.x)\n`)).toEqual({ items: 7, attributes: 5 });
});

it("[LA60] lines of one template differ in names and numbers only", () => {
  let seed = 5;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const patterns = [
    "@ + @ * #",
    "(@ - #) / @",
    "IF(@ > #, @, @ * #%)",
    "-@ ^ 2 + #",
    "MAX(@, @, #)",
    "#",
    "@",
  ];
  const written = ["  input i0 = 1", "  input i1 = -2.5", "  input i2 = 30%"];
  for (let i = 0; i < 300; i++) {
    const names = [...written.keys()].map((n) => (n < 3 ? `i${n}` : `f${n - 3}`));
    const pattern = patterns[random(patterns.length)] as string;
    const value = pattern
      .replaceAll("@", () => names[random(names.length)] as string)
      .replaceAll("#", () => String(random(1_000) / [1, 10, 8][random(3)]!));
    written.push(`  f${i} = ${value}`);
  }
  const text = `model m\nblock b\n${written.join("\n")}\n`;
  expect(plainCount(text).attributes).toBeGreaterThan(290);
  expect(shown(text)).toEqual(shown(commented(text)));
});

it("[LA40] plain lines keep their identity like all others", () => {
  const text = `${head}  x1 = w * a.x + 5%\n  x2 = x1 * 2\n`;
  const document = parseModel("m.reckon", text);
  const before = checkModel(document, none).value as CheckedModel;
  const longer = parseModel("m.reckon", text.replace("block b", "axis other = C\nblock b"), document);
  const after = checkModel(longer, none, before).value as CheckedModel;
  expect(after.axes).toHaveLength(2);
  for (const [id, attribute] of after.attributes) expect(attribute).toBe(before.attributes.get(id));
  const typed = parseModel("m.reckon", text.replace("input w = 4", "input w: EUR = 4"), document);
  const changed = checkModel(typed, none, before).value as CheckedModel;
  const other = [...changed.attributes]
    .filter(([id, one]) => one !== before.attributes.get(id))
    .map(([id]) => id);
  expect(other).toEqual(["b.w", "b.x1"]);
});
