import { expect, it } from "vitest";
import type { ModelDocument } from "./api.ts";
import { checkModel } from "./check-model.ts";
import { LineFormula, LineInput } from "./checked-line.ts";
import type { CheckedModel } from "./declarations.ts";
import { diagnosticsOf, parseModel, printDocument } from "./document.ts";
import { formatDocument } from "./format-document.ts";
import { LineItem } from "./line-template.ts";

const none = () => ({ problem: "none" });

/** How a text is read: fresh, or by the parser alone, as lines are that come to a document which is there. */
type Reading = (text: string) => ModelDocument;
const fresh: Reading = (text) => parseModel("m.reckon", text);
const byParser: Reading = (text) => parseModel("m.reckon", text, parseModel("m.reckon", ""));

interface Shown {
  readonly attributes: object;
  readonly problems: readonly object[];
  readonly formatted: string;
}

function shown(text: string, read: Reading): Shown {
  const document = read(text);
  const { value, diagnostics } = checkModel(document, none);
  const attributes = [...(value?.attributes.values() ?? [])].map((one) => [one.id, one]);
  return {
    attributes: JSON.parse(
      JSON.stringify(Object.fromEntries(attributes), (_, value: unknown) =>
        Object.is(value, -0) ? "-0" : value,
      ),
    ) as object,
    problems: [...diagnosticsOf(document), ...diagnostics],
    formatted: printDocument(formatDocument(document)),
  };
}

function plainCount(
  text: string,
  read: Reading = fresh,
): { readonly items: number; readonly attributes: number } {
  const document = read(text);
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

/** Over an axis and time, so that lags and reductions mean something. */
const timedHead =
  "model m\ntime month 2026-01..2026-04\naxis s = A, B\naxis r = C, D\nblock a\n  input x = 2\n  input t = 3\n  w0 = x\nblock b by s, month\n  input w = 4\n  input v: USD = 4\n  r = w\n";
const timedLines = [
  "x1 = w[t-1] + 1 start 5",
  "x1 = w[t-1] + 1",
  "x1 = w[t-1] + w start w",
  "x1 = w[t-1] + w * 2 start w * 3 + a.x",
  "x1 = w[t+1] end 5",
  "x1 = w[t+1] * w[t-2] start 5 end 7%",
  "x1 = x1[t-1] * 0.5 + w start 100",
  'x1 = x1[t-1] + w start 100 "Label"  # and why',
  "x1 = x1[t+1] + w end 100",
  "x1 = x1[t-1] + x1[t+1] start 0 end 0",
  "x1 = x1[t-0] + w",
  "x1 = last[t-1] + w start 1",
  "x1 = last[t+1] + w end 1",
  "x1 = last + w start 1",
  "x1 = w[t-1] start x1",
  "x1 = w[t-99] start 5",
  "x1 = w[t-99999] start 5",
  "x1 = w[t]",
  "x1 = w[t - 1] start 5",
  "x1 = w [t-1] start 5",
  "x1 = w[t-1",
  "x1 = w[t-1]] start 5",
  "x1 = w[t-1] start",
  "x1 = w[t-1] start start 5",
  "x1 = w[t-1] start 5 start 6",
  'x1 = w[t-1] start "5"',
  "x1 = w[t-1] start 5 USD",
  "x1 = w[t-1] Start 5",
  "x1 = w[t-1] starting 5",
  "x1 = w[t-1]start 5",
  'x1 = w[t-1] start 5format "0"',
  "x1 = w[t-1] start -5%",
  "x1 = w start 5",
  "x1 = 5 start 3",
  "x1 = a.x[t-1] start 5",
  "x1 = v[t-1] + v start 5",
  "x1: USD = v[t-1] + v start 5",
  "x1 = a.t[t-1] + w start 5",
  "x1 = sum(w over s)",
  "x1 = SUM(w * v over s, month)",
  "x1 = sum(w over month) + w",
  "x1 = sum(w over s) * 2.5 + avg",
  "x1 = AVERAGE(w + 1 over s)",
  "x1 = sum(a.x over s)",
  "x1 = sum(w over r)",
  "x1 = sum(w over q)",
  "x1 = sum(w over s, s)",
  "x1 = sum(w over)",
  "x1 = sum(w Over s)",
  "x1 = sum(w over s over month)",
  "x1 = sum(w over s, 2)",
  "x1 = sum(w over s + 1)",
  "x1 = sum(sum(w over s) over month)",
  "x1 = max(w over s, month) / w",
  "x1 = over + 1",
  "x1 = w over s",
  "x1 = IF(w > 1, w[t-1], w) start 0",
  "x1 = IF(0, w[t-1], w)",
  "x1 = w[A] + 1",
  "x1 = w[t-1, A] start 3",
  "x1 = sum(w[t-1..t clip])",
  "input x1 = 5 start 3",
  "loop x1 start 3",
];
const endings = [
  "  # a comment",
  " #",
  "  #DIV/0!",
  "#none",
  "  #none",
  '  # "text" = [',
  ' "Label"',
  ' "Größe ""x"" # y"',
  '"Label"',
  ' "Label',
  ' "Label" "Other"',
  ' "Label" + 1',
  ' "Label" # and a comment',
  ' format "0.0%"',
  ' "Label" format "0.00"  # all',
  ' format "0.0%" "Label"',
  " format",
  " format 5",
  ' format "a" format "b"',
  " min 0",
  " heavy",
  " manual",
  " timeout 5s",
  '  "a"\r',
  " +  # goes on",
];
const headed: readonly (readonly [string, string])[] = [
  ...lines.map((line) => [head, line] as const),
  ...timedLines.map((line) => [timedHead, line] as const),
  ...endings.flatMap((end) =>
    ["x1 = w * 2", "x1: USD = w + 5%", "x1 = (w)", "input x1 = 12.5", "input x1: USD = -3"].map(
      (line) => [head, line + end] as const,
    ),
  ),
];

it("[LA60] a plain line reads and checks as it does by the parser alone", () => {
  for (const [head, line] of headed)
    for (const end of ["\n", "\r\n"]) {
      const text = `${head}  ${line}\n  last = x1 + 1\n`.replaceAll("\n", end);
      expect([line, shown(text, fresh)]).toEqual([line, shown(text, byParser)]);
      expect(printDocument(parseModel("m.reckon", text))).toBe(text);
    }
});

it("[LA60] plain lines are not read by the parser again, others are", () => {
  const text = `${head}  x1: USD = w * a.x + 5%\n  x2 = x1 * w * 0.5\n`;
  expect(plainCount(text)).toEqual({ items: 7, attributes: 7 });
  expect(plainCount(text, byParser)).toEqual({ items: 0, attributes: 0 });
  // Two names for one attribute, and a number that decides what is read.
  expect(plainCount(`${head}  x1 = b.w + w\n  x2 = IF(1, w, a.x)\n`)).toEqual({ items: 7, attributes: 5 });
});

it("[LA60] lines with comments, labels, formats, lags, starts and reductions are plain", () => {
  const rest = [
    "x1 = w * 2  # a comment",
    'x2 = w * 2 "Label"',
    'x3: USD = v * 2 "Label" format "0.0" # a comment',
    'input x4 = 5% "Label"  # a comment',
    "x5 = w[t-1] * 0.5 + w start 5",
    "x6 = x6[t-1] + w start w * 3",
    "x7 = sum(w over s) * 2",
    "x8 = sum(w * v over s, month) + w",
    "last = w",
  ];
  const text = `${timedHead}${rest.map((line) => `  ${line}\n`).join("")}`;
  expect(plainCount(text)).toEqual({ items: 15, attributes: 15 });
  expect(shown(text, fresh)).toEqual(shown(text, byParser));
  const { value } = checkModel(fresh(text), none);
  const formulas = [...(value?.attributes.values() ?? [])].filter((one) => one instanceof LineFormula);
  expect(formulas).toHaveLength(10);
  for (const { meaning } of formulas) expect(meaning.pattern).toBeDefined();
  // An attribute that is called as an axis is for the ordinary check.
  expect(plainCount(`${timedHead}  x1 = sum(w over s)\n  s = w\n`)).toEqual({ items: 8, attributes: 7 });
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
    "IF(#, @, @ * 3)",
    "ROUND(@ / (# + 1), 2) - (@ - #)",
    "LET(z, #, @ * z)",
    '@ * # "Label #"',
    "@ + #  ; a comment with @",
    'SUM(@, #) format "0.0"',
  ];
  const written = ["  input i0 = 1", "  input i1 = -2.5", "  input i2 = 30%"];
  for (let i = 0; i < 300; i++) {
    const names = [...written.keys()].map((n) => (n < 3 ? `i${n}` : `f${n - 3}`));
    const pattern = patterns[random(patterns.length)] as string;
    const value = pattern
      .replaceAll("@", () => names[random(names.length)] as string)
      .replaceAll("#", () => String(random(1_000) / [1, 10, 8][random(3)]!))
      .replace(";", "#");
    written.push(`  f${i} = ${value}`);
  }
  const text = `model m\nblock b\n${written.join("\n")}\n`;
  // A number that decides what is read, and names of its own, are for the ordinary check.
  expect(plainCount(text).attributes).toBeGreaterThan(250);
  expect(shown(text, fresh)).toEqual(shown(text, byParser));
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
