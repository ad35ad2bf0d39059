/**
 * The key map: which keys run which command, as data. Everything that knows about keys is made from it: the
 * dispatch, the page of all keys and the guide's table.
 *
 * A key is written as `KeyEvent.name`; several keys in a row are separated by a space (`g g`, `d d`). A key that is
 * both a command and the beginning of a longer one (`d`) waits for `prefixMs` before it acts alone.
 */
import type { CommandName } from "../commands/command-name.ts";
import type { KeyEvent } from "./key-event.ts";

/** How long a key that begins a longer sequence waits for the next, in milliseconds. */
export const prefixMs = 300;

interface KeyBinding {
  readonly keys: readonly string[];
  readonly command: CommandName;
  readonly help: string;
}
export interface KeyGroup {
  readonly title: string;
  readonly bindings: readonly KeyBinding[];
}

const bind = (keys: string, command: CommandName, help: string): KeyBinding => ({
  keys: keys.split(", "),
  command,
  help,
});

/** Keys while the grid has the keyboard. */
export const gridKeys: readonly KeyGroup[] = [
  {
    title: "Move",
    bindings: [
      bind("up, k", "move-up", "one row up"),
      bind("down, j", "move-down", "one row down"),
      bind("left, h", "move-left", "one column left"),
      bind("right, l", "move-right", "one column right"),
      bind("g g, ctrl-home", "move-first-row", "first row"),
      bind("G, ctrl-end", "move-last-row", "last row"),
      bind("0, home", "move-first-column", "first column"),
      bind("$, end", "move-last-column", "last column"),
      bind("ctrl-d", "half-page-down", "half a page down"),
      bind("ctrl-u", "half-page-up", "half a page up"),
      bind("page-down, ctrl-f", "page-down", "a page down"),
      bind("page-up, ctrl-b", "page-up", "a page up"),
      bind("ctrl-up, {", "block-up", "to the block above"),
      bind("ctrl-down, }", "block-down", "to the block below"),
      bind("ctrl-left", "page-left", "a page of columns left"),
      bind("ctrl-right", "page-right", "a page of columns right"),
      bind("/", "search", "search names"),
      bind("n", "search-next", "next match"),
      bind("N", "search-previous", "previous match"),
      bind("g d", "go-precedent", "go to what this cell reads"),
      bind("g r", "go-dependent", "go to what reads this attribute"),
      bind("ctrl-o", "go-back", "back to where the last jump began"),
    ],
  },
  {
    title: "Edit",
    bindings: [
      bind("enter, f2, e", "edit", "edit this cell, or its formula"),
      bind("E", "edit-row", "edit all cells of this row at once"),
      bind("=", "edit-formula", "write a formula"),
      bind("o", "add-attribute", "add an attribute below"),
      bind("d d", "remove-attribute", "remove the attribute"),
      bind("u", "undo", "undo"),
      bind("ctrl-r", "redo", "redo"),
      bind("D, delete", "drop-override", "drop this scenario's override"),
    ],
  },
  {
    title: "Scenarios",
    bindings: [
      bind("1, 2, 3, 4, 5, 6, 7, 8, 9", "switch-scenario", "show the scenario with this number"),
      bind("s", "scenario-menu", "choose a scenario"),
      bind("d", "difference", "show differences against base"),
    ],
  },
  {
    title: "View",
    bindings: [
      bind("z, space", "fold", "fold or unfold a block or an attribute's members"),
      bind("w, i", "why", "why this value: pane on, or to the full page"),
      bind("tab", "toggle-pane", "side pane on or off"),
      bind("f9, r", "refresh", "recalculate what is stale"),
      bind("x", "cancel", "cancel what is being computed"),
      bind("ctrl-l", "redraw", "draw the screen again"),
      bind("?, f1, ctrl-p", "help", "all keys"),
    ],
  },
  {
    title: "Program",
    bindings: [
      bind(":", "command-line", "command line"),
      bind("ctrl-s", "save", "save"),
      bind("q, ctrl-c", "quit", "quit"),
      bind("ctrl-z", "suspend", "suspend to the shell"),
    ],
  },
];

/** What a key did: run a command, wait for the next key, or nothing. */
export interface Resolution {
  /** Commands to run now, in order, each with the key that ended it. */
  readonly run: readonly { readonly command: CommandName; readonly key: string }[];
  /** Whether a command waits that should run if no key follows within `prefixMs`. */
  readonly isWaiting: boolean;
  /** Keys typed so far of an unfinished sequence, for the screen. */
  readonly pending: string;
}

export interface KeyResolver {
  readonly feed: (event: KeyEvent & { kind: "key" }) => Resolution;
  /** No key followed: runs what the keys so far mean by themselves. */
  readonly expire: () => Resolution;
}

/** Follows key sequences through `groups`. Cost: constant a key. */
export function createKeyResolver(groups: readonly KeyGroup[]): KeyResolver {
  const commands = new Map<string, CommandName>();
  const prefixes = new Set<string>();
  for (const { bindings } of groups)
    for (const binding of bindings)
      for (const keys of binding.keys) {
        commands.set(keys, binding.command);
        const parts = keys.split(" ");
        for (let length = 1; length < parts.length; length++) prefixes.add(parts.slice(0, length).join(" "));
      }
  let pending = "";

  const expire = (): Resolution => {
    const command = commands.get(pending);
    const key = pending;
    pending = "";
    return { run: command === undefined ? [] : [{ command, key }], isWaiting: false, pending: "" };
  };
  const feed: KeyResolver["feed"] = (event) => {
    const before: { command: CommandName; key: string }[] = [];
    let keys = pending === "" ? event.name : `${pending} ${event.name}`;
    if (pending !== "" && !commands.has(keys) && !prefixes.has(keys)) {
      // The sequence ends here: what waited acts, and this key begins anew. Esc takes it back instead.
      const waited = expire().run;
      if (event.name === "escape") return { run: [], isWaiting: false, pending: "" };
      before.push(...waited);
      keys = event.name;
    }
    if (prefixes.has(keys)) {
      pending = keys;
      return { run: before, isWaiting: commands.has(keys), pending };
    }
    pending = "";
    const command = commands.get(keys);
    if (command !== undefined) before.push({ command, key: event.name });
    return { run: before, isWaiting: false, pending: "" };
  };
  return { feed, expire };
}
