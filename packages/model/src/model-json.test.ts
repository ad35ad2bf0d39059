import { describe, expect, it } from "vitest";
import { buildModel } from "./build-model.ts";
import { checkModel } from "./check-model.ts";
import { parseModel, printDocument } from "./document.ts";
import { modelFromJson } from "./model-from-json.ts";
import { modelToJson } from "./model-json.ts";

const text = `model saas  "Subscription ""business"""

use "./opponent.ts" as matchup
time month 2026-01..2026-06
axis segment = SMB, "New York", Ent  "Segments"
axis player = table("players.csv", key id)
check 1 < 2

block revenue by segment, month  "Revenue"
  input price: USD/seat = { SMB: 20, "New York": [1, 2, 3, 4, 5, 6], Ent: 90 }  min 0  "List price"
  input adds: seat      = table("adds.csv", by segment, month, value adds)
  input churn           = 2.5%  range 0..1  format "0.0%"
  seats: seat = seats[t-1] * (1 - churn) + adds  start 100  end 0
  slow        = matchup.rate(seats)              heavy  manual  timeout 5s  retry 2
  loop slow  start seats  tolerance 0.01 USD  relative 0.1%  limit 50
  check seats >= 0  "Positive"
`;

describe("JSON", () => {
  it("[LA45] text to JSON to text reads as the same declarations", () => {
    const json = modelToJson(parseModel("m.reckon", text)).value;
    const { value, diagnostics } = modelFromJson(JSON.parse(JSON.stringify(json)));
    expect(diagnostics).toEqual([]);
    expect(value && modelToJson(value).value).toEqual(json);
    expect(json?.blocks?.[0]?.lines.length).toBe(7);
    expect(value && modelFromJson(modelToJson(value).value).value?.items.map((item) => item.text)).toEqual(
      value?.items.map((item) => item.text),
    );
  });

  it("[LA45] a file with problems has no JSON form", () => {
    expect(modelToJson(parseModel("m.reckon", "model a\nblock b\n  x = (\n")).value).toBeUndefined();
  });

  for (const [json, path] of [
    [[], "the model"],
    [{ model: 3, blocks: {} }, "blocks"],
    [{ model: "a", blocks: [{ name: "b", lines: [{ input: "x" }] }] }, "blocks[0].lines[0].value"],
    [
      { model: "a", blocks: [{ name: "b", lines: [{ formula: "x", expression: "1\n  y = 2" }] }] },
      "blocks[0].lines[0].expression",
    ],
    [{ model: "a", block: [] }, "the model.block"],
    [
      { model: "a", blocks: [{ name: "b", lines: [{ input: "x", value: { members: [["A"]] } }] }] },
      "blocks[0].lines[0].value.members[0][1]",
    ],
  ] as const) {
    it(`[LA47] wrong shape: ${path}`, () => {
      const { value, diagnostics } = modelFromJson(json);
      expect(value).toBeUndefined();
      expect(diagnostics.map(({ message }) => message.split(" must be ")[0])).toContain(path);
    });
  }

  it("[LA47] expressions of JSON are read like a file's", () => {
    const { diagnostics } = modelFromJson({
      model: "a",
      blocks: [{ name: "b", lines: [{ formula: "x", expression: "(1" }] }],
    });
    expect(diagnostics.map(({ code }) => code)).toEqual(["formula/unclosed"]);
  });
});

it("[LA46] the builder gives the model of the file it prints", () => {
  const built = buildModel("shop", "A shop")
    .time("month", "2026-01", "2026-03")
    .axis("product", ["tea", "green tea"])
    .axis("player", { table: "players.csv", key: "id" })
    .use("./rates.ts", "rates")
    .block("sales", ["product", "month"], (block) =>
      block
        .input("price", { tea: 3, "green tea": [1, 2, "3%"] }, { type: "EUR", min: 0, label: "List" })
        .input("stock", { table: "stock.csv", by: ["product"] })
        .input("open", true)
        .formula("revenue", "price * 2 + revenue[t-1]", { type: "EUR", start: 0 })
        .check("revenue >= 0", "Positive"),
    )
    .block("total", [], (block) =>
      block.formula("x", "y / 2").formula("y", "x / 2 + 1").loop("y", { limit: 20 }),
    )
    .check("1 < 2");
  const printed = built.toText();
  expect(printed).toContain('  input price: EUR = { tea: 3, "green tea": [1, 2, 3%] }  min 0  "List"\n');
  expect(modelToJson(parseModel("shop.reckon", printed)).value).toEqual(
    built.toDocument().value && modelToJson(built.toDocument().value as never).value,
  );
  const reread = parseModel("shop.reckon", printed);
  expect(printDocument(reread)).toBe(printed);
  const simple = buildModel("a").block("b", [], (block) => block.input("x", 2).formula("y", "x * 3"));
  expect(simple.toJson()).toEqual(modelToJson(parseModel("a.reckon", simple.toText())).value);
  const document = simple.toDocument().value;
  expect(document && checkModel(document, () => ({ problem: "none" })).value?.attributes.size).toBe(2);
});
