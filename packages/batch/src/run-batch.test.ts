import { createRuntime } from "@reckon/host";
import { expect, it } from "vitest";
import type { BatchRequest } from "./api.ts";
import { createMemoryLedger } from "./doubles/memory-ledger.ts";
import { createRecordSource } from "./doubles/record-source.ts";
import { createScriptedRunner, scriptedAttributes } from "./doubles/scripted-runner.ts";
import { seededRandom } from "./doubles/seeded-random.ts";
import { createSimulatedClock } from "./doubles/simulated-clock.ts";
import type { BatchProgram } from "./program.ts";
import { startBatch } from "./run-batch.ts";

const program: BatchProgram = {
  key: "0".repeat(64),
  model: { source: "/models/points.reckon", text: "model points\n" },
  scenarios: [],
  scenario: "base",
  sets: [],
  axis: "player",
  tablePath: "players.csv",
  keyColumn: "id",
  readsKey: false,
  scenarioLines: [],
  wanted: scriptedAttributes,
  leftOut: [],
  columns: ["id"],
  tables: {},
  sideTables: {},
  modules: [],
  invariants: new Uint8Array(),
  laying: {},
  errorsFail: false,
};

it("a run goes over all rows and says what came of them", async () => {
  const clock = createSimulatedClock();
  const ledger = createMemoryLedger({ clock });
  const request: BatchRequest = {
    program,
    source: createRecordSource(["p1", "p22", "p333"].map((id) => ({ id }))),
    ledger,
    policy: { retry: { attemptsMax: 1, firstMs: 1, factor: 2, longestMs: 10, jitter: 0 } },
    strategy: "sequential",
    chunkEntities: 2,
    resume: "auto",
    runners: (_, concurrency) => createScriptedRunner({ clock, concurrency }),
    runtime: createRuntime({ threads: 0, cache: "off" }),
    clock,
    random: seededRandom(1),
  };
  const summary = await clock.runUntil(startBatch(request).summary);
  expect(summary).toMatchObject({ state: "succeeded", entities: 3, succeeded: 3, failed: 0, actualMs: 3 });
});
