/**
 * Indexes of cells that are searched again and again: where each value stands first and last, and all places of it.
 *
 * Only lists of cells that somebody keeps (kept-arrays.ts) have indexes; a list that is made for one call would not live long
 * enough. An index is made once a list has been searched a few times, and goes when the list goes.
 *
 * Keys are numbers, booleans and lower-cased texts; blanks and errors are not in it, as nothing is equal to them. Among the
 * places of a number are those of texts that read as the number, since criteria take these for equal. Cost: the cells,
 * once; then one look a search.
 */
import type { Scalar } from "@reckon/value";
import { textToNumber } from "./text-number.ts";

/** How many cells searches have looked at one by one in this process: what shows that indexes were used. */
export const searchWork: { cells: number } = { cells: 0 };

/** Searches before an index is made. */
const searchesMin = 3;

interface KeptCells {
  searches: number;
  first?: Map<Scalar, number>;
  last?: Map<Scalar, number>;
  places?: Map<Scalar, number[]>;
  columns?: Map<number, readonly Scalar[]>;
}

const kept = new WeakMap<readonly Scalar[], KeptCells>();

/** Says that these cells will be searched again and never change. */
export function keepCells(cells: readonly Scalar[]): void {
  if (!kept.has(cells)) kept.set(cells, { searches: 0 });
}

/** The first or last place of each value; undefined while the cells are not worth an index. */
export function exactIndex(
  cells: readonly Scalar[],
  direction: "first" | "last",
): ReadonlyMap<Scalar, number> | undefined {
  const known = kept.get(cells);
  if (known === undefined || known.searches++ < searchesMin) return undefined;
  const index = known[direction] ?? new Map<Scalar, number>();
  if (known[direction] !== undefined) return index;
  cells.forEach((cell, i) => {
    const key = keyOf(cell);
    if (key !== undefined && (direction === "last" || !index.has(key))) index.set(key, i);
  });
  known[direction] = index;
  return index;
}

/** The places at which a criterion of equality with `value` can hold, in order; undefined while there is no index. */
export function placesOf(cells: readonly Scalar[], value: Scalar): readonly number[] | undefined {
  const key = keyOf(value);
  const known = key === undefined ? undefined : kept.get(cells);
  if (known === undefined || known.searches++ < searchesMin) return undefined;
  if (known.places === undefined) {
    const places = new Map<Scalar, number[]>();
    cells.forEach((cell, i) => {
      addPlace(places, keyOf(cell), i);
      if (typeof cell === "string") addPlace(places, textToNumber(cell), i);
    });
    known.places = places;
  }
  return known.places.get(key as Scalar) ?? none;
}

const none: readonly number[] = [];

/** A column of an array, the same list each time when the array's cells are kept. */
export function keptColumn(
  cells: readonly Scalar[],
  column: number,
  take: () => readonly Scalar[],
): readonly Scalar[] {
  const known = kept.get(cells);
  if (known === undefined) return take();
  known.columns ??= new Map();
  let taken = known.columns.get(column);
  if (taken === undefined) {
    taken = take();
    known.columns.set(column, taken);
    keepCells(taken);
  }
  return taken;
}

function addPlace(places: Map<Scalar, number[]>, key: Scalar | undefined, place: number): void {
  if (key === undefined) return;
  const list = places.get(key);
  if (list === undefined) places.set(key, [place]);
  else list.push(place);
}

/** Texts in lower case; −0 is 0. */
function keyOf(cell: Scalar): Scalar | undefined {
  if (typeof cell === "string") return cell.toLowerCase();
  return typeof cell === "number" || typeof cell === "boolean" ? cell : undefined;
}
