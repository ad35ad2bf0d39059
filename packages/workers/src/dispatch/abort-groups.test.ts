import { expect, it } from "vitest";
import { open, run } from "../fixtures/executors.ts";
import { task } from "../fixtures/tasks.ts";
import { AbortGroups } from "./abort-groups.ts";
import { Job } from "./job.ts";

it("[WK11] one signal cancels all its tasks that are not answered, on every executor", async () => {
  const executors = [open(), open()];
  const controller = new AbortController();
  await Promise.all(executors.map((executor) => run(executor, task("thirds"), controller.signal)));
  const waiting = executors.flatMap((executor) =>
    Array.from({ length: 3 }, () => run(executor, task("never"), controller.signal)),
  );
  controller.abort();
  expect((await Promise.all(waiting)).map(({ kind }) => kind)).toEqual(
    Array.from({ length: 6 }, () => "cancelled"),
  );
  expect(executors.map((executor) => executor.counts().cancelled)).toEqual([3, 3]);
  await Promise.all(executors.map((executor) => executor.close()));
});

it("[WK11] a signal knows nothing of its answered jobs, and has one listener", () => {
  const cancelled: Job[] = [];
  const groups = new AbortGroups((job) => cancelled.push(job));
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    listeners++;
    add(...given);
  };
  const record = { number: 1, address: "", remote: null, problem: undefined, costMs: -1 };
  const work = { task: task("thirds"), request: null, record, timeoutMs: 0, submittedAt: 0 };
  const jobs = Array.from({ length: 5 }, () => new Job({ ...work, answer: () => undefined }));
  for (const job of jobs) groups.join(signal, job);
  for (const job of jobs.slice(0, 4)) job.settle({ kind: "cancelled", message: "" });
  controller.abort();
  expect([cancelled.length, cancelled[0] === jobs[4], listeners]).toEqual([1, true, 1]);
});
