import { expect, it } from "vitest";
import type { Item } from "./api.ts";
import { changedItems, ItemList } from "./item-list.ts";

type AnyItem = Item<string>;

const itemOf = (id: number, text: string): AnyItem => ({ id, text, diagnostics: [] });
const many = (count: number): AnyItem[] =>
  Array.from({ length: count }, (_, i) => itemOf(i + 1, `line ${i}\n`));

function randomOf(first: number): (below: number) => number {
  let seed = first;
  return (below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
}

function placeAt(list: ItemList<string>, index: number): { chunk: number; at: number } {
  let rest = index;
  for (const [chunk, { items }] of list.chunks.entries()) {
    if (rest < items.length) return { chunk, at: rest };
    rest -= items.length;
  }
  throw new RangeError("no such item");
}

it("[LA61] a list that is edited is the array that is edited, and shares what did not change", () => {
  const random = randomOf(17);
  let array = many(3_000);
  let list = ItemList.of(array);
  for (let step = 0; step < 1_500; step++) {
    const at = random(array.length);
    const place = placeAt(list, at);
    const removed = random(3) === 0 ? 0 : 1;
    const inserted = Array.from({ length: random(3) }, (_, i) =>
      itemOf(list.nextId + i, `new ${step} ${i}\n`),
    );
    const before = list;
    list = list.spliced(place, removed, inserted);
    const old = array;
    array = array.toSpliced(at, removed, ...inserted);
    expect(list.chunks.filter((chunk) => !before.chunks.includes(chunk)).length).toBeLessThanOrEqual(3);
    if (step % 50 > 0) continue;
    expect(list.flat).toEqual(array);
    expect(before.flat).toEqual(old);
    expect(list.count).toBe(array.length);
    const probe = array[random(array.length)] as AnyItem;
    const found = list.placeOf(probe.id);
    expect(found === undefined ? undefined : list.at(found)).toBe(probe);
    const offset = array.slice(0, array.indexOf(probe)).reduce((sum, { text }) => sum + text.length, 0);
    expect(found === undefined ? undefined : list.offsetOf(found)).toBe(offset);
  }
  expect(list.placeOf(1_000_000)).toBeUndefined();
});

it("[LA61] what differs between two lists is found by id, however they were cut", () => {
  const random = randomOf(29);
  const array = many(2_500);
  for (let round = 0; round < 60; round++) {
    const edited = [...array];
    let fresh = 10_000;
    for (let k = 0; k < 1 + random(5); k++) {
      const at = random(edited.length);
      const kind = random(3);
      if (kind === 0) edited.splice(at, 1);
      else if (kind === 1) edited.splice(at, 0, itemOf(fresh++, "new\n"));
      else edited[at] = itemOf((edited[at] as AnyItem).id, `other ${round}\n`);
    }
    const before = ItemList.of(array);
    const after = round % 2 === 0 ? before.rewritten(edited) : ItemList.of(edited);
    expect(after.flat).toEqual(edited);
    const changes = changedItems(before, after, 100) ?? [];
    const gone = array.filter((item) => !edited.includes(item));
    const come = edited.filter((item) => !array.includes(item));
    expect(changes.flatMap((change) => change.before ?? []).toSorted((a, b) => a.id - b.id)).toEqual(
      gone.toSorted((a, b) => a.id - b.id),
    );
    expect(changes.flatMap((change) => change.after ?? [])).toEqual(come);
    for (const change of changes)
      if (change.before !== undefined && change.after !== undefined)
        expect(change.before.id).toBe(change.after.id);
  }
});

it("[LA61] too many changes, and a changed order, are no list of changes", () => {
  const array = many(100);
  expect(changedItems(ItemList.of(array), ItemList.of(array.toReversed()), 1_000)).toBeUndefined();
  expect(changedItems(ItemList.of(array), ItemList.of(array.slice(50)), 49)).toBeUndefined();
  expect(changedItems(ItemList.of(array), ItemList.of(array.slice(50)), 50)).toHaveLength(50);
});
