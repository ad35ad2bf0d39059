/**
 * Texts as databases take them: neither holds a character 0 (PostgreSQL refuses it) nor a lone surrogate (both put another
 * character there, so two keys would become one). These are written as `\u0000`, `\ud800`; so is the backslash of a text that looks
 * like that by itself. All other texts, nearly every one, stand as they are.
 */
const unfit = /\0|\p{Surrogate}|\\(?=u[0-9a-f]{4})/gu;
const looksUnfit = /[\0\ud800-\udfff]|\\u[0-9a-f]{4}/;
const written = /\\u([0-9a-f]{4})/g;

export function storedText(text: string): string {
  if (!looksUnfit.test(text)) return text;
  return text.replaceAll(unfit, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

export function readText(stored: string): string {
  if (!stored.includes("\\u")) return stored;
  return stored.replaceAll(written, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
