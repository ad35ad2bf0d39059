/**
 * Which columns of its tables a model reads: those of keys, those in which inputs find their values, and those that formulas name.
 * The others take no part in keys and are not sent.
 *
 * Which column an input takes its values from is decided as the checker does it; without the unread ones it would choose the
 * same. Cost: the declarations.
 */
import type { ModelDocument, TableSource } from "@reckon/model";
import type { Table } from "@reckon/value";

export interface ColumnsRequest {
  readonly document: ModelDocument;
  /** By `block.attribute`; columns of table axes are among them, as `axis.column`. */
  readonly attributes: ReadonlySet<string>;
  /** The names of a table's columns, by path as written; none where it cannot be read. */
  readonly columnsOf: (path: string) => readonly string[];
}

export interface ReadColumns {
  /** Those that rows are found by, or that name the members of an axis. */
  readonly keys: ReadonlySet<string>;
  /** Those whose cells are values. */
  readonly values: ReadonlySet<string>;
}

/** By path as written. */
export function tableColumns({
  document,
  attributes,
  columnsOf,
}: ColumnsRequest): ReadonlyMap<string, ReadColumns> {
  const found = new Map<string, { keys: Set<string>; values: Set<string> }>();
  const of = (path: string) => {
    const known = found.get(path) ?? { keys: new Set(), values: new Set() };
    found.set(path, known);
    return known;
  };
  const axesOf = new Map<string, readonly string[]>();
  for (const { declaration } of document.items) {
    if (declaration?.kind === "block")
      axesOf.set(
        declaration.name.text,
        declaration.axes.map(({ text }) => text),
      );
    else if (declaration?.kind === "axis" && declaration.table !== undefined) {
      const { keys, values } = of(declaration.table.path);
      if (declaration.table.key !== undefined) keys.add(declaration.table.key.text);
      for (const column of columnsOf(declaration.table.path))
        if (attributes.has(`${declaration.name.text}.${column}`)) values.add(column);
    } else if (declaration?.kind === "input" && declaration.value.kind === "table") {
      const { table } = declaration.value;
      const { keys, values } = of(table.path);
      const own = keyColumns(table, axesOf.get(declaration.block ?? "") ?? []);
      for (const key of own) keys.add(key);
      const value = valueColumn(table, own, declaration.name.text, columnsOf(table.path));
      if (value !== undefined) values.add(value);
    }
  }
  return found;
}

/** The table with these columns alone. */
export function withColumns(table: Table, { keys, values }: ReadColumns): Table {
  return { ...table, columns: table.columns.filter(({ name }) => keys.has(name) || values.has(name)) };
}

function keyColumns({ by, key }: TableSource, axes: readonly string[]): readonly string[] {
  const names = by.length > 0 ? by.map(({ text }) => text) : axes;
  return names.length === 1 && key !== undefined ? [key.text] : names;
}

function valueColumn(
  { valueColumn: told }: TableSource,
  keys: readonly string[],
  name: string,
  columns: readonly string[],
): string | undefined {
  if (told !== undefined) return told.text;
  const others = columns.filter((column) => !keys.includes(column));
  return others.length === 1 ? others[0] : others.find((column) => column === name);
}
