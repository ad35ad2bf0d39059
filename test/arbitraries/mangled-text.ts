/** Texts with damage: characters and lines dropped, doubled, swapped, replaced by what does not belong there. */
import { Choices } from "./choices.ts";

const strange = [
  "",
  "\u0000",
  "\t",
  "\r",
  "\uFEFF",
  "\uD800",
  "é",
  "漢",
  "🦔",
  '"',
  "'",
  "#",
  "{",
  "}",
  "[",
  "]",
  "(",
  ")",
  ",",
  "=",
  "..",
  "t-1",
  "*",
  "/",
  "^",
  "%",
  "1e999",
  "0x",
  "#N/A",
  "#DIV",
  " over ",
  " start ",
  " loop ",
  "model ",
  "block ",
  "axis ",
  "scenario ",
  "input ",
  "pin ",
  "time ",
  "use ",
  "\\",
  "`",
  "${",
  "-1",
  "A1:B9",
  "'",
  "::",
];

/** `text` after one to eight accidents, decided by `numbers`; no numbers, no damage. */
export function mangled(text: string, numbers: readonly number[]): string {
  const choices = new Choices(numbers);
  let result = text;
  for (let left = numbers.length === 0 ? 0 : 1 + choices.below(8); left > 0; left--)
    result = accident(result, choices);
  return result;
}

function accident(text: string, choices: Choices): string {
  const at = Math.floor((choices.below(1000) / 1000) * (text.length + 1));
  const lines = text.split("\n");
  const line = choices.below(lines.length);
  switch (choices.below(7)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + choices.below(4));
    case 1:
      return text.slice(0, at) + choices.pick(strange) + text.slice(at);
    case 2:
      return text.slice(0, at);
    case 3:
      return lines.filter((_, i) => i !== line).join("\n");
    case 4:
      return lines.toSpliced(choices.below(lines.length), 0, lines[line] as string).join("\n");
    case 5: {
      const other = choices.below(lines.length);
      const [left, right] = [lines[line] as string, lines[other] as string];
      return lines.with(line, right).with(other, left).join("\n");
    }
    default:
      return text.slice(0, at) + text.slice(at, at + choices.below(40)) + text.slice(at);
  }
}
