import { describe, expect, it } from "vitest";
import { parseModel, parseScenario } from "./document.ts";
import { checkScenarioNames } from "./scenario-names.ts";

const model = `model shop
axis place = table("places.csv") key name

block sales by place
  input units = 3
  input price = table("nowhere.csv")
  ??? cost = 4
  revenue = units * price
`;

function problems(...lines: string[]): string[] {
  const text = `scenario up of shop\n${lines.map((line) => `  ${line}\n`).join("")}`;
  return checkScenarioNames(parseScenario("up.reckon", text), parseModel("shop.reckon", model)).map(
    ({ code, message, hint }) => [code, message, hint].filter((each) => each !== undefined).join(" "),
  );
}

describe("a scenario of a model that has errors", () => {
  it("[LA89] is told the names that the model does not declare, and what it gets wrong by itself", () => {
    expect(problems("sales.prise = 4", "sales.units = ", "salse.units = 3")).toEqual([
      "scenario/unknown-attribute no attribute `sales.prise` did you mean `sales.price`?",
      expect.stringMatching(/^(model|formula|scenario)\//),
      "scenario/unknown-attribute no attribute `salse.units` did you mean `sales.units`?",
    ]);
    const other = parseScenario("up.reckon", "scenario up of shpo\n");
    expect(checkScenarioNames(other, parseModel("shop.reckon", model)).map(({ code }) => code)).toEqual([
      "scenario/other-model",
    ]);
  });

  it("[LA89] is told nothing that depends on what is missing", () => {
    expect(
      problems("sales.units[Nowhere] = 4", "place.size = 3", "sales.cost = 3", "sales.price = 1"),
    ).toEqual([]);
    expect(problems("pin sales.revenue = 4")).toEqual([]);
  });
});
