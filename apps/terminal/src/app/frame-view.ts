/** What the screen shows now, gathered from the app: visible rows, the current cell's explanation, messages. */
import { durationText, workText } from "@reckon/host";
import type { Explanation } from "@reckon/sheet";
import { isErrorValue } from "@reckon/value";
import { isDate, readableValue } from "../grid/cell-text.ts";
import type { RowView } from "../grid/row-view.ts";
import { frameRates } from "../output/frame-clock.ts";
import type { BarView, FrameView, HeaderView, OverlayView, StatusView } from "../screen/frame.ts";
import { helpLines } from "../screen/help-lines.ts";
import { padEnd } from "../screen/text-width.ts";
import type { Tone } from "../screen/theme.ts";
import { errorSentence, type PaneLine, whyLines } from "../screen/why-lines.ts";
import type { CellReference } from "../session/session.ts";
import type { Mode } from "../state/app-state.ts";
import type { App } from "./app.ts";

/** Everything visible. Cost: the visible cells and one explanation. */
export function frameViewOf(app: App): FrameView {
  const rows = fittedRows(app);
  const { layout, state, session } = app;
  const { top, left } = state.scroll;
  const columns = session.grid.columns.labels.slice(left, left + layout.gridColumns);
  const cell = app.currentCell;
  const why = cell === undefined ? undefined : session.why(cell, state.scenario);
  const pane = layout.paneWidth === 0 ? [] : paneLines(app, cell, why, layout.paneWidth - 2);
  const overlay = overlayOf(app, state.mode);
  const bar = barOf(app, cell, why);
  return {
    layout,
    header: headerOf(app),
    bar,
    viewport: {
      labelWidth: layout.labelWidth,
      cellWidth: layout.cellWidth,
      columns,
      trendWidth: layout.trendWidth,
      width: layout.gridWidth,
    },
    cursorColumn: cursorColumn(app, cell, left),
    cursorRow: state.cursor.row - top,
    rows,
    pane,
    details: layout.detailRows === 0 ? [] : paneLines(app, cell, why, layout.size.columns - 2),
    status: statusOf(app, why),
    legend: legendOf(app, bar, why),
    ...(overlay === undefined ? {} : { overlay }),
  };
}

/** Rows that do not lie along the columns have their one cell in the first visible column. */
function cursorColumn(app: App, cell: CellReference | undefined, left: number): number | undefined {
  if (cell === undefined) return undefined;
  const layout = app.session.grid.layoutOf(cell.attribute.id);
  return layout.isAlongColumns ? cell.column - left : 0;
}

/** The visible rows, in columns wide enough for them; wider columns can only show fewer of them. */
function fittedRows(app: App): readonly RowView[] {
  const rows = visibleRows(app);
  const widest = rows.reduce((most, row) => Math.max(most, row.widest), 0);
  return app.fitColumns(widest) ? visibleRows(app) : rows;
}

function visibleRows(app: App): readonly RowView[] {
  const { layout, state, session, theme, surroundings } = app;
  const { top, left } = state.scroll;
  const columnCount = Math.min(layout.gridColumns, session.grid.columns.labels.length - left);
  const request = {
    scenario: state.scenario,
    isDifference: state.isDifference,
    firstColumn: left,
    columnCount,
    trendWidth: layout.trendWidth,
    sparks: theme.glyphs.sparks,
    now: surroundings.now(),
  };
  return app.rows.slice(top, top + layout.gridRows).map((row) => session.rowView(row, request));
}

function headerOf(app: App): HeaderView {
  const { session, state, files } = app;
  const { sheet } = session;
  const rate = app.surroundings.frameRate();
  return {
    model: session.grid.model.name,
    isUnsaved: sheet.unsaved().length > 0,
    scenarios: sheet.scenarios.map((name) => ({ name, isShown: name === state.scenario })),
    isDifference: state.isDifference,
    isWatching: files?.isWatching === true,
    done: sheet.history.done.length,
    undone: sheet.history.undone.length,
    ...session.counts(state.scenario),
    refresh: refreshText(session.refreshMs(state.scenario)),
    frameRate: rate === frameRates[0] ? undefined : rate,
    pendingKeys: state.pendingKeys,
  };
}

function barOf(app: App, cell: CellReference | undefined, why: Explanation | undefined): BarView {
  const { mode } = app.state;
  if (mode.kind === "edit") return editBar(app, mode);
  if (cell === undefined || why === undefined) {
    const id = app.currentAttribute;
    const label = id === undefined ? "" : (app.session.grid.model.attributes.get(id)?.label ?? "");
    return { kind: "cell", text: id === undefined ? "" : `${id}  ${label}`, result: "", tone: "plain" };
  }
  const written = why.formula === undefined ? "input" : `= ${why.formula}`;
  const change =
    why.before === undefined || (isErrorValue(why.before) && why.before.code === "#BUSY!")
      ? ""
      : ` was ${readableValue(why.before, cell.attribute)}${isDate(cell.attribute) ? "" : percentChange(why)}`;
  const state = why.status === "fresh" ? "" : ` (${why.status})`;
  const doubt = why.unconverged === undefined ? "" : app.theme.glyphs.unconverged;
  return {
    kind: "cell",
    text: `${cell.title} ${why.formula === undefined ? `: ${kindText(why)}` : written}`,
    result: `${doubt}${readableValue(why.value, cell.attribute)}${change}${state}`,
    tone: isErrorValue(why.value) ? "error" : "bold",
  };
}

function kindText(why: Explanation): string {
  const unit = why.unit === undefined ? "" : ` ${why.unit}`;
  const label = why.label === undefined ? "" : `  "${why.label}"`;
  const override = why.override === undefined ? "" : `, override in ${why.override.scenario}`;
  return `input${unit}${override}${label}`;
}

function percentChange(why: Explanation): string {
  const { before, value } = why;
  if (typeof before !== "number" || typeof value !== "number" || before === 0) return "";
  const percent = ((value - before) / Math.abs(before)) * 100;
  if (percent === 0 || !Number.isFinite(percent)) return "";
  const digits = Math.abs(percent) >= 100 ? 0 : 1;
  return ` (${percent > 0 ? "+" : ""}${percent.toFixed(digits)}%)`;
}

function editBar(app: App, mode: Mode & { kind: "edit" }): BarView {
  const { target, line } = mode;
  const { glyphs } = app.theme;
  const { scenario } = app.state;
  const where = scenario === "base" ? "" : target.kind === "input" ? ` in ${scenario}` : " in all scenarios";
  const bar = { kind: "line", title: `${target.title}${where}`, text: line.text, caret: line.caret } as const;
  if (mode.problem !== undefined) return { ...bar, result: `${glyphs.error} ${mode.problem}`, tone: "error" };
  if (target.kind === "attribute")
    return { ...bar, result: line.text === "" ? "name = formula, or input name = value" : "", tone: "dim" };
  const cell = app.session.reference(target.id, target.member ?? 0, target.column ?? 0);
  if (cell === undefined || line.text.trim() === "") return { ...bar, result: "", tone: "dim" };
  const isFormula = target.kind === "formula" || /^\s*=/.test(line.text);
  const text = line.text.replace(/^\s*=/, "");
  const preview = app.session.preview(text, isFormula ? "formula" : "value", cell, scenario);
  if (!preview.ok) return { ...bar, result: `${glyphs.error} ${preview.problem}`, tone: "error" };
  if (preview.isStep !== true) return { ...bar, result: `${glyphs.result} ${preview.text}`, tone: "good" };
  const note = `${glyphs.loop} one step of a loop, not its result: Enter solves it   Esc cancels`;
  return { ...bar, result: `${glyphs.loop} one step: ${preview.text}`, tone: "dim", note };
}

function paneLines(
  app: App,
  cell: CellReference | undefined,
  why: Explanation | undefined,
  width: number,
): readonly PaneLine[] {
  if (why !== undefined && cell !== undefined) {
    const lines = whyLines(why, width, app.theme, app.session.readable);
    if (why.status === "fresh") return lines;
    const [heading, ...rest] = lines;
    return [...(heading === undefined ? [] : [heading]), waitingLine(app, why), ...threadLines(app), ...rest];
  }
  const id = app.currentAttribute;
  return id === undefined
    ? []
    : [
        { tone: "heading", text: id },
        { tone: "dim", text: "z folds, E edits all members" },
      ];
}

function statusOf(app: App, why: Explanation | undefined): StatusView {
  const { mode, notice, log } = app.state;
  if (mode.kind === "command") return { kind: "prompt", sign: ":", ...lineOfMode(mode) };
  if (mode.kind === "search") return { kind: "prompt", sign: "/", ...lineOfMode(mode) };
  if (mode.kind === "question") {
    const choices = mode.question.choices.map(({ key, label }) => `${key}: ${label}`).join("   ");
    return { kind: "message", time: "", text: `${mode.question.text}  ${choices}`, tone: "warning" };
  }
  const work = app.layout.isTall ? undefined : workLine(app);
  if (work !== undefined && notice?.tone !== "error")
    return { kind: "message", time: "", text: work, tone: "warning" };
  if (notice !== undefined) {
    const time = "time" in notice ? (notice as { time: string }).time : "";
    return { kind: "message", time, text: notice.text, tone: notice.tone };
  }
  const error = why === undefined ? undefined : errorSentence(why);
  if (error !== undefined && !app.layout.isTall)
    return { kind: "message", time: "", text: error, tone: "error" };
  const last = log.at(-1);
  return {
    kind: "message",
    time: last?.time ?? "",
    text: last?.text ?? "",
    tone: last?.tone === "error" ? "error" : "plain",
  };
}

function lineOfMode(mode: Mode & { kind: "command" | "search" }): {
  readonly text: string;
  readonly caret: number;
} {
  return { text: mode.line.text, caret: mode.line.caret };
}

/** `about 38 s`; empty where nothing is known to take long. */
function refreshText(ms: number): string {
  return ms < 1_000 ? "" : `about ${durationText(ms)}`;
}

/** Why the current value is not fresh, and what helps. */
function waitingLine(app: App, why: Explanation): PaneLine {
  const { glyphs } = app.theme;
  if (why.status === "pending")
    return { tone: "warning", text: `${glyphs.computing} being computed, x cancels` };
  const ms = app.session.refreshMs(app.state.scenario, why.attribute);
  const takes = refreshText(ms);
  return { tone: "warning", text: `${glyphs.dirty} stale: ${takes === "" ? "" : `${takes}, `}press r` };
}

/** Which thread does what, and since when. */
function threadLines(app: App): readonly PaneLine[] {
  const threads = app.session.work(app.state.scenario)?.threads ?? [];
  return threads.map(({ thread, runs, forMs }) => ({
    tone: "dim",
    text: `thread ${thread}: ${runs}, ${durationText(forMs)}`,
  }));
}

/** What is being computed, in one line. */
function workLine(app: App): string | undefined {
  const work = app.session.work(app.state.scenario);
  if (work === undefined) return undefined;
  const threads = work.threads.map(({ thread, runs, forMs }) => `${thread}: ${runs} ${durationText(forMs)}`);
  const parts = [`${app.theme.glyphs.computing} ${workText(work)}`, "x cancels", ...threads];
  return parts.join("   ");
}

function legendOf(
  app: App,
  bar: BarView,
  why: Explanation | undefined,
): { readonly text: string; readonly tone: Tone } {
  const { glyphs } = app.theme;
  const { mode } = app.state;
  // In the bar there is seldom room for the whole problem.
  if (bar.kind === "line" && bar.tone === "error") return { text: bar.result, tone: "error" };
  if (bar.kind === "line" && bar.note !== undefined) return { text: bar.note, tone: "dim" };
  if (mode.kind === "edit") return { text: "Enter accepts   Esc cancels   = begins a formula", tone: "dim" };
  if (mode.kind === "help")
    return { text: "type to search   Enter runs the first   Esc closes", tone: "dim" };
  if (mode.kind === "page" || mode.kind === "menu")
    return { text: "j k move   Enter   Esc closes", tone: "dim" };
  const work = workLine(app);
  if (work !== undefined) return { text: work, tone: "warning" };
  const error = why === undefined ? undefined : errorSentence(why);
  if (error !== undefined) return { text: `${glyphs.error} ${error}`, tone: "error" };
  const signs = [
    `${glyphs.override} override`,
    `${glyphs.changed} changed`,
    `${glyphs.dirty} stale`,
    `${glyphs.computing} computing`,
    `${glyphs.loop} loop`,
    `${glyphs.unconverged} not converged`,
    `${glyphs.error} error`,
    "? all keys",
  ];
  return { text: signs.join("  "), tone: "dim" };
}

function overlayOf(app: App, mode: Mode): OverlayView | undefined {
  switch (mode.kind) {
    case "help": {
      const lines = helpLines(mode.line.text).map(
        ({ kind, keys, help }): PaneLine =>
          kind === "title"
            ? { tone: "heading", text: keys }
            : { tone: "plain", text: `  ${padEnd(keys, 22)} ${help}` },
      );
      const typed = mode.line.text === "" ? "" : `   search: ${mode.line.text}`;
      return { title: `All keys${typed}`, lines, top: mode.top };
    }
    case "page":
      return { title: mode.title, lines: mode.lines.map((text) => ({ tone: "plain", text })), top: mode.top };
    case "menu": {
      const top = Math.max(0, mode.selected - app.layout.gridRows + 1);
      return {
        title: mode.title,
        lines: mode.entries.map(({ label }) => ({ tone: "plain", text: label })),
        top,
        selected: mode.selected,
      };
    }
    case "grid":
    case "edit":
    case "command":
    case "search":
    case "question":
      return undefined;
  }
}
