/**
 * The key under which a result is kept: the kernel's version and every value it read, written out exactly.
 *
 * Nothing is hashed here, so two keys are equal only if the inputs are, bit for bit: the parts are canonical bytes. A
 * store that wants short keys hashes `memoBytes`. The names of the node and of what it reads take no part: equal work
 * under two names shares its result. They are there for people who ask why a result was not found.
 */
import { type Column, encodeCanonical, markFirstError, type Shape } from "@reckon/value";
import type { Box } from "../formula-node.ts";
import type { MemoKey, MemoPart } from "../ports.ts";
import { cellsOf } from "./calls.ts";

/** Work that can be looked up. */
export interface MemoWork {
  readonly name: string;
  readonly version: string;
  readonly shape: Shape;
  readonly inputs: readonly Column[];
  /** The name of input `i`. */
  readonly inputName: (i: number) => string;
}

/** The key of a whole column. Cost: the bytes of what was read. */
export function memoKey({ name, version, shape, inputs, inputName }: MemoWork): MemoKey {
  const parts: MemoPart[] = [
    { name: "formula", bytes: encodeCanonical(version) },
    { name: "shape", bytes: encodeCanonical([shape.outer, shape.periods]) },
  ];
  inputs.forEach((column, i) => {
    parts.push({ name: inputName(i), bytes: encodeCanonical(column) });
  });
  return { name, parts };
}

/** The key of one box's result, which holds of each input the cells at its place. */
export function boxKey(work: MemoWork, box: Box, places: readonly Box[]): MemoKey {
  const read = work.inputs.map((input, i) => cellsOf(input, places[i] as Box));
  const where = [box, ...places].map(({ outerFrom, outerTo, from, to }) => [outerFrom, outerTo, from, to]);
  const shapes = work.inputs.map((input) => [input.shape.outer, input.shape.periods]);
  const { name, parts } = memoKey({ ...work, inputs: read });
  return { name, parts: [...parts, { name: "cells", bytes: encodeCanonical([where, shapes]) }] };
}

/** All that a key says, in one piece: equal only for equal keys. Each part stands behind its length. */
export function memoBytes({ parts }: MemoKey): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 8 + part.bytes.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    view.setFloat64(at, part.bytes.length, true);
    bytes.set(part.bytes, at + 8);
    at += 8 + part.bytes.length;
  }
  return bytes;
}

/** Whether a result may be kept: one with an error cell is not. */
export function isStorable(column: Column): boolean {
  return column.marks === null || column.marks.every((mark) => mark < markFirstError);
}
