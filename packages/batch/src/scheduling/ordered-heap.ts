/** Items in order, the first one taken first: a binary heap. Equal ones come in no certain order, so orders break their ties. */
export class OrderedHeap<Item> {
  readonly #items: Item[] = [];
  readonly #isBefore: (a: Item, b: Item) => boolean;

  constructor(isBefore: (a: Item, b: Item) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  get first(): Item | undefined {
    return this.#items[0];
  }

  /** All items, in no order; shared. */
  get items(): readonly Item[] {
    return this.#items;
  }

  /** Cost: log n. */
  push(item: Item): void {
    const items = this.#items;
    let at = items.length;
    for (; at > 0; ) {
      const above = (at - 1) >> 1;
      const other = items[above] as Item;
      if (!this.#isBefore(item, other)) break;
      items[at] = other;
      at = above;
    }
    items[at] = item;
  }

  /** Cost: log n. */
  pop(): Item | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (items.length === 0 || last === undefined) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= items.length) break;
      const right = below + 1;
      if (right < items.length && this.#isBefore(items[right] as Item, items[below] as Item)) below = right;
      if (!this.#isBefore(items[below] as Item, last)) break;
      items[at] = items[below] as Item;
      at = below;
    }
    items[at] = last;
    return first;
  }

  /** Takes out what is chosen. Cost: all items. */
  remove(isChosen: (item: Item) => boolean): Item[] {
    const chosen: Item[] = [];
    const kept: Item[] = [];
    for (const item of this.#items) (isChosen(item) ? chosen : kept).push(item);
    this.#items.length = 0;
    for (const item of kept) this.push(item);
    return chosen;
  }
}
