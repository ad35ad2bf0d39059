/**
 * Arrays that many cells of a formula read alike (a table that is searched, ranges that criteria test) are made once and kept
 * with their column until cells of it are written. So their cells are read once, and searches can have indexes of them
 * (functions/search-index.ts).
 *
 * An array is kept when it is read for the third time. Cost of keeping: some 24 bytes a cell.
 */
import type { ArrayValue, Attachment, Column, Scalar } from "@reckon/value";
import { keepCells } from "./functions/search-index.ts";
import { fixedOriginOf, type ReadContext, readSlot } from "./read-slot.ts";
import type { AxisPlan, SlotPlan } from "./slot-plan.ts";

const readsMin = 3;
const cellsMin = 32;
const arraysMax = 256;

interface KeptArray {
  reads: number;
  array: ArrayValue | undefined;
}

/** What a slot gives at a cell, from what is kept with the column where possible. */
export function readKept(slot: SlotPlan, column: Column, context: ReadContext): Scalar | ArrayValue {
  const span = spanTextOf(slot);
  const origin = span === undefined ? undefined : fixedOriginOf(slot, context);
  if (span === undefined || origin === undefined) return readSlot(slot, column, context);
  const attachments = column.attachments();
  const known = attachments.find(keptArraysKey) as KeptArrays | undefined;
  const arrays = known ?? attachments.keep(keptArraysKey, new KeptArrays());
  return arrays.read(`${span}${origin}`, () => readSlot(slot, column, context));
}

const keptArraysKey = "arrays";

class KeptArrays implements Attachment {
  private readonly arrays: Map<string, KeptArray> = new Map();

  read(key: string, make: () => Scalar | ArrayValue): Scalar | ArrayValue {
    let one = this.arrays.get(key);
    if (one === undefined) {
      if (this.arrays.size >= arraysMax) this.arrays.clear();
      one = { reads: 0, array: undefined };
      this.arrays.set(key, one);
    }
    if (one.array !== undefined) return one.array;
    const made = make();
    if (++one.reads < readsMin || typeof made !== "object" || made?.kind !== "array") return made;
    keepCells(made.cells);
    one.array = made;
    return made;
  }

  readonly touched = (): void => {
    for (const one of this.arrays.values()) one.array = undefined;
  };
}

const spanTexts = new WeakMap<SlotPlan, string>();

/** Which cells behind its origin a slot reads, when these are many and the same for all cells of the formula. */
function spanTextOf(slot: SlotPlan): string | undefined {
  let text = spanTexts.get(slot);
  if (text === undefined) {
    text = makeSpanText(slot);
    spanTexts.set(slot, text);
  }
  return text === "" ? undefined : text;
}

function makeSpanText(slot: SlotPlan): string {
  let count = 1;
  const texts = [slot.rows, slot.columns].map((indexes) =>
    indexes.map((index) => {
      const { access, stride } = slot.axes[index] as AxisPlan;
      if (access.kind !== "range") return "";
      count *= access.to - access.from;
      return `${access.from} ${access.to} ${stride}`;
    }),
  );
  if (!slot.isArray || count < cellsMin || texts.flat().includes("")) return "";
  return `${texts.map((list) => list.join()).join("; ")} at `;
}
