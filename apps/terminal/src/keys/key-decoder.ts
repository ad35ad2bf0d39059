/**
 * From the bytes of standard input to key events.
 *
 * Terminals send a special key as an escape sequence, and a slow link may deliver it in pieces; a lone Esc is the
 * first byte of all of them. So the decoder is a small machine that keeps what is not complete yet:
 *
 *   ground ──ESC──▶ escape ──[──▶ csi ──final──▶ key          ESC [ params intermediates final
 *     ▲               │   └──O──▶ ss3 ──letter─▶ key          ESC O letter
 *     │               └──char──▶ alt-char
 *     └── paste: ESC [ 200 ~ text ESC [ 201 ~
 *
 * 1. `push` appends a chunk to what is left over and takes events from the front until the rest is incomplete.
 * 2. When a rest remains, the caller starts a short timer and calls `flush`: what still waits is then taken as it
 *    stands, so Esc alone becomes `escape`.
 * 3. Text between the paste marks is one event. Terminals without these marks send a paste as one long chunk of
 *    plain text: more than `plainKeysMax` characters that are not one repeated key are a paste too, because text
 *    that was meant for a document must not run as commands.
 *
 * Invariants: a sequence that maps to no key (mouse and focus reports, answers of the terminal) gives no event and
 * types nothing. Memory is bounded: a paste keeps `pasteCharactersMax` characters, an escape sequence `sequenceMax`.
 * Cost: linear in the bytes.
 */
import { StringDecoder } from "node:string_decoder";
import type { KeyEvent } from "./key-event.ts";

/** Characters kept of one paste; the rest is dropped and the event says so. */
export const pasteCharactersMax = 65_536;
/** A longer unfinished escape sequence is noise. */
const sequenceMax = 64;
/** More plain characters than this in one chunk are a paste, unless they are all the same. */
const plainKeysMax = 48;

const escapeCode = "\u001b";
const pasteStart = "\u001b[200~";
const pasteEnd = "\u001b[201~";

export interface KeyDecoder {
  /** The events that are complete with this chunk. */
  readonly push: (chunk: Uint8Array | string) => readonly KeyEvent[];
  /** Whether something waits for more bytes; then call `flush` after a short time without any. */
  readonly isWaiting: () => boolean;
  /** Takes what waits as it stands. */
  readonly flush: () => readonly KeyEvent[];
}

const csiLetters: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "begin",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  Z: "shift-tab",
};
const csiNumbers: Readonly<Record<string, string>> = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "page-up",
  6: "page-down",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};
const controlNames: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\t": "tab",
  "\u0000": "ctrl-space",
  "\u0008": "backspace",
  "\u007f": "backspace",
  "\u001f": "ctrl-_",
  "\u001b": "escape",
};

/** The prefix for a modifier parameter: 1 + (1 shift, 2 alt, 4 ctrl). */
function modifierPrefix(parameter: string | undefined): string {
  const bits = Math.max(0, Number.parseInt(parameter ?? "1", 10) - 1) || 0;
  return `${bits & 4 ? "ctrl-" : ""}${bits & 2 ? "alt-" : ""}${bits & 1 ? "shift-" : ""}`;
}

function keyOf(name: string, text?: string): KeyEvent {
  return text === undefined ? { kind: "key", name } : { kind: "key", name, text };
}

/** The key of one character outside escape sequences. */
function plainKey(character: string): KeyEvent {
  const control = controlNames[character];
  if (control !== undefined) return keyOf(control);
  const code = character.codePointAt(0) as number;
  if (code < 32) return keyOf(`ctrl-${String.fromCharCode(code + 96)}`);
  return character === " " ? keyOf("space", " ") : keyOf(character, character);
}

/** The key of a complete CSI sequence; undefined when it is not a key. */
function csiKey(parameters: string, final: string): KeyEvent | undefined {
  if (/^[<=>?]/.test(parameters)) return undefined;
  const [first = "", second] = parameters.split(";");
  if (final === "~") {
    const name = csiNumbers[first];
    return name === undefined ? undefined : keyOf(modifierPrefix(second) + name);
  }
  if (final === "u") {
    // The kitty protocol's form: a code point and its modifiers.
    const character = String.fromCodePoint(Math.min(Number.parseInt(first, 10) || 0, 0x10ffff));
    const prefix = modifierPrefix(second);
    const key = plainKey(character);
    return prefix === "" || prefix === "shift-" || key.kind !== "key" ? key : keyOf(prefix + key.name);
  }
  const name = csiLetters[final];
  if (name === undefined) return undefined;
  if (name === "f3" && first !== "" && first !== "1") return undefined; // an answer to "where is the cursor"
  return keyOf(modifierPrefix(second) + name);
}

/** An event (or none) and how many characters it took; undefined when more are needed. */
interface Taken {
  readonly event?: KeyEvent;
  readonly length: number;
}

function takeCsi(text: string): Taken | undefined {
  if (text.startsWith("\u001b[M")) return text.length < 6 ? undefined : { length: 6 }; // old mouse report
  let i = 2;
  while (i < text.length) {
    const code = text.charCodeAt(i);
    if (code >= 0x40 && code <= 0x7e) {
      const event = csiKey(text.slice(2, i), text[i] as string);
      return event === undefined ? { length: i + 1 } : { event, length: i + 1 };
    }
    // A byte that cannot stand in a sequence ends it; it is read again by itself.
    if (code < 0x20 || code > 0x7e || i > sequenceMax) return { length: i };
    i++;
  }
  return undefined;
}

function takeEscape(text: string): Taken | undefined {
  const second = text[1];
  if (second === undefined) return undefined;
  if (second === "[") return text.length === 2 ? undefined : takeCsi(text);
  if (second === "O") {
    const letter = text[2];
    if (letter === undefined) return undefined;
    const name = csiLetters[letter];
    return name === undefined ? { length: 3 } : { event: keyOf(name), length: 3 };
  }
  if (second === escapeCode) return { event: keyOf("escape"), length: 1 };
  const character = String.fromCodePoint(text.codePointAt(1) as number);
  const inner = plainKey(character);
  const name = inner.kind === "key" ? inner.name : character;
  return { event: keyOf(`alt-${name}`), length: 1 + character.length };
}

/** Whether a stretch of plain text is a paste that came without marks. */
function isPlainPaste(text: string): boolean {
  if (text.length <= plainKeysMax) return false;
  const first = text[0] as string;
  for (let i = 1; i < text.length; i++) if (text[i] !== first) return true;
  return false;
}

class StreamDecoder implements KeyDecoder {
  private readonly characters = new StringDecoder("utf8");
  private rest = "";
  private pasted: string | undefined;
  private isPasteCut = false;

  push(chunk: Uint8Array | string): readonly KeyEvent[] {
    this.rest += typeof chunk === "string" ? chunk : this.characters.write(Buffer.from(chunk));
    return this.take(false);
  }

  isWaiting(): boolean {
    return this.rest !== "" && this.pasted === undefined;
  }

  flush(): readonly KeyEvent[] {
    return this.pasted === undefined ? this.take(true) : [];
  }

  private take(isFinal: boolean): readonly KeyEvent[] {
    const events: KeyEvent[] = [];
    while (this.rest !== "") {
      const isProgress = this.pasted === undefined ? this.takeKey(events, isFinal) : this.takePaste(events);
      if (!isProgress) break;
    }
    return events;
  }

  /** Moves the text before the end mark into the paste; the last characters may be the start of the mark. */
  private takePaste(events: KeyEvent[]): boolean {
    const end = this.rest.indexOf(pasteEnd);
    const isEnded = end >= 0;
    const length = isEnded ? end : Math.max(0, this.rest.length - pasteEnd.length + 1);
    const pasted = (this.pasted as string) + this.rest.slice(0, length);
    if (pasted.length > pasteCharactersMax) this.isPasteCut = true;
    this.pasted = pasted.slice(0, pasteCharactersMax);
    this.rest = this.rest.slice(isEnded ? end + pasteEnd.length : length);
    if (!isEnded) return false;
    events.push({ kind: "paste", text: this.pasted, isCut: this.isPasteCut });
    this.pasted = undefined;
    this.isPasteCut = false;
    return true;
  }

  private takeKey(events: KeyEvent[], isFinal: boolean): boolean {
    if (this.rest.startsWith(pasteStart)) {
      this.rest = this.rest.slice(pasteStart.length);
      this.pasted = "";
      return true;
    }
    if (this.rest[0] === escapeCode) {
      const taken = takeEscape(this.rest);
      if (taken === undefined) {
        if (!isFinal) return false;
        // Esc, then the rest as it stands.
        events.push(keyOf("escape"));
        this.rest = this.rest.slice(1);
        return true;
      }
      if (taken.event !== undefined) events.push(taken.event);
      this.rest = this.rest.slice(taken.length);
      return true;
    }
    const escapeAt = this.rest.indexOf(escapeCode);
    const plain = escapeAt < 0 ? this.rest : this.rest.slice(0, escapeAt);
    this.rest = this.rest.slice(plain.length);
    if (isPlainPaste(plain)) {
      events.push({
        kind: "paste",
        text: plain.slice(0, pasteCharactersMax),
        isCut: plain.length > pasteCharactersMax,
      });
    } else for (const character of plain) events.push(plainKey(character));
    return true;
  }
}

/** A decoder for one stream of bytes (or of text already decoded). */
export function createKeyDecoder(): KeyDecoder {
  return new StreamDecoder();
}
