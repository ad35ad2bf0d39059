/** `reckon run`: calculate and print. */
import type { LoadedSheet } from "@reckon/host";
import { chooseAttributes, layingFor } from "./attribute-choice.ts";
import { type ExitCode, exitFailure, exitGood, exitModel } from "./exit-code.ts";
import { failedCalls, failureLines } from "./failed-calls.ts";
import { exitAfter, type HeavyWork, withHeavyWork } from "./heavy-work.ts";
import { loopWarnings } from "./loop-warnings.ts";
import { openModel, reportFailure, reportWarnings } from "./open-model.ts";
import type { Output } from "./output.ts";
import type { RunRequest } from "./request.ts";
import { runCsv } from "./run-csv.ts";
import { resultPieces } from "./run-result.ts";
import { type RunStats, runStats, statsLines } from "./run-stats.ts";
import { runTable } from "./run-table.ts";

/** Calculates the model once and prints the results. */
export function runCommand(request: RunRequest, output: Output): Promise<ExitCode> {
  return withHeavyWork(request.heavy, output, (work) => run(request, work, output));
}

async function run(request: RunRequest, work: HeavyWork, output: Output): Promise<ExitCode> {
  const loaded = await openModel(request, { laying: { ...layingFor(request), areSetsInPlace: true }, work });
  if (!loaded.ok) return reportFailure(loaded, output, request.format === "json");
  const { sheet, requested } = loaded;
  try {
    reportWarnings(loaded, output);
    // Printing would compute what waits for somebody who reads it, and not wait for the answers.
    if (hasManual(loaded)) for (const scenario of requested) sheet.refresh(scenario);
    const settling = await work.settled(sheet, requested);
    for (const text of loopWarnings(sheet, requested)) output.message(text);
    const stats = request.hasStats ? runStats(sheet, work) : undefined;
    return exitAfter(settling, await printResults(loaded, request, stats, output));
  } finally {
    loaded.dispose();
  }
}

function hasManual({ sheet }: LoadedSheet): boolean {
  for (const attribute of sheet.model.attributes.values())
    if (attribute.kind === "formula" && attribute.isManual) return true;
  return false;
}

/** Prints the requested scenarios; the exit code says whether every check passes. */
async function printResults(
  { sheet, requested }: LoadedSheet,
  request: Pick<RunRequest, "model" | "only" | "format" | "isFull">,
  stats: RunStats | undefined,
  output: Output,
): Promise<ExitCode> {
  const chosen = chooseAttributes(sheet.model, request.only);
  if ("refused" in chosen) {
    output.message(`reckon: ${chosen.refused}`);
    return exitFailure;
  }
  const { ids } = chosen;
  switch (request.format) {
    case "json":
      await writePieces(resultPieces(sheet, requested, ids, stats), output);
      break;
    case "csv":
      await writePieces(runCsv(sheet, requested, ids), output);
      if (stats !== undefined) for (const line of statsLines(stats)) output.message(line);
      break;
    case "table":
      await writePieces(
        runTable({ sheet, scenarios: requested, ids, output, isFull: request.isFull }),
        output,
      );
      if (stats !== undefined) output.data(`\n${statsLines(stats).join("\n")}\n`);
      break;
  }
  for (const line of failureLines(request.model, failedCalls(sheet, requested, ids))) output.message(line);
  const isGood = requested.every((scenario) =>
    sheet.checks(scenario).every((check) => check.state === "pass"),
  );
  return isGood ? exitGood : exitModel;
}

/** So much may wait for the reader, and is made in vain when the reader has gone. */
const waitingLengthMax = 1024 * 1024;

/** Writes as fast as the reader takes it, so that what nobody has read yet is never much. */
async function writePieces(pieces: Iterable<string>, output: Output): Promise<void> {
  let waiting = 0;
  for (const piece of pieces) {
    output.data(piece);
    waiting += piece.length;
    if (waiting < waitingLengthMax) continue;
    await output.drained();
    waiting = 0;
  }
}
