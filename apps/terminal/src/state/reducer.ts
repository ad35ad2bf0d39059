/**
 * The next state from the last: cursor, viewport, mode and messages. Pure; the grid's shape comes as an argument.
 *
 * Invariants after every action: the cursor is on a row and a column that exist (row 0 of an empty grid), and it is
 * visible: `scroll.top ≤ row < scroll.top + viewRows`, columns likewise.
 */
import type { MoveName } from "../commands/command-name.ts";
import { type GridRow, outerKey } from "../grid/grid-row.ts";
import {
  type AppState,
  type LogEntry,
  logEntriesMax,
  type Mode,
  type Notice,
  type Place,
  trailPlacesMax,
} from "./app-state.ts";
import { editLine, type LineAction } from "./line-editor.ts";

/** The grid as far as moving needs it. */
export interface GridShape {
  readonly rows: readonly GridRow[];
  /** Row number by key. */
  readonly rowOf: ReadonlyMap<string, number>;
  readonly columnCount: number;
  /** Rows and columns on the screen. */
  readonly viewRows: number;
  readonly viewColumns: number;
}

export type Action =
  | { readonly kind: "move"; readonly name: MoveName }
  /** To a row; remembered in the trail when it is a jump. */
  | { readonly kind: "go"; readonly row: number; readonly column?: number; readonly isJump: boolean }
  | { readonly kind: "back" }
  /** The rows, the columns or the window changed; `anchor` is where the cursor was. */
  | { readonly kind: "grid-changed"; readonly anchor: Place | undefined; readonly outer?: string | undefined }
  | { readonly kind: "toggle-fold"; readonly key: string }
  | { readonly kind: "unfold"; readonly toggled: ReadonlySet<string> }
  | { readonly kind: "mode"; readonly mode: Mode }
  | { readonly kind: "line"; readonly action: LineAction }
  | { readonly kind: "scroll-page"; readonly by: number; readonly lines: number; readonly view: number }
  | { readonly kind: "select"; readonly by: number }
  | { readonly kind: "scenario"; readonly name: string }
  | { readonly kind: "toggle-difference" }
  | { readonly kind: "show-pane"; readonly isShown: boolean }
  | { readonly kind: "searched"; readonly text: string }
  | { readonly kind: "remember-command"; readonly text: string }
  | { readonly kind: "notice"; readonly notice: Notice | undefined }
  | { readonly kind: "log"; readonly entry: LogEntry }
  | { readonly kind: "pending-keys"; readonly keys: string };

export function reduce(state: AppState, action: Action, grid: GridShape): AppState {
  switch (action.kind) {
    case "move":
      return place(state, move(state, action.name, grid), grid);
    case "go": {
      const cursor = { row: action.row, column: action.column ?? state.cursor.column };
      return place(action.isJump ? remember(state, grid) : state, cursor, grid);
    }
    case "back":
      return goBack(state, grid);
    case "grid-changed":
      return place(state, anchored(state, action.anchor, action.outer, grid), grid);
    case "toggle-fold": {
      const toggled = new Set(state.toggled);
      if (!toggled.delete(action.key)) toggled.add(action.key);
      return { ...state, toggled };
    }
    case "unfold":
      return { ...state, toggled: action.toggled };
    case "mode":
      return { ...state, mode: action.mode };
    case "line":
      return { ...state, mode: typed(state.mode, action.action) };
    case "scroll-page":
      return { ...state, mode: scrolled(state.mode, action) };
    case "select":
      return { ...state, mode: selected(state.mode, action.by) };
    case "scenario":
      return { ...state, scenario: action.name };
    case "toggle-difference":
      return { ...state, isDifference: !state.isDifference };
    case "show-pane":
      return { ...state, isPaneShown: action.isShown };
    case "searched":
      return { ...state, searched: action.text };
    case "remember-command":
      return {
        ...state,
        commands: [...state.commands.filter((text) => text !== action.text), action.text].slice(
          -logEntriesMax,
        ),
      };
    case "notice":
      return state.notice === action.notice ? state : { ...state, notice: action.notice };
    case "log":
      return { ...state, log: [...state.log, action.entry].slice(-logEntriesMax), notice: action.entry };
    case "pending-keys":
      return state.pendingKeys === action.keys ? state : { ...state, pendingKeys: action.keys };
  }
}

type Cursor = AppState["cursor"];

function move({ cursor, scroll }: AppState, name: MoveName, grid: GridShape): Cursor {
  const { row, column } = cursor;
  const lastRow = grid.rows.length - 1;
  const half = Math.max(1, Math.floor(grid.viewRows / 2));
  const page = Math.max(1, grid.viewRows - 1);
  // On rows of one cell the column stands still where the eye is.
  const shown = Math.max(scroll.left, Math.min(column, grid.columnCount - 1));
  switch (name) {
    case "move-up":
      return { row: row - 1, column };
    case "move-down":
      return { row: row + 1, column };
    case "move-left":
      return { row, column: shown - 1 };
    case "move-right":
      return { row, column: shown + 1 };
    case "move-first-row":
      return { row: 0, column };
    case "move-last-row":
      return { row: lastRow, column };
    case "move-first-column":
      return { row, column: 0 };
    case "move-last-column":
      return { row, column: grid.columnCount - 1 };
    case "half-page-down":
      return { row: row + half, column };
    case "half-page-up":
      return { row: row - half, column };
    case "page-down":
      return { row: row + page, column };
    case "page-up":
      return { row: row - page, column };
    case "block-up":
      return { row: blockFrom(grid, row, -1), column };
    case "block-down":
      return { row: blockFrom(grid, row, 1), column };
    case "page-left":
      return { row, column: shown - Math.max(1, grid.viewColumns - 1) };
    case "page-right":
      return { row, column: shown + Math.max(1, grid.viewColumns - 1) };
  }
}

function blockFrom(grid: GridShape, row: number, direction: 1 | -1): number {
  for (let i = row + direction; i >= 0 && i < grid.rows.length; i += direction)
    if (grid.rows[i]?.kind === "block") return i;
  return direction < 0 ? 0 : grid.rows.length - 1;
}

const within = (value: number, count: number): number => Math.max(0, Math.min(value, count - 1));

/** Puts the cursor where it may stand and scrolls as little as needed to show it. */
function place(state: AppState, wanted: Cursor, grid: GridShape): AppState {
  const row = within(wanted.row, grid.rows.length);
  const column = within(wanted.column, grid.columnCount);
  const top = scrolledTo(state.scroll.top, row, grid.viewRows, grid.rows.length);
  const left = scrolledTo(state.scroll.left, column, grid.viewColumns, grid.columnCount);
  return { ...state, cursor: { row, column }, scroll: { top, left } };
}

function scrolledTo(first: number, at: number, view: number, count: number): number {
  const last = Math.max(0, count - view);
  return Math.max(0, Math.min(Math.max(Math.min(first, at), at - view + 1), last, at));
}

/** Where the cursor's row is now: the same row, else what it belonged to, else the same place. */
function anchored(
  state: AppState,
  anchor: Place | undefined,
  outer: string | undefined,
  grid: GridShape,
): Cursor {
  if (anchor === undefined) return state.cursor;
  const row = grid.rowOf.get(anchor.key) ?? (outer === undefined ? undefined : grid.rowOf.get(outer));
  return { row: row ?? state.cursor.row, column: anchor.column };
}

function placeOf(state: AppState, grid: GridShape): Place | undefined {
  const row = grid.rows[state.cursor.row];
  return row === undefined ? undefined : { key: row.key, column: state.cursor.column };
}

function remember(state: AppState, grid: GridShape): AppState {
  const here = placeOf(state, grid);
  return here === undefined ? state : { ...state, trail: [...state.trail, here].slice(-trailPlacesMax) };
}

/** Back to the newest place that still exists; places that are gone are forgotten. */
function goBack(state: AppState, grid: GridShape): AppState {
  const trail = [...state.trail];
  for (;;) {
    const target = trail.pop();
    if (target === undefined) return { ...state, trail };
    const row = grid.rowOf.get(target.key);
    if (row !== undefined) return place({ ...state, trail }, { row, column: target.column }, grid);
  }
}

/** The cursor's row by key, and what it belongs to: for `grid-changed`. */
export function anchorOf(
  state: AppState,
  grid: GridShape,
): { readonly anchor: Place | undefined; readonly outer: string | undefined } {
  const row = grid.rows[state.cursor.row];
  return { anchor: placeOf(state, grid), outer: row === undefined ? undefined : outerKey(row) };
}

function typed(mode: Mode, action: LineAction): Mode {
  switch (mode.kind) {
    case "edit": {
      const { problem: _gone, ...rest } = mode;
      return { ...rest, line: editLine(mode.line, action) };
    }
    case "command":
    case "search":
      return { ...mode, line: editLine(mode.line, action) };
    case "help":
      return { ...mode, line: editLine(mode.line, action), top: 0 };
    case "grid":
    case "page":
    case "menu":
    case "question":
      return mode;
  }
}

function scrolled(
  mode: Mode,
  action: { readonly by: number; readonly lines: number; readonly view: number },
): Mode {
  if (mode.kind !== "page" && mode.kind !== "help") return mode;
  const last = Math.max(0, action.lines - action.view);
  return { ...mode, top: Math.max(0, Math.min(mode.top + action.by, last)) };
}

function selected(mode: Mode, by: number): Mode {
  if (mode.kind !== "menu") return mode;
  return { ...mode, selected: within(mode.selected + by, mode.entries.length) };
}
