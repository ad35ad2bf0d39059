/**
 * Which outer members of a stock or delay move within a period, and which stand still.
 *
 *   pinned   t   t + 1     within period t
 *            no  any       moves
 *            yes no        starts at what is pinned, and moves: the model goes on from there
 *            yes yes       stands still at what is pinned: the model has no say in between
 *
 * Cost: the parts of the pin and the members that they cover; nothing where nothing is pinned.
 */
import type { Box } from "../formula-node.ts";
import type { Pin } from "../overlays/override.ts";

const isPinnedNow = 1;
const isPinnedNext = 2;
const standsStill = isPinnedNow | isPinnedNext;

/** The parts of `box`, which is one period, whose members move. */
export function movingBoxes(pin: Pin | undefined, box: Box): readonly Box[] {
  if (pin === undefined) return [box];
  const pinned = pinnedMembers(pin, box);
  if (!pinned.includes(standsStill)) return [box];
  const moving: Box[] = [];
  for (let from = box.outerFrom; from < box.outerTo; from++) {
    if (pinned[from - box.outerFrom] === standsStill) continue;
    let to = from + 1;
    while (to < box.outerTo && pinned[to - box.outerFrom] !== standsStill) to++;
    moving.push({ ...box, outerFrom: from, outerTo: to });
    from = to;
  }
  return moving;
}

function pinnedMembers({ parts }: Pin, { outerFrom, outerTo, from: period }: Box): Uint8Array {
  const pinned = new Uint8Array(outerTo - outerFrom);
  for (const { box } of parts) {
    const isNow = box.from <= period && period < box.to;
    const isNext = box.from <= period + 1 && period + 1 < box.to;
    const flags = (isNow ? isPinnedNow : 0) | (isNext ? isPinnedNext : 0);
    if (flags === 0) continue;
    const end = Math.min(outerTo, box.outerTo);
    for (let member = Math.max(outerFrom, box.outerFrom); member < end; member++) {
      pinned[member - outerFrom] = (pinned[member - outerFrom] as number) | flags;
    }
  }
  return pinned;
}
