/**
 * Reads a curve line:
 *
 *   "curve" name "=" "(" x "," y ")" { [ "," ] "(" x "," y ")" } [ label ]
 *
 * Whatever is wrong behind the name, the curve is declared with the points that could be read, so that formulas which
 * call it are not blamed. Points must ascend: each that does not is told with the one before it.
 */
import { percentOf, type Span } from "@reckon/formula";
import type { CurvePoint, ModelDeclaration } from "./declarations.ts";
import type { LineReader } from "./line-reader.ts";
import { presentFields } from "./present-fields.ts";
import { labelOnly, readClauses } from "./read-clauses.ts";
import { reportReserved } from "./reserved-name.ts";

const numberPattern = /[-+]?(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?%?(?![\p{L}\p{N}_.])/uy;
const example = "curve demand = (0, 1) (10, 0.5) (20, 0.1)";
const hint = `for example \`${example}\``;

export function readCurve(
  reader: LineReader,
  start: number,
  block: string | undefined,
): ModelDeclaration | undefined {
  const name = reader.expectName("the curve's name", hint);
  if (name === undefined) return undefined;
  reportReserved(reader, name, "a curve");
  if (block === undefined)
    reader.report("model/outside-block", name.span, { what: "curve", name: name.text });
  const points: CurvePoint[] = [];
  if (!reader.accept("=")) {
    const isCalled = reader.isNext("(");
    const meant = isCalled ? `write \`curve ${name.text} = (…) …\`` : hint;
    reader.reportExpected(`\`=\` behind \`curve ${name.text}\``, meant);
    if (!isCalled) reader.position = reader.end;
  }
  while (reader.isNext("(")) {
    const point = readPoint(reader);
    if (point === undefined) break;
    points.push(point);
    reader.accept(",");
  }
  if (reader.diagnostics.length === 0) {
    if (!reader.isAtEnd() && !reader.isNext('"')) reader.reportExpected("a point `(x, y)`", hint);
    else reportShape(reader, name.text, name.span, points);
  }
  if (reader.diagnostics.length > 0) skipToLabel(reader);
  const { label } = readClauses(reader, labelOnly("a curve"));
  return presentFields<ModelDeclaration>({
    kind: "curve",
    name,
    block,
    points,
    label,
    span: reader.spanFrom(start),
  });
}

/** `(x, y)`; undefined, with a diagnostic, when it is none. */
function readPoint(reader: LineReader): CurvePoint | undefined {
  const start = reader.position;
  reader.accept("(");
  const x = readNumber(reader, "the x of a point");
  if (x === undefined) return undefined;
  if (!reader.accept(",")) {
    reader.reportExpected("`,` between x and y", `a point is written \`(${x}, …)\``);
    return undefined;
  }
  const y = readNumber(reader, "the y of a point");
  if (y === undefined) return undefined;
  if (!reader.accept(")")) {
    reader.reportExpected("`)` behind the point", `a point is written \`(${x}, ${y})\``);
    return undefined;
  }
  return { x, y, span: { start, end: reader.position } };
}

function readNumber(reader: LineReader, what: string): number | undefined {
  reader.skipSpace();
  numberPattern.lastIndex = reader.position;
  const written = numberPattern.exec(reader.text)?.[0];
  if (written === undefined || reader.position + written.length > reader.end) {
    // Vensim writes the range of its graph first: `([(0,0)-(10,10)],(0,1),…)`.
    const isRange = reader.isNext("[") || reader.isNext("(");
    const more = isRange
      ? `leave out the outer brackets and the range of the graph: \`${example}\``
      : "the points of a curve are numbers";
    reader.reportExpected(what, more);
    return undefined;
  }
  reader.position += written.length;
  const digits = written.replaceAll("_", "");
  return digits.endsWith("%") ? percentOf(Number(digits.slice(0, -1))) : Number(digits);
}

function reportShape(reader: LineReader, name: string, span: Span, points: readonly CurvePoint[]): void {
  if (points.length < 2) {
    reader.report("model/short-curve", points[0]?.span ?? span, { name, found: points.length });
    return;
  }
  for (let i = 1; i < points.length; i++) {
    const [before, point] = [points[i - 1] as CurvePoint, points[i] as CurvePoint];
    if (point.x > before.x) continue;
    reader.report("model/curve-order", point.span, { x: String(point.x), before: String(before.x) });
  }
  const endless = points.find(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y));
  if (endless !== undefined) {
    const found = `\`${reader.text.slice(endless.span.start, endless.span.end)}\``;
    reader.report("model/unexpected", endless.span, { found, hint: "the numbers of a point are finite" });
  }
}

function skipToLabel(reader: LineReader): void {
  while (!reader.isAtEnd() && !reader.isNext('"')) reader.position += 1;
}
