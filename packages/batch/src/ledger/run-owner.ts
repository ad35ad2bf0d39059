/** Who may write to a run: nobody but its owner (LE25). */
import { BatchError } from "../batch-error.ts";
import type { RunId } from "../entity.ts";

/** Throws `taken-over` where `writer` is not who has the run; without one, where somebody has it. */
export function refuseOther(run: RunId, owner: string | undefined, writer: string | undefined): void {
  if (owner !== writer) throw takenOver(run, owner);
}

/** For who does not have a run any more, with who has. */
export function takenOver(run: RunId, owner: string | undefined): BatchError {
  const now = owner === undefined ? "another process has taken it over" : `${owner} has taken it over`;
  return new BatchError(
    "taken-over",
    `run ${run} is not conducted from here any more: ${now} when this process did not answer for 30 seconds; nothing more was written from here`,
  );
}
