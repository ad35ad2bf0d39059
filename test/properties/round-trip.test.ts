/** Printing and parsing are inverse in every form, and formatting changes the layout only. */
import { type Diagnostic, parseFormula, printExpression } from "@reckon/formula";
import {
  checkModel,
  checkScenario,
  formatDocument,
  type ModelDocument,
  modelFromJson,
  modelToJson,
  parseModel,
  parseScenario,
  printDocument,
  scenarioToJson,
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
      /^(?:item|spans?|\w+Span)$/.test(key) ? undefined : Object.is(value, -0) ? "-0" : value,
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
      const json = accepted(modelToJson(document));
      const again = accepted(modelFromJson(JSON.parse(JSON.stringify(json))));
      expect(modelToJson(again).value).toEqual(json);
      expect(meaningOf(again)).toEqual(meaningOf(document));
    }),
    cases(50),
  );
});

it("a scenario as JSON or YAML is the same scenario", () => {
  fc.assert(
    fc.property(modelSeed, (seed) => {
      const { text, scenarios } = modelText(seed);
      const model = accepted(checkModel(parseModel("random.reckon", text), noTable));
      for (const scenario of scenarios) {
        const document = parseScenario(scenario.source, scenario.text);
        const json = JSON.stringify(accepted(scenarioToJson(document)), null, 2);
        const expected = withoutSpans(accepted(checkScenario(document, model)));
        for (const source of ["random.json", "random.yaml"]) {
          expect(withoutSpans(accepted(checkScenario(parseScenario(source, json), model)))).toEqual(expected);
        }
      }
    }),
    cases(50),
  );
});

const noTable = (path: string) => ({ problem: `no table ${path}` });

function accepted<T>(result: { readonly value?: T; readonly diagnostics: readonly Diagnostic[] }): T {
  if (result.value === undefined) throw new Error(JSON.stringify(result.diagnostics));
  return result.value;
}

/** What a model means once checked: its attributes with their formulas and columns, its loops and checks. */
function meaningOf(document: ModelDocument): unknown {
  const { attributes, checks, ...rest } = accepted(checkModel(document, noTable));
  // The text of a formula may be laid out in another way: `1_000` is printed as `1000`.
  const unwritten = [...attributes.values(), ...checks].map((part) => ({
    ...(withoutSpans(part) as object),
    text: undefined,
  }));
  return withoutSpans({ ...rest, unwritten });
}
