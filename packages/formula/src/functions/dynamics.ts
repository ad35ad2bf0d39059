/**
 * Stocks, delays and smoothing. The checker turns them into stocks of the model, which the engine integrates; here they
 * are help.
 */
import { errorValue } from "@reckon/value";
import type { FunctionDefinition } from "./definition.ts";
import { familyOf, number } from "./parameter.ts";

function dynamic(
  name: string,
  parameters: FunctionDefinition["parameters"],
  doc: string,
  example: readonly [string, string],
): Omit<FunctionDefinition, "family"> {
  return { name, parameters, doc, example, isSpecialForm: true, implement: () => errorValue("#NAME?") };
}

const input = number("input", "what is delayed or smoothed");
const time = number("time", "the average delay, in periods");
const first = { ...number("first", "the result in the first period"), optional: true } as const;

/** Their examples are shown in help only: they need a model that runs over time. */
export const dynamicFunctions: readonly FunctionDefinition[] = familyOf("dynamics", [
  dynamic(
    "INTEGRAL",
    [number("flow", "what flows in, less what flows out, in one period")],
    "A stock: its `start` and all that has flowed since. It is the whole formula.",
    ["=INTEGRAL(births - deaths)", "1650"],
  ),
  dynamic("SMOOTH", [input, time, first], "Exponential smoothing of first order.", [
    "=SMOOTH(orders, 4)",
    "98",
  ]),
  dynamic("SMOOTH3", [input, time, first], "Smoothing of third order: three of first order in a row.", [
    "=SMOOTH3(orders, 4)",
    "97",
  ]),
  dynamic("DELAY1", [input, time, first], "Delay of first order: what is under way leaves in proportion.", [
    "=DELAY1(orders, 4)",
    "98",
  ]),
  dynamic("DELAY3", [input, time, first], "Delay of third order: three of first order in a row.", [
    "=DELAY3(orders, 4)",
    "97",
  ]),
  dynamic(
    "DELAY_FIXED",
    [
      input,
      number("time", "the delay in periods, as it is in the first"),
      number("first", "the result until the delay has passed"),
    ],
    "The input as it was a fixed time ago.",
    ["=DELAY_FIXED(orders, 2, 100)", "100"],
  ),
]);
