/** A line of text being typed, with its caret and its own undo: pure functions from one state to the next. */

export interface LineState {
  readonly text: string;
  /** UTF-16 offset, always between characters. */
  readonly caret: number;
  readonly undone: readonly LineSnapshot[];
  readonly done: readonly LineSnapshot[];
}
interface LineSnapshot {
  readonly text: string;
  readonly caret: number;
}

/** A longer line is cut: formulas are far shorter, and a paste must not freeze the screen. */
export const lineCharactersMax = 10_000;
const undoStepsMax = 200;

export type LineAction =
  | { readonly kind: "insert"; readonly text: string }
  | { readonly kind: "delete-before" | "delete-after" | "delete-word" | "delete-to-start" | "delete-to-end" }
  | { readonly kind: "left" | "right" | "word-left" | "word-right" | "start" | "end" }
  | { readonly kind: "undo" | "redo" };

/** A fresh line with the caret at its end. */
export function lineOf(text: string): LineState {
  return { text, caret: text.length, undone: [], done: [] };
}

/** Keys of a line being typed, by `KeyEvent.name`; every other key that types something is inserted. */
export const lineKeys: Readonly<Record<string, LineAction["kind"]>> = {
  backspace: "delete-before",
  delete: "delete-after",
  "ctrl-d": "delete-after",
  "ctrl-w": "delete-word",
  "alt-backspace": "delete-word",
  "ctrl-u": "delete-to-start",
  "ctrl-k": "delete-to-end",
  left: "left",
  "ctrl-b": "left",
  right: "right",
  "ctrl-f": "right",
  "ctrl-left": "word-left",
  "alt-b": "word-left",
  "ctrl-right": "word-right",
  "alt-f": "word-right",
  home: "start",
  "ctrl-a": "start",
  end: "end",
  "ctrl-e": "end",
  "ctrl-_": "undo",
  "alt-u": "undo",
  "ctrl-r": "redo",
};

export function editLine(line: LineState, action: LineAction): LineState {
  const { text, caret } = line;
  switch (action.kind) {
    case "insert": {
      const room = lineCharactersMax - text.length;
      // Line breaks of a paste become spaces: a formula is one line.
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
      const inserted = action.text.replace(/[\u0000-\u001f\u007f]+/g, " ").slice(0, Math.max(0, room));
      return changed(line, text.slice(0, caret) + inserted + text.slice(caret), caret + inserted.length);
    }
    case "delete-before":
      return without(line, before(text, caret), caret);
    case "delete-after":
      return without(line, caret, after(text, caret));
    case "delete-word":
      return without(line, wordBefore(text, caret), caret);
    case "delete-to-start":
      return without(line, 0, caret);
    case "delete-to-end":
      return without(line, caret, text.length);
    case "left":
      return { ...line, caret: before(text, caret) };
    case "right":
      return { ...line, caret: after(text, caret) };
    case "word-left":
      return { ...line, caret: wordBefore(text, caret) };
    case "word-right":
      return { ...line, caret: wordAfter(text, caret) };
    case "start":
      return { ...line, caret: 0 };
    case "end":
      return { ...line, caret: text.length };
    case "undo":
      return step(line, "done", "undone");
    case "redo":
      return step(line, "undone", "done");
  }
}

function changed(line: LineState, text: string, caret: number): LineState {
  if (text === line.text) return line;
  const done = [...line.done, { text: line.text, caret: line.caret }].slice(-undoStepsMax);
  return { text, caret, done, undone: [] };
}

function without(line: LineState, from: number, to: number): LineState {
  return changed(line, line.text.slice(0, from) + line.text.slice(to), from);
}

function step(line: LineState, from: "done" | "undone", to: "done" | "undone"): LineState {
  const target = line[from].at(-1);
  if (target === undefined) return line;
  const kept = { text: line.text, caret: line.caret };
  return { ...target, [from]: line[from].slice(0, -1), [to]: [...line[to], kept] } as LineState;
}

/** A pair of surrogates is one character; joined emoji are walked through piece by piece, which loses nothing. */
function before(text: string, caret: number): number {
  if (caret <= 0) return 0;
  const low = text.charCodeAt(caret - 1);
  return caret - (low >= 0xdc00 && low <= 0xdfff && caret > 1 ? 2 : 1);
}
function after(text: string, caret: number): number {
  if (caret >= text.length) return text.length;
  return caret + ((text.codePointAt(caret) as number) > 0xffff ? 2 : 1);
}

const isWord = (character: string | undefined): boolean =>
  character !== undefined && /[\p{L}\p{N}_]/u.test(character);
function wordBefore(text: string, caret: number): number {
  let at = caret;
  while (at > 0 && !isWord(text[at - 1])) at--;
  while (at > 0 && isWord(text[at - 1])) at--;
  return at;
}
function wordAfter(text: string, caret: number): number {
  let at = caret;
  while (at < text.length && !isWord(text[at])) at++;
  while (at < text.length && isWord(text[at])) at++;
  return at;
}
