/**
 * Padding and cutting by display width: what a terminal draws in cells, not in characters. Wide characters (CJK,
 * most emoji) take two cells. Printable ASCII, which nearly everything is, skips the measuring.
 */
import stringWidth from "string-width";

const ascii = /^[\u0020-\u007e]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Widths already measured; frames measure the same texts again and again. */
const measured = new Map<string, number>();
const measuredMax = 4096;

/** Cells that `text` takes; it must hold no escape sequences. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = measured.get(text);
  if (width === undefined) {
    if (measured.size >= measuredMax) measured.clear();
    width = stringWidth(text);
    measured.set(text, width);
  }
  return width;
}

/** Control characters would move the cursor: they are shown as spaces. */
export function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

/** The longest beginning of `text` that fits into `width` cells, ending in `ellipsis` where something is missing. */
export function cutEnd(text: string, width: number, ellipsis = "…"): string {
  if (width <= 0) return "";
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room < 0) return " ".repeat(width);
  let used = 0;
  let kept = "";
  for (const { segment } of graphemes.segment(text)) {
    const cells = widthOf(segment);
    if (used + cells > room) break;
    used += cells;
    kept += segment;
  }
  return kept + ellipsis;
}

/** The longest end of `text` that fits into `width` cells, beginning with `ellipsis` where something is missing. */
export function cutStart(text: string, width: number, ellipsis = "…"): string {
  if (width <= 0) return "";
  if (widthOf(text) <= width) return text;
  const room = width - widthOf(ellipsis);
  if (room < 0) return " ".repeat(width);
  const segments = [...graphemes.segment(text)];
  let used = 0;
  let kept = "";
  for (let i = segments.length - 1; i >= 0; i--) {
    const segment = (segments[i] as { segment: string }).segment;
    const cells = widthOf(segment);
    if (used + cells > room) break;
    used += cells;
    kept = segment + kept;
  }
  return ellipsis + kept;
}

/** `text` in exactly `width` cells, from the left. */
export function padEnd(text: string, width: number, ellipsis?: string): string {
  const cut = cutEnd(text, width, ellipsis);
  return cut + " ".repeat(Math.max(0, width - widthOf(cut)));
}

/** `text` in exactly `width` cells, to the right. */
export function padStart(text: string, width: number, ellipsis?: string): string {
  const cut = cutEnd(text, width, ellipsis);
  return " ".repeat(Math.max(0, width - widthOf(cut))) + cut;
}
