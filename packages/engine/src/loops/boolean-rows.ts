/**
 * Members that are TRUE or FALSE while a joint function walks them: it works on numbers, so their cells stand as 1 and 0
 * in a table beside the column. A row is taken over before a walk, and what was walked is written back behind it.
 *
 * Cost: the periods of a row for each walk and member.
 */
import { type Column, markFalse, markTrue } from "@reckon/value";

interface Row {
  readonly out: Column;
  readonly isFresh: boolean;
  readonly numbers: Float64Array;
}

export class BooleanRows {
  private readonly rows: Map<number, Row> = new Map();

  /** `tables`: kept from walk to walk, by member. */
  constructor(
    members: readonly { readonly out: Column; readonly hasValue: boolean }[],
    booleans: readonly number[],
    tables: Map<number, Float64Array>,
  ) {
    for (const index of booleans) {
      const { out, hasValue } = members[index] as (typeof members)[number];
      let numbers = tables.get(index);
      if (numbers?.length !== out.length) {
        numbers = new Float64Array(out.length);
        tables.set(index, numbers);
      }
      this.rows.set(index, { out, isFresh: !hasValue, numbers });
    }
  }

  has(index: number): boolean {
    return this.rows.has(index);
  }

  /** What stands for a column. */
  numbersOf(index: number): Float64Array | undefined {
    return this.rows.get(index)?.numbers;
  }

  /** Takes the row of an outer member over; false where it holds anything but TRUE and FALSE. */
  take(outer: number): boolean {
    for (const { out, isFresh, numbers } of this.rows.values()) {
      const { periods } = out.shape;
      for (let cell = outer * periods; cell < (outer + 1) * periods; cell++) {
        const mark = out.marks === null ? 0 : (out.marks[cell] as number);
        if (mark === markTrue) numbers[cell] = 1;
        else if (mark === markFalse || (mark === 0 && isFresh)) numbers[cell] = 0;
        else return false;
      }
    }
    return true;
  }

  /** Writes periods `from` ≤ t < `to` of the row back. */
  put(outer: number, from: number, to: number): void {
    for (const { out, numbers } of this.rows.values()) {
      const start = outer * out.shape.periods;
      for (let cell = start + from; cell < start + to; cell++) out.set(cell, numbers[cell] !== 0);
    }
  }
}
