/**
 * Canonical bytes: equal values give equal bytes, and different values different bytes, on every machine. Memo keys are
 * hashes of these bytes, so a collision here would be a wrong answer there.
 *
 * Every value is a tag and its content:
 *
 *   0 blank   1 FALSE   2 TRUE   3 number: 8 bytes, little-endian; every NaN is the same one; −0 is not 0
 *   4 text: count of UTF-16 units, the units little-endian (UTF-8 would merge a lone surrogate with U+FFFD)
 *   6 error: code, origin or blank (its detail takes no part, as in equality)
 *   7 array: rows, columns, range or not, cells      8 column: outer, periods, numbers, the count of marked cells, each
 *   9 list: count, items                             with its index and value
 *   10 record: count, then name and value in the order of the names' UTF-16 units; `undefined` counts as absent
 *
 * Counts are 4 bytes, so nothing depends on what follows and the encoding is injective. Cost: the bytes.
 */
import { type ArrayValue, isArrayValue } from "./array-value.ts";
import { Column } from "./column.ts";
import { type ErrorValue, isErrorValue } from "./error-value.ts";
import { ValueMisuse } from "./misuse.ts";
import type { Scalar } from "./scalar.ts";

/** What has canonical bytes: values, columns, and lists and plain records of them. */
export type Canonical =
  | Scalar
  | ArrayValue
  | Column
  | readonly Canonical[]
  | { readonly [name: string]: Canonical | undefined };

const nestingMax = 200;
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * The canonical bytes of `value`, in a fresh array. Throws `ValueMisuse` for functions, class instances other than
 * `Column`, and nesting deeper than 200.
 *
 * @example
 * ```ts
 * encodeCanonical(0).length; // 9: a tag and eight bytes
 * ```
 */
export function encodeCanonical(value: Canonical): Uint8Array {
  const writer = new ByteWriter();
  write(writer, value, 0);
  return writer.finish();
}

function write(writer: ByteWriter, value: Canonical, depth: number): void {
  if (depth > nestingMax) throw new ValueMisuse("not-canonical", `nested deeper than ${nestingMax}`);
  if (value === null) writer.byte(0);
  else if (typeof value === "boolean") writer.byte(value ? 2 : 1);
  else if (typeof value === "number") writer.number(value);
  else if (typeof value === "string") writer.text(value);
  else if (typeof value !== "object") {
    throw new ValueMisuse("not-canonical", `a ${typeof value} has no canonical bytes`);
  } else if (value instanceof Column) writeColumn(writer, value);
  else if (Array.isArray(value)) {
    writer.byte(9);
    writer.count(value.length);
    for (const item of value) write(writer, item, depth + 1);
  } else if (isErrorValue(value)) writeError(writer, value);
  else if (isArrayValue(value)) writeArray(writer, value);
  else writeRecord(writer, value as { readonly [name: string]: Canonical | undefined }, depth);
}

function writeError(writer: ByteWriter, error: ErrorValue): void {
  writer.byte(6);
  writer.text(error.code);
  if (error.origin === undefined) {
    writer.byte(0);
    return;
  }
  writer.text(error.origin.attribute);
  writer.count(error.origin.at.length);
  for (const label of error.origin.at) writer.text(label);
}

function writeArray(writer: ByteWriter, array: ArrayValue): void {
  writer.byte(7);
  writer.count(array.rows);
  writer.count(array.columns);
  writer.byte(array.isRange ? 2 : 1);
  for (const cell of array.cells) write(writer, cell, 0);
}

function writeColumn(writer: ByteWriter, column: Column): void {
  writer.byte(8);
  writer.count(column.shape.outer);
  writer.count(column.shape.periods);
  writer.numbers(column.numbers);
  const marked: number[] = [];
  column.marks?.forEach((mark, i) => {
    if (mark !== 0) marked.push(i);
  });
  writer.count(marked.length);
  for (const index of marked) {
    writer.count(index);
    write(writer, column.get(index), 0);
  }
}

function writeRecord(
  writer: ByteWriter,
  record: { readonly [name: string]: Canonical | undefined },
  depth: number,
): void {
  const prototype: unknown = Object.getPrototypeOf(record);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new ValueMisuse("not-canonical", "only plain records have canonical bytes");
  }
  const names = Object.keys(record)
    .filter((name) => record[name] !== undefined)
    .sort();
  writer.byte(10);
  writer.count(names.length);
  for (const name of names) {
    writer.text(name);
    write(writer, record[name] as Canonical, depth + 1);
  }
}

/** Bytes that grow by doubling. */
class ByteWriter {
  private bytes = new Uint8Array(64);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  count(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.length, value, true);
    this.length += 4;
  }

  number(value: number): void {
    this.byte(3);
    this.reserve(8);
    this.view.setFloat64(this.length, Number.isNaN(value) ? Number.NaN : value, true);
    this.length += 8;
  }

  numbers(values: Float64Array): void {
    this.reserve(values.byteLength);
    if (isLittleEndian) {
      this.bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), this.length);
      this.length += values.byteLength;
      return;
    }
    for (const value of values) {
      this.view.setFloat64(this.length, value, true);
      this.length += 8;
    }
  }

  text(value: string): void {
    this.byte(4);
    this.count(value.length);
    this.reserve(value.length * 2);
    for (let i = 0; i < value.length; i++) {
      this.view.setUint16(this.length, value.charCodeAt(i), true);
      this.length += 2;
    }
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}
