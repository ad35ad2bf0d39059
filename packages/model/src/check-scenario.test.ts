import { describe, expect, it } from "vitest";
import { checkModel } from "./check-model.ts";
import { checkExtends, checkScenario } from "./check-scenario.ts";
import type { CheckedModel } from "./declarations.ts";
import { parseModel, parseScenario, printDocument } from "./document.ts";
import { scenarioToJson } from "./model-json.ts";

const shop = checkModel(
  parseModel(
    "shop.reckon",
    `model shop
time month 2026-01..2027-06
axis product = tea, coffee
axis place = tea, home
block sales by month, product
  input price: EUR = 3  min 0
  input rate = 5%  range 0..1
  revenue: EUR = price * 2
block other by product, place
  input share = 1
block plain
  input name: text = "a"
`,
  ),
  () => ({ problem: "none" }),
).value as CheckedModel;

const check = (lines: string, source = "s.reckon") =>
  checkScenario(parseScenario(source, `scenario dry of shop\n${lines}`), shop);
const codes = (lines: string): string[] => check(lines).diagnostics.map(({ code }) => code);
function boxes(lines: string): unknown {
  const { value, diagnostics } = check(lines);
  return value === undefined
    ? diagnostics.map(({ message }) => message)
    : value.overrides.map(({ positions }) => positions);
}
const all = Array.from({ length: 18 }, (_, i) => i);
const from = (first: number): number[] => all.slice(first);

describe("overrides", () => {
  it("[SL1] the header names scenario, model, parent and label", () => {
    const { value } = checkScenario(
      parseScenario("s.reckon", 'scenario dry of shop extends wet "No rain"\n'),
      shop,
    );
    expect(value).toEqual({ name: "dry", model: "shop", extends: "wet", label: "No rain", overrides: [] });
    const other = checkScenario(parseScenario("s.reckon", "scenario dry of stall\n"), shop);
    expect(other.diagnostics.map(({ code }) => code)).toEqual(["scenario/other-model"]);
  });

  it("[SL2] values have the forms of an input's", () => {
    const { value } = check(
      "  sales.price = { tea: 1, coffee: { 2026: 2, 2027: 3 } }\n  sales.rate[2026-02] = { tea: 1%, coffee: 2% }\n",
    );
    expect(value?.overrides[0]?.values).toEqual([
      ...new Array(18).fill(1),
      ...new Array(12).fill(2),
      ...new Array(6).fill(3),
    ]);
    expect(value?.overrides[1]).toMatchObject({ positions: [[0, 1], [1]], values: [0.01, 0.02] });
    const listed = check("  sales.price[tea, 2026-01..2026-03] = [1, 2, 3]\n").value?.overrides[0];
    expect(listed).toMatchObject({ positions: [[0], [0, 1, 2]], values: [1, 2, 3] });
    expect(codes('  sales.price = table("t.csv", by product)\n')).toEqual(["scenario/no-table"]);
    expect(codes("  sales.price = sales.rate * 2\n")).toEqual(["model/not-constant"]);
  });

  it("[SL3] relative operators", () => {
    const { value } = check("  sales.price *= 1.1\n  sales.rate -= 1%\n");
    expect(value?.overrides.map(({ operator, values }) => [operator, values])).toEqual([
      ["*=", [1.1]],
      ["-=", [0.01]],
    ]);
    expect(codes('  sales.price += "a"\n')).toEqual(["scenario/relative-text"]);
    expect(codes("  plain.name += 1\n")).toEqual(["scenario/relative-text"]);
  });

  it("[SL4] an index by position or by label", () => {
    expect(boxes("  sales.price[*, 2027-01..] = 1\n")).toEqual([[[0, 1], from(12)]]);
    expect(boxes("  sales.price[coffee] = 1\n")).toEqual([[[1], all]]);
    expect(boxes("  sales.price[2027] = 1\n")).toEqual([[[0, 1], from(12)]]);
    expect(boxes("  sales.price[2026-02, coffee] = 1\n")).toEqual([[[1], [1]]]);
    expect(boxes("  sales.price[..2026-02] = 1\n")).toEqual([
      [
        [0, 1],
        [0, 1],
      ],
    ]);
    expect(boxes("  other.share[tea, home] = 1\n")).toEqual([[[0], [1]]]);
    expect(boxes("  other.share[tea] = 1\n")).toEqual([
      "`other.share`: `tea` is a member of `product` and `place`",
    ]);
    for (const index of ["cofee", "2028-01", "t-1", "tea, 2026-01, 3", "tea, coffee"]) {
      expect(codes(`  sales.price[${index}] = 1\n`)).toEqual(["scenario/bad-index"]);
    }
    expect(codes("  plain.name[tea] = 1\n")).toEqual(["scenario/bad-index"]);
  });

  it("[SL5] pin is for formulas, and only with `=`", () => {
    expect(check("  pin sales.revenue[tea] = 5\n").value?.overrides[0]).toMatchObject({
      isPin: true,
      values: [5],
    });
    expect(codes("  sales.revenue = 5\n")).toEqual(["scenario/needs-pin"]);
    expect(codes("  pin sales.price = 5\n")).toEqual(["scenario/needless-pin"]);
    expect(codes("  pin sales.revenue *= 5\n")).toEqual(["scenario/relative-pin"]);
  });

  it("[SL6] an unknown attribute names the nearest", () => {
    const [problem] = check("  sales.prise = 4%\n").diagnostics;
    expect(problem).toMatchObject({
      code: "scenario/unknown-attribute",
      message: "no attribute `sales.prise`",
      hint: "did you mean `sales.price`?",
    });
  });

  it("[SL7] values keep to type and bounds; results of relative ones are not known here", () => {
    expect(codes("  sales.price[tea] = -1\n")).toEqual(["model/out-of-range"]);
    expect(codes('  sales.price = "cheap"\n')).toEqual(["model/wrong-type"]);
    expect(codes("  plain.name = 3\n")).toEqual(["model/wrong-type"]);
    expect(codes("  sales.price -= 100\n")).toEqual([]);
  });

  it("[SL8] overrides nest, wide before narrow", () => {
    expect(
      codes(
        "  sales.price = 1\n  sales.price[tea] = 2\n  sales.price[tea, 2026-03] = 3\n  sales.price[coffee] = 4\n",
      ),
    ).toEqual([]);
    expect(codes("  sales.price[tea] = 1\n  sales.price[tea] = 2\n")).toEqual(["scenario/repeated-override"]);
    expect(codes("  sales.price[tea] = 1\n  sales.price = 2\n")).toEqual(["scenario/narrow-before-wide"]);
    expect(codes("  sales.price[tea] = 1\n  sales.price[2026-03] = 2\n")).toEqual(["scenario/overlap"]);
    expect(codes("  sales.price = 1\n  sales.price[tea] = 1\n  sales.price[2026-03] = 2\n")).toEqual([
      "scenario/overlap",
    ]);
    expect(codes("  sales.price[tea] = 1\n  sales.price[coffee] = 1\n  sales.price = 2\n")).toEqual([
      "scenario/narrow-before-wide",
    ]);
  });

  it("[SL15] for a part of the members overlaps are no errors", () => {
    const document = parseScenario(
      "s.reckon",
      "scenario s of shop\n  sales.price[tea] = 1\n  sales.price[tea] = 2\n  sales.price = 3\n",
    );
    expect(checkScenario(document, shop).value).toBeUndefined();
    const checked = checkScenario({ ...document, isPart: true }, shop).value;
    expect(checked?.overrides.map(({ values }) => values)).toEqual([[1], [2], [3]]);
  });

  it("[SL9] scenarios extend each other in order, base is the model", () => {
    const open = (text: string) => {
      const document = parseScenario("s.reckon", text);
      const scenario = checkScenario(document, shop).value;
      if (scenario === undefined) throw new Error(text);
      return { document, scenario };
    };
    const a = open("scenario a of shop extends base\n");
    const b = open("scenario b of shop extends a\n");
    const c = open("scenario c of shop extends b\n");
    expect(checkExtends([c, a, b]).value?.map(({ name }) => name)).toEqual(["a", "b", "c"]);
    const problems = (...list: ReturnType<typeof open>[]) =>
      checkExtends(list).diagnostics.map(({ code, message }) => [code, message]);
    expect(problems(c)).toEqual([["scenario/unknown-parent", "no scenario `b` to extend"]]);
    expect(
      problems(open("scenario x of shop extends y\n"), open("scenario y of shop extends x\n"))[0],
    ).toEqual(["scenario/extends-cycle", "the scenarios extend each other: x → y → x"]);
    expect(problems(a, open("scenario a of shop\n"))[0]?.[0]).toBe("model/duplicate-name");
  });
});

describe("records", () => {
  const text =
    'scenario dry of shop extends wet "No rain"\n  sales.price = { tea: 1, coffee: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18] }\n  sales.rate = 4%\n  sales.rate[*, 2027-01..] *= 0.8\n  plain.name = "x"\n  pin sales.revenue[tea] = 7 EUR\n';
  const record = scenarioToJson(parseScenario("s.reckon", text)).value;
  const reckon = checkScenario(parseScenario("s.reckon", text), shop).value;
  const meaning = (value: typeof reckon): unknown =>
    value && { ...value, overrides: value.overrides.map(({ span: _, ...rest }) => rest) };

  it("[SL10] a JSON record is read with its places", () => {
    const json =
      '{ "scenario": "dry", "model": "shop",\n  "overrides": { "sales.rate": "-= 1%", "sales.price[tea]": 4, "sales.prise": 3 } }\n';
    const { diagnostics } = checkScenario(parseScenario("s.json", json), shop);
    expect(diagnostics.map(({ span, message }) => [json.slice(span.start, span.end), message])).toEqual([
      ["sales.prise", "no attribute `sales.prise`"],
    ]);
  });

  it("[SL11] text, JSON and YAML give the same scenario", () => {
    const json = parseScenario("s.json", JSON.stringify(record, null, 2));
    expect(meaning(checkScenario(json, shop).value)).toEqual(meaning(reckon));
    const yaml =
      'scenario: dry\nmodel: shop\nextends: wet\nlabel: No rain\noverrides:\n  sales.price: { tea: 1, coffee: [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18] }\n  sales.rate: 4% # all of it\n  sales.rate[*, 2027-01..]: "*= 0.8"\n  plain.name: \'"x"\'\npins:\n  sales.revenue[tea]: 7 EUR\n';
    const document = parseScenario("s.yaml", yaml);
    expect(printDocument(document)).toBe(yaml);
    expect(meaning(checkScenario(document, shop).value)).toEqual(meaning(reckon));
    expect(scenarioToJson(json).value).toEqual(record);
    expect(scenarioToJson(document).value).toEqual(record);
  });
});

it("[LA11] an index in which nothing could be read has its place in the file", () => {
  const { diagnostics } = check("  sales.price[tea, [2027-01] = 4\n");
  expect(diagnostics.map(({ span }) => span.end >= span.start)).toEqual(diagnostics.map(() => true));
  expect(diagnostics.length).toBeGreaterThan(0);
});
