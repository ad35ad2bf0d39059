/**
 * Work of a walk that is done in an order, and may be suspended in the middle: the blocks of a period, the parts of a
 * sweep, the steps of cells.
 *
 *   1. One item after another. One whose calls answer later is put aside; those that neither read it nor are read by it
 *      go on, so that all that is ready is asked before anything is awaited. Others are left for the next round.
 *   2. At the end of a round that awaits something the walk is suspended. When it goes on, the items that were put aside
 *      are computed once more, from the answers, and the next round begins with what was left.
 *   3. An item that suspends itself (a loop, a stock) is begun only when nothing is awaited, and goes on by itself.
 *
 * Cost: nothing beyond the items where nothing waits; else a comparison with each that waits.
 */
import { type Calls, Suspension } from "./calls.ts";

interface PassWork {
  /** Prepares an item, once; false: it has no work. */
  readonly begin: (item: number) => boolean;
  /** Computes it; called again, from the place of its first call, if it was not done. */
  readonly compute: (item: number) => void;
  readonly finish: (item: number) => void;
  /** Whether one of the two reads the other. */
  readonly isBound: (item: number, other: number) => boolean;
  /** Whether the item suspends itself. */
  readonly isAlone: (item: number) => boolean;
}

export class Pass {
  private readonly calls: Calls;
  private readonly work: PassWork;
  private list: readonly number[] = [];
  private next = 0;
  private later: number[] = [];
  private awaited: { readonly item: number; readonly place: number }[] = [];
  /** The item that is computed, or −1, and where its calls begin. */
  private item = -1;
  private place = 0;
  /** Where the calls of this pass begin. */
  private from = 0;

  constructor(calls: Calls, work: PassWork) {
    this.calls = calls;
    this.work = work;
  }

  begin(list: readonly number[]): void {
    this.list = list;
    this.next = 0;
    this.from = this.calls.place;
  }

  /** Goes through the list, or on. */
  run(): void {
    const { calls } = this;
    this.takeAnswers();
    for (;;) {
      this.runRound();
      if (this.awaited.length > 0) throw new Suspension();
      if (this.later.length === 0) return;
      this.list = this.later;
      this.later = [];
      this.next = 0;
      calls.forget(this.from);
    }
  }

  private runRound(): void {
    const { calls, work } = this;
    while (this.next < this.list.length) {
      const item = this.list[this.next++] as number;
      if (this.isHeld(item)) {
        this.later.push(item);
        continue;
      }
      if (!work.begin(item)) continue;
      const { length } = calls.waiting;
      this.item = item;
      this.place = calls.place;
      work.compute(item);
      this.item = -1;
      if (calls.waiting.length > length) this.awaited.push({ item, place: this.place });
      else {
        work.finish(item);
        if (length === 0) calls.forget(this.from);
      }
    }
  }

  private isHeld(item: number): boolean {
    const { awaited, later, work } = this;
    if (awaited.length === 0 && later.length === 0) return false;
    return (
      work.isAlone(item) ||
      awaited.some((one) => work.isBound(item, one.item)) ||
      later.some((one) => work.isBound(item, one) || work.isAlone(one))
    );
  }

  private takeAnswers(): void {
    const { calls, work } = this;
    if (this.item >= 0) {
      calls.place = this.place;
      work.compute(this.item);
      const { item } = this;
      this.item = -1;
      work.finish(item);
      calls.forget(this.from);
    }
    if (this.awaited.length === 0) return;
    for (const { item, place } of this.awaited) {
      calls.place = place;
      work.compute(item);
      work.finish(item);
    }
    this.awaited = [];
    calls.forget(this.from);
  }
}
