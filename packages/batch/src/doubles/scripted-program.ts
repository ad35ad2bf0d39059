/** A program for `startBatch` whose entities are computed by a scripted runner: there is no model behind it. */
import type { BatchProgram } from "../program.ts";
import { scriptedAttributes } from "./scripted-runner.ts";

/** Its entities are `player`s, keyed by `id`, with the one attribute that a scripted runner gives them. */
export const scriptedProgram: BatchProgram = {
  key: "0".repeat(64),
  model: { source: "/models/points.reckon", text: "model points\n" },
  scenarios: [],
  scenario: "base",
  sets: [],
  scenarioLines: [],
  axis: "player",
  tablePath: "players.csv",
  keyColumn: "id",
  readsKey: false,
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
