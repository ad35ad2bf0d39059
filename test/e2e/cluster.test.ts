/** Scenes with worker processes and real servers: what a cluster does when something of it goes away. */
import { readdirSync } from "node:fs";
import {
  type BatchClock,
  createInlineRunner,
  decodeBlock,
  type EntityChunk,
  type JobId,
  systemClock,
} from "@reckon/batch";
import { createBullmqJobEngine, makeSigningKeys, startWorker } from "@reckon/cluster";
import { expect, it, vi } from "vitest";
import { Conducting, chunksOf } from "../contracts/cluster-scene.ts";
import { overBothServers } from "../contracts/cluster-servers.ts";
import { redisCommand } from "../contracts/servers.ts";
import { Wire } from "../contracts/wire.ts";

/** Enough for a scene on a machine that does other things as well. */
const sceneMs = 120_000;
const run = "20261121T143000-4f2a91";

/** Time that passes faster, for what waits for seconds by itself. */
const fastClock: BatchClock = {
  now: () => systemClock.now() * 20,
  date: systemClock.date,
  after: (ms, then) => systemClock.after(ms / 20, then),
};

/** For scenes in which nothing is lost. */
const unhurried = { leaseMs: 60_000 };

function everyMs(count: number, ms: number): readonly number[] {
  return Array.from({ length: count }, () => -ms);
}

overBothServers("a cluster", { prefix: "scene", timeoutMs: sceneMs }, (at) => {
  it("[QU23] computes the bits of a sheet in this process", async () => {
    const chunks = chunksOf([0.5, 3, 6, 1e9, -0, 7.25, 8], 3);
    await at.scene.worker({ threads: 2 });
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunks);
    await conducting.all();
    const runner = createInlineRunner(at.scene.program);
    for (const chunk of chunks) {
      const here = await runner.run(chunk, { signal: new AbortController().signal });
      const there = conducting.outcomes.get(chunk.id);
      if (here.kind !== "done" || there?.kind !== "done") throw new Error(JSON.stringify([here, there]));
      expect(Buffer.from(there.block).equals(here.block)).toBe(true);
      expect(decodeBlock(there.block)?.entities).toBe(chunk.keys.length);
    }
    await runner.close();
  });

  it("[QU20] tells who has computed what, and what it took", async () => {
    const worker = await at.scene.worker();
    const port = await at.scene.connect();
    const conducting = new Conducting(port, at.scene.program);
    await conducting.send(chunksOf(everyMs(1, 100), 1));
    await conducting.all();
    const [outcome] = conducting.outcomes.values();
    if (outcome?.kind !== "done") throw new Error(JSON.stringify(outcome));
    const { figures } = outcome;
    expect(figures.worker).toMatch(new RegExp(`^[^ ]+/${worker.child.pid} thread \\d+$`));
    expect(figures.durationMs).toBeGreaterThanOrEqual(100);
    expect(figures.cpuMs).toBeGreaterThan(0);
    expect(figures.memoryPeakBytes).toBeGreaterThan(1e6);
    // Events may be heard after the answer.
    const isActive = ({ kind: what }: { readonly kind: string }): boolean => what === "active";
    await conducting.until(() => conducting.events.some(isActive));
    expect(conducting.events.find(isActive)).toMatchObject({
      worker: figures.worker.split(" ")[0],
    });
  });

  it("[QU6] a chunk that takes longer than its lease runs once", async () => {
    await at.scene.worker({ threads: 2, leaseMs: 2_000 });
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunksOf(everyMs(2, 5_000), 1));
    await conducting.all();
    expect([...at.scene.calls()]).toEqual(expect.arrayContaining([["p0", 1]]));
    expect([...at.scene.calls().values()]).toEqual([1, 1]);
    expect(conducting.events.filter(({ kind: what }) => what === "lost")).toEqual([]);
  });

  it("[QU7] [QU8] chunks of a worker that is killed are given to another, and every entity ends once", async () => {
    const [first] = await Promise.all([at.scene.worker(), at.scene.worker()]);
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunksOf(everyMs(20, 60), 2));
    await conducting.until(() => conducting.outcomes.size >= 2 && at.scene.calls().size >= 6);
    first.signal("SIGKILL");
    await conducting.all();
    expect(conducting.values().size).toBe(20);
    // On a machine that stands still for longer than the lease more than one worker is lost.
    expect(Math.max(...at.scene.calls().values())).toBeLessThanOrEqual(4);
  });

  it("[QU8] a server that goes away while blobs are dropped fails nothing: they are dropped later", async () => {
    await at.scene.worker();
    const port = await at.scene.connect();
    const conducting = new Conducting(port, at.scene.program);
    const address = await port.publish(at.scene.program);
    const away = vi.spyOn(port.blobs, "drop").mockRejectedValue(new Error("terminating connection"));
    const [chunk] = chunksOf(everyMs(2_000, 0), 2_000);
    await port.encode(conducting.run, address, chunk as EntityChunk);
    const id = `${conducting.run}-${chunk?.id}` as JobId;
    expect(await port.jobs.withdraw([id])).toEqual([false]);
    await port.jobs.forget([id]);
    expect(away.mock.calls).toEqual([[[]], [[`rows-${id}`]]]);
  });

  it("[QU7] a worker that was cut off gives up its chunk, and its late answer changes nothing", async () => {
    const first = await at.scene.worker();
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunksOf(everyMs(1, 3_000), 1));
    // Seen in its calls: an event may be heard when the chunk has ended.
    await conducting.until(() => at.scene.calls().size === 1);
    first.signal("SIGSTOP");
    await at.scene.worker();
    await conducting.until(() => conducting.events.some(({ kind: what }) => what === "lost"));
    await conducting.all();
    const found = conducting.values();
    first.signal("SIGCONT");
    await conducting.send(chunksOf(everyMs(3, 50), 1).slice(1));
    await conducting.all();
    expect(conducting.values().get(0)).toEqual(found.get(0));
    expect(conducting.values().size).toBe(3);
    expect(await first.stop(5_000)).toBe(0);
  });

  it("[QU7] [QU8] a worker whose network is away for longer than its lease gives up its chunk, and is back by itself", async () => {
    const wire = await Wire.to(at.server.url);
    const far = await at.scene.worker({ url: wire.url });
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunksOf(everyMs(1, 500), 1));
    await conducting.until(() => at.scene.calls().size === 1);
    wire.cut();
    const near = await at.scene.worker();
    await conducting.send(chunksOf(everyMs(8, 100), 1).slice(1));
    await conducting.until(() => conducting.events.some(({ kind: what }) => what === "lost"));
    await conducting.all();
    expect(at.scene.calls().get("p0")).toBe(2);
    const found = conducting.values();
    wire.mend();
    await near.stop(5_000);
    await conducting.send(chunksOf(everyMs(12, 10), 1).slice(8));
    await conducting.all();
    const computed = (worker: typeof far) =>
      worker.events.filter(({ kind: what }) => what === "chunk").length;
    expect(computed(near)).toBe(8);
    expect(computed(far)).toBeGreaterThanOrEqual(4);
    const values = conducting.values();
    expect(values.size).toBe(12);
    for (const [position, value] of found) expect(values.get(position)).toEqual(value);
    expect(await far.stop(5_000)).toBe(0);
    await wire.close();
  });

  it("[QU8] [QU9] a server that is started again, and what it had forgotten, change nothing", async () => {
    const worker = await at.scene.worker({ threads: 2 });
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunksOf(everyMs(24, 80), 2));
    await conducting.until(() => conducting.outcomes.size >= 2);
    await at.server.stop();
    await conducting.until(() => conducting.events.some(({ kind: what }) => what === "disconnected"));
    await at.server.start();
    await conducting.all();
    expect(conducting.values().size).toBe(24);
    expect([...conducting.outcomes.values()].every(({ kind: what }) => what === "done")).toBe(true);
    expect(worker.child.exitCode).toBeNull();
  });

  it("[QU11] a chunk that ends its workers is a dead letter, which may be put back", async () => {
    for (let i = 0; i < 5; i += 1) await at.scene.worker({ leaseMs: 900 });
    const port = await at.scene.connect();
    const dead = Promise.withResolvers<string>();
    port.jobs.events((event) => {
      if (event.kind === "dead") dead.resolve(event.id);
    });
    const [chunk] = chunksOf([-100_000], 1);
    if (chunk === undefined) throw new Error("there is no chunk");
    const id = `${run}-c0-a1` as JobId;
    const body = await port.encode(run, await port.publish(at.scene.program), chunk);
    await port.jobs.enqueue([{ id, group: run, body, priority: 7 }]);
    expect(await dead.promise).toBe(id);
    // A worker may be lost before it gets there.
    const calls = at.scene.calls().get("p0") ?? 0;
    expect(calls).toBeLessThanOrEqual(4);
    expect(await port.jobs.states([id])).toEqual(["dead"]);
    const letters = await port.jobs.deadLetters(10);
    expect(letters).toMatchObject([
      { id, group: run, deliveries: 4, message: "one worker after the other was lost with it" },
    ]);
    expect(Buffer.from(letters[0]?.body ?? []).equals(body)).toBe(true);
    expect(await port.jobs.requeue([id, "other" as JobId])).toBe(1);
    while ((at.scene.calls().get("p0") ?? 0) === calls) await port.jobs.counts();
    expect(await port.jobs.deadLetters(10)).toEqual([]);
  });

  it("[QU12] an interrupted run is taken out and aborted; another goes on", async () => {
    await at.scene.worker({ threads: 2 });
    const port = await at.scene.connect();
    const ours = new Conducting(port, at.scene.program);
    const theirs = new Conducting(await at.scene.connect(), at.scene.program, "20261121T150000-000001");
    await ours.send(chunksOf([...everyMs(1, 60_000), ...everyMs(5, 50)], 1));
    await ours.until(() => ours.events.some(({ kind: what }) => what === "active"));
    await theirs.send(chunksOf(everyMs(4, 50), 1));
    expect(await port.jobs.cancel(run)).toBeGreaterThanOrEqual(1);
    await theirs.all();
    expect(theirs.values().size).toBe(4);
    await ours.until(() => [...ours.outcomes.values()].some(({ kind: what }) => what === "cancelled"));
    expect((await port.jobs.counts()).waiting).toBe(0);
  });

  it("[QU13] what workers finish after their conductor has gone is taken by the next", async () => {
    const worker = await at.scene.worker(unhurried);
    const chunks = chunksOf(everyMs(3, 50), 1);
    const first = await at.scene.connect();
    await new Conducting(first, at.scene.program).send(chunks);
    await first.jobs.close();
    await worker.until(() => worker.events.filter(({ kind: what }) => what === "chunk").length === 3);
    const port = await at.scene.connect();
    const conducting = new Conducting(port, at.scene.program);
    expect(await conducting.send(chunks)).toEqual(["known", "known", "known"]);
    await conducting.all();
    expect(conducting.values().size).toBe(3);
    expect([...at.scene.calls().values()]).toEqual([1, 1, 1]);
    expect(worker.events.filter(({ kind: what }) => what === "bundle")).toHaveLength(1);
  });

  it("[QU15] a worker that is told to stop finishes what is active", async () => {
    const worker = await at.scene.worker(unhurried);
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunksOf(everyMs(2, 800), 1));
    await conducting.until(() => conducting.events.some(({ kind: what }) => what === "active"));
    worker.signal("SIGTERM");
    expect(await worker.ended).toBe(0);
    await conducting.until(() => conducting.outcomes.size === 1);
    await at.scene.worker(unhurried);
    await conducting.all();
    expect([...at.scene.calls().values()]).toEqual([1, 1]);
  });

  it("[QU15] and gives back what takes longer than the grace", async () => {
    const worker = await at.scene.worker(unhurried);
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunksOf(everyMs(1, 1_500), 1));
    await conducting.until(() => at.scene.calls().size === 1);
    expect(await worker.stop(10)).toBe(0);
    expect(worker.events.filter(({ kind: what }) => what === "chunk")).toEqual([]);
    await at.scene.worker(unhurried);
    await conducting.all();
    expect(conducting.values().size).toBe(1);
    expect(at.scene.calls().get("p0")).toBe(2);
  });

  it("[QU16] workers that come during a run take part, and are counted", async () => {
    const port = await at.scene.connect();
    const conducting = new Conducting(port, at.scene.program);
    await conducting.send(chunksOf(everyMs(40, 100), 1));
    expect((await port.jobs.counts()).consumers).toBe(0);
    const first = await at.scene.worker();
    const second = await at.scene.worker({ threads: 2 });
    await second.until(({ kind: what }) => what === "chunk");
    expect((await port.jobs.counts()).consumers).toBe(2);
    expect(await port.measure()).toMatchObject({ workers: 2, threads: 3 });
    await conducting.all();
    expect(conducting.values().size).toBe(40);
    expect(first.events.some(({ kind: what }) => what === "chunk")).toBe(true);
  });

  it("[QU1] workers of other versions take nothing, and the conductor tells of them", async () => {
    const other = await at.scene.worker({ v8: "99.9.1" });
    const notices: string[] = [];
    const port = await at.scene.connect(fastClock, (message) => notices.push(message));
    const conducting = new Conducting(port, at.scene.program);
    await conducting.send(chunksOf([1, 2], 1));
    while (notices.length === 0)
      await new Promise((resolve) => systemClock.after(20, () => resolve(undefined)));
    expect(notices[0]).toContain("1 for engine 0.1 and V8 99.9");
    expect(notices[0]).not.toContain("right");
    expect(other.events.map(({ kind: what }) => what)).toEqual(["ready"]);
    await at.scene.worker();
    await conducting.all();
    expect(other.events.map(({ kind: what }) => what)).toEqual(["ready"]);
  });

  it("[QU2] a bundle that all workers refuse is not computed or unpacked, and its entities fail", async () => {
    const trustedKeys = [makeSigningKeys().publicKey];
    const worker = await at.scene.worker({ trustedKeys });
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunksOf([1, 2, 3], 2));
    await conducting.all();
    for (const outcome of conducting.outcomes.values()) {
      if (outcome.kind !== "done") throw new Error(JSON.stringify(outcome));
      for (const entity of outcome.entities)
        expect(entity).toMatchObject({
          kind: "failed",
          code: "bundle/unknown-signer",
          message: expect.stringContaining("No worker at the queue computes the bundle: it is signed with"),
        });
    }
    expect(at.scene.calls().size).toBe(0);
    expect(readdirSync(at.scene.folder)).not.toContain("bundles");
    expect(worker.events.filter(({ kind: what }) => what === "refused")).toHaveLength(1);
    expect(worker.events.filter(({ kind: what }) => what === "chunk")).toEqual([]);
  });

  it("[QU2] a worker that refuses a bundle leaves its entities to those that compute it, and says so", async () => {
    const trustedKeys = [makeSigningKeys().publicKey];
    const picky = await at.scene.worker({ ...unhurried, trustedKeys, threads: 2 });
    const notices: string[] = [];
    const port = await at.scene.connect(systemClock, (message) => notices.push(message));
    const conducting = new Conducting(port, at.scene.program);
    await conducting.send(chunksOf(everyMs(20, 40), 1));
    await picky.until(({ kind: what }) => what === "refused");
    const good = await at.scene.worker(unhurried);
    await conducting.all();
    expect(conducting.values().size).toBe(20);
    expect([...at.scene.calls().values()]).toEqual(Array.from({ length: 20 }, () => 1));
    expect(good.events.filter(({ kind: what }) => what === "chunk")).toHaveLength(20);
    expect(picky.events.filter(({ kind: what }) => what !== "ready")).toMatchObject([{ kind: "refused" }]);
    while ((await port.measure()).workers !== 1) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await port.measure()).toMatchObject({ workers: 1, threads: 1 });
    expect(notices.filter((notice) => notice.includes(`/${picky.child.pid} does not compute this`))).toEqual([
      expect.stringContaining("is signed with the key"),
    ]);
    expect(await picky.stop(60_000)).toBe(0);
  });

  const itOnRedis = at.kind === "redis" ? it : (): void => undefined;
  itOnRedis("[QU21] a user who must not do what a queue needs is told so", async () => {
    const user = async (name: string, rights: string): Promise<string> => {
      await redisCommand(at.server, `ACL SETUSER ${name} on >pw ~* &* +@all ${rights}`);
      return at.server.url.replace("//:right@", `//${name}:pw@`);
    };
    const start = (url: string): Promise<unknown> =>
      startWorker({ url, name: at.scene.name, trustedKeys: [], allowUnsigned: true, clock: systemClock });
    const refused = "does not let this user do what a queue needs (NOPERM";
    await expect(start(await user("noscript", "-evalsha"))).rejects.toMatchObject({
      code: "queue",
      message: expect.stringContaining(refused),
    });
    const url = await user("nopop", "-bzpopmin");
    const worker = await at.scene.worker({ url, ...unhurried });
    const told = await worker.until(({ kind: what }) => what === "disconnected");
    expect(told).toMatchObject({ message: expect.stringContaining(refused) });
    await user("nopop", "+bzpopmin");
    const conducting = new Conducting(await at.scene.connect(), at.scene.program);
    await conducting.send(chunksOf(everyMs(3, 10), 1));
    await conducting.all();
    expect(worker.events.filter(({ kind: what }) => what === "disconnected")).toHaveLength(1);
    expect(worker.events.filter(({ kind: what }) => what === "connected")).toHaveLength(1);
  });

  it("[QU15] a worker that has nothing to do ends soon, though its server is away", async () => {
    const worker = await at.scene.worker(unhurried);
    await at.server.stop();
    const beganMs = systemClock.now();
    try {
      expect(await worker.stop(60_000)).toBe(0);
    } finally {
      await at.server.start();
    }
    expect(systemClock.now() - beganMs).toBeLessThan(30_000);
  });

  it("[QU27] what the queue costs is measured by several conductors at once", async () => {
    const ports = await Promise.all([at.scene.connect(), at.scene.connect(), at.scene.connect()]);
    for (const times of await Promise.all(ports.map((port) => port.measure()))) {
      expect(times).toMatchObject({ workers: 0, threads: 0 });
      expect(times.perJobMs).toBeGreaterThan(0);
      expect(times.roundTripMs).toBeGreaterThan(0);
    }
  });

  it("[QU27] and is assumed where somebody takes what is sent for it, and does not answer", async () => {
    const { protocol, engine, v8 } = { protocol: 1, engine: "0_1", v8: process.versions.v8 };
    const queue = `${at.scene.name}-${protocol}-e${engine}-v${v8.split(".").slice(0, 2).join("_")}-probe`;
    const mute = await createBullmqJobEngine({ ...at.scene.queue, clock: systemClock, queue });
    const taken = Promise.withResolvers<void>();
    await mute.consume(
      ({ signal }) => {
        taken.resolve();
        return new Promise((resolve) => signal.addEventListener("abort", () => resolve(new Uint8Array())));
      },
      { concurrency: 100, worker: "mute" },
    );
    const port = await at.scene.connect(fastClock);
    const [times] = await Promise.all([port.measure(), taken.promise]);
    expect(times).toMatchObject(
      at.kind === "redis" ? { perJobMs: 0.5, roundTripMs: 5 } : { perJobMs: 3, roundTripMs: 20 },
    );
    await mute.close();
  });

  it("[QU17] rows and values of any size travel beside the queue, and are dropped when they are recorded", async () => {
    const kinds = Array.from({ length: 5_000 }, (_, i) => i / 7);
    await at.scene.worker();
    const port = await at.scene.connect();
    const conducting = new Conducting(port, at.scene.program);
    const [chunk] = chunksOf(kinds, kinds.length);
    if (chunk === undefined) throw new Error("there is no chunk");
    await conducting.send([chunk]);
    expect(await port.blobs.get(`rows-${run}-c0-a1`)).toBeDefined();
    await conducting.all();
    expect(conducting.values().size).toBe(5_000);
    await conducting.until(() => conducting.outcomes.size === 1);
    while ((await port.blobs.get(`rows-${run}-c0-a1`)) !== undefined) await port.jobs.counts();
    expect(await port.blobs.get(`block-${run}-c0-a1-1`)).toBeUndefined();
  });
});
