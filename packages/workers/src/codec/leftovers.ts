/**
 * What columns hold besides numbers, on its way: marks, texts and errors.
 *
 * Error marks are ids of this thread's error table and mean nothing elsewhere. So each error travels once a frame, as code,
 * origin and detail, marks count into that list, and the other side interns them. Texts travel as one list in cell order.
 * Nothing that structured cloning refuses gets in: a text cell that holds no text is an exception here, for the one task.
 */

import type { Box } from "@reckon/engine";
import {
  type Column,
  type ErrorValue,
  internError,
  isErrorValue,
  markFirstError,
  markText,
} from "@reckon/value";
import type { Leftovers, SentMarks } from "../protocol.ts";

/** The place of what is not there. */
export const nowhere = -1;

export class LeftoverWriter {
  private left: Leftovers | undefined;
  private readonly places = new Map<number, number>();

  /** Puts the marks of the box's cells; the place where they are, `nowhere` if there are none. */
  put(column: Column, box: Box): number {
    const { marks, shape } = column;
    if (marks === null) return nowhere;
    const left = this.started();
    const sent = new Int32Array((box.outerTo - box.outerFrom) * (box.to - box.from));
    const texts: string[] = [];
    let at = 0;
    for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
      const end = outer * shape.periods + box.to;
      for (let cell = outer * shape.periods + box.from; cell < end; cell++) {
        const mark = marks[cell] as number;
        if (mark === markText) texts.push(textAt(column, cell));
        sent[at++] = mark < markFirstError ? mark : markFirstError + this.placeOf(left, mark, column, cell);
      }
    }
    return left.marks.push({ marks: sent, texts }) - 1;
  }

  /** Puts a lane, once in a frame; its place. */
  putLane(lane: SharedArrayBuffer): number {
    const { lanes } = this.started();
    const known = lanes.indexOf(lane);
    return known >= 0 ? known : lanes.push(lane) - 1;
  }

  /** What was put, if anything; the writer is empty afterwards. */
  take(): Leftovers | undefined {
    const { left } = this;
    this.left = undefined;
    this.places.clear();
    return left;
  }

  private started(): Leftovers {
    this.left ??= { marks: [], errors: [], lanes: [] };
    return this.left;
  }

  private placeOf(left: Leftovers, mark: number, column: Column, cell: number): number {
    const known = this.places.get(mark);
    if (known !== undefined) return known;
    const place = left.errors.push(plainError(column.get(cell) as ErrorValue)) - 1;
    this.places.set(mark, place);
    return place;
  }
}

export class LeftoverReader {
  private readonly left: Leftovers | undefined;
  /** By place the mark on this side. */
  private readonly errorMarks: number[] = [];

  constructor(left: Leftovers | undefined) {
    this.left = left;
  }

  /** The first `cells` numbers of a lane, as they lie there. */
  lane(place: number, cells: number): Float64Array {
    return new Float64Array(this.left?.lanes[place] as SharedArrayBuffer, 0, cells);
  }

  /** Writes the marks at `place` into the box's cells, whose numbers are there already. */
  read(place: number, column: Column, box: Box): void {
    const { marks: sent, texts } = (this.left as Leftovers).marks[place] as SentMarks;
    column.marks ??= new Int32Array(column.length);
    const { marks } = column;
    const { periods } = column.shape;
    let at = 0;
    let textsAt = 0;
    for (let outer = box.outerFrom; outer < box.outerTo; outer++) {
      const end = outer * periods + box.to;
      for (let cell = outer * periods + box.from; cell < end; cell++) {
        const mark = sent[at++] as number;
        marks[cell] = mark < markFirstError ? mark : this.errorMark(mark - markFirstError);
        if (mark !== markText) continue;
        column.texts ??= [];
        column.texts[cell] = texts[textsAt++] as string;
      }
    }
  }

  private errorMark(place: number): number {
    const known = this.errorMarks[place];
    if (known !== undefined) return known;
    const mark = markFirstError + internError((this.left as Leftovers).errors[place] as ErrorValue);
    this.errorMarks[place] = mark;
    return mark;
  }
}

function textAt(column: Column, cell: number): string {
  const text: unknown = column.texts?.[cell];
  if (typeof text === "string") return text;
  throw new Error(`cell ${cell} is marked as a text and holds none (a ${typeof text}), so it cannot be sent`);
}

/** The error with what belongs to one, whatever else was hung on it. */
function plainError(error: ErrorValue): ErrorValue {
  if (!isErrorValue(error))
    throw new Error("a cell is marked as an error and holds none, so it cannot be sent");
  const { kind, code, origin, detail } = error;
  return {
    kind,
    code,
    ...(origin === undefined
      ? {}
      : { origin: { attribute: String(origin.attribute), at: origin.at.map(String) } }),
    ...(detail === undefined ? {} : { detail: String(detail) }),
  };
}
