/**
 * The results of scenarios as data: what `reckon run --json` prints. Its schema is
 * `docs/spec/run.schema.json`.
 */
import type { CheckOutcome, LoopOutcome, ScenarioName, Sheet } from "@reckon/sheet";
import { type Axis, type Column, type ErrorOrigin, isErrorValue, type Scalar } from "@reckon/value";
import { type FailedCalls, failedCalls } from "./failed-calls.ts";
import { jsonStats, type RunStats } from "./run-stats.ts";
import { unitText } from "./unit-text.ts";

export type JsonScalar =
  | number
  | string
  | boolean
  | null
  | { readonly error: string; readonly origin?: ErrorOrigin };

/** One solve; see the schema. Numbers that are not finite are null, as JSON has none. */
export interface JsonLoop {
  readonly loop: string;
  /** Its members. */
  readonly attributes: readonly string[];
  /** Where it was solved: the labels of the member, if it was solved by itself, and of the period. */
  readonly at: readonly string[];
  /** Its cells, where it is made of some cells of its members. */
  readonly cells?: readonly ErrorOrigin[];
  readonly verdict: LoopOutcome["verdict"];
  readonly iterations: number;
  readonly sweeps: number;
  /** Largest change in the last step; null when there was none. */
  readonly residual: number | null;
  readonly residuals: readonly (number | null)[];
  readonly ratio?: number;
  readonly method: LoopOutcome["method"];
  readonly start: LoopOutcome["start"];
  readonly damping?: number;
  readonly dampedRatio?: number;
  readonly settledBy?: string;
}

/**
 * The results of scenarios as JSON text in pieces, an attribute, loop or check a line: short enough to read. One object,
 * or a list of several. No piece is larger than the labels of an axis, and only the piece at hand is kept. Cost: the
 * cells.
 */
export function* resultPieces(
  sheet: Sheet,
  scenarios: readonly ScenarioName[],
  ids: readonly string[],
  stats?: RunStats,
): Generator<string> {
  const { model } = sheet;
  const isList = scenarios.length > 1;
  let separator = isList ? "[" : "";
  for (const scenario of scenarios) {
    yield `${separator}{\n  "model": ${JSON.stringify(model.name)},\n  "scenario": ${JSON.stringify(scenario)},\n`;
    yield* entries("axes", "{", axisPieces(sheet), "},\n");
    yield* entries("attributes", "{", attributePieces(sheet, scenario, ids), "},\n");
    yield* entries("unconverged", "{", unconvergedPieces(sheet, scenario, ids), "},\n");
    yield* entries("loops", "[", each(sheet.loops(scenario).map(jsonLoop)), "],\n");
    yield* entries("checks", "[", each(sheet.checks(scenario).map(jsonCheck)), "]");
    const failures = failedCalls(sheet, [scenario], ids);
    if (failures.length > 0) {
      yield ",\n";
      yield* entries("failures", "[", each(failures.map(jsonFailure)), "]");
    }
    if (stats !== undefined) yield `,\n  "stats": ${JSON.stringify(jsonStats(stats))}`;
    yield "\n}";
    separator = ",\n";
  }
  yield isList ? "]\n" : "\n";
}

/** One member of the result: `"loops": [` with an entry a line. Each entry comes in pieces. */
function* entries(
  name: string,
  open: "{" | "[",
  items: Iterable<Iterable<string>>,
  close: string,
): Generator<string> {
  yield `  "${name}": ${open}`;
  let begin = "\n    ";
  let end = "";
  for (const item of items) {
    yield begin;
    yield* item;
    begin = ",\n    ";
    end = "\n  ";
  }
  yield end + close;
}

/** Of a stale check the outcome before is printed, as the values are. */
function jsonCheck({ isStale: _, ...check }: CheckOutcome): Omit<CheckOutcome, "isStale"> {
  return check;
}

function jsonFailure({ scenario: _, ...failure }: FailedCalls): object {
  return failure;
}

function* each(items: Iterable<unknown>): Generator<[string]> {
  for (const item of items) yield [JSON.stringify(item)];
}

function* axisPieces({ model }: Sheet): Generator<[string]> {
  for (const { name, labels } of model.axes) yield [`${JSON.stringify(name)}: ${JSON.stringify(labels)}`];
}

function* attributePieces(
  sheet: Sheet,
  scenario: ScenarioName,
  ids: readonly string[],
): Generator<Generator<string>> {
  for (const id of ids) yield jsonAttribute(sheet, scenario, id);
}

/** The flat cells, from … to before, of each attribute that are in or behind a loop that has not converged. */
function* unconvergedPieces(
  sheet: Sheet,
  scenario: ScenarioName,
  ids: readonly string[],
): Generator<[string]> {
  const unconverged = sheet.unconverged(scenario);
  for (const id of ids) {
    const ranges = unconverged.get(id);
    if (ranges !== undefined) yield [`${JSON.stringify(id)}: ${JSON.stringify(ranges)}`];
  }
}

function* jsonAttribute(sheet: Sheet, scenario: ScenarioName, id: string): Generator<string> {
  const attribute = sheet.attribute(id);
  if (attribute === undefined) throw new Error(`the attribute ${id} went away`);
  const unit = unitText(attribute.type);
  const facts = {
    kind: attribute.kind,
    ...(unit === undefined ? {} : { unit }),
    ...(attribute.label === undefined ? {} : { label: attribute.label }),
    axes: attribute.axes.map((axis) => axis.name),
  };
  const column = sheet.column(id, scenario);
  yield `${JSON.stringify(id)}: ${JSON.stringify(facts).slice(0, -1)},"values":`;
  yield* nested(column, attribute.axes, 0, 0, column.length);
  yield "}";
}

/** Of a row, what is handed over at once is longer than this, and not much. */
const pieceLength = 32 * 1024;

/** Nested lists from a flat column; the depth is the number of axes, which is small. */
function* nested(
  column: Column,
  axes: readonly Axis[],
  axis: number,
  offset: number,
  size: number,
): Generator<string> {
  const count = axes[axis]?.labels.length;
  if (count === undefined) {
    yield valueText(column.get(offset));
    return;
  }
  let piece = "[";
  const isInnermost = axis === axes.length - 1;
  for (let i = 0; i < count; i++) {
    if (i > 0) piece += ",";
    if (isInnermost) piece += valueText(column.get(offset + i));
    if (isInnermost && piece.length < pieceLength) continue;
    yield piece;
    piece = "";
    if (!isInnermost) yield* nested(column, axes, axis + 1, offset + (i * size) / count, size / count);
  }
  yield `${piece}]`;
}

function valueText(value: Scalar): string {
  return JSON.stringify(jsonScalar(value));
}

export function jsonScalar(value: Scalar): JsonScalar {
  if (!isErrorValue(value)) return value;
  const { code, origin } = value;
  if (origin === undefined) return { error: code };
  // What is laid under SMOOTH and its kin is named by the attribute it stands under, a space, and the call.
  const [attribute] = origin.attribute.split(" ") as [string];
  return { error: code, origin: { attribute, at: origin.at } };
}

export function jsonLoop(outcome: LoopOutcome): JsonLoop {
  const { loop, attributes, at, verdict, iterations, sweeps, residuals, method, start } = outcome;
  const { places, ratio, damping, dampedRatio, settledBy } = outcome;
  return {
    loop,
    attributes,
    at,
    ...(places === undefined ? {} : { cells: places }),
    verdict,
    iterations,
    sweeps,
    residual: finite(residuals.at(-1)),
    residuals: residuals.map(finite),
    ...(ratio === undefined || !Number.isFinite(ratio) ? {} : { ratio }),
    method,
    start,
    ...(damping === undefined ? {} : { damping }),
    ...(dampedRatio === undefined ? {} : { dampedRatio }),
    ...(settledBy === undefined ? {} : { settledBy }),
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
