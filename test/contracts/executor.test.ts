import { inlineExecutor } from "@reckon/engine";
import { describe } from "vitest";
import { executorContract } from "./executor-contract.ts";

describe("executors", () => {
  executorContract("inline", () => inlineExecutor);
});
