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

it("[RC2] pops the lowest level whatever is pushed in between", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };
  for (let round = 0; round < 200; round++) {
    const queue = new LevelQueue();
    const held: number[] = [];
    for (let step = 0; step < 300; step++) {
      if (random(100) < 45 + (round % 20)) {
        const level = random(3) === 0 ? random(5000) : random(6);
        queue.push(level, level);
        held.push(level);
      } else {
        held.sort((a, b) => b - a);
        expect(queue.pop()).toBe(held.pop() ?? -1);
      }
      expect(queue.size).toBe(held.length);
      if (held.length === 0 && random(4) === 0) queue.shrink();
    }
  }
});
