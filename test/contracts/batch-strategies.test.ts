/** One batch by every strategy of this machine, with everything real but the queue: model, file, threads, ledger, result file. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type BatchEvent,
  type BatchRequest,
  type BatchRun,
  type BatchSummary,
  systemClock as clock,
  openEntities,
  openLedger,
  prepareProgram,
  type StrategyName,
  seededRandom,
  startBatch,
} from "@reckon/batch";
import { createRuntime } from "@reckon/host";
import { openRows } from "@reckon/tables";
import { afterAll, expect, it } from "vitest";

const points = fileURLToPath(new URL("../../docs/examples/points/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "reckon-strategies-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface WholeRun {
  readonly batch: BatchRun;
  readonly events: readonly BatchEvent[];
  readonly end: () => Promise<BatchSummary>;
}

/** A run of the example with players and opponents, its ledger and its results in files of that name. */
async function begin(
  name: string,
  strategy: StrategyName,
  given: Partial<BatchRequest> = {},
): Promise<WholeRun> {
  const rows = await openRows(join(points, "players.csv"));
  if ("problem" in rows) throw new Error(rows.problem);
  const load = { model: join(points, "points.reckon"), allowModules: true };
  const prepared = await prepareProgram({ load, axis: "player", columns: rows.columns });
  if (!("program" in prepared)) throw new Error(JSON.stringify(prepared));
  const { program } = prepared;
  const source = openEntities(rows, program);
  if ("problem" in source) throw new Error(source.problem);
  const ledger = await openLedger(join(folder, `${name}.sqlite`), { clock });
  const runtime = createRuntime({ threads: 2, cache: "off" });
  const events: BatchEvent[] = [];
  const batch = startBatch({
    program,
    source,
    ledger,
    policy: { retry: { attemptsMax: 1, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 } },
    strategy,
    concurrency: 2,
    chunkEntities: 6,
    resume: "auto",
    verify: { count: 5 },
    results: { path: join(folder, `${name}.csv`), format: "csv" },
    runtime,
    clock,
    random: seededRandom(1),
    onEvent: (event) => events.push(event),
    ...given,
  });
  return {
    batch,
    events,
    end: async () => {
      try {
        return await batch.summary;
      } finally {
        await ledger.close();
        await source.close();
        await runtime.close();
      }
    },
  };
}

const resultOf = (name: string): string => readFileSync(join(folder, `${name}.csv`), "utf8");

it("[BA9] [BA56] every strategy gives the same bytes, and so does a run that was interrupted", async () => {
  const summary = await (await begin("sequential", "sequential")).end();
  expect(summary).toMatchObject({
    state: "succeeded",
    entities: 200,
    succeeded: 200,
    strategy: "sequential",
  });
  expect(summary.verify).toMatchObject({ sampled: 5, mismatches: [] });
  const expected = resultOf("sequential");
  expect(expected.split("\n")).toHaveLength(202);
  for (const strategy of ["inside", "threads"] as const) {
    const other = await (await begin(strategy, strategy)).end();
    expect(other).toMatchObject({ state: "succeeded", succeeded: 200, strategy });
    expect(other.verify).toMatchObject({ sampled: 5, mismatches: [] });
    expect(resultOf(strategy)).toBe(expected);
  }

  const first = await begin("interrupted", "threads");
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (first.batch.progress().succeeded >= 30) resolve();
      else setTimeout(look, 1);
    };
    look();
  });
  first.batch.interrupt(0);
  const interrupted = await first.end();
  expect(interrupted.state).toBe("interrupted");
  expect(interrupted.succeeded).toBeLessThan(200);
  const second = await begin("interrupted", "sequential");
  const resumed = await second.end();
  expect(resumed).toMatchObject({ run: interrupted.run, state: "succeeded", succeeded: 200 });
  expect(second.events.find(({ kind }) => kind === "began")).toMatchObject({
    isResumed: true,
    finishedBefore: interrupted.succeeded,
  });
  expect(resultOf("interrupted")).toBe(expected);
});

it("[BA64] threads that are asked for have the program open when the plan is there", async () => {
  for (const [strategy, least] of [
    ["threads", availableParallelism() > 1 ? 1 : 0],
    ["sequential", 0],
  ] as const) {
    const run = await begin(`early-${strategy}`, strategy);
    expect(await run.end()).toMatchObject({ state: "succeeded", succeeded: 200 });
    const planned = run.events.find((event) => event.kind === "planned");
    const { threadsOpened = 0 } = planned?.plan.measures ?? {};
    expect(threadsOpened).toBeGreaterThanOrEqual(least);
    if (least === 0) expect(threadsOpened).toBe(0);
  }
  expect(resultOf("early-threads")).toBe(resultOf("early-sequential"));
});

it("[BA17] what cannot be ended in place is computed on a thread when there is a timeout", async () => {
  const run = await begin("timeout", "sequential", {
    policy: {
      timeoutMs: 20_000,
      retry: { attemptsMax: 1, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 },
    },
  });
  expect(await run.end()).toMatchObject({ state: "succeeded", succeeded: 200 });
  expect(resultOf("timeout")).toBe(resultOf("sequential"));
});
