import { createLocalJobEngine, createSimulatedClock, type JobId } from "@reckon/batch";
import { expect, it } from "vitest";
import { jobEngineContract } from "./job-engine-contract.ts";

jobEngineContract(
  "[BA28] the one in this process",
  async () => {
    const clock = createSimulatedClock();
    const jobs = createLocalJobEngine({ clock, lostMax: 3 });
    return {
      connect: async () => jobs,
      wait: (ms) => clock.advance(ms),
      now: () => clock.now(),
      lostMax: 3,
      close: () => jobs.close(),
    };
  },
  {
    capabilities: {
      priority: true,
      delay: true,
      deduplicate: true,
      rateLimit: true,
      cancelActive: true,
      survivesRestart: false,
      isRemote: false,
    },
  },
);

it("[BA26] a late answer of whoever had a job before changes nothing", async () => {
  const clock = createSimulatedClock();
  const jobs = createLocalJobEngine({ clock });
  const ends: ((answer: Uint8Array) => void)[] = [];
  const work = () => new Promise<Uint8Array>((resolve) => ends.push(resolve));
  const id = "run-c0-a1" as JobId;
  await jobs.enqueue([{ id, group: "run", body: new Uint8Array(), priority: 0 }]);
  const first = await jobs.consume(work, { concurrency: 1, worker: "one" });
  await clock.advance(0);
  await first.stop(0);
  await jobs.consume(work, { concurrency: 1, worker: "two" });
  await clock.advance(0);
  ends[0]?.(Uint8Array.of(1));
  await clock.advance(0);
  expect(await jobs.states([id])).toEqual(["active"]);
  ends[1]?.(Uint8Array.of(2));
  await clock.advance(0);
  expect(await jobs.answer(id)).toEqual(Uint8Array.of(2));
  await jobs.close();
});
