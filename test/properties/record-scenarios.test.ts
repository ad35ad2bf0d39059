/** A scenario in JSON or YAML takes the same edits as one in the language's own form, and means the same behind each. */
import { parseScenario, scenarioToJson } from "@reckon/model";
import { openSheet, type Sheet } from "@reckon/sheet";
import { isErrorValue, type Scalar } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { cases } from "./cases.ts";
import { emptyHost } from "./open-text.ts";

const model = `model shop
time month 2026-01..2026-06
axis city = "New York", Rom, "say ""hi"""
axis kind = tea, t
block sales by city, kind, month
  input price: EUR = 3  min 0
  input units = 10
  revenue = price * units
block plain
  input rate = 5%  range 0..1
  input name: text = "x"
  total = sum(sales.revenue over city, kind, month) * (1 - rate)
`;

const scenario = `scenario low of shop  "Low"
  sales.price = 2
  sales.price["New York", *, 2026-02..] *= 0.5
  sales.units["say ""hi""", "t", *] = { 2026-01..2026-03: 4, 2026-04..: 5 }
  plain.rate = 1%
  pin sales.revenue[Rom, tea, 2026-05] = 7
`;

const yaml = `# by hand
scenario: low
model: shop
label: Low
overrides:
  sales.price: 2
  'sales.price["New York", *, 2026-02..]': "*= 0.5" # half
  "sales.units[\\"say \\"\\"hi\\"\\"\\", \\"t\\", *]": { 2026-01..2026-03: 4, 2026-04..: 5 }
  plain.rate: 1%
pins: { "sales.revenue[Rom, tea, 2026-05]": 7 }
`;

const overridable = [
  "sales.price",
  "sales.units",
  "plain.rate",
  "plain.name",
  "sales.revenue",
  "plain.total",
];
const indexes: readonly (Readonly<Record<string, string>> | undefined)[] = [
  undefined,
  { city: "New York" },
  { city: 'say "hi"', kind: "t" },
  { kind: "tea", month: "2026-05" },
  { city: "Rom", kind: "t", month: "2026-01" },
  { month: "2026-02" },
];
const values: readonly Scalar[] = [0, 0.25, 1e21, -1, "1%", "a: b # c", "yes", '"', "1_000 EUR", true, "*x"];

const edit = fc.record({
  kind: fc.constantFrom("set", "set", "set", "pin", "drop", "undo", "redo"),
  id: fc.constantFrom(...overridable),
  index: fc.constantFrom(...indexes),
  value: fc.constantFrom(...values),
});

function opened(source: string, text: string): Sheet {
  const result = openSheet({
    model: { source: "shop.reckon", text: model },
    scenarios: [{ source, text }],
    host: emptyHost,
  });
  if (!result.ok) throw new Error(`${text}\n${result.diagnostics.map(({ message }) => message).join("\n")}`);
  return result.value;
}

function valuesOf(sheet: Sheet): unknown {
  return overridable.map((id) => {
    const column = sheet.column(id, "low");
    const { outer, periods } = column.shape;
    return Array.from({ length: outer * periods }, (_, cell) => {
      const value = column.get(cell);
      return isErrorValue(value) ? value.code : value;
    });
  });
}

function apply(
  sheet: Sheet,
  { kind, id, index, value }: typeof edit extends fc.Arbitrary<infer E> ? E : never,
) {
  const at = id.startsWith("sales.") ? index : undefined;
  switch (kind) {
    case "set":
      return sheet.set(id, value, at, "low").ok;
    case "pin":
      return sheet.pin(id, value, at, "low").ok;
    case "drop":
      return sheet.dropOverride(id, "low").ok;
    case "undo":
      return sheet.undo();
    default:
      return sheet.redo();
  }
}

it("[SL11] edits of JSON and YAML scenarios are those of the language's own form", () => {
  const record = scenarioToJson(parseScenario("low.reckon", scenario)).value;
  const files = [
    ["low.reckon", scenario],
    ["low.json", `${JSON.stringify(record, null, 4)}\n`],
    ["low.yaml", yaml],
  ] as const;
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 8 }), (edits) => {
      const sheets = files.map(([source, text]) => opened(source, text));
      const [own, ...records] = sheets as [Sheet, ...Sheet[]];
      for (const each of edits) {
        const outcome = apply(own, each);
        for (const sheet of records) {
          expect([sheet.sourceOf("low"), apply(sheet, each)]).toEqual([sheet.sourceOf("low"), outcome]);
          expect(valuesOf(sheet)).toEqual(valuesOf(own));
          expect(valuesOf(opened(sheet.sourceOf("low"), sheet.text("low")))).toEqual(valuesOf(own));
        }
        expect(records[1]?.text("low")).toMatch(/^# by hand\n/);
        for (const id of overridable)
          for (const sheet of records)
            expect(sheet.isOverridden(id, "low")).toBe(own.isOverridden(id, "low"));
      }
      for (const sheet of sheets) sheet.dispose();
    }),
    cases(60),
  );
});
