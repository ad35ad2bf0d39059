/** Rules of the queue that need a server and no worker. */
import { createServer } from "node:net";
import { type JobEngine, type JobId, type JobRequest, systemClock } from "@reckon/batch";
import { connectCluster, createBullmqJobEngine, startWorker } from "@reckon/cluster";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort, missingFor, startPostgres, startRedis, type TestServer } from "./servers.ts";

const clock = systemClock;
const nothing = new Uint8Array();

function job(id: string, more: Partial<JobRequest> = {}): JobRequest {
  return { id: id as JobId, group: "run", body: nothing, priority: 0, ...more };
}

/** Resolves when so many jobs are finished. */
function finished(engine: JobEngine, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  engine.events((event) => {
    if (event.kind === "finished") left -= 1;
    if (left === 0) resolve();
  });
  return promise;
}

describe.each([
  ["redis", startRedis],
  ["postgres", startPostgres],
] as const)("a queue on %s", (kind, start) => {
  const missing = missingFor(kind);

  it("has its server on a build server", () => {
    if (process.env.CI === "true") expect(missing).toBeUndefined();
  });

  // Skipped where the server is not installed; .ci/run installs it.
  describe.skipIf(missing !== undefined)("with a server", () => {
    let server: TestServer;
    let queues = 0;
    const engines: JobEngine[] = [];

    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.end());
    afterEach(async () => {
      queues += 1;
      await Promise.all(engines.splice(0).map((engine) => engine.close()));
    });

    const open = async (): Promise<JobEngine> => {
      const engine = await createBullmqJobEngine({ url: server.url, clock, queue: `queue-${queues}` });
      engines.push(engine);
      return engine;
    };

    it("[QU10] takes a job once, and again when it was forgotten", async () => {
      const engine = await open();
      const other = await open();
      expect(await engine.enqueue([job("a"), job("b")])).toEqual(["added", "added"]);
      expect(await other.enqueue([job("a"), job("c")])).toEqual(["known", "added"]);
      const all = finished(engine, 2);
      let handled = 0;
      const consumption = await other.consume(
        async () => {
          handled += 1;
          return nothing;
        },
        { concurrency: 1, worker: "w" },
      );
      await all;
      expect(await engine.enqueue([job("a")])).toEqual(["known"]);
      await engine.forget(["a" as JobId]);
      const again = finished(engine, 1);
      expect(await engine.enqueue([job("a")])).toEqual(["added"]);
      await again;
      await consumption.stop(1_000);
      expect(handled).toBe(4);
    });

    it("[QU14] gives out no more than the rate to all consumers together", async () => {
      const [engine, other] = [await open(), await open()];
      await engine.limitRate({ jobsMax: 10, perMs: 500 });
      const all = finished(engine, 16);
      const consumptions = await Promise.all(
        [engine, other].map((each, i) =>
          each.consume(async () => nothing, { concurrency: 4, worker: `w${i}` }),
        ),
      );
      const began = performance.now();
      await engine.enqueue(Array.from({ length: 16 }, (_, i) => job(`j${i}`)));
      await all;
      // One each 50 ms, the first at once.
      expect(performance.now() - began).toBeGreaterThanOrEqual(15 * 50 - 25);
      const rest = finished(engine, 16);
      await engine.limitRate(undefined);
      await engine.enqueue(Array.from({ length: 16 }, (_, i) => job(`k${i}`)));
      await rest;
      await Promise.all(consumptions.map((consumption) => consumption.stop(0)));
    });

    it("[QU19] begins what has the least priority first, equal ones as they came", async () => {
      const engine = await open();
      const priorities = [5, 0, 2_000_000, 0, 1, 5];
      await engine.enqueue(priorities.map((priority, i) => job(`j${i}`, { priority })));
      const all = finished(engine, 6);
      const begun: string[] = [];
      await engine.consume(
        async ({ id }) => {
          begun.push(id);
          return nothing;
        },
        { concurrency: 1, worker: "w" },
      );
      await all;
      expect(begun).toEqual(["j1", "j3", "j4", "j0", "j5", "j2"]);
    });

    it("refuses what is no job", async () => {
      const engine = await open();
      for (const wrong of [
        job("12"),
        job("a:b"),
        job("a", { priority: -1 }),
        job("a", { priority: 0.5 }),
        job("a", { body: new Uint8Array(70_000) }),
      ])
        await expect(async () => engine.enqueue([wrong])).rejects.toMatchObject({ code: "misuse" });
    });

    it("[QU21] [QU18] that does not let us in is refused, without what is secret in its address", async () => {
      const url = server.wrongUrl;
      for (const connect of [
        () => connectCluster({ url, clock }),
        () => startWorker({ url, clock, trustedKeys: [] }),
        () => createBullmqJobEngine({ url, clock, queue: "q" }),
      ])
        await expect(connect()).rejects.toMatchObject({
          code: "queue",
          message: expect.stringMatching(
            new RegExp(`^The queue at ${kind}://127\\.0\\.0\\.1:\\d+ (?!.*wrong:)`),
          ),
        });
    });

    it("[QU21] that is not there, or is something else, is refused", async () => {
      const port = await freePort();
      await expect(connectCluster({ url: `${kind}://127.0.0.1:${port}`, clock })).rejects.toMatchObject({
        code: "queue",
        message: expect.stringContaining(`${kind}://127.0.0.1:${port}`),
      });
      const mute = createServer((socket) => socket.end("no\n"));
      await new Promise<void>((resolve) => mute.listen(port, "127.0.0.1", resolve));
      await expect(connectCluster({ url: `${kind}://127.0.0.1:${port}`, clock })).rejects.toMatchObject({
        code: "queue",
      });
      mute.close();
    });

    it("[QU33] a worker whose clock is wrong is refused where leases go by it", async () => {
      for (const aheadMs of [15_000, -15_000]) {
        const wrong = { ...clock, date: () => clock.date() + aheadMs };
        const started = startWorker({
          url: server.url,
          name: `skewed_${queues}`,
          clock: wrong,
          trustedKeys: [],
          threads: 1,
        });
        if (kind === "redis") await (await started).stop(0);
        else
          await expect(started).rejects.toMatchObject({
            code: "queue",
            message: expect.stringMatching(
              /^The clock of this machine is 15 s (?:ahead of|behind) that of the queue's server/,
            ),
          });
      }
      const right = await startWorker({
        url: server.url,
        name: `skewed_${queues}`,
        clock,
        trustedKeys: [],
        threads: 1,
      });
      await right.stop(0);
    });

    it("[QU11] a dead letter stays when whoever conducted it forgets it", async () => {
      const engine = await createBullmqJobEngine({
        url: server.url,
        clock,
        queue: `queue-${queues}`,
        lostMax: 0,
      });
      engines.push(engine);
      const [begun, dead] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      engine.events((event) => void (event.kind === "dead" && dead.resolve()));
      const consumption = await engine.consume(
        () => {
          begun.resolve();
          return new Promise<Uint8Array>(() => undefined);
        },
        { concurrency: 1, worker: "w" },
      );
      await engine.enqueue([job("a")]);
      await begun.promise;
      await consumption.stop(0);
      await dead.promise;
      await engine.forget(["a" as JobId]);
      expect(await engine.deadLetters(10)).toMatchObject([{ id: "a", deliveries: 1 }]);
      expect(await engine.requeue(["a" as JobId])).toBe(1);
    });

    it("stops and closes while the server is away", async () => {
      const engine = await open();
      await engine.enqueue([job("a")]);
      const begun = Promise.withResolvers<void>();
      const consumption = await engine.consume(
        ({ signal }) =>
          new Promise((resolve) => {
            begun.resolve();
            signal.addEventListener("abort", () => resolve(nothing));
          }),
        { concurrency: 1, worker: "w" },
      );
      await begun.promise;
      await server.stop();
      try {
        await consumption.stop(50);
        await engine.close();
      } finally {
        await server.start();
      }
    });

    it("a closed engine says so, and is closed twice", async () => {
      const engine = await open();
      await engine.close();
      await engine.close();
      await expect(engine.counts()).rejects.toMatchObject({ code: "misuse" });
    });
  });
});
