/**
 * What every `JobEngine` must do. An engine's own test calls this with a way to make one; a test is skipped only where the
 * engine says that it cannot do a thing, and then by name.
 */
import type {
  ActiveJob,
  JobCapabilities,
  JobEngine,
  JobEvent,
  JobId,
  JobRequest,
  JobWork,
} from "@reckon/batch";
import { afterEach, describe, expect, it } from "vitest";

/** A queue of its own, and time as it passes for it. */
export interface JobEngineRig {
  /** Another connection to the same queue; in one process it may be the same engine. */
  readonly connect: () => Promise<JobEngine>;
  /** Lets so many ms pass. */
  readonly wait: (ms: number) => Promise<void>;
  readonly now: () => number;
  /** Given to consumers, where jobs that were lost have to be found soon. */
  readonly leaseMs?: number;
  /** How often a job may be lost before it is a dead letter. */
  readonly lostMax: number;
  readonly close: () => Promise<void>;
}

export interface JobEngineContractOptions {
  /** As the engine tells them. */
  readonly capabilities: JobCapabilities;
  /** How long anything may take, in ms of the rig; absent: 20,000. */
  readonly patienceMs?: number;
}

const group = "20261121T143000-4f2a91";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (body: Uint8Array | undefined): string => new TextDecoder().decode(body);
const idOf = (name: string): JobId => `${group}-${name}` as JobId;
const echo: JobWork = async ({ body }) => body;

function jobOf(name: string, options: Partial<JobRequest> = {}): JobRequest {
  return { id: idOf(name), group, body: bytes(name), priority: 10, ...options };
}

/** Work that goes on until it is told to end, and remembers what it was given. */
function heldWork(): {
  readonly work: JobWork;
  readonly taken: ActiveJob[];
  readonly end: (name: string) => void;
} {
  const taken: ActiveJob[] = [];
  const ends = new Map<string, () => void>();
  return {
    taken,
    work: (job) =>
      new Promise((resolve) => {
        taken.push(job);
        ends.set(job.id, () => resolve(job.body));
        job.signal.addEventListener("abort", () => resolve(bytes("aborted")));
      }),
    end: (name) => ends.get(idOf(name))?.(),
  };
}

export function jobEngineContract(
  name: string,
  make: () => Promise<JobEngineRig>,
  { capabilities, patienceMs = 20_000 }: JobEngineContractOptions,
): void {
  const rigs: JobEngineRig[] = [];
  afterEach(async () => {
    await Promise.all(rigs.splice(0).map((rig) => rig.close()));
  });
  const open = async (): Promise<{ rig: JobEngineRig; jobs: JobEngine; heard: JobEvent[] }> => {
    const rig = await make();
    rigs.push(rig);
    const jobs = await rig.connect();
    const heard: JobEvent[] = [];
    jobs.events((event) => heard.push(event));
    return { rig, jobs, heard };
  };
  const until = async (rig: JobEngineRig, what: string, isThere: () => boolean | Promise<boolean>) => {
    const endMs = rig.now() + patienceMs;
    while (!(await isThere())) {
      if (rig.now() > endMs) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
      await rig.wait(10);
    }
  };
  const lease = ({ leaseMs }: JobEngineRig) => (leaseMs === undefined ? {} : { leaseMs });

  describe(`${name} as a job engine`, () => {
    it("says what it can do", async () => {
      const { jobs } = await open();
      expect(jobs.capabilities).toEqual(capabilities);
      expect(jobs.name).not.toMatch(/@/);
    });

    it("gives each job to one consumer, and tells its answer", async () => {
      const { rig, jobs, heard } = await open();
      const other = await rig.connect();
      const active = new Set<string>();
      const done: string[] = [];
      const work =
        (engine: JobEngine): JobWork =>
        async (job) => {
          expect(active.has(job.id)).toBe(false);
          active.add(job.id);
          expect(await job.heartbeat()).toBe(true);
          await engine.counts();
          active.delete(job.id);
          done.push(job.id);
          return bytes(`done ${textOf(job.body)}`);
        };
      await jobs.consume(work(jobs), { concurrency: 2, worker: "one", ...lease(rig) });
      await other.consume(work(other), { concurrency: 2, worker: "two", ...lease(rig) });
      const names = Array.from({ length: 30 }, (_, i) => `c${i}-a1`);
      expect(await jobs.enqueue(names.map((each) => jobOf(each)))).toEqual(names.map(() => "added"));
      await until(
        rig,
        "all have finished",
        () => heard.filter(({ kind }) => kind === "finished").length >= 30,
      );
      expect([...done].sort()).toEqual(names.map(idOf).sort());
      for (const event of heard)
        if (event.kind === "finished")
          expect(textOf(event.answer)).toBe(`done ${event.id.slice(group.length + 1)}`);
      expect(await jobs.states(names.map(idOf))).toEqual(names.map(() => "finished"));
      expect(textOf(await other.answer(idOf("c7-a1")))).toBe("done c7-a1");
      const workers = heard.flatMap((event) => (event.kind === "active" ? [event.worker] : []));
      expect(workers.every((worker) => worker === "one" || worker === "two")).toBe(true);
      expect(workers.length).toBeGreaterThanOrEqual(30);
    });

    it.skipIf(!capabilities.priority)("lower priorities first, equal ones as they came", async () => {
      const { rig, jobs } = await open();
      const priorities = [5, 3, 5, 0, 2_000_000, 3, 0];
      await jobs.enqueue(priorities.map((priority, i) => jobOf(`c${i}-a1`, { priority })));
      const order: string[] = [];
      await jobs.consume(
        async ({ body }) => {
          order.push(textOf(body));
          return body;
        },
        { concurrency: 1, worker: "one", ...lease(rig) },
      );
      await until(rig, "all have finished", () => order.length === priorities.length);
      expect(order).toEqual(["c3-a1", "c6-a1", "c1-a1", "c5-a1", "c0-a1", "c2-a1", "c4-a1"]);
    });

    it.skipIf(!capabilities.delay)("a delayed job waits its time, others do not", async () => {
      const { rig, jobs } = await open();
      const begun = new Map<string, number>();
      await jobs.consume(
        async ({ body }) => {
          begun.set(textOf(body), rig.now());
          return body;
        },
        { concurrency: 2, worker: "one", ...lease(rig) },
      );
      const sentMs = rig.now();
      await jobs.enqueue([jobOf("c0-a1", { delayMs: 500, priority: 0 }), jobOf("c1-a1")]);
      expect(await jobs.states([idOf("c0-a1")])).toEqual(["delayed"]);
      await until(rig, "both have begun", () => begun.size === 2);
      expect((begun.get("c0-a1") as number) - sentMs).toBeGreaterThanOrEqual(495);
      expect(begun.get("c1-a1") as number).toBeLessThan(begun.get("c0-a1") as number);
    });

    it.skipIf(!capabilities.deduplicate)(
      "a job that is known is not added again, until it is forgotten",
      async () => {
        const { rig, jobs } = await open();
        const runs: string[] = [];
        const consumption = await jobs.consume(
          async (job) => {
            runs.push(job.id);
            return job.body;
          },
          { concurrency: 1, worker: "one", ...lease(rig) },
        );
        expect(await jobs.enqueue([jobOf("c0-a1"), jobOf("c0-a1")])).toContain("added");
        await until(
          rig,
          "it is finished",
          async () => (await jobs.states([idOf("c0-a1")]))[0] === "finished",
        );
        expect(await jobs.enqueue([jobOf("c0-a1")])).toEqual(["known"]);
        await jobs.forget([idOf("c0-a1")]);
        expect(await jobs.states([idOf("c0-a1")])).toEqual(["unknown"]);
        expect(await jobs.answer(idOf("c0-a1"))).toBeUndefined();
        expect(await jobs.enqueue([jobOf("c0-a1")])).toEqual(["added"]);
        await until(rig, "it has run again", () => runs.length === 2);
        await consumption.stop(1000);
        expect(runs).toHaveLength(2);
      },
    );

    it.skipIf(!capabilities.rateLimit)("no more jobs are given out than the rate has", async () => {
      const { rig, jobs } = await open();
      expect(await jobs.rateLimit()).toBeUndefined();
      await jobs.limitRate({ jobsMax: 3, perMs: 1000 });
      const limit = await (await rig.connect()).rateLimit();
      expect((limit?.jobsMax ?? 0) / (limit?.perMs ?? 1)).toBeCloseTo(0.003, 4);
      const begun: number[] = [];
      await jobs.consume(
        async ({ body }) => {
          begun.push(rig.now());
          return body;
        },
        { concurrency: 10, worker: "one", ...lease(rig) },
      );
      const sentMs = rig.now();
      await jobs.enqueue(Array.from({ length: 9 }, (_, i) => jobOf(`c${i}-a1`)));
      await until(rig, "all have begun", () => begun.length === 9);
      // Windows of a server may begin with the first job: nine of three each take two more of them.
      expect((begun.at(-1) as number) - sentMs).toBeGreaterThanOrEqual(1900);
      await jobs.limitRate(undefined);
      expect(await jobs.rateLimit()).toBeUndefined();
      await jobs.enqueue(Array.from({ length: 9 }, (_, i) => jobOf(`d${i}-a1`)));
      const freeMs = rig.now();
      await until(rig, "all have begun without a limit", () => begun.length === 18);
      expect((begun.at(-1) as number) - freeMs).toBeLessThan(1900);
    });

    it.skipIf(!capabilities.cancelActive)(
      "cancelling a group takes out what waits and aborts what is active, and nothing else",
      async () => {
        const { rig, jobs } = await open();
        const held = heldWork();
        await jobs.consume(held.work, { concurrency: 2, worker: "one", ...lease(rig) });
        await jobs.enqueue([jobOf("c0-a1"), jobOf("c1-a1", { group: "other" })]);
        await until(rig, "two are active", () => held.taken.length === 2);
        await jobs.enqueue([jobOf("c2-a1"), jobOf("c3-a1", { group: "other" })]);
        expect(await jobs.cancel(group)).toBe(2);
        // Two that are taken at the same time may be heard of in any order.
        const isAborted = (name: string): boolean | undefined =>
          held.taken.find(({ body }) => textOf(body) === name)?.signal.aborted;
        await until(rig, "the active one is aborted", () => isAborted("c0-a1") === true);
        expect(isAborted("c1-a1")).toBe(false);
        expect(await jobs.states([idOf("c2-a1")])).toEqual(["unknown"]);
        await until(rig, "the other group goes on", () => held.taken.length === 3);
        expect(textOf(held.taken[2]?.body)).toBe("c3-a1");
        await jobs.enqueue([jobOf("c4-a1")]);
        held.end("c1-a1");
        held.end("c3-a1");
        await until(rig, "the other group is through", async () => {
          const states = await jobs.states([idOf("c1-a1"), idOf("c3-a1")]);
          return states.every((state) => state === "finished");
        });
        expect(held.taken).toHaveLength(3);
      },
    );

    it("what nobody has begun can be withdrawn, what is active goes on", async () => {
      const { rig, jobs } = await open();
      const held = heldWork();
      await jobs.consume(held.work, { concurrency: 1, worker: "one", ...lease(rig) });
      await jobs.enqueue([jobOf("c0-a1")]);
      await until(rig, "one is active", () => held.taken.length === 1);
      await jobs.enqueue([jobOf("c1-a1"), jobOf("c2-a1", { delayMs: 60_000 })]);
      const ids = ["c0-a1", "c1-a1", "c2-a1", "c9-a1"].map(idOf);
      expect(await jobs.withdraw(ids)).toEqual([false, true, true, false]);
      expect(await jobs.states(ids)).toEqual(["active", "unknown", "unknown", "unknown"]);
      held.end("c0-a1");
      await until(rig, "it is finished", async () => (await jobs.states(ids))[0] === "finished");
      expect(await jobs.enqueue([jobOf("c1-a1")])).toEqual(["added"]);
      await until(rig, "it comes again", () => held.taken.length === 2);
      held.end("c1-a1");
    });

    it("a job whose consumer is gone is given out again, and known to be", async () => {
      const { rig, jobs, heard } = await open();
      const lost = heldWork();
      const consumption = await jobs.consume(lost.work, { concurrency: 1, worker: "one", ...lease(rig) });
      await jobs.enqueue([jobOf("c0-a1")]);
      await until(rig, "it is active", () => lost.taken.length === 1);
      await consumption.stop(0);
      expect(lost.taken[0]?.signal.aborted).toBe(true);
      expect(await lost.taken[0]?.heartbeat()).toBe(false);
      const deliveries: number[] = [];
      const second: JobWork = async (job) => {
        deliveries.push(job.delivery);
        return bytes("second");
      };
      await jobs.consume(second, { concurrency: 1, worker: "two", ...lease(rig) });
      await until(rig, "it is finished", () => heard.some(({ kind }) => kind === "finished"));
      expect(deliveries).toHaveLength(1);
      expect(deliveries[0]).toBeGreaterThan(1);
      const answers = heard.flatMap((event) => (event.kind === "finished" ? [textOf(event.answer)] : []));
      expect(answers).toEqual(["second"]);
    });

    it("a job that is lost too often is a dead letter, and is as new when it is put back", async () => {
      const { rig, jobs, heard } = await open();
      await jobs.enqueue([jobOf("c0-a1")]);
      for (let time = 0; time <= rig.lostMax; time++) {
        const lost = heldWork();
        const consumption = await jobs.consume(lost.work, {
          concurrency: 1,
          worker: `w${time}`,
          ...lease(rig),
        });
        await until(rig, `it is active for the ${time + 1}th time`, () => lost.taken.length === 1);
        await consumption.stop(0);
      }
      // Those who look for lost jobs are the consumers.
      const idle = await jobs.consume(echo, { concurrency: 1, worker: "last", ...lease(rig) });
      await until(rig, "it is dead", async () => (await jobs.states([idOf("c0-a1")]))[0] === "dead");
      await idle.stop(0);
      await until(rig, "it was told", () => heard.some(({ kind }) => kind === "dead"));
      expect(await jobs.deadLetters(10)).toMatchObject([{ id: idOf("c0-a1"), group }]);
      expect(textOf((await jobs.deadLetters(10))[0]?.body)).toBe("c0-a1");
      expect(await jobs.requeue([idOf("c0-a1"), idOf("c9-a1")])).toBe(1);
      expect(await jobs.deadLetters(10)).toEqual([]);
      await jobs.consume(echo, { concurrency: 1, worker: "good", ...lease(rig) });
      await until(rig, "it is finished", async () => (await jobs.states([idOf("c0-a1")]))[0] === "finished");
    });

    it("[QU2] a job that is passed on goes to others, behind its equals, and counts as no loss", async () => {
      const { rig, jobs, heard } = await open();
      const passed: string[] = [];
      const picky = await jobs.consume(
        async ({ body }) => {
          passed.push(textOf(body));
          return { restMs: 20 };
        },
        { concurrency: 1, worker: "picky", ...lease(rig) },
      );
      await jobs.enqueue([jobOf("c0-a1"), jobOf("c1-a1")]);
      const often = 3 * (rig.lostMax + 1);
      await until(rig, "both are passed on many times", () => passed.length >= often);
      expect(passed.slice(0, 4)).toEqual(["c0-a1", "c1-a1", "c0-a1", "c1-a1"]);
      await picky.stop(0);
      const given: [string, number][] = [];
      await jobs.consume(
        async ({ body, delivery }) => {
          given.push([textOf(body), delivery]);
          return body;
        },
        { concurrency: 1, worker: "good", ...lease(rig) },
      );
      await until(
        rig,
        "both are finished",
        () => heard.filter(({ kind }) => kind === "finished").length === 2,
      );
      expect(given.sort()).toEqual([
        ["c0-a1", 1],
        ["c1-a1", 1],
      ]);
      expect(heard.some(({ kind }) => kind === "dead" || kind === "failed")).toBe(false);
    });

    it("a place that passed a job on rests, others of the consumer do not", async () => {
      const { rig, jobs } = await open();
      const taken: string[] = [];
      await jobs.consume(
        async ({ body }) => {
          taken.push(textOf(body));
          return taken.length === 1 ? { restMs: 100_000_000 } : body;
        },
        { concurrency: 2, worker: "one", ...lease(rig) },
      );
      await jobs.enqueue([jobOf("c0-a1"), jobOf("c1-a1"), jobOf("c2-a1")]);
      const ids = ["c0-a1", "c1-a1", "c2-a1"].map(idOf);
      await until(rig, "all are finished", async () =>
        (await jobs.states(ids)).every((state) => state === "finished"),
      );
      expect(taken).toHaveLength(4);
    });

    it("a handler that throws makes its job failed, with the message", async () => {
      const { rig, jobs, heard } = await open();
      await jobs.consume(
        async ({ body }) => {
          if (textOf(body) === "c0-a1") throw new Error("no luck");
          return body;
        },
        { concurrency: 1, worker: "one", ...lease(rig) },
      );
      await jobs.enqueue([jobOf("c0-a1"), jobOf("c1-a1")]);
      const ids = ["c0-a1", "c1-a1"].map(idOf);
      await until(rig, "both are over", async () => (await jobs.states(ids)).join(" ") === "failed finished");
      await until(rig, "it was told", () => heard.some(({ kind }) => kind === "failed"));
      const failures = heard.flatMap((event) => (event.kind === "failed" ? [event] : []));
      expect(failures).toEqual([{ kind: "failed", id: idOf("c0-a1"), message: "no luck" }]);
      expect(await jobs.answer(idOf("c0-a1"))).toBeUndefined();
    });

    it("counts jobs and consumers", async () => {
      const { rig, jobs } = await open();
      const held = heldWork();
      await jobs.consume(held.work, { concurrency: 1, worker: "one", ...lease(rig) });
      await jobs.enqueue([jobOf("c0-a1")]);
      await until(rig, "one is active", () => held.taken.length === 1);
      await jobs.enqueue([jobOf("c1-a1"), jobOf("c2-a1"), jobOf("c3-a1", { delayMs: 60_000 })]);
      await until(rig, "it is counted", async () => {
        const { waiting, delayed, active, finished, failed, dead, consumers } = await jobs.counts();
        return [waiting, delayed, active, finished, failed, dead, consumers].join(" ") === "2 1 1 0 0 0 1";
      });
      held.end("c0-a1");
      await until(rig, "it has moved on", async () => {
        const { waiting, active, finished } = await jobs.counts();
        return waiting === 1 && active === 1 && finished === 1;
      });
    });

    it("stopping takes nothing more and waits for what is active", async () => {
      const { rig, jobs } = await open();
      const held = heldWork();
      const consumption = await jobs.consume(held.work, { concurrency: 1, worker: "one", ...lease(rig) });
      await jobs.enqueue([jobOf("c0-a1"), jobOf("c1-a1")]);
      await until(rig, "one is active", () => held.taken.length === 1);
      let isStopped = false;
      const stopping = consumption.stop(10_000).then(() => {
        isStopped = true;
      });
      await rig.wait(100);
      expect(isStopped).toBe(false);
      held.end("c0-a1");
      await until(rig, "it is stopped", () => isStopped);
      await stopping;
      expect(held.taken).toHaveLength(1);
      expect(held.taken[0]?.signal.aborted).toBe(false);
      expect(await jobs.states(["c0-a1", "c1-a1"].map(idOf))).toEqual(["finished", "waiting"]);
    });

    it("may be closed again, and takes nothing then", async () => {
      const { jobs } = await open();
      await jobs.close();
      await jobs.close();
      await expect(jobs.enqueue([jobOf("c0-a1")])).rejects.toThrow(/closed/);
    });
  });
}
