/** Circular models with known solutions, solved by every method through the engine, and through the language. */
import type { LoopMethod } from "@reckon/engine";
import { describe, expect, it } from "vitest";
import { open } from "../properties/open-text.ts";
import { circularEngine } from "./circular-engine.ts";
import { type CircularModel, circularModels, modelTextOf } from "./circular-models.ts";

/** As asked: to nine digits of the closed form. */
const within = 1e-9;

/** The names whose value differs from the solution, as sentences. */
function wrong({ solution }: CircularModel, numberAt: (name: string) => number): string[] {
  return Object.entries(solution)
    .filter(([name, value]) => !(Math.abs(numberAt(name) - value) <= within * Math.abs(value)))
    .map(([name, value]) => `${name} is ${numberAt(name)}, should be ${value}`);
}

describe("models with closed forms", () => {
  for (const model of circularModels) {
    it(`${model.name}: the solution solves the formulas`, () => {
      const { solution } = model;
      const again = model.sweep({ ...model.inputs, ...solution });
      for (const [name, value] of Object.entries(solution)) {
        expect(Math.abs((again[name] as number) - value), name).toBeLessThanOrEqual(
          1e-13 * Math.max(1, ...Object.values(solution).map(Math.abs)),
        );
      }
    });

    it(`[FP90] ${model.name}: the language finds it in ten steps`, () => {
      const sheet = open({ text: modelTextOf(model), scenarios: [] });
      expect(wrong(model, (name) => Number(sheet.get(`circle.${name}`)))).toEqual([]);
      expect(new Set(sheet.loops().map(({ verdict }) => verdict))).toEqual(new Set(["converged"]));
      for (const { iterations } of sheet.loops()) expect(iterations).toBeLessThanOrEqual(10);
      expect(sheet.loops()).toHaveLength(model.name.startsWith("buyout") ? 5 : 1);
      sheet.dispose();
    });
  }
});

const methods: readonly LoopMethod[] = ["auto", "plain", "aitken", "anderson", "newton"];

describe("every method finds them in the engine", () => {
  for (const method of methods) {
    it(`[FP90] ${method}`, () => {
      const failed = circularModels.flatMap((model) => {
        const declaration = { method, toleranceAbsolute: 0, iterationsMax: 400 };
        const { engine, numberAt } = circularEngine(model, declaration);
        const verdicts = new Set(engine.loopRecords().map(({ verdict }) => verdict));
        const faults = wrong(model, numberAt);
        if (verdicts.size !== 1 || !verdicts.has("converged")) faults.push([...verdicts].join(" "));
        engine.dispose();
        return faults.map((fault) => `${model.name}: ${fault}`);
      });
      expect(failed).toEqual([]);
    });
  }
});
