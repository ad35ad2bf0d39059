/** What is said of a row that is no entity or has no priority, and of a file without columns that are needed. */
import type { Scalar } from "@reckon/value";

export function blankKey(source: string, column: string, line: number): string {
  return `${placeOf(source, line)}: the key in \`${column}\` is blank`;
}

export function repeatedKey(source: string, key: string, line: number, firstLine: number): string {
  return `${placeOf(source, line)}: \`${key}\` has a row already, in line ${firstLine}`;
}

export function noPriority(source: string, column: string, value: Scalar, line: number): string {
  const shown = typeof value === "string" ? `the text ${JSON.stringify(value)}` : String(value).toUpperCase();
  return `${placeOf(source, line)}: the priority in \`${column}\` is ${shown}, no number: such rows come last`;
}

export function noSuchColumns(
  source: string,
  missing: readonly string[],
  columns: readonly string[],
): string {
  const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
  return `${source}: has no column ${quoted(missing)}; it has ${quoted(columns)}`;
}

function placeOf(source: string, line: number): string {
  return line === 0 ? source : `${source}:${line}`;
}
