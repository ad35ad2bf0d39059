/** How many entities of a run begin in any second, over two worker processes: counted where they begin, by one clock. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startClusterBatch } from "../contracts/batch-over-cluster.ts";
import { Conducting, chunksOf, Scene } from "../contracts/cluster-scene.ts";
import { missingFor, startPostgres, startRedis, type TestServer } from "../contracts/servers.ts";

const perSecond = (jobsMax: number) => ({ rate: { jobsMax, perMs: 1_000 } });
const everyMs = (count: number, ms: number): number[] =>
  Array.from({ length: count }, (_, i) => -ms - i / 100);
const runs = { ours: "20261121T143000-000001", theirs: "20261121T143000-000002" };

describe.each([
  ["redis", startRedis],
  ["postgres", startPostgres],
] as const)("a rate on %s", (kind, start) => {
  const missing = missingFor(kind);

  it("has its server on a build server", () => {
    if (process.env.CI === "true") expect(missing).toBeUndefined();
  });

  // Skipped where the server is not installed; .ci/run installs it.
  describe.skipIf(missing !== undefined)("with a server", { timeout: 120_000 }, () => {
    let server: TestServer;
    let scene: Scene;
    let scenes = 0;

    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.end());
    beforeEach(async () => {
      scenes += 1;
      scene = await Scene.open(server, `rate_${scenes}`);
    });
    afterEach(() => scene.close());

    const twoWorkers = () => Promise.all([scene.worker({ threads: 2 }), scene.worker({ threads: 2 })]);

    it("[QU35] all that is in the queue at once begins no faster, from the first moment on", async () => {
      await twoWorkers();
      const conducting = new Conducting(await scene.connect(), scene.program, runs.ours, perSecond(4));
      await conducting.send(chunksOf(everyMs(16, 1), 1));
      await conducting.all();
      expect(conducting.values().size).toBe(16);
      expect(scene.mostWithin(1_000)).toBeLessThanOrEqual(4);
      // What waits is no time of the chunk.
      for (const outcome of conducting.outcomes.values())
        expect(outcome.kind === "done" && outcome.figures.durationMs).toBeLessThan(1_000);
    });

    it("[QU35] of chunks of several entities the rate is that of entities, whenever each begins", async () => {
      await twoWorkers();
      const conducting = new Conducting(await scene.connect(), scene.program, runs.ours, perSecond(4));
      await conducting.send(chunksOf(everyMs(16, 150), 4));
      await conducting.all();
      expect(conducting.values().size).toBe(16);
      expect(scene.mostWithin(1_000)).toBeLessThanOrEqual(4);
    });

    it("[QU14] [QU35] another run is not held up", async () => {
      await twoWorkers();
      const port = await scene.connect();
      const ours = new Conducting(port, scene.program, runs.ours, { rate: { jobsMax: 1, perMs: 3_600_000 } });
      await ours.send(chunksOf(everyMs(3, 1), 1));
      const theirs = new Conducting(port, scene.program, runs.theirs);
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
        model: join(scene.folder, "points.reckon"),
        kinds: everyMs(40, 1),
        ledger: "memory",
        results: join(scene.folder, "results.csv"),
        seed: 1,
        queue: scene.queue,
        ...perSecond(8),
      };
      const batch = await startClusterBatch(request, () => undefined);
      expect(await batch.summary).toMatchObject({ state: "succeeded", succeeded: 40 });
      await batch.close();
      expect(readFileSync(request.results, "utf8").trim().split("\n")).toHaveLength(41);
      expect(scene.mostWithin(1_000)).toBeLessThanOrEqual(8);
    });
  });
});
