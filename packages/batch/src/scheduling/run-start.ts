/** What the ledger keeps of a run from its beginning. */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { engineVersion } from "@reckon/engine";
import { parseModel } from "@reckon/model";
import type { BatchRequest } from "../api.ts";
import type { RunId } from "../entity.ts";
import type { RunStart } from "../ledger.ts";

export function runStart({ program, source, policy, clock }: BatchRequest, run: RunId): RunStart {
  const header = parseModel(program.model.source, program.model.text)
    .items.map(({ declaration }) => declaration)
    .find((declaration) => declaration?.kind === "model");
  const cores = availableParallelism();
  return {
    run,
    model: header?.name.text ?? program.model.source,
    modelPath: resolve(program.model.source),
    scenario: program.scenario,
    axis: program.axis,
    source: source.name,
    programKey: program.key,
    policy,
    startedAtMs: clock.date(),
    versions: {
      reckon: engineVersion,
      engine: engineVersion,
      node: process.versions.node,
      v8: process.versions.v8,
    },
    machine: `${process.platform} ${process.arch}, ${cores} ${cores === 1 ? "core" : "cores"}`,
  };
}
