/**
 * The items of a document as a list of chunks, so that an edit copies one chunk and the list of chunks, not the file.
 *
 *   chunks  [ 0 … 511 ] [ 512 … 1,030 ] …      each with its length in characters and the range of its ids
 *
 * Lists are immutable and share chunks. Two lists are compared by their chunks first, so what an edit changed is found
 * without a walk over the items. An item is found by its id through the ranges of ids: they are apart when a file was
 * just read, and overlap only where items were added.
 *
 * Cost: reading at a position, finding an id, replacing and splicing are all O(chunks) with a small constant.
 */
import type { Item } from "./api.ts";
import { LineItem } from "./line-template.ts";

const chunkItems = 512;
const chunkItemsMax = 2 * chunkItems;

/** Some items in a row. Never written once it is made; to immer it is a value like a number. */
export class ItemChunk<D> {
  readonly items: readonly Item<D>[];
  /** Characters of the file. */
  readonly length: number;
  readonly idMin: number;
  readonly idMax: number;

  private constructor(items: readonly Item<D>[], length: number, idMin: number, idMax: number) {
    this.items = items;
    this.length = length;
    this.idMin = idMin;
    this.idMax = idMax;
  }

  static of<D>(items: readonly Item<D>[]): ItemChunk<D> {
    let length = 0;
    let idMin = Number.MAX_SAFE_INTEGER;
    let idMax = 0;
    for (const item of items) {
      length += lengthOf(item);
      if (item.id < idMin) idMin = item.id;
      if (item.id > idMax) idMax = item.id;
    }
    return new ItemChunk(items, length, idMin, idMax);
  }

  /** The chunk with one item replaced. Ids that go may stay in its range: it only has to cover them. */
  with(at: number, item: Item<D>): ItemChunk<D> {
    const items = this.items.slice();
    const before = items[at] as Item<D>;
    items[at] = item;
    const length = this.length - lengthOf(before) + lengthOf(item);
    return new ItemChunk(items, length, Math.min(this.idMin, item.id), Math.max(this.idMax, item.id));
  }
}

function lengthOf(item: Item<unknown>): number {
  return item instanceof LineItem ? item.end - item.start : item.text.length;
}

/** Where an item stands: its chunk and its place in that. */
export interface ItemPlace {
  readonly chunk: number;
  readonly at: number;
}

export class ItemList<D> {
  readonly chunks: readonly ItemChunk<D>[];
  #flat: readonly Item<D>[] | undefined;

  constructor(chunks: readonly ItemChunk<D>[]) {
    this.chunks = chunks;
  }

  static of<D>(items: readonly Item<D>[]): ItemList<D> {
    return new ItemList(chunksOf(items));
  }

  get count(): number {
    return this.chunks.reduce((sum, { items }) => sum + items.length, 0);
  }

  /** All items in one array, made once. Cost: the items. */
  get flat(): readonly Item<D>[] {
    this.#flat ??= this.chunks.flatMap(({ items }) => items);
    return this.#flat;
  }

  /** One more than the highest id. */
  get nextId(): number {
    return this.chunks.reduce((highest, { idMax }) => Math.max(highest, idMax), 0) + 1;
  }

  at({ chunk, at }: ItemPlace): Item<D> | undefined {
    return this.chunks[chunk]?.items[at];
  }

  /** Where the item with that id stands. */
  placeOf(id: number): ItemPlace | undefined {
    for (let c = 0; c < this.chunks.length; c++) {
      const { items, idMin, idMax } = this.chunks[c] as ItemChunk<D>;
      if (id < idMin || id > idMax) continue;
      // In a file as it was read, ids go up by one.
      const guess = id - idMin;
      if (items[guess]?.id === id) return { chunk: c, at: guess };
      for (let at = 0; at < items.length; at++) if (items[at]?.id === id) return { chunk: c, at };
    }
    return undefined;
  }

  /** The offset in the file at which an item begins. */
  offsetOf({ chunk, at }: ItemPlace): number {
    let offset = 0;
    for (let c = 0; c < chunk; c++) offset += (this.chunks[c] as ItemChunk<D>).length;
    const items = this.chunks[chunk]?.items ?? [];
    for (let i = 0; i < at; i++) offset += items[i]?.text.length ?? 0;
    return offset;
  }

  /** The item before a place, if it is not the first. */
  before({ chunk, at }: ItemPlace): ItemPlace | undefined {
    if (at > 0) return { chunk, at: at - 1 };
    for (let c = chunk - 1; c >= 0; c--) {
      const count = this.chunks[c]?.items.length ?? 0;
      if (count > 0) return { chunk: c, at: count - 1 };
    }
    return undefined;
  }

  /** The list with `removed` items at a place replaced by `inserted`; all removed ones stand in that chunk. */
  spliced({ chunk, at }: ItemPlace, removed: number, inserted: readonly Item<D>[]): ItemList<D> {
    const chunks = this.chunks.slice();
    const old = this.chunks[chunk];
    if (old !== undefined && removed === 1 && inserted.length === 1) {
      chunks[chunk] = old.with(at, inserted[0] as Item<D>);
      return new ItemList(chunks);
    }
    const items = (old?.items ?? []).slice();
    items.splice(at, removed, ...inserted);
    if (items.length === 0) chunks.splice(chunk, 1);
    else if (items.length <= chunkItemsMax) chunks[chunk] = ItemChunk.of(items);
    else chunks.splice(chunk, 1, ...chunksOf(items));
    return new ItemList(chunks);
  }

  /** A list of `items` that shares the chunks which hold the same ones, from both ends. Cost: the items. */
  rewritten(items: readonly Item<D>[]): ItemList<D> {
    let head = 0;
    let headItems = 0;
    while (head < this.chunks.length && startsAt(items, headItems, this.chunks[head] as ItemChunk<D>))
      headItems += (this.chunks[head++] as ItemChunk<D>).items.length;
    let tail = this.chunks.length;
    let tailItems = items.length;
    while (tail > head) {
      const chunk = this.chunks[tail - 1] as ItemChunk<D>;
      const from = tailItems - chunk.items.length;
      if (from < headItems || !startsAt(items, from, chunk)) break;
      tailItems = from;
      tail--;
    }
    if (head === this.chunks.length && headItems === items.length) return this;
    return new ItemList([
      ...this.chunks.slice(0, head),
      ...chunksOf(items.slice(headItems, tailItems)),
      ...this.chunks.slice(tail),
    ]);
  }
}

function startsAt<D>(items: readonly Item<D>[], from: number, chunk: ItemChunk<D>): boolean {
  if (from + chunk.items.length > items.length) return false;
  for (let i = 0; i < chunk.items.length; i++) if (items[from + i] !== chunk.items[i]) return false;
  return true;
}

function chunksOf<D>(items: readonly Item<D>[]): ItemChunk<D>[] {
  const chunks: ItemChunk<D>[] = [];
  for (let i = 0; i < items.length; i += chunkItems)
    chunks.push(ItemChunk.of(items.slice(i, i + chunkItems)));
  return chunks;
}

/** Where two lists differ: chunks `from` to `beforeTo` of the one, `from` to `afterTo` of the other. */
interface ChunkDifference {
  readonly from: number;
  readonly beforeTo: number;
  readonly afterTo: number;
}

/** The stretch between the chunks that two lists share at their ends. */
function differingChunks<D>(before: ItemList<D>, after: ItemList<D>): ChunkDifference {
  const old = before.chunks;
  const now = after.chunks;
  const count = Math.min(old.length, now.length);
  let from = 0;
  while (from < count && old[from] === now[from]) from++;
  let tail = 0;
  while (tail < count - from && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  return { from, beforeTo: old.length - tail, afterTo: now.length - tail };
}

/** One item that is another now, came, or went. */
export interface ItemChange<D> {
  readonly before?: Item<D>;
  readonly after?: Item<D>;
}

/**
 * The items that differ between two lists, matched by id; undefined when they are more than `max`, or when items that stayed
 * changed their order. Cost: the chunks, and the items of those that differ.
 */
export function changedItems<D>(
  before: ItemList<D>,
  after: ItemList<D>,
  max: number,
): ItemChange<D>[] | undefined {
  const { from, beforeTo, afterTo } = differingChunks(before, after);
  const changes: ItemChange<D>[] = [];
  const olds: Item<D>[] = [];
  for (let c = from; c < beforeTo; c++) {
    const mirrored = after.chunks[c];
    const chunk = before.chunks[c] as ItemChunk<D>;
    // In place: the usual case.
    if (beforeTo === afterTo && chunk === mirrored) continue;
    olds.push(...chunk.items);
  }
  const news: Item<D>[] = [];
  for (let c = from; c < afterTo; c++) {
    const chunk = after.chunks[c] as ItemChunk<D>;
    if (beforeTo === afterTo && chunk === before.chunks[c]) continue;
    news.push(...chunk.items);
  }
  const positions = new Map<number, number>();
  for (let i = 0; i < olds.length; i++) positions.set((olds[i] as Item<D>).id, i);
  let last = -1;
  for (const item of news) {
    const at = positions.get(item.id);
    if (at === undefined) changes.push({ after: item });
    else {
      if (at < last) return undefined;
      last = at;
      positions.delete(item.id);
      const old = olds[at] as Item<D>;
      if (old !== item) changes.push({ before: old, after: item });
    }
    if (changes.length > max) return undefined;
  }
  if (changes.length + positions.size > max) return undefined;
  for (const at of positions.values()) changes.push({ before: olds[at] as Item<D> });
  return changes;
}
