import { inlineExecutor } from "@reckon/engine";
import { createWorkerExecutor } from "@reckon/workers";
import { describe } from "vitest";
import { remoteKernel } from "./contract-program.ts";
import { executorContract } from "./executor-contract.ts";

describe("[EX5] executors", () => {
  executorContract("inline", () => inlineExecutor);
  executorContract("threads", () => createWorkerExecutor({ threads: 2 }), remoteKernel);
});
