/**
 * A plain iteration of values of any kind: texts, booleans, blanks and errors are there when they are the same again.
 *
 * It ends when nothing moves (numbers: by no more than the tolerance, nor as far as the ratio of the moves tells), when a
 * state comes again, or at the limit. Where an unknown became an error for good it only lets that through.
 */
import { Column, markFirstError, markText } from "@reckon/value";
import type { LoopVerdict } from "../formula-node.ts";
import type { UnknownCells } from "./loop-parts.ts";
import { type Outcome, settledAtLast, settledInCycle } from "./loop-table.ts";
import type { LoopSettings } from "./settings.ts";
import { Trail } from "./trail.ts";

/** Sweeps by which an error in an unknown reaches all that reads it. */
const spreadingSweeps = 2;
/** The longest cycle of states that is looked for. */
const cycleMax = 8;

export class Mixed implements Outcome {
  verdict: LoopVerdict = "limit";
  readonly methodTaken = "plain" as const;
  ratio: number = Number.NaN;
  iterations = 0;
  sweeps = 0;
  settled = 0;
  trail: Trail = new Trail();
  isProof = false;

  private readonly unknowns: UnknownCells;
  private readonly settings: LoopSettings;
  private readonly old: Column;
  private readonly states: string[] = [];
  private spreading = 0;
  private deltaBefore = Number.NaN;

  constructor(unknowns: UnknownCells, settings: LoopSettings) {
    this.unknowns = unknowns;
    this.settings = settings;
    this.old = new Column({ outer: 1, periods: unknowns.cells.length });
  }

  /** Goes on from a solve by numbers; `isFailed`: it ended in an error, which is let through. */
  follow(outcome: Outcome, isFailed: boolean): void {
    this.iterations = outcome.iterations;
    this.sweeps = outcome.sweeps;
    this.ratio = outcome.ratio;
    this.trail = outcome.trail;
    if (!isFailed) return;
    this.verdict = outcome.verdict;
    this.spreading = spreadingSweeps;
  }

  /** Remembers what the unknowns hold before a sweep. */
  place(): void {
    const { columns, cells } = this.unknowns;
    for (let i = 0; i < cells.length; i++) this.old.copyCell(i, columns[i] as Column, cells[i] as number);
  }

  /** Takes in a sweep; whether another one is wanted. */
  advance(excess: number): boolean {
    this.sweeps++;
    if (this.spreading > 0) return --this.spreading > 0;
    const { delta, isSettled, hasError } = this.compare();
    const ratio = delta / this.deltaBefore;
    this.deltaBefore = delta;
    this.iterations++;
    this.trail.note(delta);
    const isNear = delta === 0 || (ratio < 1 && isSettled);
    if (this.isProof && isNear && excess <= 0) {
      this.verdict = hasError ? "error" : "converged";
      return false;
    }
    this.isProof = isSettled;
    if (this.iterations >= this.settings.iterationsMax) {
      this.settled = settledAtLast;
      return false;
    }
    return isSettled || !this.repeats();
  }

  private compare(): { delta: number; isSettled: boolean; hasError: boolean } {
    const { columns, cells } = this.unknowns;
    const { absolute, relative } = this.settings;
    let delta = 0;
    let isSettled = true;
    let hasError = false;
    for (let i = 0; i < cells.length; i++) {
      const column = columns[i] as Column;
      const cell = cells[i] as number;
      const mark = markOf(column, cell);
      hasError ||= mark >= markFirstError;
      if (column.sameCell(cell, this.old, i)) continue;
      const isNumber = mark === 0 && markOf(this.old, i) === 0;
      const now = column.numbers[cell] as number;
      const before = this.old.numbers[i] as number;
      const move = isNumber ? Math.abs(now - before) : Number.POSITIVE_INFINITY;
      delta = Math.max(delta, move);
      isSettled &&= move <= absolute + relative * Math.max(Math.abs(now), Math.abs(before));
    }
    return { delta, isSettled, hasError };
  }

  /** Whether the unknowns are as they were some sweeps ago; then they are left so. */
  private repeats(): boolean {
    const { columns, cells } = this.unknowns;
    const state = cells.map((cell, i) => cellText(columns[i] as Column, cell)).join("\n");
    if (this.states.includes(state)) {
      this.verdict = "switching";
      this.settled = settledInCycle;
      return true;
    }
    this.states.push(state);
    if (this.states.length > cycleMax) this.states.shift();
    return false;
  }
}

function markOf(column: Column, cell: number): number {
  return column.marks === null ? 0 : (column.marks[cell] as number);
}

function cellText(column: Column, cell: number): string {
  const mark = markOf(column, cell);
  return mark === 0
    ? String(column.numbers[cell])
    : `#${mark}${mark === markText ? JSON.stringify(column.get(cell)) : ""}`;
}
