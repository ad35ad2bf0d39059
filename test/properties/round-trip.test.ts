/** Printing and parsing are inverse in every form, and formatting changes the layout only. */
import { parseFormula, printExpression } from "@reckon/formula";
import {
  checkModel,
  formatDocument,
  type ModelDocument,
  modelFromJson,
  modelToJson,
  parseModel,
  parseScenario,
  printDocument,
} from "@reckon/model";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Choices } from "../arbitraries/choices.ts";
import { formulaText } from "../arbitraries/formula-text.ts";
import { mangled } from "../arbitraries/mangled-text.ts";
import { modelSeed, modelText } from "../arbitraries/model.ts";
import { cases } from "./cases.ts";
import { open, snapshot } from "./open-text.ts";

const someNumbers = fc.array(fc.nat(999), { maxLength: 20, size: "max" });

/** A tree without its places, which differ between two texts of the same meaning. */
function withoutSpans(tree: unknown): unknown {
  return JSON.parse(
    JSON.stringify(tree, (key, value: unknown) =>
      key === "span" || key === "spans" || key === "id" ? undefined : Object.is(value, -0) ? "-0" : value,
    ),
  );
}

function declarationsOf(document: ModelDocument): unknown {
  return withoutSpans(document.items.flatMap(({ declaration }) => declaration ?? []));
}

it("a formula printed and parsed is the same formula", () => {
  const at = {
    block: "b",
    axes: ["segment", "month"],
    labels: new Map([
      ["segment", ["north", "south"]],
      ["month", ["2026-01", "2026-02"]],
    ]),
    time: "month",
    known: [
      { id: "b.x", axes: ["segment", "month"], isText: false, isLoose: false },
      { id: "c.y", axes: ["segment"], isText: false, isLoose: false },
      { id: "c.z", axes: [], isText: true, isLoose: false },
    ],
  };
  fc.assert(
    fc.property(someNumbers, (numbers) => {
      const text = formulaText(new Choices(numbers), at).text.replace(/\s+(?:start|end) .*$/, "");
      const { expression, diagnostics } = parseFormula(text);
      expect(diagnostics).toEqual([]);
      const printed = printExpression(expression);
      expect(withoutSpans(parseFormula(printed).expression)).toEqual(withoutSpans(expression));
      expect(printExpression(parseFormula(printed).expression)).toBe(printed);
    }),
    cases(300),
  );
});

it("a document prints as the text it was parsed from, byte for byte, right or wrong", () => {
  fc.assert(
    fc.property(modelSeed, someNumbers, (seed, damage) => {
      const { text, scenarios } = modelText(seed);
      for (const whole of [
        text,
        mangled(text, damage),
        text.replaceAll("\n", "\r\n"),
        `\uFEFF${text.trimEnd()}`,
      ]) {
        expect(printDocument(parseModel("random.reckon", whole))).toBe(whole);
      }
      for (const scenario of scenarios) {
        for (const whole of [scenario.text, mangled(scenario.text, damage)]) {
          expect(printDocument(parseScenario(scenario.source, whole))).toBe(whole);
        }
      }
    }),
    cases(100),
  );
});

it("formatting keeps the declarations and the values, and formatting again changes nothing", () => {
  fc.assert(
    fc.property(modelSeed, (seed) => {
      const text = modelText(seed);
      const document = parseModel("random.reckon", text.text);
      const formatted = formatDocument(document);
      const printed = printDocument(formatted);
      expect(printDocument(formatDocument(parseModel("random.reckon", printed)))).toBe(printed);
      expect(declarationsOf(parseModel("random.reckon", printed))).toEqual(declarationsOf(document));
      const scenarios = text.scenarios.map(({ source, text: body }) => ({
        source,
        text: printDocument(formatDocument(parseScenario(source, body))),
      }));
      expect(snapshot(open({ text: printed, scenarios }))).toEqual(snapshot(open(text)));
    }),
    cases(30),
  );
});

it("the canonical JSON form of a model is the same model", () => {
  fc.assert(
    fc.property(modelSeed, (seed) => {
      const document = parseModel("random.reckon", modelText(seed).text);
      const json = modelToJson(document);
      const again = modelFromJson("random.reckon", JSON.parse(JSON.stringify(json)));
      if (again.value === undefined) throw new Error(JSON.stringify(again.diagnostics));
      expect(modelToJson(again.value)).toEqual(json);
      const noTable = (path: string) => ({ problem: path });
      expect(withoutSpans(checkModel(again.value, noTable).value?.attributes)).toEqual(
        withoutSpans(checkModel(document, noTable).value?.attributes),
      );
    }),
    cases(50),
  );
});
