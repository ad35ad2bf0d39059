/**
 * Cells of formulas that call modules, some of which answer with promises.
 *
 * A cell is evaluated with every answer known so far. If it asked for answers that are still on their way it is
 * evaluated again when they are there: calls are remembered by module, name and arguments, so none is made twice for
 * a cell. Cells are independent and run concurrently, at most `cellsInFlightMax` waiting at a time, or any number where the
 * functions queue their calls themselves (they get all of them in one turn); where a formula reads its own earlier periods
 * the periods of a member follow one another and only members run concurrently.
 *
 * The promise can be taken back: then no further cell is begun, and the functions are told (`CallGroup`).
 *
 * Nothing is awaited when no function answers with a promise.
 */
import { type Column, errorValue, isErrorValue, type Scalar } from "@reckon/value";
import type { BoundFormula } from "./bound.ts";
import { Evaluation } from "./evaluate.ts";
import { CallGroup, failure, isPromiseLike, type ModuleLookup, moduleResult } from "./module-call.ts";

const cellsInFlightMax = 64;
/** Each holds an evaluation. */
const queuedCellsMax = 10_000;
/** A cell that keeps asking for other answers is given up: its calls depend on something that changes by itself. */
const roundsMax = 1_000;

export interface AsyncCells {
  readonly formula: BoundFormula;
  readonly inputs: readonly Column[];
  readonly modules: ModuleLookup | undefined;
  readonly box: {
    readonly outerFrom: number;
    readonly outerTo: number;
    readonly from: number;
    readonly to: number;
  };
  /** Whether the formula reads the column it writes. */
  readonly readsItself: boolean;
  readonly write: (outer: number, period: number, value: Scalar) => void;
}

/** Computes and writes all cells of the box; a promise when some are written later. */
export function computeAsyncCells(cells: AsyncCells): void | Promise<void> {
  const work: GroupedCells = { ...cells, group: new CallGroup(), isQueued: false };
  const { outerFrom, outerTo, from, to } = work.box;
  const periods = to - from;
  const members = outerTo - outerFrom;
  const laneCells = work.readsItself ? periods : 1;
  const lanes = periods <= 0 ? 0 : (members * periods) / laneCells;
  const runLane = (lane: number): undefined | Promise<void> => {
    const first = lane * laneCells;
    const outer = outerFrom + Math.floor(first / periods);
    const start = from + (first % periods);
    return runCells(work, outer, start, start + laneCells);
  };
  const waiting = runLanes(work, lanes, runLane);
  const { group } = work;
  return waiting && Object.assign(waiting, { cancel: () => group.cancel(), spentMs: () => group.spentMs });
}

interface GroupedCells extends AsyncCells {
  readonly group: CallGroup;
  /** Whether the functions called so far queue their calls themselves. */
  isQueued: boolean;
}

/** Runs lanes in order, some waiting at the same time. */
function runLanes(
  work: GroupedCells,
  lanes: number,
  runLane: (lane: number) => undefined | Promise<void>,
): undefined | Promise<void> {
  let next = 0;
  const runUntilWaiting = (): undefined | Promise<void> => {
    while (next < lanes && !work.group.isCancelled) {
      const waiting = runLane(next++);
      if (waiting !== undefined) return waiting;
    }
    return undefined;
  };
  const waiting: Promise<void>[] = [];
  while (waiting.length < (work.isQueued ? queuedCellsMax : cellsInFlightMax)) {
    const first = runUntilWaiting();
    if (first === undefined) break;
    waiting.push(first);
  }
  if (waiting.length === 0) return undefined;
  const worker = async (first: Promise<void>): Promise<void> => {
    let current: Promise<void> | undefined = first;
    while (current !== undefined) {
      await current;
      current = runUntilWaiting();
    }
  };
  return Promise.all(waiting.map(worker)).then(() => undefined);
}

/** The cells of one lane, one after another. */
function runCells(work: GroupedCells, outer: number, from: number, to: number): undefined | Promise<void> {
  for (let period = from; period < to; period++) {
    const waiting = runCell(work, outer, period);
    if (waiting === undefined) continue;
    return finishLane(work, outer, { waiting, from: period + 1, to });
  }
  return undefined;
}

async function finishLane(
  work: GroupedCells,
  outer: number,
  { waiting, from, to }: { waiting: Promise<void>; from: number; to: number },
): Promise<void> {
  await waiting;
  for (let period = from; period < to && !work.group.isCancelled; period++)
    await runCell(work, outer, period);
}

/** Evaluates a cell and writes it, now or when its answers are there. */
function runCell(work: GroupedCells, outer: number, period: number): undefined | Promise<void> {
  const calls = new Calls(work);
  const evaluation = new Evaluation(work.formula, work.inputs, { outer, period }, calls.lookup);
  const value = evaluation.value();
  if (calls.pending.length === 0) {
    work.write(outer, period, value);
    return undefined;
  }
  return finishCell(work, calls, evaluation, { outer, period });
}

async function finishCell(
  work: GroupedCells,
  calls: Calls,
  evaluation: Evaluation,
  { outer, period }: { outer: number; period: number },
): Promise<void> {
  for (let round = 0; round < roundsMax; round++) {
    await Promise.all(calls.pending.splice(0));
    if (work.group.isCancelled) return;
    evaluation.moveTo(outer, period);
    const value = evaluation.value();
    if (calls.pending.length > 0) continue;
    work.write(outer, period, value);
    return;
  }
  work.write(outer, period, errorValue("#CALC!", "a module function is called with ever other arguments"));
}

/** JSON makes 0 of −0. */
function written(arg: Scalar): unknown {
  return isErrorValue(arg) ? arg : [typeof arg, Object.is(arg, -0) ? "-0" : arg];
}

/** The calls made for one cell and their answers. */
class Calls {
  /** Answers on their way that the last evaluation asked for; they never reject. */
  readonly pending: Promise<void>[] = [];
  readonly lookup: ModuleLookup;
  private readonly answers = new Map<string, Scalar>();

  constructor(work: GroupedCells) {
    this.lookup = (module, name) => {
      const called = work.modules?.(module, name, work.group);
      if (called?.isQueued === true) work.isQueued = true;
      return called && ((...args) => this.answer(`${module}.${name}`, called, args));
    };
  }

  private answer(name: string, called: (...args: Scalar[]) => unknown, args: Scalar[]): unknown {
    const key = JSON.stringify([name, args.map(written)]);
    const known = this.answers.get(key);
    if (known !== undefined || this.answers.has(key)) return known;
    let result: unknown;
    try {
      result = called(...args);
    } catch (problem) {
      result = failure(problem, name);
    }
    if (!isPromiseLike(result)) {
      const scalar = moduleResult(result, name);
      this.answers.set(key, scalar);
      return scalar;
    }
    const keep = (scalar: Scalar): void => {
      this.answers.set(key, scalar);
    };
    this.answers.set(key, errorValue("#BUSY!"));
    this.pending.push(
      Promise.resolve(result).then(
        (answer) => keep(moduleResult(answer, name)),
        (problem) => keep(failure(problem, name)),
      ),
    );
    return errorValue("#BUSY!");
  }
}
