/** What every `Executor` must do. An executor's own test calls this with a way to make one. */
import type { Executor, Kernel, Task, TaskOutcome } from "@reckon/engine";
import { Column, columnFrom, type Scalar } from "@reckon/value";
import { expect, it } from "vitest";
import { type ContractKernel, kernelOf } from "./contract-program.ts";

const shape = { outer: 2, periods: 3 };
const whole = { outerFrom: 0, outerTo: 2, from: 0, to: 3 };

function taskOf(id: number, work: Kernel, cells: readonly number[] = [1, 2, 3, 4, 5, 6]): Task {
  return {
    id,
    name: `task ${id}`,
    kernel: work,
    inputs: [columnFrom(shape, cells)],
    out: new Column(shape),
    box: whole,
  };
}

const neverAborted = (): AbortSignal => new AbortController().signal;

/** `kernelNamed` makes the kernels in the way the executor needs them. */
export function executorContract(
  name: string,
  create: () => Executor,
  kernelNamed: (kernel: ContractKernel) => Kernel = kernelOf,
): void {
  const kernel = kernelNamed("thirds");

  it(`${name} gives the bits of computing in place`, async () => {
    const executor = create();
    const task = taskOf(1, kernel);
    const expected = new Column(shape);
    await kernelOf("thirds").compute(task.inputs, expected, whole);
    const outcome = await executor.submit(task, neverAborted());
    await executor.close();
    expect(outcome.kind === "done" && outcome.out.numbers).toEqual(expected.numbers);
    expect(outcome).toMatchObject({ costMs: expect.any(Number) });
  });

  it(`${name} leaves cells outside the box as they were`, async () => {
    const executor = create();
    const task = { ...taskOf(1, kernel), box: { outerFrom: 1, outerTo: 2, from: 1, to: 2 } };
    task.out.numbers.fill(7);
    const outcome = await executor.submit(task, neverAborted());
    await executor.close();
    const cells = outcome.kind === "done" ? Array.from(outcome.out.numbers) : [];
    expect(cells.map((cell) => cell === 7)).toEqual([true, true, true, true, false, true]);
  });

  it(`${name} keeps tasks apart`, async () => {
    const executor = create();
    const tasks = Array.from({ length: 20 }, (_, i) => taskOf(i, kernel, [i, i, i, i, i, i]));
    const outcomes = await Promise.all(tasks.map((task) => executor.submit(task, neverAborted())));
    await executor.close();
    expect(
      outcomes.map((outcome) => (outcome.kind === "done" ? outcome.out.numbers[5] : outcome.kind)),
    ).toEqual(tasks.map((_, i) => Math.cbrt(i) / 3));
  });

  it.each(["throws", "rejects"] as const)(`${name} reports a kernel that %s, and goes on`, async (bad) => {
    const executor = create();
    expect(await executor.submit(taskOf(1, kernelNamed(bad)), neverAborted())).toMatchObject({
      kind: "failed",
      message: expect.stringContaining("no luck"),
    });
    expect(await executor.submit(taskOf(2, kernel), neverAborted())).toMatchObject({ kind: "done" });
    await executor.close();
  });

  it(`${name} answers a cancelled task with cancelled`, async () => {
    const executor = create();
    const controller = new AbortController();
    controller.abort();
    expect(await executor.submit(taskOf(1, kernel), controller.signal)).toMatchObject({ kind: "cancelled" });
    await executor.close();
  });

  it(`${name} keeps every bit of every cell, there and back`, async () => {
    const executor = create();
    const cells: Scalar[] = [-0, 5e-324, "\ud800", "", true, null];
    const [outcome] = await Promise.all([
      executor.submit(
        { ...taskOf(1, kernelNamed("copies")), inputs: [columnFrom(shape, cells)] },
        neverAborted(),
      ),
    ]);
    const marked = await executor.submit(taskOf(2, kernelNamed("marks")), neverAborted());
    await executor.close();
    expect(cellsOf(outcome).map((cell, i) => Object.is(cell, cells[i]))).toEqual(cells.map(() => true));
    expect(cellsOf(marked)[4]).toEqual({
      kind: "error",
      code: "#N/A",
      detail: "cell 4",
      origin: { attribute: "b.x", at: ["here"] },
    });
  });

  it(`${name} reads the inputs as they were when the task was submitted, and writes to none`, async () => {
    const executor = create();
    const input = columnFrom(shape, [1, 2, 3, 4, 5, 6]);
    const tasks = [taskOf(1, kernel), { ...taskOf(2, kernelNamed("copies")), inputs: [input] }];
    const outcomes = await Promise.all(tasks.map((task) => executor.submit(task, neverAborted())));
    await executor.close();
    expect(outcomes.map(({ kind }) => kind)).toEqual(["done", "done"]);
    expect(Array.from(input.numbers)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(outcomes[1]?.kind === "done" && outcomes[1].out).not.toBe(input);
  });

  it(`${name} gives a kernel that reads its own draft that draft`, async () => {
    const executor = create();
    const out = columnFrom(shape, [10, 20, 30, 40, 50, 60]);
    const inputs = [out, columnFrom(shape, [1, 2, 3, 4, 5, 6])];
    const task = { ...taskOf(1, kernelNamed("adds")), inputs, out, box: { ...whole, from: 1 } };
    const outcome = await executor.submit(task, neverAborted());
    await executor.close();
    expect(cellsOf(outcome)).toEqual([10, 22, 33, 40, 55, 66]);
  });

  it(`${name} computes parts of one column apart`, async () => {
    const executor = create();
    const out = new Column(shape);
    const boxes = [0, 1, 2].flatMap((from) =>
      [0, 1].map((outerFrom) => ({ outerFrom, outerTo: outerFrom + 1, from, to: from + 1 })),
    );
    const input = columnFrom(shape, [1, 8, 27, 64, 125, 216]);
    const parts = boxes.map((box, id) => ({ ...taskOf(id, kernel), inputs: [input], out, box }));
    const outcomes = await Promise.all(parts.map((task) => executor.submit(task, neverAborted())));
    await executor.close();
    const cells = outcomes.map(
      (outcome, i) => cellsOf(outcome)[(boxes[i]?.outerFrom ?? 0) * 3 + (boxes[i]?.from ?? 0)],
    );
    expect(cells).toEqual(boxes.map(({ outerFrom, from }) => (outerFrom * 3 + from + 1) / 3));
  });

  it(`${name} waits for a kernel that answers later`, async () => {
    const executor = create();
    const outcome = await executor.submit(
      taskOf(1, kernelNamed("later"), [8, 8, 8, 8, 8, 8]),
      neverAborted(),
    );
    await executor.close();
    expect(cellsOf(outcome)).toEqual([2, 2, 2, 2, 2, 2].map((root) => root / 3));
  });

  it(`${name} answers what is cancelled while it is under way, and its neighbours are done`, async () => {
    const executor = create();
    const controllers = Array.from({ length: 12 }, () => new AbortController());
    const under = controllers.map(({ signal }, i) =>
      executor.submit(taskOf(i, kernel, [i, i, i, i, i, i]), signal),
    );
    controllers.forEach((controller, i) => {
      if (i % 3 === 0) controller.abort();
    });
    const outcomes = await Promise.all(under);
    await executor.close();
    outcomes.forEach((outcome, i) => {
      // What was answered before it was cancelled may be done; another's bits it never has.
      if (outcome.kind === "done") expect(cellsOf(outcome)[5]).toBe(Math.cbrt(i) / 3);
      else expect([i % 3, outcome.kind]).toEqual([0, "cancelled"]);
    });
  });
}

function cellsOf(outcome: TaskOutcome): Scalar[] {
  if (outcome.kind !== "done") throw new Error(`${outcome.kind}: ${outcome.message}`);
  return Array.from({ length: outcome.out.length }, (_, i) => outcome.out.get(i));
}
