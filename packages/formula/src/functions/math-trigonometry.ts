/** Angles and hyperbolic functions; angles are in radians. */
import { errorValue } from "@reckon/value";
import type { FunctionDefinition } from "./definition.ts";
import { finiteOf, quotientOf } from "./operators.ts";
import { familyOf, number } from "./parameter.ts";

/** Excel refuses larger angles, whose doubles are too coarse for an angle to mean anything. */
const angleMax = 2 ** 27;

type Definition = Omit<FunctionDefinition, "family">;

/** A function of one number; `doc` says what it gives, `argument` what it takes. */
function ofOne(
  name: string,
  argument: string,
  doc: string,
  example: readonly [string, string],
  implement: Definition["implement"],
): Definition {
  return { name, parameters: [number("number", argument)], doc, example, implement };
}

/** A function of an angle, `#NUM!` for angles too large. */
function ofAngle(
  name: string,
  doc: string,
  example: readonly [string, string],
  give: (angle: number) => unknown,
): Definition {
  const implement = (angle: number): never =>
    (Math.abs(angle) >= angleMax ? errorValue("#NUM!", "the angle is too large") : give(angle)) as never;
  return ofOne(name, "an angle in radians", doc, example, implement);
}

const ratio = "from -1 to 1";
const any = "any number";

export const trigonometryFunctions: readonly FunctionDefinition[] = familyOf("math", [
  ofAngle("SIN", "The sine of an angle.", ["=SIN(0)", "0"], Math.sin),
  ofAngle("COS", "The cosine of an angle.", ["=COS(0)", "1"], Math.cos),
  ofAngle("TAN", "The tangent of an angle.", ["=ROUND(TAN(PI()/4),6)", "1"], Math.tan),
  ofAngle("COT", "The cotangent of an angle.", ["=ROUND(COT(PI()/4),6)", "1"], (x) =>
    quotientOf(1, Math.tan(x)),
  ),
  ofAngle("SEC", "The secant of an angle.", ["=SEC(0)", "1"], (x) => quotientOf(1, Math.cos(x))),
  ofAngle("CSC", "The cosecant of an angle.", ["=ROUND(CSC(PI()/2),6)", "1"], (x) =>
    quotientOf(1, Math.sin(x)),
  ),
  ofOne("ASIN", ratio, "The angle with this sine.", ["=ASIN(0)", "0"], (x: number) => finiteOf(Math.asin(x))),
  ofOne("ACOS", ratio, "The angle with this cosine.", ["=ACOS(1)", "0"], (x: number) =>
    finiteOf(Math.acos(x)),
  ),
  ofOne("ATAN", any, "The angle with this tangent.", ["=ATAN(0)", "0"], (x: number) => Math.atan(x)),
  ofOne(
    "ACOT",
    any,
    "The angle with this cotangent, from 0 to pi.",
    ["=ROUND(ACOT(1)*4,4)", "3.1416"],
    (x: number) => (x === 0 ? Math.PI / 2 : Math.atan(1 / x) + (x < 0 ? Math.PI : 0)),
  ),
  {
    name: "ATAN2",
    parameters: [number("x_num", "across"), number("y_num", "up")],
    doc: "The angle of the point (x, y) seen from the origin; the x comes first.",
    example: ["=ROUND(ATAN2(1,1)*4,4)", "3.1416"],
    implement: (x: number, y: number) => (x === 0 && y === 0 ? errorValue("#DIV/0!") : Math.atan2(y, x)),
  },
  ofOne("SINH", any, "The hyperbolic sine.", ["=SINH(0)", "0"], (x: number) => finiteOf(Math.sinh(x))),
  ofOne("COSH", any, "The hyperbolic cosine.", ["=COSH(0)", "1"], (x: number) => finiteOf(Math.cosh(x))),
  ofOne("TANH", any, "The hyperbolic tangent.", ["=TANH(0)", "0"], (x: number) => Math.tanh(x)),
  ofOne("COTH", any, "The hyperbolic cotangent.", ["=ROUND(COTH(1),4)", "1.313"], (x: number) =>
    quotientOf(1, Math.tanh(x)),
  ),
  ofOne("SECH", any, "The hyperbolic secant.", ["=SECH(0)", "1"], (x: number) => 1 / Math.cosh(x)),
  ofOne("CSCH", any, "The hyperbolic cosecant.", ["=ROUND(CSCH(1),4)", "0.8509"], (x: number) =>
    quotientOf(1, Math.sinh(x)),
  ),
  ofOne("ASINH", any, "The number with this hyperbolic sine.", ["=ASINH(0)", "0"], (x: number) =>
    Math.asinh(x),
  ),
  ofOne("ACOSH", "at least 1", "The number with this hyperbolic cosine.", ["=ACOSH(1)", "0"], (x: number) =>
    finiteOf(Math.acosh(x)),
  ),
  ofOne(
    "ATANH",
    "between -1 and 1",
    "The number with this hyperbolic tangent.",
    ["=ATANH(0)", "0"],
    (x: number) => finiteOf(Math.atanh(x)),
  ),
  ofOne(
    "ACOTH",
    "above 1 or below -1",
    "The number with this hyperbolic cotangent.",
    ["=ROUND(ACOTH(2),4)", "0.5493"],
    (x: number) => (Math.abs(x) <= 1 ? errorValue("#NUM!") : Math.atanh(1 / x)),
  ),
  ofOne(
    "RADIANS",
    "an angle in degrees",
    "Degrees as radians.",
    ["=ROUND(RADIANS(180),4)", "3.1416"],
    (x: number) => (x / 180) * Math.PI,
  ),
  ofOne("DEGREES", "an angle in radians", "Radians as degrees.", ["=DEGREES(PI())", "180"], (x: number) =>
    finiteOf((x / Math.PI) * 180),
  ),
]);
