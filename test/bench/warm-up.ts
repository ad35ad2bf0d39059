/**
 * The rule by which an engine is warm, the same for all of them: it makes the calls that will be timed, in rounds, until
 * they become no faster.
 *
 *   round    1 call, 2 calls, 4, 8, 16 …    each as long as all before it together
 *   faster   its median is more than 5 % below that of the fastest round before it
 *   over     two rounds in a row are not faster, and `warmMsMin` have passed; or `warmMsMax` have
 *
 * Rounds that double see a compiler that comes late, too: what has been steady for a second is watched for two more. A
 * round of many calls is timed in sixteen parts, of which the median counts: a slow moment of the machine is not the
 * round's. A first call that alone takes as long as all of it may is not made again to warm: it is a sample.
 *
 *   while (!warming.isOver) { … make `warming.wanted` calls …; warming.note(ms, msSinceBegin); }
 */
const fasterBy = 0.05;
const roundsSteady = 2;
const partsOfRound = 16;

export interface WarmUpBounds {
  readonly warmMsMin: number;
  readonly warmMsMax: number;
}

export class WarmUp {
  /** Calls made so far. */
  calls: number = 0;
  /** What a call of the last round took, in ms. */
  ms: number = 0;
  isOver: boolean = false;
  /** The first call took so long that it counts as a sample. */
  isSlow: boolean = false;

  readonly #bounds: WarmUpBounds;
  #round = 1;
  #roundEnd = 1;
  #parts: number[] = [];
  #least = Number.POSITIVE_INFINITY;
  #steady = 0;

  constructor(bounds: WarmUpBounds) {
    this.#bounds = bounds;
  }

  /** How many calls to make and time next, as one. */
  get wanted(): number {
    return Math.max(1, this.#round / partsOfRound);
  }

  /** Takes in how long these calls took, and how long all of it takes by now. */
  note(ms: number, elapsedMs: number): void {
    const { warmMsMin, warmMsMax } = this.#bounds;
    this.#parts.push(ms / this.wanted);
    this.calls += this.wanted;
    const isLate = elapsedMs >= warmMsMax;
    if (this.calls < this.#roundEnd && !isLate) return;
    this.ms = middleOf(this.#parts);
    this.#steady = this.ms < this.#least * (1 - fasterBy) ? 0 : this.#steady + 1;
    this.#least = Math.min(this.#least, this.ms);
    this.isOver = isLate || (this.#steady >= roundsSteady && elapsedMs >= warmMsMin);
    this.isSlow = isLate && this.calls === 1 && warmMsMax > 0;
    this.#parts = [];
    this.#round *= 2;
    this.#roundEnd = this.calls + this.#round;
  }
}

function middleOf(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1] as number;
}
