/** What a key does in each mode. In the grid the key map decides; while typing, the line's own keys. */

import type { KeyEvent } from "../keys/key-event.ts";
import { createKeyResolver, gridKeys, type KeyResolver, type Resolution } from "../keys/key-map.ts";
import { helpLines } from "../screen/help-lines.ts";
import type { EditTarget, Mode } from "../state/app-state.ts";
import { type LineAction, type LineState, lineKeys, lineOf } from "../state/line-editor.ts";
import type { App } from "./app.ts";
import { runLine } from "./command-line.ts";
import { goToEntry, requestQuit, runCommand, switchScenario } from "./run-command.ts";
import { searchFrom } from "./search.ts";

export interface Keyboard {
  readonly press: (event: KeyEvent) => Resolution;
  /** No key followed in time: runs what waits. */
  readonly expire: () => void;
}

const nothing: Resolution = { run: [], isWaiting: false, pending: "" };

/** The keyboard of one app. */
export function createKeyboard(app: App): Keyboard {
  const resolver = createKeyResolver(gridKeys);
  const run = (resolution: Resolution): Resolution => {
    app.dispatch({ kind: "pending-keys", keys: resolution.pending });
    for (const { command, key } of resolution.run) runCommand(app, command, key);
    return resolution;
  };
  return {
    press: (event) => (event.kind === "paste" ? paste(app, event) : pressKey(app, resolver, run, event)),
    expire: () => {
      run(resolver.expire());
    },
  };
}

function pressKey(
  app: App,
  resolver: KeyResolver,
  run: (resolution: Resolution) => Resolution,
  event: KeyEvent & { kind: "key" },
): Resolution {
  const { mode } = app.state;
  if (mode.kind === "grid") {
    if (app.state.notice !== undefined) app.dispatch({ kind: "notice", notice: undefined });
    return run(resolver.feed(event));
  }
  if (event.name === "ctrl-c") {
    if (mode.kind === "question") answerWith(app, mode, "c");
    else leave(app);
    return nothing;
  }
  if (event.name === "ctrl-z" && mode.kind !== "question") {
    app.surroundings.suspend();
    return nothing;
  }
  pressInMode(app, mode, event);
  return nothing;
}

function pressInMode(app: App, mode: Mode, event: KeyEvent & { kind: "key" }): void {
  switch (mode.kind) {
    case "edit":
      if (event.name === "enter") commit(app, mode.target, mode.line);
      else if (event.name === "escape") leave(app);
      else type(app, event);
      return;
    case "command":
      pressInCommand(app, mode, event);
      return;
    case "search":
      pressInSearch(app, mode, event);
      return;
    case "help":
    case "page":
      pressInPage(app, mode, event);
      return;
    case "menu":
      pressInMenu(app, mode, event);
      return;
    case "question":
      answerWith(app, mode, event.name);
      return;
    case "grid":
      return;
  }
}

function leave(app: App): void {
  app.dispatch({ kind: "mode", mode: { kind: "grid" } });
}

function type(app: App, event: KeyEvent & { kind: "key" }): void {
  const kind = lineKeys[event.name];
  if (kind !== undefined) app.dispatch({ kind: "line", action: { kind } as LineAction });
  else if (event.text !== undefined)
    app.dispatch({ kind: "line", action: { kind: "insert", text: event.text } });
}

function paste(app: App, event: KeyEvent & { kind: "paste" }): Resolution {
  const { mode } = app.state;
  const isTyping = mode.kind === "edit" || mode.kind === "command" || mode.kind === "search";
  if (isTyping) app.dispatch({ kind: "line", action: { kind: "insert", text: event.text } });
  else app.notify("pasted text is not run as keys: paste while editing (Enter)");
  return nothing;
}

/** Ends an edit: accepted, the grid again; refused, the line stays with the problem. */
function commit(app: App, target: EditTarget, line: LineState): void {
  const { session, state } = app;
  const { text } = line;
  const outcome = (() => {
    switch (target.kind) {
      case "formula":
        return session.setFormula(target.id, text.replace(/^\s*=/, ""));
      case "attribute":
        return session.addAttribute(target.block, text, target.after);
      case "input":
        if (/^\s*=/.test(text)) return session.setFormula(target.id, text.replace(/^\s*=/, ""));
        return session.setInput(target.id, text, indexOfTarget(app, target), state.scenario);
    }
  })();
  if (outcome.ok) {
    leave(app);
    app.report(outcome);
    if (target.kind === "attribute") goToAdded(app, target.block, text);
  } else app.dispatch({ kind: "mode", mode: { kind: "edit", target, line, problem: outcome.problem } });
}

function indexOfTarget(app: App, target: EditTarget & { kind: "input" }): Readonly<Record<string, string>> {
  if (target.member === undefined) return {};
  const cell = app.session.reference(target.id, target.member, target.column ?? 0);
  if (cell === undefined) return {};
  if (target.column !== undefined) return cell.index;
  const along = app.session.grid.columns.axis?.name;
  return Object.fromEntries(Object.entries(cell.index).filter(([axis]) => axis !== along));
}

function goToAdded(app: App, block: string, text: string): void {
  const name = /^\s*(?:input\s+)?([\p{L}\p{N}_]+)/u.exec(text)?.[1];
  if (name !== undefined) app.goTo(`${block}.${name}`, 0, undefined, false);
}

function pressInCommand(app: App, mode: Mode & { kind: "command" }, event: KeyEvent & { kind: "key" }): void {
  const { commands } = app.state;
  if (event.name === "escape" || (event.name === "backspace" && mode.line.text === "")) leave(app);
  else if (event.name === "enter") {
    leave(app);
    runLine(app, mode.line.text);
  } else if (event.name === "up" || event.name === "down") {
    const recalled = Math.max(0, Math.min(mode.recalled + (event.name === "up" ? 1 : -1), commands.length));
    const text = recalled === 0 ? "" : (commands[commands.length - recalled] ?? "");
    app.dispatch({ kind: "mode", mode: { ...mode, line: lineOf(text), recalled } });
  } else type(app, event);
}

/** Searches while typing; Esc goes back to where the search began. */
function pressInSearch(app: App, mode: Mode & { kind: "search" }, event: KeyEvent & { kind: "key" }): void {
  const from = app.shape.rowOf.get(mode.from.key) ?? 0;
  if (event.name === "escape" || (event.name === "backspace" && mode.line.text === "")) {
    leave(app);
    app.dispatch({ kind: "go", row: from, column: mode.from.column, isJump: false });
    return;
  }
  if (event.name === "enter") {
    leave(app);
    app.dispatch({ kind: "searched", text: mode.line.text });
    return;
  }
  type(app, event);
  const typed = app.state.mode.kind === "search" ? app.state.mode.line.text : "";
  const found = typed === "" ? from : searchFrom(app, typed, from - 1, 1);
  if (found === undefined) app.notify(`no name has "${typed}"`);
  else app.dispatch({ kind: "go", row: found, isJump: false });
}

function pressInPage(
  app: App,
  mode: Mode & { kind: "page" | "help" },
  event: KeyEvent & { kind: "key" },
): void {
  const view = app.layout.gridRows;
  const lines = mode.kind === "page" ? mode.lines.length : helpLines(mode.line.text).length;
  const steps: Readonly<Record<string, number>> = {
    up: -1,
    down: 1,
    "page-up": 1 - view,
    "page-down": view - 1,
    "ctrl-u": -Math.ceil(view / 2),
    "ctrl-d": Math.ceil(view / 2),
  };
  const by =
    steps[event.name] ?? (mode.kind === "page" ? { k: -1, j: 1, space: view - 1 }[event.name] : undefined);
  if (by !== undefined) app.dispatch({ kind: "scroll-page", by, lines, view });
  else if (event.name === "escape" || (mode.kind === "page" && ["q", "enter", "w", "i"].includes(event.name)))
    leave(app);
  else if (mode.kind === "help") {
    if (event.name === "enter") runFirstShown(app, mode.line.text);
    else if (mode.line.text === "" && (event.name === "q" || event.name === "?")) leave(app);
    else type(app, event);
  }
}

/** Enter on the page of all keys runs the first command that the search leaves. */
function runFirstShown(app: App, filter: string): void {
  const first = helpLines(filter).find((line) => line.command !== undefined);
  leave(app);
  if (filter !== "" && first?.command !== undefined) runCommand(app, first.command, first.key ?? "");
}

function pressInMenu(app: App, mode: Mode & { kind: "menu" }, event: KeyEvent & { kind: "key" }): void {
  if (["up", "k"].includes(event.name)) app.dispatch({ kind: "select", by: -1 });
  else if (["down", "j"].includes(event.name)) app.dispatch({ kind: "select", by: 1 });
  else if (["escape", "q"].includes(event.name)) leave(app);
  else {
    const digit = /^[1-9]$/.test(event.name) ? Number(event.name) - 1 : undefined;
    const at = event.name === "enter" ? mode.selected : digit;
    const entry = at === undefined ? undefined : mode.entries[at];
    if (entry === undefined) return;
    leave(app);
    if (mode.purpose === "scenario") switchScenario(app, entry.value);
    else goToEntry(app, entry);
  }
}

function answerWith(app: App, mode: Mode & { kind: "question" }, key: string): void {
  const isCancel = key === "escape" || key === "c";
  const choice = mode.question.choices.find((candidate) => candidate.key === key);
  if (choice === undefined && !isCancel) return;
  const answer =
    choice?.answer ?? mode.question.choices.find((one) => one.answer.kind === "keep-mine")?.answer;
  leave(app);
  if (answer !== undefined) void app.files?.answer(answer);
}

/** Ctrl-C outside every mode, for the program's signal: asks before unsaved edits are lost. */
export function interrupt(app: App): void {
  leave(app);
  requestQuit(app);
}
