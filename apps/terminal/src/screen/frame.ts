/**
 * One frame: the whole screen as lines of text, each exactly as wide as the window or shorter. Pure: everything
 * shown comes in as plain values (`FrameView`), so frames are tested as text and a line that did not change is the
 * same string as before.
 */
import { formatColumnLabels, formatRow } from "../grid/format-row.ts";
import type { GridViewport, RowView } from "../grid/row-view.ts";
import type { Layout } from "./layout.ts";
import { cutEnd, cutStart, padEnd, widthOf } from "./text-width.ts";
import type { Theme, Tone } from "./theme.ts";
import type { PaneLine } from "./why-lines.ts";

export interface HeaderView {
  readonly model: string;
  readonly isUnsaved: boolean;
  readonly scenarios: readonly { readonly name: string; readonly isShown: boolean }[];
  readonly isDifference: boolean;
  readonly isWatching: boolean;
  readonly undone: number;
  readonly done: number;
  readonly pending: number;
  readonly stale: number;
  /** What refreshing that would take; empty where it is not worth telling. */
  readonly refresh: string;
  readonly errors: number;
  readonly unconverged: number;
  /** Shown only below the full rate: the link is slow. */
  readonly frameRate: number | undefined;
  readonly pendingKeys: string;
}

/** The line under the header: what the current cell is, or the line being typed for it. */
export type BarView =
  | { readonly kind: "cell"; readonly text: string; readonly result: string; readonly tone: Tone }
  | {
      readonly kind: "line";
      readonly title: string;
      readonly text: string;
      readonly caret: number;
      readonly result: string;
      readonly tone: Tone;
      /** What the last line says of the result. */
      readonly note?: string;
    };

/** The line at the bottom: a message, a prompt being typed, or a question. */
export type StatusView =
  | { readonly kind: "message"; readonly time: string; readonly text: string; readonly tone: Tone }
  | { readonly kind: "prompt"; readonly sign: string; readonly text: string; readonly caret: number };

export interface OverlayView {
  readonly title: string;
  readonly lines: readonly PaneLine[];
  readonly top: number;
  /** Highlighted line, counted from the first of all. */
  readonly selected?: number;
}

export interface FrameView {
  readonly layout: Layout;
  readonly header: HeaderView;
  readonly bar: BarView;
  readonly viewport: GridViewport;
  /** Visible column of the cursor. */
  readonly cursorColumn: number | undefined;
  /** Visible row of the cursor. */
  readonly cursorRow: number;
  readonly rows: readonly RowView[];
  readonly pane: readonly PaneLine[];
  readonly details: readonly PaneLine[];
  readonly overlay?: OverlayView;
  readonly status: StatusView;
  readonly legend: { readonly text: string; readonly tone: Tone };
}

/** All lines of the screen. Cost: linear in the size of the screen. */
export function composeFrame(view: FrameView, theme: Theme): readonly string[] {
  const { layout } = view;
  const width = layout.size.columns;
  const lines: string[] = [formatHeader(view.header, width, theme), formatBar(view.bar, width, theme)];
  if (layout.isTall) lines.push(formatRule(layout, theme.glyphs.teeDown, theme));
  lines.push(...formatBody(view, theme));
  for (let i = 0; i < layout.detailRows; i++) lines.push(formatPaneLine(view.details[i], width, theme));
  if (layout.isTall) lines.push(formatRule(layout, theme.glyphs.teeUp, theme));
  lines.push(formatStatus(view.status, width, theme));
  if (layout.isTall)
    lines.push(theme.paint(view.legend.tone, cutEnd(` ${view.legend.text}`, width, theme.glyphs.ellipsis)));
  return lines.slice(0, layout.size.rows);
}

function formatRule(layout: Layout, tee: string, theme: Theme): string {
  const { horizontal } = theme.glyphs;
  if (layout.paneWidth === 0) return theme.paint("dim", horizontal.repeat(layout.size.columns));
  return theme.paint("dim", horizontal.repeat(layout.gridWidth) + tee + horizontal.repeat(layout.paneWidth));
}

/** Column labels and rows, with the pane to their right. */
function formatBody(view: FrameView, theme: Theme): readonly string[] {
  const { layout, overlay } = view;
  const lines: string[] = [];
  const count = layout.gridRows + 1;
  for (let i = 0; i < count; i++) {
    const left =
      overlay === undefined
        ? formatGridLine(view, i - 1, theme)
        : formatOverlayLine(overlay, i - 1, layout.gridWidth, theme);
    if (layout.paneWidth === 0) lines.push(left);
    else
      lines.push(
        padStyled(left, layout.gridWidth) +
          theme.paint("dim", theme.glyphs.vertical) +
          formatPaneLine(view.pane[i], layout.paneWidth, theme),
      );
  }
  return lines;
}

function formatGridLine(view: FrameView, at: number, theme: Theme): string {
  if (at < 0) return formatColumnLabels("block.attribute", view.viewport, view.cursorColumn, theme);
  const row = view.rows[at];
  if (row === undefined) return "";
  return formatRow(row, view.viewport, at === view.cursorRow ? (view.cursorColumn ?? 0) : undefined, theme);
}

function formatOverlayLine(overlay: OverlayView, at: number, width: number, theme: Theme): string {
  if (at < 0) return theme.paint("heading", padEnd(` ${overlay.title}`, width, theme.glyphs.ellipsis));
  const line = overlay.lines[overlay.top + at];
  if (line === undefined) return "";
  const text = padEnd(` ${line.text}`, width, theme.glyphs.ellipsis);
  return theme.paint(overlay.top + at === overlay.selected ? "cursor" : line.tone, text);
}

/** Only an empty line is shorter than the grid: rows come padded. */
function padStyled(text: string, width: number): string {
  return text === "" ? " ".repeat(width) : text;
}

function formatPaneLine(line: PaneLine | undefined, width: number, theme: Theme): string {
  if (line === undefined || width <= 1) return "";
  return theme.paint(line.tone, cutEnd(` ${line.text}`, width, theme.glyphs.ellipsis));
}

function formatHeader(header: HeaderView, width: number, theme: Theme): string {
  const { glyphs } = theme;
  const model = `${header.model}${header.isUnsaved ? "*" : ""}`;
  const counts = [
    header.pendingKeys,
    header.pending > 0 ? `${header.pending}${glyphs.computing}` : "",
    header.stale > 0 ? `${header.stale}${glyphs.dirty}${refreshHint(header, width)}` : "",
    header.unconverged > 0 ? `${header.unconverged}${glyphs.unconverged}` : "",
    header.errors > 0 ? `${header.errors}${glyphs.error}` : "",
    header.frameRate === undefined ? "" : `${header.frameRate}fps`,
  ]
    .filter((part) => part !== "")
    .join(" ");
  const shown = header.scenarios.findIndex(({ isShown }) => isShown);
  const isBase = shown <= 0;
  const tab = (note: string): string =>
    `[${shown + 1} ${header.scenarios[shown]?.name ?? ""}${isBase ? "" : ` ${glyphs.override}${note}`}]`;
  const tabs = (note: string): string =>
    header.scenarios.map(({ name, isShown }, i) => (isShown ? tab(note) : `${i + 1} ${name}`)).join(" ");
  // What is typed under a scenario does not change the model: its tab says so.
  const note = " edits override";
  const all = tabs("");
  const only = tab("");
  const undo = `undo ${header.done}/${header.done + header.undone}`;
  const difference = header.isDifference ? `${glyphs.changed} base` : "";
  const watch = header.isWatching ? `watch ${glyphs.watching}` : "";
  // What is least needed goes first when the window is narrow.
  const choices = [
    [`SCENARIO ${tabs(note)}`, difference, watch, undo],
    [`SCENARIO ${all}`, difference, watch, undo],
    [all, difference, watch, undo],
    [only, difference, watch, undo],
    [only, difference, undo],
    [only, difference],
    [difference],
    [],
  ];
  const room = width - widthOf(model) - widthOf(counts) - 3;
  const middles = choices.map((parts) => parts.filter((part) => part !== "").join("   "));
  const middle = middles.find((text) => widthOf(text) + 3 <= room) ?? "";
  const left = ` ${model}${middle === "" ? "" : `   ${middle}`}`;
  const gap = Math.max(1, width - widthOf(left) - widthOf(counts) - 1);
  return theme.paint("bar", padEnd(`${left}${" ".repeat(gap)}${counts}`, width, glyphs.ellipsis));
}

/** In a narrow window the sign alone says that something is stale. */
function refreshHint({ refresh }: HeaderView, width: number): string {
  return refresh === "" || width < hintColumnsMin ? "" : ` (${refresh}, press r)`;
}

const hintColumnsMin = 70;

function formatBar(bar: BarView, width: number, theme: Theme): string {
  const { glyphs } = theme;
  if (bar.kind === "line") return formatEditLine(bar, width, theme);
  const result = bar.result === "" ? "" : `${glyphs.result} ${bar.result} `;
  const resultWidth = Math.min(widthOf(result), Math.floor(width * 0.6));
  const left = padEnd(` ${bar.text}`, Math.max(0, width - resultWidth - 1), glyphs.ellipsis);
  return `${left} ${theme.paint(bar.tone, cutEnd(result, resultWidth, glyphs.ellipsis))}`;
}

/** The text around the caret, which stands as a reversed cell; the result or the problem to the right. */
function formatEditLine(bar: BarView & { kind: "line" }, width: number, theme: Theme): string {
  const { glyphs } = theme;
  const title = cutEnd(` ${bar.title} = `, Math.max(4, Math.floor(width / 3)), glyphs.ellipsis);
  const result = cutEnd(
    bar.result === "" ? "" : ` ${bar.result} `,
    Math.floor((width - widthOf(title)) * 0.6),
    glyphs.ellipsis,
  );
  const room = Math.max(2, width - widthOf(title) - widthOf(result));
  const { before, at, after } = aroundCaret(bar.text, bar.caret, room, glyphs.ellipsis);
  const gap = " ".repeat(Math.max(0, room - widthOf(before) - widthOf(at) - widthOf(after)));
  return (
    theme.paint("bold", title) +
    before +
    theme.paint("cursor", at) +
    after +
    gap +
    theme.paint(bar.tone, result)
  );
}

function aroundCaret(
  text: string,
  caret: number,
  width: number,
  ellipsis: string,
): { readonly before: string; readonly at: string; readonly after: string } {
  const character = caret < text.length ? String.fromCodePoint(text.codePointAt(caret) as number) : " ";
  const rest = text.slice(caret + character.length);
  const afterRoom = Math.min(widthOf(rest), Math.max(0, Math.floor(width / 3)));
  const before = cutStart(text.slice(0, caret), width - widthOf(character) - afterRoom, ellipsis);
  const after = cutEnd(rest, width - widthOf(before) - widthOf(character), ellipsis);
  return { before, at: character, after };
}

function formatStatus(status: StatusView, width: number, theme: Theme): string {
  const { glyphs } = theme;
  if (status.kind === "prompt") {
    const { before, at, after } = aroundCaret(
      status.text,
      status.caret,
      Math.max(2, width - 1),
      glyphs.ellipsis,
    );
    return theme.paint("bold", status.sign) + before + theme.paint("cursor", at) + after;
  }
  const time = status.time === "" ? "" : ` ${status.time}`;
  const text = cutEnd(` ${status.text}`, width - widthOf(time), glyphs.ellipsis);
  return theme.paint("dim", time) + theme.paint(status.tone, text);
}
