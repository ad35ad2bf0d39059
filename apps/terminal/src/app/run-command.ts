/** What each command of the key map does. Moves go straight to the reducer. */
import type { CommandName, MoveName } from "../commands/command-name.ts";
import { whyLines } from "../screen/why-lines.ts";
import { cellTitle } from "../session/cell-path.ts";
import type { EditTarget, MenuEntry } from "../state/app-state.ts";
import { lineOf } from "../state/line-editor.ts";
import type { App } from "./app.ts";
import { quitQuestion } from "./file-sync.ts";
import { searchFrom } from "./search.ts";

/** Runs a command; `key` is the key that ended it. */
export function runCommand(app: App, command: CommandName, key: string): void {
  const action = commands[command as Exclude<CommandName, MoveName>];
  if (action === undefined) app.dispatch({ kind: "move", name: command as MoveName });
  else action(app, key);
}

const commands: Readonly<Record<Exclude<CommandName, MoveName>, (app: App, key: string) => void>> = {
  search: (app) => {
    const row = app.currentRow;
    const from = { key: row?.key ?? "", column: app.state.cursor.column };
    app.dispatch({ kind: "mode", mode: { kind: "search", line: lineOf(""), from } });
  },
  "search-next": (app) => searchAgain(app, 1),
  "search-previous": (app) => searchAgain(app, -1),
  "go-precedent": goPrecedent,
  "go-dependent": goDependent,
  "go-back": (app) => {
    if (app.state.trail.length === 0) app.notify("no jump to go back from");
    else app.dispatch({ kind: "back" });
  },
  edit: (app) => beginEdit(app, false),
  "edit-row": (app) => beginEdit(app, true),
  "edit-formula": beginFormula,
  "add-attribute": beginAttribute,
  "remove-attribute": removeAttribute,
  undo: (app) => void app.report(app.session.undo()),
  redo: (app) => void app.report(app.session.redo()),
  "drop-override": (app) => {
    const id = app.currentAttribute;
    if (id === undefined) app.notify("no attribute here");
    else app.report(app.session.dropOverride(id, app.state.scenario));
  },
  "switch-scenario": (app, key) => {
    const name = app.session.sheet.scenarios[Number(key) - 1];
    if (name === undefined) app.notify(`there is no scenario ${key}`);
    else switchScenario(app, name);
  },
  "scenario-menu": openScenarioMenu,
  difference: (app) => {
    if (app.state.scenario === "base" && !app.state.isDifference)
      app.notify("choose a scenario first (s or 2–9): base has no difference to itself");
    else app.dispatch({ kind: "toggle-difference" });
  },
  fold: (app) => {
    const row = app.currentRow;
    if (row?.kind === "block" || (row?.kind === "attribute" && row.isHeading))
      app.dispatch({ kind: "toggle-fold", key: row.key });
    else if (row?.kind === "member") app.dispatch({ kind: "toggle-fold", key: row.id });
    else if (row?.kind === "attribute")
      app.dispatch({ kind: "toggle-fold", key: row.id.slice(0, row.id.indexOf(".")) });
  },
  why: showWhy,
  "toggle-pane": (app) => app.dispatch({ kind: "show-pane", isShown: !app.state.isPaneShown }),
  refresh,
  cancel: (app) => {
    if (app.session.cancel()) app.log("cancelled: what was being computed is stale (r computes it)");
    else app.notify("nothing is being computed (D drops an override)");
    app.refresh();
  },
  redraw: (app) => app.surroundings.redraw(),
  help: (app) => app.dispatch({ kind: "mode", mode: { kind: "help", line: lineOf(""), top: 0 } }),
  "command-line": (app) =>
    app.dispatch({ kind: "mode", mode: { kind: "command", line: lineOf(""), recalled: 0 } }),
  save: (app) => void app.files?.save(false),
  quit: requestQuit,
  suspend: (app) => app.surroundings.suspend(),
};

/** Work on threads goes on while keys are heard; the rest is done when this returns. */
function refresh(app: App): void {
  const { session, state } = app;
  const { stale } = session.counts(state.scenario);
  if (stale === 0) {
    app.notify("nothing is stale");
    return;
  }
  session.recalculate(state.scenario);
  const { pending } = session.counts(state.scenario);
  app.log(
    pending === 0 ? "recalculated what was stale" : `recalculating ${stale} stale attributes (x cancels)`,
  );
  app.refresh();
}

/** Quits, after a question when edits would be lost. */
export function requestQuit(app: App): void {
  const unsaved = app.files?.unsaved() ?? [];
  if (unsaved.length === 0) app.surroundings.quit(0);
  else app.ask(quitQuestion(unsaved));
}

export function switchScenario(app: App, name: string): void {
  app.dispatch({ kind: "scenario", name });
  if (name === "base" && app.state.isDifference) app.dispatch({ kind: "toggle-difference" });
  app.notify(name === "base" ? "base: edits change the model" : `${name}: edits become its overrides`);
}

function searchAgain(app: App, direction: 1 | -1): void {
  if (app.state.searched === "") {
    app.notify("nothing searched yet (/)");
    return;
  }
  const row = searchFrom(app, app.state.searched, app.state.cursor.row, direction);
  if (row === undefined) app.notify(`no name has "${app.state.searched}"`);
  else app.dispatch({ kind: "go", row, isJump: true });
}

/** Edits the cell, or with `isWholeRow` all cells of the row (all members on a heading). */
function beginEdit(app: App, isWholeRow: boolean): void {
  const id = app.currentAttribute;
  if (id === undefined) {
    runCommand(app, "fold", "");
    return;
  }
  const row = app.currentRow;
  const isHeading = row?.kind === "attribute" && row.isHeading;
  const cell = app.currentCell ?? app.session.reference(id, 0, app.state.cursor.column);
  if (cell === undefined) return;
  const { attribute } = cell;
  if (attribute.kind === "formula") {
    const target: EditTarget = {
      kind: "formula",
      id,
      title: attribute.name,
      column: cell.column,
      member: cell.member,
    };
    app.dispatch({ kind: "mode", mode: { kind: "edit", target, line: lineOf(attribute.text) } });
    return;
  }
  if (attribute.isReadOnly) {
    app.notify(`${id} is a column of a table file: edit the file, it is watched`, "error");
    return;
  }
  const member = isHeading ? undefined : cell.member;
  const column = isWholeRow || isHeading ? undefined : cell.column;
  const labels = isHeading
    ? []
    : column === undefined
      ? app.session.grid.layoutOf(id).memberLabels(cell.member)
      : cell.labels;
  const title = cellTitle(attribute.name, labels);
  const text = app.session.editText(cell, app.state.scenario);
  const target: EditTarget = { kind: "input", id, member, column, title };
  app.dispatch({ kind: "mode", mode: { kind: "edit", target, line: lineOf(text) } });
}

function beginFormula(app: App): void {
  const id = app.currentAttribute;
  const cell =
    app.currentCell ?? (id === undefined ? undefined : app.session.reference(id, 0, app.state.cursor.column));
  if (id === undefined || cell === undefined) {
    app.notify("no attribute here");
    return;
  }
  const target: EditTarget = {
    kind: "formula",
    id,
    title: cell.attribute.name,
    column: cell.column,
    member: cell.member,
  };
  app.dispatch({ kind: "mode", mode: { kind: "edit", target, line: lineOf("") } });
}

function beginAttribute(app: App): void {
  const row = app.currentRow;
  const id = app.currentAttribute;
  const block =
    id === undefined ? (row?.kind === "block" ? row.block : undefined) : id.slice(0, id.indexOf("."));
  if (block === undefined || !app.session.grid.model.blocks.some((candidate) => candidate.name === block)) {
    app.notify("an attribute is added to a block: put the cursor into one");
    return;
  }
  const target: EditTarget = { kind: "attribute", block, after: id, title: `new in ${block}` };
  app.dispatch({ kind: "mode", mode: { kind: "edit", target, line: lineOf("") } });
}

function removeAttribute(app: App): void {
  const id = app.currentAttribute;
  if (id === undefined) app.notify("no attribute here");
  else app.report(app.session.removeAttribute(id));
}

function openScenarioMenu(app: App): void {
  const { scenarios } = app.session.sheet;
  const entries: MenuEntry[] = scenarios.map((name, i) => ({ value: name, label: `${i + 1}  ${name}` }));
  const selected = Math.max(0, scenarios.indexOf(app.state.scenario));
  app.dispatch({
    kind: "mode",
    mode: { kind: "menu", purpose: "scenario", title: "Scenario", entries, selected },
  });
}

function goPrecedent(app: App): void {
  const cell = app.currentCell;
  if (cell === undefined) {
    app.notify("no cell here");
    return;
  }
  const why = app.session.why(cell, app.state.scenario);
  const entries = why.precedents.map((precedent) => ({
    value: JSON.stringify([precedent.attribute, precedent.at]),
    label: cellTitle(precedent.attribute, precedent.at),
  }));
  choosePlace(app, "Go to what this cell reads", entries, `${cell.title} reads nothing`);
}

function goDependent(app: App): void {
  const cell =
    app.currentCell ??
    (app.currentAttribute === undefined ? undefined : app.session.reference(app.currentAttribute, 0, 0));
  if (cell === undefined) {
    app.notify("no attribute here");
    return;
  }
  const why = app.session.why(cell, app.state.scenario);
  const entries = why.dependents.map((id) => ({ value: JSON.stringify([id, []]), label: id }));
  choosePlace(app, "Go to what reads this attribute", entries, `nothing reads ${cell.attribute.id}`);
}

function choosePlace(app: App, title: string, entries: readonly MenuEntry[], nothing: string): void {
  const only = entries[0];
  if (only === undefined) app.notify(nothing);
  else if (entries.length === 1) goToEntry(app, only);
  else app.dispatch({ kind: "mode", mode: { kind: "menu", purpose: "go", title, entries, selected: 0 } });
}

/** Goes where a menu entry points: an attribute and the labels of a cell (or none: the current column). */
export function goToEntry(app: App, entry: MenuEntry): void {
  const [id, at] = JSON.parse(entry.value) as [string, readonly string[]];
  const attribute = app.session.grid.model.attributes.get(id);
  if (attribute === undefined) {
    app.notify(`${id} is no row of the grid`);
    return;
  }
  const layout = app.session.grid.layoutOf(id);
  let cell = 0;
  attribute.axes.forEach((axis, i) => {
    cell = cell * axis.labels.length + (axis.positions.get(at[i] ?? "") ?? 0);
  });
  const isCell = at.length > 0;
  app.goTo(
    id,
    isCell ? layout.memberOf(cell) : 0,
    isCell && layout.isAlongColumns ? layout.columnOf(cell) : undefined,
    true,
  );
}

function showWhy(app: App): void {
  const cell = app.currentCell;
  if (cell === undefined) {
    app.notify("no cell here");
    return;
  }
  if (app.layout.paneWidth === 0 && !app.state.isPaneShown && app.layout.size.columns >= 80) {
    app.dispatch({ kind: "show-pane", isShown: true });
    return;
  }
  const why = app.session.why(cell, app.state.scenario);
  const width = Math.max(10, app.layout.gridWidth - 2);
  const lines = whyLines(why, width, app.theme, app.session.readable).map((line) => line.text);
  app.dispatch({ kind: "mode", mode: { kind: "page", title: "Why this value", lines, top: 0 } });
}
