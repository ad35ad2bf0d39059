/** Signs and rounding. Rounding is decimal as Excel's: half away from zero, on the number as it reads in 15 digits. */
import type { FunctionDefinition } from "./definition.ts";
import { familyOf, number } from "./parameter.ts";

export const roundingFunctions: readonly FunctionDefinition[] = familyOf("math", [
  {
    name: "ABS",
    parameters: [number("number", "any number")],
    doc: "The number without its sign.",
    example: ["=ABS(-2.5)", "2.5"],
    implement: (x: number) => Math.abs(x),
  },
]);
