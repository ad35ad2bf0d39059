import { describe, expect, it } from "vitest";
import { editLine, type LineAction, type LineState, lineCharactersMax, lineOf } from "./line-editor.ts";

const run = (line: LineState, ...actions: (LineAction | LineAction["kind"])[]): LineState =>
  actions.reduce<LineState>(
    (state, action) =>
      editLine(state, typeof action === "string" ? ({ kind: action } as LineAction) : action),
    line,
  );
const type = (text: string): LineAction => ({ kind: "insert", text });
/** The text with `|` at the caret. */
const shown = (line: LineState): string => `${line.text.slice(0, line.caret)}|${line.text.slice(line.caret)}`;

describe("line editor", () => {
  it.each<[string, (LineAction | LineAction["kind"])[], string]>([
    ["price * 2", [], "price * 2|"],
    ["price * 2", ["left", "left", type("3 + ")], "price *3 + | 2"],
    ["price", ["start", type("unit_")], "unit_|price"],
    ["price", ["delete-before"], "pric|"],
    ["price", ["start", "delete-after"], "|rice"],
    ["units * price", ["delete-word"], "units * |"],
    ["units * price", ["word-left", "word-left"], "|units * price"],
    ["units * price", ["start", "word-right"], "units| * price"],
    ["units * price", ["left", "left", "delete-to-end"], "units * pri|"],
    ["units * price", ["left", "left", "delete-to-start"], "|ce"],
    ["", ["delete-before", "delete-after", "left", "right", "delete-word", "undo", "redo"], "|"],
    ["a😀", ["delete-before"], "a|"],
    ["a😀", ["left"], "a|😀"],
    ["a😀b", ["start", "right", "delete-after"], "a|b"],
  ])("[TE18] %j after %j is %j", (text, actions, expected) => {
    expect(shown(run(lineOf(text), ...actions))).toBe(expected);
  });

  it("[TE18] undoes and redoes what was typed", () => {
    const typed = run(lineOf("a"), type("b"), type("c"), "delete-before");
    expect(shown(run(typed, "undo"))).toBe("abc|");
    expect(shown(run(typed, "undo", "undo", "undo"))).toBe("a|");
    expect(shown(run(typed, "undo", "undo", "redo"))).toBe("abc|");
    expect(shown(run(typed, "undo", type("x"), "redo"))).toBe("abcx|");
  });

  it("[TE11] takes a paste as one line of bounded length", () => {
    const pasted = run(lineOf("= "), type("price\r\n\t* 2\u0000"));
    expect(pasted.text).toBe("= price * 2 ");
    expect(run(lineOf(""), type("x".repeat(1_000_000))).text).toHaveLength(lineCharactersMax);
  });
});
