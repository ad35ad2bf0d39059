/**
 * A loop with several unknowns, as a machine without callbacks: the same protocol as for one (one-unknown.ts).
 *
 *   1. Two plain sweeps. While a sweep leaves less than a tenth of the residual, plain.
 *   2. Else Anderson's step, from at most `columnsMax` sweeps before.
 *   3. Several steps that do not halve the residual: Newton from the best point. The slopes are measured by a sweep for
 *      each unknown (a matrix, up to `denseMax` unknowns) or each direction (none, above). A step that does not lower the
 *      residual is halved. Slopes serve on while a step leaves less than a tenth.
 *   4. Newton fails: plain to the end, for the verdict.
 *   5. Small residual and small next step: unless the sweeps compared tell of all slopes, these are measured (up to
 *      `denseMax` unknowns) for the distance (slope-check.ts); then the proof, as for one unknown.
 *
 * Residuals are in units of what each may move by. Cost: a step some passes over the unknowns; a matrix n sweeps and n³/3.
 */
import type { LoopVerdict } from "../formula-node.ts";
import { Anderson, stepBySecants } from "./anderson.ts";
import { BestPoint } from "./best-point.ts";
import { DenseSlopes, KrylovSlopes, type Linearised } from "./linearised.ts";
import { type Outcome, settledAtBest, settledInCycle } from "./loop-table.ts";
import { isNearer, Residual, sizeOf } from "./residual.ts";
import { type LoopSettings, unsetSettings } from "./settings.ts";
import { SlopeCheck } from "./slope-check.ts";
import type { MethodTaken, Stage } from "./stage.ts";
import { Trail } from "./trail.ts";

const rounding = 2.220446049250313e-16;
const columnsMax = 5;
const denseMax = 64;
const polishingMax = 2;
const backtracksMax = 30;
const halvingsMax = 10;
const leapsMax = 3;
const stuckMax = 3;
const newtonStepsMax = 25;
/** A step so many times longer than the residual comes of slopes that are rounding. */
const longest = 1e7;
/** Slopes are not known well enough for solutions so many times further out than where it began. */
const farFrom = 1e8;
/** While a step leaves less than this of the residual, what it was made with serves on. */
const quick = 0.1;

export class SeveralUnknowns implements Outcome {
  readonly x: Float64Array;
  isProof: boolean = false;
  verdict: LoopVerdict = "limit";
  methodTaken: MethodTaken = "plain";
  ratio: number = Number.NaN;
  iterations: number = 0;
  sweeps: number = 0;
  settled: number = 0;
  /** The start was the solution, as before. */
  isKept: boolean = false;
  readonly trail: Trail = new Trail();

  private readonly count: number;
  private deltaBefore = -1;
  private settings: LoopSettings = unsetSettings;
  private stage: Stage = "normal";
  private stageBefore: Stage = "normal";
  private readonly start: Float64Array;
  private readonly at: Residual;
  private readonly r: Float64Array;
  private readonly step: Float64Array;
  /** The sweep before, if there is one to compare with. */
  private readonly xOld: Float64Array;
  private readonly rOld: Float64Array;
  private hasOld = false;
  /** Whether `step` is a part of the residual, and whether the last move was. */
  private isPlainStep = true;
  private wasPlain = false;
  private readonly best: BestPoint;
  private meritProven = 0;
  /** The size of the largest unknown in the first sweep. */
  private scale = 0;
  private sign = 1;
  private backtracks = 0;
  private polishings = 0;
  private roundLeft = 0;
  /** Where Newton's step began, with its residual. */
  private readonly baseX: Float64Array;
  private readonly baseR: Float64Array;
  private readonly baseStep: Float64Array;
  private baseMerit = 0;
  private newtonSteps = 0;
  private halvings = 0;
  private leaps = 0;
  private readonly anderson: Anderson;
  private slopes: Linearised | null = null;
  private slopeCheck: SlopeCheck | null = null;

  constructor(count: number) {
    this.count = count;
    const made = (): Float64Array => new Float64Array(count);
    this.x = made();
    this.start = made();
    this.at = new Residual(count);
    this.r = this.at.r;
    this.step = made();
    this.xOld = made();
    this.rOld = made();
    this.best = new BestPoint(count);
    this.baseX = made();
    this.baseR = made();
    this.baseStep = made();
    this.anderson = new Anderson(count, columnsMax);
  }

  /** A warm start is told the residual that the solution had that it starts from; else −1. */
  begin(start: Float64Array, settings: LoopSettings, deltaBefore = -1): void {
    this.deltaBefore = deltaBefore;
    this.isKept = false;
    this.x.set(start);
    this.start.set(start);
    this.best.begin(start);
    this.settings = settings;
    this.stage = "normal";
    this.stageBefore = "normal";
    this.verdict = "limit";
    this.methodTaken = settings.method === "auto" ? plainOf(settings) : settings.method;
    this.isProof = false;
    this.ratio = Number.NaN;
    this.iterations = 0;
    this.sweeps = 0;
    this.settled = 0;
    this.hasOld = false;
    this.wasPlain = false;
    this.sign = 1;
    this.backtracks = 0;
    this.newtonSteps = 0;
    this.leaps = 0;
    this.slopeCheck?.clear();
    this.anderson.clear();
    this.trail.clear();
  }

  /** Takes in G(x), NaN where it is no number. Whether another sweep is wanted, at `x`. */
  advance(gx: Float64Array, excess: number): boolean {
    this.sweeps++;
    if (this.stage === "slopes") {
      this.slopes?.take(gx);
      return this.probeSlopes();
    }
    if (this.stage === "check") {
      this.slopeCheck?.take(gx);
      return this.probeCheck();
    }
    this.at.measure(this.x, gx, this.settings);
    if (!(this.at.delta < Number.POSITIVE_INFINITY)) return this.stumble();
    switch (this.stage) {
      case "last":
        this.trail.amend(this.at.delta);
        return false;
      case "polish":
        return this.advancePolish();
      case "proof":
        return this.advanceProof(gx, excess);
      case "checked":
        return this.advanceChecked(gx);
      default:
        return this.advanceStep(gx);
    }
  }

  private advanceStep(gx: Float64Array): boolean {
    if (this.stage === "newton" && this.isWorse() && !this.isNear())
      return this.stepNewton(2 ** -++this.halvings);
    this.iterations++;
    this.compareOld();
    this.note();
    this.keepBest(gx);
    if (this.sweeps === 1 && this.deltaBefore >= 0) {
      // To the last bit what it was: nothing has changed. Else the slopes may be others, however small the residual.
      this.isKept = this.at.delta === this.deltaBefore;
      if (this.isKept) return this.end("converged");
    }
    if (this.at.delta === 0 && !this.isFar()) return this.end("converged");
    if (this.iterations === 1) this.scale = this.at.largest;
    if (this.stage !== "round" && this.isNear()) {
      if (this.knowsAllSlopes()) return this.prove();
      this.slopeCheck ??= new SlopeCheck(this.count);
      if (this.slopeCheck.isWorthIt(this.at.merit)) return this.check(gx, this.slopeCheck);
    }
    if (this.iterations >= this.settings.iterationsMax) return this.giveUp();
    return this.choose(gx);
  }

  /** What the last two sweeps tell: whether the residual turned, the ratio, a column for Anderson. */
  private compareOld(): void {
    if (!this.hasOld) return;
    const ratio = this.at.ratioTo(this.rOld);
    if (ratio < 0) this.sign = -this.sign;
    if (this.wasPlain) this.ratio = 1 - (1 - ratio) / this.settings.damping;
    this.anderson.add(this.x, this.r, this.xOld, this.rOld);
  }

  private note(): void {
    this.trail.add(this.at.mark, this.sign * this.at.delta, this.at.delta);
  }

  /** So far out that a residual within the tolerance may be a shift that never ends. */
  private isFar(): boolean {
    return this.iterations > 1 && this.at.largest > farFrom * this.scale;
  }

  private keepBest(gx: Float64Array): void {
    const { best, at } = this;
    const isTie = this.stage === "round" && at.merit === best.merit && isNearer(this.x, best.x, this.start);
    best.note(this.x, gx, at.merit, isTie);
  }

  private get isPlainWay(): boolean {
    const { method } = this.settings;
    return method === "plain" || method === "damped" || this.stage === "to-the-end" || this.stage === "round";
  }

  private choose(gx: Float64Array): boolean {
    const { method } = this.settings;
    if (this.stage === "round") return this.goRound(gx);
    if (this.isPlainWay && this.at.delta >= 0.5 * this.trail.deltaBefore) {
      this.roundLeft = this.trail.repeats();
      if (this.roundLeft > 0) {
        this.stage = "round";
        this.best.merit = Number.POSITIVE_INFINITY;
      }
    }
    if (this.stage === "newton") return this.afterNewton(gx);
    if (method === "newton" && this.stage === "normal") return this.goNewton(this.x, gx, this.at.merit);
    if (method === "auto" && this.stage === "normal" && this.best.stuck >= stuckMax) {
      return this.goNewton(this.best.x, this.best.gx, this.best.merit);
    }
    if (!(this.isPlainWay || this.hasOld) && this.at.isWithin(this.r)) {
      // Started so near that two plain sweeps would tell nothing: further along the residual, for a slope.
      this.at.stepAside(this.step);
      this.isPlainStep = false;
      return this.move(null);
    }
    this.propose();
    return this.move(gx);
  }

  /** To where the step leads, to the last digit where that is G(x). */
  private move(gx: Float64Array | null): boolean {
    this.xOld.set(this.x);
    this.rOld.set(this.r);
    this.hasOld = true;
    this.wasPlain = this.isPlainStep;
    if (gx !== null && this.isPlainStep && this.settings.damping === 1) this.x.set(gx);
    else for (let i = 0; i < this.count; i++) this.x[i] = (this.x[i] as number) + (this.step[i] as number);
    return true;
  }

  /** The move that the method makes from here, into `step`. */
  private propose(): void {
    const { method } = this.settings;
    this.isPlainStep = false;
    if (this.stage === "newton" && this.slopes?.isReusable === true) {
      if (this.slopes.solve(this.r, this.step)) return;
    } else if (this.stage === "newton" || method === "anderson" || (method === "auto" && !this.isQuick())) {
      this.anderson.step(this.r, this.at.weights, this.at.sizes, this.step);
      if (method === "auto" && this.stage === "normal") this.methodTaken = "anderson";
      if (this.step.every((value) => Number.isFinite(value))) return;
    } else if (method === "aitken") {
      if (this.hasOld) stepBySecants(this.x, this.r, this.xOld, this.rOld, this.step);
      else this.step.set(this.r);
      return;
    }
    this.isPlainStep = true;
    for (let i = 0; i < this.count; i++) this.step[i] = this.settings.damping * (this.r[i] as number);
  }

  /** Whether plain sweeps will do. */
  private isQuick(): boolean {
    if (this.stage === "to-the-end" || this.stage === "round" || !this.hasOld) return true;
    return this.wasPlain && Math.abs(this.ratio) < quick;
  }

  /** Whether residual and estimated distance are within the tolerance; then `step` leads to a better point still. */
  private isNear(): boolean {
    const isKnown = this.hasOld && (this.settings.method !== "newton" || this.stage === "newton");
    if (!isKnown || !this.at.isWithin(this.r) || this.isFar()) return false;
    // Without a matrix the distance is the step to here, which was a whole one.
    if (this.stage === "newton" && this.slopes?.isReusable === false) {
      if (this.halvings > 0 || !this.at.isWithin(this.baseStep)) return false;
    }
    this.propose();
    if (!this.isPlainStep) return this.at.isWithin(this.step);
    const ratio = Math.abs(this.ratio);
    // Plain sweeps do not polish, and members may be steeper than the unknowns.
    return this.wasPlain && ratio < 1 && 4 * this.at.merit * ratio <= 1 - ratio;
  }

  /** Slow ways hide where few sweeps were compared: there the estimate says nothing of the distance along them. */
  private knowsAllSlopes(): boolean {
    const isCompared = !this.isPlainStep && this.anderson.rank === this.count;
    return isCompared || this.stage === "newton" || this.count > denseMax;
  }

  /** Measures all slopes, whatever the method, for the distance to the solution; then sweeps here again. */
  private check(gx: Float64Array, slopeCheck: SlopeCheck): boolean {
    slopeCheck.begin(this.x, gx, this.r, this.at.sizes);
    this.stageBefore = this.stage;
    this.stage = "check";
    return this.probeCheck();
  }

  private probeCheck(): true {
    if (this.slopeCheck?.probe(this.x, this.at) !== true) this.stage = "checked";
    return true;
  }

  private advanceChecked(gx: Float64Array): boolean {
    this.stage = this.stageBefore;
    if (this.slopeCheck?.isSound === true && this.isNear()) return this.prove();
    if (this.iterations >= this.settings.iterationsMax) return this.giveUp();
    const isToNewton = this.settings.method === "auto" && this.stage === "normal";
    return isToNewton ? this.goNewton(this.x, gx, this.at.merit) : this.choose(gx);
  }

  private prove(): boolean {
    this.stageBefore = this.stage;
    this.stage = "proof";
    this.isProof = true;
    this.polishings = 0;
    return this.move(null);
  }

  private advanceProof(gx: Float64Array, excess: number): boolean {
    this.isProof = false;
    this.stage = this.stageBefore;
    if (!(excess <= 0) || !this.at.isWithin(this.r)) {
      return this.iterations >= this.settings.iterationsMax ? this.giveUp() : this.advanceStep(gx);
    }
    if (this.at.delta === 0 && !this.isFar()) {
      this.trail.amend(0);
      return this.end("converged");
    }
    this.compareOld();
    if (!(this.isNear() && (this.slopeCheck?.isSound === true || this.knowsAllSlopes()))) {
      this.iterations++;
      this.note();
      this.keepBest(gx);
      return this.iterations >= this.settings.iterationsMax ? this.giveUp() : this.choose(gx);
    }
    this.trail.amend(this.at.delta);
    this.verdict = "converged";
    return this.polish();
  }

  private polish(): boolean {
    if (this.at.delta === 0 || this.polishings++ >= polishingMax || this.at.isBelow(rounding)) return false;
    this.stage = "polish";
    this.meritProven = this.at.merit;
    return this.move(null);
  }

  private advancePolish(): boolean {
    if (this.at.merit > this.meritProven) return this.goLast(this.xOld);
    const isBetter = this.at.merit < this.meritProven;
    this.trail.amend(this.at.delta);
    this.stage = this.stageBefore;
    this.propose();
    return isBetter && this.polish();
  }

  private goNewton(x: Float64Array, gx: Float64Array, merit: number): boolean {
    if (this.newtonSteps++ >= newtonStepsMax) return this.failNewton();
    this.methodTaken = "newton";
    this.slopes ??= this.count <= denseMax ? new DenseSlopes(this.count) : new KrylovSlopes(this.count);
    this.baseX.set(x);
    for (let i = 0; i < this.count; i++) this.baseR[i] = (gx[i] as number) - (x[i] as number);
    this.baseMerit = merit;
    this.slopes.begin(this.baseX, gx, this.at.sizes);
    this.stage = "slopes";
    return this.probeSlopes();
  }

  private probeSlopes(): boolean {
    return (this.slopes as Linearised).probe(this.x) || this.leapNewton();
  }

  /** From the base by the whole step. */
  private leapNewton(): boolean {
    const isSolved = (this.slopes as Linearised).solve(this.baseR, this.baseStep);
    if (!isSolved || sizeOf(this.baseStep) > longest * sizeOf(this.baseR)) return this.failNewton();
    this.stage = "newton";
    this.halvings = 0;
    return this.stepNewton(1);
  }

  private stepNewton(part: number): boolean {
    this.xOld.set(this.baseX);
    this.rOld.set(this.baseR);
    this.hasOld = true;
    this.wasPlain = false;
    for (let i = 0; i < this.count; i++) {
      this.x[i] = (this.baseX[i] as number) + part * (this.baseStep[i] as number);
    }
    return true;
  }

  /** Whether a part of the step should be tried: the residual is no smaller. */
  private isWorse(): boolean {
    return this.halvings < halvingsMax && !(this.at.merit < 0.9999 * this.baseMerit);
  }

  private afterNewton(gx: Float64Array): boolean {
    if (this.at.merit < 0.9999 * this.baseMerit) {
      const isGood = this.halvings === 0 && this.at.merit <= quick * this.baseMerit;
      if (!(isGood && this.slopes?.isReusable === true)) return this.goNewton(this.x, gx, this.at.merit);
      this.baseX.set(this.x);
      this.baseR.set(this.r);
      this.baseMerit = this.at.merit;
      return this.leapNewton();
    }
    // At a kink every part of the step may be worse than none: over it, and on from there.
    if (this.halvings === halvingsMax && this.leaps++ < leapsMax) {
      this.halvings++;
      return this.stepNewton(1);
    }
    const isOver = this.halvings > halvingsMax && this.at.merit < Number.POSITIVE_INFINITY;
    return isOver ? this.goNewton(this.x, gx, this.at.merit) : this.failNewton();
  }

  private failNewton(): boolean {
    // Next to what cannot be proven nothing is looked for further away.
    return this.settings.method === "auto" && this.best.merit > 1 ? this.goToTheEnd() : this.giveUp();
  }

  private goToTheEnd(): boolean {
    this.stage = "to-the-end";
    this.stageBefore = "to-the-end";
    this.methodTaken = plainOf(this.settings);
    this.hasOld = false;
    this.wasPlain = false;
    this.sign = 1;
    this.trail.forget();
    this.x.set(this.start);
    return true;
  }

  /** Once round the states that repeat, for the best of them. */
  private goRound(gx: Float64Array): boolean {
    if (--this.roundLeft > 0) {
      this.propose();
      return this.move(gx);
    }
    this.verdict = this.settings.isDiscrete ? "switching" : "oscillating";
    this.settled = settledInCycle;
    return this.goLast(this.best.x);
  }

  private giveUp(): boolean {
    this.verdict = this.isPlainWay ? this.trail.verdict() : "limit";
    if (this.verdict === "diverging") return false;
    this.settled = settledAtBest;
    return this.goLast(this.best.x);
  }

  /** Leaves the members as they are at `x`. */
  private goLast(x: Float64Array): boolean {
    if (x.every((value, i) => value === this.x[i])) return false;
    this.x.set(x);
    this.stage = "last";
    return true;
  }

  private end(verdict: LoopVerdict): boolean {
    this.verdict = verdict;
    return false;
  }

  /** The sweep ended in no number. */
  private stumble(): boolean {
    this.isProof = false;
    if (this.stage === "polish" || this.stage === "last") return this.goLast(this.xOld);
    if (this.stage === "proof") this.stage = this.stageBefore;
    if (this.isPlainWay || !this.hasOld) return this.endInError();
    if (this.stage === "newton") {
      this.at.merit = Number.POSITIVE_INFINITY;
      return this.isWorse() ? this.stepNewton(2 ** -++this.halvings) : this.afterNewton(this.best.gx);
    }
    if (this.backtracks++ >= backtracksMax) {
      return this.settings.method === "auto" ? this.goToTheEnd() : this.endInError();
    }
    for (let i = 0; i < this.count; i++) {
      const from = this.xOld[i] as number;
      this.x[i] = from + ((this.x[i] as number) - from) / 4;
    }
    this.wasPlain = false;
    return true;
  }

  private endInError(): boolean {
    return this.end(this.trail.isGrowing() ? "diverging" : "error");
  }
}

function plainOf(settings: LoopSettings): MethodTaken {
  return settings.damping === 1 ? "plain" : "damped";
}
