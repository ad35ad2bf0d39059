/**
 * Tables and programs as JSON that gives back the same bits. JSON has no NaN, no infinities and no −0; these, and error values,
 * are objects: `{"n":"NaN"}`, `{"e":{…}}`. A cell is never another object, so nothing is ambiguous.
 */
import { type ErrorValue, isErrorValue, type Scalar, type Table } from "@reckon/value";

type PlainScalar = number | string | boolean | null | { readonly n: string } | { readonly e: ErrorValue };

export interface PlainTable {
  readonly source: string;
  readonly rows: number;
  readonly lines: readonly number[];
  readonly columns: readonly { readonly name: string; readonly values: readonly PlainScalar[] }[];
}

export function plainTable({ source, rows, lines, columns }: Table): PlainTable {
  return {
    source,
    rows,
    lines,
    columns: columns.map(({ name, values }) => ({ name, values: values.map(plain) })),
  };
}

export function tableOf({ source, rows, lines, columns }: PlainTable): Table {
  return {
    source,
    rows,
    lines,
    columns: columns.map(({ name, values }) => ({ name, values: values.map(scalarOf) })),
  };
}

export function mapTables<From, To>(
  tables: Readonly<Record<string, From>>,
  to: (table: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(tables).map(([path, table]) => [path, to(table)]));
}

/** Keys sorted, no spaces. For what people may nest a few levels deep, not for trees of theirs. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function plain(value: Scalar): PlainScalar {
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0)
      ? value
      : { n: Object.is(value, -0) ? "-0" : String(value) };
  }
  return isErrorValue(value) ? { e: value } : value;
}

function scalarOf(value: PlainScalar): Scalar {
  if (typeof value !== "object" || value === null) return value;
  return "n" in value ? Number(value.n) : value.e;
}
