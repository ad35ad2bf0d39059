/**
 * Colours as a table from tones to SGR codes. Only the sixteen colours that every terminal lets its user choose are
 * used, so the screen fits light and dark backgrounds. With `NO_COLOR` the colours go and bold, dim and reverse
 * stay: nothing is said by colour alone.
 */
import { type Glyphs, unicodeGlyphs } from "./glyphs.ts";

export type Tone =
  | "plain"
  | "dim"
  | "bold"
  | "input"
  | "override"
  | "error"
  | "warning"
  | "good"
  | "accent"
  | "heading"
  | "cursor"
  | "flash"
  | "flash-late"
  | "bar";

export interface Theme {
  readonly glyphs: Glyphs;
  /** `text` in a tone; `text` holds no codes of its own and the result ends as it began. */
  readonly paint: (tone: Tone, text: string) => string;
}

const coloured: Readonly<Record<Tone, readonly [string, string]>> = {
  plain: ["", ""],
  dim: ["\u001b[2m", "\u001b[22m"],
  bold: ["\u001b[1m", "\u001b[22m"],
  input: ["\u001b[36m", "\u001b[39m"],
  override: ["\u001b[33m", "\u001b[39m"],
  error: ["\u001b[31m", "\u001b[39m"],
  warning: ["\u001b[33m", "\u001b[39m"],
  good: ["\u001b[32m", "\u001b[39m"],
  accent: ["\u001b[35m", "\u001b[39m"],
  heading: ["\u001b[1m", "\u001b[22m"],
  cursor: ["\u001b[7m", "\u001b[27m"],
  flash: ["\u001b[7m", "\u001b[27m"],
  "flash-late": ["\u001b[1m", "\u001b[22m"],
  bar: ["\u001b[7m", "\u001b[27m"],
};
const colours = new Set<Tone>(["input", "override", "error", "warning", "good", "accent"]);

/** A theme; `isColoured: false` for `NO_COLOR`. */
export function makeTheme(options: { readonly isColoured: boolean; readonly glyphs: Glyphs }): Theme {
  const paint = (tone: Tone, text: string): string => {
    if (text === "" || tone === "plain" || (!options.isColoured && colours.has(tone))) return text;
    const [on, off] = coloured[tone];
    return on + text + off;
  };
  return { glyphs: options.glyphs, paint };
}

/** No codes at all: what tests and snapshots read. */
export const bareTheme: Theme = { glyphs: unicodeGlyphs, paint: (_tone, text) => text };
