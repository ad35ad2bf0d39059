/**
 * A loop with one unknown, as a machine without callbacks: whoever has the formulas sweeps at `x` and hands over G(x).
 *
 *   begin(start) ──► sweep at x ──► advance(G(x)) ──► sweep at x ──► … ──► false: ended
 *
 * r(x) = G(x) − x is the residual; two sweeps give the ratio ρ, the slope of G between them.
 *
 *   1. The first two sweeps are plain: x, G(x). Then the secant: x + r / (1 − ρ), where a straight G has its solution.
 *   2. Once residuals of both signs are known, a solution of a continuous loop lies between: the secant is taken while it
 *      stays inside and gets on, else the middle. The bracket always shrinks.
 *   3. A bracket so narrow that no number in it could have a residual within the tolerance holds a jump: `switching`.
 *   4. No bracket, and the residual does not shrink: points further and further out on both sides, for a change of sign. If
 *      there is none, plain to the end, for the verdict is that of the plain iteration.
 *   5. A sweep that ends in no number is taken back a good part of the way to the last good point.
 *   6. Small residual, small estimated distance: the proof, one more sweep in which no member may move by more than the
 *      tolerance; then at most two sweeps more while they make the residual smaller. Where nothing tells the slope, a sweep
 *      beside the point does.
 *   7. A warm start that finds the residual as it was: a sweep beside it, since the slope there may be another one.
 * Cost: some nanoseconds a step; no allocation.
 */
import type { LoopVerdict } from "../formula-node.ts";
import { Bracket } from "./bracket.ts";
import { type Outcome, settledAtBest, settledInCycle } from "./loop-table.ts";
import {
  methodAuto,
  methodDamped,
  methodNewton,
  methodOf,
  methodPlain,
  methodSecant,
} from "./method-number.ts";
import { Search } from "./search.ts";
import { type LoopSettings, plainOf, unsetSettings } from "./settings.ts";
import { Trail } from "./trail.ts";

const rounding = 2.220446049250313e-16;
const polishingMax = 2;
/** How far beside a point its slope is measured, as a part of it. */
const besidePart = 1e-6;
/** Two measured slopes are the same one if the way to the solution by the one is that by the other to this part. */
const sameSlope = 0.05;
/** Residuals above end in no number because they grow. */
const hugeFrom = 1e60;
const backtracksMax = 30;
/** Steps in a row that may fail to halve the residual. */
const stuckMax = 5;

const stagePlain = 0;
const stageSecant = 1;
const stageSearch = 2;
const stageToTheEnd = 3;
const stageSlope = 4;
const stageProof = 5;
const stagePolish = 6;
const stageLast = 7;
const stageBeside = 8;

export class OneUnknown implements Outcome {
  /** Where to sweep next; after the end: the value of the unknown. */
  x: number = 0.5;
  /** Whether the next sweep is the proof: `excess` is looked at. */
  isProof: boolean = false;
  /** How many times further than it moves in the proof a member still is from its solution; at least 1. */
  // A fraction at first, so that the field holds doubles from the beginning, as the others do.
  reach: number = 1.5;
  verdict: LoopVerdict = "limit";
  /** Slope of G at the end, by the last two sweeps that lay far enough apart; NaN: not known. */
  ratio: number = Number.NaN;
  iterations: number = 0;
  sweeps: number = 0;
  lastDelta: number = 0.5;
  /** The start was the solution, as before. */
  isKept: boolean = false;
  /** Which rule chose the values that stand: see `settledBy`. */
  settled: number = 0;
  /** Residuals and iterates, for the record and the verdict. */
  readonly trail: Trail = new Trail();
  private settings: LoopSettings = unsetSettings;
  private method = methodAuto;
  private stage = stagePlain;
  private hasAccelerated = false;
  private deltaBefore = -1;
  private ratioBefore = Number.NaN;
  private ratioError = Number.POSITIVE_INFINITY;
  private start = 0.5;
  private xOld = 0.5;
  private rOld = 0.5;
  private bestX = 0.5;
  private bestDelta = 0.5;
  private worstDelta = 0.5;
  private readonly bracket = new Bracket();
  private stuck = 0;
  private backtracks = 0;
  private readonly search = new Search();
  private polishings = 0;
  /** Where a sweep beside it measures the slope, for Newton. */
  private slopeX = 0.5;
  private slopeR = 0.5;
  /** What was swept beside, to be swept again, and whether it was counted before. */
  private besideX = 0.5;
  private isAgain = false;
  private wasBeside = false;
  private stageBefore = stagePlain;
  private isJump = false;

  /** A warm start is told the residual that the solution had that it starts from, and the ratio; else −1. */
  begin(start: number, settings: LoopSettings, deltaBefore = -1, ratioBefore: number = Number.NaN): void {
    this.deltaBefore = deltaBefore;
    this.ratioBefore = ratioBefore;
    this.isKept = false;
    this.isAgain = false;
    this.wasBeside = false;
    this.settings = settings;
    this.method = methodOf(settings);
    this.x = start;
    this.start = start;
    this.stage = stagePlain;
    this.isProof = false;
    this.hasAccelerated = false;
    this.ratio = Number.NaN;
    this.ratioError = Number.POSITIVE_INFINITY;
    this.iterations = 0;
    this.sweeps = 0;
    this.settled = 0;
    this.xOld = Number.NaN;
    this.rOld = Number.NaN;
    this.bestX = start;
    this.bestDelta = Number.POSITIVE_INFINITY;
    this.bracket.clear();
    this.stuck = 0;
    this.backtracks = 0;
    this.slopeX = start;
    this.slopeR = Number.POSITIVE_INFINITY;
    this.isJump = false;
    this.verdict = "limit";
    this.lastDelta = 0;
    this.worstDelta = 0;
    this.trail.clear();
  }

  /** The method taken last. */
  get methodTaken(): Outcome["methodTaken"] {
    const { method } = this.settings;
    if (method !== "auto") return method;
    if (this.hasAccelerated) return "aitken";
    return plainOf(this.settings);
  }

  /**
   * Takes in G(x), NaN where it is no number; of a proof also by how much the member that moved most went beyond the
   * tolerance. Whether another sweep is wanted, at `x`.
   */
  advance(gx: number, excess: number): boolean {
    this.sweeps++;
    const x = this.x;
    const r = gx - x;
    const delta = Math.abs(r);
    if (this.stage === stageBeside) return this.goBack(r);
    if (!(delta < Number.POSITIVE_INFINITY)) return this.stumble();
    if (this.stage >= stageSlope) return this.advanceAside(gx, r, delta, excess);
    if (!this.isAgain) this.count(r, delta);
    this.isAgain = false;
    return this.step(gx, r, delta);
  }

  private count(r: number, delta: number): void {
    this.iterations++;
    this.lastDelta = delta;
    if (delta > this.worstDelta) this.worstDelta = delta;
    this.trail.add(this.x, r, delta);
  }

  private step(gx: number, r: number, delta: number): boolean {
    const { x, settings } = this;
    const size = Math.max(Math.abs(x), Math.abs(gx));
    this.measure(x, r, size);
    if (delta < this.bestDelta) {
      this.stuck = delta > 0.5 * this.bestDelta ? this.stuck + 1 : 0;
      this.bestX = x;
      this.bestDelta = delta;
    } else this.stuck++;
    const tolerance = settings.absolute + settings.relative * size;
    // To the last bit what it was: the solution stands, and its record, unless the slope is another one.
    const isAsBefore = this.iterations === 1 && delta === this.deltaBefore;
    if (isAsBefore && !this.wasBeside && x !== 0) return this.goBeside(besidePart * x);
    if (isAsBefore && (Number.isNaN(this.ratio) || this.isNear(delta, tolerance, size))) {
      this.isKept = this.isSameSlope();
      return this.end("converged");
    }
    if (this.wantsSlope(delta, tolerance, size)) {
      return this.goBeside((r < 0 ? -1 : 1) * Math.max(delta, besidePart * size));
    }
    if (delta === 0) return this.isNear(0, tolerance, size) ? this.end("converged") : this.giveUpAtNothing();
    if (delta <= tolerance && this.isNear(delta, tolerance, size)) return this.prove(gx, r);
    this.bracket.note(x, r);
    if (this.iterations >= settings.iterationsMax) return this.giveUp();
    const goesOn = this.choose(gx, r, delta, tolerance, size);
    this.xOld = x;
    this.rOld = r;
    return goesOn;
  }

  /** The slope of G between the last two sweeps, where they lie far enough apart for it to mean something. */
  private measure(x: number, r: number, size: number): void {
    const apart = x - this.xOld;
    // Rounding of the residuals is in the slope: too much of it, and an earlier one is better.
    const error = (4 * rounding * size) / Math.abs(apart);
    const steepness = (r - this.rOld) / apart;
    if (Number.isNaN(steepness)) return;
    if (!(error <= 1e-8 || error <= 0.1 * Math.abs(steepness))) return;
    if (error > this.ratioError && !(error <= 1e-9 && error <= 1e-4 * Math.abs(steepness))) return;
    this.ratio = 1 + steepness;
    this.ratioError = error;
  }

  /** Whether the estimated distance from the sweep's end to the solution is within the tolerance. */
  private isNear(delta: number, tolerance: number, size: number): boolean {
    if (Number.isNaN(this.ratio)) return delta === 0;
    // A residual of 0 is one of less than rounding.
    const off = delta * Math.min(Math.abs(this.stage === stageProof ? 1 : this.leaves()), 1);
    const least = Math.max(tolerance, 4 * rounding * size);
    return Math.max(off, (rounding / 4) * size) <= least * (Math.abs(1 - this.ratio) - this.ratioError);
  }

  /** The part of its distance that the next point leaves, or more. */
  private leaves(): number {
    return this.method <= methodDamped ? 1 - this.settings.damping * (1 - this.ratio) : this.ratio;
  }

  private isSameSlope(): boolean {
    const { ratio, ratioBefore } = this;
    return Number.isNaN(ratio) || Math.abs(ratio - ratioBefore) <= sameSlope * Math.abs(1 - ratio);
  }

  /** Whether only a sweep beside can tell if it is near: plain sweeps would creep on, and nothing moves at all from a residual of 0. */
  private wantsSlope(delta: number, tolerance: number, size: number): boolean {
    if (!Number.isNaN(this.ratio) || this.wasBeside || delta > tolerance) return false;
    return delta === 0 ? size > 0 && !this.settings.isDiscrete : this.method <= methodDamped;
  }

  /** A sweep so far beside x, then one at x (again). */
  private goBeside(by: number): true {
    this.wasBeside = true;
    this.isAgain = true;
    this.besideX = this.x;
    this.stageBefore = this.stage;
    this.stage = stageBeside;
    return this.goTo(this.x + by);
  }

  private goBack(r: number): true {
    this.xOld = this.x;
    this.rOld = r;
    this.stage = this.stageBefore;
    return this.goTo(this.besideX);
  }

  /** Rounding alone makes the residual 0: with this slope the solution may be anywhere. */
  private giveUpAtNothing(): boolean {
    if (this.stage === stageSearch) return this.goFurther();
    return this.end("limit");
  }

  private choose(gx: number, r: number, delta: number, tolerance: number, size: number): boolean {
    switch (this.method) {
      case methodPlain:
      case methodDamped:
        return this.goPlain(gx, r, delta);
      case methodSecant:
        if (delta >= this.trail.deltaBefore && this.trail.repeats() > 0) return this.goPlain(gx, r, delta);
        if (delta <= tolerance && Number.isNaN(this.ratio)) return this.probe(r, size);
        return this.goTo(this.secant(r, delta));
      case methodNewton:
        return this.goSlope(r, delta, size);
      default:
        return this.chooseAuto(gx, r, delta, tolerance, size);
    }
  }

  private chooseAuto(gx: number, r: number, delta: number, tolerance: number, size: number): boolean {
    if (this.stage === stageToTheEnd) return this.goPlain(gx, r, delta);
    // What jumps is left to itself for a while: of several solutions it should be the one that it goes to by itself.
    const isQuiet = this.settings.isDiscrete && this.iterations <= 6 && delta <= 0.9 * this.trail.deltaBefore;
    if (isQuiet && delta > tolerance) return this.goTo(this.damped(gx, r));
    if (Number.isNaN(this.ratio) && delta <= tolerance) return this.probe(r, size);
    if (this.bracket.isKnown) return this.goInside(r, delta, tolerance, size);
    if (this.stage === stageSearch) return this.goFurther();
    if (this.iterations === 1) return this.goTo(this.damped(gx, r));
    // Next to what cannot be proven nothing is looked for further away.
    if (this.stuck >= stuckMax) return this.bestDelta <= tolerance ? this.giveUp() : this.goSearch();
    return this.goTo(this.secant(r, delta));
  }

  /** Started so near that two plain sweeps would tell nothing: a little further, for a ratio. */
  private probe(r: number, size: number): boolean {
    return this.goTo(this.x + Math.sign(r) * Math.max(Math.abs(r), 1e-6 * size));
  }

  private goTo(next: number): true {
    this.x = next;
    return true;
  }

  private goPlain(gx: number, r: number, delta: number): boolean {
    const round = delta >= 0.5 * this.trail.deltaBefore ? this.trail.repeats() : 0;
    return round > 0 ? this.goRound(round) : this.goTo(this.damped(gx, r));
  }

  /** x + (G(x) − x) need not be G(x) to the last digit. */
  private damped(gx: number, r: number): number {
    const { damping } = this.settings;
    return damping === 1 ? gx : this.x + damping * r;
  }

  /** Where the straight line through the last two sweeps has its solution. */
  private secant(r: number, delta: number): number {
    const { x } = this;
    // A slope that is rounding leads anywhere.
    if (this.ratioError > 0.1 * Math.abs(1 - this.ratio)) return x + r;
    const far = x + r / (1 - this.ratio);
    if (!(Math.abs(far) < Number.POSITIVE_INFINITY) || far === x) return x + r;
    this.hasAccelerated = true;
    // A step a million million times its residual is rounding.
    return Math.abs(far - x) > 1e12 * delta ? x + r : far;
  }

  private goInside(r: number, delta: number, tolerance: number, size: number): boolean {
    this.stage = stageSecant;
    this.hasAccelerated = true;
    if (this.bracket.isClosed(tolerance, size)) return this.goSwitching();
    return this.goTo(this.bracket.next(this.secant(r, delta), delta));
  }

  /** Out from the best point, to both sides in turn, twice as far each time. */
  private goSearch(): boolean {
    this.stage = stageSearch;
    this.search.begin(this.bestX, Math.max(this.bestDelta, 1e-3 * Math.abs(this.bestX)));
    return this.goFurther();
  }

  private goFurther(): boolean {
    const isOver = this.search.isOver || this.iterations * 3 > this.settings.iterationsMax * 2;
    return isOver ? this.goToTheEnd() : this.goTo(this.search.next());
  }

  private goToTheEnd(): boolean {
    const { absolute, relative } = this.settings;
    if (this.bestDelta <= absolute + relative * Math.abs(this.bestX)) return this.giveUp();
    this.stage = stageToTheEnd;
    this.hasAccelerated = false;
    this.trail.forget();
    return this.goTo(this.start);
  }

  /** No number between the ends of the bracket can be a solution: what the plain iteration goes round in stands. */
  private goSwitching(): boolean {
    this.isJump = true;
    return this.goToTheEnd();
  }

  private goRound(length: number): boolean {
    this.verdict = this.isJump || this.settings.isDiscrete ? "switching" : "oscillating";
    this.settled = settledInCycle;
    return this.goLast(this.trail.bestOfLast(length, this.start));
  }

  private giveUp(): boolean {
    const isPlain = this.method <= methodDamped || this.stage === stageToTheEnd;
    const isSwitching = this.isJump || this.bracket.looksLikeJump();
    // What hardly moves is not on its way out, though rounding may make its moves grow.
    const isStill = this.bestDelta <= this.settings.absolute + this.settings.relative * Math.abs(this.bestX);
    this.verdict = isSwitching ? "switching" : isPlain && !isStill ? this.trail.verdict() : "limit";
    if (this.verdict === "diverging") return false;
    this.settled = settledAtBest;
    return this.goLast(this.bestX);
  }

  /** Leaves the members as they are at `x`. */
  private goLast(x: number): boolean {
    if (x === this.x) return false;
    this.x = x;
    this.stage = stageLast;
    return true;
  }

  private end(verdict: LoopVerdict): boolean {
    this.verdict = verdict;
    return false;
  }

  /** One more sweep, at a point that should be better still. */
  private prove(gx: number, r: number): boolean {
    this.stageBefore = this.stage;
    this.stage = stageProof;
    this.isProof = true;
    this.polishings = 0;
    // Members may be steeper than the unknown. Other methods end far nearer than they move.
    const left = this.method <= methodDamped ? Math.abs(this.leaves()) : 0;
    this.reach = left < 1 ? Math.max(1, left / (1 - left)) : 1;
    return this.goTo(this.better(gx, r));
  }

  private better(gx: number, r: number): number {
    this.xOld = this.x;
    this.rOld = r;
    if (this.method <= methodDamped) return this.damped(gx, r);
    // Between steps the result of a sweep is the point itself, not only near it.
    if (this.settings.isDiscrete && Math.abs(this.ratio) < 1) return gx;
    const far = this.x + r / (1 - this.ratio);
    return Math.abs(far - this.x) < 1e12 * Math.abs(r) ? far : gx;
  }

  private advanceAside(gx: number, r: number, delta: number, excess: number): boolean {
    if (this.stage === stageSlope) return this.goSteep(r);
    if (this.stage === stageLast) {
      this.settleDelta(delta);
      return false;
    }
    const { settings } = this;
    const size = Math.max(Math.abs(this.x), Math.abs(gx));
    if (this.stage === stagePolish) return this.advancePolish(gx, r, delta, size);
    this.isProof = false;
    const tolerance = settings.absolute + settings.relative * size;
    this.measure(this.x, r, size);
    if (!(excess <= 0) || delta > tolerance || !this.isNear(delta, tolerance, size)) {
      this.stage = this.stageBefore;
      if (this.iterations >= settings.iterationsMax) return this.giveUp();
      this.count(r, delta);
      return this.step(gx, r, delta);
    }
    this.verdict = "converged";
    const before = this.lastDelta;
    this.settleDelta(delta);
    // The proof's own point may be the worse one by a rounding; it is the one that was proven.
    return delta > rounding * size && delta < before && this.polish(gx, r);
  }

  private polish(gx: number, r: number): boolean {
    if (this.polishings++ >= polishingMax) return false;
    this.stage = stagePolish;
    const x = this.better(gx, r);
    return x !== this.x && this.goTo(x);
  }

  private advancePolish(gx: number, r: number, delta: number, size: number): boolean {
    const before = this.lastDelta;
    if (delta > before) return this.goLast(this.xOld);
    this.settleDelta(delta);
    return delta > rounding * size && delta < before && this.polish(gx, r);
  }

  private settleDelta(delta: number): void {
    this.lastDelta = delta;
    this.trail.amend(delta);
  }

  /** Newton: at the end of a step that made it worse, half of it; else the slope, by a sweep beside. */
  private goSlope(r: number, delta: number, size: number): boolean {
    if (delta > Math.abs(this.slopeR) && this.backtracks < backtracksMax) {
      this.backtracks++;
      return this.goTo(this.slopeX + (this.x - this.slopeX) / 2);
    }
    this.backtracks = 0;
    this.stage = stageSlope;
    this.slopeX = this.x;
    this.slopeR = r;
    return this.goTo(this.x + Math.sqrt(rounding) * Math.max(size, delta));
  }

  private goSteep(r: number): boolean {
    this.ratio = 1 + (r - this.slopeR) / (this.x - this.slopeX);
    this.ratioError = 0;
    this.stage = stageSecant;
    this.hasAccelerated = true;
    const next = this.slopeX + this.slopeR / (1 - this.ratio);
    return this.goTo(Math.abs(next) < Number.POSITIVE_INFINITY ? next : this.slopeX + this.slopeR);
  }

  /** The sweep ended in no number. */
  private stumble(): boolean {
    this.isProof = false;
    if (this.stage === stageLast || this.stage === stagePolish) return this.goLast(this.xOld);
    const isPlain = this.method <= methodDamped || this.stage === stageToTheEnd;
    if (isPlain || this.sweeps === 1) return this.endInError();
    if (this.stage === stageSlope) {
      this.stage = stageSecant;
      return this.goTo(this.slopeX + this.slopeR);
    }
    if (this.stage === stageSearch) return this.goFurther();
    if (this.backtracks++ >= backtracksMax)
      return this.method === methodAuto ? this.goToTheEnd() : this.endInError();
    const from = this.method === methodNewton ? this.slopeX : this.xOld;
    return this.goTo(from + (this.x - from) / 4);
  }

  private endInError(): boolean {
    const isHuge = this.worstDelta > hugeFrom;
    return this.end(isHuge || this.trail.isGrowing() ? "diverging" : "error");
  }
}
