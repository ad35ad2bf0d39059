/** A loop with several unknowns, as a machine without callbacks: the same protocol as for one. */
import type { LoopVerdict } from "../formula-node.ts";
import type { Outcome } from "./loop-table.ts";
import { type LoopSettings, unsetSettings } from "./settings.ts";
import { Trail } from "./trail.ts";

export class SeveralUnknowns implements Outcome {
  readonly x: Float64Array;
  isProof = false;
  verdict: LoopVerdict = "limit";
  readonly methodTaken = "plain" as const;
  ratio: number = Number.NaN;
  iterations = 0;
  sweeps = 0;
  settled = 0;
  readonly trail: Trail = new Trail();

  private settings: LoopSettings = unsetSettings;

  constructor(count: number) {
    this.x = new Float64Array(count);
  }

  begin(start: Float64Array, settings: LoopSettings): void {
    this.x.set(start);
    this.settings = settings;
    this.isProof = false;
    this.iterations = 0;
    this.sweeps = 0;
    this.trail.clear();
  }

  advance(gx: Float64Array, excess: number): boolean {
    this.sweeps++;
    this.iterations++;
    let delta = 0;
    let isWithin = true;
    for (let i = 0; i < gx.length; i++) {
      const move = Math.abs((gx[i] as number) - (this.x[i] as number));
      const size = Math.max(Math.abs(gx[i] as number), Math.abs(this.x[i] as number));
      if (!(move < Number.POSITIVE_INFINITY)) {
        this.verdict = this.trail.isGrowing() ? "diverging" : "error";
        return false;
      }
      delta = Math.max(delta, move);
      isWithin &&= move <= this.settings.absolute + this.settings.relative * size;
    }
    this.trail.add(0, delta, delta);
    if (this.isProof && isWithin && excess <= 0) {
      this.verdict = "converged";
      return false;
    }
    this.isProof = isWithin;
    if (this.iterations >= this.settings.iterationsMax) {
      this.verdict = this.trail.verdict();
      return false;
    }
    this.x.set(gx);
    return true;
  }
}
