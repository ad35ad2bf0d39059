/** Batches over a cluster, with everything a batch has: what the ledger and the result file hold in the end. */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type BatchEvent, openLedger, systemClock } from "@reckon/batch";
import { makeSigningKeys } from "@reckon/cluster";
import { expect, it } from "vitest";
import { type ClusterBatch, startClusterBatch } from "../contracts/batch-over-cluster.ts";
import { overBothServers } from "../contracts/cluster-servers.ts";
import { Wire } from "../contracts/wire.ts";

const conductor = fileURLToPath(new URL("../contracts/cluster-conductor.ts", import.meta.url));
/** Of which the first ten are the sample, computed by the conductor itself; all take as long as they say, in ms, and differ. */
const kinds = Array.from({ length: 50 }, (_, i) => (i < 10 ? i : -50 - i / 8));

overBothServers("a batch over a cluster", { prefix: "batch", timeoutMs: 180_000 }, (at) => {
  const requestOf = (more: Partial<ClusterBatch> = {}): ClusterBatch => ({
    model: join(at.scene.folder, "points.reckon"),
    kinds,
    ledger: join(at.scene.folder, "ledger.sqlite"),
    results: join(at.scene.folder, "results.csv"),
    seed: 1,
    chunkEntities: 2,
    queue: at.scene.queue,
    ...more,
  });

  const sequentially = async (): Promise<string> => {
    const results = join(at.scene.folder, "sequential.csv");
    const { queue: _, ...request } = requestOf({ results, ledger: "memory" });
    const batch = await startClusterBatch(request, () => undefined);
    expect(await batch.summary).toMatchObject({ state: "succeeded", succeeded: 50 });
    await batch.close();
    return readFileSync(results, "utf8");
  };

  it("[QU8] [QU20] [QU23] a killed worker and a server that forgets: every entity ends once, with the same bits", async () => {
    const [first, second] = await Promise.all([at.scene.worker(), at.scene.worker()]);
    const succeeded = waitFor();
    const batch = await startClusterBatch(requestOf(), succeeded.hear);
    await succeeded.reached(14);
    first.signal("SIGKILL");
    await succeeded.reached(22);
    await at.server.stop();
    await at.server.start();
    const summary = await batch.summary;
    expect(summary).toMatchObject({
      state: "succeeded",
      entities: 50,
      succeeded: 50,
      failed: 0,
      invalid: 0,
    });
    await batch.close();
    const ledger = await openLedger(join(at.scene.folder, "ledger.sqlite"), { clock: systemClock });
    const details = await ledger.query.run("last");
    expect(details?.counts).toMatchObject({ entities: 50, succeeded: 50, failed: 0 });
    const workers = details?.workers.filter(({ worker }) => worker.includes("/")) ?? [];
    expect(workers.some(({ worker }) => worker.includes(`/${second.child.pid} `))).toBe(true);
    for (const { chunks, entities, cpuMs, memoryPeakBytes } of workers) {
      expect(chunks).toBeGreaterThan(0);
      expect(entities).toBeGreaterThanOrEqual(chunks);
      expect(cpuMs).toBeGreaterThan(0);
      expect(memoryPeakBytes).toBeGreaterThan(1e6);
    }
    await ledger.close();
    expect(readFileSync(join(at.scene.folder, "results.csv"), "utf8")).toBe(await sequentially());
  });

  it("[QU7] [QU8] [QU23] a worker that is cut off in mid-batch for longer than its lease: the same, once each", async () => {
    const wire = await Wire.to(at.server.url);
    const far = await at.scene.worker({ url: wire.url, threads: 2 });
    await at.scene.worker();
    const succeeded = waitFor();
    const batch = await startClusterBatch(requestOf(), succeeded.hear);
    await far.until(({ kind: what }) => what === "chunk");
    await succeeded.reached(14);
    wire.cut();
    // What it had in hand was lost, and has been begun again elsewhere.
    while (Math.max(...at.scene.calls().values()) < 2)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(Math.max(...at.scene.calls().values())).toBeGreaterThan(1);
    wire.mend();
    expect(await batch.summary).toMatchObject({ state: "succeeded", entities: 50, succeeded: 50 });
    await batch.close();
    await wire.close();
    const ledger = await openLedger(join(at.scene.folder, "ledger.sqlite"), { clock: systemClock });
    const details = await ledger.query.run("last");
    expect(details?.counts).toMatchObject({ entities: 50, succeeded: 50, attempts: 50, retried: 0 });
    expect(details?.workers.reduce((sum, { entities }) => sum + entities, 0)).toBe(50);
    await ledger.close();
    expect(readFileSync(join(at.scene.folder, "results.csv"), "utf8")).toBe(await sequentially());
  });

  it("[QU2] a worker that refuses the bundle costs no entity anything", async () => {
    const picky = await at.scene.worker({ leaseMs: 60_000, trustedKeys: [makeSigningKeys().publicKey] });
    await at.scene.worker();
    const batch = await startClusterBatch(requestOf(), () => undefined);
    expect(await batch.summary).toMatchObject({
      state: "succeeded",
      entities: 50,
      succeeded: 50,
      retried: 0,
    });
    await batch.close();
    expect(Math.max(...at.scene.calls().values())).toBe(1);
    expect(picky.events.filter(({ kind: what }) => what === "chunk")).toEqual([]);
  });

  it("[QU28] a bundle that was damaged on the server, or is gone from it, is put there anew", async () => {
    const first = await at.scene.worker();
    const before = await startClusterBatch(requestOf({ ledger: "memory" }), () => undefined);
    await before.summary;
    await before.close();
    const found = await first.until(({ kind: what }) => what === "bundle");
    if (found.kind !== "bundle") throw new Error("there is no bundle");
    await first.stop(5_000);
    const name = `bundle-${found.address}`;
    const { blobs } = await at.scene.connect();
    const whole = await blobs.get(name);
    await blobs.put(name, Buffer.from("no bundle"), 60_000);
    const notices: string[] = [];
    const batch = await startClusterBatch(requestOf(), (event) => {
      if (event.kind === "notice") notices.push(event.message);
    });
    await at.scene.worker();
    expect(await batch.summary).toMatchObject({
      state: "succeeded",
      entities: 50,
      succeeded: 50,
      retried: 0,
    });
    await batch.close();
    expect(Buffer.from((await blobs.get(name)) ?? []).equals(whole ?? Buffer.of())).toBe(true);
    expect(notices.filter((notice) => notice.includes("put there anew"))).toHaveLength(1);
  });

  it("[QU16] tells how many workers there are, whenever that changes", async () => {
    const notices: string[] = [];
    const { promise: none, resolve: seenNone } = Promise.withResolvers<void>();
    const batch = await startClusterBatch(requestOf({ speed: 10 }), (event) => {
      if (event.kind !== "notice") return;
      notices.push(event.message);
      if (event.message.startsWith("0 workers")) seenNone();
    });
    await none;
    await at.scene.worker();
    expect(await batch.summary).toMatchObject({ succeeded: 50 });
    await batch.close();
    const told = notices.filter((notice) => notice.endsWith("at the queue"));
    expect(told).toEqual(["0 workers with 0 threads at the queue", "1 worker with 1 thread at the queue"]);
  });

  it("[QU22] 10,000 light entities are so few jobs that what each costs does not matter", async () => {
    const model = join(at.scene.folder, "light.reckon");
    writeFileSync(
      model,
      'model light\naxis player = table("players.csv", key id)\nblock game by player\n  double = player.kind * 2\n',
    );
    const worker = await at.scene.worker();
    const { chunkEntities: _, ...request } = requestOf({
      model,
      kinds: Array.from({ length: 10_000 }, (_each, i) => i),
    });
    const batch = await startClusterBatch(request, () => undefined);
    expect(await batch.summary).toMatchObject({ succeeded: 10_000, strategy: "cluster" });
    await batch.close();
    // Nothing of it is left on the server.
    const none = { waiting: 0, delayed: 0, active: 0, finished: 0, failed: 0, dead: 0 };
    expect(await (await at.scene.connect()).jobs.counts()).toMatchObject(none);
    const jobs = worker.events.filter(({ kind: what }) => what === "chunk").length;
    expect(jobs).toBeGreaterThan(0);
    // A job takes less than 3 ms of the queue, so an entity less than 0.3; the benchmark batch-queue measures it.
    expect(jobs).toBeLessThanOrEqual(1_000);
  });

  it("[QU13] a conductor that is killed: the resumed run takes what is there, and computes no ended entity again", async () => {
    await at.scene.worker({ threads: 2, leaseMs: 20_000 });
    const args = ["--conditions=@reckon/source", conductor, JSON.stringify(requestOf())];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise((resolve) => child.on("close", resolve));
    for await (const line of createInterface({ input: child.stdout })) if (Number(line) >= 20) break;
    const ledger = await openLedger(join(at.scene.folder, "ledger.sqlite"), { clock: systemClock });
    const run = (await ledger.query.run("last"))?.run;
    if (run === undefined) throw new Error("there is no run");
    const recorded = async (): Promise<Set<string>> => {
      const keys = new Set<string>();
      for await (const page of ledger.query.results(run)) for (const { key } of page) keys.add(key);
      return keys;
    };
    // What has ended is in the ledger half a second later: more than the sample, and not all.
    while ((await recorded()).size <= 10) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill("SIGKILL");
    await ended;
    const before = await recorded();
    await ledger.close();
    // What has succeeded is written a little later.
    expect(before.size).toBeGreaterThan(0);
    const events: BatchEvent[] = [];
    const batch = await startClusterBatch(requestOf({ seed: 2, aheadMs: 60_000 }), (event) =>
      events.push(event),
    );
    expect(await batch.summary).toMatchObject({ run, state: "succeeded", entities: 50, succeeded: 50 });
    await batch.close();
    expect(events.find(({ kind: what }) => what === "began")).toMatchObject({ isResumed: true });
    const calls = at.scene.calls();
    for (const key of before) expect([key, calls.get(key)]).toEqual([key, 1]);
    // What workers finished while nobody conducted was not computed again either.
    for (const [i] of kinds.entries())
      if (i >= 10) expect([`p${i}`, calls.get(`p${i}`)]).toEqual([`p${i}`, 1]);
    expect(readFileSync(join(at.scene.folder, "results.csv"), "utf8")).toBe(await sequentially());
  });
});

/** Waits until so many entities have succeeded. */
function waitFor(): {
  readonly hear: (event: BatchEvent) => void;
  readonly reached: (count: number) => Promise<void>;
} {
  let now = 0;
  const waiting = new Set<() => void>();
  return {
    hear: (event) => {
      if (event.kind !== "progress") return;
      now = event.progress.succeeded;
      for (const look of [...waiting]) look();
    },
    reached: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (now < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
