/**
 * The engine's public shapes. `createEngine` (engine.ts) makes an `Engine`.
 *
 * Two faces over one graph: `input`/`computed` for embedders (one JavaScript value a node), and the column face for
 * models (`addInput`, `addFormula`: one typed column a node). Both live in the same tables, levels and scheduler.
 */
import type { ReadonlySignal } from "@preact/signals-core";
import type { Column, ErrorValue, Scalar, Shape } from "@reckon/value";
import type { CellInputTable, CellNode, CellTable } from "./cell-node.ts";
import type { ChangeListener } from "./change-list.ts";
import type { EventListener, ListenOptions } from "./events.ts";
import type {
  Box,
  FormulaNode,
  InputNode,
  LoopDeclaration,
  LoopRecord,
  LoopStart,
  NodeId,
} from "./formula-node.ts";
import type { LoopFuser } from "./loops/loop-fuser.ts";
import type { Clock, Executor, MemoStore } from "./ports.ts";
import type { RangeNode, RangeTable } from "./range-node.ts";

/** Up to date; its own or an earlier result is awaited; or not computed since something before it changed. */
export type Status = "fresh" | "pending" | "stale";

/**
 * A node as an embedder holds it. Of a node that was removed it shows `#REF!`, for ever.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const radius = engine.input(2);
 * const area = engine.computed([radius], (r) => 3 * r * r);
 * const label = computed(() => `area ${area.signal.value}`);
 * label.value; // "area 12"
 * area.status.value; // "fresh"
 * ```
 */
export interface Attribute<T> {
  readonly id: NodeId;
  /** The last good value or an error value; `#BUSY!` before the first result. Right without tracking, too. */
  readonly signal: ReadonlySignal<T | ErrorValue>;
  readonly status: ReadonlySignal<Status>;
  /** Current value; computes what is stale. */
  readonly value: T | ErrorValue;
}

/**
 * A value set from outside. `set` throws `EngineError` from inside a formula, after `dispose`, and once the node was
 * removed. Cost of a set: the nodes behind it whose values change.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const price = engine.input(10, { name: "price" });
 * price.set(12);
 * price.value; // 12
 * ```
 */
export interface Input<T> extends Attribute<T> {
  readonly set: (value: T) => void;
}

/**
 * How a `computed` is named, when it runs, and when its results count as equal.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const a = engine.input(1.04);
 * let runs = 0;
 * const rounded = engine.computed([a], (value) => Math.round(value), { isManual: true });
 * const label = engine.computed([rounded], (value) => `${value} (run ${++runs})`);
 * label.value; // "1 (run 1)"
 * a.set(1.3);
 * rounded.status.value; // "stale"
 * label.value; // "1 (run 1)"
 * ```
 */
export interface ComputedOptions {
  readonly name?: string;
  /** Computed only when read or watched. */
  readonly isManual?: boolean;
  /** When two values count as the same; the default compares bits (`Object.is`) and error values by content. */
  readonly isEqual?: (a: unknown, b: unknown) => boolean;
}

/**
 * What an engine may use of its surroundings. Nothing is needed.
 *
 * @example
 * ```ts
 * let ms = 0;
 * const engine = createEngine({ clock: { now: () => ms } });
 * const slow = engine.computed([], () => {
 *   ms += 5;
 *   return 1;
 * });
 * engine.costOf(slow.id); // 5
 * ```
 */
export interface EngineOptions {
  readonly executor?: Executor;
  readonly memoStore?: MemoStore;
  /** Measures what nodes cost (`costOf`); it changes no value. Without one nothing is measured. */
  readonly clock?: Clock;
  /**
   * A formula whose computation is estimated to take longer is not computed again after an edit unless it is watched: it
   * is stale until it is read or refreshed, as a manual one. Needs `clock`. Absent: everything is computed.
   */
  readonly lazyAboveMs?: number;
  /** What a cell of kernels costs in ms, by version: from `costsByVersion` of an earlier run. It changes no value. */
  readonly knownCosts?: ReadonlyMap<string, number>;
  /** This thread takes a share of what is worth sending; absent: it stays free, as live sessions want it. */
  readonly sharing?: SharingOptions;
  readonly loops?: {
    /** How loops start that had a solution before, unless their declaration says; absent: cold. */
    readonly start?: LoopStart;
    /**
     * Joins the kernels of recurrences and loops into one function; absent: kernels are called one by one, and loops of
     * cells on the table of numbers. `false`: those, too, are solved as others are.
     */
    readonly fuse?: LoopFuser | false;
  };
  /** Lets an edit return before everything is computed; needs `clock`. */
  readonly yielding?: YieldingOptions;
  /** Runs `checkInvariants` after every recalculation; slow, for tests. */
  readonly isChecked?: boolean;
}

/**
 * A yielding engine: an edit computes for about `budgetMs`, first what watched signals need, and returns. The rest
 * follows in slices of that length, each when `defer` calls back; `settled` resolves when all is done. Values are those
 * of an engine that does not yield; reading a node computes it at once.
 *
 * @example
 * ```ts
 * let ms = 0;
 * const later: (() => void)[] = [];
 * const engine = createEngine({
 *   clock: { now: () => ms++ },
 *   yielding: { budgetMs: 2, defer: (resume) => void later.push(resume) },
 * });
 * const a = engine.input(1);
 * let last = engine.computed([a], (x) => x + 1);
 * engine.transaction(() => {
 *   for (let i = 1; i < 1000; i++) last = engine.computed([last], (x) => x + 1);
 * });
 * a.set(2);
 * later.length; // 1
 * last.value; // 1002
 * ```
 */
export interface YieldingOptions {
  /** How long an edit, and each slice after it, may take in ms of the engine's clock; one node more in the end. */
  readonly budgetMs: number;
  /** Calls `resume` later: `setTimeout`, `requestIdleCallback`, `setImmediate` … It is called once a slice. */
  readonly defer: (resume: () => void) => void;
}

/**
 * How this thread takes part in work that is sent to others: it computes its share for about `sliceMs`, lets the host
 * take in answers, and goes on when `defer` calls back.
 */
export interface SharingOptions {
  /** Calls `resume` once what has arrived meanwhile is taken in: `setImmediate`. */
  readonly defer: (resume: () => void) => void;
  /** How many threads the machine runs at the same time, this one included; absent: one more than the executor's. */
  readonly cores?: number;
  /** 1 when absent; one task more in the end. */
  readonly sliceMs?: number;
}

/** What an engine has done so far. Milliseconds are those that were measured: of light work a sample. */
export interface EngineFigures {
  /** Nodes computed, those included whose result was found. */
  readonly computed: number;
  /** Nodes whose result was found in the memo store. */
  readonly reused: number;
  /** Tasks that the executor did not answer at once. */
  readonly dispatched: number;
  readonly msHere: number;
  /** As the executor says. */
  readonly msElsewhere: number;
}

/** One revision of values over the shared structure: the base, or a scenario's overlay. */
export interface State {
  readonly id: number;
  readonly name: string;
  /** The number of the last accepted edit of the engine that this state has seen. */
  readonly revision: number;
  /** The column of a node, computing what is stale; shared and immutable: a later change makes another column. */
  readonly read: (node: NodeId) => Column;
  /** The last published column without computing anything. */
  readonly peek: (node: NodeId) => Column;
  /**
   * The column of a node, computing what is stale, without handing it out: valid until the next edit, and not to be
   * kept or written. Cost: none but the computing; `read` makes the next edit of a large column copy it.
   */
  readonly view: (node: NodeId) => Column;
  /** One cell (`member × periods + period`), computing what is stale; `null` outside of the column. */
  readonly readCell: (node: NodeId, cell: number) => Scalar;
  /** Writes the cells of `box` to the front of `out`, rows in order; NaN where a cell is no number. */
  readonly readInto: (node: NodeId, box: Box, out: Float64Array) => void;
  readonly statusOf: (node: NodeId) => Status;
  readonly signalOf: (node: NodeId) => ReadonlySignal<Column>;
  readonly statusSignalOf: (node: NodeId) => ReadonlySignal<Status>;
  /** Writes the cells of `box` from `cells` (same layout as the box, time innermost). In an overlay: an override. */
  readonly setCells: (node: NodeId, box: Box, cells: Column) => void;
  readonly changedAt: (node: NodeId) => number;
  /**
   * What one computation of the node takes, in ms: a moving estimate that all states share. `undefined` until it was
   * measured, and always for inputs and without a clock. For recurrences and loops: the node's own kernel.
   */
  readonly costOf: (node: NodeId) => number | undefined;
  /**
   * What bringing these nodes (all, when absent) up to date would take, in ms: the sum of the estimates of what is stale at
   * or before them. What was never measured counts as nothing. Cost: what is stale.
   */
  readonly refreshMs: (nodes?: readonly NodeId[]) => number;
  readonly loopRecords: () => readonly LoopRecord[];
  /** The record of the solve that a cell (`member × periods + period`) is in. Cost: none that grows with the records. */
  readonly loopRecordAt: (node: NodeId, cell: number) => LoopRecord | undefined;
  /**
   * The cells that are in, or behind, a solve that did not converge, by node, as boxes that do not overlap. Worked out
   * when asked for. Cost: the records, then those cells with what reads them.
   */
  readonly unconverged: () => ReadonlyMap<NodeId, readonly Box[]>;
  /** Recomputes stale nodes (manual or costly), all or the given ones, with their precedents. */
  readonly refresh: (nodes?: readonly NodeId[]) => void;
}

/**
 * A scenario: what it does not override it reads through to its parent. Opening one costs nothing; an override costs
 * what it reaches.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const price = engine.input(10);
 * const revenue = engine.computed([price], (p) => p * 5);
 * const cheaper = engine.overlay("cheaper");
 * const cell = { outerFrom: 0, outerTo: 1, from: 0, to: 1 };
 * cheaper.setCells(price.id, cell, columnFrom({ outer: 1, periods: 1 }, [8]));
 * cheaper.read(revenue.id).get(0); // 40
 * revenue.value; // 50
 * ```
 */
export interface Overlay extends State {
  readonly parent: State;
  /**
   * Overrides the cells of `box` by what `relation` makes of the parent state's column; worked out again whenever
   * the parent's value changes. It fills the cells of the box in `out` and depends on nothing but `inherited`.
   */
  readonly relate: (
    node: NodeId,
    box: Box,
    relation: (inherited: Column, out: Column, box: Box) => void,
  ) => void;
  /** Drops the override of an input (all its cells). */
  readonly clearOverride: (node: NodeId) => void;
  readonly isOverridden: (node: NodeId) => boolean;
  /** Whether the overlay has own values for the node (its overrides reach it). */
  readonly owns: (node: NodeId) => boolean;
  /** Replaces a formula's cells in `box` by values; the formula keeps computing the other cells. */
  readonly pin: (node: NodeId, box: Box, cells: Column) => void;
  readonly unpin: (node: NodeId) => void;
  /**
   * Another overlay over the same parent that begins with the same overrides, pins and values. Nothing is computed and
   * no column copied until the two differ. Overrides that an open transaction has not carried out yet are left out.
   */
  readonly copy: (name: string) => Overlay;
  readonly close: () => void;
}

/**
 * The graph of one model or one embedder. Made by `createEngine`.
 *
 * @example
 * ```ts
 * const engine = createEngine();
 * const a = engine.input(1);
 * const b = engine.input(2);
 * const sum = engine.computed([a, b], (x, y) => x + y);
 * let runs = 0;
 * effect(() => {
 *   sum.signal.value;
 *   runs++;
 * });
 * engine.transaction(() => {
 *   a.set(10);
 *   b.set(20);
 * });
 * sum.value; // 30
 * runs; // 2
 * ```
 */
export interface Engine extends State {
  // For embedders
  readonly input: <T>(initial: T, options?: { readonly name?: string }) => Input<T>;
  readonly computed: <const P extends readonly Attribute<unknown>[], R>(
    precedents: P,
    compute: (...values: { -readonly [K in keyof P]: P[K] extends Attribute<infer T> ? T : never }) => R,
    options?: ComputedOptions,
  ) => Attribute<Awaited<R>>;

  // For models
  readonly addInput: (node: InputNode) => NodeId;
  readonly addFormula: (node: FormulaNode) => NodeId;
  /**
   * A formula of one cell (1 × 1) without an object of its own. Throws `EngineError` if the family's arity or constants
   * do not fit, or, when the transaction ends, if it reads what is not there or not of one cell. Cost: its edges.
   */
  readonly addCell: (node: CellNode) => NodeId;
  /**
   * The first of `count` consecutive ids. Throws as `addCell` does; then none is added. Outside of a transaction rows of
   * removed nodes may be used again. Cost: near that of copying the tables, and computing the cells.
   *
   * @example
   * ```ts
   * const engine = createEngine();
   * const inputs = engine.addCellInputs({ values: Float64Array.of(1, 2, 3) });
   * const scaled: CellFamily = {
   *   name: "#0*constant",
   *   arity: 1,
   *   constantCount: 1,
   *   plain: (numbers, pool, at, constants, constantAt) => numbers[pool[at]] * constants[constantAt],
   *   general: ([a], constants, constantAt) => Number(a) * constants[constantAt],
   * };
   * const constants = Float64Array.of(10, 100);
   * const first = engine.addCells({ family: scaled, count: 2, precedents: [inputs, inputs + 2], constants });
   * const out = new Float64Array(2);
   * engine.readNumbers(first, out);
   * out.join(" "); // "10 300"
   * ```
   */
  readonly addCells: (table: CellTable) => NodeId;
  /** The first of as many consecutive ids as there are values. Cost: near that of copying them. */
  readonly addCellInputs: (table: CellInputTable) => NodeId;
  /** A sum, count or average of consecutive cells of a row of another node. */
  readonly addRange: (range: RangeNode) => NodeId;
  /**
   * The first of as many consecutive ids as there are ranges. An edit of a few cells finds the ranges that hold them
   * without looking at the others, and takes long ones from partial sums.
   *
   * @example
   * ```ts
   * const engine = createEngine();
   * const shape = { outer: 1, periods: 4 };
   * const of = engine.addInput({ name: "x", shape, column: columnFrom(shape, [1, 2, 3, 4]) });
   * const ends = { from: Int32Array.of(0, 2), to: Int32Array.of(2, 4) };
   * const first = engine.addRanges({ of, ...ends, aggregate: "sum" });
   * const out = new Float64Array(2);
   * engine.readNumbers(first, out);
   * out.join(" "); // "3 7"
   * ```
   */
  readonly addRanges: (table: RangeTable) => NodeId;
  /**
   * Replaces an input, formula, cell or range node in place by any of the four; dependents stay. A new shape requires that all
   * dependents are replaced in the same transaction.
   */
  readonly replace: (id: NodeId, node: FormulaNode | InputNode | CellNode | RangeNode) => void;
  /** Throws `EngineError` while another node reads it at the end of the transaction. */
  readonly remove: (id: NodeId) => void;
  readonly declareLoop: (declaration: LoopDeclaration) => void;
  readonly dropLoop: (name: string) => void;
  /** Zero-lag cycles that no declaration covers, each as a path of nodes (first repeated at the end). */
  readonly undeclaredLoops: () => readonly (readonly NodeId[])[];
  readonly overlay: (name: string, parent?: State) => Overlay;

  // For both
  /**
   * Edits inside are one edit: one recalculation, one batch of signals. A throw rolls all of it back and is rethrown. The
   * function must have made its edits when it returns: one that gives a promise is refused.
   */
  readonly transaction: <R>(edits: () => R) => R;
  /** Resolves when nothing is pending any more. */
  readonly settled: () => Promise<void>;
  /**
   * Gives up all that is awaited: it is stale, with its last value, until it is read or refreshed, or what it reads changes.
   * What was computed stays. How many nodes were given up. Nothing while the engine computes.
   */
  readonly cancel: () => number;
  /**
   * Sets many inputs of one cell in the base: consecutive ids from the first, or the ids of a list, one for each value.
   * One edit, whatever their number; of an id that stands twice the last value counts. A number that is not finite is set
   * as `#NUM!` (an `Input` takes it as it is). Throws `EngineError`, and sets nothing, if one of the nodes is no input of
   * one cell or the lengths differ. Cost: the values, and the nodes behind those that differ.
   *
   * @example
   * ```ts
   * const engine = createEngine();
   * const first = engine.addCellInputs({ values: new Float64Array(3) });
   * engine.setNumbers(first, Float64Array.of(1, 2, 3));
   * engine.setNumbers(Int32Array.of(first + 2, first), Float64Array.of(30, 10));
   * const out = new Float64Array(3);
   * engine.readNumbers(first, out);
   * out.join(" "); // "10 2 30"
   * ```
   */
  readonly setNumbers: (nodes: NodeId | Int32Array, values: Float64Array) => void;
  /**
   * Fills `out` with the numbers of consecutive nodes of one cell each, computing what is stale; what is not a number is
   * NaN there. Throws `EngineError` where one of them is not there or not of one cell. Allocates nothing while all are
   * fresh and the engine does not yield.
   */
  readonly readNumbers: (first: NodeId, out: Float64Array) => void;
  /**
   * Hands over what each recalculation changed, state by state; gives back the way to stop. What is added counts with its
   * first value if it is computed. The listener may read, not edit. Cost: one comparison a change while nobody listens.
   */
  readonly onChanges: (listener: ChangeListener) => () => void;
  /** Hears of everything that the engine does, until the function given back is called. */
  readonly subscribe: (listener: EventListener, options?: ListenOptions) => () => void;
  readonly figures: () => EngineFigures;
  /**
   * What a cell costs in ms, by version, of kernels that took 1 ms once: to be kept, and given to the next engine as
   * `knownCosts`. Empty without a clock, or without an executor with costs and a memo store.
   */
  readonly costsByVersion: () => ReadonlyMap<string, number>;
  readonly precedentsOf: (node: NodeId) => readonly NodeId[];
  readonly dependentsOf: (node: NodeId) => readonly NodeId[];
  readonly levelOf: (node: NodeId) => number;
  readonly shapeOf: (node: NodeId) => Shape;
  /** The name that the node was given; `node` with its number where it was given none. */
  readonly nameOf: (node: NodeId) => string;
  readonly nodeCount: number;
  readonly checkInvariants: () => void;
  readonly dispose: () => void;
}
