/**
 * The level queue of an engine that yields: what watched signals need comes first, and a slice ends by the clock.
 *
 *   cone   units that something watched depends on: popped first, lowest level first
 *   rest   everything else
 *
 * Every precedent of a unit in the cone is in the cone, so the cone can be finished without the rest. `pop` gives −1
 * when the slice is over, and the queue looks empty (`size` 0) until `begin`: whoever empties it stops as if it were.
 *
 * While one node is read (`focus`), only the units before that node are popped.
 */
import { LevelQueue } from "../recalculation/level-queue.ts";

/** At most so many units are popped between two looks at the clock; fewer where they take long. */
const popsPerLookMax = 64;
/** Looks are taken so often that this share of a slice passes between two of them at most. */
const looksPerSlice = 8;

export class SlicedQueue extends LevelQueue {
  /** Per node 1 in the cone; shorter than the nodes: the others are not. */
  inCone: Uint8Array = new Uint8Array(0);
  /** Whether the slice is over; set by `pop`, taken back by `begin`. */
  isStopped = false;

  private readonly cone = new LevelQueue();
  private readonly rest = new LevelQueue();
  private readonly focused = new LevelQueue();
  private poppedFrom: LevelQueue = this.rest;
  private focusNodes: ReadonlySet<number> | null = null;
  private readonly aside: number[] = [];
  private now: () => number = () => 0;
  private end = Number.POSITIVE_INFINITY;
  private budget = 0;
  private lookedAt = 0;
  private popsPerLook = 1;
  private popsLeft = 1;

  /** Begins a slice of `budget` on the clock `now`; without limit where it is infinite. */
  begin(now: () => number, budget: number): void {
    this.isStopped = false;
    this.now = now;
    this.budget = budget;
    this.popsPerLook = 1;
    this.popsLeft = Number.isFinite(budget) ? 1 : Number.POSITIVE_INFINITY;
    if (Number.isFinite(budget)) this.lookedAt = now();
    this.end = this.lookedAt + budget;
    this.count();
  }

  override shrink(): void {
    this.cone.shrink();
    this.rest.shrink();
    this.focused.shrink();
  }

  /** What waits in the cone has a queue of its own. */
  override get apart(): Uint8Array | null {
    return this.inCone.length === 0 ? null : this.inCone;
  }

  override fanTarget(): LevelQueue | null {
    return this.focusNodes === null ? this.rest : null;
  }

  override noteFan(): void {
    this.count();
  }

  override push(node: number, level: number): void {
    if (this.focusNodes !== null) {
      if (!this.focusNodes.has(node)) {
        this.aside.push(node);
        return;
      }
      this.focused.push(node, level);
    } else if (this.inCone[node] === 1) this.cone.push(node, level);
    else this.rest.push(node, level);
    if (!this.isStopped || this.focusNodes !== null) this.size++;
  }

  override pop(): number {
    if (this.focusNodes !== null) {
      if (this.size > 0) this.size--;
      this.poppedFrom = this.focused;
      return this.focused.pop();
    }
    if (this.isStopped) return -1;
    if (this.popsLeft-- <= 0 && this.isOver() && this.held > 0) {
      this.isStopped = true;
      this.count();
      return -1;
    }
    if (this.size === 0) return -1;
    this.size--;
    this.poppedFrom = this.cone.size > 0 ? this.cone : this.rest;
    return this.poppedFrom.pop();
  }

  override get source(): LevelQueue {
    return this.poppedFrom;
  }

  /** The units that wait, in a slice or not. */
  get held(): number {
    return this.cone.size + this.rest.size;
  }

  get heldInCone(): number {
    return this.cone.size;
  }

  /** Whether the slice is over; how often this is asked follows from how long units take. */
  private isOver(): boolean {
    const now = this.now();
    const isSlow = (now - this.lookedAt) * looksPerSlice > this.budget;
    this.popsPerLook = isSlow
      ? Math.max(1, this.popsPerLook >> 1)
      : Math.min(popsPerLookMax, this.popsPerLook * 2);
    this.popsLeft = this.popsPerLook;
    this.lookedAt = now;
    return now >= this.end;
  }

  /** One of the lowest units of the cone, or of all; −1 when there is none. It stays in the queue. */
  lowest(isOfCone: boolean, levelOf: (node: number) => number): number {
    const first = peek(this.cone, levelOf);
    if (isOfCone) return first;
    const other = peek(this.rest, levelOf);
    if (first < 0 || other < 0) return Math.max(first, other);
    return levelOf(first) < levelOf(other) ? first : other;
  }

  /** Takes everything out; the units in no particular order. */
  drain(): number[] {
    const units: number[] = [];
    for (let unit = this.cone.pop(); unit >= 0; unit = this.cone.pop()) units.push(unit);
    for (let unit = this.rest.pop(); unit >= 0; unit = this.rest.pop()) units.push(unit);
    this.count();
    return units;
  }

  /** From now on only `nodes` are popped; what else is pushed waits. */
  focus(nodes: ReadonlySet<number>, levelOf: (node: number) => number): void {
    const units = this.drain();
    this.focusNodes = nodes;
    for (const unit of units) this.push(unit, levelOf(unit));
    this.count();
  }

  /** Ends the focus: what waited is in the queue again. */
  unfocus(levelOf: (node: number) => number): void {
    this.focusNodes = null;
    for (const unit of this.aside.splice(0)) this.push(unit, levelOf(unit));
    this.count();
  }

  private count(): void {
    if (this.focusNodes !== null) this.size = this.focused.size;
    else this.size = this.isStopped ? 0 : this.held;
  }
}

function peek(queue: LevelQueue, levelOf: (node: number) => number): number {
  const node = queue.pop();
  if (node >= 0) queue.push(node, levelOf(node));
  return node;
}
