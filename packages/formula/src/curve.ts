/**
 * Curves: piecewise linear functions given by their points, flat outside.
 *
 * A curve is a function of the library in all but its name, so it is lifted, compiled and fused as those are. Its name
 * holds its points: two curves with equal points are the same work, and two with different ones never pass for each
 * other. Between two points the value is y₀ + (y₁ − y₀) · ((x − x₀) / (x₁ − x₀)); at a point it is exactly its y.
 * Cost: a binary search a call.
 */
import type { FunctionDefinition } from "./functions/definition.ts";
import { familyOf, number } from "./functions/parameter.ts";

/** A curve's points; x ascends. */
export type CurvePoints = readonly { readonly x: number; readonly y: number }[];

/**
 * The function that a curve is.
 *
 * @example
 * ```ts
 * const demand = curveFunction([{ x: 0, y: 1 }, { x: 10, y: 0.5 }]);
 * demand.implement(5); // 0.75
 * ```
 */
export function curveFunction(points: CurvePoints): FunctionDefinition {
  const xs = Float64Array.from(points, ({ x }) => x);
  const ys = Float64Array.from(points, ({ y }) => y);
  const text = points.map(({ x, y }) => `${exact(x)} ${exact(y)}`).join(" ");
  const [definition] = familyOf("curves", [
    {
      name: `CURVE ${text}`,
      parameters: [number("x", "where the curve is read")],
      doc: "A curve of the model.",
      example: ["=demand(5)", "0.75"],
      implement: (x: number): number => valueAt(xs, ys, x),
    },
  ]);
  return definition as FunctionDefinition;
}

function exact(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function valueAt(xs: Float64Array, ys: Float64Array, x: number): number {
  const last = xs.length - 1;
  if (!(x > (xs[0] as number))) return ys[0] as number;
  if (x >= (xs[last] as number)) return ys[last] as number;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((xs[middle] as number) <= x) low = middle;
    else high = middle;
  }
  const [x0, y0] = [xs[low] as number, ys[low] as number];
  return y0 + ((ys[high] as number) - y0) * ((x - x0) / ((xs[high] as number) - x0));
}
