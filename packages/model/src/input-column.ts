/**
 * Fills the column of an input from what is written: a single value for all cells, member lists by axis, lists along
 * time, a table, or a column of a table axis.
 *
 * A value is written into a box of cells: some axes already fixed by the lists around it, the others whole. Each level
 * of a member list fixes one more axis, found by its labels. Every constant is evaluated and checked once, whatever the
 * size of its box.
 *
 * Cost: the cells, and the rows of a table.
 */
import { type Expression, nearestName, type Span } from "@reckon/formula";
import { type Axis, Column } from "@reckon/value";
import { positionsOfLabel } from "./axis-label.ts";
import { boxName, forEachCell, type Positions, shapeOf } from "./cell-grid.ts";
import { listed } from "./check-axes.ts";
import type { CheckedInput, InputValue, Name } from "./declarations.ts";
import { accept, constantIn, type Filling } from "./filling.ts";
import { fillFromTable } from "./input-table.ts";
import { presentFields } from "./present-fields.ts";

/** The column of an input; undefined where a problem left cells without a value (the report says so). */
export function inputColumn(value: InputValue, filling: Omit<Filling, "set">): Column {
  const column = new Column(shapeOf(filling.axes));
  fillBox(value, { ...filling, set: (index, scalar) => column.set(index, scalar) }, []);
  return column;
}

/** Writes `value` into the cells of the box. Overrides use it too, with the box of their index. */
export function fillBox(value: InputValue, filling: Filling, positions: Positions): void {
  switch (value.kind) {
    case "expression":
      fillExpression(value.expression, filling, positions);
      return;
    case "members":
      fillMembers(value, filling, positions);
      return;
    case "list":
      fillList(value, filling, positions);
      return;
    case "table":
      fillFromTable(value.table, filling);
  }
}

function fillExpression(expression: Expression, filling: Filling, positions: Positions): void {
  if (expression.kind === "name" && expression.index === undefined) {
    const column = filling.tableColumn(expression.path);
    if (column !== undefined) {
      filling.reads.add(column);
      fillFromColumn(column, expression.span, filling, positions);
      return;
    }
  }
  const value = constantIn(expression, filling);
  if (value === undefined) return;
  if (!accept(value, filling, boxName(filling.id, filling.axes, positions), expression.span)) return;
  forEachCell(filling.axes, positions, (index) => filling.set(index, value));
}

function fillFromColumn(column: CheckedInput, span: Span, filling: Filling, positions: Positions): void {
  const { axes, report, item, id, tables } = filling;
  const from = axes.indexOf(column.axes[0] as Axis);
  if (from < 0) {
    const axis = column.axes[0]?.name ?? "";
    report.add("model/column-axes", { item, span }, { column: column.id, axis, attribute: id });
    return;
  }
  let stride = 1;
  for (let i = from + 1; i < axes.length; i++) stride *= (axes[i] as Axis).labels.length;
  const { name, labels } = axes[from] as Axis;
  let member = 0;
  const row = (): string => tables.placeOfMember(name, member);
  forEachCell(axes, positions, (index) => {
    member = Math.floor(index / stride) % labels.length;
    const value = column.column.get(member);
    if (accept(value, filling, index, span, row)) filling.set(index, value);
  });
}

function fillMembers(value: InputValue & { kind: "members" }, filling: Filling, positions: Positions): void {
  const { report, item, id, axes } = filling;
  const open = axes.map((_, i) => i).filter((i) => !isFixed(positions, i));
  const at = axisOfLabels(
    value.entries.map((entry) => entry.label.text),
    axes,
    open,
  );
  if (at === undefined) {
    report.add(
      "model/no-axis-left",
      { item, span: value.span },
      { attribute: id, axes: listed(axes.map((axis) => axis.name)) },
    );
    return;
  }
  const axis = axes[at] as Axis;
  const allowed = positions[at];
  const seen = new Set<number>();
  for (const { label, value: inner } of value.entries) {
    const named = positionsOfLabel(axis, label.text);
    const found =
      named === undefined || allowed === undefined ? named : named.filter((p) => allowed.includes(p));
    if (found === undefined || found.length === 0) {
      reportUnknownMember(label, axis, filling);
      continue;
    }
    if (found.some((position) => seen.has(position))) {
      report.add("model/repeated-member", { item, span: label.span }, { label: label.text });
      continue;
    }
    for (const position of found) seen.add(position);
    fillBox(inner, filling, withAxis(axes, positions, at, found));
  }
  const wanted = allowed ?? axis.labels.map((_, i) => i);
  const missing = wanted
    .filter((position) => !seen.has(position))
    .map((position) => axis.labels[position] as string);
  if (
    missing.length > 0 &&
    !value.entries.some(({ label }) => positionsOfLabel(axis, label.text) === undefined)
  ) {
    report.add(
      "model/missing-members",
      { item, span: value.span },
      { axis: axis.name, missing: listed(missing, 5) },
    );
  }
}

/** Positions of an axis that a list has fixed are marked by wrapping: a fixed axis has its own array. */
const fixedByList = new WeakSet<readonly number[]>();

function isFixed(positions: Positions, axis: number): boolean {
  const along = positions[axis];
  return along !== undefined && (fixedByList.has(along) || along.length === 1);
}

function withAxis(
  axes: readonly Axis[],
  positions: Positions,
  at: number,
  along: readonly number[],
): Positions {
  const own = [...along];
  fixedByList.add(own);
  return axes.map((_, i) => (i === at ? own : positions[i]));
}

/** The axis among `open` that most of the labels belong to; the first of equals. */
function axisOfLabels(
  labels: readonly string[],
  axes: readonly Axis[],
  open: readonly number[],
): number | undefined {
  let best = open[0];
  let most = 0;
  for (const i of open) {
    const matching = labels.filter((label) => positionsOfLabel(axes[i] as Axis, label) !== undefined).length;
    if (matching > most) {
      best = i;
      most = matching;
    }
  }
  return best;
}

function reportUnknownMember(label: Name, axis: Axis, { report, item }: Filling): void {
  report.add(
    "model/unknown-member",
    { item, span: label.span },
    presentFields({
      label: label.text,
      axes: `axis \`${axis.name}\``,
      suggestion: axis.time === undefined ? nearestName(label.text, axis.labels.slice(0, 10_000)) : undefined,
      members: listed(axis.labels, 5),
    }),
  );
}

function fillList(value: InputValue & { kind: "list" }, filling: Filling, positions: Positions): void {
  const { report, item, id, axes } = filling;
  const at = axes.findIndex((axis) => axis.time !== undefined);
  const axis = axes[at];
  const along = positions[at];
  if (axis === undefined || (along !== undefined && fixedByList.has(along))) {
    report.add("model/list-without-time", { item, span: value.span }, { attribute: id });
    return;
  }
  const wanted = along ?? axis.labels.map((_, i) => i);
  if (value.values.length !== wanted.length) {
    const facts = { found: value.values.length, wanted: wanted.length, axis: axis.name };
    report.add("model/list-length", { item, span: value.span }, facts);
    return;
  }
  value.values.forEach((expression, i) => {
    fillExpression(expression, filling, withAxis(axes, positions, at, [wanted[i] as number]));
  });
}
