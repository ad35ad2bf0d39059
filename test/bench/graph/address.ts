/** Spreadsheet addresses of nodes: columns of 100,000 rows, filled one after the other. */
export const rowsPerColumn = 100_000;

export interface Place {
  readonly row: number;
  readonly column: number;
}

export function placeOf(node: number): Place {
  return { row: node % rowsPerColumn, column: Math.floor(node / rowsPerColumn) };
}

function columnLetters(column: number): string {
  let letters = "";
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  }
  return letters;
}

/** `A1`, `B7` … */
export function addressOf(node: number): string {
  const { row, column } = placeOf(node);
  return `${columnLetters(column)}${row + 1}`;
}
