/** What is said of a row that is no entity. */

export function blankKey(source: string, column: string, line: number): string {
  return `${placeOf(source, line)}: the key in \`${column}\` is blank`;
}

export function repeatedKey(source: string, key: string, line: number, firstLine: number): string {
  return `${placeOf(source, line)}: \`${key}\` has a row already, in line ${firstLine}`;
}

function placeOf(source: string, line: number): string {
  return line === 0 ? source : `${source}:${line}`;
}
