import { inlineExecutor } from "@reckon/engine";
import { describe } from "vitest";
import { executorContract } from "./executor-contract.ts";

describe("[EX5] executors", () => {
  executorContract("inline", () => inlineExecutor);
});
