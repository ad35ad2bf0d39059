/** The page of all keys, made from the key map and the command line's table, filtered by what is typed. */

import { lineCommands } from "../app/command-line.ts";
import type { CommandName } from "../commands/command-name.ts";
import { gridKeys } from "../keys/key-map.ts";

export interface HelpLine {
  readonly kind: "title" | "entry";
  readonly keys: string;
  readonly help: string;
  /** What Enter runs. */
  readonly command?: CommandName;
  readonly key?: string;
}

/** Lines whose keys or words hold `filter`; groups without any are left out. */
export function helpLines(filter: string): readonly HelpLine[] {
  const wanted = filter.trim().toLowerCase();
  const lines: HelpLine[] = [];
  const add = (title: string, entries: readonly HelpLine[]): void => {
    const shown = entries.filter((entry) => `${entry.keys} ${entry.help}`.toLowerCase().includes(wanted));
    if (shown.length > 0) lines.push({ kind: "title", keys: title, help: "" }, ...shown);
  };
  for (const group of gridKeys)
    add(
      group.title,
      group.bindings.map((binding) => ({
        kind: "entry",
        keys: keysText(binding.keys),
        help: binding.help,
        command: binding.command,
        key: binding.keys[0] as string,
      })),
    );
  add(
    "Command line",
    lineCommands.map((command) => ({ kind: "entry", keys: command.usage, help: command.help })),
  );
  add("While editing", [
    { kind: "entry", keys: "Enter  Esc", help: "accept · cancel" },
    { kind: "entry", keys: "= …", help: "at the start: a formula instead of a value" },
    { kind: "entry", keys: "Ctrl-_  Ctrl-r", help: "undo · redo what was typed" },
    { kind: "entry", keys: "Ctrl-w  Ctrl-u  Ctrl-k", help: "delete a word · to the start · to the end" },
  ]);
  return lines;
}

/** `ctrl-d` as `Ctrl-d`, `g g` as `gg`, `1 … 9` as `1–9`. */
export function keysText(keys: readonly string[]): string {
  if (keys.length === 9 && keys[0] === "1") return "1–9";
  return keys
    .map((key) =>
      key
        .split(" ")
        .map((part) =>
          part.length === 1
            ? part
            : part.replace(
                /(^|-)([a-z])(?=[a-z])/g,
                (_all, dash: string, letter: string) => dash + letter.toUpperCase(),
              ),
        )
        .join(""),
    )
    .join("  ");
}
