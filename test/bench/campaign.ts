/**
 * A run of the benchmark: which cases, in which order, and what comes of them.
 *
 * For each workload the engines take turns, as often as asked for, so that a slow minute of the machine meets all of
 * them. An engine that fails at a size is tried with a tenth of it, down to a thousand; each size that failed is told
 * with its reason. A case that needs more than a third of its limit is measured once.
 */
import { type Case, runCase } from "./child.ts";
import type { BenchEngine } from "./engine.ts";
import { loadEngine } from "./engines/index.ts";
import type { Outcome } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import type { Result } from "./report/result.ts";
import { medianOf } from "./timing.ts";
import type { Workload } from "./workload.ts";

const smallestSize = 1000;
/** A quick run uses two cores, whatever that does to its figures. */
const atOnceQuick = 2;

export type Tell = (what: string) => void;

export async function runWorkload(workload: Workload, options: BenchOptions, tell: Tell): Promise<Result[]> {
  const results: Result[] = [];
  const contenders: Contender[] = [];
  for (const name of options.engines) {
    const engine = await loadEngine(name);
    const reason = reasonAgainst(workload, engine);
    if (reason === undefined) contenders.push(new Contender(workload, engine, options));
    else results.push({ kind: "refusal", workload: workload.id, engine: name, reason });
  }
  for (let turn = 0; turn < options.runs; turn++) {
    const waiting = [...contenders];
    const takeTurns = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await next.takeTurn(turn, tell);
    };
    await Promise.all(Array.from({ length: options.isQuick ? atOnceQuick : 1 }, takeTurns));
  }
  for (const contender of contenders) results.push(...contender.results());
  return results;
}

/** Why an engine does not do a workload. */
export function reasonAgainst(workload: Workload, engine: BenchEngine): string | undefined {
  const { id, face, whyNot } = workload;
  return engine.refuses?.[id] ?? (engine[face] === undefined ? (whyNot ?? engine.whyNot ?? "") : undefined);
}

class Contender {
  readonly #workload: Workload;
  readonly #engine: BenchEngine;
  readonly #options: BenchOptions;
  readonly #outcomes: Outcome[] = [];
  readonly #failures: Result[] = [];
  #size: number;
  #isSlow = false;

  constructor(workload: Workload, engine: BenchEngine, options: BenchOptions) {
    this.#workload = workload;
    this.#engine = engine;
    this.#options = options;
    this.#size = options.isQuick ? workload.sizes.quick : workload.sizes.full;
  }

  async takeTurn(turn: number, tell: Tell): Promise<void> {
    if (this.#isSlow || (turn > 0 && this.#outcomes.length === 0)) return;
    while (true) {
      const usualMs = this.#options.limitMs * (this.#workload.patience ?? 1);
      const limitMs = Math.min(usualMs, this.#options.endsAt - performance.now());
      if (limitMs < 1000) {
        this.#fail("left out, the time of a quick run was over");
        return;
      }
      tell(`${this.#workload.id} ${this.#engine.name} ${this.#size.toLocaleString("en")}, run ${turn + 1}`);
      const start = performance.now();
      const outcome = await runCase(this.#case(limitMs));
      this.#isSlow = performance.now() - start > usualMs / 3;
      if ("figures" in outcome) {
        this.#outcomes.push(outcome);
        return;
      }
      this.#fail(outcome.failure);
      // A wrong result at one size is not mended by another.
      if (turn > 0 || /^wrong/.test(outcome.failure) || this.#size / 10 < smallestSize) return;
      if (this.#options.isQuick && this.#failures.length > 1) return;
      this.#size /= 10;
    }
  }

  #case(limitMs: number): Case {
    const { isQuick } = this.#options;
    return {
      workload: this.#workload.id,
      engine: this.#engine.name,
      size: this.#size,
      isQuick,
      limitMs,
    };
  }

  #fail(reason: string): void {
    this.#failures.push({
      kind: "failure",
      workload: this.#workload.id,
      engine: this.#engine.name,
      size: this.#size,
      reason,
    });
  }

  results(): Result[] {
    const figures: Result[] = [];
    for (const measure of Object.keys(this.#workload.measures)) {
      const samples = this.#outcomes.flatMap((outcome) =>
        "figures" in outcome ? outcome.figures.filter((figure) => figure.measure === measure) : [],
      );
      if (samples.length === 0) continue;
      const times = samples.map(({ ms }) => ms);
      const ms = medianOf(times);
      const within = Math.max(...samples.map(({ spread }) => spread));
      const between = ms > 0 ? (Math.max(...times) - Math.min(...times)) / ms : 0;
      const ratios = samples.flatMap((sample) => sample.ratios ?? []);
      const heaps = samples.flatMap(({ heapMb }) => (heapMb === undefined ? [] : [heapMb]));
      figures.push({
        kind: "figure",
        workload: this.#workload.id,
        measure,
        engine: this.#engine.name,
        role: this.#engine.role,
        form: this.#engine.form,
        size: this.#size,
        ms,
        spread: times.length > 1 ? between : within,
        runs: times.length,
        ...(ratios.length === 0 ? {} : { ratios }),
        ...(heaps.length === 0 ? {} : { heapMb: medianOf(heaps) }),
      });
    }
    return [...this.#failures, ...figures];
  }
}
