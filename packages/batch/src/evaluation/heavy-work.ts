/**
 * Times heavy work that is done in place, to know which part of an entity's time other threads could take.
 *
 * Calls of module functions count from half a millisecond on, and those of formulas that are declared heavy; what gives promises,
 * until they are kept. Whatever the engine hands to its executor counts, with the calls in it once. Cost: two looks at the
 * clock a call.
 */
import type { Executor } from "@reckon/engine";
import type { CallRunner } from "@reckon/plan";

const worthMs = 0.5;

export interface HeavyTime {
  readonly ms: number;
  readonly calls: number;
  /** Of `ms`, in calls that no formula declares heavy: these are sent only where that pays. */
  readonly undeclaredMs: number;
}

export class HeavyWork {
  readonly #now: () => number;
  #ms = 0;
  #undeclaredMs = 0;
  #count = 0;
  /** Tasks that are being computed: what is called in them is in their time. */
  #open = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** So far. */
  time(): HeavyTime {
    return { ms: this.#ms, calls: this.#count, undeclaredMs: this.#undeclaredMs };
  }

  /** The same calls, timed. */
  calls(runner: CallRunner): CallRunner {
    return {
      call: (called, args, group) => {
        if (this.#open > 0) return runner.call(called, args, group);
        const began = this.#now();
        const value = runner.call(called, args, group);
        const ended = (): void => this.#add(this.#now() - began, called.weight === "heavy");
        if (value instanceof Promise) value.then(ended, ended);
        else ended();
        return value;
      },
    };
  }

  /** The same executor, timed. */
  executor(executor: Executor): Executor {
    return {
      ...executor,
      submit: (task, signal) => {
        const began = this.#now();
        this.#open++;
        const outcome = executor.submit(task, signal);
        const ended = (): void => {
          this.#open--;
          this.#add(this.#now() - began, true);
        };
        if (outcome instanceof Promise) outcome.then(ended, ended);
        else ended();
        return outcome;
      },
      close: () => executor.close(),
    };
  }

  #add(ms: number, isHeavy: boolean): void {
    if (ms < worthMs && !isHeavy) return;
    this.#ms += ms;
    if (!isHeavy) this.#undeclaredMs += ms;
    this.#count++;
  }
}
