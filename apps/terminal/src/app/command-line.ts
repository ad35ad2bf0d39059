/** The command line behind `:`. Commands are data: the page of all keys lists them from here. */
import { parseCellPath } from "../session/cell-path.ts";
import type { App } from "./app.ts";
import { requestQuit, switchScenario } from "./run-command.ts";

export interface LineCommand {
  readonly names: readonly string[];
  readonly usage: string;
  readonly help: string;
  readonly run: (app: App, rest: string, isForced: boolean) => void;
}

export const lineCommands: readonly LineCommand[] = [
  {
    names: ["w", "write"],
    usage: ":w  :w!",
    help: "save; ! overwrites files that changed on disk",
    run: (app, _rest, isForced) => void app.files?.save(isForced),
  },
  {
    names: ["q", "quit"],
    usage: ":q  :q!",
    help: "quit; ! without saving",
    run: (app, _rest, isForced) => (isForced ? app.surroundings.quit(0) : requestQuit(app)),
  },
  {
    names: ["wq", "x"],
    usage: ":wq",
    help: "save and quit",
    run: (app, _rest, isForced) => void saveAndQuit(app, isForced),
  },
  {
    names: ["e", "edit"],
    usage: ":e  :e!",
    help: "take the file on disk; ! drops unsaved edits",
    run: (app, _rest, isForced) => void app.files?.reread(isForced),
  },
  {
    names: ["s", "scenario"],
    usage: ":s name",
    help: "show a scenario",
    run: (app, rest) => showScenario(app, rest),
  },
  {
    names: ["set"],
    usage: ":set path = value",
    help: "set input cells; :set width 12 sets the column width",
    run: (app, rest) => setCells(app, rest),
  },
  {
    names: ["add"],
    usage: ":add name = formula",
    help: "add an attribute below",
    run: (app, rest) => addAttribute(app, rest),
  },
  {
    names: ["rm"],
    usage: ":rm [path]",
    help: "remove an attribute",
    run: (app, rest) => {
      const id = rest === "" ? app.currentAttribute : resolve(app, rest);
      if (id !== undefined) app.report(app.session.removeAttribute(id));
    },
  },
  {
    names: ["pin"],
    usage: ":pin value",
    help: "fix a formula's cell in this scenario",
    run: (app, rest) => pin(app, rest),
  },
  {
    names: ["watch"],
    usage: ":watch [path]",
    help: "keep an attribute live, however long it takes, or no longer",
    run: (app, rest) => {
      const id = rest === "" ? app.currentAttribute : resolve(app, rest);
      if (id === undefined) return;
      const isLive = app.session.toggleLive(id, app.state.scenario);
      app.log(isLive ? `${id} is kept live` : `${id} is no longer kept live`);
      app.refresh();
    },
  },
  {
    names: ["go"],
    usage: ":go path",
    help: "go to an attribute or a cell",
    run: (app, rest) => goToPath(app, rest),
  },
  { names: ["log"], usage: ":log", help: "what was done so far", run: (app) => showLog(app) },
  {
    names: ["h", "help"],
    usage: ":help",
    help: "all keys",
    run: (app) =>
      app.dispatch({
        kind: "mode",
        mode: { kind: "help", line: { text: "", caret: 0, done: [], undone: [] }, top: 0 },
      }),
  },
];

/** Runs what was typed behind the colon. */
export function runLine(app: App, text: string): void {
  const match = /^\s*([a-z]+)(!?)\s*(.*?)\s*$/i.exec(text);
  if (match === null) {
    if (text.trim() !== "") app.notify(`":${text.trim()}" is no command (? lists them)`, "error");
    return;
  }
  const [, name = "", mark, rest = ""] = match;
  const command = lineCommands.find((candidate) => candidate.names.includes(name));
  app.dispatch({ kind: "remember-command", text });
  if (command === undefined) app.notify(`":${name}" is no command (? lists them)`, "error");
  else command.run(app, rest, mark === "!");
}

async function saveAndQuit(app: App, isForced: boolean): Promise<void> {
  if (await app.files?.save(isForced)) app.surroundings.quit(0);
}

function showScenario(app: App, name: string): void {
  const { scenarios } = app.session.sheet;
  const found = scenarios.includes(name) ? name : scenarios[Number(name) - 1];
  if (found === undefined) app.notify(`no scenario "${name}"; there are ${scenarios.join(", ")}`, "error");
  else switchScenario(app, found);
}

function resolve(app: App, text: string): string | undefined {
  const path = parseCellPath(app.session.grid.model, text, app.currentAttribute?.split(".")[0]);
  if (path.ok) return path.id;
  app.notify(path.problem, "error");
  return undefined;
}

function setCells(app: App, rest: string): void {
  const width = /^width\s+(\d+)$/.exec(rest);
  if (width !== null) {
    app.setCellWidth(Number(width[1]));
    return;
  }
  const at = rest.indexOf("=");
  if (at < 0) {
    app.notify("write :set block.attribute[label] = value", "error");
    return;
  }
  const path = parseCellPath(app.session.grid.model, rest.slice(0, at), app.currentAttribute?.split(".")[0]);
  if (path.ok) app.report(app.session.setInput(path.id, rest.slice(at + 1), path.index, app.state.scenario));
  else app.notify(path.problem, "error");
}

function addAttribute(app: App, text: string): void {
  const row = app.currentRow;
  const id = app.currentAttribute;
  const block = row?.kind === "block" ? row.block : id?.split(".")[0];
  if (block === undefined) app.notify("put the cursor into the block first");
  else app.report(app.session.addAttribute(block, text, id));
}

function pin(app: App, text: string): void {
  const cell = app.currentCell;
  if (cell === undefined) app.notify("no cell here");
  else app.report(app.session.pin(cell, text, app.state.scenario));
}

function goToPath(app: App, text: string): void {
  const path = parseCellPath(app.session.grid.model, text, app.currentAttribute?.split(".")[0]);
  if (!path.ok) {
    app.notify(path.problem, "error");
    return;
  }
  const axes = app.session.grid.model.attributes.get(path.id)?.axes ?? [];
  const layout = app.session.grid.layoutOf(path.id);
  let cell = 0;
  for (const axis of axes)
    cell = cell * axis.labels.length + (axis.positions.get(path.index[axis.name] ?? "") ?? 0);
  const hasColumn = path.index[app.session.grid.columns.axis?.name ?? ""] !== undefined;
  app.goTo(path.id, layout.memberOf(cell), hasColumn ? layout.columnOf(cell) : undefined, true);
}

function showLog(app: App): void {
  const lines = app.state.log.map((entry) => `${entry.time} ${entry.text}`);
  app.dispatch({
    kind: "mode",
    mode: { kind: "page", title: "Log", lines: lines.length === 0 ? ["nothing done yet"] : lines, top: 0 },
  });
}
