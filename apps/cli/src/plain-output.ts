/**
 * What the commands about batches print where a terminal cannot show more than ASCII: signs of ours are replaced, one for one, so that
 * columns stay where they are; names and messages stay as they are. Chosen as in the live sheet: RECKON_ASCII, else the locale.
 */
import type { Output } from "./output.ts";

const signs: Readonly<Record<string, string>> = {
  ...{ "█": "#", "▉": "#", "▊": "#", "▋": "=", "▌": "=", "▍": "-", "▎": "-", "▏": "-", "░": "." },
  ...{ "▁": "_", "▂": ".", "▃": ",", "▄": "-", "▅": "=", "▆": "+", "▇": "*" },
  ...{ "→": ">", "·": "-", "…": "~", "×": "x", µ: "u", "–": "-" },
};
const known = new RegExp(`[${Object.keys(signs).join("")}]`, "gu");

/** Whether the environment asks for ASCII, or has a locale that is known and not UTF-8. */
export function isPlain(environment: NodeJS.ProcessEnv): boolean {
  const { RECKON_ASCII: wish, LC_ALL, LC_CTYPE, LANG } = environment;
  if (wish !== undefined && wish !== "") return wish !== "0";
  const locale = LC_ALL || LC_CTYPE || LANG || "";
  return locale !== "" && !/utf-?8/i.test(locale);
}

export function plainText(text: string): string {
  return text.replaceAll(known, (sign) => signs[sign] ?? sign);
}

/** Standard output as text; JSON and files for other programs go to `output` itself. */
export function plainOutput(output: Output): Output {
  return {
    ...output,
    data: (text) => output.data(plainText(text)),
    message: (text) => output.message(plainText(text)),
  };
}
