/**
 * Rows of the grid as values to draw, read from the sheet: only visible rows and columns are read, a frame at a
 * time. What depends on a whole row (its decimals, its trend) is kept per column table, which is immutable: a change
 * makes another, and the old one's entries go with it.
 */
import type { CheckedAttribute, CheckedCheck, CheckedModel } from "@reckon/model";
import type { CellIndex, CellRange, CheckOutcome, Sheet } from "@reckon/sheet";
import { type Column, isErrorValue, type Scalar, sameScalar } from "@reckon/value";
import type { CellLayout } from "../grid/cell-layout.ts";
import { isDate, type NumberStyle, rowDecimals, widestOf } from "../grid/cell-text.ts";
import { checksBlock, type GridModel, type GridRow } from "../grid/grid-row.ts";
import type { CellView, RowMark, RowView } from "../grid/row-view.ts";
import { sparkline } from "../grid/sparkline.ts";
import type { FlashStore } from "./flash-store.ts";

export interface RowRequest {
  readonly scenario: string;
  readonly isDifference: boolean;
  readonly firstColumn: number;
  readonly columnCount: number;
  readonly trendWidth: number;
  readonly sparks: readonly string[];
  readonly now: number;
}

/** What a frame reads once for all of its rows. */
export interface FrameFacts {
  readonly checks: readonly CheckOutcome[];
  /** Members of any loop, as `block.attribute`. */
  readonly looped: ReadonlySet<string>;
  /** Per attribute the flat cells in, or behind, a solve that did not converge. */
  readonly unconverged: ReadonlyMap<string, readonly CellRange[]>;
}

/** The members of loops change with the model only: per model, since there may be a record for each of many cells. */
const loopedIn = new WeakMap<CheckedModel, ReadonlySet<string>>();

/** Gathers them. Cost: the checks' cells, and the cells that did not converge. */
export function frameFactsOf(sheet: Sheet, scenario: string): FrameFacts {
  let looped = loopedIn.get(sheet.model);
  if (looped === undefined) {
    looped = new Set(sheet.loops().flatMap(({ attributes }) => attributes));
    // Before anything was calculated there are no records yet.
    if (looped.size > 0 || sheet.model.loops.length === 0) loopedIn.set(sheet.model, looped);
  }
  return { checks: sheet.checks(scenario), looped, unconverged: sheet.unconverged(scenario) };
}

/** Only so many cells, spread over all, decide how an attribute's numbers look. */
const sampledCellsMax = 2000;
/** Columns are not widened for longer texts than this. */
const textWidthMax = 12;

/** How the values of a whole column table are shown: the same in all of its rows. */
interface ColumnSummary {
  readonly style: NumberStyle;
  readonly widest: number;
  /** Trends by member and width. */
  readonly trends: Map<string, string>;
}

export class RowSource {
  private readonly sheet: Sheet;
  private readonly flashes: FlashStore;
  private readonly summaries = new WeakMap<Column, ColumnSummary>();
  private overrides: { readonly version: number; readonly known: Map<string, boolean> } = {
    version: -1,
    known: new Map(),
  };

  constructor(sheet: Sheet, flashes: FlashStore) {
    this.sheet = sheet;
    this.flashes = flashes;
  }

  rowView(grid: GridModel, row: GridRow, request: RowRequest, facts: FrameFacts): RowView {
    switch (row.kind) {
      case "block":
        return this.blockView(grid, row);
      case "check":
        return checkView(facts.checks[row.check], grid.model.checks[row.check]);
      case "attribute":
      case "member": {
        const attribute = grid.model.attributes.get(row.id);
        if (attribute === undefined) return emptyView("attribute", row.id);
        if (row.kind === "attribute" && row.isHeading)
          return headingView(attribute, grid.layoutOf(row.id), row.isFolded, facts.looped.has(row.id));
        return this.valueView(
          grid,
          attribute,
          row.kind === "member" ? row.member : 0,
          row.kind === "member",
          request,
          facts,
        );
      }
    }
  }

  private blockView(grid: GridModel, row: GridRow & { kind: "block" }): RowView {
    const block = grid.model.blocks.find((candidate) => candidate.name === row.block);
    const axes = block?.axes.map((axis) => axis.name).join(", ") ?? "";
    const parts = [axes === "" ? "" : `by ${axes}`, block?.label === undefined ? "" : `"${block.label}"`];
    const label = row.key === `#${checksBlock}` ? checksBlock : row.block;
    return {
      ...emptyView("block", label),
      depth: 0,
      note: parts.filter((part) => part !== "").join("  "),
      fold: row.isFolded ? "folded" : "open",
    };
  }

  private valueView(
    grid: GridModel,
    attribute: CheckedAttribute,
    member: number,
    isMember: boolean,
    request: RowRequest,
    facts: FrameFacts,
  ): RowView {
    const { id } = attribute;
    const layout = grid.layoutOf(id);
    const column = this.sheet.column(id, request.scenario);
    this.flashes.noteDrawn(request.scenario, id, column);
    const reference = request.isDifference ? this.sheet.column(id, "base") : undefined;
    const cells: (CellView | undefined)[] = [];
    const shown = this.cellReader(attribute, layout, member, column, reference, request, facts);
    for (let i = 0; i < request.columnCount; i++) {
      const isThere = layout.isAlongColumns ? request.firstColumn + i < layout.columns : i === 0;
      cells.push(isThere ? shown(request.firstColumn + i) : undefined);
    }
    const whole = this.summaryOf(column, attribute);
    const { style, widest } = reference === undefined ? whole : differenceSummary(cells, whole.style);
    return {
      kind: isMember ? "member" : "attribute",
      label: isMember ? layout.memberLabels(member).join(" · ") : attribute.name,
      note: attribute.label ?? "",
      depth: isMember ? 2 : 1,
      fold: "none",
      mark: markOf(attribute, cells, facts),
      cells,
      ...style,
      widest,
      trend: trendOf(whole, column, layout, member, request),
      isDifference: request.isDifference,
    };
  }

  /** Reads one cell of a row: its value (or difference) and its states. */
  private cellReader(
    attribute: CheckedAttribute,
    layout: CellLayout,
    member: number,
    column: Column,
    reference: Column | undefined,
    request: RowRequest,
    facts: FrameFacts,
  ): (columnAt: number) => CellView {
    const { id, axes } = attribute;
    const { scenario } = request;
    const status = this.sheet.statusOf(id, scenario);
    const isOverridden = scenario !== "base" && this.sheet.isOverridden(id, scenario);
    const unconverged = facts.unconverged.get(id);
    return (columnAt) => {
      const cell = layout.cellAt(member, columnAt);
      const kept = column.get(cell);
      // What is stale and was never computed has nothing to show.
      const value = status === "stale" && isBusy(kept) ? "…" : kept;
      const labels = isOverridden ? layout.labelsAt(member, columnAt) : [];
      const index = Object.fromEntries(axes.map((axis, i) => [axis.name, labels[i] ?? ""]));
      return {
        value: reference === undefined ? value : differenceOf(value, reference.get(cell)),
        flash: this.flashes.flashOf(scenario, id, cell, request.now),
        isOverridden: isOverridden && this.isCellOverridden(id, scenario, cell, index),
        state: isBusy(value) ? "pending" : status,
        isUnconverged: unconverged?.some(({ from, to }) => from <= cell && cell < to) === true,
      };
    };
  }

  /** Asked for each visible cell in each frame, answered by the sheet once a version. */
  private isCellOverridden(id: string, scenario: string, cell: number, index: CellIndex): boolean {
    const version = this.sheet.version.peek();
    if (this.overrides.version !== version) this.overrides = { version, known: new Map() };
    const key = `${scenario}\n${id}\n${cell}`;
    let isOverridden = this.overrides.known.get(key);
    if (isOverridden === undefined) {
      isOverridden = this.sheet.isOverridden(id, scenario, index);
      this.overrides.known.set(key, isOverridden);
    }
    return isOverridden;
  }

  private summaryOf(column: Column, attribute: CheckedAttribute): ColumnSummary {
    let summary = this.summaries.get(column);
    if (summary === undefined) {
      const sampled: Scalar[] = [];
      const count = attribute.axes.reduce((product, axis) => product * axis.labels.length, 1);
      const stride = Math.max(1, count / sampledCellsMax);
      for (let at = 0; at < count; at += stride) sampled.push(column.get(Math.floor(at)));
      const pattern = attribute.format ?? (isDate(attribute) ? "yyyy-mm-dd" : undefined);
      const style = { decimals: rowDecimals(sampled), ...(pattern === undefined ? {} : { pattern }) };
      summary = { style, widest: widestOf(sampled, style, textWidthMax), trends: new Map() };
      this.summaries.set(column, summary);
    }
    return summary;
  }
}

/** Differences are smaller than what they are differences of: their decimals are their own. */
function differenceSummary(
  cells: readonly (CellView | undefined)[],
  { pattern }: NumberStyle,
): { readonly style: NumberStyle; readonly widest: number } {
  const values = cells.map((cell) => cell?.value ?? null);
  const style = { decimals: rowDecimals(values), ...(pattern === undefined ? {} : { pattern }) };
  return { style, widest: widestOf(values, style, textWidthMax) + 1 };
}

function trendOf(
  summary: ColumnSummary,
  column: Column,
  layout: CellLayout,
  member: number,
  { trendWidth, sparks }: RowRequest,
): string {
  if (trendWidth <= 1) return "";
  const key = `${member} ${trendWidth}`;
  let trend = summary.trends.get(key);
  if (trend === undefined) {
    const numbers = new Float64Array(layout.columns);
    for (let i = 0; i < layout.columns; i++) {
      const cell = layout.cellAt(member, i);
      numbers[i] =
        column.marks === null || column.marks[cell] === 0 ? (column.numbers[cell] as number) : Number.NaN;
    }
    trend = sparkline(numbers, trendWidth - 1, sparks);
    summary.trends.set(key, trend);
  }
  return trend;
}

function emptyView(kind: RowView["kind"], label: string): RowView {
  return {
    kind,
    label,
    note: "",
    depth: 1,
    fold: "none",
    mark: "none",
    cells: [],
    decimals: 0,
    widest: 0,
    trend: "",
    isDifference: false,
  };
}

function headingView(
  attribute: CheckedAttribute,
  layout: CellLayout,
  isFolded: boolean,
  isLooped: boolean,
): RowView {
  const label = attribute.label === undefined ? "" : `  "${attribute.label}"`;
  return {
    ...emptyView("attribute", attribute.name),
    fold: isFolded ? "folded" : "open",
    mark: isLooped ? "loop" : attribute.kind === "input" ? "input" : "formula",
    note: (isFolded ? `${layout.members} ${layout.members === 1 ? "member" : "members"}` : "") + label,
  };
}

function checkView(outcome: CheckOutcome | undefined, check: CheckedCheck | undefined): RowView {
  if (outcome === undefined) return emptyView("check", check === undefined ? "" : nameOfCheck(check));
  const said =
    outcome.state === "pass"
      ? "holds"
      : `${outcome.state === "fail" ? "fails" : "error"} in ${outcome.cells
          .slice(0, 3)
          .map((cell) => (cell.at.length === 0 ? "the model" : cell.at.join(" · ")))
          .join(", ")}${outcome.cells.length > 3 ? ` and ${outcome.cells.length - 3} more` : ""}`;
  const name = nameOfCheck(outcome);
  return {
    ...emptyView("check", name),
    mark: outcome.state === "pass" ? "none" : "error",
    note: name === outcome.text ? said : `${said}   ${outcome.text}`,
  };
}

/** A check without a name is called by its formula: its number says nothing to a reader. */
function nameOfCheck({ name, text }: { readonly name: string; readonly text: string }): string {
  return /^check \d+$/.test(name) ? text : name;
}

function markOf(
  attribute: CheckedAttribute,
  cells: readonly (CellView | undefined)[],
  facts: FrameFacts,
): RowMark {
  if (cells.some((cell) => cell?.state === "pending")) return "computing";
  if (cells.some((cell) => cell !== undefined && isErrorValue(cell.value))) return "error";
  if (facts.looped.has(attribute.id)) return "loop";
  return attribute.kind === "input" ? "input" : "formula";
}

function isBusy(value: Scalar): boolean {
  return isErrorValue(value) && value.code === "#BUSY!";
}

/** The difference of two numbers; 0 for other values that are the same, else the value itself. */
/** What differs by less is the same but for rounding, as solved loops are. */
const roundingShare = 1e-12;

function differenceOf(value: Scalar, reference: Scalar): Scalar {
  if (typeof value === "number" && typeof reference === "number") {
    const difference = value - reference;
    return Math.abs(difference) <= roundingShare * Math.abs(reference) ? 0 : difference;
  }
  return sameScalar(value, reference) ? 0 : value;
}
