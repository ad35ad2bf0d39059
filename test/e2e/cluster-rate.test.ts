/** How many entities of a run begin in any second, over two worker processes: counted where they begin, by one clock. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startClusterBatch } from "../contracts/batch-over-cluster.ts";
import { Conducting, chunksOf } from "../contracts/cluster-scene.ts";
import { overBothServers } from "../contracts/cluster-servers.ts";

const perSecond = (jobsMax: number) => ({ rate: { jobsMax, perMs: 1_000 } });
const everyMs = (count: number, ms: number): number[] =>
  Array.from({ length: count }, (_, i) => -ms - i / 100);
const runs = { ours: "20261121T143000-000001", theirs: "20261121T143000-000002" };

overBothServers("a rate", { prefix: "rate", timeoutMs: 120_000 }, (at) => {
  const twoWorkers = () => Promise.all([at.scene.worker({ threads: 2 }), at.scene.worker({ threads: 2 })]);

  it("[QU35] all that is in the queue at once begins no faster, from the first moment on", async () => {
    await twoWorkers();
    const conducting = new Conducting(await at.scene.connect(), at.scene.program, runs.ours, perSecond(4));
    await conducting.send(chunksOf(everyMs(16, 1), 1));
    await conducting.all();
    expect(conducting.values().size).toBe(16);
    expect(at.scene.mostWithin(1_000)).toBeLessThanOrEqual(4);
    // What waits is no time of the chunk.
    for (const outcome of conducting.outcomes.values())
      expect(outcome.kind === "done" && outcome.figures.durationMs).toBeLessThan(1_000);
  });

  it("[QU35] of chunks of several entities the rate is that of entities, whenever each begins", async () => {
    await twoWorkers();
    const conducting = new Conducting(await at.scene.connect(), at.scene.program, runs.ours, perSecond(4));
    await conducting.send(chunksOf(everyMs(16, 150), 4));
    await conducting.all();
    expect(conducting.values().size).toBe(16);
    expect(at.scene.mostWithin(1_000)).toBeLessThanOrEqual(4);
  });

  it("[QU14] [QU35] another run is not held up", async () => {
    await twoWorkers();
    const port = await at.scene.connect();
    const ours = new Conducting(port, at.scene.program, runs.ours, {
      rate: { jobsMax: 1, perMs: 3_600_000 },
    });
    await ours.send(chunksOf(everyMs(3, 1), 1));
    const theirs = new Conducting(port, at.scene.program, runs.theirs);
    await theirs.send(chunksOf(everyMs(20, 1), 1));
    await theirs.all();
    expect(theirs.values().size).toBe(20);
    // Those that wait end with their run.
    await port.jobs.cancel(runs.ours);
    await ours.until(
      () => [...ours.outcomes.values()].filter((each) => each.kind === "cancelled").length === 2,
    );
  });

  it("[BA21] [QU14] a batch with a rate, its sample included", async () => {
    await twoWorkers();
    const request = {
      model: join(at.scene.folder, "points.reckon"),
      kinds: everyMs(40, 1),
      ledger: "memory",
      results: join(at.scene.folder, "results.csv"),
      seed: 1,
      queue: at.scene.queue,
      ...perSecond(8),
    };
    const batch = await startClusterBatch(request, () => undefined);
    expect(await batch.summary).toMatchObject({ state: "succeeded", succeeded: 40 });
    await batch.close();
    expect(readFileSync(request.results, "utf8").trim().split("\n")).toHaveLength(41);
    expect(at.scene.mostWithin(1_000)).toBeLessThanOrEqual(8);
  });
});
