/**
 * The fenced blocks of a Markdown page, and the rules by which the documents are run. `docs/spec/README.md` states
 * the rules for writers.
 */

export interface FencedBlock {
  /** The first word behind the fence: `ts`, `reckon`, `sh` … */
  readonly language: string;
  /** What stands behind it: `wrong`, a file name … */
  readonly title: string;
  readonly text: string;
  /** 1-based line of the fence in the page. */
  readonly line: number;
}

export function fencedBlocks(page: string): FencedBlock[] {
  const blocks: FencedBlock[] = [];
  const lines = page.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const open = /^(\s*)(`{3,})(\S*)\s*(.*)$/.exec(lines[i] as string);
    if (open === null) continue;
    const [, indent = "", fence = "", language = "", title = ""] = open;
    const first = i + 1;
    for (i = first; i < lines.length && (lines[i] as string).trim() !== fence; i++);
    const text = lines
      .slice(first, i)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join("\n");
    blocks.push({ language, title: title.trim(), text: `${text}\n`, line: first });
  }
  return blocks;
}

/** One `$ command` of a shell block with the output that the page shows for it. */
export interface ShownCommand {
  readonly command: string;
  readonly output: string;
  readonly line: number;
}

/** The commands of a shell block that begin with `$ reckon`; other blocks are for reading. */
export function shownCommands(block: FencedBlock): ShownCommand[] {
  const commands: { command: string; lines: string[]; line: number }[] = [];
  block.text
    .trimEnd()
    .split("\n")
    .forEach((text, i) => {
      if (text.startsWith("$ "))
        commands.push({ command: text.slice(2), lines: [], line: block.line + i + 1 });
      else commands.at(-1)?.lines.push(text);
    });
  return commands
    .filter(({ command }) => /^(?:echo .*\| *)?reckon\b/.test(command))
    .map(({ command, lines, line }) => ({ command, output: lines.join("\n").trim(), line }));
}

/**
 * Whether an output is what a page shows: line by line, white space at the ends of lines aside. A line of `…` alone
 * stands for any number of lines, and a `…` at the end of a line for the rest of it.
 */
export function isShown(shown: string, actual: string): boolean {
  const parts = shown.split("\n").map((line) => {
    const text = line.trimEnd();
    if (text.trim() === "…") return "(?:[^\\n]*\\n)*?";
    const literal = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return text.endsWith(" …") ? `${literal(text.slice(0, -1))}[^\\n]*\\n` : `${literal(text)}\\n`;
  });
  const tidy = actual.trim().replace(/[ \t]+$/gm, "");
  return new RegExp(`^${parts.join("")}$`).test(`${tidy}\n`);
}
