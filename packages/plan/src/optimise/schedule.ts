/**
 * How long tasks take when some of them may run at the same time.
 *
 * The critical path is the dearest chain of tasks that wait for each other: no number of threads is faster. For a
 * given number of threads, tasks are dealt out as a list: whenever a thread is free it takes, of those tasks whose
 * precedents are done, the one with the dearest chain behind it. There are no barriers between levels. That is within
 * twice the best possible, and mostly near to it.
 *
 * Tasks are numbered precedents first. Cost: references, and tasks × log tasks for each number of threads.
 */
export interface Work {
  /** What it costs; any unit, the results are in the same. */
  readonly cost: number;
  readonly before: readonly number[];
}

export interface CriticalPath {
  /** Task numbers, first to last. */
  readonly tasks: readonly number[];
  readonly cost: number;
}

/** The dearest chain. Tasks that cost nothing are left out of it. */
export function criticalPathOf(work: readonly Work[]): CriticalPath {
  const done = new Float64Array(work.length);
  const previous = new Int32Array(work.length).fill(-1);
  let last = -1;
  work.forEach(({ cost, before }, task) => {
    for (const one of before)
      if ((done[one] as number) > (done[task] as number)) {
        done[task] = done[one] as number;
        previous[task] = one;
      }
    done[task] = (done[task] as number) + cost;
    if (last < 0 || (done[task] as number) > (done[last] as number)) last = task;
  });
  const tasks: number[] = [];
  for (let task = last; task >= 0; task = previous[task] as number) tasks.push(task);
  const cost = last < 0 ? 0 : (done[last] as number);
  return { tasks: tasks.reverse().filter((task) => (work[task] as Work).cost > 0), cost };
}

/** How long all tasks take on so many threads, dealt out as a list. `taskCost` is added to each where there are several. */
export function timeOnThreads(work: readonly Work[], threads: number, taskCost = 0): number {
  const after: number[][] = work.map(() => []);
  const waits = new Int32Array(work.length);
  work.forEach(({ before }, task) => {
    waits[task] = before.length;
    for (const one of before) (after[one] as number[]).push(task);
  });
  const urgency = new Float64Array(work.length);
  for (let task = work.length - 1; task >= 0; task--) {
    let most = 0;
    for (const one of after[task] as number[]) most = Math.max(most, urgency[one] as number);
    urgency[task] = most + (work[task] as Work).cost;
  }
  const ready = new Heap((a, b) => (urgency[b] as number) - (urgency[a] as number));
  const ends = new Float64Array(work.length);
  const running = new Heap((a, b) => (ends[a] as number) - (ends[b] as number));
  for (let task = 0; task < work.length; task++) if (waits[task] === 0) ready.push(task);
  let now = 0;
  for (;;) {
    while (running.size < threads) {
      const taken = ready.pop();
      if (taken === undefined) break;
      ends[taken] = now + (work[taken] as Work).cost + (threads > 1 ? taskCost : 0);
      running.push(taken);
    }
    const ended = running.pop();
    if (ended === undefined) return now;
    now = ends[ended] as number;
    for (const one of after[ended] as number[]) {
      const left = (waits[one] as number) - 1;
      waits[one] = left;
      if (left === 0) ready.push(one);
    }
  }
}

/** A binary heap of numbers; the first in the order comes out first. */
class Heap {
  readonly #order: (a: number, b: number) => number;
  readonly #items: number[] = [];

  constructor(order: (a: number, b: number) => number) {
    this.#order = order;
  }

  get size(): number {
    return this.#items.length;
  }

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#order(items[at] as number, items[above] as number) >= 0) break;
      this.#swap(at, above);
      at = above;
    }
  }

  pop(): number | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    items[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      let least = at;
      for (const below of [left, left + 1])
        if (below < items.length && this.#order(items[below] as number, items[least] as number) < 0)
          least = below;
      if (least === at) return first;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    const item = items[a] as number;
    items[a] = items[b] as number;
    items[b] = item;
  }
}
