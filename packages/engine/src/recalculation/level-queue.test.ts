import { expect, it } from "vitest";
import { LevelQueue } from "./level-queue.ts";

it("[RC2] gives the lowest level first, however far levels lie apart and whenever they are pushed", () => {
  const queue = new LevelQueue();
  const levels = Array.from(
    { length: 3000 },
    (_, node) => ((node * 7919) % 97) * (node % 5 === 0 ? 20_011 : 1),
  );
  levels.forEach((level, node) => {
    queue.push(node, level);
  });
  const popped: number[] = [];
  let pushedLater = false;
  for (let node = queue.pop(); node >= 0; node = queue.pop()) {
    popped.push(levels[node] as number);
    if (!pushedLater && popped.length === 1500) {
      pushedLater = true;
      queue.push(node, levels[node] as number);
    }
  }
  expect(popped).toEqual(popped.toSorted((a, b) => a - b));
  expect(popped).toHaveLength(3001);
  expect(queue.pop()).toBe(-1);
});
