/**
 * What a workload asks of an engine, and what an engine answers.
 *
 * `graph` is the face that every engine has: any graph of scalars, described as tables. The other faces are for what
 * not every engine can say: formulas as text, sums over ranges, loops, a model's text. A face that is absent, or a
 * workload named in `refuses`, is reported with its reason and not run.
 */
import type { Description } from "./graph/description.ts";
import type { Operation } from "./graph/operations.ts";
import type { Texts } from "./graph/texts.ts";

/** `peer` engines are what ratios compare with; of the two floors, each stands below one form of our own. */
export type Role = "peer" | "reckon" | "floor";
/** A general graph of scalars, a family of like formulas compiled to a loop, or work on threads. */
export type Form = "graph" | "family" | "threads";

export interface BenchEngine {
  readonly name: string;
  readonly role: Role;
  readonly form: Form;
  /** The package it comes from and the file that says its version; absent for the floors. */
  readonly packageName?: string;
  /** How far a result may be off, relatively: 0 means bit for bit. */
  readonly tolerance?: number;
  /** Why a workload is not run, by workload id. */
  readonly refuses?: Readonly<Record<string, string>>;
  /** Why it lacks faces, where one reason holds for all of them. */
  readonly whyNot?: string;
  /** Called before the clock starts: makes what the engine is given, where that is not the tables themselves. */
  readonly prepare?: (description: Description) => void;
  readonly graph?: (description: Description, workload: string) => Graph | Promise<Graph>;
  /** The same from spreadsheet texts. */
  readonly texts?: (texts: Texts) => Graph | Promise<Graph>;
  /** Sums over `cells[0 … ends[i]]`, both included. */
  readonly rangeSums?: (cells: Float64Array, ends: Int32Array) => RangeSums | Promise<RangeSums>;
  readonly loops?: (loops: LoopTable) => LoopSolver;
  readonly debts?: (debts: DebtTable) => DebtSolver;
  /** A batch of heavy formulas, on threads or on one alone. */
  /** Larger batches would take it minutes. */
  readonly tasksMax?: number;
  readonly heavy?: (batch: HeavyBatch, isOneThread: boolean) => HeavyRunner | Promise<HeavyRunner>;
  /** Its runs find what runs before them have kept: see heavy/model-run.ts. */
  readonly keepsResults?: true;
  /** It runs a model over many entities: see heavy/batch-run.ts. */
  readonly runsBatches?: true;
  readonly opensLight?: (model: string, hasCache: boolean) => Promise<LightModel>;
  readonly trips?: () => Trips | Promise<Trips>;
  readonly model?: (text: string) => OpenModel | Promise<OpenModel>;
}

/** A built graph with its first values computed. */
export interface Graph {
  /** One edit. Afterwards every value is right when read; an engine that computes at once has computed. */
  readonly set: (input: number, value: number) => void;
  readonly read: (node: number) => number;
  /** Reads nodes `first …` until `out` is full. */
  readonly readRange: (first: number, out: Float64Array) => void;
  /** From now on somebody watches these nodes: engines that wait for a reader compute them at each edit. */
  readonly watch?: (first: number, count: number) => void;
  /** Starts to count changed nodes; the returned function says how many changed in the last edit. */
  readonly countChanges?: () => () => number;
  readonly replace?: (
    node: number,
    operation: Operation,
    reads: readonly number[],
    constants: readonly number[],
  ) => void;
  /** Opens a scenario in which one input has another value. */
  readonly scenario?: (input: number, value: number) => Scenario;
  readonly dispose: () => void;
}

export interface Scenario {
  readonly read: (node: number) => number;
  /** Lets go of it, where that is more than forgetting it. */
  readonly close?: () => void;
}

export interface RangeSums {
  readonly setCell: (cell: number, value: number) => void;
  readonly readSum: (sum: number) => number;
  readonly readSums: (out: Float64Array) => void;
}

/**
 * Loops of debt and interest, one in each row: interest = rate × (opening + debt) / 2, debt = need + interest.
 * Closed form: debt = (need + rate × opening / 2) / (1 − rate / 2).
 */
export interface LoopTable {
  readonly opening: Float64Array;
  readonly need: Float64Array;
  readonly rate: Float64Array;
}

export interface LoopSolver {
  readonly readDebt: (loop: number) => number;
  readonly setNeed: (loop: number, value: number) => void;
}

/**
 * Loans over months, member by member. In each month interest = (opening + closing) / 2 × rate / 12 and closing = opening +
 * interest − payment, where opening is the closing of the month before, at first `first`.
 * Closed form: closing = (opening × (1 + rate / 24) − payment) / (1 − rate / 24).
 */
export interface DebtTable {
  readonly loans: number;
  readonly months: number;
  /** A number a loan. */
  readonly first: Float64Array;
  readonly payment: Float64Array;
  /** A number a loan and month. */
  readonly rate: Float64Array;
}

export interface DebtSolver {
  readonly readClosing: (loan: number, month: number) => number;
  readonly setRate: (loan: number, month: number, value: number) => void;
}

/** A model opened from its text, with the time that each part of the opening took. */
export interface OpenModel {
  readonly openMs: number;
  readonly heapMb: number;
  readonly shares: Readonly<Record<"parse" | "check" | "compile" | "compute", number>>;
  readonly read: (attribute: string, period?: number) => number;
  readonly set: (attribute: string, value: number, period?: number) => void;
  readonly setFormula: (attribute: string, text: string) => void;
  readonly dispose: () => void;
}

/** Formulas of the same cost, each of which reads a seed and numbers of its own. */
export interface HeavyBatch {
  readonly rounds: number;
  readonly reads: readonly Float64Array[];
  /** All of them are the cells of one column, where an engine has columns; each reads one number. */
  readonly isColumn: boolean;
}

export interface HeavyRunner {
  /** Changes the seed and gives the results of all. */
  readonly run: (seed: number) => Promise<Float64Array>;
  readonly close: () => Promise<void>;
}

/** One small task to a thread and back: the root of 1. */
export interface Trips {
  readonly trip: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface LightModel {
  /** Opens it once more, computes and closes it; the argument plays no part. */
  readonly open: (i: number) => Promise<void>;
  /** Changes the first input of a block and reads its last attribute. */
  readonly edit: (block: string, value: number) => number;
  readonly close: () => Promise<void>;
}
