/**
 * The values of a chunk as bytes, bit for bit: what threads and workers answer, what the ledger keeps, what is compared.
 *
 *   "RKB1"   length of the head, 4 bytes   head, JSON in UTF-8   filled up to 8   the columns
 *
 * A column has entities × cells cells, entity by entity: `numbers` 8 bytes a cell; `constant` one number for all; `mixed` the
 * numbers, then a mark a cell (4 bytes), filled up to 8. Marks: 0 number, 1 blank, 2 false, 3 true, 4 + 2i text i, 5 + 2i error i.
 * Everything is little-endian. Equal values of equal entities in equal order give equal bytes: texts and errors are numbered as they
 * come.
 *
 * Reading never throws: bytes that are not exactly a block are `undefined`. Cost: the cells.
 */
import {
  type ErrorCode,
  type ErrorValue,
  errorCodes,
  errorValue,
  isErrorValue,
  type Scalar,
  type Shape,
} from "@reckon/value";
import type { WantedAttribute } from "../program.ts";

/** A block that was read. */
export interface ResultBlock {
  readonly entities: number;
  readonly attributes: readonly WantedAttribute[];
  /** How many cells of the attribute an entity has. */
  readonly cells: (attribute: number) => number;
  /** Cell `cell` of entity `row`. */
  readonly get: (attribute: number, row: number, cell: number) => Scalar;
  /** All cells of an attribute, entity by entity: `entities` × cells. Shared, not to be written. */
  readonly column: (attribute: number) => BlockColumn;
}

/**
 * Cells as they are written and read: of a `Column`, or of a block that was read. A block keeps its errors for itself: those in
 * columns are kept by the process for good, and a run may have one for each of its entities.
 */
export interface BlockColumn extends EncodableCells {
  readonly shape: Shape;
}

/** `marks`: 0 where `numbers` has the value; `null`: everywhere. */
export interface EncodableCells {
  readonly length: number;
  readonly numbers: Float64Array;
  readonly marks: ArrayLike<number> | null;
  readonly get: (index: number) => Scalar;
}

interface Head {
  readonly entities: number;
  readonly attributes: readonly HeadAttribute[];
  readonly texts: readonly string[];
  readonly errors: readonly HeadError[];
}
interface HeadAttribute {
  readonly id: string;
  readonly axes: readonly (readonly [string, readonly string[]])[];
  readonly form: Form;
}
interface HeadError {
  readonly code: ErrorCode;
  readonly attribute?: string;
  readonly at?: readonly string[];
  readonly detail?: string;
}
type Form = "numbers" | "constant" | "mixed";

const magic = 0x31424b52;
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
/** 1 GiB of numbers: more is no block of ours. */
const cellsMax = 1 << 27;

/**
 * The block of `entities` entities. Column `i` has the cells of attribute `i`, entity by entity.
 *
 * @example
 * ```ts
 * const column = columnFrom({ outer: 2, periods: 1 }, [1, "none"]);
 * decodeBlock(encodeBlock(2, [{ id: "game.points", axes: [] }], [column]))?.get(0, 1, 0); // "none"
 * ```
 */
export function encodeBlock(
  entities: number,
  attributes: readonly WantedAttribute[],
  columns: readonly EncodableCells[],
): Uint8Array {
  const texts = new Map<string, number>();
  const errors = new Map<string, number>();
  const forms = columns.map(formOf);
  const marks = columns.map((column, i) =>
    forms[i] === "mixed" ? marksOf(column, texts, errors) : undefined,
  );
  const head = {
    entities,
    attributes: attributes.map(({ id, axes }, i) => ({
      id,
      axes: axes.map(({ name, labels }) => [name, labels]),
      form: forms[i],
    })),
    texts: [...texts.keys()],
    errors: [...errors.keys()].map((text): unknown => JSON.parse(text)),
  };
  const headBytes = new TextEncoder().encode(JSON.stringify(head));
  const start = upToEight(8 + headBytes.length);
  const sizes = columns.map(({ length }, i) => sizeOf(forms[i] as Form, length));
  const bytes = new Uint8Array(sizes.reduce((sum, size) => sum + size, start));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, headBytes.length, true);
  bytes.set(headBytes, 8);
  let at = start;
  for (const [i, { numbers }] of columns.entries()) {
    const written = forms[i] === "constant" ? numbers.subarray(0, 1) : numbers;
    writeNumbers(view, at, written);
    for (const [cell, mark] of (marks[i] ?? []).entries())
      view.setUint32(at + 8 * numbers.length + 4 * cell, mark, true);
    at += sizes[i] as number;
  }
  return bytes;
}

/** What the bytes hold; `undefined` where they are no block. */
export function decodeBlock(bytes: Uint8Array): ResultBlock | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headEnd = 8 + view.getUint32(4, true);
  if (view.getUint32(0, true) !== magic || headEnd > bytes.length) return undefined;
  const head = headIn(bytes.subarray(8, headEnd));
  if (head === undefined) return undefined;
  const columns: BlockColumn[] = [];
  const errors = head.errors.map(errorOf);
  let at = upToEight(headEnd);
  for (const { axes, form } of head.attributes) {
    const cells = cellsOf(axes.map(([, labels]) => labels));
    const length = head.entities * cells;
    const size = sizeOf(form, length);
    if (length > cellsMax || at + size > bytes.length) return undefined;
    const numbers = new Float64Array(length);
    if (form === "constant") numbers.fill(view.getFloat64(at, true));
    else readNumbers(view, at, numbers);
    if (!numbers.every(Number.isFinite)) return undefined;
    const marks = form === "mixed" ? readMarks(view, at + 8 * length, length) : null;
    if (marks?.some((mark) => mark !== 0 && scalarOf(mark, head.texts, errors) === undefined))
      return undefined;
    const get = (i: number): Scalar => {
      const mark = marks?.[i] ?? 0;
      return mark === 0 ? (numbers[i] as number) : (scalarOf(mark, head.texts, errors) as Scalar);
    };
    columns.push({ shape: { outer: head.entities, periods: cells }, length, numbers, marks, get });
    at += size;
  }
  return at === bytes.length ? blockOf(head, columns) : undefined;
}

function blockOf(head: Head, columns: readonly BlockColumn[]): ResultBlock {
  const attributes = head.attributes.map(({ id, axes }) => ({
    id,
    axes: axes.map(([name, labels]) => ({ name, labels })),
  }));
  const column = (attribute: number): BlockColumn => {
    const found = columns[attribute];
    if (found === undefined)
      throw new RangeError(`no attribute ${attribute} in a block of ${columns.length}`);
    return found;
  };
  return {
    entities: head.entities,
    attributes,
    column,
    cells: (attribute) => column(attribute).shape.periods,
    get: (attribute, row, cell) => {
      const { shape } = column(attribute);
      return column(attribute).get(row * shape.periods + cell);
    },
  };
}

function formOf({ numbers, marks, length }: EncodableCells): Form {
  for (let i = 0; marks !== null && i < length; i++) if (marks[i] !== 0) return "mixed";
  const first = numbers[0] as number;
  for (let i = 1; i < length; i++) if (!Object.is(numbers[i], first)) return "numbers";
  return length === 0 ? "numbers" : "constant";
}

function sizeOf(form: Form, length: number): number {
  if (form === "constant") return 8;
  return form === "numbers" ? 8 * length : upToEight(12 * length);
}

function marksOf(
  cells: EncodableCells,
  texts: Map<string, number>,
  errors: Map<string, number>,
): Uint32Array {
  const written = new Uint32Array(cells.length);
  for (let i = 0; i < cells.length; i++)
    if (cells.marks?.[i] !== 0) written[i] = markOf(cells.get(i), texts, errors);
  return written;
}

function markOf(value: Scalar, texts: Map<string, number>, errors: Map<string, number>): number {
  if (typeof value === "string") return 4 + 2 * numberOf(texts, value);
  if (value === null) return 1;
  if (typeof value === "boolean") return value ? 3 : 2;
  return isErrorValue(value) ? 5 + 2 * numberOf(errors, errorText(value)) : 0;
}

function numberOf(known: Map<string, number>, text: string): number {
  const number = known.get(text) ?? known.size;
  known.set(text, number);
  return number;
}

function errorText({ code, origin, detail }: ErrorValue): string {
  return JSON.stringify({ code, attribute: origin?.attribute, at: origin?.at, detail });
}

function readMarks(view: DataView, at: number, length: number): Uint32Array {
  const marks = new Uint32Array(length);
  for (let i = 0; i < length; i++) marks[i] = view.getUint32(at + 4 * i, true);
  return marks;
}

function scalarOf(mark: number, texts: readonly string[], errors: readonly ErrorValue[]): Scalar | undefined {
  if (mark < 4) return mark === 1 ? null : mark === 3;
  return mark % 2 === 0 ? texts[(mark - 4) / 2] : errors[(mark - 5) / 2];
}

function errorOf({ code, attribute, at, detail }: HeadError): ErrorValue {
  const plain = errorValue(code, detail);
  return attribute === undefined ? plain : { ...plain, origin: { attribute, at: at ?? [] } };
}

function headIn(bytes: Uint8Array): Head | undefined {
  let head: unknown;
  try {
    head = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  return isHead(head) ? head : undefined;
}

function isHead(found: unknown): found is Head {
  if (typeof found !== "object" || found === null) return false;
  const { entities, attributes, texts, errors } = found as Partial<Record<keyof Head, unknown>>;
  return (
    Number.isSafeInteger(entities) &&
    (entities as number) >= 0 &&
    Array.isArray(attributes) &&
    attributes.every(isHeadAttribute) &&
    Array.isArray(texts) &&
    texts.every((text) => typeof text === "string") &&
    Array.isArray(errors) &&
    errors.every((error) => errorCodes.includes((error as HeadError | null)?.code as ErrorCode))
  );
}

function isHeadAttribute(found: unknown): found is HeadAttribute {
  const { id, axes, form } = (found ?? {}) as Partial<Record<keyof HeadAttribute, unknown>>;
  return (
    typeof id === "string" &&
    (form === "numbers" || form === "constant" || form === "mixed") &&
    Array.isArray(axes) &&
    axes.every((axis) => Array.isArray(axis) && typeof axis[0] === "string" && Array.isArray(axis[1]))
  );
}

function cellsOf(labels: readonly (readonly string[])[]): number {
  return labels.reduce((product, { length }) => product * length, 1);
}

function writeNumbers(view: DataView, at: number, numbers: Float64Array): void {
  if (isLittleEndian)
    new Uint8Array(view.buffer).set(
      new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength),
      view.byteOffset + at,
    );
  else for (const [i, number] of numbers.entries()) view.setFloat64(at + 8 * i, number, true);
}

function readNumbers(view: DataView, at: number, numbers: Float64Array): void {
  if (isLittleEndian)
    new Uint8Array(numbers.buffer).set(new Uint8Array(view.buffer, view.byteOffset + at, numbers.byteLength));
  else for (let i = 0; i < numbers.length; i++) numbers[i] = view.getFloat64(at + 8 * i, true);
}

function upToEight(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
