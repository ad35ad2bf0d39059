import { describe, expect, it } from "vitest";
import { createKeyDecoder, pasteCharactersMax } from "./key-decoder.ts";
import type { KeyEvent } from "./key-event.ts";

const names = (events: readonly KeyEvent[]): string[] =>
  events.map((event) => (event.kind === "key" ? event.name : `paste:${event.text}`));

const sequences: readonly (readonly [string, readonly string[]])[] = [
  ["j", ["j"]],
  ["gg", ["g", "g"]],
  ["G$0", ["G", "$", "0"]],
  ["\r", ["enter"]],
  ["\t", ["tab"]],
  ["\u007f", ["backspace"]],
  [" ", ["space"]],
  ["\u0003", ["ctrl-c"]],
  ["\u0012", ["ctrl-r"]],
  ["\u001a", ["ctrl-z"]],
  ["é", ["é"]],
  ["日", ["日"]],
  ["\u001b[A", ["up"]],
  ["\u001bOA", ["up"]],
  ["\u001b[1;5C", ["ctrl-right"]],
  ["\u001b[1;2D", ["shift-left"]],
  ["\u001b[5~", ["page-up"]],
  ["\u001b[6~", ["page-down"]],
  ["\u001b[3~", ["delete"]],
  ["\u001bOQ", ["f2"]],
  ["\u001b[12~", ["f2"]],
  ["\u001b[20~", ["f9"]],
  ["\u001b[20;2~", ["shift-f9"]],
  ["\u001b[Z", ["shift-tab"]],
  ["\u001bx", ["alt-x"]],
  ["\u001b[114;5u", ["ctrl-r"]],
  ["\u001b\u001b[A", ["escape", "up"]],
  ["j\u001b[Bk", ["j", "down", "k"]],
  // Reports that are no keys type nothing.
  ["\u001b[<0;12;7M", []],
  ["\u001b[I\u001b[O", []],
  ["\u001b[?1;2c", []],
  ["\u001b[12;40R", []],
  ["\u001b[M !!j", ["j"]],
];

describe("key decoder", () => {
  it.each(sequences)("[TE10] reads %j as %j in one chunk", (text, expected) => {
    expect(names(createKeyDecoder().push(text))).toEqual(expected);
  });

  it.each(sequences)("[TE10] reads %j as %j byte by byte", (text, expected) => {
    const decoder = createKeyDecoder();
    const events: KeyEvent[] = [];
    for (const byte of Buffer.from(text)) events.push(...decoder.push(Uint8Array.of(byte)));
    expect(names(events)).toEqual(expected);
    expect(decoder.isWaiting()).toBe(false);
  });

  it("[TE10] takes a lone Esc as a key only when nothing follows", () => {
    const decoder = createKeyDecoder();
    expect(decoder.push("\u001b")).toEqual([]);
    expect(decoder.isWaiting()).toBe(true);
    expect(names(decoder.flush())).toEqual(["escape"]);
    expect(decoder.isWaiting()).toBe(false);
    expect(decoder.push("\u001b")).toEqual([]);
    expect(names(decoder.push("[A"))).toEqual(["up"]);
  });

  it("[TE11] gives a bracketed paste as one event, whatever it holds and however it is split", () => {
    const decoder = createKeyDecoder();
    const text = "dd:q!\r\u001b[A";
    const events: KeyEvent[] = [];
    for (const character of `\u001b[200~${text}\u001b[201~j`) events.push(...decoder.push(character));
    expect(names(events)).toEqual([`paste:${text}`, "j"]);
  });

  it("[TE11] keeps the beginning of a megabyte and says that it was cut", () => {
    const decoder = createKeyDecoder();
    const line = "price = 12 * 4\r";
    const text = line.repeat(70_000);
    const events: KeyEvent[] = [];
    for (let from = 0; from < text.length; from += 65_536) {
      const isFirst = from === 0;
      const isLast = from + 65_536 >= text.length;
      const piece = text.slice(from, from + 65_536);
      events.push(...decoder.push((isFirst ? "\u001b[200~" : "") + piece + (isLast ? "\u001b[201~" : "")));
    }
    expect(events).toHaveLength(1);
    expect(events[0]).toEqual({ kind: "paste", text: text.slice(0, pasteCharactersMax), isCut: true });
  });

  it("[TE11] takes a long chunk of plain text for a paste, but not a key held down", () => {
    const decoder = createKeyDecoder();
    const pasted = decoder.push("dd".repeat(10) + "u:q!\r".repeat(40));
    expect(pasted.map((event) => event.kind)).toEqual(["paste"]);
    expect(names(decoder.push("j".repeat(500)))).toHaveLength(500);
  });
});
