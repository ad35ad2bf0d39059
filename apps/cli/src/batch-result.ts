/**
 * What `reckon batch` prints for programs, a JSON object a line: events as they come, the summary last; and the exit code that
 * a summary stands for. The form is that of docs/spec/batch.schema.json.
 */
import type { BatchEvent, BatchSummary } from "@reckon/batch";
import {
  type ExitCode,
  exitGood,
  exitHalted,
  exitInterrupted,
  exitMismatch,
  exitModel,
  exitSomeFailed,
} from "./exit-code.ts";

/** The line of an event; `ended` has none, since the summary says it. */
export function eventLine(event: BatchEvent): string | undefined {
  if (event.kind === "ended") return undefined;
  const { kind, ...rest } = event;
  return `${JSON.stringify({ event: kind, ...("progress" in rest ? rest.progress : rest) })}\n`;
}

export function summaryLine(summary: BatchSummary): string {
  return `${JSON.stringify(summary)}\n`;
}

/** Of a batch that ends with its plan. */
export function planExitOf({ state }: BatchSummary): ExitCode {
  if (state === "interrupted") return exitInterrupted;
  return state === "halted" ? exitHalted : exitGood;
}

/** The first that applies: see BA58. */
export function exitOf({ state, verify, failed, invalid, checksFailed }: BatchSummary): ExitCode {
  if (state === "interrupted") return exitInterrupted;
  if (state === "halted") return exitHalted;
  if (verify !== undefined && verify.mismatches.length > 0) return exitMismatch;
  if (failed + invalid > 0) return exitSomeFailed;
  return checksFailed > 0 ? exitModel : exitGood;
}
