/**
 * The key under which a result is kept: the kernel's version and every value it read, written out exactly.
 *
 * Nothing is hashed here, so two keys are equal only if the inputs are, bit for bit: numbers by their eight bytes (as
 * four 16-bit characters each), marks and texts by content, errors by code and origin. A store that wants short
 * keys hashes them. The node's name takes no part: equal work under two names shares its result.
 */
import { type Column, type ErrorValue, markFirstError, markText, type Shape } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import { cellsOf } from "./calls.ts";

/** Characters per call of `fromCharCode`, which takes its arguments on the stack. */
const charactersPerCall = 8192;

export function memoKey(version: string, shape: Shape, inputs: readonly Column[]): string {
  const parts = [JSON.stringify([version, shape.outer, shape.periods, inputs.length])];
  for (const column of inputs) {
    parts.push(`${column.shape.outer}x${column.shape.periods}:`, numberText(column), markedText(column));
  }
  return parts.join("|");
}

/** The key of one box's result, which holds of each input the cells at its place. */
export function boxKey(
  version: string,
  shape: Shape,
  box: Box,
  inputs: readonly Column[],
  places: readonly Box[],
): string {
  const read = inputs.map((input, i) => cellsOf(input, places[i] as Box));
  const where = [box, ...places].map(({ outerFrom, outerTo, from, to }) => [outerFrom, outerTo, from, to]);
  const shapes = inputs.map((input) => [input.shape.outer, input.shape.periods]);
  return `${memoKey(version, shape, read)}@${JSON.stringify([where, shapes])}`;
}

/** Whether a result may be kept: one with an error cell is not. */
export function isStorable(column: Column): boolean {
  return column.marks === null || column.marks.every((mark) => mark < markFirstError);
}

function numberText(column: Column): string {
  const { numbers } = column;
  const units = new Uint16Array(numbers.buffer, numbers.byteOffset, numbers.length * 4);
  let text = "";
  for (let i = 0; i < units.length; i += charactersPerCall) {
    text += String.fromCharCode(...units.subarray(i, i + charactersPerCall));
  }
  return text;
}

function markedText(column: Column): string {
  const { marks } = column;
  if (marks === null) return "";
  const cells: unknown[] = [];
  for (let i = 0; i < marks.length; i++) {
    const mark = marks[i] as number;
    if (mark === 0) continue;
    if (mark < markText) cells.push([i, mark]);
    else if (mark < markFirstError) cells.push([i, mark, column.get(i)]);
    else {
      // Without the detail: a sentence for people, which no kernel computes with.
      const { code, origin } = column.get(i) as ErrorValue;
      cells.push([i, code, origin]);
    }
  }
  return JSON.stringify(cells);
}
