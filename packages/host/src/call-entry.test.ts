import type { CallGroup } from "@reckon/formula";
import { describe, expect, it } from "vitest";
import { CallEntry } from "./call-entry.ts";

function entryOf(): { entry: CallEntry; ends: () => number } {
  let ended = 0;
  const more = { key: undefined, onEnd: () => void ended++ };
  return { entry: new CallEntry({} as never, {} as never, [], more), ends: () => ended };
}

/** A group that knows who listens. */
function groupOf(): { group: CallGroup; listeners: Set<() => void> } {
  const listeners = new Set<() => void>();
  const onCancel = (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { group: { isCancelled: false, onCancel } as CallGroup, listeners };
}

describe("a call under way", () => {
  it("[MO5] is answered once to all who wait, and listens to none of them afterwards", async () => {
    const { entry, ends } = entryOf();
    const groups = [groupOf(), groupOf()];
    const answers = groups.map(({ group }) => entry.answer(group));
    expect(groups.map(({ listeners }) => listeners.size)).toEqual([1, 1]);
    entry.end({ value: 7 });
    entry.end({ problem: new Error("late") });
    expect(await Promise.all(answers)).toEqual([7, 7]);
    expect(groups.map(({ listeners }) => listeners.size)).toEqual([0, 0]);
    expect([entry.isCancelled, ends()]).toEqual([false, 1]);
  });

  it("[MO10] goes on while anybody waits, and is cancelled with the last", async () => {
    const { entry, ends } = entryOf();
    const [first, second] = [groupOf(), groupOf()];
    const left = entry.answer(first.group);
    const stays = entry.answer(second.group);
    for (const leave of first.listeners) leave();
    await expect(left).rejects.toThrow("superseded");
    expect([entry.isCancelled, ends()]).toEqual([false, 0]);
    for (const leave of second.listeners) leave();
    await expect(stays).rejects.toThrow("superseded");
    expect([entry.isCancelled, ends()]).toEqual([true, 1]);
    entry.end({ value: 1 });
    expect(ends()).toBe(1);
  });
});
