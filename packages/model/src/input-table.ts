/**
 * Fills an input from a table: each row gives the value of one combination of keys, found by name in the axes' labels.
 *
 * Which columns: one per axis named behind `by` (without `by`, the axes of the block), called like the axis, or `key`
 * where there is only one; the value stands in `value column`, or in the only column that is no key, or in the one
 * called like the attribute. An axis of the block that is no key is broadcast. Every combination needs exactly one row.
 *
 * Cost: rows × keys + cells.
 */
import { nearestName } from "@reckon/formula";
import { type Axis, periodRange, type Scalar, type Table } from "@reckon/value";
import { forEachCell, type Positions } from "./cell-grid.ts";
import { labelOf, listed, placeOfRow, tableProblemsMax } from "./check-axes.ts";
import type { Name, TableSource } from "./declarations.ts";
import { accept, type Filling, labelled } from "./filling.ts";
import { presentFields } from "./present-fields.ts";

/** How many cells without a row are told apart. */
const missingCellsMax = 1_000;

interface KeyColumn {
  /** The axis's index among the attribute's axes. */
  readonly at: number;
  readonly axis: Axis;
  readonly name: Name;
  readonly values: readonly Scalar[];
}

export function fillFromTable(source: TableSource, filling: Filling): void {
  const table = filling.tables.table(source, filling.item);
  if (table === undefined) return;
  filling.reads.add(table);
  const keys = keyColumns(source, table, filling);
  const values = valueColumn(source, table, keys, filling);
  if (keys === undefined || values === undefined) return;
  const first = placeRows(source, table, keys, filling);
  if (first === undefined) return;
  writeRows(source, table, { keys, values, first }, filling);
}

function keyColumns(source: TableSource, table: Table, filling: Filling): KeyColumn[] | undefined {
  const { axes, id, item, report } = filling;
  const at = { text: "", span: source.span };
  const by = source.by.length > 0 ? source.by : axes.map((axis) => ({ ...at, text: axis.name }));
  const keys: KeyColumn[] = [];
  let isComplete = true;
  for (const name of by) {
    const index = axes.findIndex((axis) => axis.name === name.text);
    if (index < 0) {
      const facts = { axis: name.text, attribute: id, axes: listed(axes.map((axis) => axis.name)) };
      report.add("model/table-axis-foreign", { item, span: name.span }, facts);
      isComplete = false;
      continue;
    }
    const column = by.length === 1 && source.key !== undefined ? source.key : name;
    const values = filling.tables.column(table, column, item);
    if (values === undefined) isComplete = false;
    else keys.push({ at: index, axis: axes[index] as Axis, name: column, values });
  }
  return isComplete ? keys : undefined;
}

function valueColumn(
  source: TableSource,
  table: Table,
  keys: readonly KeyColumn[] | undefined,
  filling: Filling,
): readonly Scalar[] | undefined {
  if (source.valueColumn !== undefined) return filling.tables.column(table, source.valueColumn, filling.item);
  if (keys === undefined) return undefined;
  const others = table.columns.filter((column) => !keys.some((key) => key.name.text === column.name));
  const short = filling.id.slice(filling.id.indexOf(".") + 1);
  const chosen = others.length === 1 ? others[0] : others.find((column) => column.name === short);
  if (chosen !== undefined) return chosen.values;
  const columns = listed(others.map((column) => column.name));
  filling.report.add(
    "model/no-value-column",
    { item: filling.item, span: source.span },
    { path: source.path, columns },
  );
  return undefined;
}

/** Per combination of keys the row that gives it; undefined when a key is wrong. */
function placeRows(
  source: TableSource,
  table: Table,
  keys: readonly KeyColumn[],
  filling: Filling,
): Int32Array | undefined {
  const size = keys.reduce((product, key) => product * key.axis.labels.length, 1);
  const first = new Int32Array(size).fill(-1);
  const at = { item: filling.item, span: source.span };
  const { report } = filling;
  let problems = 0;
  for (let row = 0; row < table.rows; row++) {
    const line = table.lines[row] ?? row + 2;
    let cell = 0;
    for (const key of keys) {
      const position = positionIn(key.axis, key.values[row] ?? null);
      if (position === undefined) {
        if (problems++ < tableProblemsMax)
          reportKey(key, key.values[row] ?? null, line, table, filling, at.span);
        cell = -1;
        break;
      }
      cell = cell * key.axis.labels.length + position;
    }
    if (cell < 0) continue;
    const earlier = first[cell] as number;
    if (earlier < 0) first[cell] = row;
    else if (problems++ < tableProblemsMax) {
      const key = keys.map((column) => `\`${labelOf(column.values[row] ?? null)}\``).join(", ");
      const firstLine = table.lines[earlier] ?? earlier + 2;
      const cells = [labelled(axesOf(keys), cell)];
      report.add("model/table-key-duplicate", at, { key, path: table.source, line, firstLine }, { cells });
    }
  }
  return problems === 0 ? first : undefined;
}

function positionIn(axis: Axis, value: Scalar): number | undefined {
  const label = labelOf(value);
  if (label === undefined) return undefined;
  const exact = axis.positions.get(label);
  if (exact !== undefined || axis.time === undefined) return exact;
  if (typeof value === "number" && axis.time.frequency !== "step") {
    const byStart = axis.time.starts.indexOf(value);
    if (byStart >= 0) return byStart;
  }
  const range = periodRange(axis, label);
  return range !== undefined && range.to - range.from === 1 ? range.from : undefined;
}

function reportKey(
  key: KeyColumn,
  value: Scalar,
  line: number,
  table: Table,
  { report, item }: Filling,
  span: TableSource["span"],
): void {
  const label = labelOf(value);
  const path = table.source;
  if (label === undefined) {
    report.add("model/table-key-blank", { item, span }, { column: key.name.text, path, line });
    return;
  }
  const suggestion =
    key.axis.time === undefined ? nearestName(label, key.axis.labels.slice(0, 10_000)) : undefined;
  report.add(
    "model/table-key-unknown",
    { item, span },
    presentFields({ key: label, axis: key.axis.name, path, line, suggestion }),
  );
}

interface Rows {
  readonly keys: readonly KeyColumn[];
  readonly values: readonly Scalar[];
  readonly first: Int32Array;
}

function writeRows(source: TableSource, table: Table, rows: Rows, filling: Filling): void {
  const { axes, item, report } = filling;
  const missing: string[] = [];
  const cells: ReturnType<typeof labelled>[] = [];
  let problems = 0;
  const axesOfKeys = axesOf(rows.keys);
  forEachCell(axesOfKeys, [], (cell) => {
    const row = rows.first[cell] as number;
    const along = positionsOfKeys(rows.keys, cell);
    if (row < 0) {
      missing.push(rows.keys.map((key, i) => key.axis.labels[along[i] as number]).join(", "));
      if (cells.length < missingCellsMax) cells.push(labelled(axesOfKeys, cell));
      return;
    }
    const value = rows.values[row] ?? null;
    const positions: Positions = axes.map((_, i) => {
      const key = rows.keys.findIndex((column) => column.at === i);
      return key < 0 ? undefined : [along[key] as number];
    });
    const place = (): string => placeOfRow(table, row);
    let isAccepted: boolean | undefined;
    forEachCell(axes, positions, (index) => {
      if (isAccepted === undefined) {
        isAccepted = problems < tableProblemsMax && accept(value, filling, index, source.span, place);
        if (!isAccepted) problems += 1;
      }
      if (isAccepted) filling.set(index, value);
    });
  });
  if (missing.length === 0) return;
  const shown = missing
    .slice(0, 3)
    .map((key) => `\`${key}\``)
    .join("; ");
  report.add(
    "model/table-key-missing",
    { item, span: source.span },
    { path: table.source, keys: shown, more: Math.max(0, missing.length - 3) },
    { cells },
  );
}

function axesOf(keys: readonly KeyColumn[]): readonly Axis[] {
  return keys.map((key) => key.axis);
}

function positionsOfKeys(keys: readonly KeyColumn[], cell: number): number[] {
  const along = new Array<number>(keys.length);
  let rest = cell;
  for (let i = keys.length - 1; i >= 0; i--) {
    const length = (keys[i] as KeyColumn).axis.labels.length;
    along[i] = rest % length;
    rest = Math.floor(rest / length);
  }
  return along;
}
