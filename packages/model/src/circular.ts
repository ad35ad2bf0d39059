/**
 * Which formulas stand in a circle of reads, whatever the periods: only these need a closer look (`cycles.ts`).
 *
 *   1. Formulas that read nothing but what stands before them in the file are in no circle; mostly that is all of them.
 *   2. Else formulas are taken away that read nothing that is left, then those that nothing left reads, until only circles
 *      and what lies between them are left.
 *
 * Cost: linear in formulas and reads, in flat tables.
 */
import { LineFormula, readsOf } from "./checked-line.ts";
import type { CheckedFormula } from "./declarations.ts";

/** The formulas in circles, in file order; perhaps some more that lie between circles. */
export function circularOf(formulas: readonly CheckedFormula[]): readonly CheckedFormula[] {
  const places = new Map<string, number>();
  formulas.forEach(({ id }, i) => {
    places.set(id, i);
  });
  const starts = new Int32Array(formulas.length + 1);
  const reads: number[] = [];
  let isInOrder = true;
  formulas.forEach((formula, i) => {
    eachRead(formula, (id) => {
      const place = places.get(id);
      if (place === undefined) return;
      reads.push(place);
      if (place >= i) isInOrder = false;
    });
    starts[i + 1] = reads.length;
  });
  if (isInOrder) return [];
  const isLeft = leftOver(starts, reads);
  return formulas.filter((_, i) => isLeft[i] === 1);
}

function eachRead(formula: CheckedFormula, visit: (id: string) => void): void {
  if (!(formula instanceof LineFormula)) {
    for (const id of readsOf(formula)) visit(id);
    return;
  }
  const line = formula as unknown as LineFormula;
  for (let slot = 0; slot < line.readCount; slot++) visit(line.readAt(slot));
}

/** Marks what is left when everything is taken away that reads only what was taken away, and then what is not read. */
function leftOver(starts: Int32Array, reads: readonly number[]): Uint8Array {
  const count = starts.length - 1;
  const waitsFor = new Int32Array(count);
  const readerStarts = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) waitsFor[i] = (starts[i + 1] as number) - (starts[i] as number);
  for (const read of reads) (readerStarts[read + 1] as number)++;
  for (let i = 0; i < count; i++) (readerStarts[i + 1] as number) += readerStarts[i] as number;
  const readers = new Int32Array(reads.length);
  const filled = readerStarts.slice();
  for (let i = 0; i < count; i++)
    for (let r = starts[i] as number; r < (starts[i + 1] as number); r++)
      readers[(filled[reads[r] as number] as number)++] = i;
  const isLeft = new Uint8Array(count).fill(1);
  const ready: number[] = [];
  for (let i = 0; i < count; i++) if (waitsFor[i] === 0) ready.push(i);
  for (let i = ready.pop(); i !== undefined; i = ready.pop()) {
    isLeft[i] = 0;
    for (let r = readerStarts[i] as number; r < (readerStarts[i + 1] as number); r++) {
      const reader = readers[r] as number;
      if (--(waitsFor[reader] as number) === 0) ready.push(reader);
    }
  }
  return takeUnread(isLeft, starts, reads);
}

function takeUnread(isLeft: Uint8Array, starts: Int32Array, reads: readonly number[]): Uint8Array {
  const count = isLeft.length;
  const readBy = new Int32Array(count);
  for (let i = 0; i < count; i++)
    if (isLeft[i] === 1)
      for (let r = starts[i] as number; r < (starts[i + 1] as number); r++)
        (readBy[reads[r] as number] as number)++;
  const unread: number[] = [];
  for (let i = 0; i < count; i++) if (isLeft[i] === 1 && readBy[i] === 0) unread.push(i);
  for (let i = unread.pop(); i !== undefined; i = unread.pop()) {
    isLeft[i] = 0;
    for (let r = starts[i] as number; r < (starts[i + 1] as number); r++) {
      const read = reads[r] as number;
      if (--(readBy[read] as number) === 0 && isLeft[read] === 1) unread.push(read);
    }
  }
  return isLeft;
}
