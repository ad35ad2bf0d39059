import { expect, it } from "vitest";
import { open, run } from "../fixtures/executors.ts";
import { task } from "../fixtures/tasks.ts";

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
