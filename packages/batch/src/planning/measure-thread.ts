/** What threads are asked for to measure the machine. Nothing here is work that anybody wants. */

/** Some half a millisecond. */
const roundsTogether = 50;

/** Computes on registers and a little memory, as formulas do; gives what it has found, so that it is not left out. */
function burn(rounds: number): number {
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

/** Computes for so long, and tells how many rounds it did in a millisecond. */
export function burnFor(ms: number): number {
  const began = performance.now();
  let rounds = 0;
  let took = 0;
  do {
    burn(roundsTogether);
    rounds += roundsTogether;
    took = performance.now() - began;
  } while (took < ms);
  return rounds / took;
}

/** Loads what computes entities. */
export async function importProgram(address: string): Promise<number> {
  return Object.keys(await import(address)).length;
}

export function echo(bytes: Uint8Array): Uint8Array {
  return bytes;
}
