/** Texts that come from models, modules and rows, as they may be printed: no character of theirs steers a terminal. */

/**
 * The text on one line: tabs and line ends are spaces, other control characters are written as `\x1b`.
 *
 * @example
 * ```ts
 * shownText("a\u001b[31mred"); // "a\\x1b[31mred"
 * ```
 */
export function shownText(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (control) => {
    const code = control.codePointAt(0) ?? 0;
    return code >= 9 && code <= 13 ? " " : `\\x${code.toString(16).padStart(2, "0")}`;
  });
}
