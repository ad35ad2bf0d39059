import { Column, columnFrom, errorValue, type Scalar, sameColumn } from "@reckon/value";
import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeColumn, encodeColumn } from "./column-codec.ts";
import { rowOf } from "./fixtures/cells.ts";

const unit = fc.oneof(
  fc.constantFrom("a", "é", "\u0000", "\ufffd", "\ud800", "\udc00", "日"),
  fc.string({ maxLength: 3 }),
);

const anyCell: fc.Arbitrary<Scalar> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, Number.MIN_VALUE, -Number.MAX_VALUE),
  fc.constantFrom(null, true, false, ""),
  fc.array(unit, { maxLength: 4 }).map((units) => units.join("")),
);

/** Columns of numbers alone, of one number, and mixed. */
const anyColumn: fc.Arbitrary<Column> = fc
  .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 5 }))
  .chain(([outer, periods]) => {
    const count = { minLength: outer * periods, maxLength: outer * periods };
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    return fc
      .oneof(
        fc.array(number, count),
        number.map((one) => new Array<Scalar>(outer * periods).fill(one)),
        fc.array(anyCell, count),
      )
      .map((cells) => columnFrom({ outer, periods }, cells));
  });

it("[ME5] a column comes back from its bytes, bit for bit", () => {
  fc.assert(
    fc.property(anyColumn, (column) => {
      const back = decodeColumn(encodeColumn(column) as Uint8Array) as Column;
      expect(sameColumn(back, column)).toBe(true);
      expect(back.marks === null || back.marks.some((mark) => mark !== 0)).toBe(true);
    }),
  );
});

it("[ME5] a column whose marks are all of numbers comes back as numbers", () => {
  const column = columnFrom({ outer: 1, periods: 2 }, ["a", 2]);
  column.set(0, 1);
  expect(decodeColumn(encodeColumn(column) as Uint8Array)?.marks).toBeNull();
});

it("[ME5] numbers take eight bytes a cell, one number in all cells takes eight, a text that repeats stands once", () => {
  const head = 9;
  expect(encodeColumn(rowOf(1, 2, 3))?.length).toBe(head + 24);
  expect(encodeColumn(rowOf(...new Array<number>(1000).fill(7)))?.length).toBe(head + 8);
  const repeated = encodeColumn(rowOf(...new Array<string>(1000).fill("same"))) as Uint8Array;
  expect(repeated.length).toBe(head + 1000 + 4 + 5 + 4 + 4000);
});

it("[ME5] an error has no bytes", () => {
  expect(encodeColumn(rowOf(1, errorValue("#N/A")))).toBeUndefined();
});

it("[ME6] bytes that are no column are nothing, whatever they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const column = decodeColumn(bytes);
      if (column !== undefined) expect(encodeColumn(column)).toBeInstanceOf(Uint8Array);
    }),
  );
});

it("[ME6] a column cut short, or with a byte too many, is nothing", () => {
  fc.assert(
    fc.property(anyColumn, (column) => {
      const bytes = encodeColumn(column) as Uint8Array;
      for (let length = 0; length < bytes.length; length++) {
        expect(decodeColumn(bytes.subarray(0, length))).toBeUndefined();
      }
      expect(decodeColumn(Uint8Array.from([...bytes, 0]))).toBeUndefined();
    }),
  );
});

it("[ME6] a number that is not finite, and more cells than can be, are nothing", () => {
  const bytes = encodeColumn(rowOf(1, 2)) as Uint8Array;
  new DataView(bytes.buffer).setFloat64(9, Number.NaN, true);
  expect(decodeColumn(bytes)).toBeUndefined();
  const constant = encodeColumn(rowOf(1, 1)) as Uint8Array;
  constant.fill(0xff, 0, 8);
  expect(decodeColumn(constant)).toBeUndefined();
  expect(new Column({ outer: 0, periods: 0 }).length).toBe(0);
});
