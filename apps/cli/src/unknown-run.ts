/** What `reckon runs` says where the ledger has not what was asked for. */
import type { Ledger, RunFilter, RunId } from "@reckon/batch";
import { nearestName } from "@reckon/formula";

/** Runs that are looked at for a name like the one that was typed. */
const runsLookedAtMax = 1000;
const namedMax = 5;

export const noRuns = "no runs yet; `reckon batch` makes the first";

/** Why there is no such run. */
export async function unknownRun(run: RunId | "last", ledger: Ledger): Promise<string> {
  const names = (await ledger.query.runs({ limit: runsLookedAtMax })).map((each) => each.run as string);
  if (names.length === 0) return noRuns;
  const near = nearestName(run, names);
  if (near !== undefined) return `there is no run ${run}; did you mean ${near}?`;
  const last = names.slice(0, namedMax).join(", ");
  return `there is no run ${run}; the last ones are ${last}`;
}

/** Why a choice has left no run. */
export async function nothingFound(filter: RunFilter, { query }: Ledger): Promise<string> {
  const all = await query.runs({ limit: runsLookedAtMax });
  if (all.length === 0) return noRuns;
  const models = [...new Set(all.map(({ model }) => model))];
  const { model } = filter;
  if (model === undefined || all.some((run) => run.model === model || run.modelPath === model))
    return "there is no such run";
  const near = nearestName(model, models);
  const others = models.slice(0, namedMax).join(", ");
  return `there is no run of the model ${model}; ${near === undefined ? `there are runs of ${others}` : `did you mean ${near}?`}`;
}
