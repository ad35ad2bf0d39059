/** What every `Executor` must do. An executor's own test calls this with a way to make one. */
import type { Executor, Kernel, Task } from "@reckon/engine";
import { Column, columnFrom } from "@reckon/value";
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
}
