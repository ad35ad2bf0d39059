import { describe, expect, it } from "vitest";
import { lineCommands } from "../app/command-line.ts";
import { gridKeys } from "../keys/key-map.ts";
import { helpLines, keysText } from "./help-lines.ts";

describe("page of all keys", () => {
  it("[TE12] lists every binding and every command", () => {
    const shown = helpLines("");
    const commands = shown.flatMap((line) => (line.command === undefined ? [] : [line.command]));
    expect(commands).toEqual(gridKeys.flatMap((group) => group.bindings.map((binding) => binding.command)));
    for (const command of lineCommands) expect(shown.some((line) => line.keys === command.usage)).toBe(true);
  });

  it("[TE19] is searched by words and by keys", () => {
    expect(helpLines("half a page up").map((line) => line.keys)).toEqual(["Move", "Ctrl-u"]);
    expect(helpLines("ctrl-r").some((line) => line.command === "redo")).toBe(true);
    expect(helpLines("no such thing at all")).toEqual([]);
  });

  it("writes keys as people know them", () => {
    expect(keysText(["g g", "ctrl-home"])).toBe("gg  Ctrl-Home");
    expect(keysText(["page-down"])).toBe("Page-Down");
    expect(keysText(["ctrl-d"])).toBe("Ctrl-d");
    expect(keysText(["1", "2", "3", "4", "5", "6", "7", "8", "9"])).toBe("1–9");
  });
});
