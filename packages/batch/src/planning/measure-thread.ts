/** What threads are asked for to measure the machine. Nothing here is work that anybody wants. */

/** Computes on registers and a little memory, as formulas do; gives what it has found, so that it is not left out. */
export function burn(rounds: number): number {
  const cells = new Float64Array(4_096).fill(1);
  let sum = 0;
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < cells.length; i++) {
      const cell = (cells[i] as number) * 0.999 + Math.sqrt(i + round);
      cells[i] = cell;
      sum += cell;
    }
  return sum;
}

/** Loads what computes entities. */
export async function importProgram(): Promise<number> {
  return Object.keys(await import("../evaluation/chunk-thread.ts")).length;
}

export function echo(bytes: Uint8Array): Uint8Array {
  return bytes;
}
