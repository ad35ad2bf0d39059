/**
 * A sheet: a live model. It joins a model document, its scenarios and an engine; every edit goes through it, can be
 * undone, and is saved as text that keeps the file's comments and layout.
 *
 * The sheet reads no files: the host gives texts, tables and modules through `SheetHost`.
 */
import type {
  Engine,
  EngineOptions,
  EventListener,
  Executor,
  LoopMethod,
  LoopRecord,
  LoopStart,
  MemoStore,
  Profiler,
  ReadonlySignal,
  State,
  Status,
} from "@reckon/engine";
import type { Diagnostic } from "@reckon/formula";
import type { CheckedAttribute, CheckedModel } from "@reckon/model";
import type { CallRunner, GivenColumns, OptimiseOptions, Plan } from "@reckon/plan";
import type { Column, ErrorOrigin, Scalar, Table } from "@reckon/value";

/** What the sheet needs from outside. Paths are as written in the model, relative to the model's folder. */
export interface SheetHost {
  readonly table: (path: string) => Table | { readonly problem: string };
  /** Functions of a `use`d module by exported name; `problem` when it may not run or does not load. */
  readonly module: (path: string) => Readonly<Record<string, ModuleFunction>> | { readonly problem: string };
  readonly now?: () => number;
  readonly executor?: Executor;
  /** Keeps results of heavy formulas. */
  readonly memoStore?: MemoStore;
  /** What cells of formulas cost, from an earlier run: `engine.costsByVersion()`. */
  readonly knownCosts?: EngineOptions["knownCosts"];
  /** This thread takes a share of heavy work; absent: it stays free. */
  readonly sharing?: EngineOptions["sharing"];
  /** Has the say over the calls of module functions. */
  readonly calls?: CallRunner;
  /** Where threads import the program that computes formulas: `@reckon/plan/formula-program`. */
  readonly formulaProgram?: string;
  /** Calls `then` after so many milliseconds, for formulas that say `timeout`; what it returns takes that back. */
  readonly after?: (ms: number, then: () => void) => () => void;
}
/** Takes scalars and gives a scalar, or a promise of one. */
export interface ModuleFunction {
  (...args: Scalar[]): Scalar | Promise<Scalar>;
  /** What it computes: functions of equal versions give equal bits for equal arguments. Absent: nobody can say. */
  readonly version?: string;
}

export interface SourceText {
  readonly source: string;
  readonly text: string;
}

/** One index along each axis of an attribute by label, in any order: `{ segment: "Ent", month: "2026-03" }`. A missing axis means all of it. */
export type CellIndex = Readonly<Record<string, string>>;

/** How the model is laid into the engine; no choice changes a value. */
export interface LayingOptions {
  /** Which rewrites of the plan are made: all where they pay, when absent; none for `false`. */
  readonly optimise?: boolean | OptimiseOptions;
  /** Lays only these attributes with what they read, the checks and the loops; others when they are read. */
  readonly only?: readonly string[] | ((model: CheckedModel) => readonly string[] | undefined);
  /**
   * An attribute that is estimated to take longer is not computed again after an edit: it is stale until it is read. Needs
   * the host's `now`.
   */
  readonly lazyAboveMs?: number;
  /** Reading computes nothing: what is stale shows its last value until `refresh`, as a screen wants it that is drawn often. */
  readonly isStill?: boolean;
  /**
   * Values given with `sets` are written into the model, and nothing is computed without them: for sheets that are only
   * read. An edit, or a reload of the model, takes them back where it reaches. `why` knows of nothing below them.
   */
  readonly areSetsInPlace?: boolean;
  /** Values that are known already, by attribute: these are not computed, nor is what they alone read. */
  readonly given?: GivenColumns;
  /** How loops are solved; where they start may choose between several solutions. */
  readonly loops?: {
    /** Where a loop starts that had a solution before, unless its line says; absent: cold. */
    readonly start?: LoopStart;
    /** The first guess of every loop, in the place of what its line says. */
    readonly from?: number;
  };
}

export type SheetResult<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export type CheckState = "pass" | "fail" | "error";

export interface CheckOutcome {
  readonly name: string;
  readonly text: string;
  readonly state: CheckState;
  /** Cells that fail or err: labels and the state. Empty when it passes. */
  readonly cells: readonly {
    readonly at: readonly string[];
    readonly state: CheckState;
    readonly origin?: ErrorOrigin;
    /** Why it errs, in words, where the error has some: a call that failed. */
    readonly detail?: string;
  }[];
  /** It is the outcome of before: something that it reads is not computed. */
  readonly isStale?: true;
}

/** How a loop is declared, by one line or by several that meet in it. */
export interface LoopSettings {
  /** The attributes it is cut at, each with its first guess as it is written; absent: 0. */
  readonly cuts: readonly { readonly attribute: string; readonly start?: string }[];
  /** A member has settled that moves by no more than absolute + relative × its size. */
  readonly toleranceAbsolute: number;
  readonly toleranceRelative: number;
  /** The limit of steps. */
  readonly iterationsMax: number;
  readonly method: LoopMethod;
  readonly damping?: number;
}

/** How one loop ended in one period, with names in place of node ids. */
export interface LoopOutcome extends LoopRecord {
  /** The members of the loop as `block.attribute`. */
  readonly attributes: readonly string[];
  /** The labels of the member, where it was solved by itself, then of the period; empty where there is neither. */
  readonly at: readonly string[];
  /** Where not all cells of the members, at that place, are in the loop: those that are. */
  readonly places?: readonly { readonly attribute: string; readonly at: readonly string[] }[];
  readonly settings: LoopSettings;
}

/** One solve in full: where it started, what it gave, how exact it had to be. */
export interface LoopSolve extends LoopOutcome {
  readonly cuts: readonly {
    readonly attribute: string;
    readonly at: readonly string[];
    /** The first guess; absent where it started from the solution before. */
    readonly start?: Scalar;
    readonly value: Scalar;
  }[];
  /** How much the largest of them may move. */
  readonly tolerance: number;
  /** Of what moves, where all members that have a unit have the same. */
  readonly unit?: string;
}

/** Flat cells from ≤ cell < to, time innermost. */
export interface CellRange {
  readonly from: number;
  readonly to: number;
}

/** Which scenario's values: its name; `"base"` is the model without overrides. */
export type ScenarioName = string;

export interface EvaluateOptions {
  /** The block whose short names the formula may use; without one it uses names in full. */
  readonly block?: string;
}

export interface Change {
  readonly attribute: string;
  readonly at: readonly string[];
  readonly before: Scalar;
  readonly after: Scalar;
}

/** Why a value is what it is, and why it was recomputed. */
export interface Explanation {
  readonly attribute: string;
  readonly at: readonly string[];
  readonly value: Scalar;
  readonly status: Status;
  readonly kind: "input" | "formula" | "override" | "pin";
  readonly unit?: string;
  readonly label?: string;
  /** As written, without `=`; absent for inputs. */
  readonly formula?: string;
  /** The formula with the values put in for its names: `100 * (1 - 0.025) + 12`. */
  readonly substituted?: string;
  /** What the cell reads, one entry a reference; an array's entry has its cells. */
  readonly precedents: readonly {
    readonly attribute: string;
    readonly written: string;
    readonly at: readonly string[];
    readonly value: Scalar | readonly Scalar[];
    readonly hasChanged: boolean;
  }[];
  readonly dependents: readonly string[];
  /** `edited`, `recomputed because price changed`, `unchanged since revision 3`, `read from base` … */
  readonly reason: string;
  readonly changedAtRevision: number;
  readonly before?: Scalar;
  /** What one computation of the attribute takes, as measured; absent for inputs, overrides, and without a clock. */
  readonly costMs?: number;
  readonly error?: {
    readonly code: string;
    readonly origin?: ErrorOrigin;
    readonly detail?: string;
    /** The cells the error came through, from this one to the one it began in. */
    readonly chain: readonly ErrorOrigin[];
  };
  readonly loop?: LoopSolve;
  /**
   * The cells through which it depends on a solve that did not converge, from this one to one of that loop; absent
   * where the value can be trusted.
   */
  readonly unconverged?: readonly ErrorOrigin[];
  readonly override?: { readonly scenario: string; readonly parentValue: Scalar };
}

export interface Sheet {
  readonly model: CheckedModel;
  readonly engine: Engine;
  /** How the model stands in the engine, and what the optimiser did to it. */
  readonly plan: Plan;
  /**
   * The state of the engine that shows a scenario's values, its own from now on. Cost: where it was shared with an equal
   * scenario, the nodes that it owns.
   */
  readonly state: (scenario: ScenarioName) => State | undefined;
  /**
   * The scenario that says the same as this one and computes for both. They part when one of them is edited, and when
   * the state of the second is asked for.
   */
  readonly sharedWith: (scenario: ScenarioName) => ScenarioName | undefined;
  /** `base` first, then the opened scenarios in order. */
  readonly scenarios: readonly ScenarioName[];
  readonly diagnostics: readonly Diagnostic[];
  /** Bumped by every accepted edit, undo, redo and reload. */
  readonly version: ReadonlySignal<number>;

  readonly attribute: (id: string) => CheckedAttribute | undefined;
  readonly get: (id: string, index?: CellIndex, scenario?: ScenarioName) => Scalar;
  readonly column: (id: string, scenario?: ScenarioName) => Column;
  readonly signal: (id: string, index?: CellIndex, scenario?: ScenarioName) => ReadonlySignal<Scalar>;
  readonly columnSignal: (id: string, scenario?: ScenarioName) => ReadonlySignal<Column>;
  readonly statusOf: (id: string, scenario?: ScenarioName) => Status;
  /** Whether the scenario overrides (or pins) the attribute, or that cell of it. */
  readonly isOverridden: (id: string, scenario: ScenarioName, index?: CellIndex) => boolean;
  readonly checks: (scenario?: ScenarioName) => readonly CheckOutcome[];
  readonly loops: (scenario?: ScenarioName) => readonly LoopOutcome[];
  /** One of them in full. */
  readonly loopSolve: (outcome: LoopOutcome, scenario?: ScenarioName) => LoopSolve;
  /**
   * The cells in, or behind, a solve that did not converge, by attribute: ascending ranges. Worked out when asked for.
   */
  readonly unconverged: (scenario?: ScenarioName) => ReadonlyMap<string, readonly CellRange[]>;

  /** Sets an input's cells. Under a scenario it becomes an override there. `value` text is parsed as a constant (`5%`, `1_000`). */
  readonly set: (id: string, value: Scalar, index?: CellIndex, scenario?: ScenarioName) => SheetResult<void>;
  readonly setFormula: (id: string, text: string) => SheetResult<void>;
  readonly addAttribute: (block: string, text: string, after?: string) => SheetResult<void>;
  readonly removeAttribute: (id: string) => SheetResult<void>;
  readonly dropOverride: (id: string, scenario: ScenarioName) => SheetResult<void>;
  readonly pin: (
    id: string,
    value: Scalar,
    index: CellIndex | undefined,
    scenario: ScenarioName,
  ) => SheetResult<void>;
  /** Several edits as one undo step and one recalculation. */
  readonly transaction: <R>(label: string, edits: () => R) => R;
  /**
   * Evaluates a formula text in the sheet's names at a cell, without adding it. It may read other periods relative to
   * the cell's, as far as they are there.
   */
  readonly evaluate: (
    text: string,
    index?: CellIndex,
    scenario?: ScenarioName,
    options?: EvaluateOptions,
  ) => SheetResult<Scalar>;

  readonly undo: () => string | undefined;
  readonly redo: () => string | undefined;
  readonly history: { readonly done: readonly string[]; readonly undone: readonly string[] };

  /** A file changed on disk: one undo step. On errors the last good model stays and the diagnostics say why. */
  readonly reload: (source: string, text: string) => SheetResult<void>;
  /** A table or module changed on disk: it is read again through the host. */
  readonly reloadHostFile: (path: string) => SheetResult<void>;
  readonly addScenario: (file: SourceText) => SheetResult<ScenarioName>;
  readonly removeScenario: (name: ScenarioName) => SheetResult<void>;
  /** The current text of the model, or of a scenario. */
  readonly text: (scenario?: ScenarioName) => string;
  readonly sourceOf: (scenario?: ScenarioName) => string;
  /** Sources whose text differs from the last `markSaved` or load. */
  readonly unsaved: () => readonly string[];
  readonly markSaved: (source: string) => void;

  readonly diff: (left: ScenarioName, right: ScenarioName) => readonly Change[];
  readonly why: (id: string, index?: CellIndex, scenario?: ScenarioName) => Explanation;
  /** Called after each recalculation with the cells that changed, per scenario. Returns the unsubscriber. */
  readonly onChange: (
    listener: (scenario: ScenarioName, changes: readonly ChangedBoxes[]) => void,
  ) => () => void;
  readonly onEvent: (listener: EventListener) => () => void;
  /** Tells a profiler of all edits and calculations from now on, until it stops. Opening has an option for it. */
  readonly profileWith: (profiler: Profiler) => void;
  readonly settled: () => Promise<void>;
  /** Computes what is stale under a scenario: these attributes with what they need, or all. */
  readonly refresh: (scenario?: ScenarioName, ids?: readonly string[]) => void;
  /** What that would take, in ms, as measured before; what was never measured counts as nothing. */
  readonly refreshMs: (scenario?: ScenarioName, ids?: readonly string[]) => number;
  /** Gives up what is being computed: it is stale. How many attributes, calculations of scenarios counted apart. */
  readonly cancel: () => number;
  /** Cancels, and from then on computes nothing when it is read: for showing what is there. */
  readonly stop: () => void;
  /** What the sheet has done so far, for tests and profiles. */
  readonly counts: SheetCounts;
  /** Another sheet over what this one says now, laid and computed from cold; for comparing ways of laying. */
  readonly reopen: (options: LayingOptions) => Sheet;
  readonly dispose: () => void;
}

export interface SheetCounts {
  /** How often the whole model was checked. */
  readonly modelChecks: number;
  /** How many formulas were compiled. */
  readonly compiles: number;
}

/** Flat cell ranges (time innermost) of one attribute that changed. */
export interface ChangedBoxes {
  readonly attribute: string;
  readonly cells: readonly CellRange[];
}
