/**
 * The results of one scenario as plain data: what `reckon run --json` prints. Its schema is
 * `docs/spec/run.schema.json`.
 */
import type { CheckOutcome, LoopOutcome, ScenarioName, Sheet } from "@reckon/sheet";
import { type Axis, type Column, type ErrorOrigin, isErrorValue, type Scalar } from "@reckon/value";
import { unitText } from "./unit-text.ts";

export type JsonScalar =
  | number
  | string
  | boolean
  | null
  | { readonly error: string; readonly origin?: ErrorOrigin };
/** A scalar, or nested lists: one level an axis, in the order of `axes`, time innermost. */
type JsonValues = JsonScalar | readonly JsonValues[];

interface JsonAttribute {
  readonly kind: "input" | "formula";
  readonly unit?: string;
  readonly label?: string;
  readonly axes: readonly string[];
  readonly values: JsonValues;
}
export interface JsonLoop {
  readonly loop: string;
  /** Its members. */
  readonly attributes: readonly string[];
  /** Where it was solved: the period's label; empty in a model without time. */
  readonly at: readonly string[];
  readonly verdict: LoopOutcome["verdict"];
  readonly iterations: number;
  /** Largest change in the last sweep; null when there was none. */
  readonly residual: number | null;
}
export interface RunResult {
  readonly model: string;
  readonly scenario: ScenarioName;
  readonly axes: Readonly<Record<string, readonly string[]>>;
  readonly attributes: Readonly<Record<string, JsonAttribute>>;
  readonly loops: readonly JsonLoop[];
  readonly checks: readonly CheckOutcome[];
}

/** Everything about one scenario, of the attributes with these ids. Cost: their cells. */
export function runResult(sheet: Sheet, scenario: ScenarioName, ids: readonly string[]): RunResult {
  const { model } = sheet;
  return {
    model: model.name,
    scenario,
    axes: Object.fromEntries(model.axes.map((axis) => [axis.name, axis.labels])),
    attributes: Object.fromEntries(ids.map((id) => [id, jsonAttribute(sheet, scenario, id)])),
    loops: sheet.loops(scenario).map(jsonLoop),
    checks: sheet.checks(scenario),
  };
}

/**
 * The results as JSON text in pieces, an attribute, loop or check a line: short enough to read, and no piece is much
 * larger than one attribute.
 */
export function* resultPieces(results: Iterable<RunResult>, isList: boolean): Generator<string> {
  let separator = isList ? "[" : "";
  for (const { model, scenario, axes, attributes, loops, checks } of results) {
    yield `${separator}{\n  "model": ${JSON.stringify(model)},\n  "scenario": ${JSON.stringify(scenario)},\n`;
    yield* entries("axes", "{", Object.entries(axes), "}");
    yield* entries("attributes", "{", Object.entries(attributes), "}");
    yield* entries("loops", "[", loops, "]");
    yield* entries("checks", "[", checks, "]", "");
    yield "}";
    separator = ",\n";
  }
  yield isList ? "]\n" : "\n";
}

/** One member of the result: `"loops": [` with an entry a line. Entries of objects are pairs of key and value. */
function* entries(
  name: string,
  open: "{" | "[",
  items: readonly unknown[],
  close: "}" | "]",
  behind = ",",
): Generator<string> {
  yield `  "${name}": ${open}`;
  let separator = "\n";
  for (const item of items) {
    const [key, value] = open === "{" ? (item as [string, unknown]) : ["", item];
    yield `${separator}    ${open === "{" ? `${JSON.stringify(key)}: ` : ""}${JSON.stringify(value)}`;
    separator = ",\n";
  }
  yield `${items.length === 0 ? "" : "\n  "}${close}${behind}\n`;
}

function jsonAttribute(sheet: Sheet, scenario: ScenarioName, id: string): JsonAttribute {
  const attribute = sheet.attribute(id);
  if (attribute === undefined) throw new Error(`the attribute ${id} went away`);
  const unit = unitText(attribute.type);
  return {
    kind: attribute.kind,
    ...(unit === undefined ? {} : { unit }),
    ...(attribute.label === undefined ? {} : { label: attribute.label }),
    axes: attribute.axes.map((axis) => axis.name),
    values: nest(sheet.column(id, scenario), attribute.axes),
  };
}

/** Nested lists from a flat column; the depth is the number of axes, which is small. */
function nest(column: Column, axes: readonly Axis[]): JsonValues {
  const nestFrom = (axis: number, offset: number, size: number): JsonValues => {
    const labels = axes[axis]?.labels;
    if (labels === undefined) return jsonScalar(column.get(offset));
    const step = size / labels.length;
    return labels.map((_, i) => nestFrom(axis + 1, offset + i * step, step));
  };
  return nestFrom(0, 0, column.length);
}

export function jsonScalar(value: Scalar): JsonScalar {
  if (!isErrorValue(value)) return value;
  return value.origin === undefined ? { error: value.code } : { error: value.code, origin: value.origin };
}

export function jsonLoop(outcome: LoopOutcome): JsonLoop {
  const { loop, attributes, at, verdict, iterations, residuals } = outcome;
  return { loop, attributes, at, verdict, iterations, residual: residuals.at(-1) ?? null };
}
