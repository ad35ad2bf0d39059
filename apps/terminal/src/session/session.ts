/**
 * The live model as the app uses it: everything the screen shows and every edit goes through here, and nothing else
 * in the app touches the sheet.
 *
 * Reads are pulled once a frame for what is visible. What a frame needs as a whole (checks, loops, counts, the
 * explanation of the current cell) is kept until the sheet reports a change. Every edit answers with a line for the
 * log, or with the problem in a sentence.
 */
import type { Diagnostic } from "@reckon/formula";
import { type Runtime, type WorkNow, WorkProgress } from "@reckon/host";
import { type CheckedAttribute, checkInputValue } from "@reckon/model";
import { type CellIndex, type Explanation, type Sheet, type SheetResult, typedValue } from "@reckon/sheet";
import { isoDateText, markFirstError, type Scalar } from "@reckon/value";
import { isDate, readableScalar, readableValue, scalarText } from "../grid/cell-text.ts";
import { type GridModel, type GridRow, gridModelOf } from "../grid/grid-row.ts";
import type { RowView } from "../grid/row-view.ts";
import { cellTitle } from "./cell-path.ts";
import { FlashStore } from "./flash-store.ts";
import { previewFormula } from "./formula-preview.ts";
import { type FrameFacts, frameFactsOf, type RowRequest, RowSource } from "./row-source.ts";

/** One cell of the sheet, as the cursor stands on it. */
export interface CellReference {
  readonly attribute: CheckedAttribute;
  readonly member: number;
  readonly column: number;
  readonly cell: number;
  readonly labels: readonly string[];
  readonly index: CellIndex;
  /** `price[Ent, 2026-03]` */
  readonly title: string;
}

interface SessionOptions {
  readonly now: () => number;
  /** What heavy formulas run with, where they do not run in place. */
  readonly runtime?: Pick<Runtime, "stats">;
}

export interface StatusCounts {
  readonly pending: number;
  readonly stale: number;
  /** Attributes with an error somewhere, and checks that do not hold. */
  readonly errors: number;
  /** Attributes with a value in, or behind, a loop that has not converged. */
  readonly unconverged: number;
}

export type Outcome =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: string };

export type Preview =
  /** `isStep`: what one step of a loop gives, which is not what the loop settles at. */
  | { readonly ok: true; readonly text: string; readonly isStep?: boolean }
  | { readonly ok: false; readonly problem: string };

export class Session {
  readonly sheet: Sheet;
  readonly flashes: FlashStore = new FlashStore();
  private readonly now: () => number;
  private readonly rows: RowSource;
  private gridModel: GridModel;
  /** Bumped by every change of values, statuses or structure. */
  private revision = 0;
  private recomputed = 0;
  private facts: { readonly key: string; readonly value: FrameFacts } | undefined;
  private counted: { readonly key: string; readonly value: StatusCounts } | undefined;
  private explained: { readonly key: string; readonly value: Explanation } | undefined;
  private readonly stops: (() => void)[] = [];
  private readonly progress: WorkProgress | undefined;
  /** Attributes that are kept live however long they take, with what ends that. */
  private readonly live = new Map<string, () => void>();

  constructor(sheet: Sheet, options: SessionOptions) {
    this.sheet = sheet;
    this.now = options.now;
    if (options.runtime !== undefined) this.progress = new WorkProgress(sheet, options.runtime, options.now);
    this.rows = new RowSource(sheet, this.flashes);
    this.gridModel = gridModelOf(sheet.model);
  }

  /** Calls back after each change; from now on changed cells flash. */
  watch(onChange: () => void): void {
    this.stops.push(
      this.sheet.onChange((scenario, changes) => {
        const at = this.now();
        for (const { attribute, cells } of changes)
          for (const range of cells)
            this.flashes.noteDifferent(scenario, attribute, range, at, () =>
              this.sheet.column(attribute, scenario),
            );
        this.revision++;
        onChange();
      }),
      this.sheet.onEvent((event) => {
        if (event.kind === "recalculation-finished") this.recomputed += event.computed;
        if (event.kind !== "pending" && event.kind !== "recalculation-finished") return;
        this.revision++;
        onChange();
      }),
      this.sheet.version.subscribe(() => {
        this.revision++;
        onChange();
      }),
    );
  }

  dispose(): void {
    for (const stop of [...this.stops.splice(0), ...this.live.values()]) stop();
  }

  get grid(): GridModel {
    return this.gridModel;
  }

  /** Takes over a changed structure; whether there was one. */
  refreshGrid(): boolean {
    if (this.gridModel.model === this.sheet.model) return false;
    this.gridModel = gridModelOf(this.sheet.model);
    return true;
  }

  rowView(row: GridRow, request: RowRequest): RowView {
    return this.rows.rowView(this.gridModel, row, request, this.frameFacts(request.scenario));
  }

  /** The cell under the cursor; undefined on headings. `firstColumn` holds the cell of rows that have only one. */
  cellAt(row: GridRow | undefined, column: number): CellReference | undefined {
    if (row === undefined || row.kind === "block" || row.kind === "check") return undefined;
    if (row.kind === "attribute" && row.isHeading) return undefined;
    return this.reference(row.id, row.kind === "member" ? row.member : 0, column);
  }

  reference(id: string, member: number, column: number): CellReference | undefined {
    const attribute = this.gridModel.model.attributes.get(id);
    if (attribute === undefined) return undefined;
    const layout = this.gridModel.layoutOf(id);
    const at = layout.isAlongColumns ? Math.min(column, layout.columns - 1) : 0;
    const labels = layout.labelsAt(member, at);
    const index = Object.fromEntries(attribute.axes.map((axis, i) => [axis.name, labels[i] as string]));
    const title = cellTitle(attribute.name, labels);
    return { attribute, member, column: at, cell: layout.cellAt(member, at), labels, index, title };
  }

  valueOf(cell: CellReference, scenario: string): Scalar {
    return this.sheet.get(cell.attribute.id, cell.index, scenario);
  }

  /** A value of the attribute of that id for reading in a sentence. */
  readonly readable = (value: Scalar, id: string): string => {
    const attribute = this.gridModel.model.attributes.get(id);
    return attribute === undefined ? readableScalar(value) : readableValue(value, attribute);
  };

  why(cell: CellReference, scenario: string): Explanation {
    const key = JSON.stringify([this.revision, scenario, cell.attribute.id, cell.cell]);
    if (this.explained?.key !== key)
      this.explained = { key, value: this.sheet.why(cell.attribute.id, cell.index, scenario) };
    return this.explained.value;
  }

  counts(scenario: string): StatusCounts {
    const key = `${this.revision} ${scenario}`;
    if (this.counted?.key !== key) this.counted = { key, value: this.count(scenario) };
    return this.counted.value;
  }

  private count(scenario: string): StatusCounts {
    let pending = 0;
    let stale = 0;
    let errors = 0;
    for (const id of this.gridModel.model.attributes.keys()) {
      const status = this.sheet.statusOf(id, scenario);
      // What has no value yet is no error.
      if (status === "pending") pending++;
      else if (status === "stale") stale++;
      else if (this.sheet.column(id, scenario).marks?.some((mark) => mark >= markFirstError) === true)
        errors++;
    }
    const { checks, unconverged } = this.frameFacts(scenario);
    for (const check of checks) if (check.state !== "pass") errors++;
    return { pending, stale, errors, unconverged: unconverged.size };
  }

  private frameFacts(scenario: string): FrameFacts {
    const key = `${this.revision} ${scenario}`;
    if (this.facts?.key !== key) this.facts = { key, value: frameFactsOf(this.sheet, scenario) };
    return this.facts.value;
  }

  /** What an edit of this cell begins with: the input's value as typed, or the formula's text. */
  editText(cell: CellReference, scenario: string): string {
    const { attribute } = cell;
    if (attribute.kind === "formula") return attribute.text;
    const value = this.valueOf(cell, scenario);
    return typeof value === "number" && isDate(attribute) ? isoDateText(value) : scalarText(value);
  }

  /** What a typed value or formula would give, without changing anything. */
  preview(text: string, kind: "value" | "formula", cell: CellReference, scenario: string): Preview {
    if (text.trim() === "") return { ok: false, problem: "nothing written yet" };
    if (kind === "formula") {
      const { looped } = this.frameFacts(scenario);
      const result = previewFormula(this.sheet, { ...cell, looped }, text, scenario);
      switch (result.kind) {
        case "value":
          return {
            ok: true,
            text: readableValue(result.value, cell.attribute),
            // The formula as it stands gives the solution back.
            isStep: result.isStep && text.trim() !== this.editText(cell, scenario),
          };
        case "later":
          return { ok: true, text: "computed when accepted" };
        case "problem":
          return { ok: false, problem: sentence(result.diagnostics) };
      }
    }
    const { attribute } = cell;
    const typed = typedValue(attribute, text);
    if (!typed.ok) return { ok: false, problem: sentence(typed.diagnostics) };
    if (attribute.kind === "input") {
      const place = { source: "typed", span: { start: 0, end: 0 } };
      const refused = checkInputValue(attribute, typed.value, cell.labels, place);
      if (refused.length > 0) return { ok: false, problem: sentence(refused) };
    }
    return { ok: true, text: readableValue(typed.value, attribute) };
  }

  /** Sets cells of an input: one, or all along the axes that `index` leaves out. */
  setInput(id: string, text: string, index: CellIndex, scenario: string): Outcome {
    const title = cellTitle(id, Object.values(index));
    const where = scenario === "base" ? "" : ` in ${scenario}`;
    return this.edit(`set ${title} = ${text.trim()}${where}`, () =>
      this.sheet.set(id, text, index, scenario),
    );
  }

  setFormula(id: string, text: string): Outcome {
    return this.edit(`${id} = ${text.trim()}`, () => this.sheet.setFormula(id, text.trim()));
  }

  addAttribute(block: string, text: string, after: string | undefined): Outcome {
    const line = /^(loop|check|curve|axis|time|block|use)\s+[^\s=:]/.exec(text.trim())?.[1];
    if (line !== undefined) {
      const problem = `a \`${line}\` line is written in the model's file: once that is saved it is taken over here`;
      return { ok: false, problem };
    }
    return this.edit(`added ${block}.${text.trim()}`, () =>
      this.sheet.addAttribute(block, text.trim(), after),
    );
  }

  removeAttribute(id: string): Outcome {
    const cell = this.reference(id, 0, 0);
    const readers = cell === undefined ? [] : this.why(cell, "base").dependents;
    if (readers.length > 0) {
      const named = readers.slice(0, 3).join(", ") + (readers.length > 3 ? " …" : "");
      return { ok: false, problem: `${id} is read by ${named}: change what reads it first` };
    }
    return this.edit(`removed ${id}`, () => this.sheet.removeAttribute(id));
  }

  dropOverride(id: string, scenario: string): Outcome {
    if (scenario === "base") return { ok: false, problem: "base has no overrides" };
    if (!this.sheet.isOverridden(id, scenario))
      return { ok: false, problem: `${scenario} does not override ${id}` };
    return this.edit(`dropped the override of ${id} in ${scenario}`, () =>
      this.sheet.dropOverride(id, scenario),
    );
  }

  pin(cell: CellReference, text: string, scenario: string): Outcome {
    if (scenario === "base") return { ok: false, problem: "a formula is pinned in a scenario, not in base" };
    const { id } = cell.attribute;
    return this.edit(`pinned ${cellTitle(id, cell.labels)} = ${text} in ${scenario}`, () =>
      this.sheet.pin(id, text, cell.index, scenario),
    );
  }

  /** Computes what is stale: manual attributes and those too expensive to keep live. */
  recalculate(scenario: string): void {
    this.sheet.refresh(scenario);
    this.revision++;
  }

  /** What that would take for one attribute or for all that is stale, in ms, as far as it was measured. */
  refreshMs(scenario: string, id?: string): number {
    return this.sheet.refreshMs(scenario, id === undefined ? undefined : [id]);
  }

  /** How far heavy work is; `undefined` when nothing is awaited. */
  work(scenario: string): WorkNow | undefined {
    if (this.counts(scenario).pending > 0) return this.progress?.look([scenario]);
    this.progress?.rest();
    return undefined;
  }

  /** Gives up what is being computed; whether there was anything. */
  cancel(): boolean {
    const count = this.sheet.cancel();
    this.revision++;
    return count > 0;
  }

  /** Keeps the attribute live under a scenario, or no longer; whether it is now. */
  toggleLive(id: string, scenario: string): boolean {
    const key = `${scenario} ${id}`;
    const stop = this.live.get(key);
    this.revision++;
    if (stop !== undefined) {
      stop();
      this.live.delete(key);
      return false;
    }
    this.live.set(
      key,
      this.sheet.columnSignal(id, scenario).subscribe(() => {}),
    );
    return true;
  }

  undo(): Outcome {
    return this.step("undid", "nothing to undo", () => this.sheet.undo());
  }

  redo(): Outcome {
    return this.step("redid", "nothing to redo", () => this.sheet.redo());
  }

  private step(verb: string, nothing: string, run: () => string | undefined): Outcome {
    this.recomputed = 0;
    const label = run();
    if (label === undefined) return { ok: false, problem: nothing };
    return { ok: true, text: `${verb} ${label}${this.reach()}` };
  }

  private edit(text: string, run: () => SheetResult<unknown>): Outcome {
    this.recomputed = 0;
    const { version } = this.sheet;
    const before = version.peek();
    const result = run();
    if (!result.ok) return { ok: false, problem: firstProblem(result) };
    if (version.peek() === before) return { ok: true, text: `${text} → nothing changed` };
    return { ok: true, text: `${text}${this.reach()} (u undoes)` };
  }

  /** How far the edit just made reached. */
  private reach(): string {
    const { pending } = this.counts("base");
    return ` → ${this.recomputed} recalculated${pending === 0 ? "" : `, ${pending} pending`}`;
  }
}

/** The first problem of a refused edit, in a sentence. */
function firstProblem(result: { readonly diagnostics: readonly Diagnostic[] }): string {
  return sentence(result.diagnostics);
}

function sentence(diagnostics: readonly Diagnostic[]): string {
  const first = diagnostics.find((diagnostic) => diagnostic.severity === "error") ?? diagnostics[0];
  if (first === undefined) return "refused";
  return first.hint === undefined ? first.message : `${first.message} (${first.hint})`;
}
