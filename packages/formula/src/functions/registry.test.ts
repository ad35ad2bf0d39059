import { isArrayValue, isErrorValue, type Scalar } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { evaluateText } from "../evaluate-text.ts";
import { toText } from "./coerce.ts";
import { functionByName, functionDefinitions, functionNames } from "./registry.ts";
import { arityOf, parameterAt } from "./signature.ts";

/** What a formula gives, as text; an error as its code. */
function shown(formula: string): string {
  const result = evaluateText(formula);
  if (!("value" in result))
    return `diagnostics: ${result.diagnostics.map((each) => each.message).join("; ")}`;
  const value = isArrayValue(result.value) ? (result.value.cells[0] as Scalar) : (result.value as Scalar);
  return isErrorValue(value) ? value.code : (toText(value) as string);
}

describe("the function library", () => {
  it("[FN1] has every name and alias once, in capitals", () => {
    const names = functionNames();
    expect(new Set(names).size).toBe(names.length);
    const all = functionDefinitions.flatMap((each) => [each.name, ...(each.aliases ?? [])]);
    expect(all.length).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[A-Z][A-Z0-9_]*(\.[A-Z0-9]+)*$/);
  });

  it("[FN1] finds a function in any case of letters, and by its older names", () => {
    expect(functionByName("sum")?.name).toBe("SUM");
    expect(functionByName("Stdev")?.name).toBe("STDEV.S");
    expect(functionByName("NOSUCH")).toBeUndefined();
  });

  it("[FN1] documents each function and each parameter in a sentence", () => {
    for (const definition of functionDefinitions) {
      expect(definition.doc, definition.name).toMatch(/\S.*\.$/);
      for (const parameter of definition.parameters) expect(parameter.doc, definition.name).not.toBe("");
      const firstOptional = definition.parameters.findIndex((each) => each.optional === true);
      const isGap = definition.parameters
        .slice(Math.max(0, firstOptional))
        .some((each) => each.optional !== true);
      if (firstOptional >= 0 && isGap) expect(["REDUCE", "SCAN"]).toContain(definition.name);
      expect(definition.repeat ?? 0, definition.name).toBeLessThanOrEqual(definition.parameters.length);
    }
  });

  it("[FN1] leaves out what would make a result depend on the moment", () => {
    for (const name of ["NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "INDIRECT", "OFFSET"]) {
      expect(functionByName(name), name).toBeUndefined();
    }
  });

  const runnable = functionDefinitions.filter((each) => !["periods", "dynamics"].includes(each.family));
  it.each(runnable.map((each) => [each.name, ...each.example] as const))(
    "[FN2] the example of %s runs",
    (_, formula, result) => {
      expect(shown(formula)).toBe(result);
    },
  );

  it("[FN3] knows how many arguments a function takes, and which parameter each belongs to", () => {
    const arity = (name: string): unknown => arityOf(functionByName(name) ?? expect.fail(name));
    expect(arity("PI")).toEqual({ least: 0, most: 0 });
    expect(arity("PMT")).toEqual({ least: 3, most: 5 });
    expect(arity("SUM")).toEqual({ least: 1, most: 255 });
    expect(arity("SUMIFS")).toEqual({ least: 3, most: 255 });
    expect(arity("REDUCE")).toEqual({ least: 3, most: 3 });
    const sumifs = functionByName("SUMIFS") ?? expect.fail();
    expect([0, 1, 2, 3, 4].map((i) => parameterAt(sumifs, i)?.name)).toEqual([
      "values_range",
      "criteria_range",
      "criteria",
      "criteria_range",
      "criteria",
    ]);
    expect(parameterAt(functionByName("PI") ?? expect.fail(), 0)).toBeUndefined();
  });
});
