/**
 * The app: one session, one state, one window. It holds what changes and keeps it consistent; what keys and commands
 * do is in `handle-key.ts`, `run-command.ts` and `command-line.ts`, what the screen shows in `frame-view.ts`.
 *
 * Invariant: `rows` and `shape` fit the model and the folding, and the cursor stands on an existing row; `dispatch`
 * and `refresh` restore this after every change, keeping the cursor on the row it was on.
 */

import { signWidth } from "../grid/format-row.ts";
import { buildRows, type GridRow } from "../grid/grid-row.ts";
import { type Layout, layoutScreen, type ScreenSize } from "../screen/layout.ts";
import { widthOf } from "../screen/text-width.ts";
import type { Theme } from "../screen/theme.ts";
import type { CellReference, Outcome, Session } from "../session/session.ts";
import { type AppState, initialState, type LogEntry, type Place, type Question } from "../state/app-state.ts";
import { type Action, anchorOf, type GridShape, reduce } from "../state/reducer.ts";
import type { FileActions } from "./file-actions.ts";

/** What the app needs from the program around it. */
export interface AppSurroundings {
  readonly session: Session;
  readonly theme: Theme;
  /** Milliseconds; the same clock that stamps changed cells. */
  readonly now: () => number;
  /** Time of day for the log, `14:02:11`. */
  readonly clockTime: () => string;
  readonly requestDraw: () => void;
  readonly redraw: () => void;
  readonly suspend: () => void;
  readonly quit: (exitCode: number) => void;
  readonly frameRate: () => number;
}

/** Bounds of a column's width as it fits itself to what it shows; `:set width` goes beyond. */
const cellWidthMin = 8;
const cellWidthMax = 18;
/** Around a value: the cursor's brackets and a sign. */
const aroundValue = 2 + signWidth;
/** Names are looked at up to this many rows for the width of the name column. */
const measuredRowsMax = 2000;

export class App {
  readonly session: Session;
  readonly surroundings: AppSurroundings;
  /** Set right after construction: saving and reloading need the app for their questions. */
  files: FileActions | undefined;
  private current: AppState;
  private gridRows: readonly GridRow[] = [];
  private gridShape: GridShape;
  private windowSize: ScreenSize;
  private gridLayout: Layout;
  /** Set by the user; otherwise the columns fit themselves to the widest value seen since the last relayout. */
  private chosenCellWidth: number | undefined;
  private widestSeen = 0;
  private readonly questions: Question[] = [];

  constructor(surroundings: AppSurroundings, scenario: string, size: ScreenSize) {
    this.surroundings = surroundings;
    this.session = surroundings.session;
    this.current = initialState(scenario);
    this.windowSize = size;
    this.gridRows = buildRows(this.session.grid, this.current.toggled);
    this.gridLayout = this.measure();
    this.gridShape = this.shapeNow();
    // The first value is of more use than the first heading.
    const first = this.gridRows.findIndex((row) => this.session.cellAt(row, 0) !== undefined);
    this.dispatch({ kind: "go", row: Math.max(0, first), isJump: false });
  }

  get state(): AppState {
    return this.current;
  }
  get rows(): readonly GridRow[] {
    return this.gridRows;
  }
  get shape(): GridShape {
    return this.gridShape;
  }
  get layout(): Layout {
    return this.gridLayout;
  }
  get theme(): Theme {
    return this.surroundings.theme;
  }

  dispatch(action: Action): void {
    const { anchor, outer } = anchorOf(this.current, this.gridShape);
    const before = this.current;
    this.current = reduce(before, action, this.gridShape);
    if (this.current.toggled !== before.toggled) this.rebuild(anchor, outer);
    else if (
      this.current.isPaneShown !== before.isPaneShown ||
      this.current.scenario !== before.scenario ||
      this.current.isDifference !== before.isDifference
    )
      this.relayout(anchor);
    this.askNext();
    this.surroundings.requestDraw();
  }

  /** Asks as soon as the grid has the keyboard: a line being typed is not thrown away for a question. */
  ask(question: Question): void {
    const { mode } = this.current;
    const open = mode.kind === "question" ? [mode.question, ...this.questions] : this.questions;
    // A file that changes again while its question waits is the same question.
    if (open.some((waiting) => waiting.text === question.text)) return;
    this.questions.push(question);
    this.askNext();
    this.surroundings.requestDraw();
  }

  private askNext(): void {
    if (this.current.mode.kind !== "grid") return;
    const question = this.questions.shift();
    if (question !== undefined) this.current = { ...this.current, mode: { kind: "question", question } };
  }

  /** Takes over a changed model; the cursor stays on its row. */
  refresh(): void {
    const { anchor, outer } = anchorOf(this.current, this.gridShape);
    if (!this.session.sheet.scenarios.includes(this.current.scenario))
      this.current = { ...this.current, scenario: "base" };
    if (this.session.refreshGrid()) this.rebuild(anchor, outer);
    this.surroundings.requestDraw();
  }

  resize(size: ScreenSize): void {
    this.windowSize = size;
    this.relayout(anchorOf(this.current, this.gridShape).anchor);
  }

  setCellWidth(width: number): void {
    this.chosenCellWidth = Math.max(5, Math.min(30, width));
    this.relayout(anchorOf(this.current, this.gridShape).anchor);
  }

  /**
   * Widens the columns when a visible value needs it. They become narrower only when the rows, the window or the
   * scenario change: a screen whose columns move with every scroll is hard to read.
   */
  fitColumns(widest: number): boolean {
    if (widest <= this.widestSeen) return false;
    this.widestSeen = widest;
    const before = this.gridLayout;
    const { anchor } = anchorOf(this.current, this.gridShape);
    this.gridLayout = this.measure();
    this.gridShape = this.shapeNow();
    this.current = reduce(this.current, { kind: "grid-changed", anchor, outer: undefined }, this.gridShape);
    return this.gridLayout.cellWidth !== before.cellWidth;
  }

  private rebuild(anchor: Place | undefined, outer: string | undefined): void {
    this.gridRows = buildRows(this.session.grid, this.current.toggled);
    this.relayout(anchor, outer);
  }

  private relayout(anchor: Place | undefined, outer?: string): void {
    this.widestSeen = 0;
    this.gridLayout = this.measure();
    this.gridShape = this.shapeNow();
    this.current = reduce(this.current, { kind: "grid-changed", anchor, outer }, this.gridShape);
    this.surroundings.requestDraw();
  }

  private measure(): Layout {
    const { grid } = this.session;
    let labelWidth = "block.attribute".length;
    for (const row of this.gridRows.slice(0, measuredRowsMax)) {
      const name =
        row.kind === "member"
          ? grid.layoutOf(row.id).memberLabels(row.member).join(" · ")
          : row.kind === "attribute"
            ? row.id.slice(row.id.indexOf(".") + 1)
            : "";
      labelWidth = Math.max(labelWidth, widthOf(name) + (row.kind === "member" ? 5 : 3));
    }
    const labels = grid.columns.labels;
    const longest = labels
      .slice(0, measuredRowsMax)
      .reduce((most, label) => Math.max(most, widthOf(label)), 0);
    const fitting = Math.max(cellWidthMin, Math.min(cellWidthMax, this.widestSeen + aroundValue));
    return layoutScreen(this.windowSize, {
      isPaneShown: this.current.isPaneShown,
      labelWidth,
      cellWidth: this.chosenCellWidth ?? Math.max(fitting, Math.min(longest + 2, 16)),
      columnCount: labels.length,
      hasTrend: labels.length > 2 && grid.columns.axis?.time !== undefined,
    });
  }

  private shapeNow(): GridShape {
    return {
      rows: this.gridRows,
      rowOf: new Map(this.gridRows.map((row, i) => [row.key, i])),
      columnCount: this.session.grid.columns.labels.length,
      viewRows: this.gridLayout.gridRows,
      viewColumns: this.gridLayout.gridColumns,
    };
  }

  /** The row and cell under the cursor. */
  get currentRow(): GridRow | undefined {
    return this.gridRows[this.current.cursor.row];
  }
  get currentCell(): CellReference | undefined {
    return this.session.cellAt(this.currentRow, this.current.cursor.column);
  }

  /** The attribute the cursor's row belongs to, also on its heading. */
  get currentAttribute(): string | undefined {
    const row = this.currentRow;
    return row?.kind === "attribute" || row?.kind === "member" ? row.id : undefined;
  }

  log(text: string, tone: LogEntry["tone"] = "plain"): void {
    this.dispatch({ kind: "log", entry: { text, tone, time: this.surroundings.clockTime() } });
  }

  notify(text: string, tone: LogEntry["tone"] = "plain"): void {
    this.dispatch({ kind: "notice", notice: { text, tone } });
  }

  /** Reports an edit; whether it was accepted. */
  report(outcome: Outcome): boolean {
    if (outcome.ok) this.log(outcome.text);
    else this.notify(outcome.problem, "error");
    this.refresh();
    return outcome.ok;
  }

  /** Puts the cursor on an attribute's row, unfolding what hides it. */
  goTo(id: string, member: number, column: number | undefined, isJump: boolean): boolean {
    const layout = this.session.grid.layoutOf(id);
    const key = layout.members > 1 ? `${id}#${member}` : id;
    this.unfold(id, key);
    const row = this.gridShape.rowOf.get(key) ?? this.gridShape.rowOf.get(id);
    if (row === undefined) return false;
    this.dispatch({ kind: "go", row, isJump, ...(column === undefined ? {} : { column }) });
    return true;
  }

  private unfold(id: string, key: string): void {
    if (this.gridShape.rowOf.has(key)) return;
    const block = id.slice(0, id.indexOf("."));
    for (const outer of [block, id]) {
      const at = this.gridShape.rowOf.get(outer);
      const row = at === undefined ? undefined : this.gridRows[at];
      if (row !== undefined && (row.kind === "block" || row.kind === "attribute") && row.isFolded)
        this.dispatch({ kind: "toggle-fold", key: outer });
    }
  }
}
