/**
 * The ledger of a plan alone: what it computes is kept in memory and goes with it, what earlier runs have is looked up in the true ledger, of which
 * nothing but reading is asked.
 *
 * Cost of a look-up: that of the ledger, for each of the last ten runs of the model, scenario and axis.
 */
import { resolve } from "node:path";
import type { BatchRequest } from "../api.ts";
import { createMemoryLedger } from "../doubles/memory-ledger.ts";
import type { RunId } from "../entity.ts";
import type { FinishedEntity, Ledger } from "../ledger.ts";
import { runStart } from "./run-start.ts";

const runsLookedAt = 10;
/** Runs of one model and axis that are looked at for some of the same scenario. */
const runsRead = 100;

/** With this run begun in it. */
export async function openPlanLedger(request: BatchRequest, run: RunId): Promise<Ledger> {
  const { clock, program, ledger: kept } = request;
  const ledger = createMemoryLedger({ clock });
  await ledger.beginRun(runStart(request, run));
  let runs: Promise<readonly RunId[]> | undefined;
  const runsLike = async (): Promise<readonly RunId[]> => {
    const { scenario, axis } = program;
    const rows = await kept.query.runs({ model: resolve(program.model.source), axis, limit: runsRead });
    return rows
      .filter((row) => row.scenario === scenario)
      .slice(0, runsLookedAt)
      .map((row) => row.run);
  };
  return {
    ...ledger,
    unchanged: async (_, entities) => {
      runs ??= runsLike();
      return await unchangedIn(kept, await runs, entities);
    },
    // Their values are in the other ledger.
    recordUnchanged: async () => undefined,
  };
}

/** The newest run first; what it has is not looked for in older ones. */
async function unchangedIn(
  ledger: Ledger,
  runs: readonly RunId[],
  entities: readonly Pick<FinishedEntity, "key" | "deepKey">[],
): Promise<ReadonlyMap<string, FinishedEntity>> {
  const found = new Map<string, FinishedEntity>();
  let open = entities;
  for (const run of runs) {
    if (open.length === 0) break;
    const finished = await ledger.finished(
      run,
      open.map(({ key }) => key),
    );
    open = open.filter(({ key, deepKey }) => {
      const entity = finished.get(key);
      const isSame = entity?.deepKey === deepKey && deepKey !== "";
      if (!isSame || (entity.state !== "succeeded" && entity.state !== "skipped")) return true;
      found.set(key, entity);
      return false;
    });
  }
  return found;
}
