import { type ArrayValue, arrayValue, errorValue, isArrayValue, isErrorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import { type FunctionDefinition, isLambda, type LambdaValue, type Value } from "./definition.ts";
import { type Argument, invoke } from "./invoke.ts";
import { functionDefinitions } from "./registry.ts";
import { parameterAt } from "./signature.ts";

/** Numbers from 0 to 1, the same for the same seed (a linear congruential generator; quality does not matter here). */
function sequenceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const numbers = [
  0, -0, 1, 2, 3, -1, 0.5, 2.5, -3.7, 1e-300, 60, 255, 46053, 1e9, 1e15, -1e15, 1e300, -1e308, 5e-324,
];
const texts = [
  "",
  "a",
  "abc",
  "12",
  "-1.5",
  "2026-01-31",
  "50%",
  "TRUE",
  "*",
  "~",
  "=",
  ">=1",
  "<>",
  "0.00",
  "yyyy",
  "[",
  "#,##0;;",
  "\ud800",
  "0".repeat(300),
];
const first: LambdaValue = { kind: "lambda", parameterCount: 1, call: ([x = null]) => x };
const failing: LambdaValue = { kind: "lambda", parameterCount: 2, call: () => errorValue("#REF!") };
const wide: LambdaValue = { kind: "lambda", parameterCount: 2, call: () => arrayValue(1, 2, [1, 2]) };

const arrays: ArrayValue[] = [
  arrayValue(1, 3, [1, 2, 3]),
  arrayValue(3, 1, [3, "b", 1], { isRange: true }),
  arrayValue(2, 2, [-5, 10, 20, -1]),
  arrayValue(2, 2, [null, true, "x", errorValue("#N/A")], { isRange: true }),
  arrayValue(1, 1, [null], { isRange: true }),
  arrayValue(4, 1, [46023, 46054, 46082, 46113], { isRange: true, firstPosition: 254 }),
];

const pool: Argument[] = [
  ...numbers,
  ...texts,
  ...arrays,
  true,
  false,
  null,
  undefined,
  errorValue("#DIV/0!"),
  first,
  failing,
  wide,
];

function argumentFor(definition: FunctionDefinition, index: number, random: () => number): Argument {
  const kind = parameterAt(definition, index)?.kind;
  const pick = (): Argument => pool[Math.floor(random() * pool.length)];
  if (kind === "lambda" && random() < 0.8) return [first, failing, wide][Math.floor(random() * 3)];
  if (kind !== "lazy") return pick();
  const value = pick();
  return value === undefined || typeof value === "function" ? undefined : () => value;
}

/** What is wrong with a result, if anything: it must be a value, its numbers finite, its cells as many as it says. */
function faultOf(value: Value): string | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "a number that is not finite";
  if (isArrayValue(value)) {
    if (value.cells.length !== value.rows * value.columns || value.cells.length === 0) return "cells amiss";
    return value.cells
      .map((cell) => (isArrayValue(cell) ? "an array in an array" : faultOf(cell)))
      .find(Boolean);
  }
  const isValue = value === null || typeof value === "string" || typeof value === "boolean";
  return isValue || isErrorValue(value) || isLambda(value) ? undefined : "no value";
}

const rounds = 150;

describe("[FN22] a function gives a value whatever it is called with, and never throws", () => {
  const callable = functionDefinitions.filter((definition) => definition.isSpecialForm !== true);
  it.each(callable.map((definition) => [definition.name, definition] as const))("%s", (_, definition) => {
    const seed = 20261120;
    const random = sequenceOf(seed + definition.name.length * 7919 + definition.name.charCodeAt(0));
    for (let round = 0; round < rounds; round++) {
      const count = definition.parameters.length + (definition.repeat ?? 0);
      const args = Array.from({ length: count }, (__, i) => argumentFor(definition, i, random));
      const fault = faultOf(invoke(definition, args));
      expect(fault, `${definition.name}(${JSON.stringify(args)})`).toBeUndefined();
    }
  });
});
