/**
 * One loop being solved: its unknowns' cells, and the machine that says where to sweep next.
 *
 * Numbers go to a machine for one or for several unknowns. As soon as an unknown is a text, a boolean or a blank, or when
 * the machine ends in an error, what any values allow takes over (mixed.ts).
 */
import { type Column, markFirstError } from "@reckon/value";
import type { UnknownCells } from "./loop-parts.ts";
import type { Outcome } from "./loop-table.ts";
import { Mixed } from "./mixed.ts";
import { OneUnknown } from "./one-unknown.ts";
import type { LoopSettings } from "./settings.ts";
import { SeveralUnknowns } from "./several-unknowns.ts";

/** What an unknown that is no number is, the first two being no matter for a machine. */
const kindNumber = 0;
const kindError = 1;
const kindOther = 2;

export class Lane {
  /** −1: all outer members together. */
  readonly outer: number;
  readonly unknowns: UnknownCells;
  isActive: boolean = true;
  /** Started from the last solution. */
  isWarm: boolean = false;

  private readonly settings: LoopSettings;
  private readonly one: OneUnknown | null;
  private readonly several: SeveralUnknowns | null;
  private readonly swept: Float64Array;
  private mixed: Mixed | null = null;
  private deltaBefore = -1;
  private ratioBefore = Number.NaN;

  constructor(outer: number, unknowns: UnknownCells, settings: LoopSettings) {
    this.outer = outer;
    this.unknowns = unknowns;
    this.settings = settings;
    const count = unknowns.cells.length;
    this.one = count === 1 ? new OneUnknown() : null;
    this.several = count === 1 ? null : new SeveralUnknowns(count);
    this.swept = new Float64Array(count);
  }

  /** Keeps the values that the unknowns' cells hold, to start from them; told are their residual and the ratio. */
  remember(deltaBefore: number, ratioBefore: number): void {
    this.readNumbers();
    this.isWarm = true;
    this.deltaBefore = deltaBefore;
    this.ratioBefore = ratioBefore;
  }

  /** The solution that it started from stands. */
  get isKept(): boolean {
    return this.mixed === null && (this.one ?? (this.several as SeveralUnknowns)).isKept;
  }

  /** From the values that the unknowns' cells hold, or those remembered. */
  begin(): void {
    if (!this.isWarm && this.readNumbers() !== kindNumber) {
      this.mixed = new Mixed(this.unknowns, this.settings);
      return;
    }
    this.one?.begin(this.swept[0] as number, this.settings, this.deltaBefore, this.ratioBefore);
    this.several?.begin(this.swept, this.settings, this.deltaBefore);
  }

  get outcome(): Outcome {
    return this.mixed ?? this.one ?? (this.several as SeveralUnknowns);
  }

  /** Whether values that are no numbers are iterated. */
  get isMixed(): boolean {
    return this.mixed !== null;
  }

  /** Whether the next sweep is a proof. */
  get isProof(): boolean {
    return (this.mixed ?? this.one ?? (this.several as SeveralUnknowns)).isProof;
  }

  /** By what a member's move in the proof counts more. */
  get reach(): number {
    return this.mixed === null && this.one !== null ? this.one.reach : 1;
  }

  /** Puts the unknowns where the next sweep is to be made. */
  place(): void {
    const { mixed, one, several } = this;
    if (mixed !== null) {
      mixed.place();
      return;
    }
    const { columns, cells } = this.unknowns;
    for (let i = 0; i < cells.length; i++) {
      (columns[i] as Column).set(cells[i] as number, one === null ? (several?.x[i] as number) : one.x);
    }
  }

  /** Takes in what a sweep left in the unknowns' cells. */
  advance(excess: number): void {
    const { mixed, one, several } = this;
    if (mixed !== null) {
      this.isActive = mixed.advance(excess);
      return;
    }
    if (this.readNumbers() === kindOther) {
      this.takeOver(false);
      return;
    }
    this.isActive =
      one === null
        ? (several as SeveralUnknowns).advance(this.swept, excess)
        : one.advance(this.swept[0] as number, excess);
    if (this.isActive) return;
    if (this.outcome.verdict === "error") this.takeOver(true);
    else this.place();
  }

  private takeOver(isFailed: boolean): void {
    const mixed = new Mixed(this.unknowns, this.settings);
    mixed.follow(this.outcome, isFailed);
    this.mixed = mixed;
    this.isActive = true;
  }

  /** Reads the unknowns into `swept`, NaN where they are no numbers; which kinds there are. */
  private readNumbers(): number {
    const { columns, cells } = this.unknowns;
    let kind = kindNumber;
    for (let i = 0; i < cells.length; i++) {
      const { marks, numbers } = columns[i] as Column;
      const cell = cells[i] as number;
      const mark = marks === null ? 0 : (marks[cell] as number);
      this.swept[i] = mark === 0 ? (numbers[cell] as number) : Number.NaN;
      if (mark !== 0) kind = Math.max(kind, mark >= markFirstError ? kindError : kindOther);
    }
    return kind;
  }
}
