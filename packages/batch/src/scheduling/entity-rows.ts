/**
 * Rows that are entities, in the order in which they begin. Everything is a column: an object an entity would be the most
 * expensive part of a light batch. All lists have the same length.
 */
import type { Scalar, Table } from "@reckon/value";

export interface EntityRows {
  readonly table: Table;
  readonly keys: readonly string[];
  readonly positions: readonly number[];
  readonly deepKeys: readonly string[];
  /** Absent: all alike. */
  readonly priorities?: readonly number[];
  /** Place in the order of the whole source, from 0. */
  readonly ordinals: readonly number[];
}

/** Rows `from` to before `to`. Cost: their cells; all rows are given back as they are. */
export function slicedRows(rows: EntityRows, from: number, to: number): EntityRows {
  if (from === 0 && to === rows.keys.length) return rows;
  const { table, priorities } = rows;
  return {
    table: {
      source: table.source,
      rows: to - from,
      columns: table.columns.map(({ name, values }) => ({ name, values: values.slice(from, to) })),
      lines: table.lines.slice(from, to),
    },
    keys: rows.keys.slice(from, to),
    positions: rows.positions.slice(from, to),
    deepKeys: rows.deepKeys.slice(from, to),
    ...(priorities === undefined ? {} : { priorities: priorities.slice(from, to) }),
    ordinals: rows.ordinals.slice(from, to),
  };
}

/** These rows, by ascending indexes. Cost: their cells; neighbours are cut out as a whole. */
export function pickedRows(rows: EntityRows, indexes: readonly number[]): EntityRows {
  const first = indexes[0] ?? 0;
  if ((indexes.at(-1) ?? -1) - first === indexes.length - 1)
    return slicedRows(rows, first, first + indexes.length);
  const pick = <Item>(list: readonly Item[]): Item[] => indexes.map((index) => list[index] as Item);
  const { table, priorities } = rows;
  return {
    table: {
      source: table.source,
      rows: indexes.length,
      columns: table.columns.map(({ name, values }) => ({ name, values: pick(values) })),
      lines: pick(table.lines),
    },
    keys: pick(rows.keys),
    positions: pick(rows.positions),
    deepKeys: pick(rows.deepKeys),
    ...(priorities === undefined ? {} : { priorities: pick(priorities) }),
    ordinals: pick(rows.ordinals),
  };
}

/** Rows one behind the other; at least one part. Cost: the cells, unless there is one part only. */
export function joinedRows(parts: readonly EntityRows[]): EntityRows {
  const [first] = parts as readonly [EntityRows, ...EntityRows[]];
  if (parts.length === 1) return first;
  const hasPriorities = parts.some(({ priorities }) => priorities !== undefined);
  return {
    table: {
      source: first.table.source,
      rows: parts.reduce((sum, { table }) => sum + table.rows, 0),
      columns: first.table.columns.map(({ name }, column) => ({
        name,
        values: parts.flatMap(({ table }) => table.columns[column]?.values ?? ([] as readonly Scalar[])),
      })),
      lines: parts.flatMap(({ table }) => table.lines),
    },
    keys: parts.flatMap(({ keys }) => keys),
    positions: parts.flatMap(({ positions }) => positions),
    deepKeys: parts.flatMap(({ deepKeys }) => deepKeys),
    ...(hasPriorities
      ? { priorities: parts.flatMap(({ keys, priorities }) => priorities ?? keys.map(() => 0)) }
      : {}),
    ordinals: parts.flatMap(({ ordinals }) => ordinals),
  };
}
