/**
 * Values as text: a scalar in the style of what stood there before, a label, and the smallest change of an input's
 * written value that sets some of its cells.
 *
 * `setCellsText` walks the written value with the box of cells each part stands for:
 *   - a part whose whole box is set becomes the new scalar,
 *   - a member list or list is followed into the parts that are touched; the others keep their text,
 *   - a single value that is set in part is opened along one axis: members for members, spans or a list for periods.
 */
import { type Expression, percentOf } from "@reckon/formula";
import { type Axis, isErrorValue, isoDateText, numberToText, parseIsoDate, type Scalar } from "@reckon/value";
import { type AxisRange, rangeOfLabel } from "./axis-label.ts";
import type { InputValue } from "./declarations.ts";
import { type Replacement, replaced } from "./document-edit.ts";

/** A list longer than this is not written into a model; such values belong in a table. */
const writtenValuesMax = 400;

/** The text of a scalar as a constant, a day for dates; undefined when it cannot be written (a blank, an error). */
export function scalarText(value: Scalar, like = "", isDate = false): string | undefined {
  if (value === null || isErrorValue(value)) return undefined;
  if (typeof value === "string") return `"${value.replaceAll('"', '""')}"`;
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (!Number.isFinite(value)) return undefined;
  if (isDate) return dayText(value) ?? numberText(value, "");
  if (/%\s*$/.test(like)) {
    const percent = percentText(value);
    if (percent !== undefined) return percent;
  }
  const unit = /^[-+]?[\d_.]+(?:e[-+]?\d+)?(\s*[\p{L}][\p{L}\p{N}_/*^]*)\s*$/iu.exec(like)?.[1] ?? "";
  return numberText(value, like) + unit;
}

/** A serial as `2026-01-31`, where that says all of it. */
function dayText(serial: number): string | undefined {
  const text = isoDateText(serial);
  return parseIsoDate(text) === serial ? text : undefined;
}

/** A number so that reading it gives the same bits; with `_` between thousands where the old text had them. */
function numberText(value: number, like: string): string {
  const text = Object.is(value, -0) ? "-0" : String(value);
  if (!like.includes("_") || !/^-?\d{4,}(\.\d+)?$/.test(text)) return text;
  const [whole = "", fraction] = text.split(".");
  const grouped = whole.replace(/(?<=\d)(?=(?:\d{3})+$)/g, "_");
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function percentText(value: number): string | undefined {
  const text = numberToText(value * 100);
  return percentOf(Number(text)) === value ? `${text}%` : undefined;
}

/** A label as it is written in a member list or index: quoted where it must be. */
export function labelText(label: string): string {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_-]*$/u.test(label) ? label : `"${label.replaceAll('"', '""')}"`;
}

/** What is being set: the attribute's axes, the positions per axis, and the text that stands for the new value. */
export interface CellEdit {
  readonly axes: readonly Axis[];
  readonly positions: readonly (readonly number[])[];
  readonly value: Scalar;
  readonly isDate: boolean;
  /** The item's text, which the written value's spans are offsets into. */
  readonly text: string;
}

/** What a written part stands for is one stretch along each axis. */
type Box = readonly AxisRange[];

/** The replacements that set the cells; undefined when the value would become too long to write. */
export function setCellsText(written: InputValue, edit: CellEdit): readonly Replacement[] | undefined {
  const replacements: Replacement[] = [];
  const whole = edit.axes.map((axis) => ({ from: 0, to: axis.labels.length }));
  const open = edit.axes.map((_, i) => i);
  return visit(written, whole, open, edit, replacements) ? replacements : undefined;
}

function visit(
  written: InputValue,
  box: Box,
  open: readonly number[],
  edit: CellEdit,
  replacements: Replacement[],
): boolean {
  if (isApart(box, edit)) return true;
  const span = spanOf(written);
  const like = edit.text.slice(span.start, span.end);
  if (isInside(box, edit)) {
    replacements.push({
      span,
      text: scalarText(edit.value, styleOf(written, edit.text), edit.isDate) as string,
    });
    return true;
  }
  switch (written.kind) {
    case "table":
      return false;
    case "expression": {
      const text = opened(like, box, edit);
      if (text !== undefined) replacements.push({ span, text });
      return text !== undefined;
    }
    case "list": {
      const outer = partialAxis(box, edit, false);
      if (outer !== undefined) {
        const text = openedList(written, outer, box, edit);
        if (text !== undefined) replacements.push({ span, text });
        return text !== undefined;
      }
      const at = edit.axes.findIndex((axis) => axis.time !== undefined);
      return written.values.every((expression, i) => {
        const inner: InputValue = { kind: "expression", expression };
        const position = (box[at]?.from ?? 0) + i;
        return visit(inner, narrowed(box, at, single(position)), open, edit, replacements);
      });
    }
    case "members": {
      const at = axisOf(written, open, edit.axes);
      if (at === undefined) return false;
      const rest = open.filter((i) => i !== at);
      return written.entries.every(({ label, value }) => {
        const found = rangeOfLabel(edit.axes[at] as Axis, label.text) ?? { from: 0, to: 0 };
        const count = setWithin(edit, at, found);
        // A span of periods that is touched in part would have to be written as several entries.
        if (count > 0 && count < found.to - found.from) {
          const text = splitEntry(value, at, found, box, edit);
          if (text === undefined) return false;
          replacements.push({ span: { start: label.span.start, end: spanOf(value).end }, text });
          return true;
        }
        return visit(value, narrowed(box, at, found), rest, edit, replacements);
      });
    }
  }
}

/** `2026-01..: 5` set in one period becomes several entries, the untouched ones with their old text. */
function splitEntry(
  value: InputValue,
  at: number,
  found: AxisRange,
  box: Box,
  edit: CellEdit,
): string | undefined {
  if (value.kind !== "expression") return undefined;
  const span = spanOf(value);
  return entries(edit.text.slice(span.start, span.end), at, narrowed(box, at, found), edit)?.join(", ");
}

/** A list that is set for some members only becomes one list for each member. */
function openedList(
  written: InputValue & { kind: "list" },
  at: number,
  box: Box,
  edit: CellEdit,
): string | undefined {
  const axis = edit.axes[at] as Axis;
  const { from, to } = box[at] as AxisRange;
  if ((to - from) * written.values.length > writtenValuesMax) return undefined;
  const pieces: string[] = [];
  for (let position = from; position < to; position++) {
    const changes: Replacement[] = [];
    if (!visit(written, narrowed(box, at, single(position)), [], edit, changes)) return undefined;
    const moved = changes.map((change) => ({ ...change, span: shiftedBy(change.span, -written.span.start) }));
    const list = replaced(edit.text.slice(written.span.start, written.span.end), moved);
    pieces.push(`${labelText(axis.labels[position] as string)}: ${list}`);
  }
  return `{ ${pieces.join(", ")} }`;
}

function shiftedBy(span: Replacement["span"], offset: number): Replacement["span"] {
  return { start: span.start + offset, end: span.end + offset };
}

/** The first axis that is set in part; along time too if `isTimeMeant`. */
function partialAxis(box: Box, edit: CellEdit, isTimeMeant: boolean): number | undefined {
  const at = box.findIndex(
    (along, i) =>
      (isTimeMeant || edit.axes[i]?.time === undefined) && setWithin(edit, i, along) < along.to - along.from,
  );
  return at < 0 ? undefined : at;
}

/** A single value, set in some cells of its box only, as a list. */
function opened(like: string, box: Box, edit: CellEdit): string | undefined {
  const at = partialAxis(box, edit, true);
  if (at === undefined) return undefined;
  const pieces = entries(like, at, box, edit);
  return pieces === undefined ? undefined : `{ ${pieces.join(", ")} }`;
}

/** The entries of a member list along axis `at`: one for each member, or for each run of periods that are alike. */
function entries(like: string, at: number, box: Box, edit: CellEdit): string[] | undefined {
  const axis = edit.axes[at] as Axis;
  const { from, to } = box[at] as AxisRange;
  const set = edit.positions[at] as readonly number[];
  const pieces: string[] = [];
  let next = lowerBound(set, from);
  for (let first = from; first < to; ) {
    const isSet = set[next] === first;
    let end = first + 1;
    // Periods that are alike stand together, members one by one.
    if (isSet) for (next++; axis.time !== undefined && end < to && set[next] === end; end++) next++;
    else if (axis.time !== undefined) end = Math.min(to, set[next] ?? to);
    const inner = isSet ? innerText(like, narrowed(box, at, single(first)), edit) : like;
    if (inner === undefined || pieces.length >= writtenValuesMax) return undefined;
    pieces.push(`${spanText(axis, first, end - 1)}: ${inner}`);
    first = end;
  }
  return pieces;
}

function innerText(like: string, box: Box, edit: CellEdit): string | undefined {
  if (isInside(box, edit)) return scalarText(edit.value, like, edit.isDate);
  return opened(like, box, edit);
}

/** `2026-03`, `2026-03..2026-05`, or with an open end where the span reaches the axis's own. */
export function spanText(axis: Axis, first: number, last: number): string {
  const from = axis.labels[first] as string;
  if (first === last) return labelText(from);
  const to = last === axis.labels.length - 1 ? "" : labelText(axis.labels[last] as string);
  return first === 0 && to !== "" ? `..${to}` : `${labelText(from)}..${to}`;
}

function axisOf(
  written: InputValue & { kind: "members" },
  open: readonly number[],
  axes: readonly Axis[],
): number | undefined {
  return open.find((i) =>
    written.entries.every(({ label }) => rangeOfLabel(axes[i] as Axis, label.text) !== undefined),
  );
}

function single(position: number): AxisRange {
  return { from: position, to: position + 1 };
}

function narrowed(box: Box, at: number, along: AxisRange): Box {
  return box.map((range, i) => (i === at ? along : range));
}

function isInside(box: Box, edit: CellEdit): boolean {
  return box.every((along, i) => setWithin(edit, i, along) === along.to - along.from);
}

function isApart(box: Box, edit: CellEdit): boolean {
  return box.some((along, i) => setWithin(edit, i, along) === 0);
}

/** How many positions of a stretch are set; they are ascending. */
function setWithin({ positions }: CellEdit, at: number, { from, to }: AxisRange): number {
  const set = positions[at] as readonly number[];
  return lowerBound(set, to) - lowerBound(set, from);
}

/** The index of the first number that is not below `bound`. */
function lowerBound(numbers: readonly number[], bound: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((numbers[middle] as number) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The text whose style the new value follows: the value itself, or the first one in a list. */
function styleOf(written: InputValue, text: string): string {
  let part: InputValue | undefined = written;
  while (part?.kind === "members") part = part.entries[0]?.value;
  const first: Expression | undefined =
    part?.kind === "list" ? part.values[0] : part?.kind === "expression" ? part.expression : undefined;
  return first === undefined ? "" : text.slice(first.span.start, first.span.end);
}

function spanOf(value: InputValue): { readonly start: number; readonly end: number } {
  if (value.kind === "expression") return value.expression.span;
  return value.kind === "table" ? value.table.span : value.span;
}
