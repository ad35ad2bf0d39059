/**
 * How long tasks take when some of them may run at the same time.
 *
 * The critical path is the dearest chain of tasks that wait for each other: no number of threads is faster. For a
 * given number of threads, tasks are dealt out as a list: whenever a thread is free it takes, of those tasks whose
 * precedents are done, the one with the dearest chain behind it. There are no barriers between levels. That is within
 * twice the best possible, and mostly near to it.
 *
 * Tasks are numbered precedents first. What does not depend on the number of threads is worked out once:
 *
 *   starts, after   who waits for a task: after[starts[task]] … after[starts[task + 1] - 1]
 *   waits           how many tasks a task waits for
 *   ranks, ranked   the place of a task when the most urgent ones come first, and the other way round
 *
 * so that a task which is ready is one small number in a heap of numbers. Cost: references, and tasks × log tasks, once
 * and for each number of threads.
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

/** Tasks ready to be dealt out to any number of threads. */
export class Schedule {
  readonly #costs: Float64Array;
  readonly #waits: Int32Array;
  readonly #starts: Int32Array;
  readonly #after: Int32Array;
  readonly #ranks: Int32Array;
  readonly #ranked: Int32Array;

  constructor(work: readonly Work[]) {
    this.#costs = Float64Array.from(work, ({ cost }) => cost);
    this.#waits = Int32Array.from(work, ({ before }) => before.length);
    this.#starts = new Int32Array(work.length + 1);
    for (const { before } of work)
      for (const one of before) this.#starts[one + 1] = (this.#starts[one + 1] as number) + 1;
    for (let task = 0; task < work.length; task++)
      this.#starts[task + 1] = (this.#starts[task + 1] as number) + (this.#starts[task] as number);
    this.#after = new Int32Array(this.#starts[work.length] as number);
    const filled = this.#starts.slice();
    work.forEach(({ before }, task) => {
      for (const one of before) {
        const at = filled[one] as number;
        this.#after[at] = task;
        filled[one] = at + 1;
      }
    });
    this.#ranked = this.#byUrgency();
    this.#ranks = new Int32Array(work.length);
    this.#ranked.forEach((task, rank) => {
      this.#ranks[task] = rank;
    });
  }

  /** How long all tasks take on so many threads. `taskCost` is added to each where there are several threads. */
  timeOn(threads: number, taskCost = 0): number {
    const waits = this.#waits.slice();
    const ready = new RankHeap(waits.length);
    const running: { task: number; end: number }[] = [];
    const added = threads > 1 ? taskCost : 0;
    waits.forEach((waiting, task) => {
      if (waiting === 0) ready.push(this.#ranks[task] as number);
    });
    let now = 0;
    for (;;) {
      while (running.length < threads && ready.size > 0) {
        const task = this.#ranked[ready.pop()] as number;
        running.push({ task, end: now + (this.#costs[task] as number) + added });
      }
      if (running.length === 0) return now;
      const ended = takeFirstEnding(running);
      now = ended.end;
      const last = this.#starts[ended.task + 1] as number;
      for (let at = this.#starts[ended.task] as number; at < last; at++) {
        const one = this.#after[at] as number;
        const left = (waits[one] as number) - 1;
        waits[one] = left;
        if (left === 0) ready.push(this.#ranks[one] as number);
      }
    }
  }

  /** The tasks, those with the dearest chain behind them first. */
  #byUrgency(): Int32Array {
    const urgency = new Float64Array(this.#costs.length);
    for (let task = urgency.length - 1; task >= 0; task--) {
      let most = 0;
      for (let at = this.#starts[task] as number; at < (this.#starts[task + 1] as number); at++)
        most = Math.max(most, urgency[this.#after[at] as number] as number);
      urgency[task] = most + (this.#costs[task] as number);
    }
    const tasks = Int32Array.from(urgency, (_, task) => task);
    return tasks.sort((a, b) => (urgency[b] as number) - (urgency[a] as number));
  }
}

/** Takes out what ends first: there are few threads, so they are looked through. */
function takeFirstEnding(running: { task: number; end: number }[]): { task: number; end: number } {
  let first = 0;
  for (let at = 1; at < running.length; at++)
    if ((running[at] as { end: number }).end < (running[first] as { end: number }).end) first = at;
  const taken = running[first] as { task: number; end: number };
  const last = running.pop() as { task: number; end: number };
  if (first < running.length) running[first] = last;
  return taken;
}

/** A binary heap of whole numbers; the least comes out first. */
class RankHeap {
  readonly #items: Int32Array;
  size = 0;

  constructor(most: number) {
    this.#items = new Int32Array(most);
  }

  push(rank: number): void {
    const items = this.#items;
    let at = this.size++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = items[above] as number;
      if (other <= rank) break;
      items[at] = other;
      at = above;
    }
    items[at] = rank;
  }

  /** Only where there is one. */
  pop(): number {
    const items = this.#items;
    const first = items[0] as number;
    const size = --this.size;
    const rank = items[size] as number;
    let at = 0;
    for (let below = 1; below < size; below = 2 * at + 1) {
      if (below + 1 < size && (items[below + 1] as number) < (items[below] as number)) below += 1;
      const other = items[below] as number;
      if (other >= rank) break;
      items[at] = other;
      at = below;
    }
    items[at] = rank;
    return first;
  }
}
