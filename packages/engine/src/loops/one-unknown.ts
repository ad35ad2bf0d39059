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
 *      tolerance; then at most two sweeps more while they make the residual smaller.
 * Cost: some nanoseconds a step; no allocation.
 */
import type { LoopVerdict } from "../formula-node.ts";
import { type Outcome, settledAtBest, settledInCycle } from "./loop-table.ts";
import {
  methodAuto,
  methodDamped,
  methodNewton,
  methodOf,
  methodPlain,
  methodSecant,
} from "./method-number.ts";
import { middleOf } from "./middle.ts";
import { type LoopSettings, unsetSettings } from "./settings.ts";
import { Trail } from "./trail.ts";

const rounding = 2.220446049250313e-16;
const polishingMax = 2;
/** Plain sweeps that move by no more than this part of it stand still. */
const standsStill = 1e-13;
const backtracksMax = 30;
const probesMax = 48;
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

export class OneUnknown implements Outcome {
  /** Where to sweep next; after the end: the value of the unknown. */
  x: number = 0.5;
  /** Whether the next sweep is the proof: `excess` is looked at. */
  isProof: boolean = false;
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
  private ratioError = Number.POSITIVE_INFINITY;
  private start = 0.5;
  private xOld = 0.5;
  private rOld = 0.5;
  private bestX = 0.5;
  private bestDelta = 0.5;
  /** The ends of the bracket: residual above 0, and below; NaN while none is known. */
  private aboveX = Number.NaN;
  private aboveR = Number.NaN;
  private belowX = Number.NaN;
  private belowR = Number.NaN;
  private markWidth = 0.5;
  private markDelta = 0.5;
  private markAge = 0;
  private middles = 0;
  /** Of the first bracket: its width, and the smaller of its residuals; 0: there was none. */
  private firstWidth = 0;
  private firstSmallest = 0;
  private stuck = 0;
  private backtracks = 0;
  private probes = 0;
  private searchX = 0.5;
  private searchUnit = 0.5;
  private polishings = 0;
  /** Where a sweep beside it measures the slope, for Newton. */
  private slopeX = 0.5;
  private slopeR = 0.5;
  private stageBefore = stagePlain;
  private isJump = false;

  /** A warm start is told the residual that the solution had that it starts from, and the ratio; else −1. */
  begin(start: number, settings: LoopSettings, deltaBefore = -1, ratioBefore: number = Number.NaN): void {
    this.deltaBefore = deltaBefore;
    this.isKept = false;
    this.settings = settings;
    this.method = methodOf(settings);
    this.x = start;
    this.start = start;
    this.stage = stagePlain;
    this.isProof = false;
    this.hasAccelerated = false;
    this.ratio = ratioBefore;
    this.ratioError = deltaBefore < 0 ? Number.POSITIVE_INFINITY : 0;
    this.iterations = 0;
    this.sweeps = 0;
    this.settled = 0;
    this.xOld = Number.NaN;
    this.rOld = Number.NaN;
    this.bestX = start;
    this.bestDelta = Number.POSITIVE_INFINITY;
    this.aboveX = Number.NaN;
    this.belowX = Number.NaN;
    this.markAge = 0;
    this.middles = 0;
    this.firstWidth = 0;
    this.markWidth = Number.POSITIVE_INFINITY;
    this.markDelta = Number.POSITIVE_INFINITY;
    this.stuck = 0;
    this.backtracks = 0;
    this.probes = 0;
    this.slopeX = start;
    this.slopeR = Number.POSITIVE_INFINITY;
    this.isJump = false;
    this.verdict = "limit";
    this.lastDelta = 0;
    this.trail.clear();
  }

  /** The method taken last. */
  get methodTaken(): Outcome["methodTaken"] {
    const { method } = this.settings;
    if (method !== "auto") return method;
    if (this.hasAccelerated) return "aitken";
    return this.settings.damping === 1 ? "plain" : "damped";
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
    if (!(delta < Number.POSITIVE_INFINITY)) return this.stumble();
    if (this.stage >= stageSlope) return this.advanceAside(gx, r, delta, excess);
    this.iterations++;
    this.lastDelta = delta;
    this.trail.add(x, r, delta);
    return this.step(gx, r, delta);
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
    if (this.sweeps === 1 && this.deltaBefore >= 0) {
      // To the last bit what it was: nothing has changed. Else the slope may be another one, however small the residual.
      this.isKept = delta === this.deltaBefore;
      if (this.isKept) return this.end("converged");
      this.ratio = Number.NaN;
      this.ratioError = Number.POSITIVE_INFINITY;
    }
    if (delta === 0) return this.isNear(0, tolerance, size) ? this.end("converged") : this.giveUpAtNothing();
    if (delta <= tolerance && this.isNear(delta, tolerance, size)) return this.prove(gx, r);
    if (r > 0) {
      this.aboveX = x;
      this.aboveR = r;
    } else {
      this.belowX = x;
      this.belowR = r;
    }
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
    if (!(error <= 1e-8 || error <= 0.1 * Math.abs(steepness))) return;
    if (error > this.ratioError && !(error <= 1e-7 && error <= 1e-4 * Math.abs(steepness))) return;
    this.ratio = 1 + steepness;
    this.ratioError = error;
  }

  /** Whether the estimated distance from the sweep's end to the solution is within the tolerance. */
  private isNear(delta: number, tolerance: number, size: number): boolean {
    // Without a slope: only plain sweeps have no better way than to stop where nothing moves.
    if (Number.isNaN(this.ratio)) return delta <= (this.method <= methodDamped ? standsStill * size : 0);
    // A residual of 0 is one of less than rounding. Plain sweeps do not polish, and members may be steeper.
    const off = delta * Math.min(Math.abs(this.ratio), 1) * (this.method <= methodDamped ? 4 : 1);
    const least = Math.max(tolerance, 4 * rounding * size);
    return Math.max(off, (rounding / 4) * size) <= least * (Math.abs(1 - this.ratio) - this.ratioError);
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
    const isBracketed = !Number.isNaN(this.aboveX - this.belowX);
    // What jumps is left to itself for a while: of several solutions it should be the one that it goes to by itself.
    const isQuiet = this.settings.isDiscrete && this.iterations <= 6 && delta <= 0.9 * this.trail.deltaBefore;
    if (isQuiet && delta > tolerance) return this.goTo(this.damped(gx, r));
    if (Number.isNaN(this.ratio) && delta <= tolerance) return this.probe(r, size);
    if (isBracketed) return this.goInside(r, delta, tolerance, size);
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
    const { aboveX, belowX } = this;
    this.stage = stageSecant;
    this.hasAccelerated = true;
    const width = Math.abs(aboveX - belowX);
    const smallest = Math.min(this.aboveR, -this.belowR);
    const middle = middleOf(aboveX, belowX);
    if (middle === aboveX || middle === belowX || smallest * rounding * size > tolerance * width) {
      return this.goSwitching();
    }
    if (this.firstWidth === 0) {
      this.firstWidth = width;
      this.firstSmallest = smallest;
    }
    // A step should halve the bracket or the residual; the middle is taken after two that did neither.
    const isProductive = width <= 0.5 * this.markWidth || delta <= 0.5 * this.markDelta;
    this.markAge = isProductive ? 0 : this.markAge + 1;
    this.markWidth = width;
    this.markDelta = delta;
    // Where that was needed often there is a jump, and only the middle leads on.
    if (this.markAge >= (this.middles > 3 ? 1 : 2)) {
      this.middles++;
      return this.goTo(middle);
    }
    let next = this.secant(r, delta);
    if (!(next > Math.min(aboveX, belowX) && next < Math.max(aboveX, belowX))) {
      next = aboveX + (this.aboveR / (this.aboveR - this.belowR)) * (belowX - aboveX);
    }
    return this.goTo(next === aboveX || next === belowX ? middle : next);
  }

  /** Out from the best point, to both sides in turn, twice as far each time. */
  private goSearch(): boolean {
    this.stage = stageSearch;
    this.probes = 0;
    this.searchX = this.bestX;
    this.searchUnit = Math.max(this.bestDelta, 1e-3 * Math.abs(this.bestX));
    return this.goFurther();
  }

  private goFurther(): boolean {
    if (this.probes >= probesMax || this.iterations * 3 > this.settings.iterationsMax * 2)
      return this.goToTheEnd();
    const side = (this.probes & 1) === 0 ? 1 : -1;
    const next = this.searchX + side * this.searchUnit * 2 ** (this.probes >> 1);
    this.probes++;
    return this.goTo(next);
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
    const isSwitching = this.isJump || this.looksLikeJump();
    this.verdict = isSwitching ? "switching" : isPlain ? this.trail.verdict() : "limit";
    if (this.verdict === "diverging") return false;
    this.settled = settledAtBest;
    return this.goLast(this.bestX);
  }

  /** Whether the bracket became much narrower and the residuals at its ends hardly smaller. */
  private looksLikeJump(): boolean {
    if (this.firstWidth === 0) return false;
    const smallest = Math.min(this.aboveR, -this.belowR);
    return Math.abs(this.aboveX - this.belowX) <= this.firstWidth / 256 && smallest >= this.firstSmallest / 4;
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
      this.iterations++;
      this.lastDelta = delta;
      this.trail.add(this.x, r, delta);
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
    return this.end(this.trail.isGrowing() ? "diverging" : "error");
  }
}
