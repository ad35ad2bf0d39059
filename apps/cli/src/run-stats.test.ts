import type { Sheet } from "@reckon/sheet";
import { describe, expect, it } from "vitest";
import type { HeavyWork } from "./heavy-work.ts";
import { jsonStats, runStats, statsLines } from "./run-stats.ts";

interface Counted {
  readonly figures?: object;
  readonly calls?: object;
  readonly cache?: object;
  readonly ms?: number;
}

/** What a run that was counted like this tells; 0 where nothing is said. */
function statsOf({ figures, calls, cache, ms = 1000 }: Counted): ReturnType<typeof runStats> {
  const engine = { computed: 0, reused: 0, dispatched: 0, msHere: 0, msElsewhere: 0, ...figures };
  const none = { made: 0, reused: 0, sent: 0, formulas: 0, awaited: 0, sentMs: 0, hereMs: 0 };
  const sheet = { engine: { figures: () => engine } } as unknown as Sheet;
  const stats = { calls: { ...none, ...calls }, ...(cache === undefined ? {} : { cache }) };
  return runStats(sheet, { stats, ms } as unknown as HeavyWork);
}

describe("what a run did", () => {
  it("[CL75] counts a formula once: its calls where there are some worth keeping, else its column", () => {
    expect(statsOf({ figures: { computed: 9, reused: 2 } })).toMatchObject({ computed: 7, reused: 2 });
    // Two of nine computations are of a formula with 12 calls, of which 4 were found.
    const stats = statsOf({
      figures: { computed: 9, reused: 0, dispatched: 2 },
      calls: { formulas: 2, awaited: 2, made: 8, reused: 4, sent: 8 },
    });
    expect(stats).toMatchObject({ computed: 15, reused: 4, dispatched: 8 });
  });

  it("[CL75] the speed-up is all work over the time of the calculation, and 1 where nothing was sent", () => {
    const figures = { dispatched: 3, msHere: 100, msElsewhere: 700 };
    const calls = { sentMs: 801, hereMs: 200 };
    expect(statsOf({ figures, calls }).speedup).toBe(1.801);
    expect(statsOf({ figures: { ...figures, dispatched: 0 }, calls }).speedup).toBe(1);
    expect(statsOf({ figures, calls, ms: 0 }).speedup).toBe(1);
  });

  it("[CL75] hits and the time saved are those of each tier that there is", () => {
    const cache = { memory: { hits: 1, savedMs: 10 }, disk: { hits: 20, savedMs: 2000.5 } };
    expect(statsOf({ cache })).toMatchObject({
      hits: { memory: 1, disk: 20, shared: 0 },
      savedMs: 2010.5,
    });
    const shared = statsOf({ cache: { shared: { hits: 3, savedMs: 1 } } });
    expect(shared.hits).toEqual({ memory: 0, disk: 0, shared: 3 });
    expect(statsOf({}).savedMs).toBe(0);
  });

  const stats = {
    computed: 1_234_567,
    reused: 1000,
    hits: { memory: 12, disk: 3456, shared: 0 },
    dispatched: 300,
    speedup: 1.692,
    ms: 4272.264,
    savedMs: 812.4,
  };

  it("[CL75] as lines, with units", () => {
    expect(statsLines(stats).join("\n")).toMatchInlineSnapshot(`
      "statistics
        computed    1,234,567
        reused      1,000
        hits        12 memory, 3,456 disk, 0 shared
        dispatched  300
        speed-up    1.69×
        time saved  812 ms
        took        4.27 s"
    `);
    const [, , , , , speedup, saved, took] = statsLines({ ...stats, speedup: 1, savedMs: 3.21, ms: 180_000 });
    expect([speedup, saved, took]).toEqual([
      "  speed-up    1.00×",
      "  time saved  3.2 ms",
      "  took        3 min",
    ]);
  });

  it("[CL75] as data: what the schema names, in its order", () => {
    const { savedMs: _, ...told } = stats;
    expect(JSON.stringify(jsonStats(stats))).toBe(JSON.stringify(told));
  });
});
