import { describe, expect, it } from "vitest";
import { createKeyResolver, gridKeys } from "./key-map.ts";

const resolver = () => createKeyResolver(gridKeys);
const key = (name: string) => ({ kind: "key", name }) as const;
const commandsOf = (names: readonly string[]): string[] => {
  const keys = resolver();
  const run = names.flatMap((name) => keys.feed(key(name)).run);
  return [...run, ...keys.expire().run].map((entry) => entry.command);
};

describe("key map", () => {
  it("[TE12] binds every key once", () => {
    const keys = gridKeys.flatMap((group) => group.bindings.flatMap((binding) => binding.keys));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("[TE12] leaves alone the keys that a terminal cannot tell from others", () => {
    const keys = gridKeys.flatMap((group) => group.bindings.flatMap((binding) => binding.keys));
    for (const taken of ["ctrl-[", "ctrl-i", "ctrl-m", "ctrl-h", "ctrl-q"]) expect(keys).not.toContain(taken);
  });

  it("[TE12] gives every function key a letter", () => {
    for (const group of gridKeys)
      for (const { keys } of group.bindings)
        if (keys.some((name) => /^f\d/.test(name)))
          expect(keys.some((name) => !/^f\d/.test(name))).toBe(true);
  });

  it.each([
    [["g", "g"], ["move-first-row"]],
    [["g", "d"], ["go-precedent"]],
    [["d", "d"], ["remove-attribute"]],
    [["d"], ["difference"]],
    [
      ["d", "j"],
      ["difference", "move-down"],
    ],
    [["g", "escape"], []],
    [["g", "j"], ["move-down"]],
    [["d", "escape"], []],
    [["3"], ["switch-scenario"]],
    [["ctrl-right"], ["page-right"]],
    [["ctrl-x"], []],
  ])("[TE13] %j runs %j", (names, expected) => {
    expect(commandsOf(names)).toEqual(expected);
  });

  it("[TE13] says when a command waits for a second key", () => {
    const keys = resolver();
    expect(keys.feed(key("g"))).toEqual({ run: [], isWaiting: false, pending: "g" });
    expect(keys.feed(key("g")).run).toEqual([{ command: "move-first-row", key: "g" }]);
    expect(keys.feed(key("d"))).toEqual({ run: [], isWaiting: true, pending: "d" });
    expect(keys.expire().run).toEqual([{ command: "difference", key: "d" }]);
  });
});
