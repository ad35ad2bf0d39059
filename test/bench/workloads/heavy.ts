/** Heavy formulas in batches, and what a batch must hold until threads pay: against one thread in the same process. */
import type { BenchEngine, HeavyBatch, HeavyRunner } from "../engine.ts";
import { type Paired, paired } from "../heavy/paired.ts";
import { compute, roundsPerMicrosecond } from "../heavy/work.ts";
import { type Figure, figureOf, medianOf } from "../timing.ts";
import { type Effort, expectEqual, type Workload } from "../workload.ts";

interface Kind {
  readonly costUs: number;
  readonly count: number;
  /** How many numbers each formula reads. */
  readonly numbers: number;
  readonly isColumn?: boolean;
}

async function measureKind(engine: BenchEngine, kind: Kind, rounds: number, effort: Effort): Promise<Paired> {
  const { count, numbers } = kind;
  const reads = Array.from({ length: count }, (_, i) => new Float64Array(numbers).fill(i));
  const batch: HeavyBatch = {
    rounds: Math.max(1, Math.round(kind.costUs * rounds)),
    reads,
    isColumn: kind.isColumn === true,
  };
  const threads = await runnerOf(engine, batch, false);
  const one = await runnerOf(engine, batch, true);
  for (const seed of [1, 2]) for (const way of [threads, one]) await check(engine, batch, way, seed);
  const result = await paired(
    effort,
    (i) => threads.run(3 + i),
    (i) => one.run(3 + i),
  );
  for (const way of [threads, one]) await check(engine, batch, way, 1);
  await threads.close();
  await one.close();
  return result;
}

async function runnerOf(engine: BenchEngine, batch: HeavyBatch, isOneThread: boolean): Promise<HeavyRunner> {
  if (engine.heavy === undefined) throw new TypeError(`${engine.name} has no threads`);
  return await engine.heavy(batch, isOneThread);
}

async function check(
  engine: BenchEngine,
  batch: HeavyBatch,
  { run }: HeavyRunner,
  seed: number,
): Promise<void> {
  const results = await run(seed);
  for (const [i, reads] of batch.reads.entries()) {
    expectEqual(engine, `formula ${i}`, results[i] as number, compute({ seed, reads, rounds: batch.rounds }));
  }
}

/** To see that results are right, a hundredth of the work is enough. */
function roundsFor({ batchMs }: Effort): number {
  return roundsPerMicrosecond() / (batchMs === 0 ? 100 : 1);
}

const whyNot = "runs no tasks on threads";
/** The machine's, and not a round number of it: what is promised from 10 µs on holds there. */
const batches: Readonly<Record<string, Kind>> = {
  "10us": { costUs: 10, count: 10_000, numbers: 1, isColumn: true },
  "100us": { costUs: 100, count: 1000, numbers: 1 },
  "1ms": { costUs: 1000, count: 300, numbers: 1 },
  "10ms": { costUs: 10_000, count: 30, numbers: 1 },
};

export const heavy: Workload = {
  id: "heavy",
  title: "heavy formulas in batches",
  about:
    "A column of 10,000 cells of 10 µs, 1,000 formulas of 100 µs, 300 of 1 ms and 30 of 10 ms (size: percent of these), all of which read one input that is changed; `to one thread` is the time of the same engine on one thread (of peers and floor: of a loop) divided by this one, pair by pair in one process. The floor cuts the batch in two by hand. All results are compared with the loop's.",
  face: "heavy",
  whyNot,
  patience: 3,
  sizes: { full: 100, quick: 5, tiny: 0.1 },
  measures: {
    "10us": "10,000 cells of 10 µs",
    "100us": "1,000 of 100 µs",
    "1ms": "300 of 1 ms",
    "10ms": "30 of 10 ms",
  },
  async run(engine, size, effort): Promise<Figure[]> {
    const rounds = roundsFor(effort);
    const figures: Figure[] = [];
    for (const [measure, kind] of Object.entries(batches)) {
      const count = Math.max(1, Math.round((kind.count * size) / 100));
      if (kind.count > (engine.tasksMax ?? kind.count)) continue;
      const { ms, ratios } = await measureKind(engine, { ...kind, count }, rounds, effort);
      figures.push({ ...figureOf(measure, ms), ratios });
    }
    return figures;
  },
};

const costs: Readonly<Record<string, number>> = {
  "1 µs": 1,
  "10 µs": 10,
  "100 µs": 100,
  "1 ms": 1000,
  "10 ms": 10_000,
};
const counts = [1, 30, 1000];
const payloads: Readonly<Record<string, number>> = { "1 number": 1, "10,000 numbers": 10_000 };
const togetherUsMax = 1_000_000;

function sweepKinds(): Map<string, Kind> {
  const kinds = new Map<string, Kind>();
  for (const [cost, costUs] of Object.entries(costs)) {
    for (const count of counts) {
      if (costUs * count > togetherUsMax) continue;
      for (const [payload, numbers] of Object.entries(payloads)) {
        kinds.set(`${count} × ${cost} × ${payload}`, { costUs, count, numbers });
      }
    }
  }
  return kinds;
}

const kinds = sweepKinds();

export const sweep: Workload = {
  id: "sweep",
  title: "never slower than one thread",
  about:
    "Batches of all costs, counts and amounts that a formula reads, as in `heavy` (size: percent of the largest count). `least` is the batch with the smallest median ratio.",
  face: "heavy",
  whyNot,
  patience: 6,
  sizes: { full: 100, quick: 3, tiny: 0.1 },
  measures: { least: "least", ...Object.fromEntries([...kinds.keys()].map((label) => [label, label])) },
  async run(engine, size, effort): Promise<Figure[]> {
    const rounds = roundsFor(effort);
    const countMax = Math.max(1, Math.round((1000 * size) / 100));
    const brief = { ...effort, warmMsMin: effort.warmMsMin / 3, warmMsMax: effort.warmMsMax / 3 };
    const figures: (Figure & { readonly ratios: readonly number[] })[] = [];
    for (const [label, kind] of kinds) {
      const { ms, ratios } = await measureKind(
        engine,
        { ...kind, count: Math.min(kind.count, countMax) },
        rounds,
        brief,
      );
      figures.push({ ...figureOf(label, ms), ratios });
    }
    const least = figures.reduce((worst, one) =>
      medianOf(one.ratios) < medianOf(worst.ratios) ? one : worst,
    );
    return [{ ...least, measure: "least" }, ...figures];
  },
};
