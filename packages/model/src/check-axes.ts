/**
 * Makes the axes of a model: the time axis, axes with written members, axes from tables with their columns.
 *
 * An axis equal to one of the previous model is that object, so that everything over it keeps its identity.
 */
import { nearestName } from "@reckon/formula";
import {
  type Axis,
  axisOf,
  Column,
  isErrorValue,
  numberToText,
  type Scalar,
  sameColumn,
  type Table,
  timeAxis,
} from "@reckon/value";
import type { TableLookup } from "./api.ts";
import type { CheckReport } from "./check-report.ts";
import type {
  AxisDeclaration,
  CheckedInput,
  CheckedModel,
  Name,
  TableSource,
  TimeDeclaration,
} from "./declarations.ts";
import { presentFields } from "./present-fields.ts";

/** How many problems of one kind in one table are told; the rest would only repeat them. */
export const tableProblemsMax = 10;

/** Reads tables once, tells once for each place that a table cannot be read. */
export class TableReader {
  private readonly lookup: TableLookup;
  private readonly report: CheckReport;
  private readonly read = new Map<string, ReturnType<TableLookup>>();
  private readonly members = new Map<string, MemberRows>();

  constructor(lookup: TableLookup, report: CheckReport) {
    this.lookup = lookup;
    this.report = report;
  }

  /** Whether the host still gives the tables that were read. */
  isCurrent(lookup: TableLookup): boolean {
    for (const [path, table] of this.read) if (lookup(path) !== table) return false;
    return true;
  }

  /** The table without any diagnostic. */
  peek(source: TableSource): Table | undefined {
    const found = this.find(source.path);
    return "problem" in found ? undefined : found;
  }

  table(source: TableSource, item: number): Table | undefined {
    if (source.path === "") return undefined;
    const found = this.find(source.path);
    if (!("problem" in found)) return found;
    this.report.add(
      "model/bad-table",
      { item, span: source.span },
      { path: source.path, problem: found.problem },
    );
    return undefined;
  }

  /** Remembers where the members of an axis stand. */
  noteMembers(axis: string, rows: MemberRows): void {
    this.members.set(axis, rows);
  }

  /** The file and the line of a member of a table axis, or the axis's name. Cost: constant. */
  placeOfMember(axis: string, position: number): string {
    const noted = this.members.get(axis);
    return noted === undefined ? axis : placeOfRow(noted.table, noted.rows?.[position] ?? position);
  }

  private find(path: string): ReturnType<TableLookup> {
    let found = this.read.get(path);
    if (found === undefined) {
      found = this.lookup(path);
      this.read.set(path, found);
    }
    return found;
  }

  /** The column called `name`, or a diagnostic at `name`. */
  column(table: Table, name: Name, item: number): readonly Scalar[] | undefined {
    const column = table.columns.find((candidate) => candidate.name === name.text);
    if (column !== undefined) return column.values;
    const columns = table.columns.map((candidate) => candidate.name);
    this.report.add(
      "model/unknown-column",
      { item, span: name.span },
      presentFields({
        name: name.text,
        path: table.source,
        suggestion: nearestName(name.text, columns),
        columns: listed(columns),
      }),
    );
    return undefined;
  }
}

export function listed(names: readonly string[], most = 8): string {
  const shown = names
    .slice(0, most)
    .map((name) => `\`${name}\``)
    .join(", ");
  return names.length > most ? `${shown}, …` : shown;
}

/** Which row gives which member of a table axis. */
export interface MemberRows {
  readonly table: Table;
  /** By position; absent where every row is a member. */
  readonly rows?: readonly number[];
}

/** The file and the line of a row; the file alone where rows have no lines. */
export function placeOfRow(table: Table, row: number): string {
  const line = table.lines[row] ?? row + 2;
  return line === 0 ? table.source : `${table.source}:${line}`;
}

/** A table's cell as a label: texts as they are, whole numbers without decimals. */
export function labelOf(value: Scalar): string | undefined {
  if (typeof value === "string") return value.trim() === "" ? undefined : value;
  if (typeof value === "number") return numberToText(value);
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  return value === null || isErrorValue(value) ? undefined : String(value);
}

export function timeAxisOf(
  declaration: TimeDeclaration,
  item: number,
  report: CheckReport,
  previous: CheckedModel | undefined,
): Axis | undefined {
  const made = timeAxis(declaration.frequency, declaration.from.text, declaration.to.text);
  if ("axis" in made) return kept(made.axis, previous);
  const span = { start: declaration.from.span.start, end: declaration.to.span.end };
  const suggestion = otherFrequency(declaration);
  report.add("model/bad-time", { item, span }, presentFields({ problem: made.problem, suggestion }));
  return undefined;
}

/** The coarsest first: a label of a coarser frequency is read by all finer ones. */
const coarsestFirst = ["year", "quarter", "month", "week", "day", "step"] as const;

/** The line with the frequency that its labels are of. */
function otherFrequency({ frequency, from, to }: TimeDeclaration): string | undefined {
  const other = coarsestFirst.find((each) => "axis" in timeAxis(each, from.text, to.text));
  // Short numbers are years more likely than steps.
  if (other === undefined || other === frequency || (other === "step" && frequency === "year"))
    return undefined;
  return `time ${other} ${from.text}..${to.text}`;
}

/** The axis of a declaration; for a table, with the columns to be read-only inputs. */
export function memberAxisOf(
  declaration: AxisDeclaration,
  item: number,
  tables: TableReader,
  report: CheckReport,
  previous: CheckedModel | undefined,
): { axis: Axis; members?: MemberRows } | undefined {
  if (declaration.table === undefined) {
    const axis = axisOf(declaration.name.text, writtenLabels(declaration, item, report));
    return { axis: kept(axis, previous) };
  }
  const table = tables.table(declaration.table, item);
  if (table === undefined) return undefined;
  const found = tableLabels(declaration, table, item, tables, report);
  if (found === undefined) return undefined;
  const { labels, rows } = found;
  const members = { table, ...(labels.length === table.rows ? {} : { rows }) };
  tables.noteMembers(declaration.name.text, members);
  return { axis: kept(axisOf(declaration.name.text, labels), previous), members };
}

function writtenLabels(declaration: AxisDeclaration, item: number, report: CheckReport): string[] {
  const first = new Map<string, Name>();
  for (const member of declaration.members ?? []) {
    const other = first.get(member.text);
    if (other === undefined) first.set(member.text, member);
    else {
      report.add(
        "model/duplicate-member",
        { item, span: member.span },
        { name: member.text, axis: declaration.name.text },
        { notes: [report.note("first here", { item, span: other.span })] },
      );
    }
  }
  return [...first.keys()];
}

function tableLabels(
  declaration: AxisDeclaration,
  table: Table,
  item: number,
  tables: TableReader,
  report: CheckReport,
): { readonly labels: readonly string[]; readonly rows: readonly number[] } | undefined {
  const source = declaration.table as TableSource;
  const at = { item, span: source.span };
  if (source.key === undefined) {
    const columns = listed(table.columns.map((column) => column.name));
    report.add("model/no-table-key", at, { path: source.path, columns });
    return undefined;
  }
  const values = tables.column(table, source.key, item);
  if (values === undefined) return undefined;
  const lines = new Map<string, number>();
  const rows: number[] = [];
  let problems = 0;
  values.forEach((value, row) => {
    const label = labelOf(value);
    const line = table.lines[row] ?? row + 2;
    const firstLine = label === undefined ? undefined : lines.get(label);
    if (label !== undefined && firstLine === undefined) {
      lines.set(label, line);
      rows.push(row);
    } else if (problems++ < tableProblemsMax) {
      const path = table.source;
      if (label === undefined || firstLine === undefined) {
        report.add("model/table-key-blank", at, { column: (source.key as Name).text, path, line });
      } else {
        const key = `\`${label}\``;
        report.add("model/table-key-duplicate", at, { key, path, line, firstLine });
      }
    }
  });
  return { labels: [...lines.keys()], rows };
}

/** The previous model's axis of that name if it is the same, so that identities are kept. */
function kept(axis: Axis, previous: CheckedModel | undefined): Axis {
  const old = previous?.axes.find((candidate) => candidate.name === axis.name);
  if (old === undefined || old.labels.length !== axis.labels.length) return axis;
  if (old.time?.frequency !== axis.time?.frequency) return axis;
  return old.labels.every((label, i) => label === axis.labels[i]) ? old : axis;
}

/** The columns of a table axis as read-only inputs `axis.column`, shared with `previous` where equal. */
export function tableColumns(
  axis: Axis,
  { table, rows }: MemberRows,
  declaration: AxisDeclaration,
  itemId: number,
  previous: CheckedModel | undefined,
): CheckedInput[] {
  const axes = [axis];
  return table.columns.map((tableColumn) => {
    const id = `${axis.name}.${tableColumn.name}`;
    const column = new Column({ outer: axis.labels.length, periods: 1 });
    for (let i = 0; i < axis.labels.length; i++) column.set(i, tableColumn.values[rows?.[i] ?? i] ?? null);
    const old = previous?.attributes.get(id);
    if (old?.kind === "input" && old.isReadOnly && old.item === itemId && old.axes[0] === axis) {
      if (sameColumn(old.column, column)) return old;
      return { ...old, column };
    }
    return {
      kind: "input",
      id,
      block: axis.name,
      name: tableColumn.name,
      axes: old !== undefined && old.axes[0] === axis ? old.axes : axes,
      column,
      isReadOnly: true,
      item: itemId,
      span: declaration.name.span,
    };
  });
}
