/**
 * The live sheet: one object that joins the documents, what the checker made of them, the plan and the engine.
 *
 * Life of an edit:
 *   1. a draft takes it (edits.ts) and checks what it must; a refusal ends here, with nothing changed;
 *   2. commit: in one transaction of the engine the changed inputs are written, or plan and overlays follow the content;
 *   3. dependents are recalculated once, the documents become one step of the history, and `version` goes up.
 *
 * Inside `transaction` edits share one draft, so reads still give the values before, and a throw leaves nothing.
 *
 * Invariant: `#content` is what the engine holds. Cost of typing a value: the cells of that input, its item's text and
 * the recalculation; everything else costs a check of what changed.
 */
import {
  batch,
  createEngine,
  type Engine,
  type EventListener,
  type Profiler,
  type ReadonlySignal,
  type State,
  type Status,
  signal,
} from "@reckon/engine";
import type { Diagnostic, ModuleLookup } from "@reckon/formula";
import { type CheckedAttribute, type CheckedModel, parseScenario } from "@reckon/model";
import type { Plan } from "@reckon/plan";
import { type Column, errorValue, type Scalar } from "@reckon/value";
import { cellOf } from "./address.ts";
import type {
  CellIndex,
  Change,
  CheckOutcome,
  Explanation,
  LayingOptions,
  ScenarioName,
  Sheet,
  SheetCounts,
  SheetHost,
  SheetResult,
  SourceText,
} from "./api.ts";
import { ChangeFeed } from "./change-feed.ts";
import { checkOutcomes } from "./check-outcomes.ts";
import { type Content, type Documents, moduleFunction } from "./content.ts";
import { differenceOf } from "./difference.ts";
import { DocumentHistory, labelOf } from "./document-history.ts";
import { Draft } from "./draft.ts";
import {
  dropOverride,
  type EditContext,
  editStructure,
  pinCells,
  scenarioToClose,
  setInput,
  setOverride,
  takeOver,
} from "./edits.ts";
import { evaluateIn } from "./evaluation.ts";
import { explanationOf } from "./explanation.ts";
import { type InputEdit, writeEdit } from "./input-edit.ts";
import { engineOptions, engineToLayInto, layContent, missingColumn } from "./laying.ts";
import { Overlays, pinnedBy, setsName } from "./overlays.ts";
import { Phases } from "./phases.ts";
import { accepted, refused, unknownAttribute, unknownScenario } from "./problem.ts";
import { Reloads } from "./reloads.ts";
import { SavedTexts, textOf } from "./saved-texts.ts";
import { ScenarioStates } from "./scenario-states.ts";
import { SheetError } from "./sheet-error.ts";
import { SheetLoops } from "./sheet-loops.ts";
import { SheetSignals } from "./sheet-signals.ts";
import { Trace } from "./trace.ts";

export class LiveSheet implements Sheet {
  readonly engine: Engine;
  readonly version: ReadonlySignal<number>;
  readonly #version = signal(0);
  readonly #host: SheetHost;
  readonly #plan: Plan;
  readonly #overlays: Overlays;
  readonly #history: DocumentHistory;
  readonly #feed: ChangeFeed;
  readonly #trace: Trace;
  readonly #signals: SheetSignals;
  readonly #saved: SavedTexts;
  readonly #reloads: Reloads = new Reloads();
  readonly #context: EditContext;
  readonly #phases: Phases;
  readonly #states: ScenarioStates;
  readonly #loops: SheetLoops;
  readonly #firstRevision: number;
  #content: Content;
  #draft: Draft | undefined;
  #modelChecks = 1;
  /** Why the last table or module was not taken over, or the last undo not possible. */
  #problems: readonly Diagnostic[] = [];

  constructor(content: Content, host: SheetHost, laying: LayingOptions & { readonly phases: Phases }) {
    const { phases } = laying;
    this.#host = host;
    this.#content = content;
    this.#phases = phases;
    this.version = this.#version;
    this.engine = createEngine(engineOptions(host, laying));
    phases.follow(this.engine, (id) => this.#states.byId(id));
    const modules = this.#moduleFunction;
    const into = engineToLayInto(this.engine, laying);
    this.#plan = phases.in("lay", () => layContent(content, into, host, { ...laying, modules }));
    this.#context = { host, phases, countCheck: () => this.#modelChecks++, graph: this.#plan };
    this.#overlays = new Overlays(this.engine, this.#plan, laying);
    this.#states = new ScenarioStates(this.engine, this.#overlays, () => this.#content);
    this.#loops = new SheetLoops(this.#plan, this.#overlays, () => this.#content.documents.model);
    const follow = () => this.#overlays.follow(content.model, content.ordered);
    phases.in("lay", () => this.engine.transaction(follow));
    this.#history = new DocumentHistory(content.documents);
    this.#feed = new ChangeFeed(this.engine, this.#plan, this.#states.named);
    this.#trace = new Trace(this.engine, this.#states.byId);
    this.#signals = new SheetSignals(this.#plan, (name) => this.#overlays.stateOf(name));
    this.#firstRevision = this.engine.revision;
    this.#saved = new SavedTexts(content.documents);
  }

  get model(): CheckedModel {
    return this.#content.model;
  }

  get plan(): Plan {
    return this.#plan;
  }

  get scenarios(): readonly ScenarioName[] {
    return this.#states.names;
  }

  get diagnostics(): readonly Diagnostic[] {
    return [...this.#reloads.problems, ...this.#problems, ...this.#content.diagnostics];
  }

  get history(): { readonly done: readonly string[]; readonly undone: readonly string[] } {
    return { done: this.#history.done, undone: this.#history.undone };
  }

  get counts(): SheetCounts {
    return { modelChecks: this.#modelChecks, compiles: this.#plan.compileCount };
  }

  /* ---------------------------------------------------------------- reading */

  readonly attribute = (id: string): CheckedAttribute | undefined => this.#content.model.attributes.get(id);

  readonly column = (id: string, scenario: ScenarioName = "base"): Column => {
    const node = this.#plan.demand(id);
    const state = this.#overlays.stateOf(scenario);
    if (node === undefined || state === undefined) return this.#missingColumn(id, scenario);
    return state.read(node);
  };

  readonly state = (scenario: ScenarioName): State | undefined => this.#overlays.ownStateOf(scenario);

  readonly sharedWith = (scenario: ScenarioName): ScenarioName | undefined =>
    this.#overlays.sharedWith(scenario);

  readonly get = (id: string, index?: CellIndex, scenario: ScenarioName = "base"): Scalar => {
    const attribute = this.attribute(id);
    if (attribute === undefined) return this.#missingColumn(id, scenario).get(0);
    const cell = cellOf(id, attribute.axes, index);
    if (!cell.ok) return errorValue("#REF!", cell.problem.message);
    const node = this.#plan.demand(id);
    const state = this.#overlays.stateOf(scenario);
    if (node === undefined || state === undefined) return this.#missingColumn(id, scenario).get(0);
    return state.readCell(node, cell.value);
  };

  #missingColumn(id: string, scenario: ScenarioName): Column {
    return missingColumn(id, this.attribute(id) !== undefined, scenario, this.scenarios);
  }

  readonly columnSignal = (id: string, scenario: ScenarioName = "base"): ReadonlySignal<Column> => {
    // Laid here if it was left out: a signal that is read may be no moment for edits of the graph.
    this.#plan.demand(id);
    return this.#signals.column(id, scenario, () => this.column(id, scenario));
  };

  readonly signal = (
    id: string,
    index?: CellIndex,
    scenario: ScenarioName = "base",
  ): ReadonlySignal<Scalar> =>
    this.#signals.cell(this.columnSignal(id, scenario), (column) => {
      const cell = cellOf(id, this.attribute(id)?.axes ?? [], index);
      return cell.ok ? column.get(cell.value) : errorValue("#REF!", cell.problem.message);
    });

  readonly statusOf = (id: string, scenario: ScenarioName = "base"): Status => {
    const node = this.#plan.nodeOf(id);
    return node === undefined ? "stale" : (this.#overlays.stateOf(scenario)?.statusOf(node) ?? "stale");
  };

  readonly isOverridden: Sheet["isOverridden"] = (id, scenario, index) =>
    this.#states.isOverridden(id, this.attribute(id)?.axes ?? [], scenario, index);

  readonly checks = (scenario: ScenarioName = "base"): readonly CheckOutcome[] => {
    const state = this.#overlays.stateOf(scenario);
    return state === undefined ? [] : checkOutcomes(this.#plan, state);
  };

  readonly loops: Sheet["loops"] = (scenario) => this.#loops.outcomes(scenario);
  readonly loopSolve: Sheet["loopSolve"] = (outcome, scenario) => this.#loops.solve(outcome, scenario);
  readonly unconverged: Sheet["unconverged"] = (scenario) => this.#loops.unconverged(scenario);

  readonly diff = (left: ScenarioName, right: ScenarioName): readonly Change[] =>
    differenceOf(this.#plan, this.#states.orThrow(left), this.#states.orThrow(right));

  readonly why = (id: string, index?: CellIndex, scenario: ScenarioName = "base"): Explanation => {
    const attribute = this.attribute(id);
    if (attribute === undefined)
      throw new SheetError("sheet/unknown-attribute", unknownAttribute(id, undefined).message);
    const cell = cellOf(id, attribute.axes, index);
    if (!cell.ok) throw new SheetError(cell.problem.code, cell.problem.message);
    const state = this.#states.orThrow(scenario);
    this.#plan.demand(id);
    this.#trace.start();
    const content = this.#states.overridesOf(scenario);
    const parent = this.#states.parentOf(scenario);
    return explanationOf({
      plan: this.#plan,
      loops: this.#loops.naming,
      state,
      scenario: content === this.#content.sets ? setsName : scenario,
      overrides: content?.checked.overrides.filter((override) => override.attribute === id) ?? [],
      ...(parent === undefined ? {} : { parent }),
      attribute,
      cell: cell.value,
      firstRevision: this.#firstRevision,
      trace: this.#trace,
    });
  };

  readonly #nodesOf = (ids?: readonly string[]) => ids?.flatMap((id) => this.#plan.demand(id) ?? []);
  readonly refresh: Sheet["refresh"] = (scenario = "base", ids) =>
    this.#states.orThrow(scenario).refresh(this.#nodesOf(ids));
  readonly refreshMs: Sheet["refreshMs"] = (scenario = "base", ids) =>
    this.#states.orThrow(scenario).refreshMs(this.#nodesOf(ids));
  readonly cancel = (): number => this.engine.cancel();
  readonly stop = (): void => {
    this.engine.cancel();
    this.#overlays.isStill = true;
  };

  readonly evaluate: Sheet["evaluate"] = (text, index, scenario = "base", options = {}) => {
    const state = this.#overlays.stateOf(scenario);
    if (state === undefined) return refused(unknownScenario(scenario, this.scenarios));
    return evaluateIn({
      model: this.model,
      plan: this.#plan,
      state,
      text,
      ...(index === undefined ? {} : { index }),
      ...options,
      modules: this.#moduleFunction,
    });
  };

  readonly #moduleFunction: ModuleLookup = (module, name) =>
    moduleFunction(this.#content.model, this.#host, module, name);

  /* ---------------------------------------------------------------- editing */

  readonly set = (
    id: string,
    value: Scalar,
    index?: CellIndex,
    scenario: ScenarioName = "base",
  ): SheetResult<void> =>
    this.#edit(labelOf("set", id, scenario), (draft) =>
      scenario === "base"
        ? setInput(draft, { id, value, index }, this.#context)
        : setOverride(draft, { id, value, index }, scenario, this.#context),
    );

  readonly pin = (
    id: string,
    value: Scalar,
    index: CellIndex | undefined,
    scenario: ScenarioName,
  ): SheetResult<void> =>
    this.#edit(`pin ${id}`, (draft) => pinCells(draft, { id, value, index }, scenario, this.#context));

  readonly dropOverride = (id: string, scenario: ScenarioName): SheetResult<void> =>
    this.#edit(labelOf("unset", id, scenario), (draft) => dropOverride(draft, id, scenario, this.#context));

  readonly setFormula = (id: string, text: string): SheetResult<void> =>
    this.#edit(`edit ${id}`, (draft) =>
      editStructure(draft, { kind: "set-formula", attribute: id, text }, this.#context),
    );

  readonly addAttribute = (block: string, text: string, after?: string): SheetResult<void> =>
    this.#edit(`add to ${block}`, (draft) =>
      editStructure(
        draft,
        { kind: "add-attribute", block, text, ...(after === undefined ? {} : { after }) },
        this.#context,
      ),
    );

  readonly removeAttribute = (id: string): SheetResult<void> =>
    this.#edit(`remove ${id}`, (draft) =>
      editStructure(draft, { kind: "remove-attribute", attribute: id }, this.#context),
    );

  readonly transaction = <R>(label: string, edits: () => R): R => {
    if (this.#draft !== undefined) return edits();
    return this.#phases.in("edit", () => this.#transact(label, edits));
  };

  #transact<R>(label: string, edits: () => R): R {
    const draft = new Draft(this.#content);
    this.#draft = draft;
    let result: R;
    try {
      result = edits();
    } catch (error) {
      draft.revert();
      throw error;
    } finally {
      this.#draft = undefined;
    }
    this.#commit(draft, label);
    return result;
  }

  #edit(label: string, edit: (draft: Draft) => SheetResult<void>): SheetResult<void> {
    return this.transaction(label, () => edit(this.#draft as Draft));
  }

  /** Takes the draft over: the engine in one transaction, then the history. */
  #commit(draft: Draft, label: string): void {
    if (!draft.hasChanged) return;
    const inputs = draft.isModelChecked ? undefined : draft.inputs;
    this.#show(draft, inputs, () => this.#history.commit(label, draft.content.documents, inputs));
  }

  /**
   * Makes the engine hold the draft's content; `inputs` are all that differs in the model, where that is known.
   * Listeners and effects run when everything is in step, so one that throws spoils nothing.
   */
  #show(draft: Draft, inputs: ReadonlyMap<string, InputEdit> | undefined, record: () => void): void {
    const before = this.#content;
    const { content } = draft;
    batch(() =>
      this.#feed.during(() => {
        this.#content = content;
        try {
          this.engine.transaction(() => this.#apply(before, content, inputs));
        } catch (error) {
          this.#content = before;
          draft.revert();
          throw error;
        }
        record();
        this.#problems = [];
        this.#signals.restructure();
        this.#version.value++;
      }),
    );
  }

  #apply(before: Content, content: Content, inputs: ReadonlyMap<string, InputEdit> | undefined): void {
    this.#overlays.part(content.ordered);
    if (inputs === undefined) {
      this.#overlays.lift(before.model, content.model);
      this.#phases.in("lay", () => this.#plan.update(content.model));
    } else
      for (const edit of inputs.values()) {
        const node = this.#plan.nodeOf(edit.after.id);
        if (node !== undefined) writeEdit(this.engine, node, edit);
        this.#plan.noteInput(edit.after);
      }
    if (inputs === undefined || before.scenarios !== content.scenarios || before.sets !== content.sets) {
      this.#plan.setPinned(pinnedBy(content.ordered));
      this.#phases.in("lay", () => this.#overlays.follow(content.model, content.ordered));
    }
  }

  readonly undo = (): string | undefined => this.#step("undo");
  readonly redo = (): string | undefined => this.#step("redo");

  #step(direction: "undo" | "redo"): string | undefined {
    if (this.#draft !== undefined)
      throw new SheetError(
        "sheet/undo-in-transaction",
        `${direction} inside a transaction is not possible: end it first`,
      );
    const step = direction === "undo" ? this.#history.undo() : this.#history.redo();
    if (step === undefined) return undefined;
    const draft = new Draft(this.#content);
    for (const edit of step.inputs?.values() ?? []) draft.replay(edit, direction, step.documents.model);
    const result = takeOver(draft, step.documents, this.#context);
    if (!result.ok) {
      draft.revert();
      if (direction === "undo") this.#history.redo();
      else this.#history.undo();
      this.#problems = result.diagnostics;
      return undefined;
    }
    this.#show(draft, draft.isModelChecked ? undefined : draft.inputs, () => {});
    return step.label;
  }

  /* ---------------------------------------------------------------- files */

  readonly reload = (source: string, text: string): SheetResult<void> => {
    const result = this.transaction(`reload ${source}`, () =>
      this.#reloads.take(this.#draft as Draft, source, text, this.#context),
    );
    if (!result.ok) return result;
    for (const taken of result.value) this.#saved.mark(this.#content.documents, taken);
    return accepted(undefined, result.diagnostics);
  };

  readonly reloadHostFile = (path: string): SheetResult<void> => {
    const draft = new Draft(this.#content);
    const result = takeOver(draft, this.#content.documents, this.#context, { isForced: true });
    if (!result.ok) {
      this.#problems = result.diagnostics;
      return result;
    }
    this.#show(draft, undefined, () => this.#history.forgetInputs());
    for (const { name, path: used } of this.model.uses)
      if (used === path) this.#feed.during(() => this.#plan.recompileModule(name));
    return result;
  };

  readonly addScenario = (file: SourceText): SheetResult<ScenarioName> => {
    const document = parseScenario(file.source, file.text);
    const result = this.#openDocuments((documents) => ({
      ...documents,
      scenarios: [...documents.scenarios, document],
    }));
    if (!result.ok) return result;
    this.#saved.mark(this.#content.documents, file.source);
    const added = this.#content.scenarios.find((scenario) => scenario.document === document);
    return accepted(added?.checked.name ?? file.source, result.diagnostics);
  };

  readonly removeScenario = (name: ScenarioName): SheetResult<void> => {
    const found = scenarioToClose(this.#content, name);
    if (!found.ok) return found;
    const result = this.#openDocuments((documents) => ({
      ...documents,
      scenarios: documents.scenarios.filter((document) => document !== found.value.document),
    }));
    if (result.ok) this.#saved.forget(found.value.document.source);
    return result;
  };

  /** Opens or closes scenarios: no step of the history, since no document changes. */
  #openDocuments(change: (documents: Documents) => Documents): SheetResult<void> {
    const draft = new Draft(this.#content);
    const result = takeOver(draft, change(this.#content.documents), this.#context);
    if (!result.ok) return result;
    this.#show(draft, new Map(), () => this.#history.open(draft.content.documents));
    return result;
  }

  readonly text = (scenario: ScenarioName = "base"): string =>
    textOf(this.#content.documents, this.sourceOf(scenario)) ?? "";

  readonly sourceOf = (scenario: ScenarioName = "base"): string =>
    scenario === "base"
      ? this.#content.documents.model.source
      : (this.#states.contentOf(scenario)?.document.source ?? "");

  readonly unsaved = (): readonly string[] => this.#saved.unsaved(this.#content.documents);

  readonly markSaved = (source: string): void => this.#saved.mark(this.#content.documents, source);

  /* ---------------------------------------------------------------- listening */

  readonly onChange: Sheet["onChange"] = (listener) => this.#feed.listen(listener);
  readonly onEvent = (listener: EventListener): (() => void) => this.engine.subscribe(listener);
  readonly settled = (): Promise<void> => this.engine.settled();

  readonly profileWith = (profiler: Profiler): void => {
    this.#phases.listen(profiler);
    this.#phases.follow(this.engine, this.#states.byId);
  };

  readonly reopen = (options: LayingOptions): Sheet =>
    new LiveSheet(this.#content, this.#host, { ...options, phases: new Phases() });

  readonly dispose = (): void => {
    this.#feed.close();
    this.#trace.close();
    this.#signals.close();
    this.#overlays.close();
    this.engine.dispose();
  };
}
