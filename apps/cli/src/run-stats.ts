/**
 * What a run did: results computed and reused, hits by tier, what was sent to threads, and how much faster that was.
 *
 * A result is a formula's column or, of a formula whose calls of module functions are worth keeping, each of these calls. So
 * what is computed and what is reused are counted alike, whichever way a model is written.
 */
import { durationText } from "@reckon/host";
import type { Sheet } from "@reckon/sheet";
import type { HeavyWork } from "./heavy-work.ts";

export interface RunStats {
  readonly computed: number;
  /** Found in the cache. */
  readonly reused: number;
  readonly hits: { readonly memory: number; readonly disk: number; readonly shared: number };
  /** Tasks and calls that went to threads. */
  readonly dispatched: number;
  /** The time of all work, wherever it was done, over what the calculation took; 1 where nothing was dispatched. */
  readonly speedup: number;
  /** What the calculation took. */
  readonly ms: number;
  /** What was not computed because it was found, in ms. */
  readonly savedMs: number;
}

export function runStats(sheet: Sheet, work: HeavyWork): RunStats {
  const figures = sheet.engine.figures();
  const { calls, cache } = work.stats;
  const { ms } = work;
  const tiers = [cache?.memory, cache?.disk, cache?.shared];
  const [memory = 0, disk = 0, shared = 0] = tiers.map((tier) => tier?.hits ?? 0);
  const dispatched = Math.max(0, figures.dispatched - calls.awaited) + calls.sent;
  const workMs = figures.msHere + figures.msElsewhere + calls.sentMs + calls.hereMs;
  return {
    computed: Math.max(0, figures.computed - figures.reused - calls.formulas) + calls.made,
    reused: figures.reused + calls.reused,
    hits: { memory, disk, shared },
    dispatched,
    speedup: dispatched === 0 || ms <= 0 ? 1 : rounded(workMs / ms),
    ms: rounded(ms),
    savedMs: rounded(tiers.reduce((sum, tier) => sum + (tier?.savedMs ?? 0), 0)),
  };
}

/** As `--json` prints it. */
export function jsonStats({ computed, reused, hits, dispatched, speedup, ms }: RunStats): object {
  return { computed, reused, hits, dispatched, speedup, ms };
}

export function statsLines(stats: RunStats): readonly string[] {
  const { memory, disk, shared } = stats.hits;
  const rows: readonly (readonly [string, string])[] = [
    ["computed", count(stats.computed)],
    ["reused", count(stats.reused)],
    ["hits", `${count(memory)} memory, ${count(disk)} disk, ${count(shared)} shared`],
    ["dispatched", count(stats.dispatched)],
    ["speed-up", `${stats.speedup.toFixed(2)}×`],
    ["time saved", timeText(stats.savedMs)],
    ["took", timeText(stats.ms)],
  ];
  return ["statistics", ...rows.map(([name, text]) => `  ${name.padEnd(10)}  ${text}`)];
}

function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A time in full: `0 ms`, `812 ms`, `2.40 s`, `3 min`. */
export function timeText(ms: number): string {
  if (ms < 1000) return ms > 0 && ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
  return ms < 99_500 ? `${(ms / 1000).toFixed(2)} s` : durationText(ms);
}

function rounded(value: number): number {
  return Number(value.toFixed(3));
}
