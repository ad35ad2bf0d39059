import { arrayValue, errorValue } from "@reckon/value";
import { describe, expect, it } from "vitest";
import type { FunctionDefinition, LambdaValue } from "./definition.ts";
import { invoke } from "./invoke.ts";
import {
  lambda,
  lazy,
  number,
  optional,
  optionalOrBlank,
  scalar,
  strictNumber,
  text,
  value,
} from "./parameter.ts";

/** A function that gives back what it was called with, as text. */
function recording(parameters: FunctionDefinition["parameters"], repeat = 0): FunctionDefinition {
  return {
    name: "RECORDING",
    family: "test",
    parameters,
    repeat,
    doc: "Says what it was given.",
    example: ["", ""],
    implement: (...args: unknown[]) =>
      args.map((each) => (each === undefined ? "none" : JSON.stringify(each))).join(" "),
  };
}

const wrong = expect.objectContaining({ code: "#VALUE!" });

describe("calling a function", () => {
  it("[FN7] coerces by the kind of each parameter", () => {
    const of = recording([number("a", ""), text("b", ""), scalar("c", "")]);
    expect(invoke(of, ["12", 5, "x"])).toBe('12 "5" "x"');
    expect(invoke(of, ["x", 5, "x"])).toEqual(wrong);
  });

  it("[FN7] the first error in argument order is the result, unless the parameter takes any value", () => {
    const of = recording([number("a", ""), number("b", "")]);
    expect(invoke(of, [errorValue("#N/A"), errorValue("#NUM!")])).toEqual(errorValue("#N/A"));
    expect(invoke(of, ["x", errorValue("#NUM!")])).toEqual(wrong);
    expect(invoke(recording([value("a", "")]), [errorValue("#N/A")])).toBe('{"kind":"error","code":"#N/A"}');
  });

  it("[FN8] omitted and empty arguments take the fallback; some take a blank for the empty one", () => {
    expect(invoke(recording([number("a", ""), optional(number("b", ""), 7)]), [1])).toBe("1 7");
    expect(invoke(recording([number("a", ""), optional(number("b", ""), 7)]), [1, undefined])).toBe("1 7");
    expect(invoke(recording([number("a", ""), optionalOrBlank(number("b", ""), 7)]), [1, undefined])).toBe(
      "1 0",
    );
    expect(invoke(recording([number("a", ""), optionalOrBlank(number("b", ""), 7)]), [1])).toBe("1 7");
    expect(invoke(recording([number("a", ""), optional(number("b", ""))]), [1])).toBe("1 none");
    expect(invoke(recording([number("a", "")]), [undefined])).toBe("0");
  });

  it("[FN9] is done once for each cell of arrays in scalar parameters, others passed whole", () => {
    const of = recording([number("a", ""), value("b", ""), number("c", "")]);
    const row = arrayValue(1, 2, [1, "x"]);
    const column = arrayValue(2, 1, [3, errorValue("#REF!")]);
    const result = invoke(of, [row, 9, column]);
    expect(result).toEqual(arrayValue(2, 2, ["1 9 3", wrong, errorValue("#REF!"), wrong] as never));
    expect(invoke(of, [arrayValue(1, 1, [1]), 9, 2])).toBe("1 9 2");
    expect(invoke(of, [arrayValue(1, 2, [1, 2]), 9, arrayValue(1, 3, [1, 2, 3])])).toEqual(
      arrayValue(1, 3, ["1 9 1", "2 9 2", errorValue("#N/A")]),
    );
  });

  it("[FN10] a lazy argument is evaluated only when asked for", () => {
    let calls = 0;
    const of: FunctionDefinition = {
      ...recording([value("a", ""), lazy("b", "")]),
      implement: (a: boolean, b: () => number) => (a ? b() : 0),
    };
    const thunk = (): number => ++calls;
    expect(invoke(of, [false, thunk])).toBe(0);
    expect(calls).toBe(0);
    expect(invoke(of, [true, thunk])).toBe(1);
  });

  it("[FN7] asks for functions where a function is wanted, and numbers where booleans are refused", () => {
    const made: LambdaValue = { kind: "lambda", parameterCount: 0, call: () => 1 };
    const of: FunctionDefinition = {
      ...recording([lambda("a", "")]),
      implement: (a: LambdaValue) => a.call([]),
    };
    expect(invoke(of, [made])).toBe(1);
    expect(invoke(of, [1])).toEqual(wrong);
    expect(invoke(of, [errorValue("#N/A")])).toEqual(errorValue("#N/A"));
    expect(invoke(recording([number("a", "")]), [made])).toEqual(wrong);
    expect(invoke(recording([strictNumber("a", "")]), [true])).toEqual(wrong);
    expect(invoke(recording([strictNumber("a", "")]), ["1"])).toBe("1");
  });

  it("[FN7] a result that is not finite is #NUM!, and too many arguments are #VALUE!", () => {
    const of: FunctionDefinition = { ...recording([number("a", "")]), implement: (a: number) => a / 0 };
    expect(invoke(of, [1])).toEqual(errorValue("#NUM!"));
    expect(invoke({ ...of, implement: () => arrayValue(1, 2, [Number.NaN, 1]) }, [1])).toEqual(
      arrayValue(1, 2, [errorValue("#NUM!"), 1]),
    );
    expect(invoke(of, [1, 2])).toEqual(wrong);
  });
});
