/**
 * A loop with several unknowns, as a machine without callbacks: the same protocol as for one (one-unknown.ts).
 *
 *   1. Two plain sweeps. While a sweep leaves less than a tenth of the residual, plain.
 *   2. Else Anderson's step, from at most `columnsMax` sweeps before.
 *   3. Several steps that do not halve the residual: Newton from the best point. The slopes are measured by a sweep for
 *      each unknown (a matrix, up to `denseMax` unknowns) or each direction (none, above). A step that does not lower the
 *      residual is halved. Slopes serve on while a step leaves less than a tenth.
 *   4. Newton fails: the way from the start to a solution, by small steps (solution-path.ts, up to `denseMax` unknowns that
 *      make no steps), and Newton from there. It is lost: plain to the end, for the verdict.
 *   5. Small residual and small next step: unless the sweeps compared tell of all slopes, these are measured (up to
 *      `denseMax` unknowns) for the distance (slope-check.ts); then the proof, as for one unknown.
 *
 * Residuals are in units of what each may move by. Cost: a step some passes over the unknowns; a matrix n sweeps and n³/3.
 */
import type { LoopVerdict } from "../formula-node.ts";
import { Anderson, stepBySecants } from "./anderson.ts";
import { BestPoint } from "./best-point.ts";
import { type Outcome, settledAtBest, settledInCycle } from "./loop-table.ts";
import { NewtonSteps } from "./newton.ts";
import { isNearer, Residual } from "./residual.ts";
import { type LoopSettings, plainOf, unsetSettings } from "./settings.ts";
import { SlopeCheck } from "./slope-check.ts";
import { SolutionPath } from "./solution-path.ts";
import type { MethodTaken, Stage } from "./stage.ts";
import { Trail } from "./trail.ts";

const rounding = 2.220446049250313e-16;
const columnsMax = 5;
const denseMax = 64;
const polishingMax = 2;
const backtracksMax = 30;
const stuckMax = 3;
/** What was not measured is not known well enough for solutions so many times further out than where it began. */
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
  private readonly anderson: Anderson;
  private newton: NewtonSteps | null = null;
  private path: SolutionPath | null = null;
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
    this.newton?.clear();
    this.path = null;
    this.slopeCheck?.clear();
    this.anderson.clear();
    this.trail.clear();
  }

  /** Takes in G(x), NaN where it is no number. Whether another sweep is wanted, at `x`. */
  advance(gx: Float64Array, excess: number): boolean {
    this.sweeps++;
    if (this.stage === "slopes") {
      this.newton?.take(gx);
      return this.probeSlopes();
    }
    if (this.stage === "check") {
      this.slopeCheck?.take(gx);
      return this.probeCheck();
    }
    if (this.stage === "path") return this.advancePath(gx);
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
    if (this.stage === "newton" && this.newton?.isWorse(this.at.merit) === true && !this.isNear()) {
      return this.newton.halve(this.x);
    }
    this.iterations++;
    this.compareOld();
    this.note();
    this.keepBest(gx);
    if (this.iterations === 1) this.scale = this.at.largest;
    const isNothing = this.at.delta === 0;
    if (isNothing && (this.at.largest === 0 || this.settings.isDiscrete)) {
      this.isKept = this.sweeps === 1 && this.deltaBefore === 0;
      return this.end("converged");
    }
    // To the last bit what it was: it stands, unless the slopes are others.
    const isAsBefore = this.sweeps === 1 && this.at.delta === this.deltaBefore;
    if (isAsBefore || (this.stage !== "round" && (this.isNear() || isNothing))) {
      if (!isAsBefore && this.knowsAllSlopes()) return isNothing ? this.end("converged") : this.prove();
      this.slopeCheck ??= new SlopeCheck(this.count, this.count <= denseMax);
      if (this.slopeCheck.isWorthIt(this.at.merit)) return this.check(gx, this.slopeCheck);
      if (isNothing) return this.giveUp();
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
    if (this.stage === "newton" && this.newton?.isReusable === true) {
      if (this.newton.solve(this.r, this.step)) return;
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
    if (!isKnown || !this.at.isWithin(this.r)) return false;
    // Without a matrix the distance is the step to here, which was a whole one.
    if (this.stage === "newton" && this.newton?.isReusable === false) {
      if (!(this.newton.isWhole && this.at.isWithin(this.newton.step))) return false;
    }
    this.propose();
    if (!this.isPlainStep) return this.at.isWithin(this.step);
    const ratio = Math.abs(this.ratio);
    // Plain sweeps do not polish, and members may be steeper than the unknowns.
    return this.wasPlain && ratio < 1 && 4 * this.at.merit * ratio <= 1 - ratio;
  }

  /** Slow ways hide where few sweeps were compared: there the estimate says nothing of the distance along them. */
  private knowsAllSlopes(): boolean {
    if (this.count > denseMax) return false;
    const isCompared = !this.isPlainStep && this.anderson.rank === this.count;
    // So far out a residual within the tolerance may be a shift that never ends.
    const isFar = this.iterations > 1 && this.at.largest > farFrom * this.scale;
    return !isFar && (isCompared || this.stage === "newton");
  }

  /** Measures all slopes, whatever the method, for the distance to the solution; then sweeps here again. */
  private check(gx: Float64Array, slopeCheck: SlopeCheck): boolean {
    slopeCheck.begin(this.x, gx, this.at);
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
    const isSound = this.slopeCheck?.isSound === true;
    this.isKept = isSound && this.iterations === 1 && this.at.delta === this.deltaBefore;
    if (this.isKept) return this.end("converged");
    // Rounding alone makes it nothing: with these slopes the solution may be anywhere.
    if (this.at.delta === 0) return isSound ? this.end("converged") : this.giveUp();
    if (isSound && this.isNear()) return this.prove();
    if (this.iterations >= this.settings.iterationsMax) return this.giveUp();
    if (this.settings.method !== "auto" || this.stage !== "normal") return this.choose(gx);
    return this.goNewton(this.x, gx, this.at.merit);
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
    if (this.at.delta === 0) {
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
    this.newton ??= new NewtonSteps(this.count, this.count <= denseMax);
    if (!this.newton.begin(x, gx, merit, this.at.sizes)) return this.failNewton();
    this.methodTaken = "newton";
    this.stage = "slopes";
    return this.probeSlopes();
  }

  private probeSlopes(): boolean {
    const newton = this.newton as NewtonSteps;
    return newton.probe(this.x) || this.leapNewton(newton);
  }

  /** From the base by the whole step. */
  private leapNewton(newton: NewtonSteps): boolean {
    if (!newton.leap(this.x)) return this.failNewton();
    this.stage = "newton";
    this.xOld.set(newton.baseX);
    this.rOld.set(newton.baseR);
    this.hasOld = true;
    this.wasPlain = false;
    return true;
  }

  private afterNewton(gx: Float64Array): boolean {
    const newton = this.newton as NewtonSteps;
    const { merit } = this.at;
    if (newton.isBetter(merit)) {
      const isGood = newton.isWhole && merit <= quick * newton.baseMerit;
      if (!(isGood && newton.isReusable)) return this.goNewton(this.x, gx, merit);
      newton.rebase(this.x, this.r, merit);
      return this.leapNewton(newton);
    }
    // At a kink every part of the step may be worse than none: over it, and on from there.
    if (newton.leapOver(this.x)) return true;
    const isOver = newton.isOver && merit < Number.POSITIVE_INFINITY;
    return isOver ? this.goNewton(this.x, gx, merit) : this.failNewton();
  }

  private failNewton(): boolean {
    // Next to what cannot be proven nothing is looked for further away.
    if (this.settings.method !== "auto" || this.best.merit <= 1) return this.giveUp();
    if (this.path !== null || this.count > denseMax || this.settings.isDiscrete) return this.goToTheEnd();
    return this.goPath();
  }

  private goPath(): boolean {
    this.path = new SolutionPath(this.count);
    this.path.begin(this.start, this.best.sizes());
    this.stage = "path";
    this.x.set(this.start);
    return true;
  }

  private advancePath(gx: Float64Array): boolean {
    const path = this.path as SolutionPath;
    const state = path.take(gx);
    if (state === "point" || state === "arrived") {
      this.at.measure(this.x, gx, this.settings);
      this.iterations++;
      this.note();
      this.keepBest(gx);
    }
    if (state === "arrived") {
      this.newton?.clear();
      return this.goNewton(this.x, gx, this.at.merit);
    }
    if (state === "lost" || this.iterations * 3 > this.settings.iterationsMax * 2) return this.goToTheEnd();
    this.x.set(path.at);
    return true;
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
    // What hardly moves is not on its way out, though rounding may make its moves grow.
    this.verdict = this.isPlainWay && this.best.merit > 1 ? this.trail.verdict() : "limit";
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
      const newton = this.newton as NewtonSteps;
      return newton.isWorse(this.at.merit) ? newton.halve(this.x) : this.afterNewton(this.best.gx);
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
