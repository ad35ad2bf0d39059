import { expect, it } from "vitest";
import { AttributeTable } from "./attribute-table.ts";
import type { CheckedAttribute } from "./declarations.ts";

const attributeOf = (id: string): CheckedAttribute => ({ id }) as unknown as CheckedAttribute;

function randomOf(first: number): (below: number) => number {
  let seed = first;
  return (below) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
}

it("[LA61] versions of a table are maps of their own, and are compared by what they do not share", () => {
  const random = randomOf(3);
  const first = Array.from({ length: 66_000 }, (_, i) => attributeOf(`b.x${i}`));
  const versions = [AttributeTable.of(first, [first.map(({ id }) => id)], AttributeTable.numbersLike())];
  const maps = [new Map(first.map((one) => [one.id, one]))];
  for (let k = 0; k < 30; k++) {
    const from = random(versions.length);
    const table = (versions[from] as AttributeTable).fork();
    const map = new Map(maps[from]);
    for (let edit = 0; edit < 1 + random(4); edit++) {
      const id = `b.x${random(66_300)}`;
      if (random(3) === 0) {
        table.put(id, undefined);
        map.delete(id);
      } else {
        const attribute = attributeOf(id);
        table.put(id, attribute);
        map.set(id, attribute);
      }
    }
    versions.push(table);
    maps.push(map);
    if (versions.length > 4) {
      versions.shift();
      maps.shift();
    }
    const [a, b] = [random(versions.length), random(versions.length)];
    const left = versions[a] as AttributeTable;
    const right = versions[b] as AttributeTable;
    const differing = (left.differsFrom(right) ?? []).map((number) => left.nameOf(number)).toSorted();
    const names = new Set([...(maps[a]?.keys() ?? []), ...(maps[b]?.keys() ?? [])]);
    expect(differing).toEqual([...names].filter((id) => maps[a]?.get(id) !== maps[b]?.get(id)).toSorted());
    expect([left.size, right.size]).toEqual([maps[a]?.size, maps[b]?.size]);
  }
  versions.forEach((table, i) => {
    for (const [id, attribute] of maps[i] ?? []) expect(table.get(id)).toBe(attribute);
    expect([...table.byNumber()]).toHaveLength(table.size);
  });
});

it("[LA61] names that came and went are forgotten when they are most of the table", () => {
  let table = AttributeTable.of([attributeOf("b.x")], [[], ["b.x"]], AttributeTable.numbersLike());
  for (let i = 0; i < 20_000; i++) {
    const added = table.fork();
    added.put(`b.y${i}`, attributeOf(`b.y${i}`));
    const removed = added.reordered([{ attributes: ["b.x", `b.y${i}`] }]).fork();
    removed.put(`b.y${i}`, undefined);
    table = removed.reordered([{ attributes: ["b.x"] }]);
  }
  expect(table.numberCount).toBeLessThan(1_100);
  expect([...table.keys()]).toEqual(["b.x"]);
});
