/** What a plan alone does not tell of the command that it is made for. */
import { resolve } from "node:path";
import type { BatchProgram, EntitySource, Ledger } from "@reckon/batch";
import type { BatchCommandRequest } from "./batch-request.ts";
import { countText } from "./figure-texts.ts";

interface PlanPlace {
  readonly setup: { readonly program: BatchProgram; readonly source: EntitySource };
  readonly ledger: Ledger;
}

/** A line each. A plan is of a run from its beginning, and of its entities alone. */
export async function planNotices(
  request: BatchCommandRequest,
  { setup: { program, source }, ledger }: PlanPlace,
): Promise<readonly string[]> {
  const { verify, policy, resume } = request;
  const uncounted = [
    ...(verify === undefined ? [] : ["--verify"]),
    ...(policy.delayMs === undefined ? [] : ["--delay"]),
  ];
  const lines = uncounted.length === 0 ? [] : [`the plan does not count ${uncounted.join(", ")}`];
  if (resume !== "auto" || request.ledger === "off") return lines;
  const { scenario, axis } = program;
  const modelPath = resolve(program.model.source);
  const run = await ledger.unfinishedRun({ modelPath, scenario, axis, source: source.name });
  if (run === undefined || run.programKey !== program.key) return lines;
  return [
    ...lines,
    `run ${run.run} is not finished, ${countText(run.counts.entities)} entities have ended in it: without --plan the command goes on with it`,
  ];
}
