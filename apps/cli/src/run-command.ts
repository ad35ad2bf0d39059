/** `reckon run`: calculate and print. */
import type { LoadedSheet } from "@reckon/host";
import { chooseAttributes, layingFor } from "./attribute-choice.ts";
import { type ExitCode, exitFailure, exitGood, exitModel } from "./exit-code.ts";
import { loopWarnings } from "./loop-warnings.ts";
import { openModel, reportFailure, reportWarnings } from "./open-model.ts";
import type { Output } from "./output.ts";
import type { RunRequest } from "./request.ts";
import { runCsv } from "./run-csv.ts";
import { resultPieces } from "./run-result.ts";
import { runTable } from "./run-table.ts";
import { settled } from "./settled-sheet.ts";

/** Calculates the model once and prints the results. */
export async function runCommand(request: RunRequest, output: Output): Promise<ExitCode> {
  const loaded = await openModel(request, { laying: layingFor(request) });
  if (!loaded.ok) return reportFailure(loaded, output, request.format === "json");
  try {
    reportWarnings(loaded, output);
    const isSettled = await settled(loaded.sheet, loaded.requested, output);
    for (const text of loopWarnings(loaded.sheet, loaded.requested)) output.message(text);
    const code = await printResults(loaded, request, output);
    return isSettled || code !== exitGood ? code : exitModel;
  } finally {
    loaded.dispose();
  }
}

/** Prints the requested scenarios; the exit code says whether every check passes. */
async function printResults(
  { sheet, requested }: LoadedSheet,
  request: Pick<RunRequest, "only" | "format" | "isFull">,
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
      await writePieces(resultPieces(sheet, requested, ids), output);
      break;
    case "csv":
      await writePieces(runCsv(sheet, requested, ids), output);
      break;
    case "table":
      await writePieces(
        runTable({ sheet, scenarios: requested, ids, output, isFull: request.isFull }),
        output,
      );
      break;
  }
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
