/**
 * Columns as bytes, bit for bit and without waste; errors are never stored, so there is no form for them.
 *
 *   outer, periods   4 bytes each
 *   form             0 numbers: 8 bytes a cell
 *                    1 one number in all cells: 8 bytes
 *                    2 mixed: a mark a cell (1 byte), the numbers of the cells that are numbers, then the texts
 *   texts            count of different ones; each: its UTF-16 units, and 1 or 2 bytes a unit; then for each text cell
 *                    the number of its text (4 bytes)
 *
 * Everything is little-endian. Reading never throws: bytes that are not exactly a column are `undefined`. Lone
 * surrogates survive, since texts are units and not UTF-8.
 */
import { Column, markFirstError, markText } from "@reckon/value";

const formNumbers = 0;
const formConstant = 1;
const formMixed = 2;
const headBytes = 9;
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** 1 GiB of numbers: more is no column of ours. */
const cellsMax = 1 << 27;

/** `undefined` for a column with an error. Cost: the cells. */
export function encodeColumn(column: Column): Uint8Array | undefined {
  const { numbers, marks } = column;
  if (marks?.some((mark) => mark >= markFirstError)) return undefined;
  const isMixed = marks?.some((mark) => mark !== 0) ?? false;
  if (isMixed) return encodeMixed(column);
  const form = isConstant(numbers) ? formConstant : formNumbers;
  const written = form === formConstant ? numbers.subarray(0, 1) : numbers;
  const bytes = new Uint8Array(headBytes + written.byteLength);
  const view = writeHead(bytes, column, form);
  if (isLittleEndian)
    bytes.set(new Uint8Array(written.buffer, written.byteOffset, written.byteLength), headBytes);
  else for (const [i, number] of written.entries()) view.setFloat64(headBytes + i * 8, number, true);
  return bytes;
}

/** The column, or `undefined` if the bytes are none. Cost: the cells. */
export function decodeColumn(bytes: Uint8Array): Column | undefined {
  if (bytes.length < headBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = { outer: view.getUint32(0, true), periods: view.getUint32(4, true) };
  const cells = shape.outer * shape.periods;
  if (cells > cellsMax) return undefined;
  const form = bytes[8];
  if (form === formMixed) return decodeMixed(view, new Reading(view, headBytes), shape, cells);
  const count = form === formNumbers ? cells : form === formConstant ? 1 : -1;
  if (count < 0 || bytes.length !== headBytes + count * 8) return undefined;
  const column = new Column(shape);
  if (form === formConstant) column.numbers.fill(view.getFloat64(headBytes, true));
  else if (isLittleEndian) new Uint8Array(column.numbers.buffer).set(bytes.subarray(headBytes));
  else for (let i = 0; i < cells; i++) column.numbers[i] = view.getFloat64(headBytes + i * 8, true);
  return areFinite(column.numbers) ? column : undefined;
}

function areFinite(numbers: Float64Array): boolean {
  for (const number of numbers) if (!Number.isFinite(number)) return false;
  return true;
}

function isConstant(numbers: Float64Array): boolean {
  if (numbers.length === 0) return false;
  const first = numbers[0] as number;
  for (const number of numbers) if (!Object.is(number, first)) return false;
  return true;
}

function writeHead(bytes: Uint8Array, { shape }: Column, form: number): DataView {
  const view = new DataView(bytes.buffer);
  view.setUint32(0, shape.outer, true);
  view.setUint32(4, shape.periods, true);
  bytes[8] = form;
  return view;
}

function encodeMixed(column: Column): Uint8Array {
  const { length } = column;
  const marks = column.marks as Int32Array;
  const textIds = new Map<string, number>();
  let numbers = 0;
  let textCells = 0;
  for (let i = 0; i < length; i++) {
    if (marks[i] === 0) numbers++;
    if (marks[i] !== markText) continue;
    textCells++;
    const text = column.texts?.[i] as string;
    if (!textIds.has(text)) textIds.set(text, textIds.size);
  }
  let size = headBytes + length + numbers * 8 + 4 + textCells * 4;
  for (const text of textIds.keys()) size += 5 + text.length * unitBytes(text);
  const bytes = new Uint8Array(size);
  const view = writeHead(bytes, column, formMixed);
  bytes.set(marks, headBytes);
  let at = headBytes + length;
  for (let i = 0; i < length; i++) {
    if (marks[i] !== 0) continue;
    view.setFloat64(at, column.numbers[i] as number, true);
    at += 8;
  }
  view.setUint32(at, textIds.size, true);
  at += 4;
  for (const text of textIds.keys()) at = writeText(view, at, text);
  for (let i = 0; i < length; i++) {
    if (marks[i] !== markText) continue;
    view.setUint32(at, textIds.get(column.texts?.[i] as string) as number, true);
    at += 4;
  }
  return bytes;
}

function unitBytes(text: string): 1 | 2 {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return 2;
  return 1;
}

function writeText(view: DataView, from: number, text: string): number {
  const width = unitBytes(text);
  view.setUint32(from, text.length, true);
  view.setUint8(from + 4, width);
  const at = from + 5;
  for (let i = 0; i < text.length; i++) {
    if (width === 1) view.setUint8(at + i, text.charCodeAt(i));
    else view.setUint16(at + i * 2, text.charCodeAt(i), true);
  }
  return at + text.length * width;
}

function decodeMixed(
  view: DataView,
  reading: Reading,
  shape: { outer: number; periods: number },
  cells: number,
): Column | undefined {
  if (!reading.has(cells)) return undefined;
  const column = new Column(shape);
  const marks = new Int32Array(cells);
  for (let i = 0; i < cells; i++) {
    marks[i] = reading.byte();
    if ((marks[i] as number) > markText) return undefined;
  }
  for (let i = 0; i < cells; i++) {
    if (marks[i] !== 0) continue;
    if (!reading.has(8)) return undefined;
    const number = reading.number();
    if (!Number.isFinite(number)) return undefined;
    column.numbers[i] = number;
  }
  const texts = readTexts(reading);
  if (texts === undefined) return undefined;
  const byCell: string[] = [];
  for (let i = 0; i < cells; i++) {
    if (marks[i] !== markText) continue;
    if (!reading.has(4)) return undefined;
    const text = texts[reading.count()];
    if (text === undefined) return undefined;
    byCell[i] = text;
  }
  if (reading.at !== view.byteLength) return undefined;
  column.marks = marks;
  if (texts.length > 0) column.texts = byCell;
  return column;
}

function readTexts(reading: Reading): string[] | undefined {
  if (!reading.has(4)) return undefined;
  const count = reading.count();
  const texts: string[] = [];
  for (let i = 0; i < count; i++) {
    if (!reading.has(5)) return undefined;
    const units = reading.count();
    const width = reading.byte();
    if ((width !== 1 && width !== 2) || !reading.has(units * width)) return undefined;
    texts.push(reading.text(units, width));
  }
  return texts;
}

/** A place in bytes that moves on. `has` is asked before anything is read. */
class Reading {
  at: number;
  private readonly view: DataView;

  constructor(view: DataView, at: number) {
    this.view = view;
    this.at = at;
  }

  has(bytes: number): boolean {
    return this.at + bytes <= this.view.byteLength;
  }

  byte(): number {
    return this.view.getUint8(this.at++);
  }

  count(): number {
    this.at += 4;
    return this.view.getUint32(this.at - 4, true);
  }

  number(): number {
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  text(units: number, width: 1 | 2): string {
    const pieces: string[] = [];
    const piece: number[] = [];
    for (let i = 0; i < units; i++) {
      piece.push(width === 1 ? this.view.getUint8(this.at + i) : this.view.getUint16(this.at + i * 2, true));
      if (piece.length === 8192 || i === units - 1) pieces.push(String.fromCharCode(...piece.splice(0)));
    }
    this.at += units * width;
    return pieces.join("");
  }
}
