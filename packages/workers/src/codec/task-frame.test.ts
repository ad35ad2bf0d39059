import { Column, columnFrom } from "@reckon/value";
import { expect, it } from "vitest";
import { kernelFor, shape, whole } from "../fixtures/tasks.ts";
import { Lanes, laneCellsMin } from "./lanes.ts";
import { TaskFrameReader, TaskFrameWriter, type TaskItem } from "./task-frame.ts";

const kernel = kernelFor({ kind: "more" });

it("[WK6] a task that reads another one's draft reads it as it was sent", () => {
  const writer = new TaskFrameWriter(new Lanes());
  const draft = columnFrom(shape, [1, 2, 3, 4, 5, 6]);
  const out = columnFrom(shape, [0, 0, 0, 0, 0, 0]);
  const task = { id: 1, name: "task", kernel, box: whole };
  writer.putTask({ number: 1, takesLong: false }, 1, { ...task, inputs: [draft, draft], out: draft }, null);
  writer.putTask({ number: 2, takesLong: true }, 1, { ...task, inputs: [draft, draft], out }, null);
  const reader = new TaskFrameReader(writer.take());
  const first = reader.next() as TaskItem;
  first.out.numbers.fill(9);
  expect(first.inputs).toEqual([first.out, first.out]);
  const second = reader.next() as TaskItem;
  expect([first.takesLong, second.takesLong, reader.isAtEnd]).toEqual([false, true, true]);
  expect(Array.from(second.inputs[0]?.numbers ?? [])).toEqual([1, 2, 3, 4, 5, 6]);
  // Read by both, it travels once.
  expect(second.inputs[1]).toBe(second.inputs[0]);
});

it("[WK7] what could not be sent leaves nothing behind: no column of it in the frame, no lane in use", () => {
  const lanes = new Lanes();
  const writer = new TaskFrameWriter(lanes);
  const good = columnFrom(shape, [1, 2, 3, 4, 5, 6]);
  const bad = columnFrom(shape, ["text", 0, 0, 0, 0, 0]);
  (bad.texts as unknown[])[0] = Symbol("text");
  const large = new Column({ outer: 1, periods: 2 * laneCellsMin });
  const out = new Column(shape);
  const task = { id: 1, name: "task", kernel, box: whole, out };
  const head = { number: 1, takesLong: false };
  expect(() => writer.putTask(head, 1, { ...task, inputs: [good, large, bad] }, null)).toThrow(
    "cannot be sent",
  );
  const free = lanes.blank(large.length).buffer;
  writer.putTask({ number: 2, takesLong: false }, 1, { ...task, inputs: [good] }, null);
  const item = new TaskFrameReader(writer.take()).next() as TaskItem;
  expect([item.number, Array.from(item.inputs[0]?.numbers ?? [])]).toEqual([2, [1, 2, 3, 4, 5, 6]]);
  lanes.giveBack([{ buffer: free, column: null, users: 1, isSpoilt: false }]);
  const again = lanes.lend(large);
  expect([again.users, again.buffer]).toEqual([1, free]);
});
