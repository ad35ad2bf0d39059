/**
 * What becomes of a chunk that says nothing about its single entities. A refused one is halved: one row of many that does not
 * fit is found in log n rounds, and a refusal costs nothing. One that was lost, has thrown or took too long is taken apart at
 * once: each further round would lose another thread, or wait for another timeout.
 *
 * The attempt stays the same: splitting is none (BA16).
 */
import { slicedRows } from "./entity-rows.ts";
import { type Portion, partPortion } from "./portion.ts";

/** Two halves of a portion of several. */
export function halvedPortion(portion: Portion): readonly Portion[] {
  const { rows, number, attempt } = portion;
  const half = Math.ceil(rows.keys.length / 2);
  return [
    partPortion(number, attempt, slicedRows(rows, 0, half)),
    partPortion(number, attempt, slicedRows(rows, half, rows.keys.length)),
  ];
}

/** A portion for each entity. */
export function singlePortions(portion: Portion): readonly Portion[] {
  const { rows, number, attempt } = portion;
  if (rows.keys.length === 1) return [portion];
  return rows.keys.map((_, i) => partPortion(number, attempt, slicedRows(rows, i, i + 1)));
}

/** Parts of at most so many entities. */
export function cutPortion(portion: Portion, entitiesMax: number): readonly Portion[] {
  const { rows, number, attempt } = portion;
  const parts: Portion[] = [];
  for (let from = 0; from < rows.keys.length; from += entitiesMax)
    parts.push(
      partPortion(number, attempt, slicedRows(rows, from, Math.min(from + entitiesMax, rows.keys.length))),
    );
  return parts;
}
