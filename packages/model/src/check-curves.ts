/**
 * The curves of a model, each as the function that it is. A curve with the points of the previous model's is that function
 * again, so that formulas which call it keep their identity.
 */
import { curveFunction, functionByName } from "@reckon/formula";
import type { CheckReport } from "./check-report.ts";
import type { CheckedCurve, CheckedModel, CurveDeclaration } from "./declarations.ts";
import { presentFields } from "./present-fields.ts";

/** The curve of a line; points that could not be read are missing, and have been told. */
export function checkCurve(
  declaration: CurveDeclaration,
  { item, at }: { readonly item: number; readonly at: number },
  report: CheckReport,
  previous: CheckedModel | undefined,
): CheckedCurve {
  const { name, block, label, span } = declaration;
  const points = declaration.points.map(({ x, y }) => ({ x, y }));
  if (functionByName(name.text) !== undefined)
    report.add("model/curve-name", { item: at, span: name.span }, { name: name.text });
  const id = `${block}.${name.text}`;
  const old = previous?.curves.find((curve) => curve.id === id);
  const isSame =
    old?.points.length === points.length &&
    old.points.every(({ x, y }, i) => Object.is(x, points[i]?.x) && Object.is(y, points[i]?.y));
  const definition = isSame ? old.definition : curveFunction(points.length === 0 ? [{ x: 0, y: 0 }] : points);
  return presentFields<CheckedCurve>({
    id,
    block: block ?? "",
    name: name.text,
    points,
    definition,
    label,
    item,
    span,
  });
}
