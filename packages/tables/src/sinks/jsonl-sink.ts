/** Rows as JSON lines: a record a row, blanks as null, errors as `{"error": "#N/A"}`. */
import { isErrorValue, type Scalar } from "@reckon/value";
import type { RowSink } from "../api.ts";
import { numberField } from "../csv.ts";
import { openTextSink } from "./text-sink.ts";

export function openJsonlSink(path: string, columns: readonly string[]): Promise<RowSink> {
  const names = columns.map((name, i) => `${i === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  return openTextSink(path, "", (cells, row) => {
    let line = "";
    for (let i = 0; i < names.length; i++)
      line += (names[i] as string) + jsonOf((cells[i] as readonly Scalar[])[row] as Scalar);
    return `${line}}\n`;
  });
}

function jsonOf(value: Scalar): string {
  if (typeof value === "number") return Number.isFinite(value) ? numberField(value) : `{"error":"#NUM!"}`;
  if (value !== null && isErrorValue(value)) return `{"error":${JSON.stringify(value.code)}}`;
  return JSON.stringify(value);
}
