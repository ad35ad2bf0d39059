import { type Executor, inlineExecutor, type Task } from "@reckon/engine";
import { SimulatedExecutor, seeded, TestClock } from "@reckon/engine/simulated-executor";
import { createWorkerExecutor } from "@reckon/workers";
import { describe } from "vitest";
import { remoteKernel } from "./contract-program.ts";
import { executorContract } from "./executor-contract.ts";

/** Threads that are simulated: answers are late, out of order, lost and sent again, or come twice. */
function simulated(seed: number): Executor {
  const costs = { threads: 3, roundTripMs: 0.02, perTaskMs: 0.005, spawnMs: 5, perMegabyteMs: 0.1 };
  const chances = { late: 0.5, lost: 0.3, twice: 0.3, inPlace: 0.5 };
  const executor = new SimulatedExecutor({ clock: new TestClock(), random: seeded(seed), costs, ...chances });
  let isStepping = false;
  const step = async (): Promise<void> => {
    isStepping = true;
    while (await executor.step());
    isStepping = false;
  };
  return {
    submit: (task: Task, signal) => {
      if (!isStepping) queueMicrotask(() => void step());
      return executor.submit(task, signal);
    },
    close: executor.close,
  };
}

describe("[EX5] executors", () => {
  executorContract("inline", () => inlineExecutor);
  executorContract("threads", () => createWorkerExecutor({ threads: 2 }), remoteKernel);
  executorContract(
    "one thread, one task at a time",
    () => createWorkerExecutor({ threads: 1, prefetch: 1 }),
    remoteKernel,
  );
  for (const seed of [1, 2, 3]) executorContract(`a simulation of seed ${seed}`, () => simulated(seed));
});
