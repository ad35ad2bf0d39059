import { describe, expect, it } from "vitest";
import type { ScenarioEdit } from "./api.ts";
import { checkModel } from "./check-model.ts";
import { checkScenario } from "./check-scenario.ts";
import type { CheckedModel } from "./declarations.ts";
import { parseModel, parseScenario, printDocument } from "./document.ts";
import { editScenario } from "./edit-scenario.ts";

const model = checkModel(
  parseModel(
    "shop.reckon",
    'model shop\ntime month 2026-01..2026-06\naxis product = tea, coffee, milk\nblock sales by product, month\n  input price = 3  min 0\n  input rate = 5%  format "0%"\n  revenue = price * 2\n',
  ),
  () => ({ problem: "none" }),
).value as CheckedModel;
const months = [0, 1, 2, 3, 4, 5];
const products = [0, 1, 2];

function set(
  lines: string,
  edit: Partial<ScenarioEdit & { kind: "set-override" }>,
  source = "s.reckon",
): string {
  const document = parseScenario(source, lines);
  const whole = {
    kind: "set-override",
    attribute: "sales.price",
    positions: [products, months],
    operator: "=",
    value: 9,
    isPin: false,
    ...edit,
  } as const;
  const { value, diagnostics } = editScenario(document, model, whole);
  if (value === undefined) return diagnostics.map(({ code }) => code).join();
  expect(checkScenario(value, model).diagnostics).toEqual([]);
  return printDocument(value);
}

describe("set", () => {
  const head = "scenario dry of shop\n";

  it("[SL12] an override on the same cells is replaced in place", () => {
    expect(set(`${head}  sales.price *= 2  # twice\n`, { value: 4 })).toBe(
      `${head}  sales.price = 4  # twice\n`,
    );
    expect(
      set(`${head}  sales.rate[tea]   = 4% # tea\n`, {
        attribute: "sales.rate",
        positions: [[0], months],
        value: 0.03,
      }),
    ).toBe(`${head}  sales.rate[tea]   = 3% # tea\n`);
  });

  it("[SL12] a new one goes behind the ones around it, in their style", () => {
    expect(set(`${head}\tsales.price = 4\n\n# end\n`, { positions: [[1], months] })).toBe(
      `${head}\tsales.price = 4\n\tsales.price[coffee, *] = 9\n\n# end\n`,
    );
    expect(set("scenario dry of shop", { attribute: "sales.rate", value: 0.5 })).toBe(
      `${head}  sales.rate = 50%\n`,
    );
    expect(
      set(head, {
        positions: [
          [0, 2],
          [1, 2, 4],
        ],
      }),
    ).toBe(
      `${head}  sales.price[tea, 2026-02..2026-03] = 9\n  sales.price[tea, 2026-05] = 9\n  sales.price[milk, 2026-02..2026-03] = 9\n  sales.price[milk, 2026-05] = 9\n`,
    );
  });

  it("[SL12] a wide one takes out the narrow ones it covers", () => {
    expect(set(`${head}  sales.rate = 1%\n  sales.price[tea] = 4\n  sales.price[milk] = 5\n`, {})).toBe(
      `${head}  sales.rate = 1%\n  sales.price = 9\n`,
    );
    expect(set(`${head}  sales.price = 4\n  sales.price[milk] = 5\n`, {})).toBe(`${head}  sales.price = 9\n`);
  });

  it("[SL12] where it overlaps in part it is cut", () => {
    const text = set(`${head}  sales.price[tea] = 4\n`, { positions: [products, [2]] });
    expect(text).toBe(
      `${head}  sales.price[tea] = 4\n  sales.price[tea, 2026-03] = 9\n  sales.price[coffee, 2026-03] = 9\n  sales.price[milk, 2026-03] = 9\n`,
    );
  });

  it("[SL12] after any edits the cells are what was set last", () => {
    let document = parseScenario("s.reckon", head);
    const cells = new Array<number | undefined>(18).fill(undefined);
    let seed = 7;
    const random = (below: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let step = 0; step < 60; step++) {
      const from = random(6);
      const outer = random(3) === 0 ? products : [random(3)];
      const positions = [outer, random(3) === 0 ? months : months.slice(from, from + 1 + random(6 - from))];
      const { value } = editScenario(document, model, {
        kind: "set-override",
        attribute: "sales.price",
        positions,
        operator: "=",
        value: step,
        isPin: false,
      });
      document = value ?? document;
      for (const m of positions[0] ?? []) for (const t of positions[1] ?? []) cells[m * 6 + t] = step;
      const checked = checkScenario(document, model);
      expect(checked.diagnostics).toEqual([]);
      const got = new Array<unknown>(18).fill(undefined);
      for (const override of checked.value?.overrides ?? []) {
        for (const m of override.positions[0] ?? [])
          for (const t of override.positions[1] ?? []) got[m * 6 + t] = override.values[0];
      }
      expect(got).toEqual(cells);
    }
  });

  it("[SL5] pins for formulas only", () => {
    expect(set(head, { attribute: "sales.revenue", isPin: true })).toBe(`${head}  pin sales.revenue = 9\n`);
    expect(set(head, { attribute: "sales.revenue" })).toBe("scenario/needs-pin");
    expect(set(head, { isPin: true })).toBe("scenario/needless-pin");
    expect(set(head, { value: -1 })).toBe("model/out-of-range");
  });

  it("[SL12] JSON and YAML records", () => {
    const json =
      '{\n    "scenario": "dry",\n    "model": "shop",\n    "overrides": {\n        "sales.price": 4\n    }\n}\n';
    expect(set(json, { positions: [[1], months] }, "s.json")).toBe(
      json.replace('"sales.price": 4', '"sales.price": 4,\n        "sales.price[coffee, *]": 9'),
    );
    expect(set(json, {}, "s.json")).toBe(json.replace(": 4", ": 9"));
    const yaml = "scenario: dry\nmodel: shop # the shop\noverrides:\n  # prices\n  sales.price: 4\n";
    expect(set(yaml, { operator: "*=", value: 0.5 }, "s.yaml")).toBe(yaml.replace(": 4", ': "*= 0.5"'));
    expect(set(yaml, { attribute: "sales.revenue", isPin: true }, "s.yaml")).toBe(
      `${yaml}pins:\n  sales.revenue: 9\n`,
    );
  });
});

it("[SL13] dropping removes the attribute's lines and no other", () => {
  const text =
    "scenario dry of shop # s\n  sales.price = 4\n  # rates\n  sales.rate = 4%\n  sales.price[tea] = 5\n";
  const { value } = editScenario(parseScenario("s.reckon", text), model, {
    kind: "drop-override",
    attribute: "sales.price",
  });
  expect(value && printDocument(value)).toBe("scenario dry of shop # s\n  # rates\n  sales.rate = 4%\n");
  const yaml = "scenario: dry\nmodel: shop\noverrides:\n  sales.price: 4 # gone\n  sales.rate: 4% # kept\n";
  const dropped = editScenario(parseScenario("s.yaml", yaml), model, {
    kind: "drop-override",
    attribute: "sales.price",
  }).value;
  expect(dropped && printDocument(dropped)).toContain("  sales.rate: 4% # kept\n");
  expect(dropped && printDocument(dropped)).not.toContain("sales.price");
});
