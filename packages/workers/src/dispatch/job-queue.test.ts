import { expect, it } from "vitest";
import { task } from "../fixtures/tasks.ts";
import { Job } from "./job.ts";
import { JobQueue } from "./job-queue.ts";

function jobOf(): Job {
  const record = { number: 1, address: "", remote: null, problem: undefined, costMs: -1 };
  return new Job({
    task: task("thirds"),
    request: null,
    record,
    timeoutMs: 0,
    submittedAt: 0,
    answer: () => undefined,
  });
}

const cancelled = { kind: "cancelled", message: "" } as const;

it("[WK11] a queue keeps nothing of cancelled tasks, also behind one that waits for long", () => {
  const queue = new JobQueue();
  const first = jobOf();
  queue.push(first);
  for (let i = 0; i < 10_000; i++) {
    const job = jobOf();
    queue.push(job);
    job.settle(cancelled);
    queue.forget();
  }
  const held = (queue as unknown as { jobs: Job[] }).jobs.length;
  expect([queue.length, held < 200, queue.peek() === first]).toEqual([1, true, true]);
});

it("[WK13] jobs come in their order, given back ones first, answered ones never", () => {
  const queue = new JobQueue();
  const jobs = Array.from({ length: 6 }, jobOf);
  for (const job of jobs.slice(2)) queue.push(job);
  queue.giveBack(jobs.slice(0, 2));
  for (const gone of [jobs[1], jobs[4]] as Job[]) {
    gone.settle(cancelled);
    queue.forget();
  }
  const seen: Job[] = [];
  for (let job = queue.peek(); job !== undefined; job = queue.peek()) {
    seen.push(job);
    queue.shift();
  }
  expect(seen.map((job) => jobs.indexOf(job))).toEqual([0, 2, 3, 5]);
  expect(queue.length).toBe(0);
});
