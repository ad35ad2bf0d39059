/**
 * Which entities are computed again: those where faults are likelier first, then any.
 *
 *   1. The rows of the ledger are gone through once. Of each stratum as many are kept as the sample has: the slowest, and of those retried,
 *      those from the cache, and all, the ones with the least random numbers. Of each worker the first it computed.
 *   2. One from each stratum in turn, until the sample is full; nobody twice.
 *
 * The same rows and the same random numbers give the same sample: each row that has values takes one number. Memory: some samples.
 */
import type { RandomSource } from "../batch-clock.ts";
import type { EntityRow } from "../ledger.ts";
import type { VerifyStratum } from "../summary.ts";

/** What is kept of an entity to compute it again and to compare. */
export interface Candidate {
  readonly key: string;
  readonly position: number;
  readonly chunk: number;
  readonly chunkRow: number;
  readonly worker: string;
}

export interface Chosen extends Candidate {
  readonly stratum: VerifyStratum;
}

const turns: readonly VerifyStratum[] = ["slowest", "retried", "cached", "first-of-worker", "random"];

/** Has values that can be wrong. */
export function isVerifiable({ state }: EntityRow): boolean {
  return state === "succeeded" || state === "skipped";
}

export class Strata {
  readonly #size: number;
  readonly #random: RandomSource;
  readonly #kept: Readonly<Record<Exclude<VerifyStratum, "first-of-worker">, LeastOf>>;
  readonly #firsts = new Map<string, { readonly candidate: Candidate; readonly startedAtMs: number }>();

  constructor(size: number, random: RandomSource) {
    this.#size = size;
    this.#random = random;
    this.#kept = {
      slowest: new LeastOf(size),
      retried: new LeastOf(size),
      cached: new LeastOf(size),
      random: new LeastOf(size),
    };
  }

  add(row: EntityRow): void {
    if (!isVerifiable(row)) return;
    const { key, position, chunk, chunkRow, worker, startedAtMs } = row;
    const candidate = { key, position, chunk, chunkRow, worker };
    const chance = this.#random();
    this.#kept.random.add(chance, candidate);
    if (row.state === "skipped" || row.cacheHits > 0) this.#kept.cached.add(chance, candidate);
    if (row.state === "skipped") return;
    this.#kept.slowest.add(-row.durationMs, candidate);
    if (row.attempts > 1) this.#kept.retried.add(chance, candidate);
    const first = this.#firsts.get(worker);
    if (first === undefined || startedAtMs < first.startedAtMs)
      this.#firsts.set(worker, { candidate, startedAtMs });
  }

  /** The sample, by position. */
  take(): readonly Chosen[] {
    const firsts = [...this.#firsts]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { candidate }]) => candidate);
    const lists: Record<VerifyStratum, readonly Candidate[]> = {
      slowest: this.#kept.slowest.inOrder(),
      retried: this.#kept.retried.inOrder(),
      cached: this.#kept.cached.inOrder(),
      "first-of-worker": firsts,
      random: this.#kept.random.inOrder(),
    };
    const chosen = new Map<number, Chosen>();
    const at = new Map<VerifyStratum, number>();
    for (let before = -1; before < chosen.size; ) {
      before = chosen.size;
      for (const stratum of turns) {
        if (chosen.size >= this.#size) break;
        const list = lists[stratum];
        let i = at.get(stratum) ?? 0;
        while (i < list.length && chosen.has((list[i] as Candidate).position)) i++;
        const candidate = list[i];
        if (candidate !== undefined) chosen.set(candidate.position, { ...candidate, stratum });
        at.set(stratum, i + 1);
      }
    }
    return [...chosen.values()].toSorted((a, b) => a.position - b.position);
  }
}

/** Those of all added that have the least numbers. */
class LeastOf {
  readonly #size: number;
  #kept: { readonly at: number; readonly candidate: Candidate }[] = [];
  #most = Number.POSITIVE_INFINITY;

  constructor(size: number) {
    this.#size = size;
  }

  add(at: number, candidate: Candidate): void {
    if (at >= this.#most) return;
    this.#kept.push({ at, candidate });
    if (this.#kept.length < 2 * this.#size + 16) return;
    this.#kept = this.#sorted();
    this.#most = this.#kept.at(-1)?.at ?? Number.POSITIVE_INFINITY;
  }

  inOrder(): readonly Candidate[] {
    return this.#sorted().map(({ candidate }) => candidate);
  }

  #sorted(): { readonly at: number; readonly candidate: Candidate }[] {
    return this.#kept
      .toSorted((a, b) => a.at - b.at || a.candidate.position - b.candidate.position)
      .slice(0, this.#size);
  }
}
